//! What goes between parent and child. The request: length and JSON of a head, then the file's bytes; the pipe stays
//! open behind them. The answer: text, cover, JSON of the rest, its length, and a mark that all of it is there. So the
//! buffer that the answer is read into becomes the book's text, and no text is ever escaped.

use std::io::{self, Read, Write};

use epitome_book::pdf::{Engine, Outline};
use epitome_book::{Book, limits};
use epitome_model::WireError;
use serde::{Deserialize, Serialize};

/// Stands at the end of a whole answer.
const MARK: [u8; 8] = *b"EPITOME1";

/// Bytes of an answer's JSON: titles of all sections, with room.
const HEAD_BYTES: usize = 64 << 20;

/// Bytes of the longest answer that is taken.
pub const ANSWER_BYTES: usize = 4 * limits::TEXT_CHARS + limits::COVER_BYTES + HEAD_BYTES;

/// What the child is to do with the bytes. What may fail by itself is a task of its own, run in a child of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// Read the book.
    Book,
    /// Read the outline of a PDF.
    PdfOutline,
    /// Read a PDF as one engine does, with the chapters of its outline.
    PdfBook { engine: Engine, outline: Outline },
}

/// What a child is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    pub task: Task,
    pub file_name: String,
    /// Length of the file, which follows.
    pub bytes: usize,
    /// Seconds of processor time the child may take.
    pub seconds: u64,
}

/// What a child answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    Book(Box<Book>),
    /// Empty where it cannot be read.
    Outline(Outline),
    /// The file was looked at and is no book that can be read, unless by another engine of its format.
    Refused {
        error: WireError,
        other_engine: bool,
    },
}

/// The answer without text and cover, which stand before it.
#[derive(Serialize, Deserialize)]
enum Head {
    Book { book: Box<Book>, text: usize, cover: usize },
    Outline(Outline),
    Refused { error: WireError, other_engine: bool },
}

impl Request {
    /// The bytes that stand before the file's.
    pub fn head(&self) -> io::Result<Vec<u8>> {
        let json = serde_json::to_vec(self)?;
        let length = u32::try_from(json.len()).map_err(io::Error::other)?;
        Ok([&length.to_le_bytes(), json.as_slice()].concat())
    }

    pub fn read(input: &mut impl Read) -> io::Result<Self> {
        let mut length = [0; 4];
        input.read_exact(&mut length)?;
        let mut json = Vec::new();
        input.take(u64::from(u32::from_le_bytes(length))).read_to_end(&mut json)?;
        Ok(serde_json::from_slice(&json)?)
    }
}

impl Answer {
    pub fn write(self, out: &mut impl Write) -> io::Result<()> {
        let head = match self {
            Self::Refused { error, other_engine } => Head::Refused { error, other_engine },
            Self::Outline(outline) => Head::Outline(outline),
            Self::Book(mut book) => {
                let text = std::mem::take(&mut book.text);
                let cover = book.cover.as_mut().map(|cover| std::mem::take(&mut cover.bytes)).unwrap_or_default();
                out.write_all(text.as_bytes())?;
                out.write_all(&cover)?;
                Head::Book { book, text: text.len(), cover: cover.len() }
            }
        };
        let json = serde_json::to_vec(&head)?;
        out.write_all(&json)?;
        out.write_all(&(json.len() as u64).to_le_bytes())?;
        out.write_all(&MARK)?;
        out.flush()
    }

    /// The answer in `bytes`; `None` where they are anything else. The child may be the file's by now, so nothing it
    /// says is believed: the book's ledger must add up here too, and its names are made fit to be shown.
    pub fn of(mut bytes: Vec<u8>) -> Option<Self> {
        let rest = bytes.strip_suffix(&MARK)?;
        let (rest, length) = rest.split_last_chunk()?;
        let start = rest.len().checked_sub(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let (before, json) = rest.split_at(start);
        match serde_json::from_slice(json).ok()? {
            Head::Refused { error, other_engine } => before.is_empty().then_some(Self::Refused { error, other_engine }),
            Head::Outline(outline) => before.is_empty().then_some(Self::Outline(outline)),
            Head::Book { mut book, text, cover } => {
                if text.checked_add(cover) != Some(start) || cover > limits::COVER_BYTES {
                    return None;
                }
                match &mut book.cover {
                    Some(picture) => picture.bytes = before[text..].to_vec(),
                    None if cover == 0 => {}
                    None => return None,
                }
                bytes.truncate(text);
                book.text = String::from_utf8(bytes).ok()?;
                book.checked().ok().map(|book| Self::Book(Box::new(book)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use epitome_book::{SAMPLE, SAMPLE_NAME};
    use epitome_model::ErrorCode;

    use super::*;

    fn sample() -> Book {
        epitome_book::read(SAMPLE, SAMPLE_NAME).unwrap()
    }

    fn written(answer: Answer) -> Vec<u8> {
        let mut bytes = Vec::new();
        answer.write(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_book_arrives_as_it_was_sent() {
        let book = sample();
        assert!(book.cover.is_some());
        assert_eq!(Answer::of(written(Answer::Book(Box::new(book.clone())))), Some(Answer::Book(Box::new(book))));
        let error = WireError::new(ErrorCode::BookEmpty, "“x” is empty.", "Get it again.");
        let refused = Answer::Refused { error, other_engine: true };
        assert_eq!(Answer::of(written(refused.clone())), Some(refused));
    }

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let request = Request { task: Task::Book, file_name: "ä \n.txt".to_owned(), bytes: 7, seconds: 20 };
        let sent = [request.head().unwrap(), b"content".to_vec()].concat();
        let mut input = sent.as_slice();
        assert_eq!(Request::read(&mut input).unwrap(), request);
        assert_eq!(input, b"content");
    }

    #[test]
    fn an_answer_cut_anywhere_or_changed_is_none() {
        let whole = written(Answer::Book(Box::new(sample())));
        for cut in [0, 1, 8, 16, 17, whole.len() / 2, whole.len() - 1] {
            assert_eq!(Answer::of(whole[..cut].to_vec()), None, "{cut}");
            assert_eq!(Answer::of(whole[whole.len() - cut..].to_vec()), None, "{cut}");
        }
        let mut broken = whole.clone();
        // No UTF-8 has this byte.
        broken[100] = 0xFF;
        assert_eq!(Answer::of(broken), None);
        let mut short = sample();
        short.text.truncate(short.text.len() - 1);
        assert_eq!(Answer::of(written(Answer::Book(Box::new(short)))), None, "its ledger does not add up");
    }
}
