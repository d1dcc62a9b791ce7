//! Opening: a new library, one of another format, one that is damaged or cannot be written.

use epitome_model::{ErrorCode, WireError};
use epitome_store::{Connection, Store, StoreError, book, measure, section, views};

use crate::fixture::{add_book, add_job, store};

fn refusal(folder: &std::path::Path) -> StoreError {
    match Store::open(folder) {
        Ok(_) => panic!("{} was opened", folder.display()),
        Err(error) => error,
    }
}

#[test]
fn a_missing_folder_becomes_an_empty_library() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("not").join("yet");
    let store = Store::open(&folder).unwrap();
    assert_eq!(store.folder(), folder);
    assert!(store.read(views::shelf).unwrap().is_empty());
}

#[test]
fn a_library_is_there_again_after_reopening() {
    let (home, first) = store();
    let (id, _) = add_book(&first, "one");
    drop(first);
    let again = Store::open(home.path()).unwrap();
    assert!(again.read(|conn| book::find(conn, id)).unwrap().is_some());
}

#[test]
fn many_processes_may_open_a_new_library_at_once() {
    let home = tempfile::tempdir().unwrap();
    let opened = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6).map(|_| scope.spawn(|| Store::open(home.path()).map(|_| ()))).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect::<Vec<_>>()
    });
    for outcome in opened {
        outcome.unwrap();
    }
}

#[test]
fn a_library_of_a_newer_version_is_refused_and_left_alone() {
    let (home, first) = store();
    let (id, _) = add_book(&first, "one");
    drop(first);
    let file = Connection::open(home.path().join("library.sqlite")).unwrap();
    let known: i64 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    file.pragma_update(None, "user_version", 999).unwrap();

    let error = WireError::from(refusal(home.path()));
    assert_eq!(error.code, ErrorCode::DataTooNew);
    assert!(error.message.contains("999") && !error.hint.is_empty(), "{error:?}");

    file.pragma_update(None, "user_version", known).unwrap();
    drop(file);
    let again = Store::open(home.path()).unwrap();
    assert!(again.read(|conn| book::exists(conn, id)).unwrap());
}

#[test]
fn a_library_of_the_first_format_is_brought_up_with_all_it_holds_and_kept_beside() {
    let home = tempfile::tempdir().unwrap();
    let old = Connection::open(home.path().join("library.sqlite")).unwrap();
    old.execute_batch(include_str!("format-1.sql")).unwrap();
    old.execute_batch(
        "INSERT INTO book VALUES (1, 'Old', '[]', NULL, 'epub', 'navigation', 'old.epub', 'hash', 3, NULL, NULL, 1);
         INSERT INTO section VALUES (1, 1, 0, 1, 'One', NULL, 3, NULL, 'abc');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);

    let store = Store::open(home.path()).unwrap();
    let book = store.read(|conn| book::by_hash(conn, "hash")).unwrap().unwrap();
    let parts = store.read(|conn| section::list(conn, book)).unwrap();
    assert_eq!(store.read(|conn| section::text(conn, parts[0].id)).unwrap().as_deref(), Some("abc"));
    let job = add_job(&store, book, None);
    store.write_blocking(move |conn| measure::append(conn, job, &[(1, "figures")])).unwrap();
    assert_eq!(store.read(|conn| measure::since::<String>(conn, job, 0)).unwrap().len(), 1);

    let beside = Connection::open(home.path().join("library.format-1.sqlite")).unwrap();
    let held = beside.query_row("SELECT title FROM book", [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(held, "Old");
    assert!(beside.prepare("SELECT * FROM measure").is_err());
}

#[test]
fn a_file_in_place_of_the_folder_is_not_writable() {
    let home = tempfile::tempdir().unwrap();
    let place = home.path().join("file");
    std::fs::write(&place, "mine").unwrap();
    let error = refusal(&place);
    assert_eq!(error.code(), ErrorCode::DataFolderNotWritable);
    assert!(error.to_string().contains("file") && !error.hint().is_empty());
    assert_eq!(std::fs::read(&place).unwrap(), b"mine");
}
