//! Enumerations as text columns: the word the wire uses is the word the table holds. Columns go by name, or by number
//! where there are thousands of rows: a name is looked for anew in each of them.

use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{Row, RowIndex};
use serde::Serialize;
use serde::de::{DeserializeOwned, IntoDeserializer};

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
    let index = column.idx(row.as_ref())?;
    let word = row.get_ref(index)?.as_str()?;
    T::deserialize(word.into_deserializer()).map_err(|error: serde::de::value::Error| unreadable(index, error))
}

/// As [`variant`], for a column that may be empty.
pub fn variant_or_none<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Option<T>> {
    let index = column.idx(row.as_ref())?;
    if row.get_ref(index)? == ValueRef::Null { Ok(None) } else { variant(row, index).map(Some) }
}

/// A column that holds JSON.
pub fn json<T: DeserializeOwned>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    let index = column.idx(row.as_ref())?;
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text).map_err(|error| unreadable(index, error))
}

/// As text for a column that holds JSON.
pub fn to_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Unreadable(error.to_string()))
}

fn unreadable(index: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(FromSqlError::Other(Box::new(error))))
}
