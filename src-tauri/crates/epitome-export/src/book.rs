//! A book as it is exported; its JSON form is the struct as it stands.

use std::collections::HashMap;
use std::io::ErrorKind;

use epitome_model::{BookId, ChapterState, Coverage, ErrorCode, WireError};
use epitome_store::{Store, StoreError, book as books, summary, views};
use serde::Serialize;

/// Why a book could not be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("The charts could not be drawn: {reason}.")]
    NotDrawn { reason: String },
    #[error("This book is no longer in the library.")]
    NotThere,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{path} could not be written: {}.", words(.reason))]
    NotWritten { path: String, reason: std::io::Error },
    #[error("The book could not be written as JSON: {0}.")]
    Json(#[from] serde_json::Error),
}

/// What the system said, for a person.
fn words(error: &std::io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "its folder is not there".to_owned(),
        ErrorKind::PermissionDenied => "you may not write there".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "the disk can only be read".to_owned(),
        ErrorKind::StorageFull => "the disk is full".to_owned(),
        ErrorKind::IsADirectory => "there is a folder of that name".to_owned(),
        ErrorKind::NotADirectory => "what should be its folder is a file".to_owned(),
        _ => error.to_string(),
    }
}

impl From<ExportError> for WireError {
    fn from(error: ExportError) -> Self {
        let message = error.to_string();
        match error {
            ExportError::NotThere => Self::new(ErrorCode::NotFound, message, "Look at the library again."),
            ExportError::Store(error) => error.into(),
            ExportError::NotWritten { reason, .. } => {
                let full = reason.kind() == ErrorKind::StorageFull;
                let code = if full { ErrorCode::DiskFull } else { ErrorCode::WriteFailed };
                let hint = if full {
                    "Free some space and export again."
                } else {
                    "Choose another folder, or change its permissions."
                };
                Self::new(code, message, hint)
            }
            ExportError::NotDrawn { .. } => Self::new(
                ErrorCode::Internal,
                message,
                "Write the figures as JSON: choose a name that ends with .json.",
            ),
            ExportError::Json(_) => Self::new(ErrorCode::Internal, message, "Export it as Markdown."),
        }
    }
}

/// A book with everything that was made from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BookExport {
    pub title: String,
    pub authors: Vec<String>,
    pub language: Option<String>,
    pub coverage: CoverageExport,
    pub synopsis: Option<String>,
    pub chapters: Vec<ChapterExport>,
    /// Parts of the book that chapters belong to; only for Markdown, whose headings follow them.
    #[serde(skip)]
    pub(crate) parts: Vec<Option<String>>,
}

/// The ledger's sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CoverageExport {
    pub source_chars: u32,
    pub summarised_chars: u32,
    pub left_out: Vec<LeftOutExport>,
}

/// A part that is not summarised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LeftOutExport {
    pub title: String,
    pub chars: u32,
    /// In words.
    pub reason: &'static str,
}

/// One chapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChapterExport {
    pub number: u32,
    pub source_title: String,
    pub title: Option<String>,
    pub preview: Option<String>,
    pub summary: Option<String>,
    pub chars: u32,
    pub pieces: u32,
    pub state: ChapterState,
    pub error: Option<WireError>,
    pub provider: Option<&'static str>,
    pub model: Option<String>,
}

/// Reads a book for exporting. Blocks.
pub fn book(store: &Store, id: BookId) -> Result<BookExport, ExportError> {
    let read = store.read(|conn| {
        let Some(view) = views::book_view(conn, id)? else { return Ok(None) };
        let Some(found) = books::find(conn, id)? else { return Ok(None) };
        Ok(Some((view, found.meta, summary::newest(conn, id)?)))
    })?;
    let (view, meta, summaries) = read.ok_or(ExportError::NotThere)?;
    let mut written: HashMap<_, _> = summaries.into_iter().filter_map(|row| Some((row.section?, row))).collect();
    let mut parts = Vec::new();
    let mut chapters = Vec::new();
    for row in view.chapters {
        let Some(number) = row.number else { continue };
        let summary = written.remove(&row.section);
        parts.push(row.part);
        chapters.push(ChapterExport {
            number,
            source_title: row.source_title,
            title: row.title,
            preview: row.preview,
            chars: row.chars,
            pieces: summary.as_ref().map_or(0, |row| row.pieces),
            state: row.state,
            error: row.error,
            provider: summary.as_ref().map(|row| row.provider.name()),
            model: summary.as_ref().map(|row| row.model.clone()),
            summary: summary.map(|row| row.text),
        });
    }
    let left_out = |part: epitome_model::LeftOut| LeftOutExport {
        reason: part.reason.words(),
        title: part.title,
        chars: part.chars,
    };
    Ok(BookExport {
        title: meta.title,
        authors: meta.authors,
        language: meta.language,
        coverage: coverage(view.coverage, left_out),
        synopsis: view.synopsis,
        chapters,
        parts,
    })
}

fn coverage(coverage: Coverage, left_out: impl Fn(epitome_model::LeftOut) -> LeftOutExport) -> CoverageExport {
    CoverageExport {
        source_chars: coverage.source_chars,
        summarised_chars: coverage.summarised_chars,
        left_out: coverage.left_out.into_iter().map(left_out).collect(),
    }
}

/// As JSON, indented, with a newline at the end.
pub fn json(book: &BookExport) -> Result<String, ExportError> {
    Ok(serde_json::to_string_pretty(book)? + "\n")
}
