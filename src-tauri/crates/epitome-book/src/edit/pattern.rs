//! Chapters by a pattern of the reader's: a regular expression that fits the lines at which they begin.

use regex::{Regex, RegexBuilder};

use super::{EditError, piece};
use crate::book::Section;
use crate::{limits, outline};

/// Longest pattern in Unicode scalar values.
const PATTERN_CHARS: usize = 1_000;
/// Bytes a compiled pattern may take: thousands of times a sensible one, and still few enough steps for each letter.
const COMPILED_BYTES: usize = 1 << 20;
/// What stands before the first chapter joins it up to this length, such as the title of a part; in Unicode scalar values.
const TINY: usize = 50;
/// Longest line that can be a heading, in Unicode scalar values.
const LINE_CHARS: usize = 500;

/// Sections that begin at the lines which fit, within what `sections` does not leave out. What stands before the first
/// such line keeps the title it has and is a section of its own, unless it is no longer than a title.
pub fn sections(
    text: &str,
    sections: &[Section],
    pattern: &str,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<Section>, EditError> {
    let pattern = compile(pattern)?;
    let mut found = 0;
    let mut set = Vec::with_capacity(sections.len());
    let mut at = 0;
    while let Some(first) = sections.get(at) {
        if first.left_out.is_some() {
            set.push(first.clone());
            at += 1;
            continue;
        }
        let run = sections[at..].iter().take_while(|section| section.left_out.is_none()).count();
        let run = &sections[at..at + run];
        at += run.len();
        let (start, end) = (first.range.start, run[run.len() - 1].range.end);
        let marks = marks(text, start..end, &pattern, goes_on)?;
        found += marks.len();
        if found > limits::SECTIONS {
            return Err(EditError::TooManyMatches);
        }
        let before = marks.first().is_none_or(|(first, _)| text[start..*first].trim().chars().nth(TINY).is_some());
        let mut starts: Vec<(usize, String)> = Vec::with_capacity(marks.len() + 1);
        if before {
            starts.push((start, first.title.clone()));
        }
        starts.extend(marks);
        // Blank lines in front belong to the first.
        starts[0].0 = start;
        let ends: Vec<usize> = starts.iter().skip(1).map(|(start, _)| *start).chain([end]).collect();
        let mut around = run.iter().peekable();
        for ((start, title), end) in starts.into_iter().zip(ends) {
            while around.peek().is_some_and(|section| section.range.end <= start) {
                around.next();
            }
            set.push(piece(text, start..end, title, around.peek().copied().unwrap_or(first)));
        }
    }
    if found == 0 { Err(EditError::NoMatch) } else { Ok(set) }
}

fn compile(pattern: &str) -> Result<Regex, EditError> {
    if pattern.trim().is_empty() {
        return Err(EditError::BadPattern("it is empty".to_owned()));
    }
    if pattern.chars().count() > PATTERN_CHARS {
        return Err(EditError::LargePattern);
    }
    RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => EditError::LargePattern,
        // Several lines that draw the place; the last says what it is.
        error => {
            let drawn = error.to_string();
            let said = drawn.lines().last().unwrap_or_default();
            EditError::BadPattern(said.trim_start_matches("error:").trim().to_owned())
        }
    })
}

/// Starts of the lines that fit, as bytes of `text`, with their words.
fn marks(
    text: &str,
    range: std::ops::Range<usize>,
    pattern: &Regex,
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Vec<(usize, String)>, EditError> {
    let mut marks = Vec::new();
    let mut at = range.start;
    for whole in text[range].split_inclusive('\n') {
        let line = whole.trim();
        if !line.is_empty() && line.chars().nth(LINE_CHARS).is_none() {
            if !goes_on() {
                return Err(EditError::TooSlow);
            }
            if pattern.is_match(line) {
                marks.push((at, outline::clean_title(line)));
            }
        }
        if marks.len() > limits::SECTIONS {
            return Err(EditError::TooManyMatches);
        }
        at += whole.len();
    }
    Ok(marks)
}
