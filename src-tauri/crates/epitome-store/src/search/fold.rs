//! Words of a text as the index has them: without capitals, accents and points, and one character long where a script
//! does not part its words. The same for what is stored, what is asked for, and what is marked.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Letters of a word at most; the rest of a longer one is the next word. FTS5 cuts words too, but at 32 KB.
const LONGEST: usize = 64;

/// The stroke that lengthens Arabic letters.
const LENGTHENING: char = '\u{640}';

/// Shows every word of a text, with the bytes of the text it stands on.
pub(crate) fn each(text: &str, mut see: impl FnMut(&str, Range<usize>)) {
    let mut word = Word::default();
    let mut from = 0;
    while let Some(letter) = text[from..].chars().next() {
        let mut to = from + letter.len_utf8();
        if letter.is_ascii() && !text[to..].starts_with(joins) {
            if letter.is_ascii_alphanumeric() {
                word.push(letter.to_ascii_lowercase(), &(from..to), &mut see);
            } else {
                word.end(&mut see);
            }
        } else {
            while let Some(next) = text[to..].chars().next().filter(|next| joins(*next)) {
                to += next.len_utf8();
            }
            for part in text[from..to].nfkc() {
                word.take(part, &(from..to), &mut see);
            }
        }
        from = to;
    }
    word.end(&mut see);
}

/// Whether a character belongs to the one before it: a mark, a part of a Hangul syllable, or the voicing of a narrow kana.
fn joins(letter: char) -> bool {
    !letter.is_ascii()
        && (is_combining_mark(letter) || matches!(letter, '\u{1160}'..='\u{11ff}' | '\u{ff9e}' | '\u{ff9f}'))
}

/// The word that is being read.
#[derive(Default)]
struct Word {
    folded: String,
    letters: usize,
    range: Range<usize>,
    /// Of a script that does not part its words, and so done with its next letter.
    alone: bool,
}

impl Word {
    fn take(&mut self, letter: char, range: &Range<usize>, see: &mut impl FnMut(&str, Range<usize>)) {
        if is_combining_mark(letter) {
            // A mark that is kept is a vowel, say; without a letter it is nothing.
            if !self.folded.is_empty() {
                self.range.end = range.end;
                if !is_point(letter) {
                    self.folded.push(letter);
                }
            }
        } else if letter == LENGTHENING {
            // It stands within words and means nothing.
        } else if !letter.is_alphanumeric() {
            self.end(see);
        } else if stands_alone(letter) {
            self.end(see);
            self.push(letter, range, see);
            self.alone = true;
        } else {
            decompose_canonical(letter, |part| {
                for lower in part.to_lowercase() {
                    self.fold(lower, range, see);
                }
            });
        }
    }

    fn fold(&mut self, letter: char, range: &Range<usize>, see: &mut impl FnMut(&str, Range<usize>)) {
        let plain = match letter {
            'ß' => "ss",
            'æ' => "ae",
            'œ' => "oe",
            'ø' => "o",
            'ł' => "l",
            'đ' => "d",
            'ı' => "i",
            'ς' => "σ",
            letter if is_point(letter) => return,
            letter => return self.push(letter, range, see),
        };
        for letter in plain.chars() {
            self.push(letter, range, see);
        }
    }

    fn push(&mut self, letter: char, range: &Range<usize>, see: &mut impl FnMut(&str, Range<usize>)) {
        if self.alone || self.letters == LONGEST {
            self.end(see);
        }
        if self.folded.is_empty() {
            self.range.start = range.start;
        }
        self.folded.push(letter);
        self.letters += 1;
        self.range.end = range.end;
    }

    fn end(&mut self, see: &mut impl FnMut(&str, Range<usize>)) {
        if !self.folded.is_empty() {
            see(&self.folded, self.range.clone());
        }
        self.folded.clear();
        self.letters = 0;
        self.alone = false;
    }
}

/// Accents of Latin, Greek and Cyrillic, points of Hebrew, vowel signs of Arabic: left out when written as when asked
/// for. Marks of other scripts are letters to their readers.
fn is_point(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}' | '\u{670}'
            | '\u{6d6}'..='\u{6ed}'
    )
}

/// Scripts that put no spaces between words, and Hangul, whose particles are written onto theirs. Each character is a
/// word, and a longer word of them is found as a sequence; so one of two characters is found as well.
fn stands_alone(letter: char) -> bool {
    matches!(
        letter,
        // Thai and Lao; Myanmar; Khmer; kana, Bopomofo and Hangul's letters; Han; Hangul; Han of the further planes.
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1100}'..='\u{11ff}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3041}'..='\u{318f}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7ff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        each(text, |word, range| {
            assert!(text.get(range).is_some_and(|part| !part.is_empty()), "{text}");
            words.push(word.to_owned());
        });
        words
    }

    #[test]
    fn capitals_accents_and_points_make_no_other_word() {
        for (one, other) in [
            ("ÉLÈVE", "eleve"),
            ("e\u{301}le\u{300}ve", "élève"),
            ("Straße", "STRASSE"),
            ("Œuvre", "oeuvre"),
            ("ΟΔΥΣΣΕΎΣ", "οδυσσευς"),
            ("Ёлка", "елка"),
            ("İstanbul", "istanbul"),
            ("كِتَابٌ", "كتاب"),
            ("كـتاب", "كتاب"),
            ("أحمد", "احمد"),
            ("שָׁלוֹם", "שלום"),
            ("ﬁnal", "final"),
            ("Ｅｐｉｔｏｍｅ", "epitome"),
            ("ｶﾞ", "ガ"),
            ("\u{1112}\u{1161}\u{11ab}", "한"),
        ] {
            assert_eq!(words(one), words(other), "{one} {other}");
        }
        assert_ne!(words("はは"), words("ばば"), "a voiced letter is another letter");
        assert_ne!(words("हिन्दी"), words("हनद"), "vowel signs are letters");
    }

    #[test]
    fn scripts_without_spaces_are_words_of_one_character() {
        assert_eq!(words("红楼梦 abc"), ["红", "楼", "梦", "abc"]);
        assert_eq!(words("草枕を読む"), ["草", "枕", "を", "読", "む"]);
        assert_eq!(words("한국은"), ["한", "국", "은"]);
        assert_eq!(words("x红y"), ["x", "红", "y"]);
    }

    #[test]
    fn a_word_says_where_it_stands() {
        let text = "«L’été, 红!»";
        let mut found = Vec::new();
        each(text, |word, range| found.push((word.to_owned(), text[range].to_owned())));
        let expected = [("l", "L"), ("ete", "été"), ("红", "红")];
        assert_eq!(found, expected.map(|(word, stands)| (word.to_owned(), stands.to_owned())));
    }

    #[test]
    fn a_word_of_a_damaged_file_does_not_grow_without_end() {
        let words = words(&"a".repeat(1000));
        assert!(words.iter().all(|word| word.len() <= LONGEST));
        assert_eq!(words.concat().len(), 1000);
    }
}
