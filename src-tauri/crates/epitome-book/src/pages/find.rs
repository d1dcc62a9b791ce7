//! From a table of contents, or without one, to the sections of a book: the first way that gives usable chapters.

use std::collections::HashMap;
use std::ops::Range;

use epitome_model::{ChapterMethod, LeftOutReason};

use super::entries::places;
use super::{Entry, Page, Table, title_page};
use crate::book::Section;
use crate::outline::{self, Mark, Quality, Role, UNTITLED, clean_title, next_text};
use crate::{heading, matter, sized, text};

/// Documents in the longest chapter from which on a table of contents that names none of them is not believed.
const MANY_PAGES: usize = 4;
/// Longest document that is left out for its name alone, in bytes.
const NAMED_PAGE: usize = 12_000;
/// How near the start of a document its heading stands, in bytes.
const HEADING_NEAR: usize = 200;

/// How the chapters were found, and the sections.
pub fn find(text: &str, pages: &[Page], tables: &[Table], book_title: &str) -> (ChapterMethod, Vec<Section>) {
    let book = Spread { text, pages, book_title, frame: text::frame(text).body };
    let mut believed = None;
    for Table { method, entries } in tables {
        let Some(marks) = book.by_entries(entries) else { continue };
        let sections = book.sections(marks);
        let quality = Quality::of(&sections);
        if quality.usable() || book.right_though_uneven(&sections, &quality) {
            return (*method, sections);
        }
        if quality.chapters > 1 && believed.is_none() {
            believed = Some((*method, sections));
        }
    }
    let by_headings = (1..=6).map(|level| (ChapterMethod::Headings, book.by_headings(level)));
    let by_text = std::iter::once_with(|| (ChapterMethod::Headings, heading::marks(text, book.frame.clone())));
    let ways = std::iter::once_with(|| (ChapterMethod::Spine, book.by_spine())).chain(by_headings).chain(by_text);
    for (method, marks) in ways.filter(|(_, marks)| !marks.is_empty()) {
        let sections = book.sections(marks);
        let quality = Quality::of(&sections);
        // A single chapter says nothing that the whole would not say.
        if quality.usable() && quality.chapters > 1 {
            return (method, sections);
        }
    }
    let single = || Some(book.sections(book.by_spine())).filter(|sections| Quality::of(sections).usable());
    believed.or_else(|| Some((ChapterMethod::Spine, single()?))).unwrap_or_else(|| book.by_size(book_title))
}

/// The text and the documents it comes from.
struct Spread<'a> {
    text: &'a str,
    pages: &'a [Page],
    book_title: &'a str,
    /// The text without Project Gutenberg's header and licence.
    frame: Range<usize>,
}

impl Spread<'_> {
    fn sections(&self, marks: Vec<Mark>) -> Vec<Section> {
        let mut marks = self.within_frame(marks);
        for mark in &mut marks {
            mark.part = mark.part.take().and_then(|part| self.without_book(part));
        }
        outline::sections(self.text, title_page::leave_out(self.text, marks, self.book_title))
    }

    /// The names of parts without the book's own in front.
    fn without_book(&self, part: String) -> Option<String> {
        match part.strip_prefix(self.book_title) {
            Some("") => None,
            Some(rest) => Some(rest.strip_prefix(", ").map_or_else(|| part.clone(), str::to_owned)),
            None => Some(part),
        }
    }

    /// `marks` with header and licence of Project Gutenberg left out.
    fn within_frame(&self, mut marks: Vec<Mark>) -> Vec<Mark> {
        let Range { start, end } = self.frame;
        if start == 0 && end == self.text.len() {
            return marks;
        }
        marks.retain(|mark| (start..end).contains(&mark.at));
        let mut around = |at: usize, title: &str, role: Role| {
            marks.push(Mark { at, title: title.to_owned(), part: None, role });
        };
        if end < self.text.len() {
            around(end, "Licence", Role::Boilerplate(LeftOutReason::Licence));
        }
        if start > 0 {
            around(0, "Header", Role::Boilerplate(LeftOutReason::Imprint));
            let first = next_text(self.text, start);
            if first < end && marks.iter().all(|mark| mark.at != first) {
                marks.push(Mark { at: first, title: UNTITLED.to_owned(), part: None, role: Role::Chapter });
            }
        }
        marks
    }

    /// A long chapter is believed where a table of several entries names it and hides few documents in it.
    fn right_though_uneven(&self, sections: &[Section], quality: &Quality) -> bool {
        let Some(largest) = sections.get(quality.largest_at) else { return false };
        let hidden = self.pages.iter().filter(|page| largest.range.contains(&self.start(page))).count();
        quality.chapters >= 4 && quality.largest_share <= 0.6 && hidden < MANY_PAGES
    }

    fn start(&self, page: &Page) -> usize {
        next_text(self.text, page.document.range.start)
    }

    fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// The heading a document begins with: level and title.
    fn heading(&self, page: &Page) -> Option<(u8, String)> {
        let start = self.start(page);
        let first = page.document.headings.first().filter(|heading| heading.range.start <= start + HEADING_NEAR)?;
        // Headings that follow each other directly are one: "Chapter 1", "The Storm".
        let mut title = clean_title(self.slice(first.range.clone()));
        let mut end = first.range.end;
        for next in page.document.headings.iter().skip(1).take(2) {
            if self.slice(end..next.range.start).trim().is_empty() {
                title = format!("{title}: {}", clean_title(self.slice(next.range.clone())));
                end = next.range.end;
            }
        }
        Some((first.level, title))
    }

    fn page_title(&self, page: &Page) -> String {
        let named = || Some(page.document.title.trim()).filter(|title| !title.is_empty()).map(str::to_owned);
        let nameless = if self.pages.len() == 1 { self.book_title } else { UNTITLED };
        self.heading(page).map(|(_, title)| title).or_else(named).unwrap_or_else(|| nameless.to_owned())
    }

    /// Marks of a table of contents; `None` if it leads nowhere.
    fn by_entries(&self, entries: &[Entry]) -> Option<Vec<Mark>> {
        let by_path: HashMap<&str, &Page> = self.pages.iter().map(|page| (page.path.as_str(), page)).collect();
        let lower: HashMap<String, &Page> = self.pages.iter().map(|page| (page.path.to_lowercase(), page)).collect();
        let position = |entry: &Entry| {
            let target = entry.target.as_ref()?;
            let page = by_path.get(target.path.as_str()).or_else(|| lower.get(&target.path.to_lowercase()))?;
            let anchor = target.fragment.as_ref().and_then(|id| page.document.anchors.get(id));
            Some(next_text(self.text, anchor.copied().unwrap_or(page.document.range.start)))
        };
        let mut marks = Vec::new();
        for place in places(entries, self.text.len(), position) {
            let Some(at) = position(place.entry) else { continue };
            let role = if place.parent { Role::Parent } else { Role::Chapter };
            marks.push(Mark { at, title: place.entry.title.clone(), part: place.part, role });
        }
        if marks.is_empty() {
            return None;
        }
        marks.sort_by_key(|mark| mark.at);
        self.add_unnamed(&mut marks);
        self.leave_out(&mut marks);
        Some(marks)
    }

    /// Adds marks for documents that no entry names and that do not go on with the chapter before.
    fn add_unnamed(&self, marks: &mut Vec<Mark>) {
        let level = self.usual_level(marks);
        let mut added: Vec<Mark> = Vec::new();
        for page in self.pages {
            let start = self.start(page);
            if start >= page.document.range.end || marks.binary_search_by_key(&start, |mark| mark.at).is_ok() {
                continue;
            }
            let before = marks.partition_point(|mark| mark.at < start).checked_sub(1).and_then(|at| marks.get(at));
            let heading = self.heading(page).is_some_and(|(found, _)| found <= level);
            // Nothing before it, or only something left out: it cannot go on with that, unless it is notes.
            let ends = |reason| reason != LeftOutReason::Notes;
            let orphan = before.is_none_or(|before| matter::by_title(&before.title).is_some_and(ends));
            if heading || orphan || reason(page).is_some() {
                let part = before.filter(|_| reason(page).is_none()).and_then(|before| before.part.clone());
                added.push(Mark { at: start, title: self.page_title(page), part, role: Role::Chapter });
            }
        }
        marks.extend(added);
        marks.sort_by_key(|mark| mark.at);
    }

    /// Level of the headings that most entries lead to; 2 where they lead to none.
    fn usual_level(&self, marks: &[Mark]) -> u8 {
        let mut counts = [0_usize; 7];
        for heading in self.pages.iter().flat_map(|page| &page.document.headings) {
            if marks.binary_search_by_key(&heading.range.start, |mark| mark.at).is_ok() {
                counts[usize::from(heading.level)] += 1;
            }
        }
        let most = (1_u8..=6).max_by_key(|level| (counts[usize::from(*level)], 6 - level)).unwrap_or(2);
        if counts[usize::from(most)] == 0 { 2 } else { most }
    }

    /// Gives marks at front and back matter their reasons.
    fn leave_out(&self, marks: &mut [Mark]) {
        let filled = self.pages.iter().filter(|page| self.start(page) < page.document.range.end);
        let starts: HashMap<usize, &Page> = filled.map(|page| (self.start(page), page)).collect();
        let typed: HashMap<usize, LeftOutReason> = self
            .pages
            .iter()
            .flat_map(|page| &page.document.left_out)
            .map(|(range, reason)| (next_text(self.text, range.start), *reason))
            .collect();
        for at in 0..marks.len() {
            let end = marks.get(at + 1).map_or(self.text.len(), |next| next.at);
            let mark = &mut marks[at];
            let whole = starts.get(&mark.at).filter(|page| page.document.range.end <= end);
            let reason = whole
                .and_then(|page| reason(page))
                .or_else(|| typed.get(&mark.at).copied())
                .or_else(|| matter::by_title(&mark.title).filter(|_| mark.role == Role::Chapter));
            if let Some(reason) = reason {
                mark.role = Role::LeftOut(reason);
            }
        }
    }

    /// One chapter for each document; where documents have headings, one without goes on with the one before.
    fn by_spine(&self) -> Vec<Mark> {
        let filled = || self.pages.iter().filter(|page| self.start(page) < page.document.range.end);
        let headed = filled().filter(|page| self.heading(page).is_some()).count();
        let all = headed * 4 < filled().count() || headed < 2;
        let mut goes_on = false;
        let mut marks = Vec::new();
        for page in filled() {
            let reason = reason(page);
            if !goes_on || all || reason.is_some() || self.heading(page).is_some() {
                let role = Role::Chapter;
                marks.push(Mark { at: self.start(page), title: self.page_title(page), part: None, role });
            }
            goes_on = reason.is_none();
        }
        self.leave_out(&mut marks);
        marks
    }

    /// Chapters at the headings of `level`, parts at those above; none if there are fewer than two.
    fn by_headings(&self, level: u8) -> Vec<Mark> {
        let headings =
            || self.pages.iter().flat_map(|page| &page.document.headings).filter(|heading| heading.level <= level);
        if headings().filter(|heading| heading.level == level).count() < 2 {
            return Vec::new();
        }
        let mut parts: Vec<(u8, String)> = Vec::new();
        let mut marks = Vec::new();
        for heading in headings() {
            let title = clean_title(self.slice(heading.range.clone()));
            parts.retain(|(above, _)| *above < heading.level);
            let part = parts.iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>().join(", ");
            let role = if heading.level < level { Role::Parent } else { Role::Chapter };
            parts.push((heading.level, title.clone()));
            marks.push(Mark { at: heading.range.start, title, part: Some(part).filter(|part| !part.is_empty()), role });
        }
        self.add_left_out(marks)
    }

    fn by_size(&self, book_title: &str) -> (ChapterMethod, Vec<Section>) {
        // Front and back matter at the ends stays out of the sections.
        let inner = |page: &&Page| reason(page).is_none() && self.start(page) < page.document.range.end;
        let first = self.pages.iter().find(inner).map_or(0, |page| page.document.range.start);
        let last = self.pages.iter().rev().find(inner).map_or(self.text.len(), |page| page.document.range.end);
        let (method, marks) = sized::marks(self.text, first..last.max(first), book_title);
        (method, self.sections(self.add_left_out(marks)))
    }

    /// Adds the documents left out to marks that were found without regard to documents, in order.
    fn add_left_out(&self, mut marks: Vec<Mark>) -> Vec<Mark> {
        let aside: Vec<(&Page, LeftOutReason)> =
            self.pages.iter().filter_map(|page| Some((page, reason(page)?))).collect();
        let within = |at: usize| {
            let before = aside.partition_point(|(page, _)| page.document.range.start <= at).checked_sub(1);
            before.is_some_and(|before| aside[before].0.document.range.contains(&at))
        };
        marks.retain(|mark| !within(mark.at));
        let mut added = Vec::new();
        for (page, reason) in &aside {
            let at = self.start(page);
            added.push(Mark { at, title: self.page_title(page), part: None, role: Role::LeftOut(*reason) });
        }
        // What follows a document left out begins anew.
        for pair in self.pages.windows(2) {
            let at = self.start(&pair[1]);
            let found = marks.binary_search_by_key(&at, |mark| mark.at);
            if let Err(next) = found
                && reason(&pair[0]).is_some()
                && reason(&pair[1]).is_none()
            {
                let part = next.checked_sub(1).and_then(|before| marks[before].part.clone());
                added.push(Mark { at, title: self.page_title(&pair[1]), part, role: Role::Chapter });
            }
        }
        marks.extend(added);
        marks
    }
}

/// Why a document is no chapter: by what its elements or the package say, or by its name if it is short.
fn reason(page: &Page) -> Option<LeftOutReason> {
    let document = &page.document;
    let length = document.range.len();
    let typed = document.left_out.iter().find(|(range, _)| range.len() * 10 >= length * 9).map(|(_, reason)| *reason);
    typed.or(page.left_out).or_else(|| matter::by_file(&page.path).filter(|_| length <= NAMED_PAGE))
}
