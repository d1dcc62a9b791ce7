//! Doing a thing again changes nothing: what a resumed run relies on.

use epitome_model::{BookId, JobId, SectionId};
use epitome_store::{Store, call, summary, views};
use proptest::prelude::*;

use crate::fixture::{add_book, add_job, an_answer, finish, store};

#[derive(Clone, Copy, Debug)]
enum Step {
    Record { key: u8, answer: u8 },
    Finish { chapter: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let record = (0..6u8, 0..3u8).prop_map(|(key, answer)| Step::Record { key, answer });
    let finish = (0..3usize).prop_map(|chapter| Step::Finish { chapter });
    prop::collection::vec(prop_oneof![record, finish], 1..12)
}

fn take(store: &Store, book: BookId, job: JobId, chapters: &[SectionId], step: Step) {
    match step {
        Step::Record { key, answer } => {
            let answer = an_answer(job, &format!("key {key}"), &format!("answer {answer}"));
            store.write_blocking(move |conn| call::record(conn, &answer)).unwrap();
        }
        Step::Finish { chapter } => {
            let section = chapters[chapter];
            store.write_blocking(move |conn| finish(conn, book, job, section, &format!("of {chapter}"))).unwrap();
        }
    }
}

/// What a reader would see, and how many rows there are behind it.
fn seen(store: &Store, book: BookId, job: JobId) -> String {
    store
        .read(|conn| {
            let outputs: Vec<_> =
                (0..6).map(|key| call::find_output(conn, &format!("key {key}"))).collect::<Result<_, _>>()?;
            let versions: i64 = conn.query_row("SELECT count(*) FROM summary", [], |row| row.get(0))?;
            let texts = summary::of_chapters(conn, book, 0, u32::MAX)?;
            let view = views::book_view(conn, book)?;
            Ok(format!("{outputs:?} {versions} {texts:?} {view:?} {:?}", views::board_cells(conn, job)?))
        })
        .unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn taking_every_step_again_changes_nothing(steps in steps()) {
        let (_home, store) = store();
        let (book, chapters) = add_book(&store, "one");
        let job = add_job(&store, book, None);
        for step in &steps {
            take(&store, book, job, &chapters, *step);
        }
        let once = seen(&store, book, job);
        for step in &steps {
            take(&store, book, job, &chapters, *step);
        }
        prop_assert_eq!(seen(&store, book, job), once);
    }
}

#[test]
fn the_first_answer_of_a_key_stays() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let record = |output| store.write_blocking(move |conn| call::record(conn, &an_answer(job, "key", output))).unwrap();
    assert_eq!(record("first"), record("second"));
    assert_eq!(store.read(|conn| call::find_output(conn, "key")).unwrap().as_deref(), Some("first"));
}
