//! Words divided at the ends of lines. For the PDF reader.

use std::collections::HashMap;

/// The words of a document, by which a divided word is told from one with a hyphen of its own.
#[derive(Debug, Default)]
pub struct Words {
    times: HashMap<String, usize>,
}

impl Words {
    /// Counts the words inside lines; the first and last of a line may be parts of words.
    pub fn of<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut times: HashMap<String, usize> = HashMap::new();
        for line in lines {
            let words: Vec<&str> = line.split_whitespace().collect();
            let inner = words.get(1..words.len().saturating_sub(1)).unwrap_or_default();
            for word in inner.iter().map(|word| bare(word)).filter(|word| !word.is_empty()) {
                *times.entry(word).or_default() += 1;
            }
        }
        Self { times }
    }

    fn times(&self, word: &str) -> usize {
        self.times.get(word).copied().unwrap_or_default()
    }

    /// How the end of a line and the start of the next are joined: what to take off the end, and what to put between.
    pub fn join(&self, above: &str, below: &str) -> (usize, &'static str) {
        let Some(mark) = above.chars().next_back() else { return (0, "") };
        let stem = &above[..above.len() - mark.len_utf8()];
        let first = below.chars().next();
        if mark == '\u{AD}' {
            return (mark.len_utf8(), "");
        }
        let after_letter = stem.chars().next_back().is_some_and(char::is_alphanumeric);
        if matches!(mark, '-' | '\u{2010}' | '\u{2011}') && after_letter {
            let divided = first.is_some_and(char::is_lowercase) && self.is_divided(stem, below);
            return (if divided { mark.len_utf8() } else { 0 }, "");
        }
        let dash = matches!(mark, '—' | '–') && after_letter;
        let glued = first.is_some_and(unspaced) && unspaced(mark)
            || dash && first.is_some_and(char::is_alphanumeric) && mark == '—';
        (0, if glued { "" } else { " " })
    }

    /// Whether the hyphen between `stem` and `below` only divides a word.
    fn is_divided(&self, stem: &str, below: &str) -> bool {
        let head = bare(stem.split_whitespace().next_back().unwrap_or_default());
        let tail = bare(below.split_whitespace().next().unwrap_or_default());
        // A part that has a hyphen itself, such as in "mother-in-law", goes on with one.
        let last = head.rsplit('-').next().unwrap_or(&head).to_owned();
        let whole = self.times(&format!("{head}{tail}"));
        let hyphened = self.times(&format!("{head}-{tail}"));
        if whole + hyphened > 0 {
            return whole >= hyphened;
        }
        let both_words = last.chars().count() > 2 && self.times(&last) > 0 && self.times(&tail) > 0;
        !(both_words || head.contains('-') && self.times(&last) > 0)
    }
}

/// A word in small letters, without the marks around it.
fn bare(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// Whether words of the script of `c` are written without spaces between them.
pub fn unspaced(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{303F}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF9F}' | '\u{20000}'..='\u{2FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hyphen_goes_where_the_joined_word_is_plausible() {
        let words = Words::of(
            ["the old examples are here", "a well-known man spoke", "he was self made and he is evident now"]
                .into_iter(),
        );
        assert_eq!(words.join("some exam-", "ples of it"), (1, ""));
        assert_eq!(words.join("a well-", "known man"), (0, ""));
        assert_eq!(words.join("it is self-", "evident that"), (0, ""));
        assert_eq!(words.join("in pos-", "session of"), (1, ""));
        assert_eq!(words.join("Jean-", "Paul"), (0, ""));
        assert_eq!(words.join("pos\u{AD}", "session"), (2, ""));
        assert_eq!(words.join("two", "words"), (0, " "));
        assert_eq!(words.join("他走进了", "房间"), (0, ""));
    }
}
