//! Writing: durable before it is acknowledged, one failing write alone, and nothing but the writer writes.

use epitome_model::{ErrorCode, EventLevel};
use epitome_store::{Connection, OpenOptions, Store, StoreError, book, call, event, job, live, section, views};

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

/// A store in which collecting lasts an hour, so that only a count or somebody's asking ends it.
fn patient(home: &tempfile::TempDir, write_capacity: usize, flush_items: usize) -> Store {
    let options = OpenOptions { write_capacity, flush_ms: 3_600_000, flush_items, ..OpenOptions::default() };
    Store::open_with(home.path(), options).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

#[test]
fn what_nobody_waits_for_is_durable_before_a_later_write_and_after_closing() {
    let home = tempfile::tempdir().unwrap();
    let store = patient(&home, 100, 100);
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let commits = store.commit_stats().commits;
    let at = |at| store.write_later(move |conn| event::insert(conn, job, at, EventLevel::Info, "text", None).map(drop));
    let times = || event::last(&second(&home), job, 10).unwrap().iter().map(|event| event.at_ms).collect::<Vec<_>>();
    runtime().block_on(async {
        for time in [1, 2] {
            at(time).await.unwrap();
        }
        // Still collected: nobody asked, and an hour is not over.
        assert_eq!((times(), store.write_depth()), (vec![], 2));
        store.write(move |conn| job::set_plan(conn, job, Some(4_096), 3.3)).await.unwrap();
        assert_eq!(times(), [1, 2]);
        at(3).await.unwrap();
        store.flush().await.unwrap();
        assert_eq!(times(), [1, 2, 3]);
        // One that fails takes nothing with it.
        store.write_later(|_| Err(StoreError::DiskFull)).await.unwrap();
        at(4).await.unwrap();
    });
    assert_eq!(store.commit_stats().commits, commits + 2);
    drop(store);
    assert_eq!(times(), [1, 2, 3, 4]);
}

#[test]
fn a_batched_write_is_acknowledged_after_its_commit_at_the_count_or_in_time() {
    let home = tempfile::tempdir().unwrap();
    let store = patient(&home, 100, 3);
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let commits = store.commit_stats().commits;
    let record = |store: Store, key: &'static str| {
        let home = second(&home);
        async move {
            store.write_batched(move |conn| call::record(conn, &an_answer(job, key, "text"))).await.unwrap();
            assert!(call::find_output(&home, key).unwrap().is_some(), "{key} was acknowledged before its commit");
        }
    };
    let all = async {
        tokio::join!(record(store.clone(), "a"), record(store.clone(), "b"), record(store.clone(), "c"));
    };
    runtime().block_on(all);
    assert_eq!((store.commit_stats().commits, store.commit_stats().last_batch), (commits + 1, 3));
    drop(store);

    // A single one ends waiting when its time is over.
    let options = OpenOptions { flush_ms: 1, ..OpenOptions::default() };
    let store = Store::open_with(home.path(), options).unwrap();
    runtime().block_on(record(store, "d"));
}

#[test]
fn a_full_queue_holds_writers_up_and_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let store = patient(&home, 1, 100);
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    // The writer is kept busy until the queue has been filled.
    let (go, wait) = std::sync::mpsc::sync_channel::<()>(0);
    let busy = store.clone();
    let (running, runs) = std::sync::mpsc::sync_channel::<()>(1);
    let busy = std::thread::spawn(move || {
        busy.write_blocking(move |_| {
            running.send(()).map_err(|_| StoreError::Closed)?;
            wait.recv().map_err(|_| StoreError::Closed)
        })
    });
    runs.recv().unwrap();
    let handed = |number: i64| {
        let store = store.clone();
        async move {
            let insert =
                move |conn: &Connection| event::insert(conn, job, number, EventLevel::Info, "text", None).map(drop);
            store.write_later(insert).await.unwrap();
        }
    };
    let runtime = runtime();
    let waiting: Vec<_> = (0..8).map(|number| runtime.spawn(handed(number))).collect();
    runtime.block_on(tokio::task::yield_now());
    assert_eq!(waiting.iter().filter(|task| task.is_finished()).count(), 1, "the queue has one place");
    go.send(()).unwrap();
    busy.join().unwrap().unwrap();
    runtime.block_on(async {
        for task in waiting {
            task.await.unwrap();
        }
        store.flush().await.unwrap();
    });
    assert_eq!(store.read(|conn| event::last(conn, job, 100)).unwrap().len(), 8);
}

#[test]
fn a_change_that_holds_the_last_handle_of_the_store_does_not_wait_for_itself() {
    let (home, store) = store();
    let last = store.clone();
    let (done, ended) = std::sync::mpsc::sync_channel::<()>(1);
    runtime()
        .block_on(store.write_later(move |conn| {
            let _ = (&last, &done);
            Ok(conn.execute_batch("CREATE TABLE proof (n INTEGER)")?)
        }))
        .unwrap();
    drop(store);
    // The sender goes with the change, after it was committed.
    assert!(ended.recv().is_err());
    assert!(second(&home).prepare("SELECT * FROM proof").is_ok());
}

#[test]
fn a_disk_that_a_test_calls_full_refuses_every_write_until_it_has_room() {
    let home = tempfile::tempdir().unwrap();
    let full = home.path().join("full");
    let options = OpenOptions { full_while: Some(full.clone()), ..OpenOptions::default() };
    let store = Store::open_with(home.path(), options).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let write = || store.write_blocking(move |conn| call::record(conn, &an_answer(job, "key", "text")));
    std::fs::write(&full, "").unwrap();
    assert_eq!(write().unwrap_err().code(), ErrorCode::DiskFull);
    assert_eq!(store.read(|conn| call::count(conn, job)).unwrap(), 0);
    std::fs::remove_file(full).unwrap();
    write().unwrap();
    assert_eq!(store.read(|conn| call::count(conn, job)).unwrap(), 1);
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
                event::insert(conn, job, 1, EventLevel::Info, "began", Some(chapter))?;
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
