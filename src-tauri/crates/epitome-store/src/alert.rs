//! Alerts of jobs, kept until a person has seen them.

use epitome_model::{Alert, JobId, KeptAlert};
use rusqlite::Connection;

use crate::StoreError;
use crate::columns::{variant, word};

/// Format 4.
pub(crate) const TABLE: &str = "
CREATE TABLE alert (
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    kind TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    cause TEXT NOT NULL,
    hint TEXT NOT NULL,
    over_ms INTEGER,
    seen INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (job_id, kind, since_ms)
) STRICT, WITHOUT ROWID;
";

/// Alerts of a job that are kept: a night of one that comes and goes is told by the last of them.
const KEPT: u32 = 20;

/// Keeps an alert that begins; the oldest of the job go where there are too many.
pub fn begin(conn: &Connection, job: JobId, alert: &Alert) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT OR IGNORE INTO alert (job_id, kind, since_ms, cause, hint) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute((job.0, word(alert.kind)?, alert.since_ms, &alert.cause, &alert.hint))?;
    conn.prepare_cached(
        "DELETE FROM alert WHERE job_id = ?1 AND since_ms <
            (SELECT since_ms FROM alert WHERE job_id = ?1 ORDER BY since_ms DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute((job.0, KEPT - 1))?;
    Ok(())
}

/// An alert is over; one that was seen need not be kept any more.
pub fn end(conn: &Connection, job: JobId, alert: &Alert, at_ms: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE alert SET over_ms = ?4 WHERE job_id = ?1 AND kind = ?2 AND since_ms = ?3")?
        .execute((job.0, word(alert.kind)?, alert.since_ms, at_ms))?;
    forget(conn, job)
}

/// Whatever stood in a job is over: another run of it begins.
pub fn end_all(conn: &Connection, job: JobId, at_ms: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE alert SET over_ms = ?2 WHERE job_id = ?1 AND over_ms IS NULL")?
        .execute((job.0, at_ms))?;
    forget(conn, job)
}

/// A person has seen an alert. While it stands it stays, so that nobody is told of it anew.
pub fn see(conn: &Connection, job: JobId, alert: &Alert) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE alert SET seen = 1 WHERE job_id = ?1 AND kind = ?2 AND since_ms = ?3")?.execute((
        job.0,
        word(alert.kind)?,
        alert.since_ms,
    ))?;
    forget(conn, job)
}

fn forget(conn: &Connection, job: JobId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM alert WHERE job_id = ?1 AND seen AND over_ms IS NOT NULL")?.execute([job.0])?;
    Ok(())
}

/// Alerts that nobody has seen or that still stand, oldest first, of the books on the shelf. In a job that has ended none
/// stands.
pub fn kept(conn: &Connection) -> Result<Vec<KeptAlert>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT alert.*, over_ms IS NOT NULL OR job.state IN ('done', 'incomplete', 'stopped') AS is_over
         FROM alert JOIN job ON job.id = alert.job_id JOIN book ON book.id = job.book_id
         WHERE book.removed_ms IS NULL ORDER BY since_ms, job_id, kind",
    )?;
    let rows = select.query_map([], |row| {
        let alert = Alert {
            kind: variant(row, "kind")?,
            since_ms: row.get("since_ms")?,
            cause: row.get("cause")?,
            hint: row.get("hint")?,
        };
        Ok(KeptAlert { job: JobId(row.get("job_id")?), alert, over: row.get("is_over")?, seen: row.get("seen")? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
