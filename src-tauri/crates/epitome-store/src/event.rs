//! What happened in a job, in plain sentences.

use epitome_model::{Event, EventLevel, JobId, SectionId};
use rusqlite::{Connection, Row};

use crate::StoreError;
use crate::columns::{variant, word};

pub(crate) const TABLE: &str = "
CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    level TEXT NOT NULL,
    text TEXT NOT NULL,
    section_id INTEGER REFERENCES section ON DELETE CASCADE
) STRICT;
CREATE INDEX event_job ON event (job_id, id);
CREATE INDEX event_section ON event (section_id);
";

/// Stores an event, at a Unix time in milliseconds, and gives its number; numbers rise.
pub fn insert(
    conn: &Connection,
    job: JobId,
    at_ms: i64,
    level: EventLevel,
    text: &str,
    section: Option<SectionId>,
) -> Result<i64, StoreError> {
    conn.prepare_cached("INSERT INTO event (job_id, at_ms, level, text, section_id) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((job.0, at_ms, word(level)?, text, section.map(|section| section.0)))?;
    Ok(conn.last_insert_rowid())
}

/// The newest events of a job, oldest of them first.
pub fn last(conn: &Connection, job: JobId, most: u32) -> Result<Vec<Event>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT * FROM (SELECT * FROM event WHERE job_id = ?1 ORDER BY id DESC LIMIT ?2) ORDER BY id",
    )?;
    Ok(select.query_map((job.0, most), row)?.collect::<Result<_, _>>()?)
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: row.get("id")?,
        at_ms: row.get("at_ms")?,
        level: variant(row, "level")?,
        text: row.get("text")?,
        section: row.get::<_, Option<i64>>("section_id")?.map(SectionId),
    })
}
