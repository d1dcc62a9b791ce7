//! Makes a library with one long book and uses it, so that an instruction counter can tell what that costs:
//! `library make FOLDER CHAPTERS DONE URL` writes the book, a job for the server at URL, and the summaries of its first
//! chapters; `library begin FOLDER URL` goes on with the job until its first call is sent; `library idle FOLDER SECONDS`
//! opens it as the window does, shows the book, and does nothing. `cargo xtask soak` runs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement that fails should stop")]

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use epitome_api::{Api, Open, Request};
use epitome_model::{
    BookId, BookMeta, CallKind, ChapterMethod, ChapterState, FeedMessage, Format, JobId, JobSettings, JobState,
    ProviderKind, Usage,
};
use epitome_store::{Connection, Store, StoreError, book, call, chapter, job, section, summary};

/// Characters of a chapter.
const CHAPTER: usize = 12_000;

/// Words of a summary of some 120 words.
const SUMMARY: &str = "The travellers cross the river and find the village empty, and the guide will not say why. ";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match words.as_slice() {
        ["make", folder, chapters, done, url] => {
            make(Path::new(folder), chapters.parse().unwrap(), done.parse().unwrap(), url);
        }
        ["begin", folder, url] => runtime.block_on(begin(Path::new(folder), url)),
        ["idle", folder, seconds] => runtime.block_on(idle(Path::new(folder), seconds.parse().unwrap())),
        _ => panic!("library make FOLDER CHAPTERS DONE URL | begin FOLDER URL | idle FOLDER SECONDS"),
    }
}

fn make(folder: &Path, chapters: u32, done: u32, url: &str) {
    let settings = JobSettings {
        provider: ProviderKind::Ollama,
        url: url.to_owned(),
        model: "llama3.1:8b".to_owned(),
        ..JobSettings::default()
    };
    let store = Store::open(folder).unwrap();
    let job = store.write_blocking(move |conn| {
        let meta = BookMeta { title: "The Long Road".into(), language: Some("en".into()), ..BookMeta::default() };
        let new = book::NewBook {
            meta: &meta,
            format: Format::Text,
            method: ChapterMethod::Navigation,
            file_name: "road.txt",
            source_hash: "road",
            source_chars: chapters * u32::try_from(CHAPTER).unwrap(),
            cover: None,
            added_ms: 0,
        };
        let book = book::insert(conn, &new)?;
        let new = job::NewJob { book, settings: &settings, scope: None, generation: 0, created_ms: 0 };
        Ok((book, job::insert(conn, &new)?))
    });
    let (book, job) = job.unwrap();
    for first in (0..chapters).step_by(500) {
        let numbers = first..chapters.min(first + 500);
        store.write_blocking(move |conn| numbers.clone().try_for_each(|n| one(conn, book, job, n, n < done))).unwrap();
    }
    let state = if done >= chapters { JobState::Done } else { JobState::Running };
    // One that nothing is done of has never run.
    let state = if done == 0 { JobState::Waiting } else { state };
    store.write_blocking(move |conn| job::set_state(conn, job, state, None)).unwrap();
}

/// A chapter, and what a run wrote down of it where it is done.
fn one(conn: &Connection, book: BookId, job: JobId, number: u32, is_done: bool) -> Result<(), StoreError> {
    let title = format!("Chapter {}: the crossing of another river", number + 1);
    let new = section::NewSection {
        book,
        position: number,
        number: Some(number + 1),
        title: &title,
        part: None,
        chars: u32::try_from(CHAPTER).unwrap(),
        left_out: None,
        text: &text(number),
    };
    let section = section::insert(conn, &new)?;
    if !is_done {
        return Ok(());
    }
    let (output, model) = (format!("TITLE: A river is crossed\nSUMMARY: {}", SUMMARY.repeat(8)), "llama3.1:8b");
    let answer = call::NewCall {
        job,
        chapter: Some(number),
        kind: CallKind::Map,
        place: 0,
        key: format!("{number:064x}"),
        output,
        attempts: 1,
        usage: Usage::default(),
        provider: ProviderKind::Ollama,
        model: model.to_owned(),
        finished_ms: 0,
    };
    call::record(conn, &answer)?;
    let written = summary::NewSummary {
        book,
        section: Some(section),
        job,
        title: "A river is crossed",
        preview: SUMMARY,
        text: &SUMMARY.repeat(8),
        pieces: 1,
        provider: ProviderKind::Ollama,
        model,
        written_ms: 0,
    };
    summary::insert(conn, &written)?;
    let progress =
        chapter::Progress { state: ChapterState::Done, pieces: 1, planned: 1, done: 1, piece_chars: None, error: None };
    chapter::set(conn, job, section, &progress)
}

/// A chapter's text, of exactly so many characters; each has other words.
fn text(number: u32) -> String {
    let mut text = String::with_capacity(CHAPTER + 200);
    for sentence in 1.. {
        if text.len() >= CHAPTER {
            break;
        }
        let day = u64::from(number) * 1_000 + sentence;
        write!(text, "On day {day} the travellers of company {number} crossed the wide river by a narrow bridge. ")
            .unwrap();
        if sentence % 6 == 0 {
            text.push_str("\n\n");
        }
    }
    text.truncate(CHAPTER);
    text
}

async fn open(folder: &Path, url: &str) -> Api {
    let choose = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let choices = [("ollama.url", url), ("provider.choice", "ollama"), ("llm.concurrency", "4")];
    let choices = choices.map(choose).to_vec();
    Api::open(Open { data: Some(folder.to_path_buf()), choices, ..Open::default() }).await.unwrap()
}

/// Goes on with the job until a call of it is in flight.
async fn begin(folder: &Path, url: &str) {
    let api = open(folder, url).await;
    let mut feed = api.feed();
    assert_eq!(api.resume_unfinished().await.unwrap().len(), 1);
    loop {
        if let FeedMessage::Frames { frames } = feed.recv().await.unwrap()
            && frames.iter().any(|frame| frame.vitals.in_flight.value > 0)
        {
            break;
        }
    }
    // Ending it properly is not what is counted.
    std::process::exit(0);
}

/// Has the library open, as a window does that shows its book.
async fn idle(folder: &Path, seconds: u64) {
    let api = open(folder, "http://127.0.0.1:9").await;
    let mut feed = api.feed();
    tokio::spawn(async move { while feed.recv().await.is_ok() {} });
    let cards = api.answer(Request::Library {}).await.unwrap();
    let book = serde_json::from_value(cards[0]["id"].clone()).unwrap();
    drop(api.answer(Request::Book { book }).await.unwrap());
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
