//! What a job will cost, before it starts: calls, tokens, and time where a speed was measured.

use epitome_model::{CallKind, Estimate, JobSettings, ProviderKind, Remaining};

use crate::budget::{self, Measure, ModelFacts, Room};
use crate::fold;
use crate::sched::PROMPT_TOKENS_A_TOKEN;

/// Tokens a second a provider was seen to work at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    pub prompt_tps: f32,
    pub output_tps: f32,
    /// Of a single call, reading and writing each by itself; else of a whole run, all its slots together.
    pub alone: bool,
}

/// What several calls at a time gain at the most over one after another on one card (PERFORMANCE.md 1.2: two to three
/// times as fast with four slots).
const SLOTS_GAIN: f32 = 3.0;

/// Tokens of a word of an answer; English runs at about 1.35, other languages higher.
const TOKENS_A_WORD: f32 = 1.5;

/// Characters of an English word with its space, at the usual rate.
const CHARS_A_WORD: usize = 6;

/// Characters of a chapter's summary as the synopsis reads it.
const SUMMARY_CHARS: usize = 900;

/// Words of a call of the synopsis.
const MERGE_WORDS: u32 = 250;

/// What some of the work asks of a server; `chars_in` are those of texts, without what stands around them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Load {
    pub calls: u32,
    pub chars_in: usize,
    pub words_out: u32,
}

impl Load {
    /// Of a chapter of so many characters.
    pub fn of_chapter(settings: &JobSettings, measure: &Measure, chars: usize, room: Room) -> Self {
        let (size, overlap) = budget::piece(settings, chars, room.text);
        let words = |chars, single| budget::words(CallKind::Map, chars, single, measure.tongue.dense).min(room.words);
        let step = size.saturating_sub(overlap).max(1);
        let pieces = if chars <= size { 1 } else { (chars - overlap).div_ceil(step) };
        let mut load = Self {
            calls: u32::try_from(pieces).unwrap_or(u32::MAX),
            chars_in: chars + pieces.saturating_sub(1) * overlap,
            words_out: 0,
        };
        if pieces > 1 {
            let notes = words(chars / pieces, false);
            load.words_out += notes * load.calls;
            load.calls += fold::forecast(pieces, notes as usize * CHARS_A_WORD, room.notes);
            load.chars_in += notes as usize * CHARS_A_WORD * pieces;
        }
        let summary = words(chars, true);
        load.words_out += summary;
        if !budget::folds_title(settings.profile) {
            load.calls += 1;
            load.chars_in += summary as usize * CHARS_A_WORD;
            load.words_out += 40;
        }
        load
    }

    /// Of the synopsis of a book.
    pub fn of_synopsis(chapters: usize, room: Room) -> Self {
        let calls = fold::forecast(chapters, SUMMARY_CHARS, room.notes);
        Self { calls, chars_in: chapters * SUMMARY_CHARS, words_out: calls * MERGE_WORDS }
    }

    fn prompt_tokens(&self, measure: &Measure) -> f32 {
        self.chars_in as f32 / measure.chars_per_token + (self.calls * measure.overhead_tokens) as f32
    }

    /// What it costs a server, in output tokens.
    pub fn cost(&self, measure: &Measure) -> f64 {
        f64::from(self.prompt_tokens(measure)) / PROMPT_TOKENS_A_TOKEN
            + f64::from(self.words_out) * f64::from(TOKENS_A_WORD)
    }
}

impl std::ops::AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.calls += other.calls;
        self.chars_in += other.chars_in;
        self.words_out += other.words_out;
    }
}

/// Estimates a job over chapters of these lengths (characters).
pub fn estimate(
    settings: &JobSettings,
    chapters: &[usize],
    measure: &Measure,
    facts: ModelFacts,
    speed: Option<Speed>,
) -> Estimate {
    let built_in = settings.provider == ProviderKind::BuiltIn;
    let longest = chapters.iter().copied().max().unwrap_or_default();
    let window = || budget::window(settings, facts, longest, measure);
    let room = if built_in { Room::of(200_000) } else { measure.room(window()) };
    let mut load = Load::of_synopsis(chapters.len(), room);
    for &chars in chapters {
        load += Load::of_chapter(settings, measure, chars, room);
    }
    let tokens_in = rounded(load.prompt_tokens(measure));
    let tokens_out = rounded(load.words_out as f32 * TOKENS_A_WORD);
    let time = match speed {
        _ if built_in => Some(built_in_time(chapters.iter().sum())),
        speed => speed.map(|speed| time(tokens_in, tokens_out, speed)),
    };
    let basis = match (built_in, speed) {
        (true, _) => "The built-in summariser picks sentences and needs no model.".to_owned(),
        (false, Some(speed)) if speed.alone => format!(
            "From a test call: {:.0} tokens/s read, {:.0} written, one call after another. With several at a time it is sooner.",
            speed.prompt_tps, speed.output_tps
        ),
        (false, Some(speed)) => {
            format!("Measured on this machine: {:.0} tokens/s read, {:.0} written.", speed.prompt_tps, speed.output_tps)
        }
        (false, None) => "How long it takes is known once the first calls are done.".to_owned(),
    };
    Estimate {
        calls: load.calls,
        tokens_in,
        tokens_out,
        time,
        basis,
        provider: settings.provider,
        model: settings.model.clone(),
    }
}

/// The built-in summariser reads at this many characters a second and core, or faster.
const BUILT_IN_CHARS_A_SECOND: f32 = 1_000_000.0;

fn built_in_time(chars: usize) -> Remaining {
    let seconds = chars as f32 / BUILT_IN_CHARS_A_SECOND;
    Remaining {
        low_s: rounded(seconds * 0.3).max(1),
        likely_s: rounded(seconds).max(1),
        high_s: rounded(seconds * 2.0).max(2),
    }
}

/// Of a run, reading and writing went side by side and the speeds are of both together, so the longer one decides. Of a
/// single call they follow each other.
fn time(tokens_in: u32, tokens_out: u32, speed: Speed) -> Remaining {
    let (read, write) = (tokens_in as f32 / speed.prompt_tps.max(0.1), tokens_out as f32 / speed.output_tps.max(0.1));
    if speed.alone {
        let seconds = read + write;
        return Remaining {
            low_s: rounded(seconds / SLOTS_GAIN),
            likely_s: rounded(seconds),
            high_s: rounded(seconds * 1.35),
        };
    }
    let seconds = read.max(write);
    Remaining { low_s: rounded(seconds * 0.8), likely_s: rounded(seconds), high_s: rounded(seconds * 1.35) }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u32")]
fn rounded(value: f32) -> u32 {
    value.ceil().clamp(0.0, u32::MAX as f32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{measure, settings};

    const FACTS: ModelFacts = ModelFacts { trained: Some(131_072), kv_bytes_per_token: None, loaded: None };

    #[test]
    fn a_chapter_that_fits_is_one_call() {
        let chapters = vec![8_000; 364];
        let estimate = estimate(&settings(), &chapters, &measure(), FACTS, None);
        // The rest is the synopsis: chapter summaries merged by sevens.
        assert!(estimate.calls >= 364 && estimate.calls < 364 + 364 / 5, "{} calls", estimate.calls);
        assert_eq!(estimate.time, None);
    }

    #[test]
    fn the_first_design_needs_many_more() {
        let baseline = JobSettings {
            profile: epitome_model::Profile::Baseline,
            chunk_size: Some(2000),
            chunk_overlap: 400,
            ..settings()
        };
        let estimate = estimate(&baseline, &[8_000; 364], &measure(), FACTS, None);
        assert!(estimate.calls > 364 * 6, "{} calls", estimate.calls);
    }

    #[test]
    fn time_follows_the_measured_speed() {
        let speed = |factor: f32| Some(Speed { prompt_tps: 600.0 * factor, output_tps: 200.0 * factor, alone: false });
        let of = |factor| {
            estimate(&settings(), &[8_000; 50], &measure(), ModelFacts::default(), speed(factor)).time.unwrap().likely_s
        };
        assert!(of(1.0).abs_diff(of(2.0) * 2) <= 2);
    }

    #[test]
    fn a_single_call_tells_the_time_of_one_after_another_and_that_it_may_be_sooner() {
        let speed = |alone| Some(Speed { prompt_tps: 1000.0, output_tps: 50.0, alone });
        let chapters = vec![8_000; 100];
        let (alone, together) = (
            estimate(&settings(), &chapters, &measure(), FACTS, speed(true)),
            estimate(&settings(), &chapters, &measure(), FACTS, speed(false)),
        );
        let (one, all) = (alone.time.unwrap(), together.time.unwrap());
        assert!(one.likely_s > all.likely_s && one.low_s < all.likely_s && one.high_s > one.likely_s);
        assert!(alone.basis.contains("test call") && together.basis.contains("Measured"), "{}", alone.basis);
    }
}
