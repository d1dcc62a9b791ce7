//! Printed tables of contents, which look like many headings and are none. For `choose`.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use epitome_model::LeftOutReason;

use super::find::Candidate;
use super::line::{LeftOutKey, Style};
use super::words::Level;
use crate::outline::{Mark, Role};

/// Bytes between two lines of a printed table of contents, at most.
const GAP: usize = 160;
/// Fewest lines of one.
const LINES: usize = 3;
/// From this many lines on a run of headings is one even if none of its lines comes again.
const SURELY: usize = 8;

/// What makes two headings the same: the part they are in, their kind, number and (without a number) wording.
type Key = (Option<u32>, Style, Option<u32>, String);

/// A printed table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// Indices of the candidates that are its lines.
    pub lines: Range<usize>,
    /// Bytes of the text.
    pub range: Range<usize>,
}

impl Contents {
    pub fn mark(&self) -> Mark {
        let role = Role::Boilerplate(LeftOutReason::Contents);
        Mark { at: self.range.start, title: "Contents".to_owned(), part: None, role }
    }
}

/// The printed tables of contents among `found`.
pub fn tables(found: &[Candidate]) -> Vec<Contents> {
    let keys = keys(found);
    let mut last_seen = HashMap::new();
    for (at, key) in keys.iter().enumerate() {
        last_seen.insert(key, at);
    }
    let mut tables = Vec::new();
    let mut start = 0;
    while start < found.len() {
        let end = run_end(found, &keys, start);
        if let Some(table) = table(found, &keys, &last_seen, start..end) {
            tables.push(table);
        }
        start = end;
    }
    tables
}

fn is_contents(candidate: &Candidate) -> bool {
    candidate.line.style == Style::LeftOut(LeftOutKey::Contents)
}

/// The end of the run of close headings that starts at `start`; a heading that comes again begins the book itself.
fn run_end(found: &[Candidate], keys: &[Key], start: usize) -> usize {
    let mut seen = HashSet::new();
    let mut at = start;
    while at < found.len() {
        let near = at == start || found[at].range.start.saturating_sub(found[at - 1].range.end) <= GAP;
        if !near || (at > start && is_contents(&found[at])) || !seen.insert(&keys[at]) {
            break;
        }
        at += 1;
    }
    at.max(start + 1)
}

fn table(found: &[Candidate], keys: &[Key], last_seen: &HashMap<&Key, usize>, run: Range<usize>) -> Option<Contents> {
    let titled = is_contents(&found[run.start]);
    let again = |at: usize| last_seen.get(&keys[at]).is_some_and(|last| *last >= run.end);
    let mut end = run.end;
    let entries = run.start + usize::from(titled)..run.end;
    let come_again = entries.clone().filter(|at| again(*at)).count();
    // The heading that follows the table directly, and is not in it, is the book's.
    while come_again > 0 && end > entries.start && !again(end - 1) {
        end -= 1;
    }
    let lines = end.saturating_sub(entries.start);
    // Plain numbers that do not come again are a list.
    let worded = found[run.start..end].iter().filter(|line| matches!(line.line.style, Style::Word(_))).count();
    let sure = titled || come_again * 2 >= lines || (lines >= SURELY && worded * 2 >= lines);
    if lines < LINES || !sure {
        return None;
    }
    Some(Contents { lines: run.start..end, range: found[run.start].range.start..found[end - 1].range.end })
}

fn keys(found: &[Candidate]) -> Vec<Key> {
    let mut part = None;
    let key = |candidate: &Candidate| {
        let line = candidate.line;
        let above = matches!(line.style, Style::Word(level) if level < Level::Chapter);
        if above {
            part = line.number;
        }
        let words = if line.number.is_some() {
            String::new()
        } else {
            let name = candidate.title.split(['(', ':', '.']).next().unwrap_or_default();
            name.trim().to_lowercase()
        };
        (if above { None } else { part }, line.style, line.number, words)
    };
    found.iter().map(key).collect()
}
