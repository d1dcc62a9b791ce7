//! Removing a book, and bringing it back.

use epitome_api::Request;
use epitome_model::{Board, BookCard, ErrorCode, JobId, JobState, StartJob};

use crate::{ask, book, open};

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
