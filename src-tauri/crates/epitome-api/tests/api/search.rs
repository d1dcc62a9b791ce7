//! A book that was added is found by its words, and not any more once it is removed.

use epitome_api::{Api, Open, Request};
use epitome_model::{BookId, ChapterMarks, FeedMessage, Found, Place, SearchIn};

async fn search(api: &Api, words: &str, within: SearchIn, book: Option<BookId>, until: Option<u32>) -> Found {
    let request = Request::Search { words: words.into(), within, book, until };
    serde_json::from_value(api.answer(request).await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_is_found_by_its_words_as_long_as_it_is_there() {
    let home = tempfile::tempdir().unwrap();
    let api = Api::open(Open { data: Some(home.path().join("data")), ..Open::default() }).await.unwrap();
    let mut feed = api.feed();
    let path = home.path().join("road.txt");
    let text = "The Long Road\n\n\nChapter 1\n\nThe white whale is seen.\n\n\nChapter 2\n\nThe whale’s end, été.\n";
    std::fs::write(&path, text).unwrap();
    let book = api.import(&path).await.unwrap();
    // It is put into the index after the import, and whoever shows a search is told to look again.
    let mut found = search(&api, "whale", SearchIn::Everything, None, None).await;
    while found.unindexed > 0 {
        if matches!(feed.recv().await.unwrap(), FeedMessage::Changed) {
            found = search(&api, "whale", SearchIn::Everything, None, None).await;
        }
    }
    assert_eq!(found.total, 2);
    let bound = search(&api, "whale", SearchIn::Everything, Some(book), Some(1)).await;
    assert_eq!(bound.total, 1);
    let hit = &search(&api, "ETE", SearchIn::Sources, None, None).await.books[0].hits[0];
    assert_eq!((hit.place, hit.number), (Place::Source, Some(2)));
    let marks = Request::Marks { book, section: hit.section, words: "ete whale".into() };
    let marks: ChapterMarks = serde_json::from_value(api.answer(marks).await.unwrap()).unwrap();
    // The last word may go on; the first one is whole.
    assert_eq!(marks.source.len(), 2);

    api.answer(Request::Remove { book }).await.unwrap();
    assert_eq!(search(&api, "whale", SearchIn::Everything, None, None).await, Found::default());
}
