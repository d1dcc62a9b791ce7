//! A damaged log: SQLite would pass over all that was written after the damage, and say nothing.

use epitome_store::{Store, call};

use crate::fixture::an_answer;
use crate::full::{PAGE, add_full_book, folder_with, open, words};

/// A library whose last answers are still in its log, as after a power cut: the file, and its log.
fn with_log(answers: usize) -> (Vec<u8>, Vec<u8>) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (_, [job, _]) = add_full_book(&store, 1);
    drop(store);
    let store = Store::open(home.path()).unwrap();
    for number in 0..answers {
        let answer = an_answer(job, &format!("in the log {number}"), &words(number, 120));
        store.write_blocking(move |conn| call::record(conn, &answer)).unwrap();
    }
    let file = home.path().join("library.sqlite");
    (std::fs::read(&file).unwrap(), std::fs::read(file.with_extension("sqlite-wal")).unwrap())
}

fn found(store: &Store, answers: usize) -> usize {
    let there =
        |number: &usize| store.read(|conn| call::find(conn, &format!("in the log {number}"))).unwrap().is_some();
    (0..answers).filter(there).count()
}

#[test]
fn a_log_damaged_in_its_midst_costs_the_damaged_page_and_not_all_that_came_after() {
    let (file, log) = with_log(60);
    let frames = (log.len() - 32) / (PAGE + 24);
    assert!(frames > 150, "{frames} frames");
    for frame in [0, 1, 40, frames / 2, frames - 20] {
        // In the page, in its checksum, in its number; and the header of the log.
        for at in [1_000, 18, 2] {
            let mut log = log.clone();
            log[32 + frame * (PAGE + 24) + at] ^= 0x10;
            let home = folder_with(&file);
            std::fs::write(home.path().join("library.sqlite-wal"), &log).unwrap();
            let (store, salvaged) = open(home.path());
            let salvaged = salvaged.unwrap_or_else(|| panic!("frame {frame}, byte {at}: not noticed"));
            assert!(salvaged.lost.pages > 0, "{salvaged:?}");
            assert!(found(&store, 60) >= 56, "frame {frame}, byte {at}: {} of 60", found(&store, 60));
            let mut kept = salvaged.aside.into_os_string();
            kept.push("-wal");
            assert_eq!(std::fs::read(kept).unwrap(), log);
        }
    }
    let mut log = log;
    log[17] ^= 1;
    let home = folder_with(&file);
    std::fs::write(home.path().join("library.sqlite-wal"), &log).unwrap();
    assert!(found(&open(home.path()).0, 60) >= 56);
}

#[test]
fn a_log_whose_end_never_became_durable_is_no_damage() {
    let (file, log) = with_log(20);
    for torn in [log.len() - 1, log.len() - 100, log.len() - PAGE] {
        // What was being written when the power went: cut off, or not all of it there.
        let mut patched = log.clone();
        patched[torn..].fill(0);
        for log in [&log[..torn], &patched] {
            let home = folder_with(&file);
            std::fs::write(home.path().join("library.sqlite-wal"), log).unwrap();
            let (store, salvaged) = open(home.path());
            assert_eq!((salvaged, found(&store, 20)), (None, 19));
        }
    }
}
