//! Summaries, every version; the newest of a chapter is the one that counts.

use std::collections::{HashMap, HashSet};

use epitome_model::{BookId, JobId, ProviderKind, SectionId};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::columns::{variant, word};
use crate::{StoreError, search};

pub(crate) const TABLE: &str = "
CREATE TABLE summary (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    section_id INTEGER REFERENCES section ON DELETE CASCADE,
    job_id INTEGER NOT NULL REFERENCES job ON DELETE CASCADE,
    title TEXT NOT NULL,
    preview TEXT NOT NULL,
    text TEXT NOT NULL,
    pieces INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    written_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX summary_section ON summary (section_id, id);
CREATE INDEX summary_book ON summary (book_id, section_id, id);
CREATE INDEX summary_job ON summary (job_id, section_id);
";

/// A summary to be put in; without a section it is the book's synopsis.
pub struct NewSummary<'a> {
    pub book: BookId,
    pub section: Option<SectionId>,
    pub job: JobId,
    pub title: &'a str,
    pub preview: &'a str,
    pub text: &'a str,
    pub pieces: u32,
    pub provider: ProviderKind,
    pub model: &'a str,
    pub written_ms: i64,
}

/// A stored summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryRow {
    pub section: Option<SectionId>,
    pub title: String,
    pub preview: String,
    pub text: String,
    pub pieces: u32,
    pub provider: ProviderKind,
    pub model: String,
    pub written_ms: i64,
}

/// Stores a version. A job has one version of each summary, so that doing its last step again changes nothing.
pub fn insert(conn: &Connection, summary: &NewSummary<'_>) -> Result<i64, StoreError> {
    conn.prepare_cached("DELETE FROM summary WHERE job_id = ?1 AND section_id IS ?2")?
        .execute((summary.job.0, summary.section.map(|section| section.0)))?;
    conn.prepare_cached(
        "INSERT INTO summary (book_id, section_id, job_id, title, preview, text, pieces, provider, model, written_ms)
         VALUES (:book, :section, :job, :title, :preview, :text, :pieces, :provider, :model, :written_ms)",
    )?
    .execute(named_params! {
        ":book": summary.book.0,
        ":section": summary.section.map(|section| section.0),
        ":job": summary.job.0,
        ":title": summary.title,
        ":preview": summary.preview,
        ":text": summary.text,
        ":pieces": summary.pieces,
        ":provider": word(summary.provider)?,
        ":model": summary.model,
        ":written_ms": summary.written_ms,
    })?;
    let id = conn.last_insert_rowid();
    search::index_summary(conn, id)?;
    Ok(id)
}

/// The newest summary of a section.
pub fn of_section(conn: &Connection, section: SectionId) -> Result<Option<SummaryRow>, StoreError> {
    let mut select = conn.prepare_cached("SELECT * FROM summary WHERE section_id = ?1 ORDER BY id DESC LIMIT 1")?;
    Ok(select.query_row([section.0], row).optional()?)
}

/// The newest synopsis of a book.
pub fn synopsis(conn: &Connection, book: BookId) -> Result<Option<SummaryRow>, StoreError> {
    let mut select = conn
        .prepare_cached("SELECT * FROM summary WHERE book_id = ?1 AND section_id IS NULL ORDER BY id DESC LIMIT 1")?;
    Ok(select.query_row([book.0], row).optional()?)
}

/// Who wrote the newest chapter summary of a book that has this text.
pub fn author_of(conn: &Connection, book: BookId, text: &str) -> Result<Option<(ProviderKind, String)>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT provider, model FROM summary WHERE book_id = ?1 AND section_id IS NOT NULL AND text = ?2
         ORDER BY id DESC LIMIT 1",
    )?;
    Ok(select.query_row((book.0, text), |row| Ok((variant(row, "provider")?, row.get("model")?))).optional()?)
}

/// What lists show of a summary.
pub(crate) struct Heading {
    pub title: String,
    pub preview: String,
}

/// Title and preview of the newest summary of each section of a book that has one.
pub(crate) fn headings(conn: &Connection, book: BookId) -> Result<HashMap<SectionId, Heading>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT section_id, title, preview FROM summary WHERE id IN
            (SELECT max(id) FROM summary WHERE book_id = ?1 AND section_id IS NOT NULL GROUP BY section_id)",
    )?;
    let rows = select.query_map([book.0], |row| {
        Ok((SectionId(row.get(0)?), Heading { title: row.get(1)?, preview: row.get(2)? }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The newest summary of each section of a book that has one.
pub fn newest(conn: &Connection, book: BookId) -> Result<Vec<SummaryRow>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT * FROM summary WHERE id IN
            (SELECT max(id) FROM summary WHERE book_id = ?1 AND section_id IS NOT NULL GROUP BY section_id)",
    )?;
    Ok(select.query_map([book.0], row)?.collect::<Result<_, _>>()?)
}

/// Sections of a book that have a summary.
pub fn sections(conn: &Connection, book: BookId) -> Result<HashSet<SectionId>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT DISTINCT section_id FROM summary WHERE book_id = ?1 AND section_id IS NOT NULL")?;
    let rows = select.query_map([book.0], |row| Ok(SectionId(row.get(0)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// `(position, title, summary)` of the next `most` chapters that have one, in reading order from a position on.
pub fn of_chapters(
    conn: &Connection,
    book: BookId,
    from: u32,
    most: u32,
) -> Result<Vec<(u32, String, String)>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT section.position, summary.title, summary.text FROM section
         JOIN summary ON summary.id = (SELECT max(id) FROM summary WHERE section_id = section.id)
         WHERE section.book_id = ?1 AND section.left_out IS NULL AND section.position >= ?2
         ORDER BY section.position LIMIT ?3",
    )?;
    let rows = select.query_map((book.0, from, most), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<SummaryRow> {
    Ok(SummaryRow {
        section: row.get::<_, Option<i64>>("section_id")?.map(SectionId),
        title: row.get("title")?,
        preview: row.get("preview")?,
        text: row.get("text")?,
        pieces: row.get("pieces")?,
        provider: variant(row, "provider")?,
        model: row.get("model")?,
        written_ms: row.get("written_ms")?,
    })
}
