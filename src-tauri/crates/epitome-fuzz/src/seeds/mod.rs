//! Small files to begin with, a few for each format, all of them ours.

mod documents;
mod kindle;
mod pages;
mod pdf;
mod texts;

pub use documents::{docx, epub, fb2, packed};
pub use kindle::mobi;
pub use pages::{html, pages, wire};
pub use pdf::pdf;
pub use texts::{markdown, text};

/// Some of everything.
pub fn all() -> Vec<Vec<u8>> {
    let kinds = [text(), markdown(), html(), epub(), docx(), fb2(), mobi(), packed()];
    kinds.into_iter().flat_map(|seeds| seeds.into_iter().take(2)).collect()
}

/// A paragraph of so many words.
fn prose(number: usize, words: usize) -> String {
    epitome_testkit::pdf::prose(number, words)
}
