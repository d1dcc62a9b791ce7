//! An index of a Kindle book (`INDX` records): entries with a label and numbers under tags. For the Kindle reader.
//! Layout: <https://wiki.mobileread.com/wiki/MOBI#Index_meta_record>.

use encoding_rs::Encoding;

use super::header::encoding;
use super::palm::{Records, u16_at, u32_at};
use crate::{BookError, limits};

/// Entries read of an index; a book of 50 million characters has about 10,000 fragments.
const ENTRIES: usize = 100_000;
/// Kinds of numbers an entry can have; real indexes know about 15.
const TAGS: usize = 32;
/// Bytes of a name in the text that names are kept in.
const NAME: usize = limits::TITLE_CHARS * 8;

/// An index that was read.
#[derive(Default)]
pub struct Index<'a> {
    pub entries: Vec<Entry<'a>>,
    /// Records of the names that entries refer to.
    names: Vec<&'a [u8]>,
    pub encoding: Option<&'static Encoding>,
}

/// One entry.
pub struct Entry<'a> {
    pub label: &'a [u8],
    values: Vec<(u8, Vec<usize>)>,
}

impl Entry<'_> {
    /// Number `at` under `tag`.
    pub fn get(&self, tag: u8, at: usize) -> Option<usize> {
        self.values.iter().find(|(this, _)| *this == tag).and_then(|(_, values)| values.get(at)).copied()
    }
}

/// Says which numbers an entry has: those of `tag`, in groups of `group`, as many as the bits of `mask` tell.
struct Kind {
    tag: u8,
    group: usize,
    mask: u8,
    /// Ends the bits of one control byte.
    end: bool,
}

impl<'a> Index<'a> {
    /// The index whose first record that is. One that is damaged gives what can be read of it; one that the file ends
    /// before is an error.
    pub fn read(records: &Records<'a>, first: usize) -> Result<Self, BookError> {
        let record = |number| records.find(first.saturating_add(number), "an index of its contents");
        let Some(head) = record(0)? else { return Ok(Self::default()) };
        let Some((tags, controls)) = tags(head) else { return Ok(Self::default()) };
        let count = u32_at(head, 24).unwrap_or_default();
        let mut index = Self { encoding: u32_at(head, 28).and_then(encoding), ..Self::default() };
        let mut next = 1;
        while next <= count
            && index.entries.len() < ENTRIES
            && let Some(part) = record(next)?.filter(|part| part.starts_with(b"INDX"))
        {
            index.add(part, &tags, controls);
            next += 1;
        }
        let names = u32_at(head, 52).unwrap_or_default();
        index.names = (0..names).map_while(|number| records.get(first.checked_add(next + number)?)).collect();
        Ok(index)
    }

    fn add(&mut self, record: &'a [u8], tags: &[Kind], controls: usize) {
        let (Some(list), Some(count)) = (u32_at(record, 20), u32_at(record, 24)) else { return };
        let mut start = match u16_at(record, list.saturating_add(4)) {
            Some(start) if record.get(list..list + 4) == Some(b"IDXT") => start,
            _ => return,
        };
        for number in 1..=count {
            // The list stands behind the entries, so the last one ends at the list.
            let next = if number == count { Some(list) } else { u16_at(record, list + 4 + number * 2) };
            let Some((end, bytes)) = next.and_then(|end| Some((end, record.get(start..end)?))) else { return };
            let Some(entry) = entry(bytes, tags, controls) else { return };
            self.entries.push(entry);
            start = end;
        }
    }

    /// The name that begins at that place of the records of names.
    pub fn name(&self, at: usize) -> Option<&'a [u8]> {
        let rest = self.names.get(at >> 16)?.get(at & 0xFFFF..)?;
        let (length, size) = number(rest)?;
        rest.get(size..size.checked_add(length.min(NAME))?)
    }
}

/// The kinds of numbers that the entries have, and how many control bytes say which.
fn tags(head: &[u8]) -> Option<(Vec<Kind>, usize)> {
    let table = head.get(u32_at(head, 4).filter(|_| head.starts_with(b"INDX"))?..)?;
    let length = u32_at(table, 4).filter(|_| table.starts_with(b"TAGX"))?;
    let controls = u32_at(table, 8)?;
    let kinds = table.get(12..length)?.chunks_exact(4).take(TAGS);
    let tag = |kind: &[u8]| Kind { tag: kind[0], group: kind[1].into(), mask: kind[2], end: kind[3] == 1 };
    Some((kinds.map(tag).collect(), controls))
}

fn entry<'a>(bytes: &'a [u8], tags: &[Kind], controls: usize) -> Option<Entry<'a>> {
    let (&length, rest) = bytes.split_first()?;
    let (label, rest) = rest.split_at_checked(length.into())?;
    let (mut controls, mut rest) = rest.split_at_checked(controls)?;
    let mut found = Vec::new();
    for tag in tags {
        if tag.end {
            controls = controls.split_first()?.1;
            continue;
        }
        let bits = controls.first()? & tag.mask;
        if bits == 0 {
            continue;
        }
        // All bits set, where there are several: the size in bytes follows.
        if bits == tag.mask && tag.mask.count_ones() > 1 {
            let (size, used) = number(rest)?;
            rest = &rest[used..];
            found.push((tag, None, Some(size)));
        } else {
            found.push((tag, Some(usize::from(bits >> tag.mask.trailing_zeros()) * tag.group), None));
        }
    }
    let mut values = Vec::with_capacity(found.len());
    for (tag, count, size) in found {
        let (mut taken, mut numbers) = (0, Vec::new());
        while count.is_none_or(|count| numbers.len() < count) && size.is_none_or(|size| taken < size) {
            let (value, used) = number(rest)?;
            rest = &rest[used..];
            taken += used;
            numbers.push(value);
        }
        values.push((tag.tag, numbers));
    }
    Some(Entry { label, values })
}

/// A number of seven bits a byte, the last byte marked; with how many bytes it takes.
fn number(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(5).enumerate() {
        number = number << 7 | usize::from(byte & 0x7F);
        if byte & 0x80 != 0 {
            return Some((number, at + 1));
        }
    }
    None
}
