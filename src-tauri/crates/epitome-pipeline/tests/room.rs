//! A job that is gone on with at the start, as the window does it, while the disk is full.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::sync::Arc;
use std::time::Duration;

use epitome_model::{BookMeta, ChapterMethod, Format, JobId, JobSettings, JobState, ProviderKind};
use epitome_pipeline::{Conductor, LiveBoard};
use epitome_store::{OpenOptions, Store, book, job, section};
use tokio::sync::oneshot;

const TEXT: &str = "The river was high. The guide would not cross. In the morning the boats had gone.";

async fn add(store: &Store) -> JobId {
    let insert = store.write(|conn| {
        let meta = BookMeta { title: "The River".into(), ..BookMeta::default() };
        let chars = u32::try_from(TEXT.chars().count()).unwrap();
        let new = book::NewBook {
            meta: &meta,
            format: Format::Text,
            method: ChapterMethod::Navigation,
            file_name: "river.txt",
            source_hash: "river",
            source_chars: chars,
            cover: None,
            added_ms: 0,
        };
        let book = book::insert(conn, &new)?;
        let chapter = section::NewSection {
            book,
            position: 0,
            number: Some(1),
            title: "One",
            part: None,
            chars,
            left_out: None,
            text: TEXT,
        };
        section::insert(conn, &chapter)?;
        let settings = JobSettings { provider: ProviderKind::BuiltIn, ..JobSettings::default() };
        let new = job::NewJob { book, settings: &settings, scope: None, generation: 0, created_ms: 0 };
        job::insert(conn, &new)
    });
    insert.await.unwrap()
}

#[tokio::test]
async fn a_disk_that_is_full_when_a_job_is_gone_on_with_is_waited_for() {
    let home = tempfile::tempdir().unwrap();
    let full = home.path().join("full");
    let options = OpenOptions { full_while: Some(full.clone()), ..OpenOptions::default() };
    let store = Store::open_with(&home.path().join("data"), options).unwrap();
    let id = add(&store).await;
    std::fs::write(&full, "").unwrap();

    let conductor = Conductor::start(store.clone(), || 0, Arc::new(|_| None));
    let (give, board) = oneshot::channel::<Arc<LiveBoard>>();
    let run = tokio::spawn(async move {
        let register = |board| drop(give.send(board));
        conductor.run(id, register).await
    });
    let board = board.await.unwrap();
    let says_so = async {
        loop {
            let (state, reason) = board.standing();
            if state == JobState::Unreachable && reason.is_some_and(|reason| reason.contains("disk is full")) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), says_so).await.expect("the board never said that it waits");
    let stored = store.read(|conn| job::find(conn, id)).unwrap().unwrap();
    assert_eq!(stored.state, JobState::Waiting, "nothing can be written");

    std::fs::remove_file(&full).unwrap();
    assert_eq!(run.await.unwrap().unwrap(), JobState::Done);
    assert_eq!(board.standing(), (JobState::Done, None));
    let stored = store.read(|conn| job::find(conn, id)).unwrap().unwrap();
    assert_eq!((stored.state, stored.reason), (JobState::Done, None));
}
