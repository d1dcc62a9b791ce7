//! Sentences and words of any language, roughly.

/// Words of one sentence at most; the rest is left out.
const LONGEST: usize = 45;

/// After these a full stop ends no sentence.
const SHORTENED: [&str; 10] = ["Mr", "Mrs", "Ms", "Dr", "St", "Prof", "Capt", "Col", "Gen", "No"];

/// One sentence, on one line.
#[derive(Clone, Debug, PartialEq)]
pub struct Sentence {
    pub text: String,
    pub words: f64,
    quoted: bool,
}

impl Sentence {
    /// Whether it may be half of a dialogue, or the rest of a sentence.
    pub fn torn(&self) -> bool {
        self.quoted || self.text.starts_with(|first: char| !first.is_alphanumeric() || first.is_lowercase())
    }

    /// Whether it can stand alone and has something to say.
    pub fn tells(&self) -> bool {
        !self.torn() && self.words >= 6.0
    }
}

/// What a character of a script without spaces counts as in words, since two of them often make one.
pub const WORDS_A_CHARACTER: f64 = 0.6;

fn is_dense(letter: char) -> bool {
    matches!(u32::from(letter), 0x0E00..=0x0E7F | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xAC00..=0xD7AF | 0x20000..)
}

/// Words; a character of a script without spaces counts as [`WORDS_A_CHARACTER`].
pub fn words(text: &str) -> f64 {
    let dense = text.chars().filter(|letter| is_dense(*letter)).count();
    let parted = text.split_whitespace().filter(|word| !word.chars().any(is_dense)).count();
    parted as f64 + dense as f64 * WORDS_A_CHARACTER
}

/// The first words, up to the number.
pub fn cut_words(text: &str, most: usize) -> String {
    let dense = text.chars().filter(|letter| is_dense(*letter)).count();
    if dense * 2 > text.chars().count() {
        return text.chars().take(most * 2).collect();
    }
    text.split_whitespace().take(most).collect::<Vec<_>>().join(" ")
}

/// The first and the last five words, without brackets, which would be taken for those of a mark, and without the marks
/// of answers that are in the text.
pub fn ends_of(text: &str) -> (String, String) {
    let text = without_mark(text);
    let clean = |text: &str| text.replace(['[', ']'], "");
    let first = clean(&cut_words(&text, 5));
    let last = if text.chars().any(is_dense) {
        let tail: Vec<char> = text.trim_end().chars().rev().take(10).collect();
        tail.into_iter().rev().collect()
    } else {
        let all: Vec<&str> = text.split_whitespace().collect();
        all[all.len().saturating_sub(5)..].join(" ")
    };
    (first, clean(&last))
}

/// Sentences on one line; scripts without spaces get none between sentences either.
pub fn join<'a>(sentences: impl IntoIterator<Item = &'a str>) -> String {
    let mut line = String::new();
    for sentence in sentences {
        if !line.is_empty() && !line.ends_with(['。', '！', '？', '」', '』']) {
            line.push(' ');
        }
        line.push_str(sentence);
    }
    line
}

/// The sentences of a text, in order. Headings (lines of their own without an end mark) and the simulated model's own
/// marks are left out, as long as anything else is there.
pub fn sentences(text: &str) -> Vec<Sentence> {
    let mut found = Vec::new();
    let mut headings = Vec::new();
    for paragraph in text.split("\n\n") {
        let line = without_mark(paragraph).split_whitespace().collect::<Vec<_>>().join(" ");
        let parts = split(&line);
        let Some(last) = parts.last() else { continue };
        if parts.len() == 1 && !ends(last) {
            headings.push(sentence(last));
            continue;
        }
        found.extend(parts.iter().map(|part| sentence(part)));
    }
    if found.is_empty() { headings } else { found }
}

fn sentence(text: &str) -> Sentence {
    let long = words(text) > LONGEST as f64;
    let text = if long { format!("{}\u{2026}", cut_words(text, LONGEST)) } else { text.to_owned() };
    let quoted =
        text.contains(['"', '\u{201c}', '\u{201d}', '«', '»', '「', '」', '\u{2018}']) || text.ends_with('\u{2019}');
    Sentence { words: words(&text), quoted, text }
}

fn without_mark(text: &str) -> String {
    text.lines().map(|line| line.split("[sim:").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

fn ends(text: &str) -> bool {
    text.trim_end_matches(|letter: char| !letter.is_alphanumeric() && !is_end(letter)).ends_with(is_end)
}

fn is_end(letter: char) -> bool {
    matches!(letter, '.' | '!' | '?' | '\u{2026}' | '。' | '！' | '？')
}

fn split(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if !is_end(letter) {
            continue;
        }
        let mut end = at + letter.len_utf8();
        // Closing quotes and further end marks belong to the sentence.
        while let Some((next, mark)) = letters.peek().copied() {
            if is_end(mark) || matches!(mark, '"' | '\'' | '\u{201d}' | '\u{2019}' | '»' | '」' | ')') {
                end = next + mark.len_utf8();
                letters.next();
            } else {
                break;
            }
        }
        let wide = matches!(letter, '。' | '！' | '？');
        let parted = wide || letters.peek().is_none_or(|(_, next)| next.is_whitespace());
        let word = line[start..at].rsplit(|letter: char| !letter.is_alphabetic()).next().unwrap_or_default();
        if parted && !(letter == '.' && SHORTENED.contains(&word)) {
            parts.push(line[start..end].trim());
            start = end;
        }
    }
    parts.push(line[start..].trim());
    parts.retain(|part| part.chars().any(char::is_alphanumeric));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        sentences(text).into_iter().map(|sentence| sentence.text).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        assert_eq!(
            texts("CHAPTER I\n\nMr. Fox came home. \u{201c}Who is there?\u{201d} he asked. It cost 3.50 that day!"),
            ["Mr. Fox came home.", "\u{201c}Who is there?\u{201d}", "he asked.", "It cost 3.50 that day!"]
        );
        assert_eq!(texts("他来了。她走了！"), ["他来了。", "她走了！"]);
        assert_eq!(texts("only a heading"), ["only a heading"]);
        assert!(texts(" \n\n ").is_empty());
    }

    #[test]
    fn words_are_counted_in_any_script() {
        assert!((words("one two  three") - 3.0).abs() < 1e-9);
        assert!((words("天下大势") - 2.4).abs() < 1e-9);
        assert_eq!(ends_of("a [b] c d e f g"), ("a b c d e".into(), "c d e f g".into()));
    }
}
