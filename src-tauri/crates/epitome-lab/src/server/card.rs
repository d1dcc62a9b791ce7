//! How fast the simulated card is.

use super::Curve;

/// Rates of a card with a model on it. The default is the calibration of PERFORMANCE.md 1.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Card {
    /// Prompt tokens a second.
    pub prefill_rate: f64,
    /// Seconds a token takes while three calls decode. Servers without a batch need as long with any number up to
    /// their capacity.
    pub token_s: f64,
    /// Slowing of a decode step by each token in the cache, as a share of one stream's step: an 8B model reads 131 kB
    /// a token beside 4.9 GB of weights.
    pub kv_per_token: f64,
}

impl Default for Card {
    fn default() -> Self {
        Self { prefill_rate: 800.0, token_s: 0.064, kv_per_token: 2.67e-5 }
    }
}

impl Card {
    /// Prompt tokens that one step of a batch reads at most.
    pub const MICRO_BATCH: u32 = 512;

    /// Tokens in the cache at the calibration: three chunk calls of 2,000 characters, 620 tokens of prompt (four
    /// characters a token and 120 of instructions) and half of the 250 they answer.
    const CALIBRATION_CACHE: f64 = 3.0 * (620.0 + 125.0);

    /// Seconds to read a prompt of so many tokens with nothing beside it.
    pub fn prefill_s(&self, tokens: u32) -> f64 {
        f64::from(tokens) / self.prefill_rate.max(1.0)
    }

    /// Seconds of one stream's step with an empty cache on a card that batches by `curve`. Chosen so that every curve
    /// gives `token_s` with three streams, which is why the curves differ with one.
    pub fn first_step_s(&self, curve: Curve) -> f64 {
        self.token_s / (3.0 / curve.gain(3) + self.kv_per_token * Self::CALIBRATION_CACHE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calibration_gives_the_first_designs_times() {
        let card = Card::default();
        let call = |prompt: u32, output: u32| card.prefill_s(prompt) + f64::from(output) * card.token_s;
        let chunk = call(620, 250);
        let short = call(120 + 800, 244) + call(120 + 244, 15) + call(120 + 244, 60);
        assert!((chunk - 17.5).abs() < 1.0, "one chunk call: {chunk}");
        assert!((short - 22.5).abs() < 1.0, "the three calls of a short chapter: {short}");
    }
}
