//! A small book and what is done with it.

use epitome_model::{
    BookId, BookMeta, CallKind, ChapterMethod, ChapterState, Format, JobId, JobSettings, LeftOutReason, ProviderKind,
    SectionId, Usage, WireError,
};
use epitome_store::{Connection, Store, StoreError, book, call, chapter, job, section, summary};

/// Characters of the book made by [`add_book`]: a cover of 5 and three chapters of 10, 20 and 30.
pub const CHARS: u32 = 65;

pub fn store() -> (tempfile::TempDir, Store) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    (home, store)
}

pub fn settings() -> JobSettings {
    JobSettings { model: "llama3.1:8b".into(), ..JobSettings::default() }
}

/// A book with a cover left out and three chapters; gives the chapters' numbers.
pub fn add_book(store: &Store, hash: &'static str) -> (BookId, Vec<SectionId>) {
    store.write_blocking(move |conn| insert_book(conn, hash)).unwrap()
}

fn insert_book(conn: &Connection, hash: &str) -> Result<(BookId, Vec<SectionId>), StoreError> {
    let meta = BookMeta {
        title: format!("Book {hash}"),
        authors: vec!["A. Author".into()],
        language: Some("en".into()),
        ..BookMeta::default()
    };
    let id = book::insert(
        conn,
        &book::NewBook {
            meta: &meta,
            format: Format::Epub,
            method: ChapterMethod::Navigation,
            file_name: "book.epub",
            source_hash: hash,
            source_chars: CHARS,
            cover: Some(("image/png", b"png")),
            added_ms: 1_000,
        },
    )?;
    let mut chapters = Vec::new();
    for position in 0..4u32 {
        let chars = if position == 0 { 5 } else { position * 10 };
        let part = section::insert(
            conn,
            &section::NewSection {
                book: id,
                position,
                number: (position > 0).then_some(position),
                title: if position == 0 { "Cover" } else { "Chapter" },
                part: (position > 1).then_some("Part Two"),
                chars,
                left_out: (position == 0).then_some(LeftOutReason::Cover),
                text: &"x".repeat(chars as usize),
            },
        )?;
        chapters.extend((position > 0).then_some(part));
    }
    Ok((id, chapters))
}

pub fn add_job(store: &Store, book: BookId, scope: Option<Vec<SectionId>>) -> JobId {
    let new = move |conn: &Connection| {
        job::insert(
            conn,
            &job::NewJob { book, settings: &settings(), scope: scope.as_deref(), generation: 0, created_ms: 2_000 },
        )
    };
    store.write_blocking(new).unwrap()
}

pub fn an_answer(job: JobId, key: &str, output: &str) -> call::NewCall {
    call::NewCall {
        job,
        chapter: Some(0),
        kind: CallKind::Map,
        place: 0,
        key: key.into(),
        output: output.into(),
        attempts: 1,
        usage: Usage { prompt_tokens: 900, output_tokens: 120, ..Usage::default() },
        provider: ProviderKind::Ollama,
        model: "llama3.1:8b".into(),
        finished_ms: 3_000,
    }
}

pub fn progress(state: ChapterState, error: Option<WireError>) -> chapter::Progress {
    let done = u32::from(state == ChapterState::Done);
    chapter::Progress { state, pieces: 1, planned: 1, done, piece_chars: None, error }
}

/// Stores a summary and marks its chapter as done, in one transaction, as the pipeline does.
pub fn finish(conn: &Connection, book: BookId, job: JobId, section: SectionId, text: &str) -> Result<(), StoreError> {
    summary::insert(
        conn,
        &summary::NewSummary {
            book,
            section: Some(section),
            job,
            title: "A title",
            preview: "A preview.",
            text,
            pieces: 1,
            provider: ProviderKind::Ollama,
            model: "llama3.1:8b",
            written_ms: 4_000,
        },
    )?;
    chapter::set(conn, job, section, &progress(ChapterState::Done, None))
}
