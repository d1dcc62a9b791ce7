//! The watched inbox: what is put into the folder comes into the library, once, and nothing in the folder is touched.

use std::path::Path;
use std::time::Duration;

use epitome_api::{Api, Open, Request};
use epitome_model::{BookCard, FeedMessage, JobState};

use crate::{PATIENCE, ask};

async fn open(home: &Path, start: &str) -> Api {
    let choices =
        [("provider.choice", "built-in"), ("inbox.folder", home.join("in").to_str().unwrap()), ("inbox.start", start)]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let data = Some(home.join("data"));
    Api::open(Open { data, choices: choices.to_vec(), resume: true, ..Open::default() }).await.unwrap()
}

async fn library(api: &Api) -> Vec<BookCard> {
    ask(api, Request::Library {}).await
}

/// Waits until the library is as it should be.
async fn until(api: &Api, what: &str, is_so: impl Fn(&[BookCard]) -> bool) {
    let wait = async {
        while !is_so(&library(api).await) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect(what);
}

fn text(title: &str, chapters: usize) -> String {
    let sentence = format!("{title}: the road went on over the hills, and nobody knew where it would end. ");
    let chapters: Vec<String> = (1..=chapters).map(|n| format!("Chapter {n}\n\n{}", sentence.repeat(20))).collect();
    format!("{title}\n\n\n{}\n", chapters.join("\n\n\n"))
}

fn put(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn books_come_in_by_themselves_once_and_stay_out_when_removed() {
    let home = tempfile::tempdir().unwrap();
    let inbox = home.path().join("in");
    put(&inbox.join("before.txt"), &text("There Before", 3));
    let api = open(home.path(), "summarise").await;
    let mut feed = api.feed();
    until(
        &api,
        "what was there before comes in and is done",
        |cards| matches!(cards, [card] if card.state == Some(JobState::Done)),
    )
    .await;

    put(&inbox.join("deeper/after.txt"), &text("Put There After", 2));
    put(&inbox.join("broken.epub"), "this is no zip at all");
    until(&api, "what is put there later comes in", |cards| cards.len() == 2).await;
    let told = async {
        loop {
            if let Ok(FeedMessage::Notice { text }) = feed.recv().await {
                return text;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await.expect("what is no book is named");
    assert!(told.contains("inbox") && told.contains("broken.epub"), "{told}");

    until(&api, "both are done", |cards| cards.iter().all(|card| card.state == Some(JobState::Done))).await;
    let gone = library(&api).await.into_iter().find(|card| card.meta.title == "There Before").unwrap();
    ask::<()>(&api, Request::Remove { book: gone.id }).await;
    drop(api);

    let api = open(home.path(), "only add").await;
    // Something new shows that the folder was looked at again.
    put(&inbox.join("third.txt"), &text("The Third", 2));
    until(&api, "the third comes in", |cards| cards.iter().any(|card| card.meta.title == "The Third")).await;
    let cards = library(&api).await;
    assert_eq!(cards.len(), 2, "what was removed does not come back");
    let third = cards.iter().find(|card| card.meta.title == "The Third").unwrap();
    assert_eq!(third.job, None, "it waits, as the person chose");
    assert_eq!(std::fs::read_to_string(inbox.join("before.txt")).unwrap(), text("There Before", 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_is_not_there_is_said_once_and_used_when_it_comes() {
    let home = tempfile::tempdir().unwrap();
    let api = open(home.path(), "summarise").await;
    let mut feed = api.feed();
    let told = async {
        loop {
            if let Ok(FeedMessage::Notice { text }) = feed.recv().await {
                return text;
            }
        }
    };
    let told = tokio::time::timeout(PATIENCE, told).await.expect("the person is told");
    assert!(told.starts_with("The inbox folder cannot be looked at."), "{told}");
    put(&home.path().join("in/late.txt"), &text("Late", 2));
    until(&api, "it is used when it is there", |cards| cards.len() == 1).await;
}
