//! How much text one call may carry: the window of a job, the size of a piece, the length of an answer. Pure.

use epitome_model::{CallKind, Concurrency, JobSettings, Profile};

/// Windows tried from small to large; a smaller one leaves the card room for more slots.
const WINDOWS: [u32; 9] = [2048, 4096, 6144, 8192, 12_288, 16_384, 24_576, 32_768, 65_536];

/// Share of the window left free, because the characters a token holds are an estimate.
const MARGIN: f32 = 0.06;

/// Smallest piece that is still worth a call, in characters.
pub const SMALLEST_PIECE: usize = 400;

/// Characters of source for each word of a summary: a chapter of 8,000 characters gets about 130 words.
const CHARS_A_WORD: usize = 60;

/// What the provider is like, as far as sizes go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Characters a token holds, estimated low.
    pub chars_per_token: f32,
    /// Characters of a prompt besides the text.
    pub overhead_chars: usize,
    /// Tokens an answer of the longest kind may take.
    pub answer_tokens: u32,
}

impl Measure {
    /// Tokens a call over `chars` characters needs, answer and margin included.
    pub fn tokens_for(&self, chars: usize) -> u32 {
        let prompt = (chars + self.overhead_chars) as f32 / self.chars_per_token;
        whole((prompt + self.answer_tokens as f32) / (1.0 - MARGIN))
    }

    /// Tokens of a prompt over `chars` characters.
    pub fn prompt_tokens(&self, chars: usize) -> u32 {
        whole((chars + self.overhead_chars) as f32 / self.chars_per_token)
    }

    /// Characters of text that fit a window of `window` tokens.
    pub fn chars_within(&self, window: u32) -> usize {
        let tokens = window as f32 * (1.0 - MARGIN) - self.answer_tokens as f32;
        let chars = whole(tokens.max(0.0) * self.chars_per_token);
        (chars as usize).saturating_sub(self.overhead_chars).max(SMALLEST_PIECE)
    }
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
    let needed = measure.tokens_for(longest);
    let smallest = WINDOWS.into_iter().find(|window| *window >= needed).unwrap_or(most).min(most);
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

/// Whether a language is written without spaces, so that lengths are counted in characters.
pub fn is_dense(language: Option<&str>) -> bool {
    let primary = language.map(|tag| tag.split(['-', '_']).next().unwrap_or(tag).to_ascii_lowercase());
    matches!(primary.as_deref(), Some("zh" | "ja" | "th"))
}

/// Words asked for (characters, where `dense`). The length follows the source's and is bounded both ways.
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
    use crate::testing::settings;

    const MEASURE: Measure = Measure { chars_per_token: 3.3, overhead_chars: 1500, answer_tokens: 700 };

    #[test]
    fn what_fits_a_window_needs_no_more_than_it() {
        for window in WINDOWS {
            let chars = MEASURE.chars_within(window);
            assert!(MEASURE.tokens_for(chars) <= window + 1, "{chars} characters in {window} tokens");
        }
    }

    #[test]
    fn the_window_is_the_smallest_that_holds_the_longest_chapter() {
        let settings = settings();
        let large = ModelFacts { trained: Some(131_072), kv_bytes_per_token: None, loaded: None };
        let small = ModelFacts { trained: Some(2048), kv_bytes_per_token: None, loaded: None };
        assert_eq!(window(&settings, large, 3_000, &MEASURE), 4096);
        assert_eq!(window(&settings, large, 12_000, &MEASURE), 6144);
        assert_eq!(window(&settings, large, 400_000, &MEASURE), settings.window_max);
        assert_eq!(window(&settings, small, 400_000, &MEASURE), 2048, "never above the trained window");
        let fixed = JobSettings { window: Some(3000), ..settings };
        assert_eq!(window(&fixed, large, 400_000, &MEASURE), 3000);
    }

    #[test]
    fn a_window_that_is_loaded_and_large_enough_is_kept() {
        let loaded = |tokens| ModelFacts { trained: Some(131_072), loaded: Some(tokens), ..ModelFacts::default() };
        assert_eq!(window(&settings(), loaded(8192), 3_000, &MEASURE), 8192);
        assert_eq!(window(&settings(), loaded(2048), 3_000, &MEASURE), 4096, "too small");
        assert_eq!(window(&settings(), loaded(65_536), 3_000, &MEASURE), 4096, "above what is allowed");
    }

    #[test]
    fn slots_times_window_fit_the_memory() {
        // Llama 3.1 8B: 2 x 32 layers x 8 heads x 128 x 2 bytes = 128 KiB a token; 8192 x 4 slots = 4 GiB.
        let llama = ModelFacts { trained: Some(131_072), kv_bytes_per_token: Some(131_072), loaded: None };
        let with = |kv_mib, concurrency| JobSettings { kv_mib, concurrency, window_max: 65_536, ..settings() };
        let of = |settings: &JobSettings| window(settings, llama, 400_000, &MEASURE);
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
        assert!(is_dense(Some("zh-Hant")) && is_dense(Some("ja")) && !is_dense(Some("de")) && !is_dense(None));
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
