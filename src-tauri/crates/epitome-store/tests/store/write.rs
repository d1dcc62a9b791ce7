//! Writing: durable before it is acknowledged, one failing write alone, and nothing but the writer writes.

use epitome_model::ErrorCode;
use epitome_store::{Connection, StoreError, book, call, live, section, views};

use crate::fixture::{add_book, add_job, an_answer, finish, store};

fn second(home: &tempfile::TempDir) -> Connection {
    Connection::open(home.path().join("library.sqlite")).unwrap()
}

#[test]
fn what_was_acknowledged_is_seen_by_another_connection() {
    let (home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let write = |number: u32| {
        let (store, home) = (store.clone(), second(&home));
        async move {
            let answer = an_answer(job, &format!("key {number}"), "text");
            store.write(move |conn| call::record(conn, &answer)).await.unwrap();
            call::find_output(&home, &format!("key {number}")).unwrap()
        }
    };
    let writes: Vec<_> = (0..40).map(|number| runtime.spawn(write(number))).collect();
    for write in writes {
        assert_eq!(runtime.block_on(write).unwrap().as_deref(), Some("text"));
    }
    assert_eq!(store.write_depth(), 0);
    assert!(store.commit_stats().commits > 0);
}

#[test]
fn a_write_that_fails_is_undone_and_told_and_the_next_one_works() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let half = store.write_blocking(move |conn| {
        call::record(conn, &an_answer(job, "half", "text"))?;
        Err::<(), _>(StoreError::DiskFull)
    });
    assert_eq!(half.unwrap_err().code(), ErrorCode::DiskFull);
    assert_eq!(store.read(|conn| call::find_output(conn, "half")).unwrap(), None);
    store.write_blocking(move |conn| call::record(conn, &an_answer(job, "whole", "text"))).unwrap();
    assert_eq!(store.read(|conn| call::count(conn, job)).unwrap(), 1);
}

#[test]
fn a_full_disk_is_called_that_and_nothing_is_half_written() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    // SQLite answers a file that may not grow as it answers a full disk.
    store
        .write_blocking(|conn| {
            let pages: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0))?;
            Ok(conn.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?)
        })
        .unwrap();
    let long = "word ".repeat(50_000);
    let error = store.write_blocking(move |conn| call::record(conn, &an_answer(job, "long", &long))).unwrap_err();
    assert_eq!(error.code(), ErrorCode::DiskFull);
    store.write_blocking(|conn| Ok(conn.query_row("PRAGMA max_page_count = 1000000", [], |_| Ok(()))?)).unwrap();
    assert_eq!(store.read(|conn| call::count(conn, job)).unwrap(), 0);
    store.write_blocking(move |conn| call::record(conn, &an_answer(job, "long", "text"))).unwrap();
}

#[test]
fn a_reader_cannot_write() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    assert!(store.read(|conn| book::remove(conn, book)).is_err());
    assert!(store.read(|conn| book::exists(conn, book)).unwrap());
}

#[test]
fn changes_of_another_process_are_noticed_and_own_ones_are_not() {
    let (home, store) = store();
    let (book, _) = add_book(&store, "one");
    let before = store.changes_elsewhere().unwrap();
    let commits = store.commit_stats().commits;
    add_job(&store, book, None);
    assert_eq!(store.changes_elsewhere().unwrap(), before);
    // Looking is no commit: the figures are of real ones.
    assert_eq!(store.commit_stats().commits, commits + 1);
    second(&home).execute("UPDATE book SET title = 'Another'", []).unwrap();
    assert_ne!(store.changes_elsewhere().unwrap(), before);
}

#[test]
fn a_book_goes_with_everything_made_from_it() {
    let (home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let (other, others) = add_book(&store, "two");
    for (book, chapter) in [(book, chapters[0]), (other, others[0])] {
        let job = add_job(&store, book, None);
        store
            .write_blocking(move |conn| {
                call::record(conn, &an_answer(job, &format!("key {book}"), "text"))?;
                live::write(conn, job, &epitome_model::Vitals::default(), 1)?;
                epitome_store::event::insert(conn, job, 1, epitome_model::EventLevel::Info, "began", Some(chapter))?;
                finish(conn, book, job, chapter, "A summary.")
            })
            .unwrap();
    }
    store.write_blocking(move |conn| book::remove(conn, book)).unwrap();
    let file = second(&home);
    for table in ["book", "job", "job_chapter", "call", "summary", "event", "live"] {
        let left: i64 = file.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(left, 1, "{table}");
    }
    assert!(store.read(|conn| section::list(conn, book)).unwrap().is_empty());
    assert!(store.read(|conn| views::book_view(conn, book)).unwrap().is_none());
    assert_eq!(store.read(views::shelf).unwrap().len(), 1);
}

#[test]
fn the_same_file_is_stored_once() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    assert_eq!(store.read(|conn| book::by_hash(conn, "one")).unwrap(), Some(book));
    assert_eq!(store.read(|conn| book::by_hash(conn, "two")).unwrap(), None);
}
