//! The part of a text around words that were found in it.

use epitome_model::Mark;

use crate::search::words::Spot;

/// Characters of a snippet in which its words are looked for.
const LOOKED_AT: usize = 150;

/// Characters shown before the first of the words, and after the last looked-at one, at most.
const BEFORE: usize = 50;
const AFTER: usize = 90;

/// Spots of which the best are chosen: a word like “the” is a thousand times in a chapter.
const WEIGHED: usize = 300;

/// A part of a text with what is to be made visible in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub text: String,
    pub marks: Vec<Mark>,
    /// Where the first mark begins in the whole text, in characters.
    pub at: u32,
}

/// Cuts out the part where most of the sequences are near each other. `spots` are in the order of the text, at least one.
pub(crate) fn cut(text: &str, spots: &[Spot]) -> Snippet {
    let first = best(text, spots);
    let begin = spots.get(first).map_or(0, |spot| spot.range.start);
    let looked_to = forward(text, begin, LOOKED_AT);
    let shown = spots.get(first..).unwrap_or_default();
    let shown = shown.iter().take_while(|spot| spot.range.start < looked_to);
    let end = shown.clone().map(|spot| spot.range.end).max().unwrap_or(begin);
    let from = word_start(text, back(text, begin, BEFORE), begin);
    let to = word_end(text, end, forward(text, end, AFTER));
    let mut cut = String::new();
    if from > 0 {
        cut.push('…');
    }
    // One character for another, so that the marks stay where they are.
    cut.extend(text[from..to].chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }));
    if to < text.len() {
        cut.push('…');
    }
    let shift = u32::from(from > 0);
    let place = |byte: usize| characters(&text[from..byte]) + shift;
    let marks = merged(shown.map(|spot| Mark { from: place(spot.range.start), to: place(spot.range.end) }));
    Snippet { text: cut, marks, at: characters(&text[..begin]) }
}

/// All the spots of a text as marks, as many as there may be.
pub(crate) fn marks(text: &str, spots: &[Spot], most: usize) -> Vec<Mark> {
    let (mut byte, mut at) = (0, 0);
    let mut place = |to: usize| {
        // Sequences that begin one within the other go back; the way back is short.
        at = if to < byte { at - characters(&text[to..byte]) } else { at + characters(&text[byte..to]) };
        byte = to;
        at
    };
    let found = spots.iter().take(most).map(|spot| Mark { from: place(spot.range.start), to: place(spot.range.end) });
    merged(found)
}

/// The spot from which on most different sequences follow soon, and of these the one where most words do.
fn best(text: &str, spots: &[Spot]) -> usize {
    let weighed = &spots[..spots.len().min(WEIGHED)];
    let mut best = (0, 0, 0);
    for (first, spot) in weighed.iter().enumerate() {
        let to = forward(text, spot.range.start, LOOKED_AT);
        let near = weighed[first..].iter().take_while(|near| near.range.start < to);
        let mut sequences: Vec<usize> = near.map(|near| near.sequence).collect();
        let words = sequences.len();
        sequences.sort_unstable();
        sequences.dedup();
        if (sequences.len(), words) > (best.0, best.1) {
            best = (sequences.len(), words, first);
        }
    }
    best.2
}

/// Marks that overlap become one.
fn merged(marks: impl Iterator<Item = Mark>) -> Vec<Mark> {
    let mut merged: Vec<Mark> = Vec::new();
    for mark in marks {
        match merged.last_mut() {
            Some(last) if mark.from < last.to => last.to = last.to.max(mark.to),
            _ => merged.push(mark),
        }
    }
    merged
}

fn characters(text: &str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn forward(text: &str, from: usize, characters: usize) -> usize {
    text[from..].char_indices().nth(characters).map_or(text.len(), |(at, _)| from + at)
}

fn back(text: &str, from: usize, characters: usize) -> usize {
    text[..from].char_indices().rev().nth(characters.saturating_sub(1)).map_or(0, |(at, _)| at)
}

/// The first beginning of a word from a place on, unless there is none before `latest`.
fn word_start(text: &str, from: usize, latest: usize) -> usize {
    if from == 0 {
        return 0;
    }
    let after = |(at, space): (usize, char)| from + at + space.len_utf8();
    let part = &text[from..latest];
    part.char_indices().find(|(_, letter)| letter.is_whitespace()).map_or(from, after)
}

/// The last end of a word before a place, unless there is none after `earliest`.
fn word_end(text: &str, earliest: usize, to: usize) -> usize {
    if to == text.len() {
        return to;
    }
    text[earliest..to].rfind(char::is_whitespace).map_or(to, |at| earliest + at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::words::Words;

    fn snippet(text: &str, typed: &str) -> (Snippet, Vec<String>) {
        let cut = cut(text, &Words::of(typed).spots(text));
        let letters: Vec<char> = cut.text.chars().collect();
        let marked = cut.marks.iter().map(|mark| letters[mark.from as usize..mark.to as usize].iter().collect());
        let marked = marked.collect();
        (cut, marked)
    }

    #[test]
    fn the_place_where_all_the_words_are_is_shown() {
        let text = format!("A ball. {} The prince left\nthe ball early. {}", "Words. ".repeat(60), "More. ".repeat(60));
        let (cut, marked) = snippet(&text, "prince ball");
        assert_eq!(marked, ["prince", "ball"]);
        assert!(cut.text.starts_with('…') && cut.text.ends_with('…') && cut.text.contains("left the ball"), "{cut:?}");
        let at = usize::try_from(cut.at).unwrap();
        assert!(text.chars().skip(at).collect::<String>().starts_with("prince"));
        assert!(cut.text.chars().count() < LOOKED_AT + BEFORE + AFTER + 20);
    }

    #[test]
    fn a_short_text_is_shown_whole_and_one_without_spaces_is_cut() {
        let (cut, marked) = snippet("Anna’s «été»", "été");
        assert_eq!((cut.text.as_str(), cut.at), ("Anna’s «été»", 8));
        assert_eq!(marked, ["été"]);
        let (cut, marked) = snippet(&format!("{}红楼梦{}", "字".repeat(500), "字".repeat(500)), "红楼梦");
        assert_eq!(marked, ["红楼梦"]);
        assert_eq!(cut.text.chars().count(), 1 + BEFORE + 3 + AFTER + 1);
    }

    #[test]
    fn words_within_one_another_are_one_mark() {
        let text = "红楼梦";
        let found = marks(text, &Words::of("红楼 楼梦 红楼梦").spots(text), 10);
        assert_eq!(found, [Mark { from: 0, to: 3 }]);
    }
}
