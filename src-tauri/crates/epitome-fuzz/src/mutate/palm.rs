//! Changes to the records of a Palm database.

use super::Mutator;

const HEADER: usize = 78;

fn records(data: &[u8]) -> Option<Vec<Vec<u8>>> {
    let count = usize::from(u16::from_be_bytes(data.get(76..78)?.try_into().ok()?));
    let offset = |index: usize| {
        let at = HEADER + index * 8;
        Some(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?) as usize)
    };
    let mut offsets: Vec<usize> = (0..count).map(offset).collect::<Option<_>>()?;
    offsets.push(data.len());
    offsets.windows(2).map(|pair| data.get(pair[0]..pair[1]).map(<[u8]>::to_vec)).collect()
}

fn packed(header: &[u8], records: &[Vec<u8>]) -> Option<Vec<u8>> {
    let mut out = header.to_vec();
    out[76..78].copy_from_slice(&u16::try_from(records.len()).ok()?.to_be_bytes());
    let mut offset = HEADER + records.len() * 8 + 2;
    for record in records {
        out.extend(u32::try_from(offset).ok()?.to_be_bytes());
        out.extend([0; 4]);
        offset += record.len();
    }
    out.extend([0; 2]);
    out.extend(records.concat());
    Some(out)
}

impl Mutator<'_> {
    /// A database with records changed, or one in another's place; `None` if `data` is none.
    pub fn palm(&mut self, data: &[u8]) -> Option<Vec<u8>> {
        let mut records = records(data).filter(|records| !records.is_empty())?;
        for _ in 0..=self.random.below(3) {
            let count = records.len();
            let which = self.random.below(count);
            match self.random.below(12) {
                0 => {
                    records.remove(which);
                }
                1 => {
                    let record = records[which].clone();
                    records.insert(self.random.below(count), record);
                }
                2 => {
                    let other = self.random.below(count);
                    records.swap(which, other);
                }
                // The first record says what all others are.
                3..=6 => records[0] = self.head(&records[0]),
                _ => {
                    records[which] =
                        if self.one_in(2) { self.head(&records[which]) } else { self.bytes(&records[which]) }
                }
            }
            if records.is_empty() {
                break;
            }
        }
        packed(&data[..HEADER], &records)
    }

    /// A record whose first part is changed, where its numbers are.
    fn head(&mut self, record: &[u8]) -> Vec<u8> {
        let (head, rest) = record.split_at(record.len().min(300));
        let mut head = head.to_vec();
        let value = [0, 1, 2, 3, 0xFFFF_FFFF, 0x7FFF_FFFF, 0x8000_0000, 0x1_0000, 0xFFFF][self.random.below(9)];
        let at = self.random.below(head.len()) & !3;
        match head.get_mut(at..at + 4) {
            Some(place) if self.one_in(2) => place.copy_from_slice(&u32::to_be_bytes(value)),
            _ => head = self.bytes(&head),
        }
        [&head, rest].concat()
    }
}
