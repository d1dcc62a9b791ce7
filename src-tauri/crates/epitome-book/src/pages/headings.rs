//! A table of contents made of the headings of documents. For the readers of formats that mark headings and nothing
//! above them.

use std::collections::HashSet;

use epitome_model::ChapterMethod;

use super::{Entry, Page, Table, Target, find};
use crate::book::Section;
use crate::heading::{self, Level, Style};
use crate::matter;
use crate::outline::{clean_title, next_text};

/// Ranks within one level of headings, that of chapters the last.
const RANKS: u32 = 8;
const CHAPTER: u32 = RANKS - 1;
/// Numbered headings beside those of parts that make chapters of them.
const NUMBERED: usize = 2;

/// How the chapters of a book without a table of contents were found, and the sections; `pages` hold its text in order.
pub fn find_by_headings(text: &str, mut pages: Vec<Page>, book_title: &str) -> (ChapterMethod, Vec<Section>) {
    lower_sections(text, &mut pages);
    let mut pages = split(pages);
    let table = table(text, &mut pages);
    find(text, &pages, &[table], book_title)
}

/// As [`find_by_headings`], for documents that their makers divided: where their headings say no more than that each
/// is a chapter, each is one.
pub fn find_unlisted(text: &str, mut pages: Vec<Page>, book_title: &str) -> (ChapterMethod, Vec<Section>) {
    let levels: HashSet<u8> = pages.iter().flat_map(|page| &page.document.headings).map(|found| found.level).collect();
    let headed = pages.iter().filter(|page| !page.document.headings.is_empty()).count();
    if levels.len() < 2 || headed * 2 < pages.len() {
        return find(text, &pages, &[], book_title);
    }
    lower_sections(text, &mut pages);
    let table = table(text, &mut pages);
    find(text, &pages, &[table], book_title)
}

/// Puts headings that are numbered below a chapter one level down, for not every writer does.
fn lower_sections(text: &str, pages: &mut [Page]) {
    for heading in pages.iter_mut().flat_map(|page| &mut page.document.headings) {
        if text.get(heading.range.clone()).is_some_and(is_section) {
            heading.level = (heading.level + 1).min(6);
        }
    }
}

/// Pages divided at the headings of the outermost level of which there are several, so that each chapter, or part, is
/// a document as it would be in an EPUB.
fn split(pages: Vec<Page>) -> Vec<Page> {
    let headings = || pages.iter().flat_map(|page| &page.document.headings);
    let several = |level: &u8| headings().filter(|heading| heading.level == *level).count() > 1;
    let Some(level) = (1..=6).find(several) else { return pages };
    let mut out = Vec::with_capacity(pages.len());
    for Page { path, mut document, left_out } in pages {
        let above = document.headings.iter().filter(|heading| heading.level <= level);
        let cuts: Vec<usize> =
            above.map(|heading| heading.range.start).filter(|at| *at > document.range.start).collect();
        // From behind, so that each cut moves little.
        let mut behind = Vec::with_capacity(cuts.len());
        for (number, at) in cuts.into_iter().enumerate().rev() {
            let document = document.split_off(at);
            behind.push(Page { path: format!("{path} {}", number + 1), document, left_out });
        }
        out.push(Page { path, document, left_out });
        out.extend(behind.into_iter().rev());
    }
    out
}

/// A heading of `pages` with its place.
struct Found {
    page: usize,
    level: u8,
    start: usize,
    end: usize,
    title: String,
    /// Whether its document begins with it.
    first: bool,
}

/// The headings of `pages` as a table; ids are given to those that do not begin a document.
fn table(text: &str, pages: &mut [Page]) -> Table {
    let mut found: Vec<Found> = Vec::new();
    for (page, Page { document, .. }) in pages.iter().enumerate() {
        let begin = next_text(text, document.range.start);
        for heading in &document.headings {
            let lines = text.get(heading.range.clone()).unwrap_or_default();
            let (start, end) = (heading.range.start, heading.range.end);
            let before = found.last_mut().filter(|last| last.page == page);
            if let Some(last) = before.filter(|last| goes_on(text, last, heading.level, start, lines)) {
                last.title = joined(&last.title, &title(lines));
                last.end = end;
            } else {
                let first = next_text(text, start) == begin;
                found.push(Found { page, level: heading.level, start, end, title: title(lines), first });
            }
        }
    }
    let outermost: Vec<Option<u32>> = (0..=6).map(|level| parts(&found, level)).collect();
    let mut entries = Vec::with_capacity(found.len());
    for (number, heading) in found.into_iter().enumerate() {
        let page = &mut pages[heading.page];
        let fragment = (!heading.first).then(|| {
            let id = format!("heading {number}");
            page.document.anchors.insert(id.clone(), heading.start);
            id
        });
        let parts = outermost.get(usize::from(heading.level)).copied().flatten();
        let rank = parts.map_or(CHAPTER, |outermost| rank(&heading.title, outermost));
        let target = Some(Target { path: page.path.clone(), fragment });
        let depth = u32::from(heading.level) * RANKS + rank;
        entries.push(Entry { title: heading.title, target, depth, hidden: false });
    }
    Table { method: ChapterMethod::Headings, entries }
}

/// Whether a heading only names the one right before it: "Chapter 1", then "The Storm".
fn goes_on(text: &str, last: &Found, level: u8, start: usize, lines: &str) -> bool {
    let close = text.get(last.end..start).is_some_and(|between| between.trim().is_empty());
    let bare = || heading::line(&last.title).is_some_and(|line| line.is_chapter() && !line.titled);
    close && level >= last.level && bare() && heading::line(&clean_title(lines)).is_none()
}

/// A heading of several lines as one title.
fn title(lines: &str) -> String {
    lines.lines().filter(|line| !line.trim().is_empty()).fold(String::new(), |title, line| joined(&title, line.trim()))
}

fn joined(title: &str, more: &str) -> String {
    match title.chars().last() {
        None => more.to_owned(),
        Some(last) if last.is_alphanumeric() => format!("{title}: {more}"),
        Some(_) => format!("{title} {more}"),
    }
}

/// Rank of the outermost parts among the headings of `level`, if those of chapters are among them too.
fn parts(found: &[Found], level: u8) -> Option<u32> {
    let titles = || found.iter().filter(|heading| heading.level == level).map(|heading| heading.title.as_str());
    let numbered = |title: &&str| heading::line(title).is_some_and(|line| !line.is_part() && line.number.is_some());
    let outermost = titles().filter_map(part_rank).min()?;
    (titles().filter(numbered).count() >= NUMBERED).then_some(outermost)
}

/// Rank of the headings of parts, the outermost lowest.
fn part_rank(title: &str) -> Option<u32> {
    match heading::line(title)?.style {
        Style::Word(Level::Volume) => Some(1),
        Style::Word(Level::Book) => Some(2),
        Style::Word(Level::Part) => Some(3),
        _ => None,
    }
}

/// Whether a title is numbered below a chapter: "2.1 Names", "A.3".
fn is_section(title: &str) -> bool {
    let number = title.split_whitespace().next().unwrap_or_default();
    let mut parts = number.trim_end_matches('.').split('.');
    let first = parts.next().unwrap_or_default();
    let chapter = first.len() == 1 && first.bytes().all(|byte| byte.is_ascii_uppercase());
    let digits = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut below = parts.peekable();
    (chapter || digits(first)) && below.peek().is_some() && below.all(digits)
}

/// Rank of a heading among those of its level, where `outermost` is that of the outermost parts.
fn rank(title: &str, outermost: u32) -> u32 {
    // What closes a book, and what is no chapter at all, belongs to no part of it.
    let closes = |title: &str| heading::is_closing(title) && heading::line(title).is_some();
    let aside = matter::by_title(title).is_some()
        || closes(title)
        || title.split_once(' ').is_some_and(|(_, rest)| closes(rest) && heading::line(title).is_some());
    part_rank(title).unwrap_or(if aside { outermost } else { CHAPTER })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::Reader;

    fn shown(documents: &[&str]) -> Vec<String> {
        let mut reader = Reader::new(&[]);
        for (number, markup) in documents.iter().enumerate() {
            reader.add(&format!("p{number}"), markup, None).unwrap();
        }
        let Reader { text, mut pages, .. } = reader;
        lower_sections(&text, &mut pages);
        let show = |entry: &Entry| {
            let target = entry.target.as_ref().unwrap();
            format!(
                "{} {} {}{}",
                entry.depth,
                entry.title,
                target.path,
                if target.fragment.is_some() { "#" } else { "" }
            )
        };
        table(&text, &mut pages).entries.iter().map(show).collect()
    }

    #[test]
    fn headings_of_one_name_are_one_entry() {
        let found = shown(&[
            "<h1>Chapter 1</h1><h2>The<br/>Storm</h2><p>x</p><h2>Later</h2>",
            "<p>y</p><h1>Two<br/>Halves.<br/>Or not</h1>",
        ]);
        assert_eq!(found, ["15 Chapter 1: The: Storm p0", "23 Later p0#", "15 Two: Halves. Or not p1#"]);
    }

    #[test]
    fn parts_among_their_chapters_stand_above_them() {
        let found = shown(&[
            "<h2>Preface</h2><h2>Part One</h2><h2>1. A</h2><h2>2. B</h2><h2>Part Two</h2><h2>3. C</h2><h2>Afterword</h2>",
        ]);
        let depths: Vec<_> = found.iter().map(|entry| entry.split(' ').next().unwrap()).collect();
        assert_eq!(depths, ["23", "19", "23", "23", "19", "23", "19"]);
    }

    #[test]
    fn numbered_sections_are_below_their_chapters() {
        let found = shown(&[
            "<h1>1. Files</h1><p>x</p><h1>1.1. Names</h1><h1>1.1.1 Long ones</h1><h1>A. More</h1><h1>A.1 Still</h1><h1>3.5 million</h1>",
        ]);
        let depths: Vec<_> = found.iter().map(|entry| entry.split(' ').next().unwrap()).collect();
        assert_eq!(depths, ["15", "23", "23", "15", "23", "23"]);
        assert!(!is_section("1984") && !is_section("U.S.A.") && !is_section("2. Users"));
    }
}
