//! What can go wrong with the library's file, in words a person can act on.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use epitome_model::{ErrorCode, WireError};
use rusqlite::ErrorCode as Sqlite;

/// Why the library could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The path is empty where SQLite noticed it and only knows its own file.
    #[error("The data folder {}cannot be written to.", named(.0))]
    NotWritable(PathBuf),
    #[error("The disk is full.")]
    DiskFull,
    /// The file was written by a newer version of the program.
    #[error("The library was written by a newer version of Epitome (format {found}, this one knows {known}).")]
    TooNew { found: i64, known: i64 },
    /// With what SQLite says of it.
    #[error("The library file is damaged: {0}.")]
    Damaged(String),
    /// It would be rebuilt, but then what the other program writes would be lost.
    #[error("The library file is damaged, and another Epitome program has it open.")]
    DamagedInUse,
    /// Something stored cannot be understood.
    #[error("The library holds something that cannot be read: {0}.")]
    Unreadable(String),
    #[error("The library could not be used: {0}.")]
    Sqlite(rusqlite::Error),
    /// The transaction in which several writes were together could not be made durable.
    #[error("{0}")]
    Transaction(Arc<StoreError>),
    #[error("The system gave no thread for writing the library: {0}.")]
    NoThread(std::io::Error),
    #[error("The library is being closed.")]
    Closed,
}

impl StoreError {
    /// The kind, as the window switches on it.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotWritable(_) => ErrorCode::DataFolderNotWritable,
            Self::DiskFull => ErrorCode::DiskFull,
            Self::TooNew { .. } => ErrorCode::DataTooNew,
            Self::Damaged(_) | Self::DamagedInUse | Self::Unreadable(_) => ErrorCode::DataDamaged,
            Self::Sqlite(_) | Self::NoThread(_) | Self::Closed => ErrorCode::Internal,
            Self::Transaction(cause) => cause.code(),
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotWritable(_) => "Change its permissions, or name another folder with EPITOME_DATA or --data.",
            Self::DiskFull => "Free some space and try again; what was finished is stored.",
            Self::TooNew { .. } => "Install the newer version, or name another folder with EPITOME_DATA or --data.",
            Self::Damaged(_) => "Close Epitome and start it again: it makes a new library of what can be read.",
            Self::DamagedInUse => "Close all of them and start again: a new library is made of what can be read.",
            Self::Unreadable(_) => "Close Epitome and start it again: it looks through the library and mends it.",
            Self::NoThread(_) => "Close some programs and try again.",
            Self::Sqlite(_) => "Close other programs that use the data folder and try again.",
            Self::Transaction(cause) => cause.hint(),
            Self::Closed => "",
        }
    }
}

/// The path as a word of a sentence, or nothing.
fn named(path: &Path) -> String {
    if path.as_os_str().is_empty() { String::new() } else { format!("{} ", path.display()) }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error};
        if let FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..) | Utf8Error(..) =
            error
        {
            return Self::Unreadable(error.to_string());
        }
        match error.sqlite_error_code() {
            Some(Sqlite::DiskFull) => Self::DiskFull,
            Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => Self::Damaged(error.to_string()),
            Some(Sqlite::ReadOnly | Sqlite::CannotOpen | Sqlite::PermissionDenied) => Self::NotWritable(PathBuf::new()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<StoreError> for WireError {
    fn from(error: StoreError) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}
