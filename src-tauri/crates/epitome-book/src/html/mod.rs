//! Web pages: a single one, or a folder of pages and texts that are a book together. For [`crate::read`].

mod head;
mod index;
pub mod order;

use epitome_model::{BookMeta, ChapterMethod, Format, LeftOutReason};

use crate::markup::{self, Document, HeadingPlace};
use crate::pages::{self, Entry, Page, Reader, Table, Target};
use crate::sniff::{Kind, sniff};
use crate::text::{self, decode};
use crate::{Book, BookError, heading, language, outline};

/// Fewest links that make a table of contents.
const LINKS: usize = 3;

/// The book in a web page.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let markup = markup::decode(bytes);
    let tables = [Table { method: ChapterMethod::Headings, entries: index::links(&markup, "page") }];
    let mut reader = Reader::new(&tables);
    reader.add("page", &markup, None)?;
    let Reader { text, pages, .. } = reader;
    let meta = finish(head::parse(&markup), &text, file_name);
    // A page from before headings were in use has its links.
    let headings = pages.iter().map(|page| page.document.headings.len()).sum::<usize>();
    let (method, sections) = if headings < LINKS && tables[0].entries.len() >= LINKS {
        pages::find(&text, &pages, &tables, &meta.title)
    } else {
        pages::find_by_headings(&text, pages, &meta.title)
    };
    Book { format: Format::Html, meta, method, cover: None, text, sections }.checked()
}

/// The book made of those files, each a web page, a text or a Markdown file: in the order of the index page's links if
/// there is one that names most of them, else in natural order of their names.
pub fn read_files(mut files: Vec<(String, Vec<u8>)>, file_name: &str) -> Result<Book, BookError> {
    order::sort(&mut files);
    let index = index::find(&files);
    if let Some(index) = &index {
        index.sort(&mut files);
    }
    let mut meta = BookMeta::default();
    let tables: Vec<Table> = index
        .as_ref()
        .map(|index| Table { method: ChapterMethod::Navigation, entries: index.entries.clone() })
        .into_iter()
        .collect();
    let mut reader = Reader::new(&tables);
    for (name, bytes) in &files {
        let is_index = index.as_ref().is_some_and(|index| index.path == *name);
        if matches!(sniff(bytes), Kind::Html) {
            let markup = markup::decode(bytes);
            // A chapter's own title would be no title of the book.
            let head = head::parse(&markup);
            if is_index || files.len() == 1 {
                meta.title.clone_from(&head.title);
            }
            if meta.authors.is_empty() {
                meta.authors = head.authors;
            }
            meta.language = meta.language.or(head.language);
            let reason = index.as_ref().filter(|index| is_index && index.is_list).map(|_| LeftOutReason::Contents);
            reader.add(name, &markup, reason)?;
        } else {
            let text = decode::decode(bytes)?;
            let unwrapped = if text::is_markdown(name) { None } else { text::unwrap(&text, &[]) };
            let text = unwrapped.map_or(text, |unwrapped| unwrapped.text);
            reader.add_text(name, &text, plain(&text, name))?;
        }
    }
    let Reader { text, pages, .. } = reader;
    let meta = finish(meta, &text, file_name);
    let tables: Vec<Table> = tables.into_iter().chain([each(&text, &pages)]).collect();
    let (method, sections) = pages::find(&text, &pages, &tables, &meta.title);
    Book { format: Format::Html, meta, method, cover: None, text, sections }.checked()
}

/// A table of contents with one entry for each file, by its heading or its name.
fn each(text: &str, pages: &[Page]) -> Table {
    let entry = |page: &Page| {
        let heading = page.document.headings.first().and_then(|heading| text.get(heading.range.clone()));
        let title = heading.unwrap_or(&page.document.title);
        let title = if title.trim().is_empty() { text::title_of_file(&page.path) } else { outline::clean_title(title) };
        let target = Some(Target { path: page.path.clone(), fragment: None });
        Entry { title, target, depth: 0, hidden: false }
    };
    let filled = pages.iter().filter(|page| !page.document.range.is_empty());
    Table { method: ChapterMethod::Spine, entries: filled.map(entry).collect() }
}

/// What is known of a text file that is one of many: its headings and its name. Offsets are in `text`.
fn plain(text: &str, name: &str) -> Document {
    let mut at = 0;
    let mut headings = Vec::new();
    for whole in text.split_inclusive('\n') {
        let line = whole.trim();
        let marks = line.len() - line.trim_start_matches('#').len();
        let title = line[marks..].trim();
        let marked = (1..=6).contains(&marks) && line[marks..].starts_with(' ') && !title.is_empty();
        if marked || headings.is_empty() && heading::line(line).is_some() {
            let from = at + whole.find(title).unwrap_or_default();
            let level = u8::try_from(marks.max(1)).unwrap_or(1);
            headings.push(HeadingPlace { level, range: from..from + title.len() });
        }
        at += whole.len();
        // A text's heading is its first line or none.
        if !line.is_empty() && !text::is_markdown(name) {
            break;
        }
    }
    Document { range: 0..text.len(), headings, title: text::title_of_file(name), ..Document::default() }
}

/// What the pages do not say: the title by a Gutenberg header or the file's name, the language by the words.
fn finish(mut meta: BookMeta, text: &str, file_name: &str) -> BookMeta {
    if let Some(said) = text::frame(text).meta {
        meta = BookMeta { language: said.language.or(meta.language), ..said };
    }
    if meta.title.trim().is_empty() {
        meta.title = text::title_of_file(file_name);
    }
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(text);
    }
    meta
}

#[cfg(test)]
mod tests;
