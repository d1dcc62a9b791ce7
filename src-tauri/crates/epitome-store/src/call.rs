//! Finished calls by their key: what was paid for once is not paid for again.

use epitome_model::{CallId, CallKind, JobId, ProviderKind, Usage};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::StoreError;
use crate::columns::{to_json, variant, word};

pub(crate) const TABLE: &str = "
CREATE TABLE call (
    id INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    chapter INTEGER,
    kind TEXT NOT NULL,
    place INTEGER NOT NULL,
    key TEXT NOT NULL UNIQUE,
    output TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    load_ms INTEGER NOT NULL,
    prompt_ms INTEGER NOT NULL,
    output_ms INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    finished_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX call_job ON call (job_id);
";

/// A call that was answered.
#[derive(Clone, Debug, PartialEq)]
pub struct NewCall {
    pub job: JobId,
    /// Place of the chapter in reading order; none for the synopsis.
    pub chapter: Option<u32>,
    pub kind: CallKind,
    /// Piece or group, from 0.
    pub place: u32,
    pub key: String,
    pub output: String,
    pub attempts: u32,
    pub usage: Usage,
    pub provider: ProviderKind,
    pub model: String,
    pub finished_ms: i64,
}

/// Stores an answer; the first answer of a key stays.
pub fn record(conn: &Connection, call: &NewCall) -> Result<CallId, StoreError> {
    conn.prepare_cached(
        "INSERT INTO call (job_id, chapter, kind, place, key, output, attempts, prompt_tokens, output_tokens, load_ms,
                           prompt_ms, output_ms, total_ms, provider, model, finished_ms)
         VALUES (:job, :chapter, :kind, :place, :key, :output, :attempts, :prompt_tokens, :output_tokens, :load_ms,
                 :prompt_ms, :output_ms, :total_ms, :provider, :model, :finished_ms)
         ON CONFLICT (key) DO NOTHING",
    )?
    .execute(named_params! {
        ":job": call.job.0,
        ":chapter": call.chapter,
        ":kind": call.kind.name(),
        ":place": call.place,
        ":key": call.key,
        ":output": call.output,
        ":attempts": call.attempts,
        ":prompt_tokens": call.usage.prompt_tokens,
        ":output_tokens": call.usage.output_tokens,
        ":load_ms": call.usage.load_ms,
        ":prompt_ms": call.usage.prompt_ms,
        ":output_ms": call.usage.output_ms,
        ":total_ms": call.usage.total_ms,
        ":provider": word(call.provider)?,
        ":model": call.model,
        ":finished_ms": call.finished_ms,
    })?;
    let mut select = conn.prepare_cached("SELECT id FROM call WHERE key = ?1")?;
    Ok(CallId(select.query_row([&call.key], |row| row.get(0))?))
}

/// A stored answer and who gave it, which need not be the provider the job asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub output: String,
    pub provider: ProviderKind,
    pub model: String,
}

/// The stored answer of a key, its words only.
pub fn find_output(conn: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut select = conn.prepare_cached("SELECT output FROM call WHERE key = ?1")?;
    Ok(select.query_row([key], |row| row.get(0)).optional()?)
}

/// The stored answer of a key.
pub fn find(conn: &Connection, key: &str) -> Result<Option<Stored>, StoreError> {
    let mut select = conn.prepare_cached("SELECT output, provider, model FROM call WHERE key = ?1")?;
    Ok(select.query_row([key], stored).optional()?)
}

/// The stored answers of many keys in one statement, each in its key's place.
pub fn find_outputs(conn: &Connection, keys: &[&str]) -> Result<Vec<Option<Stored>>, StoreError> {
    let mut found = vec![None; keys.len()];
    let mut select = conn.prepare_cached(
        "SELECT wanted.key AS place, output, provider, model FROM json_each(?1) AS wanted
         CROSS JOIN call ON call.key = wanted.value",
    )?;
    let mut rows = select.query([to_json(&keys)?])?;
    while let Some(row) = rows.next()? {
        let place: u32 = row.get("place")?;
        if let Some(slot) = found.get_mut(place as usize) {
            *slot = Some(stored(row)?);
        }
    }
    Ok(found)
}

/// Calls stored for a job.
pub fn count(conn: &Connection, job: JobId) -> Result<u32, StoreError> {
    let mut select = conn.prepare_cached("SELECT count(*) FROM call WHERE job_id = ?1")?;
    Ok(select.query_row([job.0], |row| row.get(0))?)
}

pub(crate) fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored { output: row.get("output")?, provider: variant(row, "provider")?, model: row.get("model")? })
}

/// Milliseconds each chapter of a job took, from the sending of its first call to the end of its last; of chapters whose
/// calls the job made itself.
pub fn chapter_times(conn: &Connection, job: JobId) -> Result<Vec<u32>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT MAX(finished_ms) - MIN(finished_ms - total_ms) FROM call
         WHERE job_id = ?1 AND chapter IS NOT NULL GROUP BY chapter",
    )?;
    let times = select.query_map([job.0], |row| row.get::<_, i64>(0))?;
    times.map(|time| Ok(u32::try_from(time?.max(0)).unwrap_or(u32::MAX))).collect()
}
