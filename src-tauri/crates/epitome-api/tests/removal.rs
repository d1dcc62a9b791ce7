//! Removing a book, and bringing it back.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use epitome_api::{Api, Open, Request};
use epitome_model::{Board, BookCard, ErrorCode, JobId, JobState, StartJob};
use serde::de::DeserializeOwned;

async fn open(data: &Path, resume: bool) -> Api {
    let choices = vec![("provider.choice".to_owned(), "built-in".to_owned())];
    Api::open(Open { data: Some(data.to_path_buf()), choices, resume, ..Open::default() }).await.unwrap()
}

async fn ask<T: DeserializeOwned>(api: &Api, request: Request) -> T {
    serde_json::from_value(api.answer(request).await.unwrap()).unwrap()
}

fn book(folder: &Path, chapters: usize) -> PathBuf {
    let mut text = String::from("The Long Road\n\n\n");
    for chapter in 1..=chapters {
        write!(text, "Chapter {chapter}\n\n").unwrap();
        for sentence in 1..=40 {
            write!(text, "On day {sentence} the travellers of company {chapter} saw hill number {sentence}. ").unwrap();
        }
        text.push_str("\n\n\n");
    }
    let path = folder.join("road.txt");
    std::fs::write(&path, text).unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_that_is_removed_is_gone_at_once_also_for_the_next_start_and_its_job_stops() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let api = open(&data, true).await;
    let id = api.import(&book(home.path(), 1_500)).await.unwrap();
    let job: JobId = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    ask::<()>(&api, Request::Remove { book: id }).await;
    assert!(ask::<Vec<BookCard>>(&api, Request::Library {}).await.is_empty());
    let start = Request::Start { book: id, start: StartJob::default() };
    assert_eq!(api.answer(start).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(api.wait(job).await, JobState::Stopped, "the card is free");
    drop(api);

    // Without any further word of the person: no time was waited for.
    let api = open(&data, true).await;
    assert!(ask::<Vec<BookCard>>(&api, Request::Library {}).await.is_empty());
    assert!(api.resume_unfinished().await.unwrap().is_empty());
    ask::<()>(&api, Request::Restore { book: id }).await;
    assert_eq!(ask::<Vec<BookCard>>(&api, Request::Library {}).await.len(), 1);
    assert_eq!(api.wait(job).await, JobState::Done, "what was at work goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removal_that_is_undone_at_once_loses_nothing() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let id = api.import(&book(home.path(), 400)).await.unwrap();
    let job: JobId = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    ask::<()>(&api, Request::Remove { book: id }).await;
    ask::<()>(&api, Request::Restore { book: id }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
    let board: Board = ask(&api, Request::Board { job }).await;
    assert_eq!((board.vitals.chapters_done, board.vitals.chapters_failed), (400, 0));
    let gone = Request::Restore { book: epitome_model::BookId(999) };
    assert_eq!(api.answer(gone).await.unwrap_err().code, ErrorCode::NotFound);
}
