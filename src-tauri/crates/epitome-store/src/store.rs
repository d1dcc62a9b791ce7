//! The store: one writer, a few readers.

use std::convert::Infallible;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::open::{OpenOptions, Opened, connect_reader, doubt, prepare};
use crate::salvage::Salvaged;
use crate::seal::Seal;
use crate::unit::{Lane, Unit, answered, later};
use crate::writer::{Refused, Writer};
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
    salvaged: Option<Salvaged>,
    // Before the writer, so that its connection is the last to close: that one empties the log into the file.
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    // After the connections, because it tells how they left the file.
    _seal: Seal,
    // Last, so that the library is in use until its connections are closed.
    _in_use: File,
}

impl Store {
    /// Opens the library in a folder, making it where it is missing. A damaged one is put aside and rebuilt from what can
    /// be read of it; [`Store::salvaged`] tells.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_with(folder, OpenOptions::default())
    }

    /// As [`Store::open`], with settings.
    pub fn open_with(folder: &Path, options: OpenOptions) -> Result<Self, StoreError> {
        let Opened { file, conn, salvaged, looked_through, in_use } = prepare(folder)?;
        let seal = Seal { file: file.clone(), looked_through };
        let writer = Writer::start(conn, options).map_err(StoreError::NoThread)?;
        let folder = folder.to_path_buf();
        let inner = Inner { folder, file, salvaged, readers: Mutex::default(), writer, _seal: seal, _in_use: in_use };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    /// The library's file.
    pub(crate) fn file(&self) -> &Path {
        &self.inner.file
    }

    /// What was saved, where the library was found damaged when this store was opened. Its `Display` is a sentence for
    /// the person.
    pub fn salvaged(&self) -> Option<&Salvaged> {
        self.inner.salvaged.as_ref()
    }

    /// Runs `work` inside the next transaction; resolves once that is durable. What `work` did is undone when it
    /// returns an error.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (unit, answered) = answered(Lane::Now, work);
        self.hand_over(unit).await?;
        self.seen(answered.await)
    }

    /// As [`Store::write`], but the transaction waits for more: until [`OpenOptions::flush_ms`] or
    /// [`OpenOptions::flush_items`] is reached, or somebody asks for one at once. For profiles that batch their results.
    pub async fn write_batched<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (unit, answered) = answered(Lane::Batched, work);
        self.hand_over(unit).await?;
        self.seen(answered.await)
    }

    /// For figures, events and vital signs: resolves once `work` is taken, which only a full queue delays. It becomes
    /// durable as in [`Store::write_batched`], never later than a write that is asked for after it, and before the last
    /// handle of the store has gone. An error it returns is logged and what it did undone; where the transaction itself
    /// fails, as on a full disk, `work` is kept and runs again when there is room.
    pub async fn write_later(
        &self,
        work: impl FnMut(&Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        self.hand_over(later(work)).await
    }

    /// Resolves once everything handed over before is durable, also what nobody waits for. For a program that ends
    /// without dropping the store.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.write(|_| Ok(())).await
    }

    /// As [`Store::write`], for threads that may block.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (unit, answered) = answered(Lane::Now, work);
        self.inner.writer.send(unit)?;
        self.seen(answered.blocking_recv())
    }

    async fn hand_over(&self, unit: Box<dyn Unit>) -> Result<(), StoreError> {
        match self.inner.writer.offer(unit) {
            Ok(()) => Ok(()),
            Err(Refused::Closed) => Err(StoreError::Closed),
            // A full queue blocks; that must not hold up the async threads.
            Err(Refused::Full(unit)) => {
                let store = self.clone();
                let sent = tokio::task::spawn_blocking(move || store.inner.writer.send(unit)).await;
                sent.map_err(|_| StoreError::Closed)?
            }
        }
    }

    /// Reads, on a connection of its own. Blocks; keep it short.
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let idle = self.readers().pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connect_reader(&self.inner.file)?,
        };
        // One snapshot for all the reads of `work`.
        conn.prepare_cached("BEGIN")?.execute([])?;
        let outcome = work(&conn);
        let ended = conn.prepare_cached("COMMIT").and_then(|mut commit| commit.execute([]));
        if ended.is_ok() {
            let mut readers = self.readers();
            if readers.len() < READERS {
                readers.push(conn);
            }
        }
        self.seen(Ok::<_, Infallible>(outcome))
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

    /// Passes an outcome on; one that speaks of damage is remembered for the next start.
    fn seen<T, E>(&self, outcome: Result<Result<T, StoreError>, E>) -> Result<T, StoreError> {
        let outcome = outcome.map_err(|_| StoreError::Closed)?;
        if let Err(error) = &outcome {
            doubt(&self.inner.folder, error);
        }
        outcome
    }

    fn readers(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.inner.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
