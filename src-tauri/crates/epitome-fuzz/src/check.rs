//! What must hold for whatever a reader answers. Each check ends the run by a failed assertion, which names what broke.

use std::collections::HashMap;

use epitome_book::{Book, BookError, limits};
use epitome_model::{LeftOutReason, WireError};

/// Characters of the longest sentence a person may be shown.
const SENTENCE: usize = 400;

/// The name that files are read under; it stands in every sentence.
pub const NAME: &str = "book";

/// Checks what a reader answered, and tells it in words that are the same for answers of one kind.
pub fn answer(read: &Result<Book, BookError>) -> String {
    match read {
        Ok(book) => whole(book),
        Err(error) => {
            assert!(!matches!(error, BookError::Ledger { .. }), "the ledger does not add up: {error}");
            sentence(&error.clone().for_file(NAME));
            kind_of(&error.to_string())
        }
    }
}

/// A book's ledger, limits and names.
pub fn whole(book: &Book) -> String {
    let coverage = book.check_ledger().unwrap_or_else(|error| fail(&error.to_string()));
    assert!(coverage.adds_up(), "the coverage does not add up");
    assert!(coverage.source_chars as usize <= limits::TEXT_CHARS, "the text is longer than any may be");
    assert!(book.sections.len() <= limits::SECTIONS, "there are more sections than any book may have");
    assert!(book.chapters().count() > 0, "a book without chapters was taken");
    assert!(!book.text.contains('\0'), "the text holds a zero character");
    for section in &book.sections {
        name(&section.title, "the title of a section");
        assert!(!section.title.trim().is_empty(), "a section has no title");
        if let Some(part) = &section.part {
            assert!(!part.trim().is_empty(), "a part has no title");
            assert!(!part.contains(char::is_control), "the title of a part holds a control character: {part:?}");
        }
        // What a file names and does not hold has a place in the list and no text.
        let is_missing = section.left_out == Some(LeftOutReason::Missing);
        assert_eq!(section.range.is_empty(), is_missing, "a section is empty");
    }
    name(&book.meta.title, "the book's title");
    assert!(!book.meta.title.trim().is_empty(), "the book has no title");
    for author in &book.meta.authors {
        assert!(!author.trim().is_empty(), "an author has no name");
        assert!(!author.contains(char::is_control), "an author's name holds a control character: {author:?}");
    }
    if let Some(tag) = &book.meta.language {
        let plain = tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        assert!(plain && (2..=35).contains(&tag.len()), "not a tag of a language: {tag:?}");
    }
    if let Some(cover) = &book.cover {
        assert!(!cover.bytes.is_empty() && cover.bytes.len() <= limits::COVER_BYTES, "the cover has an odd length");
        assert!(cover.media_type.starts_with("image/"), "the cover is no picture: {}", cover.media_type);
    }
    let log = |count: usize| usize::BITS - count.leading_zeros();
    let parts = book.sections.iter().filter(|section| section.part.is_some()).count();
    format!(
        "{:?} by {:?}: 2^{} chapters, {} left out, {} in parts, 2^{} characters, {} authors, {:?} {} {}",
        book.format,
        book.method,
        log(book.chapters().count()),
        log(book.sections.len() - book.chapters().count()),
        log(parts),
        log(book.text.len()) / 2,
        book.meta.authors.len().min(3),
        book.meta.language.is_some(),
        book.cover.is_some(),
        book.meta.series.is_some(),
    )
}

fn name(title: &str, what: &str) {
    assert!(title.chars().count() <= limits::TITLE_CHARS, "{what} is too long: {title:?}");
    assert!(!title.contains(char::is_control), "{what} holds a control character: {title:?}");
}

/// One sentence that names the file, and one that says what to do.
pub fn sentence(error: &WireError) {
    let said = &error.message;
    assert!(said.starts_with(&format!("“{NAME}” ")), "the file is not named: {said:?}");
    assert!(said.ends_with(['.', '”']) && error.hint.ends_with('.'), "not a sentence: {said:?} {:?}", error.hint);
    assert!(!said.contains(char::is_control), "a control character is shown: {said:?}");
    assert!(said.chars().count() <= SENTENCE, "too long to be read: {said:?}");
    for word in ["panicked", "Error", "None", "unwrap", "{", "::"] {
        assert!(!said.contains(word) || said.contains('“'), "{word:?} is no word for a person: {said:?}");
    }
}

/// The sentence without its numbers and names.
fn kind_of(sentence: &str) -> String {
    let mut quoted = false;
    let mut kept = |c: &char| {
        quoted = (quoted || *c == '“') && *c != '”';
        !quoted && !c.is_ascii_digit()
    };
    sentence.chars().filter(&mut kept).collect()
}

/// No letter is in `text` more often than in `source`, where nothing in `source` stands for other letters.
pub fn letters_are_from(text: &str, source: &str) {
    if source.contains('&') {
        return;
    }
    let mut left: HashMap<char, i64> = HashMap::new();
    for c in source.chars().filter(|c| c.is_alphanumeric()) {
        *left.entry(c).or_default() += 1;
    }
    for c in text.chars().filter(|c| c.is_alphanumeric()) {
        let left = left.entry(c).or_default();
        *left -= 1;
        assert!(*left >= 0, "{c:?} is in the text more often than in the file");
    }
}

/// Fails with words; only for what cannot be said by `assert!`.
#[allow(clippy::panic, reason = "a check fails by it")]
pub fn fail(what: &str) -> ! {
    std::panic::panic_any(what.to_owned())
}
