//! The one writer: a thread that takes whatever has arrived, makes it one durable transaction, and then answers.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::checkpoint::Log;
use crate::error::full_or;
use crate::unit::{Lane, Unit};
use crate::{OpenOptions, StoreError, crash};

/// Writes committed together at most; more would only make the first of them wait.
const BATCH: usize = 256;

/// Commit times remembered for the percentile.
const REMEMBERED: usize = 512;

/// Changes of the later lane kept while they cannot be stored; with more, the oldest go.
const HELD: usize = 2_000;

/// Pause before what could not be stored is tried again, where no other write shows earlier that there is room.
const RETRY: Duration = Duration::from_secs(1);

/// What commits have cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CommitStats {
    pub commits: u64,
    /// Writes in the last commit.
    pub last_batch: usize,
    /// Percentiles of the last commits, in milliseconds.
    pub p50_ms: f32,
    pub p95_ms: f32,
    pub p99_ms: f32,
}

#[derive(Debug, Default)]
struct Timed {
    commits: u64,
    last_batch: usize,
    times: VecDeque<Duration>,
}

pub(crate) struct Writer {
    /// None only while the writer goes.
    units: Option<SyncSender<Box<dyn Unit>>>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

/// Seen from both sides.
#[derive(Default)]
struct Shared {
    depth: AtomicUsize,
    timed: Mutex<Timed>,
}

impl Writer {
    /// Starts the thread; it ends when the writer goes.
    pub(crate) fn start(conn: Connection, options: OpenOptions) -> std::io::Result<Self> {
        let (units, arrived) = sync_channel(options.write_capacity.max(1));
        let shared = Arc::<Shared>::default();
        let work = Work::new(options, &conn, Arc::clone(&shared));
        let thread =
            std::thread::Builder::new().name("store-writer".into()).spawn(move || work.run(&conn, &arrived))?;
        Ok(Self { units: Some(units), shared, thread: Some(thread) })
    }

    /// Hands a unit over without waiting; gives it back where the queue is full.
    pub(crate) fn offer(&self, unit: Box<dyn Unit>) -> Result<(), Refused> {
        let Some(units) = &self.units else { return Err(Refused::Closed) };
        self.shared.depth.fetch_add(1, Ordering::Relaxed);
        units.try_send(unit).map_err(|error| {
            self.shared.depth.fetch_sub(1, Ordering::Relaxed);
            match error {
                TrySendError::Full(unit) => Refused::Full(unit),
                TrySendError::Disconnected(_) => Refused::Closed,
            }
        })
    }

    /// Hands a unit over; blocks while the queue is full.
    pub(crate) fn send(&self, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        let Some(units) = &self.units else { return Err(StoreError::Closed) };
        self.shared.depth.fetch_add(1, Ordering::Relaxed);
        units.send(unit).map_err(|_| {
            self.shared.depth.fetch_sub(1, Ordering::Relaxed);
            StoreError::Closed
        })
    }

    pub(crate) fn depth(&self) -> usize {
        self.shared.depth.load(Ordering::Relaxed)
    }

    pub(crate) fn stats(&self) -> CommitStats {
        let timed = self.shared.timed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<Duration> = timed.times.iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| {
            let time = sorted.get(sorted.len().saturating_sub(1) * percent / 100);
            time.copied().unwrap_or_default().as_secs_f32() * 1000.0
        };
        CommitStats {
            commits: timed.commits,
            last_batch: timed.last_batch,
            p50_ms: at(50),
            p95_ms: at(95),
            p99_ms: at(99),
        }
    }
}

impl Drop for Writer {
    /// Waits until what nobody waits for is stored too.
    fn drop(&mut self) {
        drop(self.units.take());
        let Some(thread) = self.thread.take() else { return };
        // A change may hold the last handle of the store, and a thread cannot wait for itself.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

/// Why a unit was not taken.
pub(crate) enum Refused {
    Full(Box<dyn Unit>),
    Closed,
}

/// The thread's side.
struct Work {
    flush: Duration,
    flush_items: usize,
    shared: Arc<Shared>,
    log: Log,
    /// Of the library; none where it is not in a file.
    folder: Option<PathBuf>,
    full_while: Option<PathBuf>,
    /// In the order of arrival, for the next transaction.
    pending: Vec<Box<dyn Unit>>,
    /// When `pending` is committed at the latest.
    due: Instant,
    /// Of the later lane, from transactions that failed; tried by themselves, so that they stand in nobody's way.
    held: Vec<Box<dyn Unit>>,
}

impl Work {
    fn new(options: OpenOptions, conn: &Connection, shared: Arc<Shared>) -> Self {
        Self {
            log: Log::of(conn),
            folder: conn.path().and_then(|path| Path::new(path).parent()).map(Path::to_path_buf),
            full_while: options.full_while,
            flush: Duration::from_millis(options.flush_ms),
            flush_items: options.flush_items.max(1),
            shared,
            pending: Vec::new(),
            due: Instant::now(),
            held: Vec::new(),
        }
    }

    fn run(mut self, conn: &Connection, arrived: &Receiver<Box<dyn Unit>>) {
        loop {
            let closed = match self.wait(arrived) {
                Ok(unit) => {
                    self.take(unit, arrived);
                    false
                }
                Err(RecvTimeoutError::Timeout) => false,
                Err(RecvTimeoutError::Disconnected) => true,
            };
            if closed || self.is_due() {
                self.flush(conn);
            }
            if closed {
                if !self.held.is_empty() {
                    tracing::warn!(
                        lost = self.held.len(),
                        "figures and events not stored, the library cannot be written"
                    );
                }
                return;
            }
        }
    }

    fn wait(&self, arrived: &Receiver<Box<dyn Unit>>) -> Result<Box<dyn Unit>, RecvTimeoutError> {
        if self.pending.is_empty() && self.held.is_empty() {
            return arrived.recv().map_err(|_| RecvTimeoutError::Disconnected);
        }
        arrived.recv_timeout(self.due.saturating_duration_since(Instant::now()))
    }

    /// Takes a unit and whatever else has arrived.
    fn take(&mut self, first: Box<dyn Unit>, arrived: &Receiver<Box<dyn Unit>>) {
        if self.pending.is_empty() {
            self.due = Instant::now() + self.flush;
        }
        self.pending.push(first);
        while self.pending.len() < BATCH.max(self.flush_items)
            && let Ok(next) = arrived.try_recv()
        {
            self.pending.push(next);
        }
    }

    fn is_due(&self) -> bool {
        let urgent = self.pending.iter().any(|unit| unit.lane() == Lane::Now);
        urgent || self.pending.len() >= self.flush_items || Instant::now() >= self.due
    }

    /// Commits what is pending, then what could not be stored before, and answers.
    fn flush(&mut self, conn: &Connection) {
        let pending = std::mem::take(&mut self.pending);
        let waiting = pending.len();
        let stored = self.commit(conn, pending, waiting);
        if stored {
            let held = std::mem::take(&mut self.held);
            self.commit(conn, held, 0);
        }
        if !self.held.is_empty() {
            self.due = Instant::now() + RETRY;
        }
        self.log.keep_small(conn);
    }

    /// One transaction; whether it became durable. `waiting` of the units count as waiting until then.
    fn commit(&mut self, conn: &Connection, mut batch: Vec<Box<dyn Unit>>, waiting: usize) -> bool {
        if batch.is_empty() {
            return true;
        }
        let (begun, changes) = (Instant::now(), conn.total_changes());
        let outcome = self.transact(conn, &mut batch).map_err(|error| match &self.folder {
            Some(folder) => Arc::new(full_or(error, folder)),
            None => Arc::new(error),
        });
        if outcome.is_err() && !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        // A transaction that only looked costs nothing and would make the figures of the others look better.
        if conn.total_changes() != changes {
            let mut timed = self.shared.timed.lock().unwrap_or_else(PoisonError::into_inner);
            timed.commits += 1;
            timed.last_batch = batch.len();
            timed.times.push_back(begun.elapsed());
            if timed.times.len() > REMEMBERED {
                timed.times.pop_front();
            }
        }
        self.shared.depth.fetch_sub(waiting, Ordering::Relaxed);
        for unit in batch {
            if outcome.is_err() && unit.lane() == Lane::Later {
                self.held.push(unit);
            } else {
                unit.settle(outcome.clone());
            }
        }
        self.let_go();
        outcome.is_ok()
    }

    /// Each unit has a savepoint of its own, so that one that fails does not undo the others.
    fn transact(&self, conn: &Connection, batch: &mut [Box<dyn Unit>]) -> Result<(), StoreError> {
        let step = |sql: &str| -> Result<(), StoreError> {
            conn.prepare_cached(sql)?.execute([])?;
            Ok(())
        };
        step("BEGIN IMMEDIATE")?;
        for unit in batch {
            step("SAVEPOINT unit")?;
            let stays = unit.run(conn);
            // A full or broken disk can end the whole transaction, and the savepoint with it.
            if conn.is_autocommit() {
                return Err(unit.take_error().unwrap_or(StoreError::Closed));
            }
            if !stays {
                step("ROLLBACK TO unit")?;
            }
            step("RELEASE unit")?;
        }
        if cfg!(debug_assertions) && self.full_while.as_ref().is_some_and(|file| file.exists()) {
            return Err(StoreError::DiskFull);
        }
        crash::point("store.in_transaction");
        step("COMMIT")?;
        crash::point("store.committed");
        Ok(())
    }

    /// Keeps `held` within its bound.
    fn let_go(&mut self) {
        let over = self.held.len().saturating_sub(HELD);
        if over > 0 {
            tracing::warn!(over, "figures and events given up, the library cannot be written");
            self.held.drain(..over);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Told = Arc<Mutex<Vec<(u32, bool)>>>;

    /// Inserts its number, or breaks in one of two ways; writes down whether it was acknowledged.
    struct Insert {
        number: u32,
        lane: Lane,
        breaks: Option<Break>,
        told: Told,
        file: PathBuf,
    }

    #[derive(Clone, Copy, PartialEq)]
    enum Break {
        /// Says that what it did is to be undone.
        Itself,
        /// Ends the transaction, as a full disk does.
        All,
    }

    impl Unit for Insert {
        fn lane(&self) -> Lane {
            self.lane
        }

        fn run(&mut self, conn: &Connection) -> bool {
            conn.execute("INSERT INTO seen VALUES (?1)", [self.number]).unwrap();
            if self.breaks == Some(Break::All) {
                conn.execute_batch("ROLLBACK").unwrap();
            }
            self.breaks.is_none()
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

    /// Has the writer find all these waiting, and then close; gives what each was told, and the figures. Collecting
    /// lasts an hour, so that only a count or a closing ends it.
    fn run(units: &[(Lane, Option<Break>)], flush_items: usize) -> (Vec<(u32, bool)>, Timed) {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file.sqlite");
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE seen (n INTEGER)").unwrap();
        let (sender, arrived) = sync_channel::<Box<dyn Unit>>(units.len());
        let (told, shared) = (Told::default(), Arc::<Shared>::default());
        shared.depth.store(units.len(), Ordering::Relaxed);
        for (number, (lane, breaks)) in (0..).zip(units) {
            let unit = Insert { number, lane: *lane, breaks: *breaks, told: Arc::clone(&told), file: file.clone() };
            assert!(sender.send(Box::new(unit)).is_ok());
        }
        drop(sender);
        let options = OpenOptions { flush_ms: 3_600_000, flush_items, ..OpenOptions::default() };
        Work::new(options, &conn, Arc::clone(&shared)).run(&conn, &arrived);
        assert_eq!(shared.depth.load(Ordering::Relaxed), 0);
        let told = told.lock().unwrap().clone();
        let timed = std::mem::take(&mut *shared.timed.lock().unwrap());
        (told, timed)
    }

    const NOW: (Lane, Option<Break>) = (Lane::Now, None);
    const LATER: (Lane, Option<Break>) = (Lane::Later, None);
    const BATCHED: (Lane, Option<Break>) = (Lane::Batched, None);

    #[test]
    fn what_has_arrived_is_one_transaction_and_told_in_order() {
        let (told, timed) = run(&[NOW; 20], 100);
        assert_eq!(told, (0..20).map(|number| (number, true)).collect::<Vec<_>>());
        assert_eq!((timed.commits, timed.last_batch), (1, 20));
    }

    #[test]
    fn no_transaction_grows_without_bound() {
        let (told, timed) = run(&[NOW; BATCH + 1], 100);
        assert_eq!(told.len(), BATCH + 1);
        assert_eq!((timed.commits, timed.last_batch), (2, 1));
    }

    #[test]
    fn one_that_undoes_itself_leaves_the_others() {
        let (told, _) = run(&[NOW, (Lane::Now, Some(Break::Itself)), NOW], 100);
        assert_eq!(told, [(0, true), (1, true), (2, true)]);
    }

    #[test]
    fn a_disk_that_ends_the_transaction_is_told_to_everyone_in_it() {
        let (told, _) = run(&[NOW, (Lane::Now, Some(Break::All)), BATCHED], 100);
        assert_eq!(told, [(0, false), (1, false), (2, false)]);
    }

    #[test]
    fn what_may_wait_goes_with_what_may_not_and_in_front_of_it() {
        let (told, timed) = run(&[LATER, BATCHED, NOW], 100);
        assert_eq!(told, [(0, true), (1, true), (2, true)]);
        assert_eq!((timed.commits, timed.last_batch), (1, 3));
    }

    #[test]
    fn what_may_wait_is_committed_at_its_count_and_at_the_latest_at_the_end() {
        // 300 that are found waiting are a batch of the greatest size, over the count of 10, and a rest below 100.
        for (items, commits, last) in [(10, 2, 300 - BATCH), (100, 2, 300 - BATCH), (400, 1, 300)] {
            let (told, timed) = run(&[LATER; 300], items);
            assert_eq!((told.len(), timed.commits, timed.last_batch), (300, commits, last), "{items}");
        }
        assert_eq!(run(&[BATCHED; 5], 100).1.commits, 1);
    }

    #[test]
    fn what_nobody_waits_for_outlives_a_transaction_that_fails() {
        let (told, timed) = run(&[LATER, NOW, (Lane::Now, Some(Break::All)), LATER], 100);
        assert_eq!(told, [(1, false), (2, false), (0, true), (3, true)]);
        assert_eq!((timed.commits, timed.last_batch), (2, 2));
    }
}
