//! One section into two, near a place the reader names.

use icu_segmenter::GraphemeClusterSegmenter;

use super::{EditError, piece};
use crate::book::{Section, count};
use crate::cut::{Blanks, places, sentence_ends};
use crate::{heading, outline};

/// How far from the named place a better one is looked for, in Unicode scalar values.
const NEAR: usize = 1_000;

/// Takes from `section` what stands behind its character `at`, or behind the start of a paragraph near it, else of a
/// sentence, else of a grapheme; gives that as a section.
pub fn split(text: &str, section: &mut Section, at: u32) -> Result<Section, EditError> {
    if at == 0 || at >= section.chars {
        return Err(EditError::Beyond { title: section.title.clone(), chars: section.chars, at });
    }
    let inner = &text[section.range.clone()];
    let Some(place) = nearest(inner, at as usize) else { return Err(EditError::OneSided(section.title.clone())) };
    let middle = section.range.start + place;
    let second = piece(text, middle..section.range.end, title(&inner[place..], &section.title), section);
    section.range.end = middle;
    section.chars = count(&inner[..place]);
    Ok(second)
}

/// The best place near character `at`, in bytes; `None` if no place has text on both sides.
fn nearest(text: &str, at: usize) -> Option<usize> {
    let byte = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(byte, _)| byte);
    let (from, wanted, to) = (byte(at.saturating_sub(NEAR)), byte(at), byte(at + NEAR));
    let window = &text[from..to];
    let (first, last) = (text.len() - text.trim_start().len(), text.trim_end().len());
    let closest = |places: &mut dyn Iterator<Item = usize>| {
        let both_sides = places.map(|place| from + place).filter(|place| first < *place && *place < last);
        both_sides.min_by_key(|place| place.abs_diff(wanted))
    };
    closest(&mut places(window, &text[from..], Blanks::BetweenParagraphs))
        .or_else(|| closest(&mut sentence_ends(window).into_iter()))
        .or_else(|| closest(&mut GraphemeClusterSegmenter::new().segment_str(window)))
}

/// The heading it begins with, or the title of what it was taken from with a number.
fn title(text: &str, of: &str) -> String {
    let line = text.trim_start().lines().next().unwrap_or_default();
    if heading::line(line).is_some() {
        return outline::clean_title(line);
    }
    let counted = of.strip_suffix(')').and_then(|of| of.rsplit_once(" ("));
    let counted = counted.and_then(|(of, number)| Some((of, number.parse::<u32>().ok()?)));
    match counted {
        Some((of, number)) if number < 1_000 => format!("{of} ({})", number + 1),
        _ => format!("{of} (2)"),
    }
}
