//! Record 0 of a Kindle book: how its text is stored, where its indexes are, and what it says of itself. For the Kindle
//! reader. Layout: <https://wiki.mobileread.com/wiki/MOBI>.

use encoding_rs::{Encoding, UTF_8};

use super::palm::{Records, u16_at, u32_at};
use crate::BookError;

/// A number that stands for "there is none".
const NONE: usize = 0xFFFF_FFFF;
/// Where the MOBI header begins, behind the one that all Palm texts have.
const MOBI: usize = 16;
/// The version from which on the text is made of files (KF8).
pub const KF8: usize = 8;

/// How the text records are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    PalmDoc,
    /// Its tables begin at that record and take that many.
    Huffman {
        first: usize,
        count: usize,
    },
}

/// What record 0 of a book, or of one part of a hybrid file, says. Numbers of records are those of the whole file.
pub struct Header<'a> {
    /// The record this is.
    base: usize,
    record: &'a [u8],
    /// Bytes of the record that the header fills.
    length: usize,
    pub packing: Packing,
    /// Number of text records, which follow this one.
    pub texts: usize,
    /// Whether there is a MOBI header; else this is a plain Palm text.
    pub is_mobi: bool,
    pub version: usize,
    /// Encoding of the text as far as it is known.
    pub encoding: Option<&'static Encoding>,
    /// Type and value of each metadata entry (EXTH).
    pub said: Vec<(usize, &'a [u8])>,
}

impl<'a> Header<'a> {
    pub fn read(records: &Records<'a>, base: usize) -> Result<Self, BookError> {
        let record = records.need(base, "its header")?;
        let broken = || BookError::Broken("its header is cut off".to_owned());
        let is_mobi = record.get(MOBI..MOBI + 4) == Some(b"MOBI");
        let length = if is_mobi { MOBI + u32_at(record, MOBI + 4).ok_or_else(broken)? } else { MOBI };
        let mut header = Self {
            base,
            record,
            length: length.min(record.len()),
            packing: Packing::Plain,
            texts: u16_at(record, 8).ok_or_else(broken)?,
            is_mobi,
            version: 0,
            encoding: None,
            said: Vec::new(),
        };
        // Without a MOBI header the reading position is in this place.
        if is_mobi && u16_at(record, 12) != Some(0) {
            return Err(BookError::Protected);
        }
        header.version = header.number(36).unwrap_or_default();
        header.encoding = header.number(28).and_then(encoding);
        header.packing = match u16_at(record, 0) {
            Some(1) => Packing::Plain,
            Some(2) => Packing::PalmDoc,
            Some(17_480) => {
                let tables = header.record(112).zip(header.number(116));
                let (first, count) = tables.ok_or_else(broken)?;
                Packing::Huffman { first, count }
            }
            _ => return Err(BookError::Broken("its text is packed in a way that no Kindle book is".to_owned())),
        };
        header.said = said(record, length);
        Ok(header)
    }

    /// Number at that offset of the record, if the header reaches so far.
    fn number(&self, at: usize) -> Option<usize> {
        if self.is_mobi && at + 4 <= self.length { u32_at(self.record, at).filter(|n| *n != NONE) } else { None }
    }

    /// Number of the record that is named at that offset.
    fn record(&self, at: usize) -> Option<usize> {
        self.number(at).map(|index| self.base.saturating_add(index))
    }

    /// Number of text record `index`, counted from 0.
    pub fn text_record(&self, index: usize) -> usize {
        self.base + 1 + index
    }

    /// What is appended to each text record: bit 0 for parts of a character, the others for an entry each.
    pub fn trailing(&self) -> usize {
        self.number(240).unwrap_or_default() & 0xFFFF
    }

    /// First record of the navigation index.
    pub fn ncx(&self) -> Option<usize> {
        self.record(244)
    }

    pub fn first_image(&self) -> Option<usize> {
        self.record(108)
    }

    fn kf8(&self, at: usize) -> Option<usize> {
        if self.version >= KF8 { self.record(at) } else { None }
    }

    /// The table of flows, the first of which is the text.
    pub fn flows(&self) -> Option<usize> {
        self.kf8(192)
    }

    pub fn fragments(&self) -> Option<usize> {
        self.kf8(248)
    }

    pub fn skeletons(&self) -> Option<usize> {
        self.kf8(252)
    }

    pub fn guide(&self) -> Option<usize> {
        self.kf8(260)
    }

    /// Values of the metadata entries of that type.
    pub fn values(&self, kind: usize) -> impl Iterator<Item = &'a [u8]> {
        self.said.iter().filter(move |(this, _)| *this == kind).map(|(_, value)| *value)
    }

    /// Value of the first metadata entry of that type, as a number.
    pub fn said_number(&self, kind: usize) -> Option<usize> {
        self.values(kind).find_map(|value| u32_at(value, 0)).filter(|number| *number != NONE)
    }

    /// The full title behind the header.
    pub fn full_name(&self) -> Option<&'a [u8]> {
        let (at, length) = self.number(84).zip(self.number(88))?;
        self.record.get(at..at.checked_add(length)?)
    }

    /// Language of the book, as Windows numbers them.
    pub fn locale(&self) -> Option<usize> {
        self.number(92)
    }
}

/// Metadata entries, which begin at `at`. Every length is a claim; reading ends where one cannot be right.
fn said(record: &[u8], at: usize) -> Vec<(usize, &[u8])> {
    let mut said = Vec::new();
    let Some(mut rest) = record.get(at..).filter(|rest| rest.starts_with(b"EXTH")) else { return said };
    let count = u32_at(rest, 8).unwrap_or_default();
    rest = rest.get(12..).unwrap_or_default();
    while said.len() < count
        && let Some((kind, length)) = u32_at(rest, 0).zip(u32_at(rest, 4))
        && let Some(value) = rest.get(8..length)
    {
        said.push((kind, value));
        rest = &rest[length..];
    }
    said
}

/// Encoding by the number of a Windows code page.
pub fn encoding(page: usize) -> Option<&'static Encoding> {
    match page {
        65_001 => Some(UTF_8),
        932 => Some(encoding_rs::SHIFT_JIS),
        936 => Some(encoding_rs::GBK),
        949 => Some(encoding_rs::EUC_KR),
        950 => Some(encoding_rs::BIG5),
        page => Encoding::for_label(format!("windows-{page}").as_bytes()),
    }
}
