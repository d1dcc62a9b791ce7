//! Sizes in tokens, guessed before the server has counted any.

/// Tokens of a word, so that an answer in words has room twice over: models overrun, and English takes about 1.3.
const TOKENS_A_WORD: u32 = 3;

/// Tokens of title, preview and labels.
const TOKENS_OF_FORM: u32 = 120;

/// Letters a token holds, by script. English runs at about four characters a token (the rule of thumb that `OpenAI`
/// publishes for its vocabulary), and Meta gives Llama 3's vocabulary up to 15 % fewer tokens than Llama 2's. The other
/// scripts have no such published figure; these are set low on purpose: a prompt that does not fit costs a round trip,
/// a window that is not filled costs next to nothing.
const LATIN: f32 = 3.2;
/// Letters with marks, which are mostly a token of their own: Vietnamese, Polish, Turkish cost more than English.
const ACCENTED: f32 = 1.0;
/// Scripts of syllables and words, which pack a word into one or two characters.
const DENSE: f32 = 0.8;
/// Cyrillic, Greek, Arabic, Hebrew, the scripts of India.
const OTHER: f32 = 1.9;

/// How the length of an answer is counted in a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tongue {
    /// Written without spaces, so that a length is asked for in characters, two for each word of a plan.
    pub dense: bool,
    tokens_a_word: u32,
}

impl Tongue {
    pub fn of(language: Option<&str>) -> Self {
        let tokens_a_word = match language.map(primary) {
            // A character is a token or less.
            Some("zh" | "ja") => TOKENS_A_WORD + 1,
            // Words of these are cut into short pieces and take about twice as many.
            Some(
                "ko" | "th" | "ar" | "fa" | "he" | "hi" | "bn" | "ta" | "te" | "el" | "ka" | "hy" | "ru" | "uk" | "bg"
                | "sr",
            ) => TOKENS_A_WORD * 2,
            _ => TOKENS_A_WORD,
        };
        Self { dense: matches!(language.map(primary), Some("zh" | "ja" | "th")), tokens_a_word }
    }

    /// `num_predict` for an answer of about so many words, title and preview included.
    pub fn predict(self, words: u32) -> u32 {
        words.saturating_mul(self.tokens_a_word).saturating_add(TOKENS_OF_FORM)
    }

    /// The most words of an answer for which [`predict`](Self::predict) gives at most so many tokens.
    pub fn words_within(self, tokens: u32) -> u32 {
        tokens.saturating_sub(TOKENS_OF_FORM) / self.tokens_a_word
    }
}

/// `num_predict` for an answer of about so many words in a language, title and preview included.
pub fn predict_tokens(words: u32, language: Option<&str>) -> u32 {
    Tongue::of(language).predict(words)
}

/// Characters a token holds, estimated low: by the letters of a sample, and by the language where the sample has none.
pub fn chars_per_token(language: Option<&str>, sample: &str) -> f32 {
    let mut letters = 0u32;
    let mut tokens = 0.0f32;
    // Tokens add up, so each letter brings its share of one.
    for letter in sample.chars().filter(|letter| letter.is_alphabetic()) {
        letters += 1;
        tokens += 1.0
            / match u32::from(letter) {
                0..=0x7F => LATIN,
                0x80..=0x24F | 0x1E00..=0x1EFF => ACCENTED,
                0x0E00..=0x0EFF
                | 0x1100..=0x11FF
                | 0x1780..=0x17FF
                | 0x2E80..=0xA4CF
                | 0xAC00..=0xD7AF
                | 0xF900..=0xFAFF
                | 0x20000.. => DENSE,
                _ => OTHER,
            };
    }
    if letters > 0 {
        return letters as f32 / tokens;
    }
    match language.map(primary) {
        Some("zh" | "ja" | "ko" | "th") => DENSE,
        Some("ru" | "uk" | "bg" | "sr" | "ar" | "fa" | "he" | "hi" | "el") => OTHER,
        _ => LATIN,
    }
}

/// The language of a tag: `zh` of `zh-Hant`.
pub fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dense_scripts_hold_fewer_characters_a_token() {
        let per = |sample| chars_per_token(None, sample);
        let falling = [
            per("It was the best of times."),
            per("Wpłynąłem na suchego przestwór oceanu, wóz nurza się w zieloność"),
            per("Все счастливые семьи похожи"),
            per("话说天下大势，分久必合"),
        ];
        assert!(falling.is_sorted_by(|one, other| one > other), "{falling:?}");
        assert!((chars_per_token(Some("zh-Hant"), "…") - 0.8).abs() < 0.01);
    }

    #[test]
    fn an_answer_has_room_for_more_than_it_is_asked_for() {
        assert!(predict_tokens(100, Some("en")) >= 300);
        assert!(predict_tokens(100, Some("zh-Hans")) > predict_tokens(100, Some("en")));
        assert!(predict_tokens(0, None) >= 1, "zero would be taken for no limit");
        for language in [None, Some("en"), Some("ru"), Some("zh-Hans")] {
            let tongue = Tongue::of(language);
            let words = tongue.words_within(1_000);
            assert!(tongue.predict(words) <= 1_000 && tongue.predict(words + 1) > 1_000);
            assert_eq!(tongue.words_within(10), 0);
        }
    }
}
