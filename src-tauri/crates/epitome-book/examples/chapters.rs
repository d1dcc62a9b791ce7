//! Prints what is found in book files: `cargo run -p epitome-book --example chapters -- FILE...`, for a look by hand.

#![allow(clippy::print_stdout, reason = "this is a program")]

use std::time::Instant;

use epitome_book::{Cut, cut};

fn main() -> std::io::Result<()> {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path)?;
        let start = Instant::now();
        let read = epitome_book::read(&bytes, &path);
        let took = start.elapsed();
        let book = match read {
            Ok(book) => book,
            Err(error) => {
                println!("{path}: {error}");
                continue;
            }
        };
        let meta = &book.meta;
        let language = meta.language.as_deref().unwrap_or("-");
        println!("{path}: {} / {} / {language} / {:?} / {took:?}", meta.title, meta.authors.join("; "), book.method);
        for section in &book.sections {
            let reason = section.left_out.map(|reason| format!(" [{}]", reason.words())).unwrap_or_default();
            let part = section.part.as_ref().map(|part| format!(" ({part})")).unwrap_or_default();
            println!("{:>8}  {}{part}{reason}", section.chars, section.title);
        }
        let start = Instant::now();
        let pieces = cut(&book.text, Cut { max_chars: 8_000, overlap_chars: 0 }).len();
        println!("{pieces} pieces of 8,000 characters in {:?}", start.elapsed());
        println!("{} chapters of {} sections", book.chapters().count(), book.sections.len());
    }
    Ok(())
}
