//! Books.

use epitome_model::{BookId, BookMeta, ChapterMethod, Format, JobId, Series};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::columns::{json, to_json, variant, word};
use crate::{StoreError, job};

pub(crate) const TABLE: &str = "
CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    authors TEXT NOT NULL,
    language TEXT,
    format TEXT NOT NULL,
    method TEXT NOT NULL,
    file_name TEXT NOT NULL,
    source_hash TEXT NOT NULL UNIQUE,
    source_chars INTEGER NOT NULL,
    cover_type TEXT,
    cover BLOB,
    added_ms INTEGER NOT NULL
) STRICT;
";

pub(crate) const SERIES: &str = "
ALTER TABLE book ADD COLUMN series TEXT;
ALTER TABLE book ADD COLUMN series_number TEXT;
";

/// Format 4: a book that a person removed and may bring back, and the job that goes on then.
pub(crate) const REMOVED: &str = "
ALTER TABLE book ADD COLUMN removed_ms INTEGER;
ALTER TABLE book ADD COLUMN goes_on INTEGER;
";

/// A book to be put in.
pub struct NewBook<'a> {
    pub meta: &'a BookMeta,
    pub format: Format,
    pub method: ChapterMethod,
    pub file_name: &'a str,
    /// Hash of the file; the same file is stored once.
    pub source_hash: &'a str,
    pub source_chars: u32,
    /// Media type and content.
    pub cover: Option<(&'a str, &'a [u8])>,
    pub added_ms: i64,
}

/// A stored book.
#[derive(Clone, Debug, PartialEq)]
pub struct BookRow {
    pub id: BookId,
    pub meta: BookMeta,
    pub format: Format,
    pub method: ChapterMethod,
    pub file_name: String,
    pub source_chars: u32,
    pub added_ms: i64,
}

/// Stores a book without its sections. A file that is stored already is refused; ask [`by_hash`] first. One that was
/// removed begins anew.
pub fn insert(conn: &Connection, book: &NewBook<'_>) -> Result<BookId, StoreError> {
    make_room(conn, book.source_hash)?;
    let (cover_type, cover) = book.cover.unzip();
    conn.prepare_cached(
        "INSERT INTO book (title, authors, language, format, method, file_name, source_hash, source_chars, cover_type,
                           cover, added_ms, series, series_number)
         VALUES (:title, :authors, :language, :format, :method, :file_name, :source_hash, :source_chars, :cover_type,
                 :cover, :added_ms, :series, :series_number)",
    )?
    .execute(named_params! {
        ":title": book.meta.title,
        ":authors": to_json(&book.meta.authors)?,
        ":language": book.meta.language,
        ":format": word(book.format)?,
        ":method": word(book.method)?,
        ":file_name": book.file_name,
        ":source_hash": book.source_hash,
        ":source_chars": book.source_chars,
        ":cover_type": cover_type,
        ":cover": cover,
        ":added_ms": book.added_ms,
        ":series": book.meta.series.as_ref().map(|series| &series.name),
        ":series_number": book.meta.series.as_ref().and_then(|series| series.number.as_ref()),
    })?;
    Ok(BookId(conn.last_insert_rowid()))
}

/// Says that a book comes from another file from now on. When it was added stays, and its cover where the file has none.
pub fn set_source(conn: &Connection, id: BookId, book: &NewBook<'_>) -> Result<(), StoreError> {
    make_room(conn, book.source_hash)?;
    let (cover_type, cover) = book.cover.unzip();
    conn.prepare_cached(
        "UPDATE book SET title = :title, authors = :authors, language = :language, format = :format, method = :method,
                file_name = :file_name, source_hash = :source_hash, source_chars = :source_chars,
                cover_type = COALESCE(:cover_type, cover_type), cover = COALESCE(:cover, cover), series = :series,
                series_number = :series_number
         WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id.0,
        ":title": book.meta.title,
        ":authors": to_json(&book.meta.authors)?,
        ":language": book.meta.language,
        ":format": word(book.format)?,
        ":method": word(book.method)?,
        ":file_name": book.file_name,
        ":source_hash": book.source_hash,
        ":source_chars": book.source_chars,
        ":cover_type": cover_type,
        ":cover": cover,
        ":series": book.meta.series.as_ref().map(|series| &series.name),
        ":series_number": book.meta.series.as_ref().and_then(|series| series.number.as_ref()),
    })?;
    Ok(())
}

/// Every book with what it says of itself, newest first.
pub fn list(conn: &Connection) -> Result<Vec<(BookId, BookMeta)>, StoreError> {
    let mut select = conn.prepare_cached(
        "SELECT id, title, authors, language, series, series_number FROM book
         WHERE removed_ms IS NULL ORDER BY id DESC",
    )?;
    let rows = select.query_map([], |row| Ok((BookId(row.get("id")?), meta(row)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What a row is made of: all but the cover, which may be larger than everything else of a library's shelf.
const COLUMNS: &str =
    "id, title, authors, language, format, method, file_name, source_chars, added_ms, series, series_number";

/// A book; `None` when it was removed.
pub fn find(conn: &Connection, id: BookId) -> Result<Option<BookRow>, StoreError> {
    let mut select =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM book WHERE id = ?1 AND removed_ms IS NULL"))?;
    Ok(select.query_row([id.0], row).optional()?)
}

/// The book that came from a file with this hash.
pub fn by_hash(conn: &Connection, hash: &str) -> Result<Option<BookId>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id FROM book WHERE source_hash = ?1 AND removed_ms IS NULL")?;
    Ok(select.query_row([hash], |row| Ok(BookId(row.get(0)?))).optional()?)
}

/// Media type and content of a book's own cover.
pub fn cover(conn: &Connection, id: BookId) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let mut select = conn.prepare_cached("SELECT cover_type, cover FROM book WHERE id = ?1")?;
    let found: Option<(Option<String>, Option<Vec<u8>>)> =
        select.query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(found.and_then(|(media, bytes)| media.zip(bytes)))
}

/// Bytes of a book's own cover, told without reading it.
pub fn cover_size(conn: &Connection, id: BookId) -> Result<Option<u32>, StoreError> {
    let mut select = conn.prepare_cached("SELECT length(cover) FROM book WHERE id = ?1 AND cover_type IS NOT NULL")?;
    Ok(select.query_row([id.0], |row| row.get(0)).optional()?.flatten())
}

/// Whether a book is there.
pub fn exists(conn: &Connection, id: BookId) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM book WHERE id = ?1 AND removed_ms IS NULL")?.exists([id.0])?)
}

/// Takes a book off the shelf, at a Unix time in milliseconds, and stops its jobs. It is there as if it were not, until it
/// is brought back by [`restore`] or deleted by [`delete_removed`].
pub fn put_away(conn: &Connection, id: BookId, at_ms: i64) -> Result<(), StoreError> {
    let working = job::working(conn, id)?;
    conn.prepare_cached("UPDATE book SET removed_ms = ?2, goes_on = ?3 WHERE id = ?1 AND removed_ms IS NULL")?
        .execute((id.0, at_ms, working.map(|job| job.0)))?;
    job::stop_working(conn, id)
}

/// Brings a removed book back, with the job that was at work on it; `None` where it was deleted meanwhile.
pub fn restore(conn: &Connection, id: BookId) -> Result<Option<Option<JobId>>, StoreError> {
    let mut select = conn.prepare_cached("SELECT goes_on FROM book WHERE id = ?1")?;
    let goes_on = select.query_row([id.0], |row| row.get::<_, Option<i64>>(0)).optional()?;
    conn.prepare_cached("UPDATE book SET removed_ms = NULL, goes_on = NULL WHERE id = ?1")?.execute([id.0])?;
    Ok(goes_on.map(|job| job.map(JobId)))
}

/// Whether there are books for [`delete_removed`].
pub fn any_removed(conn: &Connection, before_ms: i64) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM book WHERE removed_ms < ?1")?.exists([before_ms])?)
}

/// Deletes the books that were removed before a Unix time in milliseconds; gives how many.
pub fn delete_removed(conn: &Connection, before_ms: i64) -> Result<usize, StoreError> {
    Ok(conn.prepare_cached("DELETE FROM book WHERE removed_ms < ?1")?.execute([before_ms])?)
}

/// A removed book does not stand in the way of its own file.
fn make_room(conn: &Connection, hash: &str) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM book WHERE source_hash = ?1 AND removed_ms IS NOT NULL")?.execute([hash])?;
    Ok(())
}

/// Deletes a book, with everything made from it.
pub fn remove(conn: &Connection, id: BookId) -> Result<(), StoreError> {
    conn.prepare_cached("DELETE FROM book WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

pub(crate) fn row(row: &Row<'_>) -> rusqlite::Result<BookRow> {
    Ok(BookRow {
        id: BookId(row.get("id")?),
        meta: meta(row)?,
        format: variant(row, "format")?,
        method: variant(row, "method")?,
        file_name: row.get("file_name")?,
        source_chars: row.get("source_chars")?,
        added_ms: row.get("added_ms")?,
    })
}

fn meta(row: &Row<'_>) -> rusqlite::Result<BookMeta> {
    Ok(BookMeta {
        title: row.get("title")?,
        authors: json(row, "authors")?,
        language: row.get("language")?,
        series: series(row)?,
    })
}

fn series(row: &Row<'_>) -> rusqlite::Result<Option<Series>> {
    let name: Option<String> = row.get("series")?;
    let number = row.get("series_number")?;
    Ok(name.map(|name| Series { name, number }))
}
