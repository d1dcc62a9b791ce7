//! Sentences and terms, by Unicode's rules.

use std::collections::BTreeMap;

use icu_segmenter::options::{SentenceBreakInvariantOptions, WordBreakInvariantOptions};
use icu_segmenter::{SentenceSegmenter, WordSegmenter};

/// Words that end with a full stop in the middle of a sentence.
const ABBREVIATIONS: [&str; 20] = [
    "Mr.", "Mrs.", "Ms.", "Dr.", "St.", "Prof.", "Capt.", "Col.", "Gen.", "Lt.", "Rev.", "Hon.", "Sr.", "Jr.", "vs.",
    "etc.", "No.", "M.", "Mme.", "Mlle.",
];

/// Speech longer than this is split all the same, in bytes.
const LONGEST_SPEECH: usize = 400;

/// A line at least so wide was broken by whoever set the text, a shorter one by the author: a heading, a verse, an item.
/// In Latin letters; books as plain text are wrapped at 60 to 80.
const FULL_LINE: usize = 45;

/// Lines without an end are taken together up to this length, in bytes: beyond it they are a table.
const LONGEST_WRAPPED: usize = 2_000;

/// The sentences of a text, trimmed; paragraphs never share one.
pub fn split(text: &str) -> Vec<&str> {
    let segmenter = SentenceSegmenter::new(SentenceBreakInvariantOptions::default());
    let mut sentences = Vec::new();
    for paragraph in paragraphs(text) {
        let mut start = 0;
        for end in segmenter.segment_str(paragraph).skip(1) {
            let sentence = paragraph[start..end].trim();
            let goes_on = end < paragraph.len()
                && (ABBREVIATIONS.iter().any(|word| ends_with_word(sentence, word))
                    || begins_small(&paragraph[end..])
                    || (sentence.len() < LONGEST_SPEECH && is_open(sentence))
                    || (paragraph[..end].ends_with('\n') && is_wrapped(&paragraph[..end], sentence)));
            if !goes_on {
                if !sentence.is_empty() {
                    sentences.push(sentence);
                }
                start = end;
            }
        }
    }
    sentences
}

/// Whether a line end that follows `before`, in a sentence begun there, is only for the line's width. Unicode ends a sentence at every line end.
fn is_wrapped(before: &str, sentence: &str) -> bool {
    let before = before.trim_end();
    let line = before.rsplit('\n').next().unwrap_or(before);
    let width: usize = line.chars().map(|letter| if is_dense(letter) { 2 } else { 1 }).sum();
    width >= FULL_LINE && sentence.len() < LONGEST_WRAPPED && !is_ended(sentence)
}

/// Whether a sentence has its end: a verse, an item of a list, a line of a table have none.
pub fn is_ended(sentence: &str) -> bool {
    let quotes = ['"', '\u{201d}', '\u{201c}', '\u{2019}', '»', '«', '」', '』', ')', '）', '\'', '_', '*', ' '];
    sentence.trim_end_matches(quotes).ends_with(['.', '!', '?', '…', '。', '！', '？', '؟', '।'])
}

/// `"Oh!" she said.` is one sentence, whatever its exclamation mark says.
fn begins_small(rest: &str) -> bool {
    rest.trim_start().starts_with(char::is_lowercase)
}

/// Whether a quotation was opened and not closed. Marks inside a quotation are passed over; which mark closes follows
/// from the one that opened, for the same mark opens in one language and closes in another.
fn is_open(sentence: &str) -> bool {
    let mut closing: Option<char> = None;
    let mut before = ' ';
    let mut letters = sentence.chars().peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied().unwrap_or(' ');
        match closing {
            // A closing single quote looks like an apostrophe; one inside a word is that.
            Some(mark) if letter == mark && !(mark == '\u{2019}' && next.is_alphanumeric()) => closing = None,
            Some(_) => {}
            None => closing = closing_mark(letter, before, next),
        }
        before = letter;
    }
    closing.is_some()
}

/// What closes the quotation that this letter opens.
fn closing_mark(letter: char, before: char, next: char) -> Option<char> {
    match letter {
        '"' if !before.is_alphanumeric() && !next.is_whitespace() => Some('"'),
        '\u{201c}' if !before.is_alphanumeric() => Some('\u{201d}'),
        '\u{2018}' => Some('\u{2019}'),
        '\u{201e}' => Some('\u{201c}'),
        '「' => Some('」'),
        '『' => Some('』'),
        '«' if !before.is_alphanumeric() && !before.is_ascii_punctuation() => Some('»'),
        // German and Danish books turn these round.
        '»' if next.is_alphanumeric() => Some('«'),
        _ => None,
    }
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
/// neighbouring characters. In order, so that sums over them come out the same every time.
pub fn terms(sentence: &str) -> BTreeMap<String, f32> {
    let mut terms = BTreeMap::new();
    let segmenter = WordSegmenter::new_for_non_complex_scripts(WordBreakInvariantOptions::default());
    let mut rest = sentence;
    while let Some(first) = rest.chars().next() {
        let dense = is_dense(first);
        let end = rest.find(|letter| is_dense(letter) != dense).unwrap_or(rest.len());
        let run = &rest[..end];
        rest = &rest[end..];
        if dense {
            for (one, other) in run.chars().zip(run.chars().skip(1)) {
                *terms.entry(format!("{one}{other}")).or_default() += 1.0;
            }
            continue;
        }
        let mut start = 0;
        for end in segmenter.segment_str(run).skip(1) {
            let word = &run[start..end];
            start = end;
            if word.chars().any(char::is_alphanumeric) && word.chars().count() > 2 {
                *terms.entry(word.to_lowercase()).or_default() += 1.0;
            }
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
    matches!(u32::from(letter), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x323AF)
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
        for (said, count) in [
            ("\u{201c}Go. Now.\u{201d} He went.", 2),
            ("\"Go. Now.\" He went.", 2),
            ("\u{201e}Geh. Jetzt.\u{201c} Er ging. Sie blieb.", 3),
            ("»Geh. Jetzt.« Er ging. Sie blieb.", 3),
            ("« Va. Maintenant. » Il partit. Elle resta.", 2),
            ("「行け。今だ。」 彼は行った。彼女は残った。", 3),
            ("The dogs' bowl was 6\" wide. It broke.", 2),
        ] {
            assert_eq!(split(said).len(), count, "{:?}", split(said));
        }
    }

    #[test]
    fn paragraphs_end_sentences() {
        assert_eq!(
            split("CHAPTER I\n\nIt began.\nIt went on.\n \n\nIt ended"),
            ["CHAPTER I", "It began.", "It went on.", "It ended"]
        );
    }

    #[test]
    fn a_line_that_was_only_wrapped_ends_no_sentence() {
        let wrapped = "Indeed, she had quite a long argument with the\nLory, who at last turned sulky. And so on.";
        assert_eq!(split(wrapped).len(), 2, "{:?}", split(wrapped));
        let midway = "She said so to all of them, and she meant it! When the\nMouse heard this, it turned round.";
        assert_eq!(split(midway).len(), 2, "{:?}", split(midway));
        let verse = "How doth the little crocodile\nImprove his shining tail";
        assert_eq!(split(verse).len(), 2);
        let wrapped =
            "话说天下大势分久必合合久必分周末七国分争并入于秦及秦\n灭之后楚汉分争又并入于汉。汉朝自高祖斩白蛇而起义。";
        assert_eq!(split(wrapped).len(), 2, "{:?}", split(wrapped));
    }

    #[test]
    fn chinese_words_are_pairs_of_characters() {
        let terms = terms("天下大势");
        assert_eq!(terms.len(), 3);
        assert!(terms.contains_key("天下"));
        assert_eq!(words("天下大势"), 2);
    }
}
