//! Enumerations as text columns: the word the wire uses is the word the table holds. Columns go by name, or by number
//! where there are thousands of rows: a name is looked for anew in each of them.

use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Row, RowIndex};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// The word of a unit variant.
pub fn word<T: Serialize>(value: T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(StoreError::Unreadable(format!("a value without a word: {other:?}"))),
    }
}

/// The variant a column's word names.
pub fn variant<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    let word: String = row.get(column)?;
    parse(row, column, serde_json::Value::String(word))
}

/// As [`variant`], for a column that may be empty.
pub fn variant_or_none<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<T>> {
    let word: Option<String> = row.get(column)?;
    word.map(|word| parse(row, column, serde_json::Value::String(word))).transpose()
}

/// A column that holds JSON.
pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    let value = serde_json::from_str(&text).map_err(|error| unreadable(row, column, error))?;
    parse(row, column, value)
}

/// As text for a column that holds JSON.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn parse<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex, value: serde_json::Value) -> rusqlite::Result<T> {
    serde_json::from_value(value).map_err(|error| unreadable(row, column, error))
}

fn unreadable(row: &Row<'_>, column: impl RowIndex, error: serde_json::Error) -> rusqlite::Error {
    let index = column.idx(row.as_ref()).unwrap_or_default();
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(FromSqlError::Other(Box::new(error))))
}
