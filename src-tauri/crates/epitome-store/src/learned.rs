//! What the search for the best number of calls in flight found on this machine, for the next start.

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::StoreError;

pub(crate) const TABLE: &str = "
CREATE TABLE learned (
    host TEXT NOT NULL,
    model TEXT NOT NULL,
    window INTEGER NOT NULL,
    calls_at_a_time INTEGER NOT NULL,
    slots INTEGER,
    tokens_per_s REAL NOT NULL,
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (host, model, window)
) STRICT, WITHOUT ROWID;
";

/// What was found for a model on a host with one window.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedRow {
    /// Address of the server.
    pub host: String,
    pub model: String,
    /// Tokens.
    pub window: u32,
    /// Calls in flight that served best.
    pub calls_at_a_time: u32,
    /// Calls the server really works on at once; none where it could not be told.
    pub slots: Option<u32>,
    /// Output tokens a second with that many calls, all together.
    pub tokens_per_s: f32,
    /// Unix time in milliseconds.
    pub measured_ms: i64,
}

/// Stores a finding in place of the earlier one of the same host, model and window.
pub fn set(conn: &Connection, learned: &LearnedRow) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO learned (host, model, window, calls_at_a_time, slots, tokens_per_s, measured_ms)
         VALUES (:host, :model, :window, :calls, :slots, :tokens_per_s, :measured_ms)",
    )?
    .execute(named_params! {
        ":host": learned.host,
        ":model": learned.model,
        ":window": learned.window,
        ":calls": learned.calls_at_a_time,
        ":slots": learned.slots,
        ":tokens_per_s": learned.tokens_per_s,
        ":measured_ms": learned.measured_ms,
    })?;
    Ok(())
}

/// The finding for a model on a host with this window.
pub fn find(conn: &Connection, host: &str, model: &str, window: u32) -> Result<Option<LearnedRow>, StoreError> {
    let mut select = conn.prepare_cached("SELECT * FROM learned WHERE host = ?1 AND model = ?2 AND window = ?3")?;
    Ok(select.query_row((host, model, window), row).optional()?)
}

/// Findings for a model on a host with any window, newest first: a first guess for a window that was never measured.
pub fn of_model(conn: &Connection, host: &str, model: &str) -> Result<Vec<LearnedRow>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT * FROM learned WHERE host = ?1 AND model = ?2 ORDER BY measured_ms DESC, window")?;
    Ok(select.query_map((host, model), row)?.collect::<Result<_, _>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<LearnedRow> {
    Ok(LearnedRow {
        host: row.get("host")?,
        model: row.get("model")?,
        window: row.get("window")?,
        calls_at_a_time: row.get("calls_at_a_time")?,
        slots: row.get("slots")?,
        tokens_per_s: row.get("tokens_per_s")?,
        measured_ms: row.get("measured_ms")?,
    })
}
