//! Figures of a run, one row a second, for its charts and its report.

use epitome_model::JobId;
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::columns::to_json;

// The rows are a kilobyte or more: as rows of a table several share a page, as keys of an index each would have its own.
pub(crate) const TABLE: &str = "
CREATE TABLE measure (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;
CREATE INDEX measure_job ON measure (job_id, at_ms);
";

/// How far back a job's figures go, in milliseconds: 4 hours, a night's run in 15 to 20 MB at the most.
pub const KEPT_MS: i64 = 4 * 60 * 60 * 1000;

/// Adds figures of a job, each with its Unix time in milliseconds, and lets go of those [`KEPT_MS`] older than the
/// newest of them.
pub fn append<T: Serialize>(conn: &Connection, job: JobId, figures: &[(i64, T)]) -> Result<(), StoreError> {
    let Some(newest) = figures.iter().map(|(at_ms, _)| *at_ms).max() else { return Ok(()) };
    let mut insert = conn.prepare_cached("INSERT INTO measure (job_id, at_ms, json) VALUES (?1, ?2, ?3)")?;
    for (at_ms, figures) in figures {
        insert.execute((job.0, at_ms, to_json(figures)?))?;
    }
    conn.prepare_cached("DELETE FROM measure WHERE job_id = ?1 AND at_ms <= ?2")?.execute((job.0, newest - KEPT_MS))?;
    Ok(())
}

/// Figures of a job from a time on, oldest first. Those another version wrote otherwise are left out.
pub fn since<T: DeserializeOwned>(conn: &Connection, job: JobId, from_ms: i64) -> Result<Vec<(i64, T)>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT at_ms, json FROM measure WHERE job_id = ?1 AND at_ms >= ?2 ORDER BY at_ms, id")?;
    let mut rows = select.query((job.0, from_ms))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(1)?.as_str().unwrap_or_default();
        if let Ok(figures) = serde_json::from_str(text) {
            found.push((row.get(0)?, figures));
        }
    }
    Ok(found)
}
