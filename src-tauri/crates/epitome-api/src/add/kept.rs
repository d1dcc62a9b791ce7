//! Previews that wait for the person's word, with what it changed in them.

use std::path::PathBuf;
use std::sync::Arc;

use epitome_book::Section;
use epitome_model::{BookId, ChapterMethod, Edit};

use super::read::Read;

/// Previews kept; the oldest gives way.
const PREVIEWS: usize = 2_000;
/// Characters of text that previews hold together; the texts that were not looked at for longest are read again when
/// they are asked for.
const TEXT_CHARS: usize = 64 * 1024 * 1024;

/// The sections of a preview.
#[derive(Clone, Debug)]
pub struct List {
    /// As they are offered, before the reader's changes.
    pub base: Arc<[Section]>,
    /// How those were found.
    pub base_method: ChapterMethod,
    pub edits: Vec<Edit>,
    /// After the reader's changes.
    pub sections: Arc<[Section]>,
    /// How these were found.
    pub method: ChapterMethod,
    /// The book of the library that the file is another version of, or the very same.
    pub older: Option<BookId>,
}

/// One preview.
#[derive(Clone, Debug)]
pub struct Kept {
    pub token: String,
    pub hash: String,
    pub path: PathBuf,
    pub list: List,
    /// Absent where the text gave way to others.
    pub read: Option<Arc<Read>>,
}

/// All previews, those looked at last at the end.
#[derive(Debug, Default)]
pub struct Previews {
    kept: Vec<Kept>,
}

impl Previews {
    pub fn keep(&mut self, kept: Kept) {
        self.forget(&kept.token);
        self.kept.push(kept);
        let surplus = self.kept.len().saturating_sub(PREVIEWS);
        self.kept.drain(..surplus);
        let mut left = TEXT_CHARS;
        for kept in self.kept.iter_mut().rev() {
            let size = kept.read.as_ref().map_or(0, |read| read.book.text.len());
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => kept.read = None,
            }
        }
    }

    pub fn find(&self, token: &str) -> Option<Kept> {
        self.kept.iter().find(|kept| kept.token == token).cloned()
    }

    pub fn forget(&mut self, token: &str) {
        self.kept.retain(|kept| kept.token != token);
    }
}

#[cfg(test)]
mod tests {
    use epitome_book::Book;
    use epitome_model::{BookMeta, Format};

    use super::*;

    fn kept(token: &str, bytes: usize) -> Kept {
        let book = Book {
            format: Format::Text,
            meta: BookMeta::default(),
            method: ChapterMethod::Whole,
            cover: None,
            text: "x".repeat(bytes),
            sections: Vec::new(),
        };
        let read = Read { token: token.to_owned(), hash: token.to_owned(), file_name: token.to_owned(), book };
        let none: Arc<[Section]> = Arc::new([]);
        let method = ChapterMethod::Whole;
        let base = Arc::clone(&none);
        let list = List { base, base_method: method, edits: Vec::new(), sections: none, method, older: None };
        Kept { token: token.to_owned(), hash: token.to_owned(), path: token.into(), list, read: Some(Arc::new(read)) }
    }

    #[test]
    fn the_texts_that_were_kept_for_longest_give_way_and_no_preview_does() {
        let mut previews = Previews::default();
        for token in ["one", "two", "three"] {
            previews.keep(kept(token, TEXT_CHARS / 2));
        }
        let has_text = |token| previews.find(token).map(|kept| kept.read.is_some());
        assert_eq!([has_text("one"), has_text("two"), has_text("three")], [Some(false), Some(true), Some(true)]);
        previews.keep(kept("two", 1));
        previews.forget("three");
        assert!(previews.find("three").is_none());
        assert_eq!(previews.find("two").unwrap().read.unwrap().book.text.len(), 1);
    }
}
