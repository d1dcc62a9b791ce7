//! Characters a token holds, learned for each model and language from the server's own counts. Sizes are planned with a
//! careful value: a prompt that does not fit costs a round trip, a window that is not filled costs next to nothing.

use serde::{Deserialize, Serialize};

/// Calls after which what was learned replaces the first guess.
const ENOUGH: u32 = 8;

/// How many standard deviations the careful value lies below the mean: one prompt in forty may hold fewer.
const MARGIN: f64 = 2.0;

/// Even a text that always packs the same is not planned to the last character.
const LEAST_MARGIN: f64 = 0.03;

/// A count so far from the mean is not one of the whole prompt: servers before 0.30 leave out what their prompt cache
/// held (OLLAMA.md, version drift), which would make tokens look larger than they are.
const TOO_MANY_CHARS: f64 = 1.6;

/// Learned from calls; kept between runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    calls: u32,
    mean: f64,
    /// Sum of squared distances from the mean (Welford).
    spread: f64,
}

impl Ratio {
    /// A prompt of so many characters was counted as so many tokens.
    pub fn saw(&mut self, chars: usize, tokens: u32) {
        if tokens == 0 || chars == 0 {
            return;
        }
        let ratio = chars as f64 / f64::from(tokens);
        if self.calls >= ENOUGH && ratio > self.mean * TOO_MANY_CHARS {
            return;
        }
        self.calls = self.calls.saturating_add(1);
        let distance = ratio - self.mean;
        self.mean += distance / f64::from(self.calls);
        self.spread += distance * (ratio - self.mean);
    }

    /// Characters a token surely holds; `None` while too little was seen. `guess` bounds it: what was learned may
    /// double or halve the first guess, no more.
    #[allow(clippy::cast_possible_truncation, reason = "a small number of characters")]
    pub fn careful(&self, guess: f32) -> Option<f32> {
        if self.calls < ENOUGH {
            return None;
        }
        let deviation = (self.spread / f64::from(self.calls - 1)).sqrt();
        let careful = self.mean - (deviation * MARGIN).max(self.mean * LEAST_MARGIN);
        Some((careful as f32).clamp(guess * 0.5, guess * 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_careful_value_lies_below_most_of_what_was_seen() {
        let mut ratio = Ratio::default();
        let seen: Vec<(usize, u32)> =
            (0..200usize).zip(0u32..).map(|(n, m)| (4_000 + n * 13 % 900, 1_000 + m * 7 % 120)).collect();
        for (chars, tokens) in &seen {
            ratio.saw(*chars, *tokens);
        }
        let careful = ratio.careful(3.2).unwrap();
        let below = seen.iter().filter(|(chars, tokens)| (*chars as f32 / *tokens as f32) < careful).count();
        assert!(below <= seen.len() / 20, "{below} of {} hold fewer than {careful}", seen.len());
        assert!(careful > 3.0);
    }

    #[test]
    fn a_few_calls_tell_nothing_and_cached_counts_are_left_out() {
        let mut ratio = Ratio::default();
        (0..7).for_each(|_| ratio.saw(4_000, 1_000));
        assert_eq!(ratio.careful(3.2), None);
        (0..20).for_each(|_| ratio.saw(4_000, 1_000));
        // Half of the prompt came from the cache and was not counted.
        (0..20).for_each(|_| ratio.saw(4_000, 500));
        assert!(ratio.careful(3.2).unwrap() < 4.0);
        ratio.saw(0, 10);
        ratio.saw(10, 0);
    }
}
