//! A book as it was read: its text, and the sections that partition it. What every caller of this crate works on.

use std::ops::Range;

use epitome_model::{BookMeta, ChapterMethod, Coverage, Format, LeftOut, LeftOutReason, one_line};
use serde::{Deserialize, Serialize};

use crate::outline::{UNTITLED, clean_title, cut_line};
use crate::{BookError, limits};

/// Unicode scalar values of a place in a series.
const NUMBER: usize = 20;

/// A book read from the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    pub format: Format,
    pub meta: BookMeta,
    /// How the chapters were found.
    pub method: ChapterMethod,
    pub cover: Option<Cover>,
    /// The whole text in reading order. Paragraphs of an EPUB are separated by a blank line; a text file is kept
    /// as it is, but for line ends (`\n`), a byte-order mark and the white space where hard-wrapped lines are joined.
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

    /// The book, its names made fit to be shown, if it has text, is within the limits and its ledger adds up.
    pub fn checked(mut self) -> Result<Self, BookError> {
        self.tidy();
        let letters = self.text.chars().filter(|c| c.is_alphanumeric()).take(limits::LEAST_LETTERS).count();
        if letters < limits::LEAST_LETTERS {
            return Err(BookError::NoText);
        }
        if unread(&self.text) {
            return Err(BookError::Broken("many of its letters cannot be shown".to_owned()));
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

    /// What a file says of itself may hold anything; what is shown stands on one line and has an end.
    fn tidy(&mut self) {
        let meta = &mut self.meta;
        let clean = |name: &mut String| *name = clean_title(name);
        clean(&mut meta.title);
        if let Some(series) = &mut meta.series {
            clean(&mut series.name);
            series.number = series.number.take().map(|number| one_line(&number).chars().take(NUMBER).collect());
        }
        meta.authors.iter_mut().for_each(clean);
        meta.authors.retain(|author| author != UNTITLED);
        meta.authors.truncate(limits::AUTHORS);
        for section in &mut self.sections {
            clean(&mut section.title);
            section.part = section.part.take().map(|part| cut_line(&part, limits::PART_CHARS));
            section.part = section.part.take().filter(|part| !part.is_empty());
        }
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

/// Whether one in twenty characters is a mark for what could not be decoded, or a control character.
fn unread(text: &str) -> bool {
    let bytes = text.as_bytes();
    let control = |byte: &&u8| **byte < 9 || (14..32).contains(*byte) || **byte == 127;
    let low = bytes.iter().filter(control).count();
    // U+0080 to U+009F but for U+0085, which is a line end.
    let high = |two: &&[u8]| two[0] == 0xC2 && (0x80..0xA0).contains(&two[1]) && two[1] != 0x85;
    let high = bytes.windows(2).filter(high).count();
    let odd = low + high + text.matches(char::REPLACEMENT_CHARACTER).count();
    odd > 0 && odd * 20 > text.chars().count()
}

/// Unicode scalar values; texts longer than `u32` can count are refused long before.
pub(crate) fn count(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_fit_to_be_shown_whatever_the_file_says() {
        let text = "Words that make a chapter of some length, which they must.".to_owned();
        let part = |part: &str| Section {
            title: "One\u{7F}\n two".to_owned(),
            part: Some(part.to_owned()),
            range: 0..text.len(),
            chars: count(&text),
            left_out: None,
        };
        let meta = BookMeta {
            title: "The\u{1}Road\u{202E}".to_owned(),
            authors: vec!["Ann\tWalker".to_owned(), "\u{7} ".to_owned()],
            ..BookMeta::default()
        };
        let book = |named: &str| {
            let sections = vec![part(named)];
            let (format, method, text) = (Format::Text, ChapterMethod::Whole, text.clone());
            Book { format, meta: meta.clone(), method, cover: None, text, sections }.checked().unwrap()
        };
        let long = book(&"Part \u{1}of ".repeat(200));
        assert_eq!(
            (long.meta.title.as_str(), long.meta.authors.as_slice()),
            ("The Road", &["Ann Walker".to_owned()][..])
        );
        assert_eq!(long.sections[0].title, "One two");
        assert_eq!(long.sections[0].part.as_ref().map(|part| part.chars().count()), Some(limits::PART_CHARS - 1));
        assert_eq!(book("\u{1}\u{2}").sections[0].part, None);
    }
}
