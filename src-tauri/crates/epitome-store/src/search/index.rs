//! The index of words, and what is still to be put into it.
//!
//! **Invariant:** a row of `book`, `section` or `summary` is in the index as it is, or in `search_due`. Triggers see to
//! that, whoever writes the row: an import, an edit, a migration, the rebuilding of a damaged library.
//!
//! The index holds no text (`content=''`): it would double a library. It gets words folded here rather than by one of
//! FTS5's tokenizers. Measured on War and Peace, 3.3 million characters, as 559 sections in one transaction: words of
//! `unicode61` take 1.6 MB and 0.10 s, but take a Chinese sentence for one word; `trigram` takes 8.0 MB and 0.47 s, and
//! finds no word of two characters. Words folded here take as much as those of `unicode61` (2.2 MB where they come in
//! transactions of [`AT_ONCE`]) and are found in every script. Prefix indexes would take 2.9 MB more and are not needed:
//! the words that begin alike lie side by side.

use rusqlite::{Connection, OptionalExtension, Row};

use crate::StoreError;
use crate::search::fold;

/// Format 4: the index, and everything there is as still to be put into it.
pub(crate) const TABLES: &str = "
CREATE VIRTUAL TABLE search_book USING fts5 (
    title, authors, series, content='', contentless_delete=1, tokenize='ascii'
);
CREATE VIRTUAL TABLE search_section USING fts5 (
    title, text, content='', contentless_delete=1, tokenize='ascii'
);
CREATE VIRTUAL TABLE search_summary USING fts5 (
    title, preview, text, content='', contentless_delete=1, tokenize='ascii'
);
CREATE TABLE search_due (
    kind TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
INSERT INTO search_due SELECT 'book', id FROM book;
INSERT INTO search_due SELECT 'section', id FROM section;
INSERT INTO search_due SELECT 'summary', id FROM summary;
";

pub(crate) const TRIGGERS: &str = "
CREATE TRIGGER search_book_new AFTER INSERT ON book BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('book', new.id);
END;
CREATE TRIGGER search_book_changed AFTER UPDATE OF title, authors, series ON book BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('book', new.id);
END;
CREATE TRIGGER search_book_gone AFTER DELETE ON book BEGIN
    DELETE FROM search_due WHERE kind = 'book' AND id = old.id;
    DELETE FROM search_book WHERE rowid = old.id;
END;
CREATE TRIGGER search_section_new AFTER INSERT ON section BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('section', new.id);
END;
CREATE TRIGGER search_section_changed AFTER UPDATE OF title, text ON section
WHEN old.title <> new.title OR old.text <> new.text BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('section', new.id);
END;
CREATE TRIGGER search_section_gone AFTER DELETE ON section BEGIN
    DELETE FROM search_due WHERE kind = 'section' AND id = old.id;
    DELETE FROM search_section WHERE rowid = old.id;
END;
CREATE TRIGGER search_summary_new AFTER INSERT ON summary BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('summary', new.id);
END;
CREATE TRIGGER search_summary_changed AFTER UPDATE OF title, preview, text ON summary BEGIN
    INSERT OR IGNORE INTO search_due VALUES ('summary', new.id);
END;
CREATE TRIGGER search_summary_gone AFTER DELETE ON summary BEGIN
    DELETE FROM search_due WHERE kind = 'summary' AND id = old.id;
    DELETE FROM search_summary WHERE rowid = old.id;
END;
";

/// Bytes of text put into the index in one transaction, at least, where there are as many: some 10 ms of work, so that a run
/// which commits meanwhile hardly waits.
pub const AT_ONCE: usize = 128 << 10;

/// A table whose words are in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Book,
    Section,
    Summary,
}

impl Kind {
    /// Those that are quickly done first.
    const ALL: [Self; 3] = [Self::Book, Self::Summary, Self::Section];

    fn word(self) -> &'static str {
        match self {
            Self::Book => "book",
            Self::Section => "section",
            Self::Summary => "summary",
        }
    }

    /// The columns whose words are in the index.
    pub(crate) fn texts(self) -> &'static str {
        match self {
            Self::Book => "SELECT title, authors, coalesce(series, '') FROM book WHERE id = ?1",
            Self::Section => "SELECT title, text FROM section WHERE id = ?1",
            Self::Summary => "SELECT title, preview, text FROM summary WHERE id = ?1",
        }
    }

    fn insert(self) -> &'static str {
        match self {
            Self::Book => "INSERT INTO search_book (rowid, title, authors, series) VALUES (?1, ?2, ?3, ?4)",
            Self::Section => "INSERT INTO search_section (rowid, title, text) VALUES (?1, ?2, ?3)",
            Self::Summary => "INSERT INTO search_summary (rowid, title, preview, text) VALUES (?1, ?2, ?3, ?4)",
        }
    }

    fn delete(self) -> &'static str {
        match self {
            Self::Book => "DELETE FROM search_book WHERE rowid = ?1",
            Self::Section => "DELETE FROM search_section WHERE rowid = ?1",
            Self::Summary => "DELETE FROM search_summary WHERE rowid = ?1",
        }
    }
}

/// Puts some of what is due into the index, about as many bytes of text as given; tells whether more is due.
pub fn index_some(conn: &Connection, bytes: usize) -> Result<bool, StoreError> {
    let mut done = 0;
    for kind in Kind::ALL {
        while let Some(id) = next(conn, kind)? {
            if done >= bytes {
                return Ok(true);
            }
            done += index(conn, kind, id)?;
        }
    }
    Ok(false)
}

/// Whether anything is to be put into the index.
pub fn is_due(conn: &Connection) -> Result<bool, StoreError> {
    Ok(conn.prepare_cached("SELECT 1 FROM search_due")?.exists([])?)
}

/// Chapters that cannot be found yet.
pub fn due(conn: &Connection) -> Result<u32, StoreError> {
    let mut select = conn.prepare_cached("SELECT count(*) FROM search_due WHERE kind = 'section'")?;
    Ok(select.query_row([], |row| row.get(0))?)
}

/// Puts a summary into the index in the transaction that stores it.
pub(crate) fn index_summary(conn: &Connection, id: i64) -> Result<(), StoreError> {
    index(conn, Kind::Summary, id).map(drop)
}

fn next(conn: &Connection, kind: Kind) -> Result<Option<i64>, StoreError> {
    let mut select = conn.prepare_cached("SELECT id FROM search_due WHERE kind = ?1 ORDER BY id LIMIT 1")?;
    Ok(select.query_row([kind.word()], |row| row.get(0)).optional()?)
}

/// Puts a row into the index as it is; gives how many bytes of text that were.
fn index(conn: &Connection, kind: Kind, id: i64) -> Result<usize, StoreError> {
    conn.prepare_cached(kind.delete())?.execute([id])?;
    let mut select = conn.prepare_cached(kind.texts())?;
    let folded = select.query_row([id], folded).optional()?;
    let mut bytes = 0;
    if let Some(folded) = folded {
        let mut insert = conn.prepare_cached(kind.insert())?;
        insert.raw_bind_parameter(1, id)?;
        for (place, text) in folded.iter().enumerate() {
            bytes += text.len();
            insert.raw_bind_parameter(place + 2, text)?;
        }
        insert.raw_execute()?;
    }
    conn.prepare_cached("DELETE FROM search_due WHERE kind = ?1 AND id = ?2")?.execute((kind.word(), id))?;
    Ok(bytes)
}

fn folded(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let columns = 0..row.as_ref().column_count();
    let text = |column| {
        let text = row.get_ref(column)?.as_str()?;
        let mut folded = String::with_capacity(text.len());
        fold::each(text, |word, _| {
            folded.push_str(word);
            folded.push(' ');
        });
        Ok(folded)
    };
    columns.map(text).collect()
}
