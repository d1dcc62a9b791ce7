//! What parent and child tell each other: a line of JSON, then bytes whose lengths it gives.

use epitome_book::{Book, Cover, Section};
use epitome_model::{BookMeta, ChapterMethod, Format, WireError};
use serde::{Deserialize, Serialize};

/// What the child is to read; `bytes` bytes follow.
#[derive(Debug, Serialize, Deserialize)]
pub struct Ask {
    pub file_name: String,
    pub bytes: usize,
}

/// What came of it.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// The text follows, then the cover.
    Book(Box<Frame>),
    Refused(WireError),
}

/// A book without its long parts.
#[derive(Debug, Serialize, Deserialize)]
pub struct Frame {
    format: Format,
    meta: BookMeta,
    method: ChapterMethod,
    sections: Vec<Section>,
    text_bytes: usize,
    /// Media type and length.
    cover: Option<(String, usize)>,
}

impl Frame {
    /// Takes a book apart: its frame, its text, its cover.
    pub fn of(book: Book) -> (Self, String, Vec<u8>) {
        let Book { format, meta, method, cover, text, sections } = book;
        let (kind, bytes) = cover.map(|cover| (cover.media_type, cover.bytes)).unzip();
        let bytes = bytes.unwrap_or_default();
        let cover = kind.map(|kind| (kind, bytes.len()));
        (Self { format, meta, method, sections, text_bytes: text.len(), cover }, text, bytes)
    }

    /// Bytes that follow.
    pub fn follows(&self) -> usize {
        self.text_bytes.saturating_add(self.cover.as_ref().map_or(0, |(_, bytes)| *bytes))
    }

    /// Puts the book together again from what followed; `None` where that is not what the frame says.
    pub fn book(self, mut long: Vec<u8>) -> Option<Book> {
        let Self { format, meta, method, sections, text_bytes, cover } = self;
        if long.len() < text_bytes {
            return None;
        }
        let picture = long.split_off(text_bytes);
        let text = String::from_utf8(long).ok()?;
        let cover = match cover {
            Some((media_type, bytes)) if bytes == picture.len() => Some(Cover { media_type, bytes: picture }),
            None if picture.is_empty() => None,
            _ => return None,
        };
        let book = Book { format, meta, method, cover, text, sections };
        book.check_ledger().is_ok().then_some(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_survives_the_way_and_a_lie_does_not() {
        let book = epitome_book::read(epitome_book::SAMPLE, epitome_book::SAMPLE_NAME).unwrap();
        let (frame, text, cover) = Frame::of(book.clone());
        assert!(book.cover.is_some() && frame.follows() == text.len() + cover.len());
        let line = serde_json::to_string(&Answer::Book(Box::new(frame))).unwrap();
        let back = |line: &str| match serde_json::from_str(line).unwrap() {
            Answer::Book(frame) => *frame,
            Answer::Refused(error) => panic!("{}", error.message),
        };
        let long = [text.as_bytes(), &cover].concat();
        assert_eq!(back(&line).book(long.clone()), Some(book));
        assert_eq!(back(&line).book(long[1..].to_vec()), None);
        let moved = line.replacen("\"start\":0", "\"start\":1", 1);
        assert_ne!(moved, line);
        assert_eq!(back(&moved).book(long), None);
    }
}
