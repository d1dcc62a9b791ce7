//! Why a change of the list of sections cannot be made.

use epitome_model::{ErrorCode, WireError};

use crate::limits;

/// Why a change cannot be made. `Display` gives a plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("There is no section {}: the list has {sections}.", .place.saturating_add(1))]
    NoSection {
        /// From 0.
        place: u32,
        sections: usize,
    },
    /// Holds the section's title.
    #[error("Nothing follows “{0}” that it could be joined with.")]
    NothingFollows(String),
    #[error("“{title}” has {chars} characters, so it cannot be split at character {at}.")]
    Beyond { title: String, chars: u32, at: u32 },
    /// Holds the section's title.
    #[error("“{0}” cannot be split there: one side would have no text.")]
    OneSided(String),
    /// Holds the section's title.
    #[error("“{0}” has no text, so it cannot be a chapter.")]
    NoText(String),
    #[error("A chapter needs a title.")]
    NoTitle,
    #[error("Every section would be left out.")]
    NothingLeft,
    #[error("There are more than {} changes.", limits::EDITS)]
    TooMany,
    #[error("There would be more than {} sections.", limits::SECTIONS)]
    TooManySections,
    /// Holds what is wrong, as the end of a sentence.
    #[error("The pattern cannot be read: {0}.")]
    BadPattern(String),
    #[error("The pattern is too large.")]
    LargePattern,
    #[error("The pattern fits no line of the book.")]
    NoMatch,
    #[error("The pattern fits more than {} lines.", limits::SECTIONS)]
    TooManyMatches,
    #[error("The pattern takes too long to look for.")]
    TooSlow,
}

impl EditError {
    /// What to do about it, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::NoSection { .. } | Self::NothingFollows(_) => "Look at the list again and choose another section.",
            Self::Beyond { .. } | Self::OneSided(_) => "Choose a place between two of its paragraphs.",
            Self::NoText(_) => "Leave it as it is; nothing gets lost.",
            Self::NoTitle => "Give it a word or two.",
            Self::NothingLeft => "Keep at least one chapter, or do not add the book.",
            Self::TooMany => "Take some changes back, or set the chapters by a pattern.",
            Self::TooManySections => "Join some of them first.",
            Self::TooManyMatches => {
                "Make the pattern fit the lines only at which a chapter begins, such as ^Chapter \\d+"
            }
            Self::BadPattern(_) => {
                "Write a regular expression such as ^Chapter \\d+ and put a \\ before a bracket that is meant as such."
            }
            Self::LargePattern | Self::TooSlow => "Write a shorter one, with small numbers of repeats.",
            Self::NoMatch => {
                "A line fits as a whole, up to 500 characters long; begin the pattern with (?i) to take small and capital letters for the same."
            }
        }
        .to_owned()
    }
}

impl From<EditError> for WireError {
    fn from(error: EditError) -> Self {
        Self::new(ErrorCode::BadUse, error.to_string(), error.hint())
    }
}
