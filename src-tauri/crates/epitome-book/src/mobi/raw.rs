//! The text records of a Kindle book, unpacked and put together: markup in the book's own encoding, in which the
//! indexes count bytes. For the Kindle reader.

use super::header::{Header, Packing};
use super::huffman::Huffman;
use super::palm::Records;
use super::palmdoc;
use crate::{BookError, limits};

/// The raw text.
pub fn text(records: &Records<'_>, header: &Header<'_>) -> Result<Vec<u8>, BookError> {
    let mut huffman = match header.packing {
        Packing::Huffman { first, count } => Some(Huffman::read(records, first, count)?),
        Packing::Plain | Packing::PalmDoc => None,
    };
    let mut out = Vec::new();
    for index in 0..header.texts {
        let name = format!("part {} of {} of its text", index + 1, header.texts);
        let record = records.need(header.text_record(index), &name)?;
        let broken = || BookError::Broken(format!("{name} cannot be unpacked"));
        let packed = without_trailing(record, header.trailing()).ok_or_else(broken)?;
        match (&mut huffman, header.packing) {
            (Some(huffman), _) => huffman.unpack(packed, &mut out)?,
            (None, Packing::PalmDoc) => palmdoc::unpack(packed, &mut out).ok_or_else(broken)?,
            (None, _) => out.extend_from_slice(packed),
        }
        if out.len() as u64 > limits::TOTAL_BYTES {
            return Err(too_large());
        }
    }
    Ok(out)
}

/// The error for a text above the limit.
pub fn too_large() -> BookError {
    BookError::TooLarge(format!("its text unpacks to more than {} MB", limits::TOTAL_BYTES >> 20))
}

/// `record` without what is appended to its text; `None` if more is said to be appended than there is.
fn without_trailing(record: &[u8], trailing: usize) -> Option<&[u8]> {
    let mut record = record;
    for _ in 0..(trailing >> 1).count_ones() {
        let size = size_at_end(record);
        record = &record[..record.len().checked_sub(size)?];
    }
    if trailing & 1 == 1
        && let Some(last) = record.last()
    {
        let size = usize::from(last & 3) + 1;
        record = &record[..record.len().checked_sub(size)?];
    }
    Some(record)
}

/// Size of the entry that ends `record`: seven bits a byte, the first of them marked, the size itself counted in.
fn size_at_end(record: &[u8]) -> usize {
    let last = &record[record.len().saturating_sub(4)..];
    let first = last.iter().rposition(|byte| byte & 0x80 != 0).unwrap_or(0);
    last[first..].iter().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_taken_off() {
        assert_eq!(without_trailing(b"text", 0).unwrap(), b"text");
        assert_eq!(without_trailing(b"text\xC3\xC3\x01", 1).unwrap(), b"text\xC3");
        assert_eq!(without_trailing(b"text\xA9\x01\0..\x84\x81", 0b111).unwrap(), b"text");
        assert_eq!(without_trailing(b"text\x86", 2), None);
        assert_eq!(without_trailing(b"", 3).unwrap(), b"");
    }
}
