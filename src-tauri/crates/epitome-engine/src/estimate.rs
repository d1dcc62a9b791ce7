//! What a job will cost, before it starts: calls, tokens, and time where a speed was measured.

use epitome_model::{CallKind, Estimate, JobSettings, ProviderKind, Remaining};

use crate::budget::{self, Measure, ModelFacts};
use crate::fold;

/// Tokens a second a provider was seen to work at, all its slots together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speed {
    pub prompt_tps: f32,
    pub output_tps: f32,
}

/// Tokens of a word of an answer; English runs at about 1.35, other languages higher.
const TOKENS_A_WORD: f32 = 1.5;

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
    let fits = if built_in { 200_000 } else { measure.chars_within(budget::window(settings, facts, longest, measure)) };
    let (mut calls, mut chars_in, mut words_out) = (0u32, 0usize, 0u32);
    for &chars in chapters {
        let (size, overlap) = budget::piece(settings, chars, fits);
        let step = size.saturating_sub(overlap).max(1);
        let pieces = if chars <= size { 1 } else { (chars - overlap).div_ceil(step) };
        let pieces = u32::try_from(pieces).unwrap_or(u32::MAX);
        calls += pieces;
        chars_in += chars + pieces as usize * (measure.overhead_chars + overlap);
        if pieces > 1 {
            let notes = budget::words(CallKind::Map, chars / pieces as usize, false, false);
            let folds = fold::forecast(pieces as usize, notes as usize * 6, fits);
            calls += folds;
            chars_in += notes as usize * 6 * pieces as usize;
            words_out += notes * pieces;
        }
        let words = budget::words(CallKind::Map, chars, true, false);
        words_out += words;
        if !budget::folds_title(settings.profile) {
            calls += 1;
            chars_in += words as usize * 6 + measure.overhead_chars;
            words_out += 40;
        }
    }
    let merges = fold::forecast(chapters.len(), 900, fits);
    calls += merges;
    chars_in += chapters.len() * 900;
    words_out += merges * 250;
    let tokens = |count: f32| rounded(count);
    let tokens_in = tokens(chars_in as f32 / measure.chars_per_token);
    let tokens_out = tokens(words_out as f32 * TOKENS_A_WORD);
    let time = match speed {
        _ if built_in => Some(built_in_time(chapters.iter().sum())),
        speed => speed.map(|speed| time(tokens_in, tokens_out, speed)),
    };
    let basis = match (built_in, speed) {
        (true, _) => "The built-in summariser picks sentences and needs no model.".to_owned(),
        (false, Some(speed)) => {
            format!("Measured on this machine: {:.0} tokens/s read, {:.0} written.", speed.prompt_tps, speed.output_tps)
        }
        (false, None) => "How long it takes is known once the first calls are done.".to_owned(),
    };
    Estimate { calls, tokens_in, tokens_out, time, basis, provider: settings.provider, model: settings.model.clone() }
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

/// Reading and writing run side by side; the measured speeds are of both together, so the longer one decides.
fn time(tokens_in: u32, tokens_out: u32, speed: Speed) -> Remaining {
    let seconds = (tokens_in as f32 / speed.prompt_tps.max(0.1)).max(tokens_out as f32 / speed.output_tps.max(0.1));
    Remaining { low_s: rounded(seconds * 0.8), likely_s: rounded(seconds), high_s: rounded(seconds * 1.35) }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range of u32")]
fn rounded(value: f32) -> u32 {
    value.ceil().clamp(0.0, u32::MAX as f32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::settings;

    const MEASURE: Measure = Measure { chars_per_token: 3.3, overhead_chars: 1500, answer_tokens: 700 };

    const FACTS: ModelFacts = ModelFacts { trained: Some(131_072), kv_bytes_per_token: None, loaded: None };

    #[test]
    fn a_chapter_that_fits_is_one_call() {
        let chapters = vec![8_000; 364];
        let estimate = estimate(&settings(), &chapters, &MEASURE, FACTS, None);
        // The rest is the synopsis: chapter summaries merged by eights.
        assert!(estimate.calls >= 364 && estimate.calls < 364 + 364 / 6, "{} calls", estimate.calls);
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
        let estimate = estimate(&baseline, &[8_000; 364], &MEASURE, FACTS, None);
        assert!(estimate.calls > 364 * 6, "{} calls", estimate.calls);
    }

    #[test]
    fn time_follows_the_measured_speed() {
        let speed = |factor: f32| Some(Speed { prompt_tps: 600.0 * factor, output_tps: 200.0 * factor });
        let of = |factor| {
            estimate(&settings(), &[8_000; 50], &MEASURE, ModelFacts::default(), speed(factor)).time.unwrap().likely_s
        };
        assert!(of(1.0).abs_diff(of(2.0) * 2) <= 2);
    }
}
