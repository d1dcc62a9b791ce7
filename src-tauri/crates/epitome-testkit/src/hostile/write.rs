//! How files made to do harm are written.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What a bomb unpacks to, in bytes: more than any limit.
pub const BOMB: usize = 1 << 30;

/// Content of an item of an archive.
pub enum Content<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
    /// So many times the same byte.
    Many(u8, usize),
}

impl Content<'_> {
    pub fn write(&self, out: &mut impl Write) {
        // A buffer in memory takes all.
        let _ = match self {
            Self::Text(text) => out.write_all(text.as_bytes()),
            Self::Bytes(bytes) => out.write_all(bytes),
            Self::Many(byte, times) => {
                let block = vec![*byte; 1 << 20];
                let whole = (0..times / block.len()).try_for_each(|_| out.write_all(&block));
                whole.and_then(|()| out.write_all(&block[..times % block.len()]))
            }
        };
    }
}

/// A bomb: it begins with `start`, and goes on and on.
pub const ZEROS: Content<'_> = Content::Many(0, BOMB);

pub fn gzip(content: &Content<'_>) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    content.write(&mut gzip);
    gzip.finish().unwrap_or_default()
}

pub fn zlib(content: &Content<'_>) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    content.write(&mut zlib);
    zlib.finish().unwrap_or_default()
}

/// An archive of those items, packed.
pub fn zip(items: &[(&str, Content<'_>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in items {
        let _ = zip.start_file(*name, packed.compression_level(Some(1)));
        content.write(&mut zip);
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// The first so many hundredths of a file.
pub fn first(mut bytes: Vec<u8>, hundredths: usize) -> Vec<u8> {
    bytes.truncate(bytes.len() * hundredths / 100);
    bytes
}

/// An opening again and again.
pub fn nested(before: &str, open: &str, times: usize) -> Vec<u8> {
    format!("{before}{}", open.repeat(times)).into_bytes()
}

/// Entities that would unfold to billions of characters, and one that would read a file; for the start of a document
/// that then says `&a11; &file;`.
pub fn entities() -> String {
    let mut text = String::from("<!DOCTYPE x [<!ENTITY file SYSTEM 'file:///etc/passwd'><!ENTITY a0 'ha'>");
    for level in 1..12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        text += &format!("<!ENTITY a{level} '{inner}'>");
    }
    text + "]>"
}

/// Bytes without any order after a beginning that promises some.
pub fn noise(start: &[u8], length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    start.iter().copied().chain(std::iter::repeat_with(&mut next).take(length)).collect()
}
