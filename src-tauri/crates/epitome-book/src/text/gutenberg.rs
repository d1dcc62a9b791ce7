//! The frame of Project Gutenberg's texts: header before, licence after, and what the header says. For the text reader.

use std::ops::Range;

use epitome_model::BookMeta;

use crate::language;

/// Where the text proper is, and what the header says, if there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub body: Range<usize>,
    pub meta: Option<BookMeta>,
}

/// The frame of `text`; the whole of it is the body where there is none.
pub fn frame(text: &str) -> Frame {
    let mut body = 0..text.len();
    let mut header = false;
    let mut at = 0;
    let mut before = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        // Only lines that begin like a mark are looked at as words.
        let trimmed = line.trim();
        let words = if trimmed.starts_with(['*', 'E', 'e']) { trimmed.to_uppercase() } else { String::new() };
        let ours = words.starts_with('*') && (words.contains("PROJECT GUTENBERG") || words.contains("SMALL PRINT"));
        if ours
            && !header
            && (words.contains("START OF") || words.contains("END*THE SMALL") || words.contains("END THE SMALL"))
        {
            body.start = end;
            header = true;
        } else if ours && header && words.contains("END OF") {
            body.end = before.max(body.start);
            break;
        }
        // The line above the end mark often says the same in words.
        if !trimmed.is_empty()
            && !words.starts_with("END OF PROJECT GUTENBERG")
            && !words.starts_with("END OF THE PROJECT GUTENBERG")
        {
            before = end;
        }
        at = end;
    }
    let meta = header.then(|| fields(&text[..body.start])).filter(|meta| !meta.title.is_empty());
    Frame { body, meta }
}

fn fields(header: &str) -> BookMeta {
    let mut meta = BookMeta::default();
    let mut in_title = false;
    for line in header.lines() {
        let trimmed = line.trim();
        if let Some(title) = trimmed.strip_prefix("Title:") {
            title.trim().clone_into(&mut meta.title);
            in_title = true;
        } else if in_title && line.starts_with(' ') && !trimmed.is_empty() {
            meta.title = format!("{} {trimmed}", meta.title);
        } else {
            in_title = false;
        }
        if let Some(author) = trimmed.strip_prefix("Author:") {
            meta.authors.extend(author.split(" and ").map(|author| author.trim().to_owned()));
        }
        if let Some(name) = trimmed.strip_prefix("Language:") {
            meta.language = language::by_name(name);
        }
    }
    meta.authors.retain(|author| !author.is_empty());
    meta
}
