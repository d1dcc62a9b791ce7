//! Values for this crate's tests.

use epitome_llm::{Task, Tongue};
use epitome_model::{CallKind, JobSettings};

use crate::budget::Measure;

pub fn settings() -> JobSettings {
    JobSettings { model: "llama3.1:8b".into(), ..JobSettings::default() }
}

/// English, with a usual prompt.
pub fn measure() -> Measure {
    let tongue = Tongue::of(Some("en"));
    Measure { chars_per_token: 3.3, notes_per_token: 3.3, overhead_tokens: 450, tongue }
}

pub fn task(text: &str) -> Task {
    Task {
        kind: CallKind::Map,
        book_title: "Book".into(),
        chapter_title: Some("Chapter".into()),
        language: None,
        piece: 1,
        pieces: 1,
        carried: None,
        text: text.into(),
        target_words: 50,
        wants_title: true,
        sampling: 0,
    }
}
