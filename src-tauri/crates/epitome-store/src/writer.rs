//! The one writer: a thread that takes whatever has arrived, makes it one durable transaction, and then answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::StoreError;

/// Writes committed together at most; more would only make the first of them wait.
const BATCH: usize = 256;

/// Commit times remembered for the percentile.
const REMEMBERED: usize = 512;

/// Runs inside the transaction and keeps its outcome; told afterwards whether the transaction became durable.
pub(crate) trait Unit: Send {
    fn run(&mut self, conn: &Connection);
    /// The error `run` ended with, if any.
    fn take_error(&mut self) -> Option<StoreError>;
    fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>);
}

/// What commits have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CommitStats {
    pub commits: u64,
    /// Writes in the last commit.
    pub last_batch: usize,
    /// 95th percentile of the last commits, in milliseconds.
    pub p95_ms: f32,
}

#[derive(Debug, Default)]
struct Timed {
    commits: u64,
    last_batch: usize,
    times: std::collections::VecDeque<Duration>,
}

pub(crate) struct Writer {
    units: SyncSender<Box<dyn Unit>>,
    depth: Arc<AtomicUsize>,
    timed: Arc<Mutex<Timed>>,
}

impl Writer {
    /// Starts the thread; it ends when the writer goes.
    pub(crate) fn start(conn: Connection, capacity: usize) -> std::io::Result<Self> {
        let (units, arrived) = sync_channel(capacity.max(1));
        let depth = Arc::new(AtomicUsize::new(0));
        let timed = Arc::new(Mutex::new(Timed::default()));
        let shared = (Arc::clone(&depth), Arc::clone(&timed));
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || work(&conn, &arrived, &shared.0, &shared.1))?;
        Ok(Self { units, depth, timed })
    }

    /// Hands a unit over; blocks while the queue is full.
    pub(crate) fn send(&self, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        self.depth.fetch_add(1, Ordering::Relaxed);
        self.units.send(unit).map_err(|_| {
            self.depth.fetch_sub(1, Ordering::Relaxed);
            StoreError::Closed
        })
    }

    pub(crate) fn depth(&self) -> usize {
        self.depth.load(Ordering::Relaxed)
    }

    pub(crate) fn stats(&self) -> CommitStats {
        let timed = self.timed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<Duration> = timed.times.iter().copied().collect();
        sorted.sort_unstable();
        let p95 = sorted.get(sorted.len().saturating_sub(1) * 95 / 100).copied().unwrap_or_default();
        CommitStats { commits: timed.commits, last_batch: timed.last_batch, p95_ms: p95.as_secs_f32() * 1000.0 }
    }
}

fn work(conn: &Connection, arrived: &Receiver<Box<dyn Unit>>, depth: &AtomicUsize, timed: &Mutex<Timed>) {
    while let Ok(first) = arrived.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = arrived.try_recv()
        {
            batch.push(next);
        }
        let (begun, changes) = (Instant::now(), conn.total_changes());
        let outcome = commit(conn, &mut batch).map_err(Arc::new);
        if outcome.is_err() && !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        // A transaction that only looked costs nothing and would make the figures of the others look better.
        if conn.total_changes() != changes {
            let mut timed = timed.lock().unwrap_or_else(PoisonError::into_inner);
            timed.commits += 1;
            timed.last_batch = batch.len();
            timed.times.push_back(begun.elapsed());
            if timed.times.len() > REMEMBERED {
                timed.times.pop_front();
            }
        }
        for unit in batch {
            depth.fetch_sub(1, Ordering::Relaxed);
            unit.settle(outcome.clone());
        }
    }
}

/// Each unit has a savepoint of its own, so that one that fails does not undo the others.
fn commit(conn: &Connection, batch: &mut [Box<dyn Unit>]) -> Result<(), StoreError> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    for unit in batch {
        conn.execute_batch("SAVEPOINT unit")?;
        unit.run(conn);
        // A full or broken disk can end the whole transaction, and the savepoint with it.
        if conn.is_autocommit() {
            return Err(unit.take_error().unwrap_or(StoreError::Closed));
        }
        conn.execute_batch("RELEASE unit")?;
    }
    conn.execute_batch("COMMIT")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = Arc<Mutex<Vec<(u32, bool)>>>;

    /// Inserts its number, or breaks in one of two ways; writes down whether it was acknowledged.
    struct Insert {
        number: u32,
        breaks: Option<&'static str>,
        told: Told,
        file: std::path::PathBuf,
    }

    impl Unit for Insert {
        fn run(&mut self, conn: &Connection) {
            conn.execute("INSERT INTO seen VALUES (?1)", [self.number]).unwrap();
            if let Some(sql) = self.breaks {
                conn.execute_batch(sql).unwrap();
            }
        }

        fn take_error(&mut self) -> Option<StoreError> {
            self.breaks.map(|_| StoreError::DiskFull)
        }

        fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>) {
            let seen = Connection::open(&self.file).unwrap();
            let seen = seen.prepare("SELECT 1 FROM seen WHERE n = ?1").unwrap().exists([self.number]).unwrap();
            assert_eq!(seen, committed.is_ok() && self.breaks.is_none(), "told before it was durable");
            if let Err(error) = &committed {
                assert!(matches!(**error, StoreError::DiskFull), "{error}");
            }
            self.told.lock().unwrap().push((self.number, committed.is_ok()));
        }
    }

    /// Has the writer find all these waiting; gives what each was told, and the figures.
    fn run(breaks: &[Option<&'static str>]) -> (Vec<(u32, bool)>, Timed) {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file.sqlite");
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE seen (n INTEGER)").unwrap();
        let (units, arrived) = sync_channel::<Box<dyn Unit>>(breaks.len());
        let (told, timed) = (Told::default(), Mutex::new(Timed::default()));
        for (number, breaks) in (0..).zip(breaks) {
            let unit = Insert { number, breaks: *breaks, told: Arc::clone(&told), file: file.clone() };
            assert!(units.send(Box::new(unit)).is_ok());
        }
        drop(units);
        work(&conn, &arrived, &AtomicUsize::new(breaks.len()), &timed);
        let told = told.lock().unwrap().clone();
        (told, timed.into_inner().unwrap())
    }

    #[test]
    fn what_has_arrived_is_one_transaction_and_told_in_order() {
        let (told, timed) = run(&[None; 20]);
        assert_eq!(told, (0..20).map(|number| (number, true)).collect::<Vec<_>>());
        assert_eq!((timed.commits, timed.last_batch), (1, 20));
    }

    #[test]
    fn no_transaction_grows_without_bound() {
        let (told, timed) = run(&[None; BATCH + 1]);
        assert_eq!(told.len(), BATCH + 1);
        assert_eq!((timed.commits, timed.last_batch), (2, 1));
    }

    #[test]
    fn one_that_undoes_itself_leaves_the_others() {
        let (told, _) = run(&[None, Some("ROLLBACK TO unit"), None]);
        assert_eq!(told, [(0, true), (1, true), (2, true)]);
    }

    #[test]
    fn a_disk_that_ends_the_transaction_is_told_to_everyone_in_it() {
        let (told, _) = run(&[None, Some("ROLLBACK"), None]);
        assert_eq!(told, [(0, false), (1, false), (2, false)]);
    }
}
