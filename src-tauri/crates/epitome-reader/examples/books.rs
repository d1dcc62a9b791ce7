//! Reads a book as the program does and tells what it read, as JSON: `books read FILE`; or only how many characters, so
//! that telling costs nothing: `books time FILE`; or cuts its text into pieces
//! again and again and tells the least time it took: `books cut FILE`. `cargo xtask bench books` runs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement that fails should stop")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use epitome_book::{Book, Cut, cut};
use epitome_reader::Reader;
use serde_json::json;

/// Characters of a piece: what fits a window of 4,096 tokens.
const PIECE: usize = 8_000;

/// How often the text is cut.
const TIMES: usize = 20;

fn main() -> ExitCode {
    if let Some(code) = epitome_reader::worker() {
        return code;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["read", file] => println!("{}", read(file).map_or_else(|error| json!({"error": error}), |book| told(&book))),
        ["time", file] => println!("{}", read(file).map_or(0, |book| book.text.len())),
        ["cut", file] => {
            let book = read(file).unwrap_or_else(|error| panic!("{error}"));
            println!("{}", least(&book.text));
        }
        _ => panic!("books read FILE | books time FILE | books cut FILE"),
    }
    ExitCode::SUCCESS
}

fn read(file: &str) -> Result<Book, String> {
    let bytes = std::fs::read(file).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Reader::this_program().read(bytes, file)).map_err(|error| error.message)
}

fn told(book: &Book) -> serde_json::Value {
    let sections = book.sections.iter().enumerate().map(|(index, section)| {
        json!({"title": section.title, "left_out": section.left_out, "text": book.section_text(index)})
    });
    json!({"method": book.method, "sections": sections.collect::<Vec<_>>()})
}

/// Characters, pieces, and the least milliseconds of cutting them.
fn least(text: &str) -> serde_json::Value {
    let mut best = Duration::MAX;
    let mut pieces = 0;
    for _ in 0..TIMES {
        let begun = Instant::now();
        pieces = cut(text, Cut { max_chars: PIECE, overlap_chars: 0 }).len();
        best = best.min(begun.elapsed());
    }
    json!({"chars": text.chars().count(), "pieces": pieces, "ms": best.as_secs_f64() * 1e3})
}
