//! Kindle books made here: each way of packing, both kinds of markup, and damage.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod chapters;
mod damage;
mod said;

use epitome_book::{Book, read};
use epitome_testkit::kindle::{book, pack, palm};

/// A paragraph that is a chapter's worth of text and not all ASCII.
fn prose(word: &str, times: usize) -> String {
    format!("<p>The {word} was seen again by the café’s guests, who had stayed behind in the village. </p>")
        .repeat(times)
}

/// The same as it is read.
fn read_prose(word: &str, times: usize) -> String {
    let line = format!("The {word} was seen again by the café’s guests, who had stayed behind in the village.");
    vec![line; times].join("\n\n")
}

fn parsed(bytes: &[u8]) -> Book {
    let book = read(bytes, "book.mobi").unwrap();
    assert!(book.check_ledger().unwrap().adds_up());
    book
}

/// Part and title of each chapter.
fn titles(book: &Book) -> Vec<String> {
    let part = |part: &Option<String>| part.as_ref().map(|part| format!("{part} / ")).unwrap_or_default();
    book.chapters().map(|(_, _, section)| format!("{}{}", part(&section.part), section.title)).collect()
}
