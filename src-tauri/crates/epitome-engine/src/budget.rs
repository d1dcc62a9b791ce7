//! How much text one call may carry: the window of a job, the size of a piece, the length of an answer. Pure.

use epitome_llm::Tongue;
use epitome_model::{CallKind, Concurrency, JobSettings, Profile};

/// Windows tried from small to large; a smaller one leaves the card room for more slots.
const WINDOWS: [u32; 9] = [2048, 4096, 6144, 8192, 12_288, 16_384, 24_576, 32_768, 65_536];

/// Share of the window left free, because the characters a token holds are an estimate.
const MARGIN: f32 = 0.06;

/// Smallest piece that is still worth a call, in characters.
pub const SMALLEST_PIECE: usize = 400;

/// Characters of source for each word of a summary: a chapter of 8,000 characters gets about 130 words.
const CHARS_A_WORD: usize = 60;

/// Words of the longest answer: a call of the synopsis.
const LONGEST_ANSWER: u32 = 450;

/// Words of the shortest answer that still says something.
const SHORTEST_ANSWER: u32 = 20;

/// An answer takes at most one part in so many of the window.
const ANSWER_SHARE: u32 = 3;

/// What the provider is like, as far as sizes go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Characters of the book's text a token holds, estimated low.
    pub chars_per_token: f32,
    /// The same of what is written about it, which may be in another language.
    pub notes_per_token: f32,
    /// Tokens of a prompt besides the text.
    pub overhead_tokens: u32,
    /// How the length of answers is counted.
    pub tongue: Tongue,
}

/// What the calls of a job may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Characters of a chapter or of a piece of it that one call reads.
    pub text: usize,
    /// Characters of notes or summaries that one call reads.
    pub notes: usize,
    /// Words an answer may have at most: in a small window a long one would leave no room for what it is made from.
    pub words: u32,
}

impl Room {
    /// Where no window bounds a call.
    pub const fn of(chars: usize) -> Self {
        Self { text: chars, notes: chars, words: LONGEST_ANSWER }
    }
}

impl Measure {
    /// Tokens of a prompt over `chars` characters.
    pub fn prompt_tokens(&self, chars: usize) -> u32 {
        whole(chars as f32 / self.chars_per_token + self.overhead_tokens as f32)
    }

    /// Whether a chapter or piece of so many characters, its summary or notes, and the margin fit a window.
    fn fits(&self, chars: usize, window: u32) -> bool {
        let asked = |single| words(CallKind::Map, chars, single, self.tongue.dense);
        let words = asked(true).max(asked(false)).min(self.most_words(window));
        self.leaves_room(chars as f32 / self.chars_per_token, words, window)
    }

    fn leaves_room(&self, text_tokens: f32, words: u32, window: u32) -> bool {
        let besides = self.overhead_tokens.saturating_add(self.tongue.predict(words));
        text_tokens + besides as f32 <= window as f32 * (1.0 - MARGIN)
    }

    fn most_words(&self, window: u32) -> u32 {
        self.tongue.words_within(window / ANSWER_SHARE).clamp(SHORTEST_ANSWER, LONGEST_ANSWER)
    }

    /// What the calls of a job may carry in a window of so many tokens.
    pub fn room(&self, window: u32) -> Room {
        let words = self.most_words(window);
        let text = largest(|chars| self.fits(chars, window));
        let notes = largest(|chars| self.leaves_room(chars as f32 / self.notes_per_token, words, window));
        Room { text: text.max(SMALLEST_PIECE), notes: notes.max(SMALLEST_PIECE), words }
    }
}

/// Characters beyond which no window reaches.
const ENDLESS: usize = 1 << 30;

/// The largest number for which something holds that holds for all smaller ones.
fn largest(holds: impl Fn(usize) -> bool) -> usize {
    let (mut yes, mut no) = (0, ENDLESS);
    while no - yes > 1 {
        let middle = yes + (no - yes) / 2;
        if holds(middle) { yes = middle } else { no = middle }
    }
    yes
}

/// Rounds up and keeps within range.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u32")]
fn whole(value: f32) -> u32 {
    value.ceil().clamp(0.0, u32::MAX as f32) as u32
}

/// What a model is like, as far as its server tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Window it was trained for, in tokens.
    pub trained: Option<u32>,
    /// Bytes of card memory for each token of a window: 2 (keys and values) × layers × key-value heads × head size × 2
    /// (OLLAMA.md 2.5; f16, the default).
    pub kv_bytes_per_token: Option<u64>,
    /// Window with which the server has it loaded now, in tokens.
    pub loaded: Option<u32>,
}

/// Calls at a time for which memory is kept where their number is still to be found out.
const USUAL_SLOTS: u32 = 4;

/// Chooses one window for the whole job: the smallest in which the longest chapter fits in one pass, but never above
/// what the person allows, the model was trained for, or the card has memory for with as many calls at a time as are
/// wanted. More calls at a time are worth more than a window for the last few long chapters, which are cut instead
/// (PERFORMANCE.md 1.9). A changed window would reload the model, hence one for all.
pub fn window(settings: &JobSettings, facts: ModelFacts, longest_chapter: usize, measure: &Measure) -> u32 {
    let trained = facts.trained.unwrap_or(u32::MAX);
    if let Some(fixed) = settings.window {
        return fixed.min(trained);
    }
    let slots = match settings.concurrency {
        Concurrency::Fixed(limit) => limit.max(1),
        Concurrency::Auto => USUAL_SLOTS,
    };
    let most = settings.window_max.min(trained).min(affordable(settings.kv_mib, facts.kv_bytes_per_token, slots));
    let longest = match settings.chunk_size {
        Some(size) => longest_chapter.min((size as usize).max(settings.chunk_threshold as usize)),
        None => longest_chapter,
    };
    let smallest = WINDOWS.into_iter().find(|window| measure.fits(longest, *window)).unwrap_or(most).min(most);
    // A model that is loaded with a window that does for this book too need not be loaded anew, and its jobs can run
    // side by side.
    facts.loaded.filter(|loaded| (smallest..=most).contains(loaded)).unwrap_or(smallest)
}

/// Largest window of which `slots` fit the memory; never below the smallest that is of use.
fn affordable(kv_mib: u32, kv_bytes_per_token: Option<u64>, slots: u32) -> u32 {
    let Some(bytes) = kv_bytes_per_token.filter(|bytes| *bytes > 0) else { return u32::MAX };
    let tokens = (u64::from(kv_mib) << 20) / bytes / u64::from(slots);
    let whole = WINDOWS.into_iter().rev().find(|window| u64::from(*window) <= tokens);
    whole.unwrap_or(WINDOWS[0])
}

/// Longest text of one call, and what neighbours share, both in characters.
pub fn piece(settings: &JobSettings, chapter_chars: usize, fits: usize) -> (usize, usize) {
    match settings.chunk_size {
        Some(size) if chapter_chars > settings.chunk_threshold as usize => {
            let size = (size as usize).clamp(SMALLEST_PIECE, fits.max(SMALLEST_PIECE));
            (size, (settings.chunk_overlap as usize).min(size / 2))
        }
        _ => (fits, 0),
    }
}

/// As [`CHARS_A_WORD`] for a dense script, whose summaries are asked for in characters.
const CHARS_A_CHARACTER: usize = 25;

/// Words asked for (of two characters each, where `dense`). The length follows the source's and is bounded both ways.
pub fn words(kind: CallKind, source_chars: usize, single: bool, dense: bool) -> u32 {
    let unit = if dense { CHARS_A_CHARACTER } else { CHARS_A_WORD };
    let (share, least, most) = match kind {
        CallKind::Map if !single => (unit * 2 / 3, 60, 250),
        CallKind::Map | CallKind::Reduce => (unit, 40, 320),
        CallKind::Title => return 40,
        CallKind::Merge => (unit / 3, 80, 450),
    };
    // Never longer than the source: a third of a very short text, at six characters a word.
    let ceiling = (source_chars / if dense { 3 } else { 18 }).max(12);
    u32::try_from((source_chars / share).clamp(least, most).min(ceiling)).unwrap_or(u32::MAX)
}

/// Whether title and preview are asked for together with the summary; the older profiles use a call of their own.
pub fn folds_title(profile: Profile) -> bool {
    profile == Profile::Auto
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{measure, settings};

    /// Tokens a call takes at the most, answer included.
    fn taken(measure: &Measure, text_tokens: f32, words: u32) -> f32 {
        text_tokens + measure.overhead_tokens as f32 + measure.tongue.predict(words) as f32
    }

    #[test]
    fn a_call_and_its_answer_fit_the_window_and_little_of_it_is_left() {
        for (language, chars_per_token) in [("en", 3.3), ("ru", 1.9), ("zh", 0.8)] {
            let tongue = Tongue::of(Some(language));
            let measure = Measure { chars_per_token, notes_per_token: chars_per_token, tongue, ..measure() };
            for window in WINDOWS {
                let room = measure.room(window);
                let piece = words(CallKind::Map, room.text, false, tongue.dense).min(room.words);
                let tokens = taken(&measure, room.text as f32 / chars_per_token, piece);
                assert!(tokens <= window as f32, "{language}: {tokens} tokens in {window}");
                let notes = taken(&measure, room.notes as f32 / chars_per_token, room.words);
                assert!(notes <= window as f32, "{language}: {notes} tokens in {window}");
                assert!(notes > window as f32 * 0.9, "{language}: only {notes} of {window} tokens are used");
            }
        }
    }

    #[test]
    fn a_small_window_is_not_taken_by_the_answer() {
        let room = measure().room(2048);
        assert!(room.text > 2_000 && room.words < 320, "{room:?}");
        assert_eq!(measure().room(16_384).words, LONGEST_ANSWER);
    }

    #[test]
    fn a_chapter_of_a_chinese_novel_needs_no_large_window() {
        let tongue = Tongue::of(Some("zh"));
        let measure = Measure { chars_per_token: 0.8, notes_per_token: 0.8, tongue, ..measure() };
        assert_eq!(window(&settings(), ModelFacts::default(), 2_500, &measure), 6144);
    }

    #[test]
    fn the_window_is_the_smallest_that_holds_the_longest_chapter() {
        let settings = settings();
        let large = ModelFacts { trained: Some(131_072), kv_bytes_per_token: None, loaded: None };
        let small = ModelFacts { trained: Some(2048), kv_bytes_per_token: None, loaded: None };
        assert_eq!(window(&settings, large, 3_000, &measure()), 2048);
        assert_eq!(window(&settings, large, 8_000, &measure()), 4096);
        assert_eq!(window(&settings, large, 12_000, &measure()), 6144);
        assert_eq!(window(&settings, large, 400_000, &measure()), settings.window_max);
        assert_eq!(window(&settings, small, 400_000, &measure()), 2048, "never above the trained window");
        let fixed = JobSettings { window: Some(3000), ..settings };
        assert_eq!(window(&fixed, large, 400_000, &measure()), 3000);
    }

    #[test]
    fn a_window_that_is_loaded_and_large_enough_is_kept() {
        let loaded = |tokens| ModelFacts { trained: Some(131_072), loaded: Some(tokens), ..ModelFacts::default() };
        assert_eq!(window(&settings(), loaded(8192), 8_000, &measure()), 8192);
        assert_eq!(window(&settings(), loaded(2048), 8_000, &measure()), 4096, "too small");
        assert_eq!(window(&settings(), loaded(65_536), 8_000, &measure()), 4096, "above what is allowed");
    }

    #[test]
    fn slots_times_window_fit_the_memory() {
        // Llama 3.1 8B: 2 x 32 layers x 8 heads x 128 x 2 bytes = 128 KiB a token; 8192 x 4 slots = 4 GiB.
        let llama = ModelFacts { trained: Some(131_072), kv_bytes_per_token: Some(131_072), loaded: None };
        let with = |kv_mib, concurrency| JobSettings { kv_mib, concurrency, window_max: 65_536, ..settings() };
        let of = |settings: &JobSettings| window(settings, llama, 400_000, &measure());
        assert_eq!(of(&with(4096, Concurrency::Auto)), 8192);
        assert_eq!(of(&with(2048, Concurrency::Auto)), 4096);
        assert_eq!(of(&with(4096, Concurrency::Fixed(1))), 32_768);
        assert_eq!(of(&with(4096, Concurrency::Fixed(8))), 4096);
        assert_eq!(of(&with(1, Concurrency::Auto)), 2048, "never so small that it is of no use");
    }

    #[test]
    fn older_profiles_cut_only_what_is_above_the_threshold() {
        let track1 = JobSettings { chunk_size: Some(3500), chunk_overlap: 275, chunk_threshold: 5000, ..settings() };
        assert_eq!(piece(&track1, 4_900, 20_000), (20_000, 0));
        assert_eq!(piece(&track1, 6_000, 20_000), (3500, 275));
    }

    #[test]
    fn a_dense_script_gets_as_much_for_its_fewer_characters() {
        assert!(words(CallKind::Map, 4_000, true, true) > 2 * words(CallKind::Map, 4_000, true, false));
    }

    #[test]
    fn a_summary_is_shorter_than_its_source() {
        for chars in [0, 50, 300, 2_000, 10_000, 100_000] {
            for (kind, single) in [(CallKind::Map, true), (CallKind::Map, false), (CallKind::Reduce, true)] {
                let words = words(kind, chars, single, false) as usize;
                assert!(words * 6 <= (chars / 2).max(72), "{words} words for {chars} characters");
            }
        }
    }
}
