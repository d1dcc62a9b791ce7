//! A ZIP archive around a book, read within limits. For the readers of EPUB, Word and zipped files.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::error::quoted;
use crate::{BookError, limits};

/// An opened archive. Nothing is ever written to disk, so names in it can do no harm.
pub struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// Index by exact name, and by lower-case name for careless packages.
    names: HashMap<String, usize>,
    /// Unpacked bytes that may still be read.
    left: u64,
}

impl<'a> Archive<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, BookError> {
        if announced_entries(bytes).is_some_and(|entries| entries > limits::ARCHIVE_ENTRIES as u64) {
            return Err(too_many());
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| {
            BookError::Broken("the archive's list of contents is missing, so the file was probably cut off".to_owned())
        })?;
        if zip.len() > limits::ARCHIVE_ENTRIES {
            return Err(too_many());
        }
        let mut names = HashMap::with_capacity(zip.len() * 2);
        for index in 0..zip.len() {
            if let Some(Ok(name)) = zip.name_for_index(index) {
                let name = name.replace('\\', "/");
                names.entry(name.to_lowercase()).or_insert(index);
                names.insert(name, index);
            }
        }
        Ok(Self { zip, names, left: limits::TOTAL_BYTES })
    }

    pub fn holds(&self, name: &str) -> bool {
        self.index(name).is_some()
    }

    /// Number of the item `name`, the same for all names that lead to it.
    pub fn index(&self, name: &str) -> Option<usize> {
        self.names.get(name).or_else(|| self.names.get(&name.to_lowercase())).copied()
    }

    /// Names of the items that are files, in the order of the archive.
    pub fn names(&self) -> Vec<String> {
        let named = |index| Some(self.zip.name_for_index(index)?.ok()?.replace('\\', "/"));
        (0..self.zip.len()).filter_map(named).filter(|name| !name.ends_with('/')).collect()
    }

    /// Content of the item `name`; `None` if there is none of that name.
    pub fn read(&mut self, name: &str) -> Result<Option<Vec<u8>>, BookError> {
        self.read_within(name, limits::ITEM_BYTES)
    }

    /// As `read`, for an item that may be a book of its own.
    pub fn read_book(&mut self, name: &str) -> Result<Option<Vec<u8>>, BookError> {
        self.read_within(name, limits::TOTAL_BYTES)
    }

    fn read_within(&mut self, name: &str, most: u64) -> Result<Option<Vec<u8>>, BookError> {
        let Some(index) = self.index(name) else { return Ok(None) };
        let broken = |_| BookError::Broken(format!("its part {} cannot be unpacked", quoted(name)));
        let item = self.zip.by_index(index).map_err(|error| match error {
            ZipError::UnsupportedArchive(what) if what == ZipError::PASSWORD_REQUIRED => BookError::Locked,
            other => broken(std::io::Error::other(other)),
        })?;
        // The size in the header is a claim; only what comes out counts.
        let limit = most.min(self.left);
        let mut content = Vec::new();
        item.take(limit + 1).read_to_end(&mut content).map_err(broken)?;
        let length = content.len() as u64;
        if length > limit {
            return Err(BookError::TooLarge(if limit == most {
                format!("its part {} unpacks to more than {} MB", quoted(name), most >> 20)
            } else {
                format!("it unpacks to more than {} MB", limits::TOTAL_BYTES >> 20)
            }));
        }
        self.left -= length;
        Ok(Some(content))
    }
}

fn too_many() -> BookError {
    BookError::TooLarge(format!("it holds more than {} files", limits::ARCHIVE_ENTRIES))
}

/// Number of entries that the end of the archive announces (APPNOTE.TXT 6.3.10, sections 4.3.14 and 4.3.16), so that a
/// list of millions is not even read.
fn announced_entries(bytes: &[u8]) -> Option<u64> {
    let tail = &bytes[bytes.len().saturating_sub(65_557)..];
    let end = tail.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let short = u64::from(u16::from_le_bytes(tail.get(end + 10..end + 12)?.try_into().ok()?));
    if short < u64::from(u16::MAX) {
        return Some(short);
    }
    let long = tail[..end].windows(4).rposition(|window| window == b"PK\x06\x06");
    Some(long.and_then(|at| Some(u64::from_le_bytes(tail.get(at + 32..at + 40)?.try_into().ok()?))).unwrap_or(short))
}
