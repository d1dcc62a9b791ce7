//! Summaries to files. Deterministic: no clock, no row numbers, so the same summaries give the same bytes.

mod book;
mod charts;
mod file;
mod markdown;

pub use book::{BookExport, ChapterExport, ExportError, book, json};
pub use charts::{charts, figures};
pub use file::{file_name, write};
pub use markdown::markdown;
