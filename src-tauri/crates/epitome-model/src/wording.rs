//! The person's own words in the prompts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ProviderKind;

/// The person's own words in the prompts; what is absent is as usual. What makes an answer safe to read (the fences
/// around the text, the form, the language, the length) is never theirs to lose.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Wording {
    /// How to write: the last part of what the model is told before everything else.
    pub style: Option<String>,
    /// Asks for the summary of a chapter in one go.
    pub chapter: Option<String>,
    /// Asks for notes on a part of a longer chapter.
    pub part: Option<String>,
    /// Asks for a chapter's summary from its notes.
    pub reduce: Option<String>,
    /// Asks for one summary of several.
    pub merge: Option<String>,
}

impl Wording {
    /// Whether all of it is as usual.
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// What a chapter would be asked with some words, and what came of asking.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WordsTrial {
    /// What goes to the model, the text of the book shortened.
    pub system: String,
    pub user: String,
    /// Pieces the chapter is read in; the first of them is shown.
    pub pieces: u32,
    /// Absent where nothing was asked.
    pub answer: Option<TrialAnswer>,
}

/// What a model answered to a trial; nothing of it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TrialAnswer {
    pub title: Option<String>,
    pub preview: Option<String>,
    /// The summary, or the notes where the chapter has several pieces.
    pub summary: String,
    pub provider: ProviderKind,
    pub model: String,
    /// From the request to the last token, in milliseconds; loading the model not counted.
    pub took_ms: u32,
}
