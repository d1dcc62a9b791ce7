//! The last vital signs of each job, so that another process can show them.

use epitome_model::{JobId, Vitals};
use rusqlite::{Connection, OptionalExtension};

use crate::StoreError;
use crate::columns::{json, to_json};

pub(crate) const TABLE: &str = "
CREATE TABLE live (
    job_id INTEGER PRIMARY KEY REFERENCES job ON DELETE CASCADE,
    vitals TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT;
";

/// Stores the vital signs of a job in place of the earlier ones.
pub fn write(conn: &Connection, job: JobId, vitals: &Vitals, at_ms: i64) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO live (job_id, vitals, at_ms) VALUES (?1, ?2, ?3)
         ON CONFLICT (job_id) DO UPDATE SET vitals = ?2, at_ms = ?3",
    )?
    .execute((job.0, to_json(vitals)?, at_ms))?;
    Ok(())
}

/// Vital signs as another process wrote them; none when it never did, or when a newer version wrote them otherwise.
pub fn read(conn: &Connection, job: JobId) -> Result<Option<Vitals>, StoreError> {
    let mut select = conn.prepare_cached("SELECT vitals FROM live WHERE job_id = ?1")?;
    let found = select.query_row([job.0], |row| Ok(json(row, "vitals").ok())).optional()?;
    Ok(found.flatten())
}
