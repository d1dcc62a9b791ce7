//! Killed in the middle of writing: what was acknowledged is there, and the file is sound.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use epitome_store::{Connection, Store, call};

use crate::fixture::{add_book, add_job, an_answer};

/// Names the data folder to the child; the child is this program started again.
const FOLDER: &str = "EPITOME_CRASH_TEST_FOLDER";

/// Before each acknowledged key, on the child's output.
const MARK: &str = "acknowledged ";

/// The child: writes until it is killed. Without a folder it is not the child, and does nothing.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = Store::open(Path::new(&folder)).unwrap();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let store = store.clone();
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("key-{thread}-{number}");
                    let answer = an_answer(job, &key, &"word ".repeat(number % 2_000));
                    store.write_blocking(move |conn| call::record(conn, &answer)).unwrap();
                    // Ends with an error when nobody reads any more.
                    let mut out = std::io::stdout().lock();
                    out.write_all(format!("\n{MARK}{key}\n").as_bytes()).unwrap();
                    out.flush().unwrap();
                }
            });
        }
    });
}

#[test]
fn every_acknowledged_write_survives_a_kill() {
    for kill_after in [1, 30, 150] {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["crash::child", "--exact", "--nocapture", "--test-threads=1"])
            .env(FOLDER, home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut acknowledged = BTreeSet::new();
        let mut killed = false;
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            let Ok(line) = line else { break };
            acknowledged.extend(line.strip_prefix(MARK).map(ToOwned::to_owned));
            if !killed && acknowledged.len() >= kill_after {
                child.kill().unwrap();
                killed = true;
            }
        }
        child.wait().unwrap();
        assert!(killed, "the child ended by itself after {} writes", acknowledged.len());

        let store = Store::open(home.path()).unwrap();
        for key in &acknowledged {
            assert!(store.read(|conn| call::find_output(conn, key)).unwrap().is_some(), "{key} is lost");
        }
        drop(store);
        let file = Connection::open(home.path().join("library.sqlite")).unwrap();
        let verdict: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(verdict, "ok");
    }
}
