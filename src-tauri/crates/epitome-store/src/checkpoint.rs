//! Keeps the log small. SQLite empties it into the file by itself, but begins it anew only at a moment when nobody
//! reads, and with readers that never pause it would grow without end.

use std::path::PathBuf;
use std::time::Duration;

use rusqlite::Connection;

use crate::open::BUSY;
use crate::salvage::beside;

/// Size in bytes from which the log is emptied with readers made to wait; twice what SQLite aims at.
const LARGE: u64 = 8 << 20;

/// How much more there must be for another try, where a reader would not end.
const MORE: u64 = 4 << 20;

/// How long readers are waited for.
const PATIENCE: Duration = Duration::from_millis(250);

/// The log of the library.
pub(crate) struct Log {
    /// None where the library is not in a file.
    path: Option<PathBuf>,
    large: u64,
}

impl Log {
    pub(crate) fn of(conn: &Connection) -> Self {
        Self { path: conn.path().map(|path| beside(path.as_ref(), "-wal")), large: LARGE }
    }

    /// Empties the log where it has grown large. A failure is no failure of the writes in it: those are durable.
    pub(crate) fn keep_small(&mut self, conn: &Connection) {
        let size = self.path.as_ref().and_then(|path| path.metadata().ok()).map_or(0, |meta| meta.len());
        if size < self.large {
            return;
        }
        let emptied = conn
            .busy_timeout(PATIENCE)
            .and_then(|()| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| Ok(row.get::<_, i64>(0)? == 0)));
        self.large = if matches!(emptied, Ok(true)) { LARGE } else { size + MORE };
        if let Err(error) = conn.busy_timeout(BUSY) {
            tracing::debug!(%error, "log emptied, but the patience of its connection not restored");
        }
        tracing::debug!(size, ?emptied, "log emptied");
    }
}
