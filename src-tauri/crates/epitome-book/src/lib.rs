//! Bytes of a book file to a [`Book`]: its text, its chapters, and pieces of them. Nothing is lost: the sections of a
//! book partition its text, which is checked before [`read`] returns.
//!
//! Sync and pure: no files, no clock, no threads. It takes hostile input and answers with an error, never a panic.
//! The pipeline, the command line and the window's preview call it; each format is one module.

mod archive;
mod book;
mod cut;
mod epub;
mod error;
mod heading;
mod language;
pub mod limits;
mod markup;
mod matter;
mod outline;
mod pages;
pub mod pdf;
mod sample;
mod sized;
mod sniff;
mod text;

pub use book::{Book, Cover, Section};
pub use cut::{Cut, cut};
pub use error::BookError;
pub use sample::{SAMPLE, SAMPLE_NAME};

/// Reads a book from the bytes of a file. The type is told by content; `file_name` only tells Markdown from plain text
/// and names a book that does not name itself.
///
/// Every error names what is wrong with the file; [`BookError::Ledger`] would be a fault of this crate.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    if bytes.is_empty() {
        return Err(BookError::Empty);
    }
    match sniff::sniff(bytes) {
        sniff::Kind::Zip => epub::read(bytes, file_name),
        sniff::Kind::Pdf => pdf::read(bytes, file_name),
        sniff::Kind::Other(what) => Err(BookError::Unsupported(what)),
        sniff::Kind::Text => text::read(bytes, file_name),
    }
}
