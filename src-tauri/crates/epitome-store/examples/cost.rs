//! Does one thing a number of times, so that an instruction counter can tell what one more of it costs:
//! `cost write 400` against `cost write 100`, the difference divided by 300. Things: write, later, read, none.
#![allow(clippy::unwrap_used, reason = "a measurement that cannot go on should stop")]

use epitome_model::{BookMeta, CallKind, ChapterMethod, Format, JobId, JobSettings, ProviderKind, Usage};
use epitome_store::{Store, book, call, job};

/// As long as a summary of 250 tokens.
const ANSWER: usize = 1_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let times: u32 = arguments.next().and_then(|times| times.parse().ok()).unwrap_or(100);
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let job = store.write(begin).await.unwrap();
    for number in 0..times {
        let answer = answer(job, number);
        match what.as_str() {
            "write" => drop(store.write(move |conn| call::record(conn, &answer)).await.unwrap()),
            "later" => {
                store.write_later(move |conn| call::record(conn, &answer).map(drop)).await.unwrap();
            }
            "read" => drop(store.read(|conn| call::find_output(conn, &answer.key)).unwrap()),
            _ => {}
        }
    }
    let _ = store.commit_stats();
}

fn begin(conn: &epitome_store::Connection) -> Result<JobId, epitome_store::StoreError> {
    let book = book::insert(
        conn,
        &book::NewBook {
            meta: &BookMeta { title: "Book".into(), ..BookMeta::default() },
            format: Format::Epub,
            method: ChapterMethod::Navigation,
            file_name: "book.epub",
            source_hash: "hash",
            source_chars: 0,
            cover: None,
            added_ms: 0,
        },
    )?;
    let settings = JobSettings::default();
    job::insert(conn, &job::NewJob { book, settings: &settings, scope: None, generation: 0, created_ms: 0 })
}

fn answer(job: JobId, number: u32) -> call::NewCall {
    call::NewCall {
        job,
        chapter: Some(number),
        kind: CallKind::Map,
        place: 0,
        key: format!("{number:064x}"),
        output: "x".repeat(ANSWER),
        attempts: 1,
        usage: Usage::default(),
        provider: ProviderKind::Ollama,
        model: "llama3.1:8b".into(),
        finished_ms: 0,
    }
}
