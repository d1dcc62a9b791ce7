//! Books that a person removed, and alerts that wait to be seen.

use epitome_model::{Alert, AlertKind, JobState, Wanted};
use epitome_store::{alert, book, job, views};

use crate::fixture::{add_book, add_job, store};

#[test]
fn a_removed_book_is_nowhere_until_it_is_brought_back_with_the_job_that_was_at_work() {
    let (_home, store) = store();
    let (kept, gone) = (add_book(&store, "kept").0, add_book(&store, "gone"));
    let (gone, chapters) = gone;
    let job = add_job(&store, gone, None);
    store.write_blocking(move |conn| book::put_away(conn, gone, 1_000)).unwrap();

    let shelf = || store.read(views::shelf).unwrap().into_iter().map(|card| card.id).collect::<Vec<_>>();
    let row = || store.read(|conn| job::find(conn, job)).unwrap().unwrap();
    assert_eq!(shelf(), [kept]);
    assert_eq!(store.read(|conn| book::by_hash(conn, "gone")).unwrap(), None);
    assert!(!store.read(|conn| book::exists(conn, gone)).unwrap());
    assert!(store.read(|conn| views::book_view(conn, gone)).unwrap().is_none());
    assert!(store.read(|conn| views::chapter_text(conn, chapters[0])).unwrap().is_none());
    assert!(store.read(|conn| views::board(conn, job)).unwrap().is_none());
    assert_eq!((row().wanted, row().state), (Wanted::Stop, JobState::Stopped));
    assert!(store.read(job::unfinished).unwrap().is_empty());

    assert_eq!(store.write_blocking(move |conn| book::restore(conn, gone)).unwrap(), Some(Some(job)));
    assert_eq!(shelf(), [gone, kept]);
    assert_eq!(store.write_blocking(move |conn| book::restore(conn, gone)).unwrap(), Some(None), "once");
}

#[test]
fn a_paused_job_stays_paused_when_its_book_comes_back() {
    let (_home, store) = store();
    let book = add_book(&store, "one").0;
    let job = add_job(&store, book, None);
    let back = store.write_blocking(move |conn| {
        job::set_wanted(conn, job, Wanted::Pause)?;
        job::set_state(conn, job, JobState::Paused, None)?;
        book::put_away(conn, book, 1_000)?;
        book::restore(conn, book)
    });
    assert_eq!(back.unwrap(), Some(None));
    assert_eq!(store.read(|conn| job::find(conn, job)).unwrap().unwrap().state, JobState::Paused);
}

#[test]
fn a_removed_book_is_deleted_after_its_time_or_when_its_file_comes_again() {
    let (_home, store) = store();
    let (first, second) = (add_book(&store, "one").0, add_book(&store, "two").0);
    let put_away = |book, at_ms| store.write_blocking(move |conn| book::put_away(conn, book, at_ms)).unwrap();
    put_away(first, 1_000);
    put_away(second, 2_000);
    let any = |before| store.read(|conn| book::any_removed(conn, before)).unwrap();
    assert!(!any(1_000) && any(1_001));
    assert_eq!(store.write_blocking(|conn| book::delete_removed(conn, 1_500)).unwrap(), 1);
    assert_eq!(store.write_blocking(move |conn| book::restore(conn, first)).unwrap(), None, "too late");

    let anew = add_book(&store, "two").0;
    assert_eq!(store.read(|conn| book::by_hash(conn, "two")).unwrap(), Some(anew));
    assert_eq!(store.read(views::shelf).unwrap().len(), 1);
}

fn slow(since_ms: i64) -> Alert {
    Alert { kind: AlertKind::Commit, since_ms, cause: "Slow.".into(), hint: "Use another disk.".into() }
}

#[test]
fn an_alert_that_is_over_waits_until_it_is_seen() {
    let (_home, store) = store();
    let book = add_book(&store, "one").0;
    let job = add_job(&store, book, None);
    let kept = || {
        let kept = store.read(alert::kept).unwrap().into_iter();
        kept.map(|one| (one.job, one.alert.since_ms, one.over, one.seen)).collect::<Vec<_>>()
    };
    let write = |what: fn(&epitome_store::Connection, epitome_model::JobId, &Alert), since_ms| {
        store
            .write_blocking(move |conn| {
                what(conn, job, &slow(since_ms));
                Ok(())
            })
            .unwrap();
    };
    write(|conn, job, alert| alert::begin(conn, job, alert).unwrap(), 1);
    write(|conn, job, alert| alert::begin(conn, job, alert).unwrap(), 2);
    write(|conn, job, alert| alert::end(conn, job, alert, 9).unwrap(), 1);
    assert_eq!(kept(), [(job, 1, true, false), (job, 2, false, false)]);
    write(|conn, job, alert| alert::see(conn, job, alert).unwrap(), 1);
    write(|conn, job, alert| alert::see(conn, job, alert).unwrap(), 2);
    assert_eq!(kept(), [(job, 2, false, true)], "one that stands is not told anew");
    store.write_blocking(move |conn| alert::end_all(conn, job, 10)).unwrap();
    assert_eq!(kept(), []);

    // A job that has ended has none that stands, and a removed book tells nothing.
    write(|conn, job, alert| alert::begin(conn, job, alert).unwrap(), 3);
    store.write_blocking(move |conn| job::set_state(conn, job, JobState::Done, None)).unwrap();
    assert_eq!(kept(), [(job, 3, true, false)]);
    store.write_blocking(move |conn| book::put_away(conn, book, 1)).unwrap();
    assert_eq!(kept(), []);
}

#[test]
fn of_an_alert_that_comes_and_goes_the_last_are_kept() {
    let (_home, store) = store();
    let book = add_book(&store, "one").0;
    let job = add_job(&store, book, None);
    store
        .write_blocking(move |conn| {
            for since_ms in 1..=100 {
                alert::begin(conn, job, &slow(since_ms))?;
                alert::end(conn, job, &slow(since_ms), since_ms + 1)?;
            }
            Ok(())
        })
        .unwrap();
    let kept: Vec<i64> = store.read(alert::kept).unwrap().into_iter().map(|one| one.alert.since_ms).collect();
    assert_eq!(kept, (81..=100).collect::<Vec<_>>());
}
