//! A file's bytes to a book. For the rest of `add`.

use std::path::{Path, PathBuf};

use epitome_book::Book;
use epitome_model::{ErrorCode, WireError};
use epitome_reader::Reader;

use super::folder;
use crate::internal;

/// Largest file that is read, in bytes.
pub const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// Characters of the hash that name a preview.
const TOKEN: usize = 16;

/// A file that was read.
#[derive(Debug)]
pub struct Read {
    pub token: String,
    pub hash: String,
    pub file_name: String,
    pub book: Book,
}

/// Reads a file, or a folder of web pages that are one book.
pub async fn file(path: &Path, reader: &Reader) -> Result<Read, WireError> {
    let path = path.to_path_buf();
    let name = file_name(&path);
    let content = tokio::task::spawn_blocking(move || content_of(&path)).await.map_err(internal)??;
    bytes(content, name, reader).await
}

pub async fn bytes(bytes: Vec<u8>, file_name: String, reader: &Reader) -> Result<Read, WireError> {
    let hashing = move || (blake3::hash(&bytes).to_hex().to_string(), bytes);
    let (hash, bytes) = tokio::task::spawn_blocking(hashing).await.map_err(internal)?;
    let book = reader.read(bytes, &file_name).await?;
    Ok(Read { token: hash[..TOKEN].to_owned(), hash, file_name, book })
}

/// The file's content, or a sentence about why there is none.
fn content_of(path: &PathBuf) -> Result<Vec<u8>, WireError> {
    let meta = std::fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if meta.is_dir() {
        return folder::packed(path);
    }
    // A pipe or a device would be read without end.
    if !meta.is_file() {
        return Err(WireError::new(
            ErrorCode::FileNotReadable,
            format!("{} is a device or a pipe and not a file.", file_name(path)),
            "Save the book to a file, and add that.",
        ));
    }
    if meta.len() > LARGEST_FILE {
        return Err(WireError::new(
            ErrorCode::BookTooLarge,
            format!("{} is larger than {} MB.", file_name(path), LARGEST_FILE / 1024 / 1024),
            "Split it, or save it without its pictures.",
        ));
    }
    std::fs::read(path).map_err(|error| unreadable(path, &error))
}

/// Why a file or a folder could not be read.
pub fn unreadable(path: &Path, error: &std::io::Error) -> WireError {
    let name = file_name(path);
    match error.kind() {
        std::io::ErrorKind::NotFound => WireError::new(
            ErrorCode::FileMissing,
            format!("{name} is not there."),
            "Check the name and whether the file was moved.",
        ),
        std::io::ErrorKind::PermissionDenied => WireError::new(
            ErrorCode::FileNotReadable,
            format!("{name} may not be read."),
            "Change the file's permissions, or copy it to a folder of yours.",
        ),
        _ => WireError::new(
            ErrorCode::FileNotReadable,
            format!("{name} could not be read: {error}."),
            "Check the disk or the network drive it is on.",
        ),
    }
}

/// A path's last part, for people.
pub fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
