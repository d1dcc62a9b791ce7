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

/// A section where it stands after a change of its book.
pub struct Placed<'a> {
    /// The stored section it is, which keeps everything made from it; none for a new one.
    pub id: Option<SectionId>,
    pub title: &'a str,
    pub part: Option<&'a str>,
    pub left_out: Option<LeftOutReason>,
    /// Its text and the Unicode scalar values of that; a stored section without one keeps its own.
    pub text: Option<(&'a str, u32)>,
}

/// Gives a book these sections in this order and counts its chapters anew. What is not among them goes, with everything
/// made from it.
pub fn arrange(conn: &Connection, book: BookId, placed: &[Placed<'_>]) -> Result<(), StoreError> {
    // Two sections never have the same place, so all of them step aside first.
    conn.prepare_cached("UPDATE section SET position = -1 - position WHERE book_id = ?1")?.execute([book.0])?;
    let mut number = 0;
    for (position, part) in (0..).zip(placed) {
        number += u32::from(part.left_out.is_none());
        let number = part.left_out.is_none().then_some(number);
        let (text, chars) = part.text.unzip();
        let Some(id) = part.id else {
            let new = NewSection {
                book,
                position,
                number,
                title: part.title,
                part: part.part,
                chars: chars.unwrap_or_default(),
                left_out: part.left_out,
                text: text.unwrap_or_default(),
            };
            insert(conn, &new)?;
            continue;
        };
        let changed = conn
            .prepare_cached(
                "UPDATE section SET position = :position, number = :number, title = :title, part = :part,
                        left_out = :left_out, text = COALESCE(:text, text), chars = COALESCE(:chars, chars)
                 WHERE id = :id AND book_id = :book",
            )?
            .execute(named_params! {
                ":position": position,
                ":number": number,
                ":title": part.title,
                ":part": part.part,
                ":left_out": part.left_out.map(word).transpose()?,
                ":text": text,
                ":chars": chars,
                ":id": id.0,
                ":book": book.0,
            })?;
        if changed == 0 {
            return Err(StoreError::Unreadable(format!("section {id} of book {book} is not there")));
        }
    }
    conn.prepare_cached("DELETE FROM section WHERE book_id = ?1 AND position < 0")?.execute([book.0])?;
    Ok(())
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

/// The book a section is of.
pub fn book(conn: &Connection, id: SectionId) -> Result<Option<BookId>, StoreError> {
    let mut select = conn.prepare_cached("SELECT book_id FROM section WHERE id = ?1")?;
    Ok(select.query_row([id.0], |row| Ok(BookId(row.get(0)?))).optional()?)
}

/// A section's title, as the source has it.
pub fn title(conn: &Connection, id: SectionId) -> Result<Option<String>, StoreError> {
    let mut select = conn.prepare_cached("SELECT title FROM section WHERE id = ?1")?;
    Ok(select.query_row([id.0], |row| row.get(0)).optional()?)
}

/// Shows every section of a book with its text, in reading order.
pub fn each(conn: &Connection, book: BookId, mut see: impl FnMut(SectionRow, String)) -> Result<(), StoreError> {
    let mut select = conn.prepare_cached("SELECT * FROM section WHERE book_id = ?1 ORDER BY position")?;
    let mut rows = select.query([book.0])?;
    while let Some(found) = rows.next()? {
        see(row(found)?, found.get("text")?);
    }
    Ok(())
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
