//! Errors as they travel to a window or a terminal: a code to act on, a sentence to read, a hint what to do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What kind of thing went wrong. The window switches on this, never on the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    // Books
    FileMissing,
    FileIsFolder,
    FileNotReadable,
    NotABook,
    BookEmpty,
    BookBroken,
    BookProtected,
    BookTooLarge,
    FormatNotSupported,
    /// An archive or a folder with several books.
    SeveralBooks,
    LedgerMismatch,
    AlreadyInLibrary,
    // Data folder
    DataFolderNotWritable,
    DiskFull,
    DataTooNew,
    DataDamaged,
    // Providers
    Unreachable,
    NotAServer,
    Busy,
    LoadFailed,
    OutOfMemory,
    FirstTokenTimeout,
    Stalled,
    CutStream,
    Malformed,
    Truncated,
    ContextExceeded,
    Refused,
    Looping,
    EmptyAnswer,
    ModelMissing,
    ModelNotChosen,
    CloudModel,
    BadRequest,
    Cancelled,
    KeyRefused,
    NoKeyring,
    // Use
    NotFound,
    BadSetting,
    BadUse,
    WriteFailed,
    AlreadyRunning,
    Internal,
}

/// An error for people: what happened, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct WireError {
    pub code: ErrorCode,
    /// One plain sentence: what happened, and to what.
    pub message: String,
    /// One plain sentence: what to do. Empty when there is nothing to do.
    pub hint: String,
}

impl WireError {
    pub fn new(code: ErrorCode, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: one_line(&message.into()), hint: hint.into() }
    }
}

/// The text on one line, as it can be shown among other words: control characters are blanks, and marks that turn the
/// direction of what follows are left out. Names of files, and what files say of themselves, may hold both.
pub fn one_line(text: &str) -> String {
    let turns = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().filter(|c| !turns(*c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_the_sentence_it_stands_in() {
        let error = WireError::new(ErrorCode::NotABook, "“a\nb\u{1B}[31m\u{202E}txt.exe” is not a book.", "");
        assert_eq!(error.message, "“a b [31mtxt.exe” is not a book.");
        assert_eq!(one_line("„Straße“ — 第一章 \u{200F}"), "„Straße“ — 第一章 \u{200F}");
    }
}
