//! Sentences and terms, by Unicode's rules.

use std::collections::HashMap;

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{SentenceSegmenter, WordSegmenter};

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 20] = [
    "Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Prof.", "Capt.", "Col.", "Gen.", "Lt.", "Rev.", "Hon.", "Sr.", "Jr.", "vs.",
    "etc.", "No.", "M.", "Mme.", "Mlle.",
];

/// Speech longer than this is split all the same, in bytes.
const LONGEST_SPEECH: usize = 400;

/// The sentences of a text, trimmed; paragraphs never share one.
pub fn split(text: &str) -> Vec<&str> {
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut sentences = Vec::new();
    for paragraph in paragraphs(text) {
        let mut start = 0;
        for end in segmenter.segment_str(paragraph).skip(1) {
            let sentence = paragraph[start..end].trim();
            let broken = end < paragraph.len()
                && (ABBREVIATIONS.iter().any(|word| ends_with_word(sentence, word))
                    || goes_on(&paragraph[end..])
                    || (sentence.len() < LONGEST_SPEECH && is_open(sentence)));
            if !broken {
                if !sentence.is_empty() {
                    sentences.push(sentence);
                }
                start = end;
            }
        }
    }
    sentences
}

/// `"Oh!" she said.` is one sentence, whatever its exclamation mark says.
fn goes_on(rest: &str) -> bool {
    rest.trim_start().starts_with(char::is_lowercase)
}

/// Whether a quotation was opened and not closed. A closing single quote looks like an apostrophe, so only one that
/// ends a word counts.
fn is_open(sentence: &str) -> bool {
    let (mut double, mut single) = (0, false);
    let mut letters = sentence.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\u{201c}' | '「' | '«' => double += 1,
            '\u{201d}' | '」' | '»' => double -= 1,
            '\u{2018}' => single = true,
            '\u{2019}' if !letters.peek().is_some_and(|next| next.is_alphanumeric()) => single = false,
            _ => {}
        }
    }
    double > 0 || single
}

fn ends_with_word(sentence: &str, word: &str) -> bool {
    sentence.strip_suffix(word).is_some_and(|before| !before.ends_with(char::is_alphanumeric))
}

/// Stretches between blank lines.
pub fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let (paragraph, after) = cut_blank(rest);
            rest = after;
            if !paragraph.trim().is_empty() {
                return Some(paragraph.trim());
            }
        }
    })
}

/// Up to the next blank line, and what follows it.
fn cut_blank(text: &str) -> (&str, &str) {
    let mut at = 0;
    while let Some(found) = text[at..].find('\n') {
        let line_end = at + found;
        let next = &text[line_end + 1..];
        let line = next.split('\n').next().unwrap_or_default();
        if line.trim().is_empty() && !next.is_empty() {
            return (&text[..line_end], &next[line.len()..]);
        }
        at = line_end + 1;
    }
    (text, "")
}

/// Terms of a sentence and how often each occurs: words in lower case, and for scripts without spaces pairs of
/// neighbouring characters.
pub fn terms(sentence: &str) -> HashMap<String, f32> {
    let mut terms = HashMap::new();
    let mut before: Option<char> = None;
    let segmenter = WordSegmenter::new_for_non_complex_scripts(WordBreakInvariantOptions::default());
    let mut start = 0;
    for end in segmenter.segment_str(sentence).skip(1) {
        let word = &sentence[start..end];
        start = end;
        if word.chars().any(is_dense) {
            for letter in word.chars() {
                if let Some(before) = before {
                    *terms.entry(format!("{before}{letter}")).or_default() += 1.0;
                }
                before = Some(letter);
            }
            continue;
        }
        before = None;
        if word.chars().any(char::is_alphanumeric) && word.chars().count() > 2 {
            *terms.entry(word.to_lowercase()).or_default() += 1.0;
        }
    }
    terms
}

/// Length in words; a dense script counts a word for every two characters.
pub fn words(text: &str) -> u32 {
    let dense = text.chars().filter(|letter| is_dense(*letter)).count();
    let spaced = text.split_whitespace().filter(|word| !word.chars().any(is_dense)).count();
    u32::try_from(spaced + dense.div_ceil(2)).unwrap_or(u32::MAX)
}

/// Letters of scripts written without spaces between words.
pub fn is_dense(letter: char) -> bool {
    matches!(u32::from(letter), 0x0E00..=0x0EFF | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abbreviations_do_not_end_a_sentence() {
        assert_eq!(split("Mr. Bennet smiled. Mrs. Bennet did not."), ["Mr. Bennet smiled.", "Mrs. Bennet did not."]);
    }

    #[test]
    fn speech_stays_in_one_sentence() {
        let said = "She heard it say, \u{2018}Oh dear! I\u{2019}m late!\u{2019} and ran. It was gone.";
        assert_eq!(split(said).len(), 2, "{:?}", split(said));
        assert_eq!(split("\u{201c}Go. Now.\u{201d} He went.").len(), 2);
    }

    #[test]
    fn paragraphs_end_sentences() {
        assert_eq!(
            split("CHAPTER I\n\nIt began.\nIt went on.\n \n\nIt ended"),
            ["CHAPTER I", "It began.", "It went on.", "It ended"]
        );
    }

    #[test]
    fn chinese_words_are_pairs_of_characters() {
        let terms = terms("天下大势");
        assert_eq!(terms.len(), 3);
        assert!(terms.contains_key("天下"));
        assert_eq!(words("天下大势"), 2);
    }
}
