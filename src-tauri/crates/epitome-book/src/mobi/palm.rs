//! The container of a Kindle book: a Palm database, which is a list of records. For the Kindle reader.
//! Layout: <https://wiki.mobileread.com/wiki/PDB>.

use crate::BookError;

/// Bytes before the list of records, and of one entry of it.
const HEADER: usize = 78;
const ENTRY: usize = 8;

/// The records of a database. Offsets are the file's own claims, so each is checked when its record is asked for.
pub struct Records<'a> {
    bytes: &'a [u8],
    offsets: Vec<usize>,
}

impl<'a> Records<'a> {
    pub fn open(bytes: &'a [u8]) -> Result<Self, BookError> {
        let count = u16_at(bytes, HEADER - 2).unwrap_or_default();
        let offset = |index| u32_at(bytes, HEADER + index * ENTRY);
        let offsets: Option<Vec<usize>> = (0..count).map(offset).collect();
        match offsets {
            Some(offsets) if !offsets.is_empty() => Ok(Self { bytes, offsets }),
            _ => Err(BookError::Broken("its list of records is cut off".to_owned())),
        }
    }

    /// Record of that number; `None` if there is none, or not all of it.
    pub fn get(&self, index: usize) -> Option<&'a [u8]> {
        let start = *self.offsets.get(index)?;
        let end = self.offsets.get(index + 1).copied().unwrap_or(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// Record of that number, without which the book cannot be read; `what` names it.
    pub fn need(&self, index: usize, what: &str) -> Result<&'a [u8], BookError> {
        self.find(index, what)?.ok_or_else(|| BookError::Broken(format!("its list of records does not lead to {what}")))
    }

    /// Record of that number, if there is one; that the file ends before it is an error.
    pub fn find(&self, index: usize, what: &str) -> Result<Option<&'a [u8]>, BookError> {
        let ends = self.offsets.get(index..).unwrap_or_default().iter().take(2);
        if ends.max().is_some_and(|end| *end > self.bytes.len()) {
            return Err(BookError::Broken(format!("it ends before {what}, so it was probably cut off")));
        }
        Ok(self.get(index))
    }

    /// Name of the database, which is a book's title cut to 31 bytes with `_` for blanks.
    pub fn name(&self) -> String {
        let name = self.bytes.get(..31).unwrap_or_default();
        let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        String::from_utf8_lossy(&name[..end]).replace('_', " ")
    }
}

/// Big-endian number of two bytes at `at`.
pub fn u16_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_be_bytes(bytes.try_into().ok()?)))
}

/// Big-endian number of four bytes at `at`.
pub fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
}
