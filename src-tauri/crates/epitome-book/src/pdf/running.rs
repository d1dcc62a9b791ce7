//! Running headers, footers and page numbers: lines at the edges of pages that are no part of the text. For the PDF
//! reader.

use std::collections::{HashMap, HashSet};

use epitome_pdf::{Line, Page};

use super::looks::Looks;
use crate::heading;

/// Share of a page's height at its top and bottom in which running lines stand.
const EDGE: f32 = 0.2;
/// Rows at an edge that are looked at.
const ROWS: usize = 3;
/// How often a running line comes at least.
const TIMES: usize = 3;
/// Pages in which it does so; a chapter's own header runs only through that chapter.
const NEAR: usize = 20;
/// Bytes that two headers share at their start or end, at least.
const ALIKE: usize = 8;
/// Share of a page's height by which a running line may shift, as on scanned pages.
const SHIFT: f32 = 0.012;
/// Distance to the text, in line distances, from which on a row stands apart.
const APART: f32 = 1.25;

/// For each line of each page, whether it is a running line.
pub fn running(pages: &[Page], looks: &Looks) -> Vec<Vec<bool>> {
    let candidates = candidates(pages, looks);
    let numbering = Numbering::of(&candidates);
    let mut found: HashSet<(usize, usize)> = HashSet::new();
    let numbers = candidates.iter().filter(|candidate| numbering.is_number(candidate));
    found.extend(numbers.map(|candidate| (candidate.page, candidate.line)));
    let repeated = repeated(&candidates);
    // From the text outwards: what is between a running line and the edge of the page needs no distance.
    for row in (0..ROWS).rev() {
        for (candidate, times) in candidates.iter().zip(&repeated).filter(|(candidate, _)| candidate.row == row) {
            let apart =
                candidate.apart || candidate.inner.is_some_and(|inner| found.contains(&(candidate.page, inner)));
            let often = *times >= 10;
            if *times >= TIMES && (apart || often) || numbering.has_number(candidate) {
                found.insert((candidate.page, candidate.line));
            }
        }
    }
    fill_slots(&candidates, &mut found);
    pages
        .iter()
        .enumerate()
        .map(|(page, lines)| (0..lines.lines.len()).map(|line| found.contains(&(page, line))).collect())
        .collect()
}

/// A line at the edge of a page.
struct Candidate<'a> {
    page: usize,
    line: usize,
    top: bool,
    /// 0 for the outermost row.
    row: usize,
    shown: &'a Line,
    /// Height on the page as a share of its height.
    at: f32,
    /// Whether it stands apart from the row that is further inside, or looks different.
    apart: bool,
    /// A line of the row that is further inside.
    inner: Option<usize>,
    /// Letters and digits, page numbers aside.
    words: String,
    numbers: Vec<(Kind, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Digits,
    Roman,
}

fn candidates<'a>(pages: &'a [Page], looks: &Looks) -> Vec<Candidate<'a>> {
    let mut candidates = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        let mut lines: Vec<usize> = (0..page.lines.len()).collect();
        lines.sort_by(|a, b| page.lines[*b].base.total_cmp(&page.lines[*a].base));
        let rows: Vec<&[usize]> = lines
            .chunk_by(|a, b| {
                let (a, b) = (&page.lines[*a], &page.lines[*b]);
                (a.base - b.base).abs() <= 0.3 * a.size.min(b.size)
            })
            .collect();
        for top in [true, false] {
            let place = |row: usize| if top { Some(row) } else { rows.len().checked_sub(row + 1) };
            for row in 0..ROWS.min(rows.len()) {
                let Some(lines) = place(row).and_then(|at| rows.get(at)) else { continue };
                let inner = place(row + 1).and_then(|at| rows.get(at)).and_then(|row| row.first()).copied();
                for &line in *lines {
                    let shown = &page.lines[line];
                    let at = shown.base / page.height.max(1.0);
                    if (top && at > 1.0 - EDGE) || (!top && at < EDGE) {
                        let apart = inner.is_none_or(|inner| stands_apart(shown, &page.lines[inner], looks));
                        let (words, numbers) = words(&shown.text);
                        let page = number;
                        candidates.push(Candidate { page, line, top, row, shown, at, apart, inner, words, numbers });
                    }
                }
            }
        }
    }
    candidates
}

fn stands_apart(line: &Line, inner: &Line, looks: &Looks) -> bool {
    let gap = (line.base - inner.base).abs();
    gap > APART * looks.pitch(inner.size)
        || (line.size - inner.size).abs() > 0.08 * inner.size
        || line.bold != inner.bold
}

/// The letters of a line, with the numbers at its ends, which may be the page's, left aside.
fn words(text: &str) -> (String, Vec<(Kind, i64)>) {
    let tokens: Vec<&str> = text.split_whitespace().collect();
    let mut numbers = Vec::new();
    let mut words = String::new();
    for (at, token) in tokens.iter().enumerate() {
        let bare = token.trim_matches(|c: char| !c.is_alphanumeric());
        let outer = at < 2 || at + 3 > tokens.len();
        let number = number(bare).filter(|_| outer);
        match number {
            Some(number) => numbers.push(number),
            None => words.extend(bare.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)),
        }
    }
    (words, numbers)
}

fn number(bare: &str) -> Option<(Kind, i64)> {
    if let Some(value) = heading::digits(bare) {
        return Some((Kind::Digits, i64::from(value)));
    }
    heading::roman(bare).map(|value| (Kind::Roman, i64::from(value)))
}

/// How the pages are numbered: by how much their numbers differ from their places, and where they stand.
struct Numbering {
    /// Kind and difference, with the heights at which such numbers stand.
    series: HashMap<(Kind, i64), Vec<(bool, f32)>>,
}

impl Numbering {
    fn of(candidates: &[Candidate<'_>]) -> Self {
        let mut series: HashMap<(Kind, i64), Vec<(bool, f32)>> = HashMap::new();
        for candidate in candidates.iter().filter(|candidate| candidate.row == 0) {
            for (kind, value) in &candidate.numbers {
                series.entry((*kind, value - place(candidate.page))).or_default().push((candidate.top, candidate.at));
            }
        }
        series.retain(|_, places| places.len() >= TIMES);
        // A series counts where its numbers stand at one height.
        for places in series.values_mut() {
            let all = std::mem::take(places);
            let level = |place: &&(bool, f32)| all.iter().filter(|other| near(**place, **other)).count() >= TIMES;
            *places = all.iter().filter(level).copied().collect();
        }
        Self { series }
    }

    fn counts(&self, candidate: &Candidate<'_>) -> bool {
        candidate.numbers.iter().any(|(kind, value)| {
            let places = self.series.get(&(*kind, value - place(candidate.page)));
            places.is_some_and(|places| places.iter().any(|place| near(*place, (candidate.top, candidate.at))))
        })
    }

    /// Whether the line is the page's number and nothing else.
    fn is_number(&self, candidate: &Candidate<'_>) -> bool {
        const AROUND: &[&str] =
            &["", "page", "p", "pg", "seite", "s", "página", "pagina", "стр", "of", "pageof", "von"];
        AROUND.contains(&candidate.words.as_str()) && self.counts(candidate)
    }

    /// Whether the line begins or ends with the page's number, where the numbers stand.
    fn has_number(&self, candidate: &Candidate<'_>) -> bool {
        let chapter = heading::line(&candidate.shown.text).is_some_and(|line| line.is_chapter());
        candidate.row == 0 && !chapter && candidate.apart && self.counts(candidate)
    }
}

fn place(page: usize) -> i64 {
    i64::try_from(page).unwrap_or(i64::MAX)
}

fn near(a: (bool, f32), b: (bool, f32)) -> bool {
    a.0 == b.0 && (a.1 - b.1).abs() <= SHIFT
}

/// Whether it is the word for a chapter or part alone, whose number stands elsewhere.
fn is_heading_word(text: &str) -> bool {
    let numbered = || heading::line(&format!("{text} 1"));
    !text.contains(' ') && numbered().is_some_and(|line| (line.is_chapter() || line.is_part()) && !line.titled)
}

/// For each candidate, how often a line like it comes at its height on the pages near it, itself included.
fn repeated(candidates: &[Candidate<'_>]) -> Vec<usize> {
    let like = |at: usize| {
        let this = &candidates[at];
        let near = |other: &&Candidate<'_>| this.page.abs_diff(other.page) <= NEAR;
        let around = || {
            let before = candidates[..at].iter().rev().take_while(near);
            before.chain(candidates[at..].iter().take_while(near)).filter(|other| this.is_like(other))
        };
        // It runs: it comes on the next page, or on the next of its side.
        let runs = around().any(|other| (1..=2).contains(&this.page.abs_diff(other.page)));
        if runs && !is_heading_word(&this.shown.text) { around().count() } else { 0 }
    };
    (0..candidates.len()).map(like).collect()
}

impl Candidate<'_> {
    /// Whether `other` is the same line on another page: the same words, or a header that begins or ends with them.
    fn is_like(&self, other: &Self) -> bool {
        let size = (self.shown.size - other.shown.size).abs() <= 0.08 * self.shown.size;
        if !size || self.words.is_empty() || !near((self.top, self.at), (other.top, other.at)) {
            return false;
        }
        // Numbers that differ without being the page's make different lines: "Chapter 1", "Chapter 2".
        let numbers = self.numbers == other.numbers || self.shifted(other);
        let same = |pairs: usize| pairs >= ALIKE && pairs * 3 >= self.words.len().min(other.words.len());
        let start = || self.words.bytes().zip(other.words.bytes()).take_while(|(a, b)| a == b).count();
        let end = || self.words.bytes().rev().zip(other.words.bytes().rev()).take_while(|(a, b)| a == b).count();
        numbers && self.words == other.words || self.apart && other.apart && (numbers && same(start()) || same(end()))
    }

    /// Whether all numbers that differ from those of `other` do so as the pages do.
    fn shifted(&self, other: &Self) -> bool {
        let chapter = heading::line(&self.shown.text).is_some_and(|line| line.is_chapter());
        let pages = place(self.page) - place(other.page);
        !chapter
            && self.numbers.len() == other.numbers.len()
            && self.numbers.iter().zip(&other.numbers).all(|(a, b)| a == b || a.0 == b.0 && a.1 - b.1 == pages)
    }
}

/// Adds what stands where running lines stand: headers that name a short section, and ones that a scan misread.
fn fill_slots(candidates: &[Candidate<'_>], found: &mut HashSet<(usize, usize)>) {
    let outer: Vec<&Candidate<'_>> =
        candidates.iter().filter(|candidate| candidate.row == 0 && candidate.apart).collect();
    let is_found = |candidate: &Candidate<'_>| found.contains(&(candidate.page, candidate.line));
    // Height in steps of the shift allowed: how many running lines, and how many others, stand there.
    let mut slots: HashMap<(bool, i32), [Vec<f32>; 2]> = HashMap::new();
    for candidate in &outer {
        let kind = usize::from(is_found(candidate));
        slots.entry(slot(candidate)).or_default()[kind].push(candidate.shown.size);
    }
    let fits = |candidate: &&&Candidate<'_>| {
        let Some([others, running]) = slots.get(&slot(candidate)) else { return false };
        let usual = running.iter().copied().fold(0.0, f32::max);
        running.len() >= 5 && 3 * running.len() >= others.len() && candidate.shown.size <= 1.1 * usual
    };
    let more: Vec<(usize, usize)> =
        outer.iter().filter(fits).map(|candidate| (candidate.page, candidate.line)).collect();
    found.extend(more);
}

fn slot(candidate: &Candidate<'_>) -> (bool, i32) {
    #[allow(clippy::cast_possible_truncation, reason = "a height between 0 and 1 in 80 steps")]
    let step = (candidate.at / SHIFT).round() as i32;
    (candidate.top, step)
}
