//! Chapters of a PDF: by its outline, else by headings with their words or their size, else sections of a sensible
//! size. For the PDF reader.

use std::ops::Range;

use epitome_model::{ChapterMethod, LeftOutReason};

use super::flow::{Block, Flow};
use super::looks::Looks;
use crate::book::Section;
use crate::outline::{self, Mark, Quality, Role, UNTITLED, letters};
use crate::{heading, matter, sized};

/// Longest heading in Unicode scalar values, and in lines.
const LONGEST: usize = 150;
const LINES: usize = 4;
/// How much larger than the text a heading is set, and how much if it is bold.
const LARGER: f32 = 1.12;
const LARGER_BOLD: f32 = 1.05;
/// Share of the size of numbered headings below which a line is none.
const SMALLER: f32 = 0.85;
/// Sizes that count as one, in points.
const SAME: f32 = 0.5;
/// Sizes of headings that are tried.
const SIZES: usize = 4;
/// Front matter with fewer letters than this is a title page.
const TITLE_PAGE: usize = 800;
/// The same for an imprint.
const IMPRINT: usize = 4_000;
/// Fewest chapters of an outline that is believed though one of them is long, and the longest one's share.
const BELIEVED: usize = 4;
const BELIEVED_SHARE: f64 = 0.6;

/// A text with what is known of its headings.
pub struct Text<'a> {
    pub flow: &'a Flow,
    pub looks: &'a Looks,
    /// The text without a frame around it.
    pub body: Range<usize>,
    pub title: &'a str,
}

/// How the chapters were found, and the sections; `outlined` are the marks of the outline.
pub fn chapters(text: &Text<'_>, outlined: Vec<Mark>) -> (ChapterMethod, Vec<Section>) {
    let mut believed = None;
    if !outlined.is_empty() {
        let sections = text.sections(text.with_edges(outlined));
        let quality = Quality::of(&sections);
        let uneven = quality.chapters >= BELIEVED && quality.largest_share <= BELIEVED_SHARE;
        if quality.chapters > 1 && (quality.usable() || uneven) {
            return (ChapterMethod::Outline, sections);
        }
        believed = (quality.chapters > 1).then_some(sections);
    }
    for marks in text.by_headings() {
        let sections = text.sections(marks);
        let quality = Quality::of(&sections);
        if quality.usable() && quality.chapters > 1 {
            return (ChapterMethod::Headings, sections);
        }
    }
    if let Some(sections) = believed {
        return (ChapterMethod::Outline, sections);
    }
    let (method, marks) = sized::marks(&text.flow.text, text.body.clone(), text.title);
    (method, text.sections(marks))
}

impl Text<'_> {
    /// Sections of marks inside the body, and of the frame around it.
    fn sections(&self, mut marks: Vec<Mark>) -> Vec<Section> {
        let text = &self.flow.text;
        let frame = |at, title: &str, reason| mark(at, title, Role::Boilerplate(reason));
        marks.retain(|mark| self.body.contains(&mark.at));
        if self.body.start > 0 {
            marks.push(frame(0, "Header", LeftOutReason::Imprint));
        }
        if self.body.end < text.len() {
            marks.push(frame(self.body.end, "Licence", LeftOutReason::Licence));
        }
        outline::sections(text, marks)
    }

    /// Ways to find chapters by headings, the likeliest first.
    fn by_headings(&self) -> Vec<Vec<Mark>> {
        let worded = self.set_as_headings(heading::marks(&self.flow.text, self.body.clone()));
        let chapters = worded.iter().filter(|mark| heading::line(&mark.title).is_some_and(|line| line.is_chapter()));
        let sure = chapters.count() >= 2;
        let mut ways = self.by_size();
        ways.insert(if sure { 0 } else { ways.len() }, worded);
        ways.retain(|marks| !marks.is_empty());
        ways
    }

    /// The marks without those that are set much smaller than the numbered chapters are, and without contents and the
    /// like between chapters: those are headings inside them.
    fn set_as_headings(&self, mut marks: Vec<Mark>) -> Vec<Mark> {
        marks.sort_by_key(|mark| mark.at);
        let numbered = |mark: &&Mark| {
            mark.role == Role::Chapter && heading::line(&mark.title).is_some_and(|line| line.number.is_some())
        };
        let mut sizes: Vec<f32> = marks.iter().filter(numbered).filter_map(|mark| self.size_at(mark.at)).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        // The larger ones are the headings, where both a heading and what refers to it look like one.
        let usual = sizes.get(sizes.len() / 4).copied().unwrap_or_default();
        let small = |mark: &Mark| self.size_at(mark.at).is_some_and(|size| size < SMALLER * usual);
        let first = marks.iter().find(|mark| numbered(mark) && !small(mark)).map_or(usize::MAX, |mark| mark.at);
        let last = marks.iter().rfind(|mark| numbered(mark) && !small(mark)).map_or(0, |mark| mark.at);
        marks.retain(|mark| match mark.role {
            Role::Boilerplate(_) => mark.at < first || mark.at > last,
            Role::LeftOut(_) => mark.at < first || mark.at > last && !small(mark),
            Role::Chapter | Role::Parent => mark.at < first || !small(mark),
        });
        marks
    }

    /// Size of the paragraph that begins there.
    fn size_at(&self, at: usize) -> Option<f32> {
        let block = self.flow.blocks.partition_point(|block| block.range.start < at);
        self.flow.blocks.get(block).filter(|block| block.range.start == at).map(|block| block.size)
    }

    fn headings(&self) -> impl Iterator<Item = &Block> {
        let blocks = self.flow.blocks.iter().filter(|block| self.body.contains(&block.range.start));
        blocks.filter(|block| self.is_heading(block))
    }

    fn is_heading(&self, block: &Block) -> bool {
        let larger = if block.bold { LARGER_BOLD } else { LARGER } * self.looks.body;
        let letters = block.text.chars().any(char::is_alphabetic);
        let short = block.lines <= LINES && block.text.chars().count() <= LONGEST;
        block.size >= larger && letters && short && !block.text.ends_with([',', ';'])
    }

    /// Marks by the size of headings: one try for each size, the largest first.
    fn by_size(&self) -> Vec<Vec<Mark>> {
        let mut sizes: Vec<f32> = self.headings().map(|block| block.size).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        sizes.dedup_by(|a, b| (*a - *b).abs() < SAME);
        sizes.into_iter().take(SIZES).map(|size| self.of_size(size)).collect()
    }

    /// Chapters at the headings of `size`, parts at larger ones; none if there are fewer than two chapters.
    fn of_size(&self, size: f32) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        let mut part: Option<String> = None;
        for block in self.headings().filter(|block| block.size > size - SAME) {
            let upper = block.size > size + SAME;
            let reason = matter::by_title(&block.text);
            let role = match reason {
                Some(reason) => Role::LeftOut(reason),
                None if upper => Role::Parent,
                None => Role::Chapter,
            };
            if upper {
                part = None;
            }
            marks.push(Mark { part: part.clone(), ..mark(block.range.start, &block.text, role) });
            if upper && reason.is_none() {
                part = Some(block.text.clone());
            }
        }
        let chapters = marks.iter().filter(|mark| mark.role == Role::Chapter).count();
        if chapters < 2 { Vec::new() } else { self.with_edges(marks) }
    }

    /// Adds what stands before the first mark and after the last, and leaves out what is no chapter.
    fn with_edges(&self, mut marks: Vec<Mark>) -> Vec<Mark> {
        for mark in marks.iter_mut().filter(|mark| mark.role == Role::Chapter) {
            if let Some(reason) = matter::by_title(&mark.title) {
                mark.role = Role::LeftOut(reason);
            }
        }
        let first = marks.iter().map(|mark| mark.at).min().unwrap_or(self.body.end);
        let last = marks.iter().map(|mark| mark.at).max().unwrap_or(self.body.end);
        for block in self.headings().filter(|block| block.range.start < first || block.range.start > last) {
            let named = heading::line(&block.text).is_some_and(|line| line.number.is_none());
            let role = match matter::by_title(&block.text) {
                Some(reason) => Role::LeftOut(reason),
                None if named => Role::Chapter,
                None => continue,
            };
            marks.push(mark(block.range.start, &block.text, role));
        }
        let first = marks.iter().map(|mark| mark.at).min().unwrap_or(self.body.end);
        let before = self.flow.text.get(self.body.start..first).unwrap_or_default().trim();
        if !before.is_empty() {
            let (role, title) = front(before);
            marks.push(mark(self.body.start, title, role));
        }
        marks
    }
}

/// What stands before all headings.
fn front(text: &str) -> (Role, &'static str) {
    let low = text.to_lowercase();
    let imprint = ["©", "copyright", "isbn", "all rights reserved", "alle rechte vorbehalten"];
    match letters(text, IMPRINT) {
        ..TITLE_PAGE => (Role::LeftOut(LeftOutReason::TitlePage), "Title page"),
        ..IMPRINT if imprint.iter().any(|word| low.contains(word)) => {
            (Role::LeftOut(LeftOutReason::Imprint), "Imprint")
        }
        _ => (Role::Chapter, UNTITLED),
    }
}

fn mark(at: usize, title: &str, role: Role) -> Mark {
    Mark { at, title: title.to_owned(), part: None, role }
}
