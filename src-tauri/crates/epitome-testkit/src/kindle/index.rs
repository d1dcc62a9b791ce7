//! Writes indexes.

/// One entry: label, and the numbers under each tag.
pub type Entry = (Vec<u8>, Vec<(u8, Vec<usize>)>);

/// Tag, numbers in a group, mask.
type Kind = (u8, u8, u8);

pub const NAVIGATION: &[Kind] =
    &[(1, 1, 1), (2, 1, 2), (3, 1, 4), (4, 1, 8), (21, 1, 16), (22, 1, 32), (23, 1, 64), (6, 2, 128)];
pub const SKELETONS: &[Kind] = &[(1, 1, 3), (6, 2, 12)];
pub const FRAGMENTS: &[Kind] = &[(2, 1, 1), (3, 1, 2), (4, 1, 4), (6, 2, 8)];
pub const GUIDE: &[Kind] = &[(1, 1, 1), (6, 2, 2)];

/// Entries in one record; a few, so that indexes have several.
const IN_RECORD: usize = 3;

/// A number of seven bits a byte, the last byte marked.
fn number(value: usize) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(value & 0x7F).unwrap() | 0x80];
    let mut rest = value >> 7;
    while rest > 0 {
        bytes.insert(0, u8::try_from(rest & 0x7F).unwrap());
        rest >>= 7;
    }
    bytes
}

/// The record of those names, and where each is in it.
pub fn names(names: &[&str]) -> (Vec<u8>, Vec<usize>) {
    let (mut record, mut places) = (Vec::new(), Vec::new());
    for name in names {
        places.push(record.len());
        record.extend(number(name.len()));
        record.extend(name.bytes());
    }
    (record, places)
}

/// The records of an index, the head first, those of names last.
pub fn index(kinds: &[Kind], entries: &[Entry], names: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let parts: Vec<Vec<u8>> = entries.chunks(IN_RECORD).map(|part| part_record(kinds, part)).collect();
    let mut head = start(parts.len(), names.len());
    head.extend(b"TAGX");
    head.extend(u32::try_from(16 + kinds.len() * 4).unwrap().to_be_bytes());
    head.extend(1_u32.to_be_bytes());
    for (tag, group, mask) in kinds {
        head.extend([*tag, *group, *mask, 0]);
    }
    head.extend([0, 0, 0, 1]);
    [vec![head], parts, names.to_vec()].concat()
}

/// The first 192 bytes of a record: `count` of entries, or of records in the head.
fn start(count: usize, names: usize) -> Vec<u8> {
    let mut out = b"INDX".to_vec();
    out.extend(192_u32.to_be_bytes());
    out.resize(24, 0);
    out.extend(u32::try_from(count).unwrap().to_be_bytes());
    out.extend(65_001_u32.to_be_bytes());
    out.resize(52, 0);
    out.extend(u32::try_from(names).unwrap().to_be_bytes());
    out.resize(192, 0);
    out
}

fn part_record(kinds: &[Kind], entries: &[Entry]) -> Vec<u8> {
    let mut out = start(entries.len(), 0);
    let mut list = b"IDXT".to_vec();
    for (label, values) in entries {
        list.extend(u16::try_from(out.len()).unwrap().to_be_bytes());
        out.push(u8::try_from(label.len()).unwrap());
        out.extend(label);
        out.extend(numbers(kinds, values));
    }
    let at = u32::try_from(out.len()).unwrap().to_be_bytes();
    out[20..24].copy_from_slice(&at);
    [out, list].concat()
}

/// The control byte and the numbers it announces.
fn numbers(kinds: &[Kind], values: &[(u8, Vec<usize>)]) -> Vec<u8> {
    let (mut control, mut sizes, mut bytes) = (0, Vec::new(), Vec::new());
    for (tag, group, mask) in kinds {
        let Some((_, values)) = values.iter().find(|(this, _)| this == tag) else { continue };
        let groups = u8::try_from(values.len()).unwrap() / group;
        let written: Vec<u8> = values.iter().flat_map(|value| number(*value)).collect();
        if mask.count_ones() > 1 && groups >= mask >> mask.trailing_zeros() {
            control |= mask;
            sizes.extend(number(written.len()));
        } else {
            control |= groups << mask.trailing_zeros();
        }
        bytes.extend(written);
    }
    [vec![control], sizes, bytes].concat()
}
