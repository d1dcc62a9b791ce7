//! Files packed in gzip or ZIP: which book is in them. For [`crate::read`], and for callers that read a format of
//! their own, such as PDF.

mod choose;

use std::borrow::Cow;
use std::io::Read;

use flate2::read::MultiGzDecoder;

use crate::archive::Archive;
use crate::sniff::{Kind, sniff};
use crate::{BookError, docx, limits};
pub use choose::may_be_book;

use choose::Choice;

/// Packings around a book that are opened, one in the other.
const LEVELS: usize = 3;

/// What is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unpacked<'a> {
    /// A file that is packed in nothing, with its name; the file itself if it never was.
    File { bytes: Cow<'a, [u8]>, name: String },
    /// Web pages and texts that are one book together, by name; for [`crate::read_files`].
    Files(Vec<(String, Vec<u8>)>),
}

/// Unpacks gzip and ZIP around a book; an EPUB or a Word document is a book and stays as it is.
pub fn unpack<'a>(bytes: &'a [u8], file_name: &str) -> Result<Unpacked<'a>, BookError> {
    let mut bytes = Cow::Borrowed(bytes);
    let mut name = file_name.to_owned();
    for _ in 0..LEVELS {
        match sniff(&bytes) {
            Kind::Gzip => {
                bytes = Cow::Owned(gunzip(&bytes)?);
                name.truncate(without_ending(&name, ".gz").len());
            }
            Kind::Zip => {
                let mut archive = Archive::open(&bytes)?;
                if archive.holds("META-INF/container.xml") || archive.holds("mimetype") || docx::is(&archive) {
                    return Ok(Unpacked::File { bytes, name });
                }
                match choose::book(&mut archive)? {
                    Choice::Document => return Ok(Unpacked::File { bytes, name }),
                    Choice::Files(files) => return Ok(Unpacked::Files(files)),
                    Choice::File(inner_name, inner) => {
                        drop(archive);
                        (bytes, name) = (Cow::Owned(inner), inner_name);
                    }
                }
            }
            _ => return Ok(Unpacked::File { bytes, name }),
        }
    }
    match sniff(&bytes) {
        Kind::Gzip => Err(too_deep()),
        Kind::Zip if !is_book(&bytes)? => Err(too_deep()),
        _ => Ok(Unpacked::File { bytes, name }),
    }
}

fn is_book(bytes: &[u8]) -> Result<bool, BookError> {
    let archive = Archive::open(bytes)?;
    Ok(archive.holds("META-INF/container.xml") || docx::is(&archive))
}

fn too_deep() -> BookError {
    BookError::Unsupported("an archive in an archive in an archive")
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, BookError> {
    let mut out = Vec::new();
    let cut = |_| BookError::Broken("it cannot be unpacked, so it was probably cut off".to_owned());
    MultiGzDecoder::new(bytes).take(limits::TOTAL_BYTES + 1).read_to_end(&mut out).map_err(cut)?;
    if out.len() as u64 > limits::TOTAL_BYTES {
        return Err(BookError::TooLarge(format!("it unpacks to more than {} MB", limits::TOTAL_BYTES >> 20)));
    }
    if out.is_empty() { Err(BookError::Empty) } else { Ok(out) }
}

fn without_ending<'a>(name: &'a str, ending: &str) -> &'a str {
    let at = name.len().saturating_sub(ending.len());
    name.get(at..).filter(|end| end.eq_ignore_ascii_case(ending)).map_or(name, |_| &name[..at])
}

#[cfg(test)]
mod tests;
