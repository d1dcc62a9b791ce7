//! Books made of marked-up documents, whatever file they came in: from the documents and their tables of contents to
//! chapters. For the readers of EPUB, Kindle, Word, FB2 and HTML files.

mod entries;
mod find;
mod headings;
pub mod path;
mod title_page;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use epitome_model::{ChapterMethod, LeftOutReason};

pub use entries::places;
pub use find::find;
pub use headings::{find_by_headings, find_unlisted};
pub use path::Target;

use crate::markup::{Document, strip};
use crate::{BookError, limits};

/// One document of a book, and what it gave.
pub struct Page {
    /// Its name in the book, to which [`Target::path`] leads.
    pub path: String,
    pub document: Document,
    /// Why it is no chapter, as the book itself says.
    pub left_out: Option<LeftOutReason>,
}

/// One entry of a table of contents, in the order of the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub title: String,
    /// Absent for a heading that leads nowhere.
    pub target: Option<Target>,
    /// 0 for the outermost.
    pub depth: u32,
    /// Meant not to be shown.
    pub hidden: bool,
}

/// A table of contents, and what chapters that are found by it are found by.
pub struct Table {
    pub method: ChapterMethod,
    pub entries: Vec<Entry>,
}

/// Documents of a book being read, in reading order.
pub struct Reader<'a> {
    wanted: HashMap<&'a str, HashSet<&'a str>>,
    pub text: String,
    pub pages: Vec<Page>,
}

impl<'a> Reader<'a> {
    /// Notes the ids that `tables` lead to.
    pub fn new(tables: &'a [Table]) -> Self {
        let mut wanted: HashMap<&str, HashSet<&str>> = HashMap::new();
        for target in tables.iter().flat_map(|table| &table.entries).filter_map(|entry| entry.target.as_ref()) {
            if let Some(fragment) = &target.fragment {
                wanted.entry(&target.path).or_default().insert(fragment);
            }
        }
        Self { wanted, text: String::new(), pages: Vec::new() }
    }

    /// Adds the document of that name, in XHTML or HTML.
    pub fn add(&mut self, path: &str, markup: &str, left_out: Option<LeftOutReason>) -> Result<(), BookError> {
        let none = HashSet::new();
        let ids = self.wanted.get(path).unwrap_or(&none);
        let document = strip(markup, ids, &mut self.text);
        self.push(Page { path: path.to_owned(), document, left_out })
    }

    /// Adds a text of that name; the offsets of `document` are in `text`.
    pub fn add_text(&mut self, path: &str, text: &str, mut document: Document) -> Result<(), BookError> {
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        let start = self.text.len();
        let moved = |range: &Range<usize>| start + range.start..start + range.end;
        document.range = moved(&document.range);
        for heading in &mut document.headings {
            heading.range = moved(&heading.range);
        }
        self.text.push_str(text);
        self.push(Page { path: path.to_owned(), document, left_out: None })
    }

    fn push(&mut self, page: Page) -> Result<(), BookError> {
        self.pages.push(page);
        if self.text.len() > limits::TEXT_CHARS * 4 {
            return Err(BookError::TooLarge(format!("its text is longer than {} characters", limits::TEXT_CHARS)));
        }
        Ok(())
    }
}
