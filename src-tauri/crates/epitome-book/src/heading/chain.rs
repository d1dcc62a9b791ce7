//! Numbers that count on: which plain numbers in a text are those of its chapters. For `choose`.

use std::collections::HashMap;

use super::find::Candidate;
use super::line::Style;

/// Fewest numbers in a row that make plain numbers headings.
pub const CHAIN: usize = 3;
/// Characters of text that count between two numbers of a chain; a list has few, chapters have many.
const WORTH: usize = 3_000;
/// Least average of that worth in a chain: shorter chapters with bare numbers are list items.
const LEAST_WORTH: usize = 250;
/// Candidates with one number that are remembered while chains are sought.
const REMEMBERED: usize = 8;

/// The best sequence 1, 2, 3 ... of one style; it may begin anew in each part, and only there, as lists do anywhere.
pub fn chain<'a>(found: &[&'a Candidate], style: Style, end: usize) -> Vec<&'a Candidate> {
    let mut same: Vec<&Candidate> = found.iter().copied().filter(|c| c.line.style == style).collect();
    // Where headings are underlined, what is not, or otherwise, is a list or a heading of another level.
    let marks = same.iter().filter_map(|c| c.rule);
    let rule = marks.max_by_key(|rule| same.iter().filter(|c| c.rule == Some(*rule)).count());
    let underlined = rule.map_or(0, |rule| same.iter().filter(|c| c.rule == Some(rule)).count());
    if underlined >= CHAIN {
        same.retain(|c| c.rule == rule);
    }
    if same.len() < CHAIN {
        return Vec::new();
    }
    // Numbers alone on a line that interrupt sentences are page numbers.
    let interrupting = same.iter().filter(|c| !c.after_sentence).count();
    if style == Style::BareDigits && interrupting * 3 > same.len() {
        return Vec::new();
    }
    if are_page_headers(&same) {
        return Vec::new();
    }
    let parts: Vec<usize> = found.iter().filter(|c| c.line.is_part()).map(|c| c.range.start).collect();
    let part = |at: usize| parts.partition_point(|part| *part < same[at].range.start);
    // For each candidate: worth of the best chain that ends there, and the candidate before it in that chain.
    let mut best: Vec<(usize, Option<usize>, usize)> = Vec::with_capacity(same.len());
    let mut by_number: HashMap<u32, Vec<usize>> = HashMap::new();
    let mut any: Option<usize> = None;
    for (at, candidate) in same.iter().enumerate() {
        let number = candidate.line.number.unwrap_or_default();
        let gap = |before: usize| candidate.range.start.saturating_sub(same[before].range.end).min(WORTH);
        let before = number.checked_sub(1).and_then(|before| by_number.get(&before)).into_iter().flatten().copied();
        let anew = |before: usize| part(before) < part(at) || underlined >= CHAIN;
        let restart = any.filter(|before| number == 1 && anew(*before));
        let link = before.chain(restart).max_by_key(|before| best[*before].0 + gap(*before));
        let entry = match link {
            Some(before) => (best[before].0 + gap(before), Some(before), best[before].2 + 1),
            None if number <= 1 => (0, None, 1),
            None => (0, None, 0),
        };
        best.push(entry);
        if entry.2 == 0 {
            continue;
        }
        let same_number = by_number.entry(number).or_default();
        same_number.push(at);
        if same_number.len() > REMEMBERED {
            // The worst of those remembered goes, so that lists in the text do not push out a chapter.
            if let Some(worst) = (0..same_number.len()).min_by_key(|i| best[same_number[*i]].0) {
                same_number.remove(worst);
            }
        }
        if any.is_none_or(|any| best[any].0 <= entry.0) {
            any = Some(at);
        }
    }
    let worth = |at: usize| best[at].0 + end.saturating_sub(same[at].range.end).min(WORTH);
    let Some(last) = (0..same.len()).filter(|at| best[*at].2 > 0).max_by_key(|at| worth(*at)) else {
        return Vec::new();
    };
    if worth(last) < LEAST_WORTH * best[last].2 {
        return Vec::new();
    }
    let mut chain: Vec<&Candidate> = std::iter::successors(Some(last), |at| best[*at].1).map(|at| same[at]).collect();
    chain.reverse();
    chain
}

/// Whether numbers stand before the same words again and again, as those of pages do.
fn are_page_headers(same: &[&Candidate]) -> bool {
    let mut names: HashMap<&str, usize> = HashMap::new();
    for candidate in same.iter().filter(|c| c.line.titled) {
        *names.entry(candidate.title.trim_start_matches(|c: char| !c.is_alphabetic())).or_default() += 1;
    }
    names.values().any(|times| times * 3 > same.len()) && names.len() * 2 < same.len()
}
