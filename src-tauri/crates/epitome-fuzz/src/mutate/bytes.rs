//! Changes to bytes of no known form.

use super::{LARGEST, Mutator};

/// Numbers at which reckoning goes wrong.
const EDGES: [u64; 16] = [
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    u64::MAX >> 1,
    u64::MAX,
];

/// Numbers in words, for formats that are text.
const WRITTEN: [&str; 12] = [
    "0",
    "1",
    "-1",
    "2",
    "255",
    "256",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "99999999999999999999",
    "1e9",
];

impl Mutator<'_> {
    /// A few changes one after another.
    pub fn bytes(&mut self, data: &[u8]) -> Vec<u8> {
        let mut data = data.to_vec();
        let times = if self.one_in(4) { 1 + self.random.below(12) } else { 1 + self.random.below(3) };
        for _ in 0..times {
            self.once(&mut data);
        }
        data
    }

    fn once(&mut self, data: &mut Vec<u8>) {
        match self.random.below(15) {
            0 | 1 => self.flip(data),
            2 => self.set_byte(data),
            3 => self.set_number(data),
            4 => self.write_number(data),
            5 | 6 => self.insert_word(data),
            7 => self.overwrite_with_word(data),
            8 => {
                let block = self.block(data, 4096);
                data.drain(block);
            }
            9 => self.repeat(data),
            10 => self.copy(data),
            11 => self.splice(data),
            12 => {
                if self.one_in(4) {
                    data.truncate(self.random.below(data.len() + 1));
                }
            }
            13 => self.swap_lines(data),
            _ => self.repeat_line(data),
        }
    }

    /// A stretch of at most so many bytes.
    fn block(&mut self, data: &[u8], most: usize) -> std::ops::Range<usize> {
        let start = self.random.below(data.len() + 1);
        // Short ones more often than long ones.
        let most = most >> self.random.below(10);
        let length = self.random.below(most.min(data.len() - start) + 1);
        start..start + length
    }

    fn flip(&mut self, data: &mut [u8]) {
        let at = self.random.below(data.len());
        let bit = self.random.below(8);
        if let Some(byte) = data.get_mut(at) {
            *byte ^= 1 << bit;
        }
    }

    fn set_byte(&mut self, data: &mut [u8]) {
        let at = self.random.below(data.len());
        let value = self.random.next_u64().to_le_bytes()[0];
        if let Some(byte) = data.get_mut(at) {
            *byte = value;
        }
    }

    /// Sets one to eight bytes to a number of the edge, of either byte order.
    fn set_number(&mut self, data: &mut [u8]) {
        let edge = EDGES[self.random.below(EDGES.len())];
        let size = [1, 2, 4, 8][self.random.below(4)];
        let at = self.random.below(data.len());
        let number =
            if self.one_in(2) { edge.to_le_bytes()[..size].to_vec() } else { edge.to_be_bytes()[8 - size..].to_vec() };
        if let Some(place) = data.get_mut(at..at + size) {
            place.copy_from_slice(&number);
        }
    }

    /// Puts another number where one is written in digits.
    fn write_number(&mut self, data: &mut Vec<u8>) {
        let from = self.random.below(data.len());
        let Some(start) = data[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
        let end = data[start..].iter().position(|byte| !byte.is_ascii_digit()).map_or(data.len(), |at| start + at);
        let number = WRITTEN[self.random.below(WRITTEN.len())];
        data.splice(start..end, number.bytes());
    }

    fn word(&mut self) -> Vec<u8> {
        self.random.pick(self.words).map(|word| word.as_bytes().to_vec()).unwrap_or_default()
    }

    fn insert_word(&mut self, data: &mut Vec<u8>) {
        let at = self.random.below(data.len() + 1);
        let word = self.word();
        data.splice(at..at, word);
    }

    fn overwrite_with_word(&mut self, data: &mut Vec<u8>) {
        let at = self.random.below(data.len() + 1);
        let word = self.word();
        let end = (at + word.len()).min(data.len());
        data.splice(at..end, word);
    }

    fn repeat(&mut self, data: &mut Vec<u8>) {
        let block = self.block(data, 512);
        let most = if self.one_in(6) { LARGEST } else { 4096 };
        let times = self.random.below(most / block.len().max(1) + 1);
        let (end, repeated) = (block.end, data[block].repeat(times));
        if data.len() + repeated.len() <= LARGEST {
            data.splice(end..end, repeated);
        }
    }

    fn copy(&mut self, data: &mut Vec<u8>) {
        let block = self.block(data, 2048);
        let block = data[block].to_vec();
        let at = self.random.below(data.len() + 1);
        data.splice(at..at, block);
    }

    /// Takes over a stretch of another input.
    fn splice(&mut self, data: &mut Vec<u8>) {
        let other = self.random.below(self.pool.len());
        let Some(other) = self.pool.get(other) else { return };
        let from = self.block(other, 4096);
        let place = self.block(data, 256);
        data.splice(place, other[from].iter().copied());
    }

    fn line(&mut self, data: &[u8]) -> std::ops::Range<usize> {
        let at = self.random.below(data.len());
        let start = data[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = data[at..].iter().position(|byte| *byte == b'\n').map_or(data.len(), |end| at + end + 1);
        start..end
    }

    fn swap_lines(&mut self, data: &mut Vec<u8>) {
        let line = self.line(data);
        let line: Vec<u8> = data.drain(line).collect();
        let to = self.line(data).start;
        data.splice(to..to, line);
    }

    fn repeat_line(&mut self, data: &mut Vec<u8>) {
        let line = self.line(data);
        let most = if self.one_in(8) { 2000 } else { 12 };
        let times = 1 + self.random.below(most);
        let (end, repeated) = (line.end, data[line].repeat(times));
        if data.len() + repeated.len() <= LARGEST {
            data.splice(end..end, repeated);
        }
    }
}
