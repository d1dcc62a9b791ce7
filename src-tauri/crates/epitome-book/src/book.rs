//! A book as it was read: its text, and the sections that partition it. What every caller of this crate works on.

use std::ops::Range;

use epitome_model::{BookMeta, ChapterMethod, Coverage, Format, LeftOut, LeftOutReason};
use serde::{Deserialize, Serialize};

use crate::{BookError, limits};

/// A book read from the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub format: Format,
    pub meta: BookMeta,
    /// How the chapters were found.
    pub method: ChapterMethod,
    pub cover: Option<Cover>,
    /// The whole text in reading order. Paragraphs of an EPUB are separated by a blank line; a text file is kept
    /// as it is, but for line ends (`\n`) and a byte-order mark.
    pub text: String,
    /// In reading order; contiguous, together exactly `text`.
    pub sections: Vec<Section>,
}

/// A cover picture, at most [`limits::COVER_BYTES`] long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cover {
    /// `image/jpeg`, `image/png`, `image/gif` or `image/webp`, by the picture's own first bytes.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl Cover {
    /// The picture, if a window can show it and it is not too large.
    pub(crate) fn of(bytes: Vec<u8>) -> Option<Self> {
        let media_type = media_type(&bytes)?.to_owned();
        (bytes.len() <= limits::COVER_BYTES).then_some(Self { media_type, bytes })
    }
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// A chapter, or a stretch left out with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub title: String,
    /// Titles of the parts around it, outermost first, such as `Book I, Part II: 1806`.
    pub part: Option<String>,
    /// Bytes of [`Book::text`], its heading included.
    pub range: Range<usize>,
    /// Unicode scalar values in `range`.
    pub chars: u32,
    pub left_out: Option<LeftOutReason>,
}

impl Book {
    /// Checks that the sections partition the text, and sums them up.
    pub fn check_ledger(&self) -> Result<Coverage, BookError> {
        ledger(&self.text, &self.sections)
    }

    /// Text of section `index`; empty for an index that is not there.
    pub fn section_text(&self, index: usize) -> &str {
        self.sections.get(index).and_then(|section| self.text.get(section.range.clone())).unwrap_or_default()
    }

    /// The chapters, that is the sections not left out: number from 1, index in [`Book::sections`], section.
    pub fn chapters(&self) -> impl Iterator<Item = (u32, usize, &Section)> {
        let kept = self.sections.iter().enumerate().filter(|(_, section)| section.left_out.is_none());
        (1..).zip(kept).map(|(number, (index, section))| (number, index, section))
    }

    /// The book if it has text, is within the limits and its ledger adds up.
    pub(crate) fn checked(self) -> Result<Self, BookError> {
        let letters = self.text.chars().filter(|c| c.is_alphanumeric()).take(limits::LEAST_LETTERS).count();
        if letters < limits::LEAST_LETTERS {
            return Err(BookError::NoText);
        }
        let coverage = self.check_ledger()?;
        if coverage.source_chars as usize > limits::TEXT_CHARS {
            return Err(BookError::TooLarge(format!("its text is longer than {} characters", limits::TEXT_CHARS)));
        }
        if self.sections.len() > limits::SECTIONS {
            return Err(BookError::TooLarge(format!("it has more than {} chapters", limits::SECTIONS)));
        }
        if coverage.chapter_chars == 0 { Err(BookError::NoText) } else { Ok(self) }
    }
}

/// Checks that sections partition a text, and sums them up.
pub fn ledger(text: &str, sections: &[Section]) -> Result<Coverage, BookError> {
    let mut at = 0;
    let mut coverage = Coverage { source_chars: count(text), ..Coverage::default() };
    for section in sections {
        let inner = text.get(section.range.clone()).filter(|_| section.range.start == at);
        let Some(inner) = inner.filter(|inner| count(inner) == section.chars) else {
            return Err(BookError::Ledger { source_bytes: text.len(), accounted_bytes: at });
        };
        at += inner.len();
        match section.left_out {
            None => coverage.chapter_chars += section.chars,
            Some(reason) => {
                coverage.left_out.push(LeftOut { title: section.title.clone(), chars: section.chars, reason });
            }
        }
    }
    if at == text.len() && coverage.adds_up() {
        Ok(coverage)
    } else {
        Err(BookError::Ledger { source_bytes: text.len(), accounted_bytes: at })
    }
}

/// Unicode scalar values; texts longer than `u32` can count are refused long before.
pub(crate) fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}
