//! What a book is before anything is done with it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// File format a book was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Epub,
    Text,
    Markdown,
    Html,
    Pdf,
    /// Word, since 2007.
    Docx,
    /// `FictionBook` 2.
    Fb2,
    /// Kindle: MOBI, AZW3 and PRC.
    Mobi,
}

/// What the book says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BookMeta {
    pub title: String,
    pub authors: Vec<String>,
    /// BCP 47 tag, such as `en` or `zh-Hant`.
    pub language: Option<String>,
    #[serde(default)]
    pub series: Option<Series>,
}

/// The series a book belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Series {
    pub name: String,
    /// The book's place in it as the book tells it, such as `3` or `2.5`.
    pub number: Option<String>,
}

/// How the chapters were found, from the surest to the least sure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChapterMethod {
    /// EPUB 3 navigation document.
    Navigation,
    /// EPUB 2 NCX.
    Ncx,
    /// Bookmarks of a PDF.
    Outline,
    /// One chapter for each document of the spine.
    Spine,
    /// Headings recognised in the text.
    Headings,
    /// No usable headings: sections of a sensible size.
    Sized,
    /// The whole text is one chapter.
    Whole,
    /// A pattern that the reader gave.
    Pattern,
}

/// How sure it is that the chapters are what a reader would call so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sureness {
    Sure,
    Likely,
    Unsure,
}

/// What speaks for the chapters that were found, or against them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Certainty {
    pub sureness: Sureness,
    /// One or two plain sentences.
    pub reason: String,
}

/// Why a part of the source is not summarised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    Cover,
    TitlePage,
    /// Publisher's data, imprint, colophon, copyright.
    Imprint,
    /// Table of contents, list of illustrations, navigation.
    Contents,
    Licence,
    Index,
    /// Notes gathered at the end, bibliography, list of the persons of a story.
    Notes,
    /// White space, page marks or ornaments only.
    Blank,
    /// The reader excluded it.
    Excluded,
    /// The book names it and does not hold it; without text.
    Missing,
}

impl LeftOutReason {
    /// The reason in words, as the window and the exports say it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::TitlePage => "title page",
            Self::Imprint => "imprint",
            Self::Contents => "contents",
            Self::Licence => "licence",
            Self::Index => "index",
            Self::Notes => "notes and lists",
            Self::Blank => "no text",
            Self::Excluded => "excluded by the reader",
            Self::Missing => "missing in the file",
        }
    }
}

/// A stretch of the source that is not summarised, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LeftOut {
    pub title: String,
    /// Unicode scalar values.
    pub chars: u32,
    pub reason: LeftOutReason,
}

/// The ledger's sum: every character of the source is in a chapter or in a named left-out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Coverage {
    /// All characters of the source.
    pub source_chars: u32,
    /// Characters in chapters.
    pub chapter_chars: u32,
    /// Characters in chapters that have a summary.
    pub summarised_chars: u32,
    pub left_out: Vec<LeftOut>,
}

impl Coverage {
    /// Whether chapters and left-outs add up to the source.
    pub fn adds_up(&self) -> bool {
        self.chapter_chars + self.left_out.iter().map(|part| part.chars).sum::<u32>() == self.source_chars
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coverage_adds_up_only_when_every_character_is_named() {
        let cover = LeftOut { title: "Cover".into(), chars: 5, reason: LeftOutReason::Cover };
        let whole = Coverage { source_chars: 15, chapter_chars: 10, summarised_chars: 0, left_out: vec![cover] };
        assert!(whole.adds_up());
        assert!(!Coverage { chapter_chars: 9, ..whole }.adds_up());
    }
}
