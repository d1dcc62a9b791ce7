//! The store: one writer, a few readers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::open::{OpenOptions, connect_reader, prepare};
use crate::writer::{Unit, Writer};
use crate::{CommitStats, StoreError};

/// Idle reader connections kept; more are opened for a moment when many read at once.
const READERS: usize = 4;

/// The library. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    folder: PathBuf,
    file: PathBuf,
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
}

impl Store {
    /// Opens the library in a folder, making it where it is missing.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, OpenOptions::default())
    }

    /// As [`Store::open`], with settings.
    pub fn open_with(folder: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let (file, conn) = prepare(folder)?;
        let writer = Writer::start(conn, options.write_capacity).map_err(StoreError::NoThread)?;
        let inner = Inner { folder: folder.to_path_buf(), file, writer, readers: Mutex::default() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// Runs `work` inside the next transaction; resolves once that is durable. What `work` did is undone when it
    /// returns an error.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let unit = Box::new(Work { change: Some(work), outcome: None, answer });
        let store = self.clone();
        // A full queue blocks; that must not hold up the async threads.
        tokio::task::spawn_blocking(move || store.inner.writer.send(unit)).await.map_err(|_| StoreError::Closed)??;
        answered.await.map_err(|_| StoreError::Closed)?
    }

    /// As [`Store::write`], for threads that may block.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        self.inner.writer.send(Box::new(Work { change: Some(work), outcome: None, answer }))?;
        answered.blocking_recv().map_err(|_| StoreError::Closed)?
    }

    /// Reads, on a connection of its own. Blocks; keep it short.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connect_reader(&self.inner.file)?,
        };
        // One snapshot for all the reads of `work`.
        conn.execute_batch("BEGIN")?;
        let outcome = work(&conn);
        let ended = conn.execute_batch("COMMIT");
        if ended.is_ok() {
            let mut readers = self.readers();
            if readers.len() < READERS {
                readers.push(conn);
            }
        }
        outcome
    }

    /// Writes that wait or are being committed.
    pub fn write_depth(&self) -> usize {
        self.inner.writer.depth()
    }

    /// What commits have cost lately.
    pub fn commit_stats(&self) -> CommitStats {
        self.inner.writer.stats()
    }

    /// A number that changes when another process committed something. Asked on the writer's own connection, because
    /// `PRAGMA data_version` leaves out what its connection wrote itself. Blocks.
    pub fn changes_elsewhere(&self) -> Result<i64, StoreError> {
        self.write_blocking(|conn| Ok(conn.query_row("PRAGMA data_version", [], |row| row.get(0))?))
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write with the way back to whoever asked for it.
struct Work<T, F> {
    change: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, StoreError> + Send> Unit for Work<T, F> {
    fn run(&mut self, conn: &Connection) {
        let Some(work) = self.change.take() else { return };
        let outcome = work(conn);
        if outcome.is_err() {
            let _ = conn.execute_batch("ROLLBACK TO unit");
        }
        self.outcome = Some(outcome);
    }

    fn take_error(&mut self) -> Option<StoreError> {
        self.outcome.take()?.err()
    }

    fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Err(error), _) => Err(StoreError::Transaction(error)),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone; the change is made either way.
        let _ = self.answer.send(outcome);
    }
}
