//! The dense packing of Kindle text: Huffman codes (a `HUFF` record) for phrases (`CDIC` records), which may be packed
//! themselves. For the Kindle reader.

use super::palm::{Records, u16_at, u32_at};
use crate::{BookError, limits};

/// Phrases within phrases that are followed; real books have a handful.
const DEPTH: u32 = 32;

enum Phrase<'a> {
    Plain(&'a [u8]),
    Packed(&'a [u8]),
    Unpacked(Vec<u8>),
    /// Being unpacked, so meeting it again is a circle.
    Open,
}

/// What the first byte of a code tells.
#[derive(Clone, Copy, Default)]
struct Start {
    length: u32,
    /// Whether `length` is that of the code; else the code is at least so long.
    exact: bool,
    highest: u64,
}

/// The tables of a book. Unpacking is bounded in depth, and in all the bytes it makes, by [`limits::TOTAL_BYTES`].
pub struct Huffman<'a> {
    starts: Vec<Start>,
    /// Lowest and highest code of each length, in the upper bits of 32.
    ranges: Vec<(u64, u64)>,
    phrases: Vec<Phrase<'a>>,
    /// Steps and bytes that may still be spent.
    left: u64,
}

fn broken() -> BookError {
    BookError::Broken("the tables that its text is packed with do not fit the text".to_owned())
}

/// `code` of `length` bits as the upper bits of 32, the others filled with ones.
fn filled(code: usize, length: u32) -> u64 {
    ((code as u64 + 1) << (32 - length)) - 1
}

impl<'a> Huffman<'a> {
    pub fn read(records: &Records<'a>, first: usize, count: usize) -> Result<Self, BookError> {
        let codes = records.need(first, "the tables of its packed text")?;
        let mut huffman = Self::codes(codes).ok_or_else(broken)?;
        for index in 1..count {
            let record = records.need(first.saturating_add(index), "the phrases of its packed text")?;
            huffman.add_phrases(record).ok_or_else(broken)?;
        }
        Ok(huffman)
    }

    fn codes(record: &'a [u8]) -> Option<Self> {
        if !record.starts_with(b"HUFF") {
            return None;
        }
        let (bytes, lengths) = (u32_at(record, 8)?, u32_at(record, 12)?);
        let start = |at: usize| {
            let entry = u32_at(record, bytes.checked_add(at * 4)?)?;
            let length = u32::try_from(entry & 0x1F).ok()?;
            let highest = if length == 0 { 0 } else { filled(entry >> 8, length) };
            Some(Start { length, exact: entry & 0x80 != 0, highest })
        };
        let range = |length: u32| {
            let at = lengths.checked_add((length as usize - 1) * 8)?;
            Some(((u32_at(record, at)? as u64) << (32 - length), filled(u32_at(record, at + 4)?, length)))
        };
        let starts = (0..256).map(start).collect::<Option<_>>()?;
        let ranges = (1..=32).map(range).collect::<Option<_>>()?;
        Some(Self { starts, ranges, phrases: Vec::new(), left: limits::TOTAL_BYTES })
    }

    fn add_phrases(&mut self, record: &'a [u8]) -> Option<()> {
        if !record.starts_with(b"CDIC") {
            return None;
        }
        let all = u32_at(record, 8)?;
        let bits = u32::try_from(u32_at(record, 12)?).ok()?;
        // More than a record can list is a claim that reading the list refutes.
        let here = 1_usize.checked_shl(bits)?.min(all.saturating_sub(self.phrases.len()));
        for index in 0..here {
            let at = 16 + u16_at(record, 16 + index * 2)?;
            let head = u16_at(record, at)?;
            let phrase = record.get(at + 2..at + 2 + (head & 0x7FFF))?;
            self.phrases.push(if head & 0x8000 == 0 { Phrase::Packed(phrase) } else { Phrase::Plain(phrase) });
        }
        Some(())
    }

    /// Appends the text of `record` to `out`.
    pub fn unpack(&mut self, record: &[u8], out: &mut Vec<u8>) -> Result<(), BookError> {
        self.unpack_within(record, out, 0)
    }

    fn unpack_within(&mut self, packed: &[u8], out: &mut Vec<u8>, depth: u32) -> Result<(), BookError> {
        if depth > DEPTH {
            return Err(broken());
        }
        let end = packed.len() * 8;
        let mut at = 0;
        while at < end {
            let (length, number) = self.code(window(packed, at)).ok_or_else(broken)?;
            at += length as usize;
            // What is left at the end is shorter than any code.
            if at <= end {
                self.phrase(number, out, depth)?;
            }
        }
        Ok(())
    }

    /// Length of the code that `window` begins with, and the number of its phrase.
    fn code(&self, window: u64) -> Option<(u32, usize)> {
        let Start { mut length, exact, mut highest } = *self.starts.get(usize::try_from(window >> 24).ok()?)?;
        if length == 0 {
            return None;
        }
        if !exact {
            loop {
                let (lowest, most) = *self.ranges.get(length as usize - 1)?;
                if window >= lowest {
                    highest = most;
                    break;
                }
                length += 1;
            }
        }
        let number = highest.checked_sub(window)? >> (32 - length);
        Some((length, usize::try_from(number).ok()?))
    }

    fn phrase(&mut self, number: usize, out: &mut Vec<u8>, depth: u32) -> Result<(), BookError> {
        let place = self.phrases.get_mut(number).ok_or_else(broken)?;
        if let Phrase::Packed(packed) = *place {
            *place = Phrase::Open;
            let mut unpacked = Vec::new();
            self.unpack_within(packed, &mut unpacked, depth + 1)?;
            self.phrases[number] = Phrase::Unpacked(unpacked);
        }
        let text = match &self.phrases[number] {
            Phrase::Plain(text) => text,
            Phrase::Unpacked(text) => text.as_slice(),
            Phrase::Packed(_) | Phrase::Open => return Err(broken()),
        };
        let spent = 1 + text.len() as u64;
        self.left = self.left.checked_sub(spent).ok_or_else(super::raw::too_large)?;
        out.extend_from_slice(text);
        Ok(())
    }
}

/// The 32 bits from bit `at` on, zeros behind the end.
fn window(packed: &[u8], at: usize) -> u64 {
    let mut bytes = [0; 8];
    let rest = &packed[at / 8..];
    let taken = rest.len().min(8);
    bytes[..taken].copy_from_slice(&rest[..taken]);
    (u64::from_be_bytes(bytes) << (at % 8)) >> 32
}
