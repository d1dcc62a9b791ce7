//! A book as it leaves the store: exactly these bytes, whenever and by whatever rows it was made.

#![allow(clippy::unwrap_used, reason = "clippy knows tests by their attribute; fixtures have none")]

use epitome_export::{ExportError, book, json, markdown};
use epitome_model::{
    BookId, BookMeta, ChapterMethod, ChapterState, ErrorCode, Format, JobSettings, LeftOutReason, ProviderKind,
    WireError,
};
use epitome_store::{Connection, Store, StoreError, book as books, chapter, job, section, summary};

const JSON: &str = r#"{
  "title": "The Book",
  "authors": [
    "A. Author"
  ],
  "language": "en",
  "coverage": {
    "source_chars": 65,
    "summarised_chars": 10,
    "left_out": [
      {
        "title": "Cover",
        "chars": 5,
        "reason": "cover"
      }
    ]
  },
  "synopsis": "All of it.",
  "chapters": [
    {
      "number": 1,
      "source_title": "I",
      "title": "The start",
      "preview": "It starts.",
      "summary": "Somebody starts.",
      "chars": 10,
      "pieces": 2,
      "state": "done",
      "error": null,
      "provider": "built-in",
      "model": "built-in"
    },
    {
      "number": 2,
      "source_title": "II",
      "title": null,
      "preview": null,
      "summary": null,
      "chars": 20,
      "pieces": 0,
      "state": "failed",
      "error": {
        "code": "looping",
        "message": "The model repeated itself.",
        "hint": "Try another model."
      },
      "provider": null,
      "model": null
    },
    {
      "number": 3,
      "source_title": "III",
      "title": null,
      "preview": null,
      "summary": null,
      "chars": 30,
      "pieces": 0,
      "state": "waiting",
      "error": null,
      "provider": null,
      "model": null
    }
  ]
}
"#;

const MARKDOWN: &str = "\
# The Book

By A. Author.

16.7 % of 60 characters in 3 chapters; 1 part left out (cover, 5 characters).

Summarised by the built-in summariser, which picks sentences of the book and uses no model.

## Synopsis

All of it.

### 1. The start

I

*It starts.*

Somebody starts.

### 2. II

> This chapter could not be summarised. The model repeated itself. Try another model.

### 3. III

> This chapter is not summarised yet.
";

fn settings() -> JobSettings {
    JobSettings { provider: ProviderKind::BuiltIn, url: String::new(), ..JobSettings::default() }
}

/// A book of three chapters: one done, one failed, one waiting. Made at a time, with a file of its own.
fn add(store: &Store, hash: &'static str, at_ms: i64) -> BookId {
    store.write_blocking(move |conn| insert(conn, hash, at_ms)).unwrap()
}

fn insert(conn: &Connection, hash: &str, at_ms: i64) -> Result<BookId, StoreError> {
    let meta = BookMeta {
        title: "The Book".into(),
        authors: vec!["A. Author".into()],
        language: Some("en".into()),
        ..BookMeta::default()
    };
    let new = books::NewBook {
        meta: &meta,
        format: Format::Text,
        method: ChapterMethod::Headings,
        file_name: hash,
        source_hash: hash,
        source_chars: 65,
        cover: None,
        added_ms: at_ms,
    };
    let book = books::insert(conn, &new)?;
    let mut sections = Vec::new();
    for (position, title) in (0u32..).zip(["Cover", "I", "II", "III"]) {
        let chars = if position == 0 { 5 } else { position * 10 };
        let new = section::NewSection {
            book,
            position,
            number: (position > 0).then_some(position),
            title,
            part: None,
            chars,
            left_out: (position == 0).then_some(LeftOutReason::Cover),
            text: &"x".repeat(chars as usize),
        };
        sections.push(section::insert(conn, &new)?);
    }
    let new = job::NewJob { book, settings: &settings(), scope: None, generation: 0, created_ms: at_ms };
    let job = job::insert(conn, &new)?;
    let written = |section, text| summary::NewSummary {
        book,
        section,
        job,
        title: "The start",
        preview: "It starts.",
        text,
        pieces: 2,
        provider: ProviderKind::BuiltIn,
        model: "built-in",
        written_ms: at_ms,
    };
    summary::insert(conn, &written(Some(sections[1]), "Somebody starts."))?;
    summary::insert(conn, &written(None, "All of it."))?;
    let done = |state, error| chapter::Progress { state, pieces: 2, planned: 3, done: 1, piece_chars: None, error };
    let error = WireError::new(ErrorCode::Looping, "The model repeated itself.", "Try another model.");
    chapter::set(conn, job, sections[1], &done(ChapterState::Done, None))?;
    chapter::set(conn, job, sections[2], &done(ChapterState::Failed, Some(error)))?;
    Ok(book)
}

#[test]
fn json_and_markdown_say_all_of_it_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let export = book(&store, add(&store, "one", 1)).unwrap();
    assert_eq!(json(&export).unwrap(), JSON);
    assert_eq!(markdown(&export), MARKDOWN);
}

#[test]
fn the_same_summaries_give_the_same_bytes_whenever_they_were_made() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let first = book(&store, add(&store, "one", 1)).unwrap();
    let later = book(&store, add(&store, "two", 1_700_000_000_000)).unwrap();
    assert_eq!(json(&first).unwrap(), json(&later).unwrap());
    assert_eq!(markdown(&first), markdown(&later));
}

#[test]
fn a_book_that_was_removed_is_not_exported() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let error = book(&store, BookId(7)).unwrap_err();
    assert!(matches!(error, ExportError::NotThere));
    assert_eq!(WireError::from(error).code, ErrorCode::NotFound);
}
