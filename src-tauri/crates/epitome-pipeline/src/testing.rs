//! Values for this crate's tests.

use epitome_llm::Task;
use epitome_model::{CallKind, Concurrency, JobSettings, Profile, ProviderKind};

pub fn settings() -> JobSettings {
    JobSettings {
        profile: Profile::Auto,
        provider: ProviderKind::Ollama,
        url: "http://127.0.0.1:11434".into(),
        model: "llama3.1:8b".into(),
        language: None,
        concurrency: Concurrency::Auto,
        window: None,
        window_max: 8192,
        temperature: 0.3,
        keep_alive: "10m".into(),
        first_token_s: 900,
        stall_s: 60,
        attempts: 4,
        outage_s: 0,
        chunk_size: None,
        chunk_overlap: 0,
        chunk_threshold: 5000,
        summary_capacity: 1000,
        write_capacity: 1000,
        backpressure_at: 800,
        workers_max: 8,
    }
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
