//! Values for this crate's tests.

use epitome_llm::Task;
use epitome_model::{CallKind, JobSettings};

pub fn settings() -> JobSettings {
    JobSettings { model: "llama3.1:8b".into(), ..JobSettings::default() }
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
