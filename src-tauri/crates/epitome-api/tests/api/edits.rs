//! What a reader changes in a preview, and books that come again with more in them.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use epitome_api::{Api, Request};
use epitome_model::{
    AddAs, AddPreview, Added, Board, BookCard, BookView, ChapterMethod, Edit, ErrorCode, JobId, JobState, Kinship,
    PreviewOutcome, SectionParagraphs, StartJob, Sureness,
};

use crate::{ask, open};

/// A serial with these chapters; each says its own number in every sentence.
fn serial(path: &Path, chapters: std::ops::RangeInclusive<u32>) -> PathBuf {
    let mut text = String::from("The Long Road\n\n\n");
    for chapter in chapters {
        write!(text, "Chapter {chapter}\n\n").unwrap();
        for day in 1..=30 {
            write!(text, "On day {day} the company of chapter {chapter} saw hill number {day}. ").unwrap();
            text.push_str(if day % 10 == 0 { "\n\n" } else { "" });
        }
        text.push_str("\n\n");
    }
    std::fs::write(path, text).unwrap();
    path.to_path_buf()
}

async fn outcomes(api: &Api, path: &Path) -> Vec<PreviewOutcome> {
    ask(api, Request::Preview { paths: vec![path.to_string_lossy().into_owned()] }).await
}

async fn preview(api: &Api, path: &Path) -> AddPreview {
    match outcomes(api, path).await.pop().unwrap() {
        PreviewOutcome::Book { preview } => *preview,
        PreviewOutcome::Refused { error, .. } => panic!("{error}"),
    }
}

async fn edit(api: &Api, token: &str, edits: Vec<Edit>) -> AddPreview {
    ask(api, Request::EditPreview { token: token.to_owned(), edits }).await
}

fn chapters(preview: &AddPreview) -> Vec<&str> {
    let chapters = preview.sections.iter().filter(|section| section.number.is_some());
    chapters.map(|section| section.title.as_str()).collect()
}

async fn add(api: &Api, token: &str, how: AddAs) -> BookView {
    let added: Added = ask(api, Request::Add { token: token.to_owned(), start: None, how }).await;
    ask(api, Request::Book { book: added.book }).await
}

async fn summarise(api: &Api, book: epitome_model::BookId) -> Board {
    let job: JobId = ask(api, Request::Start { book, start: StartJob::default() }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
    ask(api, Request::Board { job }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_shown_taken_back_and_stored() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let found = preview(&api, &serial(&home.path().join("road.txt"), 1..=4)).await;
    assert_eq!(found.certainty.sureness, Sureness::Sure, "{}", found.certainty.reason);
    let first = found.sections.iter().position(|section| section.number == Some(1)).unwrap();
    let first = u32::try_from(first).unwrap();
    let token = found.token.clone();
    let text: SectionParagraphs =
        ask(&api, Request::PreviewText { token: token.clone(), section: first, from: 0 }).await;
    let middle = text.paragraphs.iter().find(|paragraph| paragraph.text.starts_with("On day 11 ")).unwrap().at;
    let edits = vec![
        Edit::Split { section: first, at: middle },
        Edit::Rename { section: first + 1, title: "The second day".to_owned() },
        Edit::Merge { section: first + 2, following: 1 },
        Edit::LeaveOut { sections: vec![first + 3] },
    ];
    let changed = edit(&api, &token, edits.clone()).await;
    assert_eq!(chapters(&changed), ["Chapter 1", "The second day", "Chapter 2"]);
    assert!(changed.coverage.adds_up() && changed.coverage.source_chars == found.coverage.source_chars);
    assert!(changed.estimate.calls < found.estimate.calls, "what is left out is not paid for");
    let back = edit(&api, &token, edits[..1].to_vec()).await;
    assert_eq!(chapters(&back).len(), 5);
    assert_eq!(chapters(&edit(&api, &token, Vec::new()).await), chapters(&found));

    let bad = Request::EditPreview { token: token.clone(), edits: vec![Edit::Pattern { pattern: "(".to_owned() }] };
    let error = api.answer(bad).await.unwrap_err();
    assert!(error.message.contains("pattern cannot be read"), "{}", error.message);
    let pattern = Edit::Pattern { pattern: "^Chapter [24]$".to_owned() };
    let by_pattern = edit(&api, &token, vec![pattern]).await;
    assert_eq!(by_pattern.method, ChapterMethod::Pattern);
    assert_eq!(chapters(&by_pattern), ["Chapter 1", "Chapter 2", "Chapter 4"], "what stands before keeps its title");

    assert_eq!(edit(&api, &token, Vec::new()).await.method, found.method);
    edit(&api, &token, edits).await;
    let view = add(&api, &token, AddAs::Update).await;
    let stored: Vec<&str> =
        view.chapters.iter().filter(|row| row.number.is_some()).map(|row| row.source_title.as_str()).collect();
    assert_eq!(stored, ["Chapter 1", "The second day", "Chapter 2"]);
    assert!(view.coverage.adds_up());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_serial_gets_its_new_chapters_and_keeps_the_summaries_it_has() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let old =
        add(&api, &preview(&api, &serial(&home.path().join("road 1-3.txt"), 1..=3)).await.token, AddAs::Update).await;
    summarise(&api, old.card.id).await;
    let found = preview(&api, &serial(&home.path().join("road 2-5.txt"), 2..=5)).await;
    let grown = found.grown.clone().unwrap();
    assert_eq!((grown.book, grown.same, grown.changed, grown.new, grown.gone), (old.card.id, 2, 0, 2, 1));
    let kin: Vec<Kinship> = found
        .sections
        .iter()
        .filter(|section| section.number.is_some())
        .filter_map(|section| section.kinship)
        .collect();
    assert_eq!(kin, [Kinship::Same, Kinship::Same, Kinship::New, Kinship::New]);
    let view = add(&api, &found.token, AddAs::Update).await;
    assert_eq!(view.card.id, old.card.id);
    assert_eq!((view.card.chapters, view.card.summarised), (5, 3), "the chapter that is gone stays");
    assert!(view.coverage.adds_up());
    let numbers: Vec<(Option<u32>, &str)> = view
        .chapters
        .iter()
        .filter(|row| row.number.is_some())
        .map(|row| (row.number, row.source_title.as_str()))
        .collect();
    let expected: Vec<String> = (1..=5).map(|number| format!("Chapter {number}")).collect();
    let expected: Vec<(Option<u32>, &str)> = (1..).map(Some).zip(expected.iter().map(String::as_str)).collect();
    assert_eq!(numbers, expected);
    let board = summarise(&api, old.card.id).await;
    assert_eq!((board.vitals.chapters_done, board.vitals.chapters_all), (5, 5));
    let view: BookView = ask(&api, Request::Book { book: old.card.id }).await;
    assert_eq!((view.card.summarised, view.card.state), (5, Some(JobState::Done)));

    // The other ways to take it.
    let found = preview(&api, &serial(&home.path().join("road 3-6.txt"), 3..=6)).await;
    let other = add(&api, &found.token, AddAs::NewBook).await;
    assert_eq!((other.card.id == old.card.id, other.card.chapters), (false, 4));
    let found = preview(&api, &serial(&home.path().join("road 4-7.txt"), 4..=7)).await;
    let replaced = found.grown.as_ref().unwrap().book;
    let view = add(&api, &found.token, AddAs::Replace).await;
    assert_eq!((view.card.id, view.card.chapters), (replaced, 4));
    assert!(view.coverage.adds_up());
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_of_a_file_that_is_there_change_that_book() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let path = serial(&home.path().join("road.txt"), 1..=4);
    let view = add(&api, &preview(&api, &path).await.token, AddAs::Update).await;
    summarise(&api, view.card.id).await;
    let found = preview(&api, &path).await;
    assert_eq!((found.known, found.grown.is_none()), (Some(view.card.id), true));
    let last = u32::try_from(found.sections.len() - 2).unwrap();
    edit(&api, &found.token, vec![Edit::Merge { section: last, following: 1 }]).await;
    let merged = add(&api, &found.token, AddAs::Update).await;
    assert_eq!((merged.card.id, merged.card.chapters, merged.card.summarised), (view.card.id, 3, 2));
    assert!(merged.coverage.adds_up() && merged.coverage.source_chars == view.coverage.source_chars);
    let again = preview(&api, &path).await;
    assert_eq!(chapters(&again), ["Chapter 1", "Chapter 2", "Chapter 3"], "the list begins as it is stored");
    assert_eq!(add(&api, &again.token, AddAs::Update).await.card.summarised, 2, "unchanged, it changes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_not_changed_under_a_run() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let id = api.import(&serial(&home.path().join("road.txt"), 1..=3)).await.unwrap();
    let job: JobId = ask(&api, Request::Start { book: id, start: StartJob::default() }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
    // A job that another process runs.
    let data = home.path().join("data");
    let store = epitome_store::Store::open(&data).unwrap();
    store.write(move |conn| epitome_store::job::set_state(conn, job, JobState::Running, None)).await.unwrap();
    let held = epitome_pipeline::JobLock::take(&data, job).unwrap();
    assert!(held.is_some());
    let found = preview(&api, &serial(&home.path().join("road 1-4.txt"), 1..=4)).await;
    let refused = Request::Add { token: found.token.clone(), start: None, how: AddAs::Update };
    assert_eq!(api.answer(refused.clone()).await.unwrap_err().code, ErrorCode::AlreadyRunning);
    drop(held);
    api.answer(refused).await.unwrap();
    let cards: Vec<BookCard> = ask(&api, Request::Library {}).await;
    assert_eq!(cards.iter().map(|card| card.chapters).collect::<Vec<_>>(), [4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_its_books_or_one_book_of_pages() {
    let home = tempfile::tempdir().unwrap();
    let api = open(&home.path().join("data"), false).await;
    let (books, pages) = (home.path().join("books"), home.path().join("pages"));
    std::fs::create_dir_all(books.join("more")).unwrap();
    std::fs::create_dir(&pages).unwrap();
    serial(&books.join("one.txt"), 1..=2);
    std::fs::write(
        books.join("more").join("two.md"),
        "# First\n\nIt rained for a long time.\n\n# Second\n\nIt stopped.",
    )
    .unwrap();
    std::fs::write(books.join("broken.epub"), b"PK\x03\x04 cut off").unwrap();
    std::fs::write(books.join("cover.jpg"), b"\xFF\xD8\xFF").unwrap();
    let found = outcomes(&api, &books).await;
    let names: Vec<(&str, bool)> = found
        .iter()
        .map(|outcome| match outcome {
            PreviewOutcome::Book { preview } => (preview.file_name.as_str(), true),
            PreviewOutcome::Refused { file_name, .. } => (file_name.as_str(), false),
        })
        .collect();
    assert_eq!(names, [("broken.epub", false), ("one.txt", true), ("two.md", true)]);
    for page in 1..=11 {
        let text = format!(
            "<html><body><h1>Chapter {page}</h1><p>Page {page} tells of the road and the hill.</p></body></html>"
        );
        std::fs::write(pages.join(format!("page{page}.html")), text).unwrap();
    }
    let found = preview(&api, &pages).await;
    let expected: Vec<String> = (1..=11).map(|page| format!("Chapter {page}")).collect();
    assert_eq!(chapters(&found), expected);
    let series = home.path().join("series");
    std::fs::create_dir(&series).unwrap();
    for number in 1..=2 {
        let text = std::fs::read_to_string(serial(&series.join(format!("road {number}.txt")), 1..=240)).unwrap();
        assert!(text.len() > 300_000);
    }
    assert_eq!(outcomes(&api, &series).await.len(), 2, "numbered texts as long as books are books");
    let empty = home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    let refused = outcomes(&api, &empty).await;
    assert!(matches!(&refused[..], [PreviewOutcome::Refused { error, .. }] if error.code == ErrorCode::FileIsFolder));
}
