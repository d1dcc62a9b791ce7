//! The paragraphs of a section, for choosing where to split it.

use epitome_model::{Paragraph, SectionParagraphs};

use crate::book::count;
use crate::cut::{Blanks, places};

/// Paragraphs given at a time.
const PARAGRAPHS: usize = 500;
/// Unicode scalar values given of each.
const SHOWN: usize = 160;

/// Paragraphs of `text`, a section's, that begin at character `from` or behind it: some hundreds, and where they go on.
pub fn paragraphs(text: &str, from: u32) -> SectionParagraphs {
    let first = text.len() - text.trim_start().len();
    let starts = (first < text.len()).then_some(first).into_iter();
    let starts = starts.chain(places(text, text, Blanks::BetweenParagraphs).filter(|start| *start > first));
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    let (mut bytes, mut chars) = (0, 0);
    for start in starts.filter(|start| *start < text.len()) {
        chars += count(&text[bytes..start]);
        bytes = start;
        if chars < from {
            continue;
        }
        if paragraphs.len() == PARAGRAPHS {
            return SectionParagraphs { paragraphs, next: Some(chars) };
        }
        let shown: String = text[start..].chars().take(SHOWN).collect();
        // The paragraph may be shorter than what is shown of it.
        let shown = shown.split("\n\n").next().unwrap_or_default();
        paragraphs.push(Paragraph { at: chars, text: shown.split_whitespace().collect::<Vec<_>>().join(" ") });
    }
    SectionParagraphs { paragraphs, next: None }
}
