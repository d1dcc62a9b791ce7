//! The disk itself: what is synced stays, what is not may go, and a database without syncs does lose what it promised.

// Paths are watched by their names, which Windows writes in several ways.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use epitome_powercut::Watch;
use rusqlite::Connection;

fn open(folder: &Path, synchronous: &str) -> Connection {
    epitome_powercut::install();
    let conn = Connection::open(folder.join("file.sqlite")).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.pragma_update(None, "synchronous", synchronous).unwrap();
    conn.execute_batch("CREATE TABLE IF NOT EXISTS seen (n INTEGER)").unwrap();
    conn
}

/// Rows there are in files that a cut left.
fn rows(files: &BTreeMap<String, Vec<u8>>) -> i64 {
    let home = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        std::fs::write(home.path().join(name), bytes).unwrap();
    }
    let conn = Connection::open(home.path().join("file.sqlite")).unwrap();
    let verdict: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(verdict, "ok");
    conn.query_row("SELECT count(*) FROM seen", [], |row| row.get(0)).unwrap()
}

/// Most rows lost in any of many cuts: rows that were acknowledged and are not there.
fn most_lost(synchronous: &str) -> i64 {
    let home = tempfile::tempdir().unwrap();
    drop(open(home.path(), "FULL"));
    let watch = Watch::new(home.path()).unwrap();
    let (done, cuts) = (Arc::new(Mutex::new(0)), Arc::new(Mutex::new(Vec::new())));
    let look = (Arc::clone(&done), Arc::clone(&cuts));
    watch.at_every_op(move |cut| {
        let acknowledged = *look.0.lock().unwrap();
        look.1.lock().unwrap().extend((0..4).map(|seed| (acknowledged, cut.files(cut.op() * 4 + seed))));
    });
    let conn = open(home.path(), synchronous);
    for n in 1..=12 {
        conn.execute("INSERT INTO seen VALUES (?1)", [n]).unwrap();
        *done.lock().unwrap() = n;
    }
    drop(conn);
    assert!(watch.counts().ops > 20, "{:?}", watch.counts());
    let cuts = std::mem::take(&mut *cuts.lock().unwrap());
    cuts.into_iter().map(|(acknowledged, files)| acknowledged - rows(&files)).max().unwrap()
}

#[test]
fn a_database_that_syncs_loses_nothing_and_one_that_does_not_loses_rows() {
    assert!(most_lost("FULL") <= 0);
    assert!(most_lost("NORMAL") > 0, "the disk keeps what nobody synced");
}

#[test]
fn a_full_disk_takes_no_more_until_there_is_room() {
    let home = tempfile::tempdir().unwrap();
    let watch = Watch::new(home.path()).unwrap();
    let conn = open(home.path(), "FULL");
    watch.set_room(Some(10_000));
    let full = (0..100).find_map(|n| conn.execute("INSERT INTO seen VALUES (?1)", [n]).err()).unwrap();
    assert_eq!(full.sqlite_error_code(), Some(rusqlite::ErrorCode::DiskFull));
    watch.set_room(None);
    conn.execute("INSERT INTO seen VALUES (1)", []).unwrap();
    // Another folder is not watched.
    let other = tempfile::tempdir().unwrap();
    watch.set_room(Some(0));
    open(other.path(), "FULL").execute("INSERT INTO seen VALUES (1)", []).unwrap();
}
