//! What a search over the library finds.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{BookId, SectionId};

/// Where words are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SearchIn {
    /// Titles, authors, summaries and the books' own text.
    #[default]
    Everything,
    /// What was written about the books: titles, previews, summaries and synopses.
    Summaries,
    /// The books' own text.
    Sources,
}

/// What of a book or a chapter holds the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Title, authors or series of the book.
    Book,
    Synopsis,
    /// The chapter's title, the written one or the source's.
    Title,
    Preview,
    Summary,
    Source,
}

/// A part of a text that is to be made visible: from one character up to another, in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Mark {
    pub from: u32,
    pub to: u32,
}

/// One place that holds the words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Hit {
    /// None where it is of the book as a whole.
    pub section: Option<SectionId>,
    pub number: Option<u32>,
    /// The chapter's written title, else the source's; the book's where it is of the book as a whole.
    pub title: String,
    pub place: Place,
    /// Some of the text around the first of the words.
    pub snippet: String,
    /// The words in the snippet.
    pub marks: Vec<Mark>,
    /// How often one of the words is in the whole text.
    pub times: u32,
    /// Where in the whole text the first of the snippet's marks begins, in Unicode scalar values.
    pub at: u32,
}

/// What was found in one book, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BookHits {
    pub book: BookId,
    pub title: String,
    pub authors: Vec<String>,
    pub hits: Vec<Hit>,
    /// Places in the book that hold the words, shown or not.
    pub total: u32,
}

/// What a search found, the best book first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Found {
    pub books: Vec<BookHits>,
    /// Places that hold the words, shown or not.
    pub total: u32,
    /// Chapters that were added lately and cannot be found yet.
    pub unindexed: u32,
}

/// Where words are in the texts of one chapter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChapterMarks {
    pub title: Vec<Mark>,
    pub preview: Vec<Mark>,
    pub summary: Vec<Mark>,
    pub source: Vec<Mark>,
}
