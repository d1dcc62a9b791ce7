//! Cutting of a text into pieces, at the best ends there are. Called by the planner for chapters that do not fit a
//! window, and by this crate for books without chapters.

use std::ops::Range;

use icu_segmenter::options::SentenceBreakInvariantOptions;
use icu_segmenter::{GraphemeClusterSegmenter, SentenceSegmenter};

/// How to cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Longest piece in Unicode scalar values, overlap included; 0 counts as 1.
    pub max_chars: usize,
    /// Most characters that a piece repeats of the one before it; held below half of `max_chars`.
    pub overlap_chars: usize,
}

/// Pieces of `text` as byte ranges, in order. Each begins at or before the end of the one before it, so that the pieces
/// without what they repeat are the text, byte for byte; none is longer than `cut.max_chars`, and their lengths are
/// balanced. Ends are sought at the end of a paragraph, else of a sentence, else of a line or word, else of a grapheme.
///
/// Linear in the length of the text. An empty text has no pieces.
pub fn cut(text: &str, cut: Cut) -> Vec<Range<usize>> {
    let max = cut.max_chars.max(1);
    let overlap = cut.overlap_chars.min((max - 1) / 2);
    let mut pieces: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut left = text.chars().count();
    while left > 0 {
        let start = if overlap == 0 || at == 0 { at } else { step_back(text, at, overlap) };
        let room = max - text[start..at].chars().count();
        let taken = take(&text[at..], left, room, max - overlap);
        left -= taken.chars;
        pieces.push(start..at + taken.bytes);
        at += taken.bytes;
    }
    pieces
}

/// A length in both units.
#[derive(Clone, Copy, Debug, Default)]
struct Length {
    bytes: usize,
    chars: usize,
}

/// What white space to cut behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blanks {
    All,
    BetweenParagraphs,
}

/// The next piece of `text`, which has `left` characters: at most `room` of them, where later pieces take `later`.
fn take(text: &str, left: usize, room: usize, later: usize) -> Length {
    if left <= room {
        return Length { bytes: text.len(), chars: left };
    }
    let pieces = left.div_ceil(later).max(2);
    let target = left.div_ceil(pieces).min(room);
    let end = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
    let window = &text[..end];
    let find = |places: &mut dyn Iterator<Item = usize>, least| nearest(window, places, least, target);
    let blanks = |wanted, least| find(&mut places(window, text, wanted), least);
    let sentences = |least| find(&mut sentence_ends(window).into_iter(), least);
    let whole = |at: &usize| *at > 0 && *at < window.len();
    let graphemes = |least| find(&mut GraphemeClusterSegmenter::new().segment_str(window).filter(whole), least);
    // Taking less than `even` costs a further piece, which is better than to cut a sentence; `half` bounds how many.
    let half = (target / 2).max(1);
    let even = left.saturating_sub((pieces - 1) * later).clamp(half, room);
    blanks(Blanks::BetweenParagraphs, even)
        .or_else(|| sentences(even))
        .or_else(|| blanks(Blanks::BetweenParagraphs, half))
        .or_else(|| sentences(half))
        .or_else(|| blanks(Blanks::All, half))
        .or_else(|| graphemes(even))
        .or_else(|| graphemes(1))
        .unwrap_or(Length { bytes: window.len(), chars: room })
}

/// Of rising byte `places`, the one nearest to `target` characters that takes at least `least`.
fn nearest(window: &str, places: &mut dyn Iterator<Item = usize>, least: usize, target: usize) -> Option<Length> {
    let mut best: Option<Length> = None;
    let mut here = Length::default();
    for bytes in places {
        here = Length { bytes, chars: here.chars + window[here.bytes..bytes].chars().count() };
        if here.chars < least {
            continue;
        }
        if best.is_none_or(|best| here.chars.abs_diff(target) < best.chars.abs_diff(target)) {
            best = Some(here);
        }
        if here.chars >= target {
            break;
        }
    }
    best
}

/// Ends in `window`, the beginning of `text`: after blank lines, or after any white space. An end lies behind the white space.
pub(crate) fn places<'a>(window: &'a str, text: &'a str, wanted: Blanks) -> impl Iterator<Item = usize> + 'a {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + window[at..].find(char::is_whitespace)?;
            let run = window[start..].find(|c: char| !c.is_whitespace()).unwrap_or(window.len() - start);
            at = start + run;
            let whole = at < window.len() || text[at..].chars().next().is_some_and(|c| !c.is_whitespace());
            let paragraph = || paragraph_end(&window[..start], &window[start..at]);
            if whole && (wanted == Blanks::All || paragraph()) {
                return Some(at);
            }
            if at >= window.len() {
                return None;
            }
        }
    })
}

/// Whether `blanks` after `before` end a paragraph: a blank line, or a line end after the end of a sentence.
fn paragraph_end(before: &str, blanks: &str) -> bool {
    match blanks.matches('\n').count() {
        0 => false,
        1 => before.ends_with(is_sentence_end) || before.ends_with(is_closing) && ends_sentence(before),
        _ => true,
    }
}

/// Ends of sentences in `window` by Unicode segmentation; line ends inside a sentence are none.
pub(crate) fn sentence_ends(window: &str) -> Vec<usize> {
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let inside = |at: &usize| *at > 0 && *at < window.len();
    let (mut last, mut ended) = (0, false);
    let ends = |at: &usize| {
        // Blanks end nothing that was not ended before them, and looking back over thousands of them again and again
        // would take long.
        if window[last..*at].contains(|c: char| !c.is_whitespace()) {
            ended = ends_sentence(&window[..*at]);
        }
        last = *at;
        ended
    };
    segmenter.segment_str(window).filter(inside).filter(ends).collect()
}

/// Whether `text` ends as a sentence does, closing quotes and brackets and white space aside.
pub(crate) fn ends_sentence(text: &str) -> bool {
    text.trim_end().trim_end_matches(is_closing).trim_end().ends_with(is_sentence_end)
}

/// Characters that end a sentence in the scripts of the world's larger book markets (Unicode's `Sentence_Terminal`,
/// its common part).
pub(crate) fn is_sentence_end(c: char) -> bool {
    matches!(
        c,
        '.' | '!'
            | '?'
            | '…'
            | '‼'
            | '⁇'
            | '⁈'
            | '⁉'
            | '。'
            | '．'
            | '！'
            | '？'
            | '｡'
            | '؟'
            | '۔'
            | '։'
            | '।'
            | '॥'
            | '።'
            | '។'
            | '၊'
            | '။'
            | '\u{037E}'
    )
}

fn is_closing(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '”'
            | '’'
            | '»'
            | '›'
            | ')'
            | ']'
            | '}'
            | '」'
            | '』'
            | '）'
            | '】'
            | '》'
            | '〉'
            | '*'
            | '_'
            | '“'
    )
}

/// Start of what the piece after `at` repeats: the first start of a sentence within the last `most` characters, else of
/// a word, else of a grapheme.
fn step_back(text: &str, at: usize, most: usize) -> usize {
    let from = text[..at].char_indices().rev().take(most).last().map_or(at, |(start, _)| start);
    let window = &text[from..at];
    // The first sentence or word of the window may be cut in two, so it is left aside.
    let sentence = sentence_ends(window).first().copied();
    let word = || {
        window.find(char::is_whitespace).map(|blank| blank + window[blank..].len() - window[blank..].trim_start().len())
    };
    let grapheme = || GraphemeClusterSegmenter::new().segment_str(window).nth(1);
    from + sentence.or_else(word).or_else(grapheme).unwrap_or(window.len()).min(window.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(text: &str, max_chars: usize, overlap_chars: usize) -> Vec<&str> {
        cut(text, Cut { max_chars, overlap_chars }).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn an_empty_text_has_no_pieces_and_a_short_one_is_whole() {
        assert!(pieces("", 10, 0).is_empty());
        assert_eq!(pieces("Short.", 10, 3), ["Short."]);
    }

    #[test]
    fn ends_are_paragraphs_then_sentences_then_words() {
        assert_eq!(pieces("One one.\n\nTwo two.\n\nSix.", 20, 0), ["One one.\n\n", "Two two.\n\nSix."]);
        assert_eq!(pieces("He came. She\nsaw it. They won.", 22, 0), ["He came. ", "She\nsaw it. They won."]);
        assert_eq!(pieces("aaaa bbbb cccc dddd", 10, 0), ["aaaa bbbb ", "cccc dddd"]);
        assert_eq!(pieces("天地玄黄。宇宙洪荒。日月盈昃。", 8, 0), ["天地玄黄。", "宇宙洪荒。", "日月盈昃。"]);
        assert_eq!(pieces("e\u{301}e\u{301}e\u{301}", 3, 0), ["e\u{301}", "e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn a_tiny_last_piece_is_avoided() {
        let text = "One sentence of words. ".repeat(11);
        let lengths: Vec<_> = pieces(&text, 240, 0).iter().map(|piece| piece.chars().count()).collect();
        assert_eq!(lengths.len(), 2);
        assert!(lengths[0].abs_diff(lengths[1]) <= 23, "{lengths:?}");
    }

    #[test]
    fn an_overlap_begins_with_a_whole_sentence() {
        let text = "Alpha is one. Beta is two. Gamma is three. Delta is four. Epsilon is five.";
        let found = pieces(text, 45, 20);
        assert!(found.len() > 1);
        for piece in &found[1..] {
            assert!(piece.starts_with(char::is_uppercase), "{found:?}");
        }
    }

    #[test]
    fn sentences_end_where_they_do_without_looking_back_over_blanks() {
        let blanks = "\n".repeat(500);
        for text in [format!("One. {blanks}Two\nthree.{blanks}"), format!("{blanks}No end{blanks}”.{blanks}x")] {
            let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
            let inside = segmenter.segment_str(&text).filter(|at| *at > 0 && *at < text.len());
            let plainly: Vec<usize> = inside.filter(|at| ends_sentence(&text[..*at])).collect();
            assert_eq!(sentence_ends(&text), plainly);
            assert!(plainly.len() > 400);
        }
    }

    proptest! {
        #[test]
        fn pieces_without_overlap_are_the_text(text in "(\\PC|[ \n.。!a-e]){0,400}", max in 1usize..60, overlap in 0usize..40) {
            let ranges = cut(&text, Cut { max_chars: max, overlap_chars: overlap });
            let mut rebuilt = String::new();
            for range in &ranges {
                prop_assert!(range.start <= rebuilt.len() && range.end > rebuilt.len());
                prop_assert!(text[range.clone()].chars().count() <= max);
                rebuilt.push_str(&text[rebuilt.len()..range.end]);
            }
            prop_assert_eq!(rebuilt, text);
        }
    }
}
