//! Writes a corpus of the capacity model as a book in plain text: `corpus KIND CHAPTERS FILE`, where KIND is `A` or `B`
//! and CHAPTERS is how many of its chapters, from the first. `cargo xtask bench` has its contestants read such books.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement that fails should stop")]

use epitome_testkit::{Corpus, corpus, text_of};

/// Which of the corpora of the kind.
const SEED: u64 = 1;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [kind, chapters, file] = words.as_slice() else { panic!("corpus KIND CHAPTERS FILE") };
    let kind = match kind.as_str() {
        "A" => Corpus::A,
        "B" => Corpus::B,
        other => panic!("no corpus is called {other}"),
    };
    let mut book = corpus(kind, SEED);
    book.truncate(chapters.parse().unwrap());
    std::fs::write(file, text_of(&book)).unwrap();
}
