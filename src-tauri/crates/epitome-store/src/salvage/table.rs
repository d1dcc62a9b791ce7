//! Which rows are whose: the tables that are saved, with the shape of their rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use crate::StoreError;
use crate::salvage::tree::Row;

/// Tables that are saved, what others refer to first. What a program learns again by itself is not among them.
pub(crate) const KEPT: &[&str] = &["book", "section", "job", "job_chapter", "call", "summary", "event"];

/// Places in a book from here on are behind all that a book really has.
const BEHIND: i64 = 1 << 24;

/// A table of the new library.
pub(crate) struct Table {
    pub name: &'static str,
    /// First page of its tree in a library that was just made. Every library is made by the same steps, so this is
    /// where an old one has it too, should it be unable to tell.
    pub first_page: u32,
    numbered: bool,
    columns: Vec<Column>,
    insert: String,
}

struct Column {
    kind: String,
    optional: bool,
    /// Stored as the row's number and not among its values.
    is_number: bool,
}

impl Table {
    pub(crate) fn of(conn: &Connection, name: &'static str) -> Result<Self, StoreError> {
        let numbered = conn.query_row("SELECT NOT wr FROM pragma_table_list(?1)", [name], |row| row.get(0))?;
        let mut select = conn.prepare("SELECT type, \"notnull\", pk FROM pragma_table_info(?1) ORDER BY cid")?;
        let columns = select.query_map([name], |row| {
            let (kind, needed, key): (String, bool, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let is_number = numbered && key > 0 && kind == "INTEGER";
            Ok(Column { kind, optional: !needed && key == 0, is_number })
        })?;
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let marks = vec!["?"; columns.len()].join(", ");
        let first_page =
            conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0))?;
        Ok(Self {
            name,
            first_page,
            numbered,
            insert: format!("INSERT OR IGNORE INTO {name} VALUES ({marks})"),
            columns,
        })
    }

    /// The row as this table stores it; none when it is no row of it. Columns a later format put at the end may lack.
    pub(crate) fn fit(&self, row: &Row) -> Option<Vec<Value>> {
        if row.rowid.is_some() != self.numbered || row.values.len() > self.columns.len() {
            return None;
        }
        let values = row.values.iter().chain(std::iter::repeat(&Value::Null));
        self.columns.iter().zip(values).map(|(column, value)| column.fit(value, row.rowid)).collect()
    }

    /// Puts a row in; one whose key is there already is left out. A section whose place is taken, by one whose place was
    /// read wrong, goes to the end of its book.
    pub(crate) fn insert(&self, conn: &Connection, mut values: Vec<Value>) -> Result<(), StoreError> {
        let mut insert = conn.prepare_cached(&self.insert)?;
        let put = insert.execute(params_from_iter(&values))? > 0;
        if let (false, "section", [Value::Integer(id), _, place, ..]) = (put, self.name, values.as_mut_slice()) {
            *place = Value::Integer(BEHIND + *id);
            insert.execute(params_from_iter(&values))?;
        }
        Ok(())
    }
}

impl Column {
    fn fit(&self, value: &Value, number: Option<i64>) -> Option<Value> {
        let fits = match value {
            Value::Null if self.is_number => return number.map(Value::Integer),
            Value::Null => self.optional,
            Value::Integer(_) => !self.is_number && matches!(self.kind.as_str(), "INTEGER" | "REAL"),
            Value::Real(_) => self.kind == "REAL",
            Value::Text(_) => self.kind == "TEXT",
            Value::Blob(_) => self.kind == "BLOB",
        };
        fits.then(|| value.clone())
    }
}
