//! What a reader may change in a preview before a book is added, and what a preview knows of a book that is there.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::BookId;

/// One change of the list of sections. Places count from 0 in the list as the changes before it have left it. Taking the
/// last change back is leaving it out: the list is always made of what was read and of all changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "edit", rename_all = "snake_case")]
pub enum Edit {
    /// These sections are not to be summarised; one that is left out already stays so with its reason.
    LeaveOut { sections: Vec<u32> },
    /// These sections are chapters.
    PutBack { sections: Vec<u32> },
    /// A section and so many that follow it become one.
    Merge { section: u32, following: u32 },
    /// A section becomes two; `at` counts its characters (Unicode scalar values) and moves to the nearest good place.
    Split { section: u32, at: u32 },
    /// A section gets another title.
    Rename { section: u32, title: String },
    /// Chapters begin at the lines that a regular expression finds; what is left out stays as it is.
    Pattern { pattern: String },
}

/// A paragraph of a section, for choosing where to split it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Paragraph {
    /// Its place in the section, in characters (Unicode scalar values).
    pub at: u32,
    /// Its beginning, on one line.
    pub text: String,
}

/// Some paragraphs of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SectionParagraphs {
    pub paragraphs: Vec<Paragraph>,
    /// Where the paragraphs go on that were not given; absent at the end.
    pub next: Option<u32>,
}

/// What the library knows of a section of a book that has grown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Kinship {
    /// It is in the book that is there; its summary stays.
    Same,
    /// It takes the place of one that reads otherwise.
    Changed,
    New,
}

/// A book of the library that a file is a newer version of, such as a serial with further chapters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Grown {
    pub book: BookId,
    /// Title of the book that is there.
    pub title: String,
    /// Chapters of the file by what is known of them.
    pub same: u32,
    pub changed: u32,
    pub new: u32,
    /// Chapters of the book that the file does not hold any more.
    pub gone: u32,
}

/// What becomes of a file that is a newer version of a book in the library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AddAs {
    /// The book gets what is new; chapters that the file does not hold any more stay, with their summaries.
    #[default]
    Update,
    /// As [`AddAs::Update`], but what the file does not hold any more goes.
    Replace,
    /// It becomes a book of its own.
    NewBook,
}
