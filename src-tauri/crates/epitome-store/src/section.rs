//! Sections: chapters, and parts left out with a reason. Together they are the book's text.

use std::sync::Arc;

use epitome_model::{BookId, LeftOut, LeftOutReason, SectionId};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::StoreError;
use crate::columns::{variant, variant_or_none, word};

pub(crate) const TABLE: &str = "
CREATE TABLE section (
    id INTEGER PRIMARY KEY,
    book_id INTEGER NOT NULL REFERENCES book ON DELETE CASCADE,
    position INTEGER NOT NULL,
    number INTEGER,
    title TEXT NOT NULL,
    part TEXT,
    chars INTEGER NOT NULL,
    left_out TEXT,
    text TEXT NOT NULL,
    UNIQUE (book_id, position)
) STRICT;
";

/// Format 2: everything a list shows, so that it does not turn over the pages of a whole book's text.
pub(crate) const LIST_INDEX: &str = "
CREATE INDEX section_list ON section (book_id, position, number, title, part, chars, left_out);
";

pub(crate) const LIST: &str =
    "SELECT id, number, title, part, chars, left_out FROM section WHERE book_id = ?1 ORDER BY position";

/// A section to be put in.
pub struct NewSection<'a> {
    pub book: BookId,
    /// Place in the source, from 0.
    pub position: u32,
    /// Chapter number, from 1; none for a part left out.
    pub number: Option<u32>,
    pub title: &'a str,
    pub part: Option<&'a str>,
    /// Unicode scalar values of `text`.
    pub chars: u32,
    pub left_out: Option<LeftOutReason>,
    pub text: &'a str,
}

/// A stored section without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SectionRow {
    pub id: SectionId,
    pub number: Option<u32>,
    pub title: String,
    pub part: Option<String>,
    pub chars: u32,
    pub left_out: Option<LeftOutReason>,
}

/// Stores a section; two of a book cannot have the same place.
pub fn insert(conn: &Connection, section: &NewSection<'_>) -> Result<SectionId, StoreError> {
    conn.prepare_cached(
        "INSERT INTO section (book_id, position, number, title, part, chars, left_out, text)
         VALUES (:book, :position, :number, :title, :part, :chars, :left_out, :text)",
    )?
    .execute(named_params! {
        ":book": section.book.0,
        ":position": section.position,
        ":number": section.number,
        ":title": section.title,
        ":part": section.part,
        ":chars": section.chars,
        ":left_out": section.left_out.map(word).transpose()?,
        ":text": section.text,
    })?;
    Ok(SectionId(conn.last_insert_rowid()))
}

/// All sections of a book in reading order.
pub fn list(conn: &Connection, book: BookId) -> Result<Vec<SectionRow>, StoreError> {
    let mut select = conn.prepare_cached(LIST)?;
    let rows = select.query_map([book.0], |row| {
        Ok(SectionRow {
            id: SectionId(row.get(0)?),
            number: row.get(1)?,
            title: row.get(2)?,
            part: row.get(3)?,
            chars: row.get(4)?,
            left_out: variant_or_none(row, 5)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The parts left out of a book, in reading order.
pub fn left_out(conn: &Connection, book: BookId) -> Result<Vec<LeftOut>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT title, chars, left_out FROM section WHERE book_id = ?1 AND left_out IS NOT NULL ORDER BY position",
    )?;
    let rows = select
        .query_map([book.0], |row| Ok(LeftOut { title: row.get(0)?, chars: row.get(1)?, reason: variant(row, 2)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A section's title, as the source has it.
pub fn title(conn: &Connection, id: SectionId) -> Result<Option<String>, StoreError> {
    let mut select = conn.prepare_cached("SELECT title FROM section WHERE id = ?1")?;
    Ok(select.query_row([id.0], |row| row.get(0)).optional()?)
}

/// A section's text.
pub fn text(conn: &Connection, id: SectionId) -> Result<Option<Arc<str>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT text FROM section WHERE id = ?1")?;
    Ok(select.query_row([id.0], |row| Ok(row.get_ref(0)?.as_str()?.into())).optional()?)
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<SectionRow> {
    Ok(SectionRow {
        id: SectionId(row.get("id")?),
        number: row.get("number")?,
        title: row.get("title")?,
        part: row.get("part")?,
        chars: row.get("chars")?,
        left_out: variant_or_none(row, "left_out")?,
    })
}
