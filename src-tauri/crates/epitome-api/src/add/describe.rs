//! What a preview says of a book.

use epitome_book::{Book, Section, certainty, ledger};
use epitome_model::{BookMeta, Certainty, ChapterMethod, Coverage, Format, PreviewChapter, WireError};
use serde::Serialize;

use super::read::Read;

/// Characters of a chapter's opening in the preview.
const OPENING_CHARS: usize = 120;

/// What a file holds, whoever asks.
#[derive(Clone, Debug, Serialize)]
pub struct Inspected {
    pub file_name: String,
    pub meta: BookMeta,
    pub format: Format,
    pub method: ChapterMethod,
    pub certainty: Certainty,
    pub sections: Vec<PreviewChapter>,
    pub coverage: Coverage,
}

/// Describes a file with the sections it would be stored with.
pub fn inspected(read: &Read, sections: &[Section], method: ChapterMethod) -> Result<Inspected, WireError> {
    let book = &read.book;
    Ok(Inspected {
        file_name: read.file_name.clone(),
        meta: book.meta.clone(),
        format: book.format,
        method,
        certainty: certainty(method, sections),
        sections: listed(book, sections),
        coverage: ledger(&book.text, sections).map_err(|error| error.for_file(&read.file_name))?,
    })
}

fn listed(book: &Book, sections: &[Section]) -> Vec<PreviewChapter> {
    let mut number = 0;
    let listed = sections.iter().map(|section| {
        number += u32::from(section.left_out.is_none());
        PreviewChapter {
            number: section.left_out.is_none().then_some(number),
            title: section.title.clone(),
            part: section.part.clone(),
            chars: section.chars,
            left_out: section.left_out,
            opening: opening(book.text.get(section.range.clone()).unwrap_or_default(), &section.title),
            kinship: None,
        }
    });
    listed.collect()
}

/// The first words after the heading.
fn opening(text: &str, title: &str) -> String {
    let after = behind(text, title).unwrap_or(text);
    epitome_pipeline::first_words(if after.trim().is_empty() { text } else { after }, OPENING_CHARS)
}

/// What stands behind a title at the start of a text, however its words are spaced there.
fn behind<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let mut found = text.char_indices().filter(|(_, c)| !c.is_whitespace());
    let mut end = 0;
    for wanted in title.chars().filter(|c| !c.is_whitespace()) {
        let (at, c) = found.next()?;
        if c != wanted {
            return None;
        }
        end = at + c.len_utf8();
    }
    text.get(end..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_begins_behind_the_heading_however_that_is_spaced() {
        for (text, title, expected) in [
            ("\n Chapter\u{a0}1.\u{a0}The\n Storm\n\nIt rained.", "Chapter 1. The Storm", "It rained."),
            ("It rained.", "Chapter 1", "It rained."),
            ("Chapter 1", "Chapter 1", "Chapter 1"),
            ("", "Chapter 1", ""),
        ] {
            assert_eq!(opening(text, title), expected, "{text:?}");
        }
    }
}
