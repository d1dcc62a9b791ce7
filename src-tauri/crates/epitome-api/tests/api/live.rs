//! What a shell sees: two of them over one library, previews, settings, previews that are confirmed.

use std::time::Duration;

use epitome_api::{Api, Request};
use epitome_model::{
    AddAs, Added, Board, BookCard, BookView, CallEnd, ChapterState, ErrorCode, FeedMessage, History, JobId, JobState,
    LaneCall, PreviewOutcome, ProviderKind, StartJob, Verdict,
};

use crate::{PATIENCE, ask, book, open};

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
            let told = matches!(feed.recv().await, Ok(FeedMessage::Changed | FeedMessage::Frames { .. }) | Err(_));
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
async fn a_run_tells_its_calls_latencies_and_figures_over_time() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let api = open(&data, false).await;
    let id = api.import(&book(home.path(), 30)).await.unwrap();
    let job = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
    let board: Board = ask(&api, Request::Board { job }).await;
    let answered = board.calls.iter().filter(|call| call.end == Some(CallEnd::Answered)).count();
    assert!(answered >= 30 && board.calls.iter().all(|call| call.ours), "{answered} of {}", board.calls.len());
    assert!(board.calls.iter().filter_map(|call| call.number).max() == Some(30));
    let apart = |one: &LaneCall, other: &LaneCall| one.slot != other.slot || one.end_ms <= Some(other.sent_ms);
    let pairs = board
        .calls
        .iter()
        .enumerate()
        .flat_map(|(at, one)| board.calls[at + 1..].iter().map(move |other| (one, other)));
    for (one, other) in pairs {
        assert!(apart(one, other), "two calls on one slot: {one:?} {other:?}");
    }
    let stages = board.vitals.stages;
    assert!(stages.map.count >= 30 && stages.read.count == 30 && stages.commit.count > 0, "{stages:?}");
    assert_eq!(stages.call.count, board.vitals.calls);
    assert!(board.vitals.first_summary_ms.is_some_and(|first| first <= board.vitals.elapsed_ms));
    let history: History = ask(&api, Request::History { job }).await;
    let last = history.samples.last().expect("a run leaves its figures");
    assert_eq!((last.chapters_done, last.errors), (30, 0));
    assert!(board.vitals.commit_batch > 0, "writes of the last commit");
    let verdict: Verdict = ask(&api, Request::Verdict { job }).await;
    assert_eq!(verdict.chapters.count, 30);
    assert!(verdict.levels.len() == 4 && verdict.levels.iter().all(|level| level.met == Some(true)), "{verdict:?}");
    drop(api);
    // They are there for whoever looks later, as for another process.
    let again = open(&data, false).await;
    assert_eq!(ask::<History>(&again, Request::History { job }).await, history);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_is_finished_and_the_rest_can_be_gone_on_with() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let id = api.import(&book(home.path(), 1_500)).await.unwrap();
    let mut feed = api.feed();
    let job = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    let begun = async {
        loop {
            match feed.recv().await {
                Ok(FeedMessage::Frames { frames }) if frames.iter().any(|one| one.vitals.chapters_done > 0) => return,
                _ => {}
            }
        }
    };
    tokio::time::timeout(PATIENCE, begun).await.expect("chapters are done");
    let _: () = ask(&api, Request::Finish { job }).await;
    assert_eq!(api.wait(job).await, JobState::Stopped);
    let board: Board = ask(&api, Request::Board { job }).await;
    let states: Vec<ChapterState> = board.cells.iter().map(|cell| cell.cell.state).collect();
    let half_done =
        |state: &&ChapterState| matches!(state, ChapterState::Mapping | ChapterState::Reducing | ChapterState::Titling);
    assert_eq!(states.iter().filter(half_done).count(), 0);
    assert!(states.contains(&ChapterState::Done) && states.contains(&ChapterState::Waiting));
    let _: () = ask(&api, Request::Resume { job }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
    let error = api.answer(Request::Finish { job: JobId(999) }).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}

fn at_rest(state: JobState) -> bool {
    matches!(state, JobState::Paused | JobState::Stopped | JobState::Done)
}

async fn state(api: &Api, job: JobId) -> JobState {
    ask::<Board>(api, Request::Board { job }).await.head.state
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_or_a_stop_that_is_taken_back_at_any_moment_is_taken_back() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let book = api.import(&book(home.path(), 400)).await.unwrap();
    let job: JobId = ask(&api, Request::Start { book, start: StartJob::default() }).await;
    for turn in 0..120_u64 {
        let hold = if turn % 2 == 0 { Request::Pause { job } } else { Request::Stop { job } };
        ask::<()>(&api, hold).await;
        // Each time a little later, so that every moment of its ending has its turn; or as soon as it is seen to end.
        match turn % 4 {
            0 => while !at_rest(state(&api, job).await) {},
            _ => tokio::time::sleep(Duration::from_micros(turn * 100)).await,
        }
        ask::<()>(&api, Request::Resume { job }).await;
    }
    let done = async {
        while state(&api, job).await != JobState::Done {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, done).await.is_ok(), "it did not go on");
}
