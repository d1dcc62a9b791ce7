//! What a shell sees: two of them over one library, previews, settings, previews that are confirmed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use epitome_api::{Api, Open, Request};
use epitome_model::{
    AddAs, Added, Board, BookCard, BookView, ChapterState, ErrorCode, FeedMessage, JobState, PreviewOutcome,
    ProviderKind, StartJob,
};
use serde::de::DeserializeOwned;

/// Long enough for a slow machine; nothing is asserted about how long it takes.
const PATIENCE: Duration = Duration::from_secs(60);

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

fn preview_of(outcomes: Vec<PreviewOutcome>) -> Box<epitome_model::AddPreview> {
    match outcomes.into_iter().next().unwrap() {
        PreviewOutcome::Book { preview } => preview,
        PreviewOutcome::Refused { error, .. } => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_stores_nothing_until_it_is_confirmed() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let paths = vec![book(home.path(), 5).to_string_lossy().into_owned(), "nowhere.epub".to_owned()];
    let outcomes: Vec<PreviewOutcome> = ask(&api, Request::Preview { paths }).await;
    assert!(matches!(&outcomes[1], PreviewOutcome::Refused { error, .. } if error.code == ErrorCode::FileMissing));
    let preview = preview_of(outcomes);
    assert!(preview.coverage.adds_up() && preview.estimate.calls >= 5);
    assert!(ask::<Vec<BookCard>>(&api, Request::Library {}).await.is_empty());

    let added: Added =
        ask(&api, Request::Add { token: preview.token.clone(), start: Some(StartJob::default()), how: AddAs::Update })
            .await;
    assert_eq!(api.wait(added.job.unwrap()).await, JobState::Done);
    let view: BookView = ask(&api, Request::Book { book: added.book }).await;
    assert!(view.chapters.iter().filter(|row| row.number.is_some()).all(|row| row.state == ChapterState::Done));
    assert_eq!(view.card.provider, Some(ProviderKind::BuiltIn));
    let gone = api.answer(Request::Add { token: preview.token, start: None, how: AddAs::Update }).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_is_one_book() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let path = book(home.path(), 3);
    let once = api.import(&path).await.unwrap();
    assert_eq!(api.import(&path).await.unwrap(), once);
    let paths = vec![path.to_string_lossy().into_owned()];
    assert_eq!(preview_of(ask(&api, Request::Preview { paths }).await).known, Some(once));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_does_appears_live() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let window = open(&data, false).await;
    let mut feed = window.feed();
    let terminal = open(&data, false).await;
    let id = terminal.import(&book(home.path(), 60)).await.unwrap();
    let job = ask(&terminal, Request::Start { book: id, start: StartJob::default() }).await;
    // Frames while it runs, or no more than "something changed" where it was over before the window looked: either way
    // the window is told, and what it then asks for is the whole truth.
    let seen = async {
        loop {
            let told = matches!(feed.recv().await, Ok(FeedMessage::Changed | FeedMessage::Frame { .. }) | Err(_));
            let cards: Vec<BookCard> = if told { ask(&window, Request::Library {}).await } else { Vec::new() };
            if cards.iter().any(|card| card.job == Some(job) && card.state == Some(JobState::Done)) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.expect("the window hears of the terminal's job");
    let board: Board = ask(&window, Request::Board { job }).await;
    assert_eq!(board.vitals.chapters_done, 60);
    let done = board.cells.iter().filter(|cell| cell.cell.state == ChapterState::Done).count();
    assert_eq!((done, board.head.state), (60, JobState::Done));
    assert_eq!(board.head.source_chars, board.head.accounted_chars);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_chapter_is_done_anew_and_the_others_stay() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let id = api.import(&book(home.path(), 4)).await.unwrap();
    let job = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    api.wait(job).await;
    let before: BookView = ask(&api, Request::Book { book: id }).await;
    let section = before.chapters.iter().find(|row| row.number == Some(2)).unwrap().section;
    let start = StartJob { sections: Some(vec![section]), fresh: true, ..StartJob::default() };
    let again = ask(&api, Request::Start { book: id, start }).await;
    assert_eq!(api.wait(again).await, JobState::Done);
    let after: BookView = ask(&api, Request::Book { book: id }).await;
    assert!(after.chapters.iter().filter(|row| row.number.is_some()).all(|row| row.state == ChapterState::Done));
    assert!(after.synopsis.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_changed_checked_and_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    // The settings file lies in the data folder where no other is named; the environment of the test names none.
    let api = open(&data, false).await;
    let error = api.answer(Request::Set { key: "llm.attempts".into(), value: "none".into() }).await.unwrap_err();
    assert!(error.code == ErrorCode::BadSetting && error.hint.contains("1 to 20"));
    let error = api.answer(Request::Set { key: "llm.attemps".into(), value: "3".into() }).await.unwrap_err();
    assert!(error.hint.contains("llm.attempts"));
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_book_stops_its_job_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let id = api.import(&book(home.path(), 200)).await.unwrap();
    let _job: epitome_model::JobId = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    ask::<()>(&api, Request::Remove { book: id }).await;
    assert!(ask::<Vec<BookCard>>(&api, Request::Library {}).await.is_empty());
}
