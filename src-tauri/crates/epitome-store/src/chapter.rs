//! Where each chapter of a job stands.

use epitome_model::{BookId, ChapterState, JobId, JobState, ProviderKind, SectionId, WireError};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, named_params};

use crate::StoreError;
use crate::columns::{json, to_json, variant, word};

pub(crate) const TABLE: &str = "
CREATE TABLE job_chapter (
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    section_id INTEGER NOT NULL REFERENCES section ON DELETE CASCADE,
    state TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    done INTEGER NOT NULL,
    piece_chars INTEGER,
    error TEXT,
    PRIMARY KEY (job_id, section_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX job_chapter_section ON job_chapter (section_id, job_id);
";

/// Where a chapter stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub state: ChapterState,
    pub pieces: u32,
    /// Calls planned and finished.
    pub planned: u32,
    pub done: u32,
    /// Longest piece in characters, where a server refused longer ones.
    pub piece_chars: Option<u32>,
    pub error: Option<WireError>,
}

/// A chapter of a job.
#[derive(Clone, Debug, PartialEq)]
pub struct ChapterRow {
    pub section: SectionId,
    pub progress: Progress,
}

/// Writes down where a chapter stands.
pub fn set(conn: &Connection, job: JobId, section: SectionId, progress: &Progress) -> Result<(), StoreError> {
    conn.prepare_cached(
        "INSERT INTO job_chapter (job_id, section_id, state, pieces, planned, done, piece_chars, error)
         VALUES (:job, :section, :state, :pieces, :planned, :done, :piece_chars, :error)
         ON CONFLICT (job_id, section_id) DO UPDATE SET state = :state, pieces = :pieces, planned = :planned,
            done = :done, piece_chars = :piece_chars, error = :error",
    )?
    .execute(named_params! {
        ":job": job.0,
        ":section": section.0,
        ":state": word(progress.state)?,
        ":pieces": progress.pieces,
        ":planned": progress.planned,
        ":done": progress.done,
        ":piece_chars": progress.piece_chars,
        ":error": progress.error.as_ref().map(to_json).transpose()?,
    })?;
    Ok(())
}

/// Everything known of a job's chapters.
pub fn of_job(conn: &Connection, job: JobId) -> Result<Vec<ChapterRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT section_id, state, pieces, planned, done, piece_chars, error FROM job_chapter WHERE job_id = ?1",
    )?;
    let rows = select.query_map([job.0], |row| {
        let has_error = row.get_ref(6)? != ValueRef::Null;
        let progress = Progress {
            state: variant(row, 1)?,
            pieces: row.get(2)?,
            planned: row.get(3)?,
            done: row.get(4)?,
            piece_chars: row.get(5)?,
            error: has_error.then(|| json(row, 6)).transpose()?,
        };
        Ok(ChapterRow { section: SectionId(row.get(0)?), progress })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Marks the chapters of a book that have a summary as done in a job, which then does the others only. Where an author is
/// given, a provider and a model, only what that one wrote counts.
pub fn carry(
    conn: &Connection,
    job: JobId,
    book: BookId,
    author: Option<(ProviderKind, &str)>,
) -> Result<(), StoreError> {
    let (provider, model) =
        author.map(|(provider, model)| Ok::<_, StoreError>((word(provider)?, model))).transpose()?.unzip();
    conn.prepare_cached(
        "INSERT OR IGNORE INTO job_chapter (job_id, section_id, state, pieces, planned, done)
         SELECT :job, section.id, 'done', summary.pieces, 0, 0 FROM section
         JOIN summary ON summary.id = (SELECT max(id) FROM summary WHERE section_id = section.id)
         WHERE section.book_id = :book AND section.left_out IS NULL
            AND (:provider IS NULL OR (summary.provider = :provider AND summary.model = :model))",
    )?
    .execute(named_params! { ":job": job.0, ":book": book.0, ":provider": provider, ":model": model })?;
    Ok(())
}

/// Whether a book was once done and has got chapters since then.
pub fn has_grown(conn: &Connection, book: BookId) -> Result<bool, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM job WHERE book_id = ?1 AND state = 'done' AND scope IS NULL)
            AND EXISTS (SELECT 1 FROM section WHERE book_id = ?1 AND left_out IS NULL
                AND NOT EXISTS (SELECT 1 FROM summary WHERE section_id = section.id))",
    )?;
    Ok(select.query_row([book.0], |row| row.get(0))?)
}

/// Each chapter of a book under the newest job that has something on it, with that job and its state.
pub fn newest_of_book(conn: &Connection, book: BookId) -> Result<Vec<(JobId, JobState, ChapterRow)>, StoreError> {
    newest(conn, &format!("{NEWEST} WHERE section.book_id = ?1"), book)
}

/// Of these the ones that failed, in reading order.
pub fn failed_of_book(conn: &Connection, book: BookId) -> Result<Vec<(JobId, JobState, ChapterRow)>, StoreError> {
    let failed = "WHERE section.book_id = ?1 AND section.left_out IS NULL AND job_chapter.state = 'failed'";
    newest(conn, &format!("{NEWEST} {failed} ORDER BY section.position"), book)
}

const NEWEST: &str = "
    SELECT job_chapter.*, job.state AS job_state FROM section
    JOIN job_chapter ON job_chapter.section_id = section.id AND job_chapter.job_id =
       (SELECT max(job_id) FROM job_chapter WHERE section_id = section.id)
    JOIN job ON job.id = job_chapter.job_id";

fn newest(conn: &Connection, sql: &str, book: BookId) -> Result<Vec<(JobId, JobState, ChapterRow)>, StoreError> {
    let mut select = conn.prepare_cached(sql)?;
    let rows = select
        .query_map([book.0], |found| Ok((JobId(found.get("job_id")?), variant(found, "job_state")?, row(found)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<ChapterRow> {
    Ok(ChapterRow { section: SectionId(row.get("section_id")?), progress: progress(row)? })
}

fn progress(row: &Row<'_>) -> rusqlite::Result<Progress> {
    let error: Option<String> = row.get("error")?;
    Ok(Progress {
        state: variant(row, "state")?,
        pieces: row.get("pieces")?,
        planned: row.get("planned")?,
        done: row.get("done")?,
        piece_chars: row.get("piece_chars")?,
        error: error.map(|_| json(row, "error")).transpose()?,
    })
}
