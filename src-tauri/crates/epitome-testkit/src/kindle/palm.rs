//! Writes Palm databases that hold Kindle books.

use super::pack::Packing;

/// A number that stands for "there is none".
pub const NONE: u32 = u32::MAX;

/// A database of those records.
pub fn palm(kind: &str, records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"The_Lamp_on_the_Pier".to_vec();
    out.resize(60, 0);
    out.extend(kind.bytes());
    out.resize(76, 0);
    out.extend(u16::try_from(records.len()).unwrap().to_be_bytes());
    let mut offset = 78 + records.len() * 8 + 2;
    for record in records {
        out.extend(u32::try_from(offset).unwrap().to_be_bytes());
        out.extend([0; 4]);
        offset += record.len();
    }
    out.extend([0; 2]);
    out.extend(records.concat());
    out
}

/// Record 0 of a book.
pub struct Head {
    pub packing: Packing,
    pub texts: usize,
    pub encryption: u16,
    pub page: u32,
    pub version: u32,
    pub title: &'static str,
    pub locale: u32,
    /// Metadata entries.
    pub said: Vec<(u32, Vec<u8>)>,
    /// Other numbers by their place in the record.
    pub numbers: Vec<(usize, usize)>,
}

impl Default for Head {
    fn default() -> Self {
        let said = vec![(100, b"Ann Author".to_vec()), (100, b"Tom &amp; Co".to_vec()), (524, b"en_gb".to_vec())];
        Self {
            packing: Packing::PalmDoc,
            texts: 0,
            encryption: 0,
            page: 65_001,
            version: 6,
            title: "The Lamp on the Pier",
            locale: 9,
            said,
            numbers: Vec::new(),
        }
    }
}

impl Head {
    pub fn record(&self) -> Vec<u8> {
        const LENGTH: usize = 264;
        let mut out = vec![0xFF; 16 + LENGTH];
        let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
        let packing: u16 = match self.packing {
            Packing::Plain => 1,
            Packing::PalmDoc => 2,
            Packing::Huffman => 17_480,
        };
        put(0, &packing.to_be_bytes());
        put(8, &u16::try_from(self.texts).unwrap().to_be_bytes());
        put(12, &self.encryption.to_be_bytes());
        put(16, b"MOBI");
        let said: Vec<Vec<u8>> = self.said.iter().map(|(kind, value)| said(*kind, value)).collect();
        let name = 16 + LENGTH + 12 + said.concat().len();
        for (at, number) in [
            (20, LENGTH),
            (28, self.page as usize),
            (36, self.version as usize),
            (84, name),
            (88, self.title.len()),
            (92, self.locale as usize),
            (240, 0),
        ] {
            put(at, &u32::try_from(number).unwrap().to_be_bytes());
        }
        for (at, number) in &self.numbers {
            put(*at, &u32::try_from(*number).unwrap().to_be_bytes());
        }
        out.extend(b"EXTH");
        out.extend(u32::try_from(12 + said.concat().len()).unwrap().to_be_bytes());
        out.extend(u32::try_from(said.len()).unwrap().to_be_bytes());
        out.extend(said.concat());
        out.extend(self.title.bytes());
        out
    }
}

fn said(kind: u32, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len() + 8).unwrap();
    [&kind.to_be_bytes(), &length.to_be_bytes(), value].concat()
}
