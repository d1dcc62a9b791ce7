//! Puts rows that were saved one by one into an order the program can work with.

use epitome_model::{JobSettings, ProviderKind};
use rusqlite::{Connection, Row};

use crate::columns::{to_json, variant, word};
use crate::salvage::Lost;
use crate::{StoreError, book, call, chapter, event, job, section, summary};

/// What a row of a table must be readable as.
type Reads = fn(&Row<'_>) -> rusqlite::Result<()>;

const UNDERSTOOD: [(&str, Reads); 7] = [
    ("book", |row| book::row(row).map(drop)),
    ("section", |row| section::row(row).and_then(|_| row.get::<_, String>("text")).map(drop)),
    ("job", |row| job::row(row).map(drop)),
    ("job_chapter", |row| chapter::row(row).map(drop)),
    ("call", |row| call::stored(row).map(drop)),
    ("summary", |row| summary::row(row).map(drop)),
    ("event", |row| event::row(row).map(drop)),
];

/// Whether every row can be read as what it should be.
pub(crate) fn is_understood(conn: &Connection) -> Result<bool, StoreError> {
    for (table, reads) in UNDERSTOOD {
        if !strange(conn, table, reads)?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Drops what cannot be understood, puts something in the place of books and jobs that are missing, and drops what
/// then still has nothing to belong to. `foreign_keys` must be off, for nothing may go with a row that goes.
pub(crate) fn mend(conn: &Connection, lost: &mut Lost) -> Result<(), StoreError> {
    for (table, reads) in UNDERSTOOD {
        lost.rows += drop_strange(conn, table, reads)?;
    }
    // A text of which something is missing or cannot be read has another length than it was stored with.
    conn.execute("UPDATE section SET chars = length(text) WHERE chars <> length(text)", [])?;
    let standing_in = stand_in_books(conn)?;
    stand_in_sections(conn)?;
    stand_in_jobs(conn)?;
    // An event can do without its chapter.
    conn.execute("UPDATE event SET section_id = NULL WHERE section_id NOT IN (SELECT id FROM section)", [])?;
    for (table, parent, column) in [
        ("section", "book", "book_id"),
        ("job", "book", "book_id"),
        ("job_chapter", "job", "job_id"),
        ("job_chapter", "section", "section_id"),
        ("call", "job", "job_id"),
        ("summary", "book", "book_id"),
        ("summary", "job", "job_id"),
        ("summary", "section", "section_id"),
        ("event", "job", "job_id"),
    ] {
        let sql = format!(
            "DELETE FROM {table} WHERE {column} IS NOT NULL
             AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {parent}.id = {table}.{column})"
        );
        lost.rows += number(conn.execute(&sql, [])?);
    }
    // The same file is stored once; under another hash, the file of an incomplete book can be added again.
    let incomplete = conn.execute(
        "UPDATE book SET source_hash = 'incomplete ' || id || ' ' || source_hash
         WHERE source_chars <> (SELECT coalesce(sum(chars), 0) FROM section WHERE book_id = book.id)",
        [],
    )?;
    lost.incomplete_books = number(incomplete) + standing_in;
    Ok(())
}

/// Drops rows that every list they are in would trip over.
fn drop_strange(conn: &Connection, table: &str, reads: Reads) -> Result<u32, StoreError> {
    let strange = strange(conn, table, reads)?;
    let (first, second) = key(table);
    let mut delete = conn.prepare(&format!("DELETE FROM {table} WHERE {first} = ?1 AND {second} = ?2"))?;
    for key in &strange {
        delete.execute(*key)?;
    }
    Ok(number(strange.len()))
}

/// Keys of the rows that cannot be read.
fn strange(conn: &Connection, table: &str, reads: Reads) -> Result<Vec<(i64, i64)>, StoreError> {
    let (first, second) = key(table);
    let mut strange = Vec::new();
    let mut select = conn.prepare(&format!("SELECT * FROM {table}"))?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        if reads(row).is_err() {
            strange.push((row.get(first)?, row.get(second)?));
        }
    }
    Ok(strange)
}

fn key(table: &str) -> (&'static str, &'static str) {
    if table == "job_chapter" { ("job_id", "section_id") } else { ("id", "id") }
}

/// A book for every text or summary whose book is gone, so that it can still be read.
fn stand_in_books(conn: &Connection) -> Result<u32, StoreError> {
    let made = conn.execute(
        "INSERT INTO book (id, title, authors, language, format, method, file_name, source_hash, source_chars, added_ms)
         SELECT gone.id, 'Recovered book ' || gone.id, '[]', NULL, 'text', 'whole', '', 'recovered ' || gone.id,
                (SELECT coalesce(sum(chars), 0) FROM section WHERE book_id = gone.id),
                (SELECT coalesce(min(written_ms), 0) FROM summary WHERE book_id = gone.id)
         FROM (SELECT book_id AS id FROM section UNION SELECT book_id FROM summary) AS gone
         WHERE gone.id NOT IN (SELECT id FROM book)",
        [],
    )?;
    Ok(number(made))
}

/// A chapter without text for every summary whose chapter is gone. Chapters of a book are numbered one after the other
/// when it is added, so the place of the one before tells its place.
fn stand_in_sections(conn: &Connection) -> Result<(), StoreError> {
    conn.execute(
        "INSERT OR IGNORE INTO section (id, book_id, position, number, title, part, chars, left_out, text)
         SELECT gone.id, gone.book_id,
                coalesce((SELECT position + gone.id - section.id FROM section
                          WHERE section.book_id = gone.book_id AND section.id < gone.id ORDER BY section.id DESC LIMIT 1),
                         gone.id), NULL, gone.title, NULL, 0, NULL, ''
         FROM (SELECT section_id AS id, book_id, max(title) AS title FROM summary
               WHERE section_id IS NOT NULL GROUP BY section_id) AS gone
         WHERE gone.id NOT IN (SELECT id FROM section)",
        [],
    )?;
    Ok(())
}

/// A job that is over for every summary or chapter whose job is gone: its calls belong to it, and are not paid again.
fn stand_in_jobs(conn: &Connection) -> Result<(), StoreError> {
    let mut select = conn.prepare(
        "SELECT gone.id, min(gone.book_id) AS book_id, coalesce(min(gone.at_ms), 0) AS at_ms,
                coalesce(min(gone.provider), (SELECT provider FROM call WHERE job_id = gone.id)) AS provider,
                coalesce(min(gone.model), (SELECT model FROM call WHERE job_id = gone.id)) AS model
         FROM (SELECT job_id AS id, book_id, written_ms AS at_ms, provider, model FROM summary
               UNION ALL SELECT job_id, book_id, NULL, NULL, NULL
               FROM job_chapter JOIN section ON section.id = section_id) AS gone
         WHERE gone.id NOT IN (SELECT id FROM job) GROUP BY gone.id",
    )?;
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        let provider = variant(row, "provider").unwrap_or(ProviderKind::Ollama);
        let model: Option<String> = row.get("model")?;
        let settings = JobSettings { provider, model: model.unwrap_or_default(), ..JobSettings::default() };
        conn.execute(
            "INSERT INTO job (id, book_id, settings, state, wanted, generation, created_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6)",
            (
                row.get::<_, i64>("id")?,
                row.get::<_, i64>("book_id")?,
                to_json(&settings)?,
                word(epitome_model::JobState::Stopped)?,
                word(epitome_model::Wanted::Stop)?,
                row.get::<_, i64>("at_ms")?,
            ),
        )?;
    }
    Ok(())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
