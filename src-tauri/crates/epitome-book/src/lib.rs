//! Bytes of a book file to a [`Book`]: its text, its chapters, and pieces of them. Nothing is lost: the sections of a
//! book partition its text, which is checked before [`read`] returns.
//!
//! Sync and pure: no files, no clock, no threads. It takes hostile input and answers with an error, never a panic.
//! The pipeline, the command line and the window's preview call it; each format is one module.

mod archive;
mod base64;
mod book;
mod certainty;
mod cut;
mod docx;
pub mod edit;
mod epub;
mod error;
mod fb2;
pub mod grown;
mod heading;
mod html;
mod language;
pub mod limits;
mod markup;
mod matter;
mod mobi;
mod outline;
mod packed;
mod pages;
pub mod pdf;
mod sample;
mod sized;
mod sniff;
mod text;

pub use book::{Book, Cover, Section, ledger};
pub use certainty::certainty;
pub use cut::{Cut, cut};
pub use error::BookError;
pub use html::order::compare as compare_paths;
pub use html::read_files;
pub use packed::{Unpacked, may_be_book, unpack};
pub use sample::{SAMPLE, SAMPLE_NAME};

/// Reads a book from the bytes of a file. The type is told by content; `file_name` only tells Markdown from plain text
/// and names a book that does not name itself.
///
/// Every error names what is wrong with the file; [`BookError::Ledger`] would be a fault of this crate.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    if bytes.is_empty() {
        return Err(BookError::Empty);
    }
    match unpack(bytes, file_name)? {
        Unpacked::Files(files) => read_files(files, file_name),
        Unpacked::File { bytes, name } => single(&bytes, &name),
    }
}

/// The book in a file that is packed in nothing.
fn single(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    match sniff::sniff(bytes) {
        sniff::Kind::Zip => {
            let mut archive = archive::Archive::open(bytes)?;
            if docx::is(&archive) { docx::read(&mut archive, file_name) } else { epub::read(bytes, file_name) }
        }
        sniff::Kind::Mobi => mobi::read(bytes, file_name),
        sniff::Kind::Pdf => pdf::read(bytes, file_name),
        sniff::Kind::Fb2 => fb2::read(bytes, file_name),
        sniff::Kind::Html => html::read(bytes, file_name),
        sniff::Kind::Gzip => Err(BookError::Unsupported("a gzip archive")),
        sniff::Kind::Locked => Err(BookError::Locked),
        sniff::Kind::Protected => Err(BookError::Protected),
        sniff::Kind::Other(what) => Err(BookError::Unsupported(what)),
        sniff::Kind::Text => text::read(bytes, file_name),
    }
}
