//! Copies what can be read of a damaged library into a new file, row by row.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::StoreError;
use crate::open::{MIGRATIONS, migrate, refused};
use crate::salvage::mend::mend;
use crate::salvage::pages::Pages;
use crate::salvage::table::{KEPT, Table};
use crate::salvage::tree::{Row, Trees};
use crate::salvage::{Lost, Salvaged};

/// Makes the file `part` of what can be read of `file`; the name of the damaged one is still to be put in.
pub(crate) fn build(file: &Path, part: &Path) -> Result<Salvaged, StoreError> {
    let pages = Pages::open(file).map_err(|error| refused(&error, file))?;
    let mut conn = Connection::open(part)?;
    // A half-made file is thrown away, so it need not survive anything; it is synced when it is whole.
    conn.pragma_update(None, "journal_mode", "MEMORY")?;
    conn.pragma_update(None, "synchronous", "OFF")?;
    // What belongs together is put in order when everything is there.
    conn.pragma_update(None, "foreign_keys", false)?;
    migrate(&mut conn, part, false, MIGRATIONS)?;
    let tables = KEPT.iter().map(|name| Table::of(&conn, name)).collect::<Result<Vec<_>, _>>()?;

    let tx = conn.transaction()?;
    let mut lost = copy(&tx, &pages, &tables)?;
    lost.pages += pages.damaged_frames();
    mend(&tx, &mut lost)?;
    let count = |sql: &str| tx.query_row(sql, [], |row| row.get(0));
    let made = Salvaged {
        aside: PathBuf::new(),
        books: count("SELECT count(*) FROM book")?,
        sections: count("SELECT count(*) FROM section")?,
        summaries: count("SELECT count(*) FROM summary")?,
        calls: count("SELECT count(*) FROM call")?,
        lost,
    };
    tx.commit()?;
    let verdict: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Err(StoreError::Unreadable(verdict));
    }
    conn.close().map_err(|(_, error)| error)?;
    Ok(made)
}

fn copy(conn: &Connection, pages: &Pages, tables: &[Table]) -> Result<Lost, StoreError> {
    let mut trees = Trees::new(pages);
    let mut roots = vec![None; tables.len()];
    trees.walk(1, &mut |row, _| {
        let Some((name, root)) = root(&row) else { return is_schema(&row) };
        if let Some(place) = tables.iter().position(|table| table.name == name) {
            roots[place] = Some(root);
        }
        true
    });
    let mut missing = false;
    let mut saved = Saved { conn, doubtful: Vec::new(), failed: None };
    for (table, root) in tables.iter().zip(roots) {
        let whole = trees.walk(root.unwrap_or(table.first_page), &mut |row, doubtful| {
            let Some(values) = table.fit(&row) else { return false };
            saved.put(table, values, doubtful);
            true
        });
        missing |= !whole;
    }
    // Pages that hang on no tree and are not free are here because what led to them is damaged. Where it cannot be told
    // which pages are free, they are only looked at if something is missing, lest what was deleted comes back.
    if trees.skip_free() || missing {
        trees.strays(&mut |row| {
            let found = tables.iter().find_map(|table| Some((table, table.fit(&row)?)));
            if let Some((table, values)) = found {
                saved.put(table, values, true);
            }
        });
    }
    saved.finish()?;
    Ok(Lost { pages: u32::try_from(trees.damaged()).unwrap_or(u32::MAX), ..Lost::default() })
}

/// Rows on their way into the new library.
struct Saved<'a> {
    conn: &'a Connection,
    /// Rows of damaged pages wait until the others are in, so that none of those finds its place taken.
    doubtful: Vec<(&'a Table, Vec<Value>)>,
    failed: Option<StoreError>,
}

impl<'a> Saved<'a> {
    fn put(&mut self, table: &'a Table, values: Vec<Value>, doubtful: bool) {
        if doubtful {
            self.doubtful.push((table, values));
        } else if self.failed.is_none() {
            self.failed = table.insert(self.conn, values).err();
        }
    }

    fn finish(mut self) -> Result<(), StoreError> {
        for (table, values) in std::mem::take(&mut self.doubtful) {
            self.put(table, values, false);
        }
        self.failed.map_or(Ok(()), Err)
    }
}

/// Name and first page of a table, from a row of the schema.
fn root(row: &Row) -> Option<(&str, u32)> {
    match row.values.as_slice() {
        [Value::Text(kind), Value::Text(name), Value::Text(_), Value::Integer(root), Value::Text(_)]
            if kind == "table" =>
        {
            Some((name, u32::try_from(*root).ok()?))
        }
        _ => None,
    }
}

fn is_schema(row: &Row) -> bool {
    row.values.len() == 5 && row.values[..3].iter().all(|value| matches!(value, Value::Text(_)))
}
