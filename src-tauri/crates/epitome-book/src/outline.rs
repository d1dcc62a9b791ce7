//! From marks ("here begins ...") to the sections that partition a text: the one place where tiny pieces are joined
//! and nothing gets lost. For the chapter finders of all formats.

use std::ops::Range;

use epitome_model::{LeftOutReason, one_line};

use crate::book::{Section, count};
use crate::limits;
use crate::matter;

/// Letters and digits besides its title below which a piece joins what follows it.
const TINY: usize = 50;
/// The same for an entry that has entries below it: above this it is more than a title page.
const TITLE_PAGE: usize = 200;
/// A left-out above this many bytes, and above a fifth of the text, was taken for one by mistake.
const LARGEST_LEFT_OUT: usize = 20_000;
/// A chapter is never too long below this many bytes.
const LONG: usize = 40_000;
/// Chapters shorter than this many bytes are tiny, where there are hundreds of them.
const SPECK: usize = 200;

/// Fewest numbered chapters whose numbers say that none is missing.
const COUNTED: usize = 4;

/// Title of text that nothing names.
pub const UNTITLED: &str = "(untitled)";

/// What begins at a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Chapter,
    /// Has chapters below it: joins the first of them unless it has text of its own.
    Parent,
    LeftOut(LeftOutReason),
    /// As left out, and nothing may put it back.
    Boilerplate(LeftOutReason),
}

/// A place in the text where something begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Byte of the text.
    pub at: usize,
    pub title: String,
    pub part: Option<String>,
    pub role: Role,
}

/// Sections of `text` from its marks, in any order. Text before the first mark becomes a section of its own.
pub fn sections(text: &str, mut marks: Vec<Mark>) -> Vec<Section> {
    if text.is_empty() {
        return Vec::new();
    }
    for mark in &mut marks {
        mark.at = next_text(text, mark.at);
    }
    marks.sort_by_key(|mark| mark.at);
    let first = next_text(text, 0);
    if marks.first().is_none_or(|mark| mark.at > first) {
        marks.insert(0, Mark { at: first, title: UNTITLED.to_owned(), part: None, role: Role::Chapter });
    }
    let mut pieces = Vec::with_capacity(marks.len());
    let ends: Vec<usize> = marks.iter().skip(1).map(|mark| mark.at).chain([text.len()]).collect();
    for (mark, end) in marks.into_iter().zip(ends) {
        pieces.push(Piece { range: mark.at..end, mark });
    }
    let mut joined = join(text, pieces);
    if let Some(first) = joined.first_mut() {
        first.range.start = 0;
    }
    put_back(text, &mut joined);
    leave_out(text, &mut joined);
    joined.into_iter().map(|piece| piece.section(text)).collect()
}

struct Piece {
    range: Range<usize>,
    mark: Mark,
}

impl Piece {
    fn section(self, text: &str) -> Section {
        let left_out = match self.mark.role {
            Role::LeftOut(reason) | Role::Boilerplate(reason) => Some(reason),
            Role::Chapter | Role::Parent => None,
        };
        let chars = count(&text[self.range.clone()]);
        Section { title: clean_title(&self.mark.title), part: self.mark.part, range: self.range, chars, left_out }
    }

    fn is_text(&self) -> bool {
        matches!(self.mark.role, Role::Chapter | Role::Parent)
    }

    /// The piece as it stands where it can join nothing: the title page of a part is no chapter.
    fn alone(mut self) -> Self {
        if self.mark.role == Role::Parent {
            self.mark.role = Role::LeftOut(LeftOutReason::TitlePage);
        }
        self
    }

    /// Whether it should not stand alone.
    fn joins(&self, text: &str) -> bool {
        let own = text[self.range.clone()].trim();
        let titled = self.mark.title.as_str() != UNTITLED;
        let besides =
            letters(own, TITLE_PAGE * 2).saturating_sub(if titled { letters(&self.mark.title, TITLE_PAGE) } else { 0 });
        match self.mark.role {
            Role::Parent => besides < TITLE_PAGE,
            // A numbered chapter of one sentence is a chapter; the rest of that length are title pages.
            Role::Chapter => {
                besides < TINY
                    && !(own.len() > self.mark.title.len()
                        && own.ends_with(crate::cut::is_sentence_end)
                        && numbered(&self.mark.title))
            }
            Role::LeftOut(_) | Role::Boilerplate(_) => own.is_empty(),
        }
    }
}

fn numbered(title: &str) -> bool {
    crate::heading::line(title).is_some_and(|found| found.number.is_some())
}

/// Joins pieces that should not stand alone to the text that follows them, else to the text before.
fn join(text: &str, pieces: Vec<Piece>) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len());
    let mut carried: Option<Piece> = None;
    for mut piece in pieces {
        if let Some(before) = carried.take() {
            if before.range.is_empty() {
                // Two names for one place: the later, deeper one stands, unless it names nothing.
                if piece.mark.title.is_empty() || piece.mark.title == UNTITLED {
                    piece.mark.title = before.mark.title;
                }
            } else if piece.is_text() {
                piece.range.start = before.range.start;
            } else {
                append(&mut out, before);
            }
        }
        if piece.joins(text) {
            carried = Some(piece);
        } else {
            out.push(piece);
        }
    }
    if let Some(last) = carried {
        append(&mut out, last);
    }
    out
}

/// Gives a piece that cannot stand alone to the text before it, or lets it stand if there is none.
fn append(out: &mut Vec<Piece>, piece: Piece) {
    match out.last_mut() {
        Some(_) if piece.range.is_empty() => {}
        Some(last) if last.is_text() => last.range.end = piece.range.end,
        _ => out.push(piece.alone()),
    }
}

/// Leaves out pages of the publisher's, unless nothing else would be left.
fn leave_out(text: &str, pieces: &mut [Piece]) {
    let shape = |piece: &Piece| matter::by_shape(&piece.mark.title, &text[piece.range.clone()]);
    if !pieces.iter().any(|piece| piece.is_text() && shape(piece).is_none()) {
        return;
    }
    for piece in pieces.iter_mut().filter(|piece| piece.is_text()) {
        if let Some(reason) = shape(piece) {
            piece.mark.role = Role::LeftOut(reason);
        }
    }
}

/// Makes a left-out that is too large to be one a chapter again.
fn put_back(text: &str, pieces: &mut [Piece]) {
    for piece in pieces {
        let bytes = piece.range.len();
        if matches!(piece.mark.role, Role::LeftOut(_)) && bytes > LARGEST_LEFT_OUT && bytes > text.len() / 5 {
            piece.mark.role = Role::Chapter;
        }
    }
}

/// How far chapters differ from what chapters can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Number of chapters.
    pub chapters: usize,
    /// Share of the longest chapter in all of them, 0 to 1.
    pub largest_share: f64,
    /// Bytes of the longest chapter.
    pub largest: usize,
    /// Index of its section.
    pub largest_at: usize,
    tiny: bool,
    /// Whether the chapters are numbered 1, 2, 3 ... without a gap, so that none can have been missed.
    counted: bool,
}

impl Quality {
    pub fn of(sections: &[Section]) -> Self {
        let lengths =
            || sections.iter().enumerate().filter(|(_, s)| s.left_out.is_none()).map(|(i, s)| (s.range.len(), i));
        let chapters = lengths().count();
        let (largest, largest_at) = lengths().max().unwrap_or_default();
        let total = lengths().map(|(length, _)| length).sum::<usize>().max(1);
        let specks = lengths().filter(|(length, _)| *length < SPECK).count();
        let tiny = chapters >= 100 && specks * 2 > chapters;
        let counted = counted(sections);
        Self { chapters, largest_share: largest as f64 / total as f64, largest, largest_at, tiny, counted }
    }

    /// Whether the split can be right: no chapter above 30 % of a long book (more where there are few chapters, or where
    /// their numbers show that none is missing), and not hundreds of tiny ones.
    pub fn usable(&self) -> bool {
        let most = (1.5 / self.chapters.max(1) as f64).max(if self.counted { 0.6 } else { 0.3 });
        let too_long = self.largest > LONG && (self.chapters < 2 || self.largest_share > most);
        self.chapters > 0 && !too_long && !self.tiny
    }
}

/// Whether the titles of the chapters count on from 1, beginning anew at most in each part.
fn counted(sections: &[Section]) -> bool {
    let chapters = || sections.iter().filter(|section| section.left_out.is_none());
    let numbers: Vec<u32> = chapters().filter_map(|section| crate::heading::line(&section.title)?.number).collect();
    let pairs = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1 || pair[1] == 1);
    numbers.first() == Some(&1) && numbers.len() >= COUNTED && numbers.len() * 2 > chapters().count() && pairs
}

/// The next byte at or after `at` that is not white space; the end if there is none.
pub fn next_text(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    text[at..].find(|c: char| !c.is_whitespace()).map_or(text.len(), |blanks| at + blanks)
}

/// A title on one line, at most [`limits::TITLE_CHARS`] long; never empty.
pub fn clean_title(title: &str) -> String {
    let cut = cut_line(title, limits::TITLE_CHARS);
    if cut.is_empty() { UNTITLED.to_owned() } else { cut }
}

/// The text on one line, at most so many Unicode scalar values long.
pub fn cut_line(text: &str, most: usize) -> String {
    // What is cut off may be a whole book, in a file that is damaged.
    let start: String = text.trim_start().chars().take(most * 4).collect();
    let one_line = one_line(&start).split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = one_line.chars().take(most).collect();
    cut.trim_end().to_owned()
}

/// Letters and digits of `text`, counted up to `most`.
pub fn letters(text: &str, most: usize) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).take(most).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(at: usize, title: &str, role: Role) -> Mark {
        Mark { at, title: title.into(), part: None, role }
    }

    fn shown(text: &str, marks: Vec<Mark>) -> Vec<(String, String)> {
        let sections = sections(text, marks);
        let mut at = 0;
        for section in &sections {
            assert_eq!(section.range.start, at);
            at = section.range.end;
        }
        assert_eq!(at, text.len());
        sections.into_iter().map(|s| (s.title, text[s.range].trim().chars().take(12).collect())).collect()
    }

    #[test]
    fn part_pages_join_the_chapter_that_follows() {
        let prose = "Some words of a chapter that is long enough to stand alone. ".repeat(3);
        let text = format!("Part I\n\nOne\n\n{prose}\n\nTwo\n\n{prose}\n\nThe end");
        let two = text.find("Two").unwrap();
        let marks = vec![
            mark(0, "Part I", Role::Parent),
            mark(8, "One", Role::Chapter),
            mark(two, "Two", Role::Chapter),
            mark(text.find("The end").unwrap(), "The end", Role::Chapter),
        ];
        let expected = [("One".into(), "Part I\n\nOne\n".to_owned()), ("Two".into(), "Two\n\nSome wo".to_owned())];
        assert_eq!(shown(&text, marks), expected);
    }

    #[test]
    fn a_part_page_before_something_left_out_is_a_title_page() {
        let prose = "Some words of a chapter that is long enough to stand alone. ".repeat(3);
        let text = format!("Part I\n\nContents\n\nOne {prose}");
        let left_out = Role::LeftOut(LeftOutReason::Contents);
        let marks =
            vec![mark(0, "Part I", Role::Parent), mark(8, "Contents", left_out), mark(18, "One", Role::Chapter)];
        let reasons: Vec<_> = sections(&text, marks).into_iter().map(|section| section.left_out).collect();
        assert_eq!(reasons, [Some(LeftOutReason::TitlePage), Some(LeftOutReason::Contents), None]);
    }

    #[test]
    fn text_that_no_mark_names_is_kept() {
        let prose = "Words before any heading, enough of them to be a section in their own right, surely.";
        let text = format!("{prose}\n\nOne {prose}");
        let found = shown(&text, vec![mark(prose.len(), "One", Role::Chapter)]);
        assert_eq!(found[0].0, UNTITLED);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn one_long_chapter_is_not_a_usable_split() {
        let section = |start: usize, end: usize| Section {
            title: String::new(),
            part: None,
            range: start..end,
            chars: 0,
            left_out: None,
        };
        assert!(!Quality::of(&[section(0, 100_000)]).usable());
        assert!(Quality::of(&[section(0, 10_000)]).usable());
        assert!(Quality::of(&[section(0, 50_000), section(50_000, 100_000)]).usable());
        let many: Vec<_> =
            (0..10).map(|i| section(i * 1000, i * 1000 + 1000)).chain([section(10_000, 90_000)]).collect();
        assert!(!Quality::of(&many).usable());
        assert!(!Quality::of(&[]).usable());
    }
}
