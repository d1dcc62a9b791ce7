//! What the shelf, the book and the board say.

use epitome_model::ChapterState::{Done, Failed, LeftOut, Mapping, Waiting};
use epitome_model::{BookId, ChapterState, ErrorCode, JobId, JobState, LeftOutReason, SectionId, Wanted, WireError};
use epitome_store::{Store, event, job, views};

use crate::fixture::{CHARS, add_book, add_job, finish, progress, store};

fn fail(store: &Store, job: JobId, chapter: SectionId) {
    let error = WireError::new(ErrorCode::Looping, "The model repeated itself.", "Try another model.");
    store
        .write_blocking(move |conn| epitome_store::chapter::set(conn, job, chapter, &progress(Failed, Some(error))))
        .unwrap();
}

fn done(store: &Store, book: BookId, job: JobId, chapter: SectionId, text: &'static str) {
    store.write_blocking(move |conn| finish(conn, book, job, chapter, text)).unwrap();
}

fn set_state(store: &Store, job: JobId, state: JobState) {
    store.write_blocking(move |conn| job::set_state(conn, job, state, None)).unwrap();
}

fn states(store: &Store, book: BookId) -> Vec<ChapterState> {
    let view = store.read(|conn| views::book_view(conn, book)).unwrap().unwrap();
    view.chapters.into_iter().map(|row| row.state).collect()
}

#[test]
fn the_shelf_tells_how_far_each_book_is() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let fresh = &store.read(views::shelf).unwrap()[0];
    assert_eq!((fresh.chapters, fresh.summarised, fresh.failed, fresh.job), (3, 0, 0, None));
    assert_eq!(fresh.cover, Some(3));
    let cover = |id| store.read(move |conn| views::cover(conn, id)).unwrap();
    assert_eq!(cover(book).as_deref(), Some("data:image/png;base64,cG5n"));
    assert_eq!(cover(BookId(99)), None);

    let job = add_job(&store, book, None);
    done(&store, book, job, chapters[0], "First.");
    fail(&store, job, chapters[1]);
    let card = &store.read(views::shelf).unwrap()[0];
    assert_eq!((card.summarised, card.failed, card.job, card.state), (1, 1, Some(job), Some(JobState::Waiting)));
    assert_eq!(card.model.as_deref(), Some("llama3.1:8b"));
}

#[test]
fn the_ledger_compares_the_parts_with_the_source() {
    let (home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    done(&store, book, job, chapters[1], "Second.");
    let coverage = store.read(|conn| views::coverage(conn, book)).unwrap();
    assert!(coverage.adds_up());
    assert_eq!((coverage.source_chars, coverage.chapter_chars, coverage.summarised_chars), (CHARS, 60, 20));
    assert_eq!(coverage.left_out[0].reason, LeftOutReason::Cover);

    // Text that got lost after the book was read must show.
    let file = epitome_store::Connection::open(home.path().join("library.sqlite")).unwrap();
    file.execute("DELETE FROM section WHERE id = ?1", [chapters[2].0]).unwrap();
    assert!(!store.read(|conn| views::coverage(conn, book)).unwrap().adds_up());
}

#[test]
fn a_failed_chapter_stays_failed_while_another_one_is_redone() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let first = add_job(&store, book, None);
    done(&store, book, first, chapters[0], "First.");
    fail(&store, first, chapters[1]);
    fail(&store, first, chapters[2]);
    set_state(&store, first, JobState::Incomplete);

    let second = add_job(&store, book, Some(vec![chapters[1]]));
    assert_eq!(states(&store, book), [LeftOut, Done, Waiting, Failed]);
    done(&store, book, second, chapters[1], "Second.");
    set_state(&store, second, JobState::Done);

    assert_eq!(states(&store, book), [LeftOut, Done, Done, Failed]);
    let text = store.read(|conn| views::chapter_text(conn, chapters[2])).unwrap().unwrap();
    assert_eq!(text.error.map(|error| error.code), Some(ErrorCode::Looping));
    assert_eq!(store.read(views::shelf).unwrap()[0].failed, 1);
}

#[test]
fn a_stopped_redo_leaves_the_summaries_that_were_there() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let first = add_job(&store, book, None);
    for chapter in &chapters {
        done(&store, book, first, *chapter, "Old.");
    }
    set_state(&store, first, JobState::Done);

    let second = add_job(&store, book, None);
    let mapping = chapters[0];
    store
        .write_blocking(move |conn| epitome_store::chapter::set(conn, second, mapping, &progress(Mapping, None)))
        .unwrap();
    assert_eq!(states(&store, book), [LeftOut, Mapping, Waiting, Waiting]);
    set_state(&store, second, JobState::Stopped);
    assert_eq!(states(&store, book), [LeftOut, Done, Done, Done]);
    let text = store.read(|conn| views::chapter_text(conn, chapters[0])).unwrap().unwrap();
    assert_eq!(text.summary.as_deref(), Some("Old."));
}

#[test]
fn the_newest_summary_is_the_one_that_counts() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let (first, second) = (add_job(&store, book, None), add_job(&store, book, None));
    done(&store, book, first, chapters[0], "Old.");
    done(&store, book, second, chapters[0], "New.");
    let text = store.read(|conn| views::chapter_text(conn, chapters[0])).unwrap().unwrap();
    assert_eq!((text.summary.as_deref(), text.source.len()), (Some("New."), 10));
    assert_eq!(store.read(views::shelf).unwrap()[0].summarised, 1);
}

#[test]
fn the_board_has_a_cell_for_every_section_in_reading_order() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    done(&store, book, job, chapters[2], "Third.");
    let cells = store.read(|conn| views::board_cells(conn, job)).unwrap();
    let numbers: Vec<_> = cells.iter().map(|cell| cell.number).collect();
    assert_eq!(numbers, [None, Some(1), Some(2), Some(3)]);
    assert_eq!(cells[0].cell.state, LeftOut);
    assert_eq!((cells[3].cell.state, cells[3].cell.done, cells[3].cell.planned), (Done, 1, 1));
}

#[test]
fn a_start_goes_on_with_what_nobody_stopped() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let jobs: Vec<JobId> = (0..5).map(|_| add_job(&store, book, None)).collect();
    set_state(&store, jobs[1], JobState::Running);
    set_state(&store, jobs[2], JobState::Unreachable);
    set_state(&store, jobs[3], JobState::Done);
    let paused = jobs[4];
    store.write_blocking(move |conn| job::set_wanted(conn, paused, Wanted::Pause)).unwrap();
    let unfinished = store.read(job::unfinished).unwrap();
    assert_eq!(unfinished.iter().map(|row| row.id).collect::<Vec<_>>(), jobs[..3]);
    assert!(unfinished.iter().all(|row| row.state.resumes()));
}

#[test]
fn the_last_events_come_oldest_first() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    for at in 0..5 {
        let insert = move |conn: &_| event::insert(conn, job, at, epitome_model::EventLevel::Info, "something", None);
        store.write_blocking(insert).unwrap();
    }
    let last = store.read(|conn| event::last(conn, job, 3)).unwrap();
    assert_eq!(last.iter().map(|event| event.at_ms).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn what_came_of_a_book_is_what_its_chapters_show() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let same = |what: &str| {
        let outcome = store.read(|conn| views::outcome(conn, book)).unwrap().unwrap();
        let view = store.read(|conn| views::book_view(conn, book)).unwrap().unwrap();
        let failed = view.chapters.iter().filter(|row| row.state == Failed);
        let failed: Vec<_> = failed.map(|row| (row.source_title.clone(), row.error.clone())).collect();
        assert_eq!(outcome.failed, failed, "{what}");
        assert_eq!((outcome.card.failed as usize, &outcome.coverage), (failed.len(), &view.coverage), "{what}");
        assert!(outcome.coverage.adds_up(), "{what}");
        (failed.len(), outcome.coverage.summarised_chars)
    };
    assert_eq!(same("nothing was done"), (0, 0));

    let job = add_job(&store, book, None);
    let (first, second) = (chapters[0], chapters[1]);
    done(&store, book, job, first, "Done.");
    fail(&store, job, second);
    set_state(&store, job, JobState::Incomplete);
    assert_eq!(same("one is done and one failed"), (1, 10));

    // The one that failed is about to be done again, by itself and then with all.
    let scoped = add_job(&store, book, Some(vec![second]));
    assert_eq!(same("done again by itself"), (0, 10));
    set_state(&store, scoped, JobState::Stopped);
    assert_eq!(same("that was stopped"), (1, 10));
    add_job(&store, book, None);
    assert_eq!(same("done again with all").0, 0);
}
