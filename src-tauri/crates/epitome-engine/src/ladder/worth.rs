//! What calls were worth, in output tokens, for the time they took.

use std::time::Duration;

use epitome_model::Usage;

/// What a prompt token is worth on a server that does not tell its times. PERFORMANCE.md 1.2 has 800 tokens/s read;
/// with a batch of eight some 100 are written.
const PROMPT_TOKEN: f64 = 1.0 / 8.0;

/// Sums over calls.
#[derive(Debug, Default)]
pub(super) struct Worth {
    calls: u32,
    prompt_tokens: f64,
    output_tokens: f64,
    prompt_ms: f64,
    output_ms: f64,
    time: f64,
}

impl Worth {
    /// An answered call; one of which no tokens are known says nothing.
    pub fn add(&mut self, usage: Usage, time: Duration) {
        if usage.output_tokens == 0 {
            return;
        }
        self.calls += 1;
        self.prompt_tokens += f64::from(usage.prompt_tokens);
        self.output_tokens += f64::from(usage.output_tokens);
        if !usage.untimed {
            self.prompt_ms += f64::from(usage.prompt_ms);
            self.output_ms += f64::from(usage.output_ms);
        }
        self.time += time.as_secs_f64();
    }

    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// Output tokens that take the server as long as a prompt token, by its own times.
    pub fn prompt_token(&self) -> f64 {
        let (reads, writes) = (self.prompt_ms / self.prompt_tokens, self.output_ms / self.output_tokens);
        let worth = reads / writes;
        if worth.is_finite() && worth > 0.0 { worth.min(1.0) } else { PROMPT_TOKEN }
    }

    /// Output tokens a second of one call; `None` before any time was taken.
    pub fn tokens_per_s(&self, prompt_token: f64) -> Option<f64> {
        (self.time > 0.0).then(|| (self.output_tokens + self.prompt_tokens * prompt_token) / self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(prompt_tokens: u32, output_tokens: u32) -> Usage {
        let (prompt_ms, output_ms) = (prompt_tokens, output_tokens * 50);
        Usage { prompt_tokens, output_tokens, prompt_ms, output_ms, ..Usage::default() }
    }

    #[test]
    fn long_prompts_and_long_answers_tell_the_same() {
        let (mut reading, mut writing) = (Worth::default(), Worth::default());
        for (worth, usage) in [(&mut reading, usage(4_000, 40)), (&mut writing, usage(200, 300))] {
            worth.add(usage, Duration::from_millis(u64::from(usage.prompt_ms + usage.output_ms) * 2));
        }
        let prompt_token = reading.prompt_token();
        assert!((prompt_token - 0.02).abs() < 1e-9, "{prompt_token}");
        for worth in [reading, writing] {
            let tokens_per_s = worth.tokens_per_s(prompt_token).unwrap();
            assert!((tokens_per_s - 10.0).abs() < 1e-9, "{tokens_per_s}");
        }
    }

    #[test]
    fn a_server_that_tells_no_times_or_no_tokens_is_measured_as_well_as_it_can_be() {
        let mut worth = Worth::default();
        worth.add(Usage::default(), Duration::from_secs(3));
        assert_eq!((worth.calls(), worth.tokens_per_s(1.0)), (0, None));
        worth.add(Usage { prompt_tokens: 800, output_tokens: 100, ..Usage::default() }, Duration::from_secs(4));
        assert_eq!(worth.tokens_per_s(worth.prompt_token()), Some(50.0));
    }
}
