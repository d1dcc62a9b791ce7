//! The power goes at any moment: what was acknowledged is there, whole, and the library is sound.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use epitome_model::{EventLevel, JobId};
use epitome_store::{Connection, OpenOptions, Store, StoreError, call, event};

use crate::fixture::{add_book, add_job, an_answer};
use crate::watched;

/// Cuts of one run, far enough apart that its disk differs from one to the next.
const CUTS: usize = 20;

/// Cuts tried; `EPITOME_POWER_CUTS=500` tries as many as the project promises.
fn wanted() -> usize {
    std::env::var("EPITOME_POWER_CUTS").ok().and_then(|cuts| cuts.parse().ok()).unwrap_or(60)
}

/// The files a cut left, and the keys that had been acknowledged before it.
struct Cut {
    acknowledged: Vec<String>,
    files: BTreeMap<String, Vec<u8>>,
}

fn output(key: &str) -> String {
    format!("{key} ").repeat(1_500)
}

/// An answer and an event that says so, which belong together.
fn record(conn: &Connection, job: JobId, key: &str) -> Result<(), StoreError> {
    call::record(conn, &an_answer(job, key, &output(key)))?;
    event::insert(conn, job, 1, EventLevel::Info, key, None).map(drop)
}

/// Makes a library and writes to it, several writers at once, closing it now and then. Long enough for the log to be
/// emptied into the file in between.
fn run(seed: u64) -> Vec<Cut> {
    let (home, watch) = watched();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let cuts = Arc::new(Mutex::new(Vec::new()));
    let (told, taken) = (Arc::clone(&acknowledged), Arc::clone(&cuts));
    // A run has about 3,000 operations; the first few, which make the library, count too.
    let mut next = seed % 40;
    watch.at_every_op(move |cut| {
        if cut.op() < next {
            return;
        }
        let mut taken = taken.lock().unwrap();
        next = cut.op() + 1 + (cut.op() * 7 + seed * 13) % 300;
        if taken.len() < CUTS {
            let acknowledged: Vec<String> = told.lock().unwrap().clone();
            taken.push(Cut { acknowledged, files: cut.files(seed * 1_000 + cut.op()) });
        }
    });
    let mut job = None;
    for round in 0..3 {
        let options = OpenOptions { flush_ms: 1, ..OpenOptions::default() };
        let store = Store::open_with(home.path(), options).unwrap();
        let job = *job.get_or_insert_with(|| {
            let (book, _) = add_book(&store, "one");
            add_job(&store, book, None)
        });
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let (store, acknowledged) = (store.clone(), Arc::clone(&acknowledged));
                scope.spawn(move || {
                    for number in 0..60 {
                        let key = format!("{round}-{writer}-{number}");
                        let own = key.clone();
                        store.write_blocking(move |conn| record(conn, job, &own)).unwrap();
                        acknowledged.lock().unwrap().push(key);
                    }
                });
            }
        });
    }
    // Three closings, and in each round the log was full before that.
    let counts = watch.counts();
    assert!(counts.other_syncs >= 6, "the log was not emptied in between: {counts:?}");
    drop(watch);
    Arc::into_inner(cuts).unwrap().into_inner().unwrap()
}

fn assert_nothing_is_lost(cut: &Cut, what: &str) {
    let home = tempfile::tempdir().unwrap();
    for (name, bytes) in &cut.files {
        std::fs::write(home.path().join(name), bytes).unwrap();
    }
    let store = Store::open(home.path()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(store.salvaged(), None, "{what}");
    for key in &cut.acknowledged {
        let found = store.read(|conn| call::find_output(conn, key)).unwrap();
        assert!(found == Some(output(key)), "{what}: {key} was acknowledged and is {found:?}");
    }
    let count = |sql: &str| store.read(|conn| Ok(conn.query_row(sql, [], |row| row.get::<_, i64>(0))?)).unwrap();
    let halves = "SELECT (SELECT count(*) FROM call WHERE key NOT IN (SELECT text FROM event)) +
                         (SELECT count(*) FROM event WHERE text NOT IN (SELECT key FROM call))";
    assert_eq!(count(halves), 0, "{what}: half a write is there");
    assert_eq!(count("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), 0, "{what}");
    assert_eq!(count("SELECT count(*) FROM pragma_foreign_key_check"), 0, "{what}");
}

#[test]
fn a_power_cut_loses_nothing_that_was_acknowledged() {
    let (mut tried, mut acknowledged, mut unsynced) = (0, 0, 0);
    for seed in 0.. {
        for (place, cut) in run(seed).iter().enumerate() {
            assert_nothing_is_lost(cut, &format!("seed {seed}, cut {place}"));
            acknowledged += cut.acknowledged.len();
            unsynced += usize::from(cut.files.contains_key("library.sqlite-wal"));
            tried += 1;
        }
        if tried >= wanted() {
            break;
        }
    }
    println!("{tried} power cuts: {acknowledged} acknowledged results were there");
    // Otherwise the test would show nothing.
    assert!(acknowledged > tried * 10 && unsynced > tried / 2, "{tried} cuts, {acknowledged} acknowledged, {unsynced}");
}
