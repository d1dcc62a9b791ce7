//! Rows out of b-tree pages. A page that is not what its parent says, or a row that does not add up, is left out and
//! counted; nothing here trusts a number it has not checked. Format: <https://www.sqlite.org/fileformat2.html>.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rusqlite::types::Value;

use crate::salvage::log::word;
use crate::salvage::pages::{MAGIC, Pages};

/// Kinds of b-tree page, by their first byte.
const INDEX_INTERIOR: u8 = 0x02;
const TABLE_INTERIOR: u8 = 0x05;
const INDEX_LEAF: u8 = 0x0a;
const TABLE_LEAF: u8 = 0x0d;

/// Bytes of the file's own header, before the b-tree on page 1.
const FILE_HEADER: usize = 100;

/// A row as it lies in the file; a row of a table without row numbers has none.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    pub rowid: Option<i64>,
    pub values: Vec<Value>,
    /// False where text is no UTF-8; it has been made readable.
    pub sound: bool,
}

/// Reads trees, and remembers what was read and what could not be.
pub(crate) struct Trees<'a> {
    pages: &'a Pages,
    seen: BTreeSet<u32>,
    damaged: BTreeSet<u32>,
}

impl<'a> Trees<'a> {
    pub(crate) fn new(pages: &'a Pages) -> Self {
        Self { pages, seen: BTreeSet::new(), damaged: BTreeSet::new() }
    }

    /// Pages that were missing something or all.
    pub(crate) fn damaged(&self) -> usize {
        self.damaged.len()
    }

    /// Gives the rows of every page under a root that can be read, and whether they are in doubt because something is
    /// wrong with their page. A page none of whose rows `take` wants is somebody else's, and stays to be found. False
    /// where something was missing.
    pub(crate) fn walk(&mut self, root: u32, take: &mut dyn FnMut(Row, bool) -> bool) -> bool {
        let before = self.damaged.len();
        let mut open = vec![(root, i64::MIN, i64::MAX)];
        while let Some((number, above, most)) = open.pop() {
            // A page that two trees or a circle lead to is not told twice.
            let page = if self.seen.contains(&number) { None } else { Page::read(self.pages, number) };
            let Some(page) = page else {
                self.damaged.insert(number);
                continue;
            };
            let Contents { rows, children, whole } = page.contents();
            let doubtful = !whole || !in_order(&rows, above, most) || rows.iter().any(|row| !row.sound);
            let (told, mut wanted) = (rows.len(), 0);
            for row in rows {
                wanted += usize::from(take(row, doubtful));
            }
            if doubtful || wanted < told {
                self.damaged.insert(number);
            }
            if wanted > 0 || told == 0 {
                self.seen.insert(number);
                let mut above = above;
                let first = open.len();
                for (child, key) in children {
                    let key = key.unwrap_or(most);
                    open.push((child, above, key));
                    above = key;
                }
                open[first..].reverse();
            }
        }
        self.damaged.len() == before
    }

    /// Marks the pages that are free: what is written on them was deleted. False where they cannot all be told.
    pub(crate) fn skip_free(&mut self) -> bool {
        let Some(first) = self.pages.get(1).filter(|page| page.starts_with(MAGIC)) else { return false };
        let (mut trunk, mut left) = (word(&first, 32), word(&first, 36));
        while trunk != 0 && left > 0 {
            let Some(page) = self.pages.get(trunk) else { return false };
            let leaves = word(&page, 4);
            if !self.seen.insert(trunk) || leaves >= left || leaves as usize > page.len() / 4 - 2 {
                return false;
            }
            self.seen.extend((0..leaves as usize).map(|place| word(&page, 8 + place * 4)));
            left -= leaves + 1;
            trunk = word(&page, 0);
        }
        trunk == 0 && left == 0
    }

    /// Gives the rows of every leaf that no tree led to.
    pub(crate) fn strays(&mut self, take: &mut dyn FnMut(Row)) {
        for number in (1..=self.pages.count()).filter(|number| !self.seen.contains(number)) {
            if let Some(page) = Page::read(self.pages, number)
                && matches!(page.kind(), TABLE_LEAF | INDEX_LEAF)
            {
                page.contents().rows.into_iter().for_each(&mut *take);
            }
        }
    }
}

/// Whether row numbers rise, from above one to at most another.
fn in_order(rows: &[Row], above: i64, most: i64) -> bool {
    let numbers = rows.iter().filter_map(|row| row.rowid);
    let first = numbers.clone().next();
    first.is_none_or(|first| first > above || above == i64::MIN)
        && numbers.clone().next_back().is_none_or(|last| last <= most)
        && numbers.is_sorted_by(|before, after| before < after)
}

/// What is on a page.
struct Contents {
    rows: Vec<Row>,
    /// The pages below it, in a table with the greatest row number there.
    children: Vec<(u32, Option<i64>)>,
    /// Whether everything on it could be read.
    whole: bool,
}

/// A b-tree page.
struct Page<'a> {
    pages: &'a Pages,
    bytes: Vec<u8>,
    /// Where its b-tree header begins.
    begin: usize,
}

impl<'a> Page<'a> {
    fn read(pages: &'a Pages, number: u32) -> Option<Self> {
        let bytes = pages.get(number)?;
        let page = Self { pages, bytes, begin: if number == 1 { FILE_HEADER } else { 0 } };
        matches!(page.kind(), INDEX_INTERIOR | TABLE_INTERIOR | INDEX_LEAF | TABLE_LEAF).then_some(page)
    }

    fn kind(&self) -> u8 {
        self.bytes[self.begin]
    }

    fn contents(&self) -> Contents {
        let interior = matches!(self.kind(), INDEX_INTERIOR | TABLE_INTERIOR);
        let cells = self.begin + if interior { 12 } else { 8 };
        let count = half(&self.bytes, self.begin + 3);
        let (mut rows, mut children, mut whole) = (Vec::new(), Vec::new(), true);
        for place in 0..count {
            let at = half(&self.bytes, cells + place * 2);
            // A pointer into the pointers, or out of the page, is no cell.
            if at < cells + count * 2 || at >= self.bytes.len() {
                whole = false;
                continue;
            }
            let mut cell = Bytes { bytes: &self.bytes, at };
            let child = if interior { cell.word() } else { None };
            if self.kind() == TABLE_INTERIOR {
                children.extend(child.map(|child| (child, cell.varint())));
                continue;
            }
            children.extend(child.map(|child| (child, None)));
            match self.row(&mut cell) {
                Some(row) => rows.push(row),
                None => whole = false,
            }
        }
        if interior {
            children.push((word(&self.bytes, self.begin + 8), None));
        }
        Contents { rows, children, whole: whole && cells + count * 2 <= self.bytes.len() }
    }

    fn row(&self, cell: &mut Bytes<'_>) -> Option<Row> {
        let length = usize::try_from(cell.varint()?).ok()?;
        let table = self.kind() == TABLE_LEAF;
        let rowid = if table { Some(cell.varint()?) } else { None };
        let (values, sound) = record(&self.payload(cell, length, table)?)?;
        Some(Row { rowid, values, sound })
    }

    /// A cell's payload, from the page and from the chain of pages behind it.
    fn payload(&self, cell: &Bytes<'_>, length: usize, table: bool) -> Option<Vec<u8>> {
        let usable = self.pages.size();
        if length > usable.checked_mul(self.pages.count() as usize)? {
            return None;
        }
        let least = (usable - 12) * 32 / 255 - 23;
        let most = if table { usable - 35 } else { (usable - 12) * 64 / 255 - 23 };
        let spread = least + length.saturating_sub(least) % (usable - 4);
        let local = if length <= most {
            length
        } else if spread <= most {
            spread
        } else {
            least
        };
        let mut payload = self.bytes.get(cell.at..cell.at + local)?.to_vec();
        payload.reserve_exact(length - local);
        let mut next = if local < length { word(&self.bytes, cell.at + local) } else { 0 };
        while payload.len() < length {
            let page = self.pages.get(next)?;
            let part = (usable - 4).min(length - payload.len());
            payload.extend_from_slice(&page[4..4 + part]);
            next = word(&page, 0);
        }
        // The chain ends where the payload does.
        (next == 0).then_some(payload)
    }
}

/// The values of a record, and whether its text is UTF-8; `None` where its parts do not add up to its length.
fn record(payload: &[u8]) -> Option<(Vec<Value>, bool)> {
    let mut header = Bytes { bytes: payload, at: 0 };
    let end = usize::try_from(header.varint()?).ok()?;
    let mut body = Bytes { bytes: payload, at: end };
    let mut sound = true;
    let mut values = Vec::new();
    while header.at < end {
        values.push(body.value(header.varint()?, &mut sound)?);
    }
    (header.at == end && body.at == payload.len()).then_some((values, sound))
}

/// Bytes with a place in them.
struct Bytes<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn word(&mut self) -> Option<u32> {
        Some(word(self.take(4)?, 0))
    }

    /// A number of 1 to 9 bytes, 7 bits in each but the ninth.
    fn varint(&mut self) -> Option<i64> {
        let mut number: u64 = 0;
        for place in 0..9 {
            let byte = self.take(1)?[0];
            if place == 8 {
                number = number << 8 | u64::from(byte);
                break;
            }
            number = number << 7 | u64::from(byte & 0x7f);
            if byte < 0x80 {
                break;
            }
        }
        Some(number.cast_signed())
    }

    /// A value of a serial type; `sound` becomes false where text had to be made readable.
    fn value(&mut self, kind: i64, sound: &mut bool) -> Option<Value> {
        let mut integer = |length: usize| {
            let bytes = self.take(length)?;
            let sign = if bytes[0] < 0x80 { 0 } else { -1 };
            Some(Value::Integer(bytes.iter().fold(sign, |number: i64, byte| number << 8 | i64::from(*byte))))
        };
        match kind {
            0 => Some(Value::Null),
            1..=4 => integer(usize::try_from(kind).ok()?),
            5 => integer(6),
            6 => integer(8),
            7 => Some(Value::Real(f64::from_be_bytes(self.take(8)?.try_into().ok()?))),
            8 | 9 => Some(Value::Integer(kind - 8)),
            12.. => {
                let bytes = self.take(usize::try_from((kind - 12) / 2).ok()?)?;
                if kind % 2 == 0 {
                    return Some(Value::Blob(bytes.to_vec()));
                }
                let text = String::from_utf8_lossy(bytes);
                *sound &= matches!(text, Cow::Borrowed(_));
                Some(Value::Text(text.into_owned()))
            }
            _ => None,
        }
    }
}

/// The big-endian half word at a place; 0 outside.
fn half(bytes: &[u8], at: usize) -> usize {
    bytes.get(at..at + 2).map_or(0, |half| usize::from(half[0]) << 8 | usize::from(half[1]))
}
