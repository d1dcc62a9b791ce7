//! What durability costs: one sync a commit, and a log that stays small.

use epitome_model::EventLevel;
use epitome_store::{Store, call, event};

use crate::fixture::{add_book, add_job, an_answer};
use crate::watched;

/// Greatest size the log may have, in bytes.
const LOG: u64 = 16 << 20;

#[test]
fn a_commit_is_one_sync_and_what_nobody_waits_for_costs_none_of_its_own() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let write = |number: u64| {
        let answer = an_answer(job, &format!("key {number}"), &"word ".repeat(200));
        store.write_blocking(move |conn| call::record(conn, &answer)).unwrap();
    };
    let before = watch.counts();
    (0..100).for_each(write);
    let after = watch.counts();
    assert_eq!(after.log_syncs - before.log_syncs, 100);
    assert_eq!(after.other_syncs, before.other_syncs, "the log was emptied after so little");

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let later = store.clone();
    runtime.block_on(async {
        for at in 0..20 {
            let insert = move |conn: &_| event::insert(conn, job, at, EventLevel::Info, "text", None).map(drop);
            later.write_later(insert).await.unwrap();
        }
    });
    write(100);
    assert!(watch.counts().log_syncs - after.log_syncs <= 2, "collected changes were synced one by one");

    // Emptying the log into the file now and then adds a few.
    let before = watch.counts();
    let mut times: Vec<std::time::Duration> = (200..2_200)
        .map(|number| {
            let begun = std::time::Instant::now();
            write(number);
            begun.elapsed()
        })
        .collect();
    let after = watch.counts();
    let syncs = after.log_syncs + after.other_syncs - before.log_syncs - before.other_syncs;
    times.sort_unstable();
    let (commits, median) = (times.len(), times[times.len() / 2].as_micros());
    println!("{syncs} syncs for {commits} commits, {median} us the median, {} bytes of log", after.log_peak);
    assert!((2_000..=2_040).contains(&syncs), "{syncs} syncs for 2,000 commits");
    assert!(after.log_peak <= LOG, "the log grew to {} bytes", after.log_peak);
}

#[test]
fn readers_that_never_pause_do_not_make_the_log_grow() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(std::sync::atomic::Ordering::Relaxed) {
                    store.read(|conn| call::count(conn, job)).unwrap();
                }
            });
        }
        // 60 MB in all.
        for number in 0..600 {
            let answer = an_answer(job, &format!("key {number}"), &"word ".repeat(20_000));
            store.write_blocking(move |conn| call::record(conn, &answer)).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
    let peak = watch.counts().log_peak;
    assert!(peak <= LOG, "the log grew to {peak} bytes");
}

#[test]
fn a_reader_that_stays_holds_nobody_up_for_good_and_the_log_is_small_again_after_it() {
    let (home, watch) = watched();
    let store = Store::open(home.path()).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let write = |number: u32| {
        let answer = an_answer(job, &format!("key {number}"), &"word ".repeat(20_000));
        store.write_blocking(move |conn| call::record(conn, &answer).map(drop)).unwrap();
    };
    let log = home.path().join("library.sqlite-wal");
    let seen = store.read(|conn| {
        let before = call::count(conn, job)?;
        // 20 MB while the reader keeps what it saw.
        (0..200).for_each(write);
        Ok((before, call::count(conn, job)?))
    });
    assert_eq!(seen.unwrap(), (0, 0));
    assert!(watch.counts().log_peak > LOG, "the log was emptied under a reader: {:?}", watch.counts());
    (200..260).for_each(write);
    let size = log.metadata().unwrap().len();
    assert!(size <= LOG, "the log stayed at {size} bytes");
    assert_eq!(store.read(|conn| call::count(conn, job)).unwrap(), 260);
}
