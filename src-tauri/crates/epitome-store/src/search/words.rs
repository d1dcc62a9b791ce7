//! What a person typed, as words to look for, and where they are in a text.

use std::fmt::Write;
use std::ops::Range;

use crate::search::fold;

/// Words of one search at most; what is typed beyond is left out.
const MOST: usize = 32;

/// What is looked for: each sequence of words that was typed without a space between, all of which must be there. The
/// last word may go on. Nothing that is typed has a meaning of its own: quotes, stars and `OR` are text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    sequences: Vec<Vec<String>>,
}

/// A sequence of words found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Which of the sequences.
    pub sequence: usize,
    /// Bytes of the text.
    pub range: Range<usize>,
}

impl Words {
    pub(crate) fn of(typed: &str) -> Self {
        let mut left = MOST;
        let mut sequences = Vec::new();
        for together in typed.split_whitespace() {
            let mut sequence = Vec::new();
            fold::each(together, |word, _| {
                if left > 0 {
                    left -= 1;
                    sequence.push(word.to_owned());
                }
            });
            if !sequence.is_empty() {
                sequences.push(sequence);
            }
        }
        Self { sequences }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Sequences that are looked for.
    pub(crate) fn number(&self) -> usize {
        self.sequences.len()
    }

    /// As FTS5 asks for it. Folded words hold letters and digits only, so within quotes they cannot be anything else.
    pub(crate) fn expression(&self) -> String {
        let mut expression = String::new();
        for sequence in &self.sequences {
            let _ = write!(expression, "\"{}\" ", sequence.join(" "));
        }
        expression.truncate(expression.trim_end().len());
        if !expression.is_empty() {
            expression.push('*');
        }
        expression
    }

    /// Every place of a text where one of the sequences is, in the order of the text.
    pub(crate) fn spots(&self, text: &str) -> Vec<Spot> {
        let folded = Folded::of(text);
        let mut spots = Vec::new();
        for at in 0..folded.words.len() {
            for (sequence, wanted) in self.sequences.iter().enumerate() {
                if self.begins(&folded, at, sequence) {
                    let last = at + wanted.len() - 1;
                    let range = folded.words[at].stands.start..folded.words[last].stands.end;
                    spots.push(Spot { sequence, range });
                }
            }
        }
        spots
    }

    fn begins(&self, folded: &Folded, at: usize, sequence: usize) -> bool {
        let wanted = &self.sequences[sequence];
        let goes_on = sequence + 1 == self.sequences.len();
        wanted.iter().enumerate().all(|(place, word)| match folded.word(at + place) {
            Some(found) if goes_on && place + 1 == wanted.len() => found.starts_with(word.as_str()),
            Some(found) => found == word,
            None => false,
        })
    }
}

/// A text's words, one behind the other.
struct Folded {
    letters: String,
    words: Vec<Placed>,
}

struct Placed {
    /// Bytes of [`Folded::letters`].
    lies: Range<usize>,
    /// Bytes of the text.
    stands: Range<usize>,
}

impl Folded {
    fn of(text: &str) -> Self {
        let mut folded = Self { letters: String::with_capacity(text.len()), words: Vec::new() };
        fold::each(text, |word, stands| {
            let from = folded.letters.len();
            folded.letters.push_str(word);
            folded.words.push(Placed { lies: from..folded.letters.len(), stands });
        });
        folded
    }

    fn word(&self, at: usize) -> Option<&str> {
        self.letters.get(self.words.get(at)?.lies.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_has_no_meaning_of_its_own() {
        for (typed, expected) in [
            ("war peace", "\"war\" \"peace\"*"),
            ("\"war AND* NEAR(peace", "\"war\" \"and\" \"near peace\"*"),
            ("don’t 红楼梦", "\"don t\" \"红 楼 梦\"*"),
            ("title:x OR -y ^z {a b}", "\"title x\" \"or\" \"y\" \"z\" \"a\" \"b\"*"),
            (" *\" () ", ""),
        ] {
            assert_eq!(Words::of(typed).expression(), expected, "{typed}");
        }
    }

    #[test]
    fn the_words_of_a_whole_page_are_cut() {
        let words = Words::of(&"word ".repeat(1000));
        assert_eq!(words.number(), MOST);
        assert_eq!(Words::of(&"红".repeat(1000)).sequences, [vec!["红".to_owned(); MOST]]);
    }

    #[test]
    fn only_the_last_word_may_go_on() {
        let found = |typed: &str, text: &str| {
            let spots = Words::of(typed).spots(text).into_iter();
            spots.map(|spot| text[spot.range].to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found("war pea", "Warm war, Peas"), ["war", "Peas"]);
        assert_eq!(found("andré", "Prince Andréy, ANDRE"), ["Andréy", "ANDRE"]);
        assert_eq!(found("红楼", "读红楼梦，红"), ["红楼"]);
        assert_eq!(found("don’t", "Don't, don t, do"), ["Don't", "don t"]);
    }
}
