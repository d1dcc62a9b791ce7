//! The application as a shell sees it: opened on a folder, asked by requests, listened to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod damaged;
mod edits;
mod inbox;
mod live;
mod remembered;
mod removal;
mod search;
mod trial;
mod words;

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use epitome_api::{Api, Open, Request};
use serde::de::DeserializeOwned;

/// Long enough for a slow machine; nothing is asserted about how long it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// The application with the summariser that is always there.
async fn open(data: &Path, resume: bool) -> Api {
    let choices = vec![("provider.choice".to_owned(), "built-in".to_owned())];
    Api::open(Open { data: Some(data.to_path_buf()), choices, resume, ..Open::default() }).await.unwrap()
}

async fn ask<T: DeserializeOwned>(api: &Api, request: Request) -> T {
    serde_json::from_value(api.answer(request).await.unwrap()).unwrap()
}

/// A text with so many chapters of forty sentences.
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
