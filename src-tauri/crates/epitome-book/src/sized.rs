//! Sections of a sensible size, for books in which no chapters can be found. For the format readers.

use std::ops::Range;

use epitome_model::ChapterMethod;

use crate::cut::{Cut, cut};
use crate::outline::{Mark, Role};

/// Longest section in Unicode scalar values: about ten printed pages.
const SECTION_CHARS: usize = 12_000;

/// Marks that cut the `body` of `text` into sections, or make it one chapter with the book's title if it is short.
pub fn marks(text: &str, body: Range<usize>, book_title: &str) -> (ChapterMethod, Vec<Mark>) {
    let start = body.start;
    let pieces = cut(&text[body], Cut { max_chars: SECTION_CHARS, overlap_chars: 0 });
    if let [_] = pieces[..] {
        return (
            ChapterMethod::Whole,
            vec![Mark { at: start, title: book_title.to_owned(), part: None, role: Role::Chapter }],
        );
    }
    let mark = |(number, piece): (usize, Range<usize>)| Mark {
        at: start + piece.start,
        title: format!("Part {number}"),
        part: None,
        role: Role::Chapter,
    };
    (ChapterMethod::Sized, (1..).zip(pieces).map(mark).collect())
}
