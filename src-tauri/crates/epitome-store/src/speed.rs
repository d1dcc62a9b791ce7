//! Speeds seen on this machine, for estimates.

use rusqlite::{Connection, OptionalExtension, named_params};

use crate::StoreError;

pub(crate) const TABLE: &str = "
CREATE TABLE speed (
    host TEXT NOT NULL,
    model TEXT NOT NULL,
    window INTEGER NOT NULL,
    prompt_tps REAL NOT NULL,
    output_tps REAL NOT NULL,
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (host, model, window)
) STRICT, WITHOUT ROWID;
";

/// What a model was seen to do on a host: tokens a second, all calls together.
#[derive(Clone, Debug, PartialEq)]
pub struct SpeedRow {
    pub host: String,
    pub model: String,
    pub window: u32,
    pub prompt_tps: f32,
    pub output_tps: f32,
    pub measured_ms: i64,
}

/// Stores a measurement in place of the earlier one of the same host, model and window.
pub fn set(conn: &Connection, speed: &SpeedRow) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO speed (host, model, window, prompt_tps, output_tps, measured_ms)
         VALUES (:host, :model, :window, :prompt_tps, :output_tps, :measured_ms)",
    )?
    .execute(named_params! {
        ":host": speed.host,
        ":model": speed.model,
        ":window": speed.window,
        ":prompt_tps": speed.prompt_tps,
        ":output_tps": speed.output_tps,
        ":measured_ms": speed.measured_ms,
    })?;
    Ok(())
}

/// The newest measurement of a model on a host, whatever the window.
pub fn newest(conn: &Connection, host: &str, model: &str) -> Result<Option<SpeedRow>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT * FROM speed WHERE host = ?1 AND model = ?2 ORDER BY measured_ms DESC LIMIT 1")?;
    let found = select.query_row((host, model), |row| {
        Ok(SpeedRow {
            host: row.get("host")?,
            model: row.get("model")?,
            window: row.get("window")?,
            prompt_tps: row.get("prompt_tps")?,
            output_tps: row.get("output_tps")?,
            measured_ms: row.get("measured_ms")?,
        })
    });
    Ok(found.optional()?)
}
