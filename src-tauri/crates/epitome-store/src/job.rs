//! Jobs: one book summarised with one set of settings.

use epitome_model::{BookId, JobId, JobSettings, JobState, SectionId, Wanted};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::StoreError;
use crate::columns::{json, to_json, variant, word};

pub(crate) const TABLE: &str = "
CREATE TABLE job (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    settings TEXT NOT NULL,
    state TEXT NOT NULL,
    wanted TEXT NOT NULL,
    reason TEXT,
    scope TEXT,
    generation INTEGER NOT NULL,
    window INTEGER,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER,
    finished_ms INTEGER
) STRICT;
CREATE INDEX job_book ON job (book_id, id);
";

/// Format 2: what a start goes on with, found without reading the jobs that are over.
pub(crate) const UNFINISHED_INDEX: &str = "
CREATE INDEX job_unfinished ON job (id) WHERE state IN ('waiting', 'running', 'unreachable');
";

/// The characters a token was taken to hold when the job was planned; format 2.
pub(crate) const CHARS_PER_TOKEN: &str = "ALTER TABLE job ADD COLUMN chars_per_token REAL;";

/// States in which a job is still to be worked on.
const UNFINISHED: &str = "state IN ('waiting', 'running', 'unreachable')";

/// A job to be put in; it begins as waiting.
pub struct NewJob<'a> {
    pub book: BookId,
    pub settings: &'a JobSettings,
    /// Only these chapters; all when absent.
    pub scope: Option<&'a [SectionId]>,
    /// 0, or a number of its own for a job that asks everything anew.
    pub generation: i64,
    pub created_ms: i64,
}

/// A stored job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRow {
    pub id: JobId,
    pub book: BookId,
    pub settings: JobSettings,
    pub state: JobState,
    pub wanted: Wanted,
    pub reason: Option<String>,
    pub scope: Option<Vec<SectionId>>,
    pub generation: i64,
    /// Window all its calls run with, in tokens, and the characters a token was taken to hold when it was planned; kept,
    /// so that a resumed job is planned as the interrupted one was.
    pub window: Option<u32>,
    pub chars_per_token: Option<f32>,
    pub started_ms: Option<i64>,
}

/// Stores a job that waits and is wanted to run.
pub fn insert(conn: &Connection, job: &NewJob<'_>) -> Result<JobId, StoreError> {
    conn.prepare_cached(
        "INSERT INTO job (book_id, settings, state, wanted, scope, generation, created_ms)
         VALUES (:book, :settings, 'waiting', 'run', :scope, :generation, :created_ms)",
    )?
    .execute(named_params! {
        ":book": job.book.0,
        ":settings": to_json(job.settings)?,
        ":scope": job.scope.map(|scope| to_json(&scope)).transpose()?,
        ":generation": job.generation,
        ":created_ms": job.created_ms,
    })?;
    Ok(JobId(conn.last_insert_rowid()))
}

/// A job; `None` when it went with its book.
pub fn find(conn: &Connection, id: JobId) -> Result<Option<JobRow>, StoreError> {
    Ok(conn.prepare_cached("SELECT * FROM job WHERE id = ?1")?.query_row([id.0], row).optional()?)
}

/// Jobs to be gone on with, oldest first.
pub fn unfinished(conn: &Connection) -> Result<Vec<JobRow>, StoreError> {
    let mut select = conn.prepare_cached(&unfinished_sql())?;
    Ok(select.query_map([], row)?.collect::<Result<_, _>>()?)
}

pub(crate) fn unfinished_sql() -> String {
    format!("SELECT * FROM job WHERE {UNFINISHED} AND wanted = 'run' ORDER BY id")
}

/// Jobs of a book, oldest first.
pub fn of_book(conn: &Connection, book: BookId) -> Result<Vec<JobRow>, StoreError> {
    let mut select = conn.prepare_cached("SELECT * FROM job WHERE book_id = ?1 ORDER BY id")?;
    Ok(select.query_map([book.0], row)?.collect::<Result<_, _>>()?)
}

/// Asks every job of a book that is not over to stop; those that nobody runs are stopped by this.
pub fn stop_unfinished(conn: &Connection, book: BookId) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE job SET wanted = 'stop', state = CASE WHEN state = 'running' THEN state ELSE 'stopped' END
         WHERE book_id = ?1 AND ({UNFINISHED} OR state = 'paused')"
    );
    conn.prepare_cached(&sql)?.execute([book.0])?;
    Ok(())
}

/// The newest job of a book that is to be worked on.
pub fn working(conn: &Connection, book: BookId) -> Result<Option<JobId>, StoreError> {
    let sql = format!("SELECT max(id) FROM job WHERE book_id = ?1 AND {UNFINISHED} AND wanted = 'run'");
    let id: Option<i64> = conn.prepare_cached(&sql)?.query_row([book.0], |row| row.get(0))?;
    Ok(id.map(JobId))
}

/// Asks every job of a book that is to be worked on to stop; those that nobody runs are stopped by this. One that is paused
/// stays so.
pub fn stop_working(conn: &Connection, book: BookId) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE job SET wanted = 'stop', state = CASE WHEN state = 'waiting' THEN 'stopped' ELSE state END
         WHERE book_id = ?1 AND {UNFINISHED}"
    );
    conn.prepare_cached(&sql)?.execute([book.0])?;
    Ok(())
}

/// Replaces the settings it goes on with.
pub fn set_settings(conn: &Connection, id: JobId, settings: &JobSettings) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET settings = ?2 WHERE id = ?1")?.execute((id.0, to_json(settings)?))?;
    Ok(())
}

/// What the person wants of it; whoever runs it reads this.
pub fn set_wanted(conn: &Connection, id: JobId, wanted: Wanted) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET wanted = ?2 WHERE id = ?1")?.execute((id.0, word(wanted)?))?;
    Ok(())
}

/// Where it stands, and why where it does not go on.
pub fn set_state(conn: &Connection, id: JobId, state: JobState, reason: Option<&str>) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET state = ?2, reason = ?3 WHERE id = ?1")?.execute((
        id.0,
        word(state)?,
        reason,
    ))?;
    Ok(())
}

/// Notes when it began; the first time stays.
pub fn set_started(conn: &Connection, id: JobId, at_ms: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET started_ms = COALESCE(started_ms, ?2) WHERE id = ?1")?
        .execute((id.0, at_ms))?;
    Ok(())
}

/// Notes when it ended, as a Unix time in milliseconds.
pub fn set_finished(conn: &Connection, id: JobId, at_ms: i64) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET finished_ms = ?2 WHERE id = ?1")?.execute((id.0, at_ms))?;
    Ok(())
}

/// Notes what it was planned with: the window of all its calls in tokens, and the characters a token was taken to hold.
pub fn set_plan(conn: &Connection, id: JobId, window: Option<u32>, chars_per_token: f32) -> Result<(), StoreError> {
    conn.prepare_cached("UPDATE job SET window = ?2, chars_per_token = ?3 WHERE id = ?1")?.execute((
        id.0,
        window,
        chars_per_token,
    ))?;
    Ok(())
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<JobRow> {
    let scoped: Option<String> = row.get("scope")?;
    Ok(JobRow {
        id: JobId(row.get("id")?),
        book: BookId(row.get("book_id")?),
        settings: json(row, "settings")?,
        state: variant(row, "state")?,
        wanted: variant(row, "wanted")?,
        reason: row.get("reason")?,
        scope: scoped.map(|_| json(row, "scope")).transpose()?,
        generation: row.get("generation")?,
        window: row.get("window")?,
        chars_per_token: row.get("chars_per_token")?,
        started_ms: row.get("started_ms")?,
    })
}
