//! A full disk: called that wherever it shows, nothing is half written, and the same write goes on when there is room.

use epitome_model::{ErrorCode, JobId};
use epitome_powercut::Watch;
use epitome_store::{Connection, Store, StoreError, call, views};

use crate::fixture::{add_book, add_job, an_answer};
use crate::watched;

fn write(store: &Store, job: JobId, number: usize) -> Result<(), StoreError> {
    let answer = an_answer(job, &format!("key {number}"), &"word ".repeat(number * 37 % 3_000));
    store.write_blocking(move |conn| call::record(conn, &answer).map(drop))
}

fn there(store: &Store, numbers: impl Iterator<Item = usize>) -> usize {
    let found = |number: &usize| store.read(|conn| call::find(conn, &format!("key {number}"))).unwrap().is_some();
    numbers.filter(found).count()
}

fn is_sound(folder: &std::path::Path) -> bool {
    let file = Connection::open(folder.join("library.sqlite")).unwrap();
    file.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0)).unwrap() == "ok"
}

#[test]
fn wherever_the_disk_is_full_it_is_called_that_and_writing_goes_on_with_room() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let (mut stored, mut refused) = (Vec::new(), 0);
    for number in 0..600 {
        // From nothing to what a few writes need, so that it ends now in the log's header, now in a frame, now while
        // the log is emptied into the file.
        watch.set_room(Some(number as u64 * 7_919 % 24_000));
        match write(&store, job, number) {
            Ok(()) => stored.push(number),
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::DiskFull, "{error:?}");
                assert!(there(&store, [number].into_iter()) == 0 && !error.hint().is_empty());
                refused += 1;
                if number % 3 == 0 {
                    watch.set_room(None);
                    write(&store, job, number).unwrap();
                    stored.push(number);
                }
            }
        }
    }
    assert!(refused > 50 && stored.len() > 200, "{refused} refused, {} stored", stored.len());
    watch.set_room(None);
    write(&store, job, 1_000).unwrap();
    assert_eq!(there(&store, 0..600), stored.len());
    drop(store);
    assert!(is_sound(home.path()));
    let again = Store::open(home.path()).unwrap();
    assert_eq!((there(&again, stored.iter().copied()), again.salvaged()), (stored.len(), None));
}

#[test]
fn what_nobody_waits_for_is_stored_when_there_is_room_again() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    watch.set_room(Some(0));
    for number in 0..10 {
        let answer = an_answer(job, &format!("key {number}"), "text");
        runtime.block_on(store.write_later(move |conn| call::record(conn, &answer).map(drop))).unwrap();
    }
    assert_eq!(write(&store, job, 20).unwrap_err().code(), ErrorCode::DiskFull);
    watch.set_room(None);
    // The first write that goes through takes along what could not be stored before.
    write(&store, job, 20).unwrap();
    runtime.block_on(store.flush()).unwrap();
    assert_eq!(there(&store, 0..10), 10);
}

/// Opens with no room at all, and then with room.
fn opened_twice(folder: &std::path::Path, watch: &Watch, room: u64) -> Store {
    let before = std::fs::read(folder.join("library.sqlite")).ok();
    watch.set_room(Some(room));
    let error = Store::open(folder).err().unwrap_or_else(|| panic!("it was opened with {room} bytes of room"));
    assert_eq!(error.code(), ErrorCode::DiskFull, "{error:?}");
    let same = before.is_none_or(|before| std::fs::read(folder.join("library.sqlite")).unwrap() == before);
    assert!(same, "a library that could not be opened was changed");
    watch.set_room(None);
    Store::open(folder).unwrap()
}

#[test]
fn opening_without_room_says_so_and_works_with_room() {
    // A new library; shared memory that cannot be made; a log without room for its first page.
    for room in [0, 4_000, 20_000, 40_000] {
        let (home, watch) = watched();
        opened_twice(home.path(), &watch, room);
        // It is there now, and lacks room only for what its connections share.
        add_book(&opened_twice(home.path(), &watch, 0), "one");
    }
}

#[test]
fn a_copy_before_a_migration_that_finds_no_room_leaves_the_library_as_it_was() {
    let (home, watch) = watched();
    let old = Connection::open(home.path().join("library.sqlite")).unwrap();
    old.execute_batch(include_str!("../store/format-1.sql")).unwrap();
    old.execute_batch("PRAGMA journal_mode = WAL; PRAGMA user_version = 1").unwrap();
    drop(old);
    // Room for the shared memory and not for the copy, and for a part of the copy.
    for room in [33_000, 60_000] {
        watch.set_room(Some(room));
        let error = Store::open(home.path()).err().unwrap();
        assert_eq!(error.code(), ErrorCode::DiskFull, "{error:?}");
        assert!(!home.path().join("library.format-1.sqlite").exists(), "half a copy has the name of a whole one");
        let file = Connection::open(home.path().join("library.sqlite")).unwrap();
        let format: i64 = file.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(format, 1);
    }
    watch.set_room(None);
    assert!(Store::open(home.path()).unwrap().read(views::shelf).unwrap().is_empty());
    assert!(home.path().join("library.format-1.sqlite").exists());
}

#[test]
fn a_rebuilding_that_finds_no_room_leaves_the_damaged_library_for_another_try() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    (0..50).for_each(|number| write(&store, job, number).unwrap());
    drop(store);
    let file = home.path().join("library.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..4096].fill(0);
    std::fs::write(&file, &bytes).unwrap();
    let store = opened_twice(home.path(), &watch, 80_000);
    assert_eq!((store.salvaged().unwrap().calls, there(&store, 0..50)), (50, 50));
}
