//! From lines on pages to paragraphs that run over lines, columns and pages. For the PDF reader.

use std::ops::Range;

use epitome_pdf::{Line, Page};

use super::hyphen::{Words, unspaced};
use super::looks::Looks;
use crate::cut::ends_sentence;
use crate::heading;

/// Distance of two lines, in line distances, from which on they are of different paragraphs.
const GAP: f32 = 1.3;
/// Indent of a first line, in sizes of the type, at least.
const INDENT: f32 = 0.6;
/// How far before the margin a line ends that is short, in sizes of the type, at least.
const SHORT: f32 = 1.5;
/// How many lines before and after one tell where its column ends.
const AROUND: usize = 20;
/// How many paragraphs at the foot of a page, such as notes, one may run past.
const PASSED: usize = 8;

/// A paragraph, heading, note or the like.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub text: String,
    /// Page it begins on, from 0.
    pub page: usize,
    /// Height of its first line on that page.
    pub base: f32,
    pub size: f32,
    pub bold: bool,
    pub lines: usize,
    /// Bytes of the text of the document.
    pub range: Range<usize>,
}

/// The text of a document, and its paragraphs in order.
#[derive(Clone, Debug, Default)]
pub struct Flow {
    pub text: String,
    pub blocks: Vec<Block>,
}

/// A paragraph being put together.
struct Open<'a> {
    block: Block,
    last: &'a Line,
    last_page: usize,
    /// Where lines of its column end.
    right: f32,
}

/// The paragraphs of the lines that are not `running`.
pub fn flow(pages: &[Page], running: &[Vec<bool>], looks: &Looks) -> Flow {
    let kept = |page: usize| {
        let lines = pages[page].lines.iter().zip(&running[page]);
        lines.filter(|(_, running)| !**running).map(|(line, _)| line).collect::<Vec<_>>()
    };
    let words = Words::of((0..pages.len()).flat_map(kept).map(|line| line.text.as_str()));
    let mut closed: Vec<Open<'_>> = Vec::new();
    for page in 0..pages.len() {
        let lines = kept(page);
        let mut open: Option<usize> = None;
        for (at, line) in lines.iter().copied().enumerate() {
            let right = column_end(&lines, at);
            let seam = Seam { looks, page, line };
            let onto = match open {
                Some(last) => seam.goes_on(&closed[last]).then_some(last),
                None => seam.goes_on_from_page(&closed),
            };
            match onto {
                Some(onto) => closed[onto].add(line, page, right, &words),
                None => closed.push(Open::new(line, page, right)),
            }
            open = onto.or(closed.len().checked_sub(1));
        }
    }
    let mut flow = Flow::default();
    for open in closed {
        let mut block = open.block;
        if !flow.text.is_empty() {
            flow.text.push_str("\n\n");
        }
        let start = flow.text.len();
        flow.text.push_str(block.text.trim());
        block.range = start..flow.text.len();
        flow.blocks.push(block);
    }
    flow
}

/// Where the longest of the lines around line `at` end that begin about where it does.
fn column_end(lines: &[&Line], at: usize) -> f32 {
    let this = lines[at];
    let around = &lines[at.saturating_sub(AROUND)..(at + AROUND + 1).min(lines.len())];
    let like = |line: &&&Line| line.left < this.right && (line.size - this.size).abs() < 0.12 * this.size;
    let within = |sizes: f32| {
        let near = around.iter().filter(like).filter(move |line| (line.left - this.left).abs() <= sizes * this.size);
        near.fold((0, this.right), |(lines, right), line| (lines + 1, right.max(line.right)))
    };
    match within(2.0) {
        (3.., right) => right,
        _ => within(6.0).1,
    }
}

impl<'a> Open<'a> {
    fn new(line: &'a Line, page: usize, right: f32) -> Self {
        let Line { text, base, size, bold, .. } = line.clone();
        let block = Block { text, page, base, size, bold, lines: 1, range: 0..0 };
        Self { block, last: line, last_page: page, right }
    }

    fn add(&mut self, line: &'a Line, page: usize, right: f32, words: &Words) {
        let text = line.text.trim_start();
        let kept = self.block.text.trim_end().len();
        self.block.text.truncate(kept);
        let (off, between) = words.join(&self.block.text, text);
        self.block.text.truncate(kept - off);
        self.block.text.push_str(between);
        self.block.text.push_str(text);
        self.block.lines += 1;
        self.block.size = self.block.size.max(line.size);
        (self.last, self.last_page, self.right) = (line, page, right);
    }

    /// Whether its last line ends where the first word of `next` would still have had room.
    fn ends_short(&self, next: &Line) -> bool {
        let letters = self.last.text.chars().count().max(1) as f32;
        let letter = (self.last.right - self.last.left) / letters;
        let word = match next.text.chars().next() {
            Some(c) if unspaced(c) => 1,
            _ => next.text.split_whitespace().next().unwrap_or_default().chars().count() + 1,
        };
        self.right - self.last.right > (SHORT * self.last.size).max(word as f32 * letter)
    }
}

/// A line, seen against what stands before it.
struct Seam<'a> {
    looks: &'a Looks,
    page: usize,
    line: &'a Line,
}

impl Seam<'_> {
    fn alike(&self, open: &Open<'_>) -> bool {
        let sizes = (self.line.size - open.last.size).abs() <= 0.12 * open.last.size;
        sizes && self.line.bold == open.last.bold
    }

    fn indent(&self) -> f32 {
        (self.line.left - self.looks.margin(self.page, self.line)) / self.line.size
    }

    /// Whether the line goes on with the paragraph before it on the same page.
    fn goes_on(&self, open: &Open<'_>) -> bool {
        let (above, below) = (open.last, self.line);
        let gap = above.base - below.base;
        if gap.abs() <= 0.3 * below.size.min(above.size) {
            return true;
        }
        if self.numbers(open) && gap > 0.0 && gap < 4.0 * below.size {
            return true;
        }
        if !self.alike(open) || opens_item(&below.text) || is_entry(&above.text) {
            return false;
        }
        if gap < 0.0 {
            // The next column: as on the next page.
            return self.continues(open);
        }
        gap <= GAP * self.looks.pitch(below.size) && (self.ends_word(open) || !self.begins(open))
    }

    /// Whether the line is the number to the word for a chapter or part, which stands above it alone.
    fn numbers(&self, open: &Open<'_>) -> bool {
        let word = &open.block.text;
        if open.block.lines > 1 || word.contains(' ') || word.len() > 40 {
            return false;
        }
        let line = heading::line(&format!("{word} {}", self.line.text));
        line.is_some_and(|line| (line.is_chapter() || line.is_part()) && !line.titled)
    }

    /// Whether the line begins with the rest of a word.
    fn ends_word(&self, open: &Open<'_>) -> bool {
        let small = self.line.text.chars().find(|c| c.is_alphanumeric()).is_some_and(char::is_lowercase);
        open.last.text.ends_with(['-', '\u{AD}', '\u{2010}']) && small
    }

    /// Whether the line, one step below, begins a paragraph.
    fn begins(&self, open: &Open<'_>) -> bool {
        let (above, below) = (open.last, self.line);
        let step = (below.left - above.left) / below.size;
        let ended = ends_sentence(&above.text);
        let centred = ((above.left + above.right) - (below.left + below.right)).abs() < below.size;
        if centred && step.abs() > INDENT {
            return false;
        }
        if step > INDENT {
            // Items and entries of a bibliography hang; anything else that moves in is a first line.
            return !(opens_item(&open.block.text) && open.block.lines == 1 && !open.ends_short(self.line));
        }
        if step.abs() <= INDENT && self.indent() > INDENT {
            // Lines of speech one below the other, or a passage that is indented as a whole.
            return open.ends_short(self.line) || ended && open.block.lines == 1;
        }
        open.ends_short(self.line) && (ended || starts_anew(&below.text))
    }

    /// Whether the line, at the top of a column or page, goes on with the paragraph.
    fn continues(&self, open: &Open<'_>) -> bool {
        if !self.alike(open) || opens_item(&self.line.text) || is_entry(&open.last.text) {
            return false;
        }
        if self.ends_word(open) {
            return true;
        }
        let ended = ends_sentence(&open.last.text);
        !open.ends_short(self.line) && (self.indent() <= INDENT || !ended && !starts_anew(&self.line.text))
    }

    /// The paragraph of the page before that the first line of a page goes on with; notes at its foot are passed.
    /// A heading goes on with none.
    fn goes_on_from_page(&self, closed: &[Open<'_>]) -> Option<usize> {
        let before = self.page.checked_sub(1).filter(|_| self.line.size <= 1.1 * self.looks.body)?;
        let mut of_page = closed.iter().enumerate().rev().take(PASSED).take_while(|(_, open)| open.last_page == before);
        let (at, open) = of_page.find(|(_, open)| open.last.size >= 0.93 * self.line.size)?;
        self.continues(open).then_some(at)
    }
}

fn starts_anew(text: &str) -> bool {
    text.chars().next().is_some_and(|c| !c.is_lowercase())
}

/// Whether a line begins with the mark of a list's item.
fn opens_item(text: &str) -> bool {
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    let bullet = matches!(first, Some('•' | '◦' | '▪' | '●' | '■' | '‣' | '∙' | '➢' | '✓'));
    let dash = matches!(first, Some('–' | '-' | '*')) && second == Some(' ');
    bullet || dash
}

/// Whether a line is one of a printed table of contents: dots, then a number.
fn is_entry(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == ' ');
    let dots =
        text.chars().rev().take_while(|c| matches!(c, '.' | ' ' | '…' | '·' | '_')).filter(|c| *c != ' ').count();
    dots >= 3 || text.ends_with('…')
}
