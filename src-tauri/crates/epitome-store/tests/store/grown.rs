//! A book that comes again with more in it: what is the same keeps its rows, and its summaries with them.

use epitome_model::{BookMeta, ChapterMethod, ChapterState, Format, JobState, LeftOutReason, ProviderKind, SectionId};
use epitome_store::section::{Placed, arrange};
use epitome_store::{Store, StoreError, book, chapter, job, section, summary, views};

use crate::fixture::{add_book, add_job, finish, store};

fn placed<'a>(id: Option<SectionId>, title: &'a str, text: Option<&'static str>) -> Placed<'a> {
    let chars = |text: &'static str| u32::try_from(text.len()).unwrap();
    Placed { id, title, part: None, left_out: None, text: text.map(|text| (text, chars(text))) }
}

fn ids(store: &Store, book: epitome_model::BookId) -> Vec<(SectionId, Option<u32>)> {
    let rows = store.read(|conn| section::list(conn, book)).unwrap();
    rows.into_iter().map(|row| (row.id, row.number)).collect()
}

#[test]
fn sections_keep_their_rows_and_get_new_numbers() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let all = chapters.clone();
    store
        .write_blocking(move |conn| all.iter().try_for_each(|chapter| finish(conn, book, job, *chapter, "A summary.")))
        .unwrap();
    let [first, second, third] = chapters[..] else { panic!() };
    // The third goes, the second comes first, something new stands between; the first is left out.
    let change = move |conn: &epitome_store::Connection| {
        let out = Placed { left_out: Some(LeftOutReason::Excluded), ..placed(Some(first), "One", None) };
        arrange(conn, book, &[placed(Some(second), "Two", Some("new text")), placed(None, "New", Some("new")), out])
    };
    store.write_blocking(change).unwrap();
    let found = ids(&store, book);
    assert_eq!((found[0], found[1].1, found[2]), ((second, Some(1)), Some(2), (first, None)));
    let text = |id| store.read(move |conn| section::text(conn, id)).unwrap();
    assert_eq!(text(second).as_deref(), Some("new text"));
    assert_eq!((text(first).as_deref(), text(third)), (Some("xxxxxxxxxx"), None));
    let written = store.read(|conn| summary::sections(conn, book)).unwrap();
    assert_eq!(written, [first, second].into(), "the summary of what went has gone too");
    let card = &store.read(views::shelf).unwrap()[0];
    assert_eq!((card.chapters, card.summarised), (2, 1), "what is left out does not count");
}

#[test]
fn a_section_of_another_book_changes_nothing() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let (_, others) = add_book(&store, "two");
    let before = ids(&store, book);
    let change = move |conn: &epitome_store::Connection| arrange(conn, book, &[placed(Some(others[0]), "X", None)]);
    assert!(matches!(store.write_blocking(change), Err(StoreError::Unreadable(_))));
    assert_eq!(ids(&store, book), before);
}

#[test]
fn a_book_can_come_from_another_file() {
    let (_home, store) = store();
    let (id, _) = add_book(&store, "one");
    let meta = BookMeta { title: "Grown".into(), ..BookMeta::default() };
    let change = move |conn: &epitome_store::Connection| {
        let new = book::NewBook {
            meta: &meta,
            format: Format::Text,
            method: ChapterMethod::Pattern,
            file_name: "grown.txt",
            source_hash: "other",
            source_chars: 99,
            cover: None,
            added_ms: 7,
        };
        book::set_source(conn, id, &new)
    };
    store.write_blocking(change).unwrap();
    let found = store.read(|conn| book::find(conn, id)).unwrap().unwrap();
    assert_eq!((found.meta.title.as_str(), found.method, found.source_chars), ("Grown", ChapterMethod::Pattern, 99));
    assert_eq!(found.added_ms, 1_000);
    let hash = |hash: &'static str| store.read(move |conn| book::by_hash(conn, hash)).unwrap();
    assert_eq!((hash("one"), hash("other")), (None, Some(id)));
    assert!(store.read(views::shelf).unwrap()[0].cover.is_some(), "the cover that is there stays");
    assert_eq!(store.read(book::list).unwrap().len(), 1);
}

#[test]
fn a_job_may_begin_with_what_is_summarised() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let old = add_job(&store, book, None);
    let first = chapters[0];
    let done = move |conn: &epitome_store::Connection| {
        finish(conn, book, old, first, "A summary.")?;
        job::set_state(conn, old, JobState::Done, None)
    };
    assert!(!store.read(|conn| chapter::has_grown(conn, book)).unwrap(), "no job was done yet");
    store.write_blocking(done).unwrap();
    assert!(store.read(|conn| chapter::has_grown(conn, book)).unwrap());
    let carried = |author: Option<(ProviderKind, &'static str)>| {
        let job = add_job(&store, book, None);
        store.write_blocking(move |conn| chapter::carry(conn, job, book, author)).unwrap();
        let rows = store.read(|conn| chapter::of_job(conn, job)).unwrap();
        rows.into_iter().map(|row| (row.section, row.progress.state)).collect::<Vec<_>>()
    };
    assert_eq!(carried(None), [(first, ChapterState::Done)]);
    assert_eq!(carried(Some((ProviderKind::Ollama, "llama3.1:8b"))), [(first, ChapterState::Done)]);
    assert_eq!(carried(Some((ProviderKind::Ollama, "other"))), []);
    assert_eq!(carried(Some((ProviderKind::BuiltIn, ""))), []);
}
