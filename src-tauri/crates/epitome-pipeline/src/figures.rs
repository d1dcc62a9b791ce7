//! What is counted while a job runs.

use std::time::Instant;

use epitome_model::{Usage, Vitals};

use crate::meter::{Pace, Rate};

/// Counters of one job.
#[derive(Debug)]
pub(crate) struct Figures {
    started: Instant,
    calls: u32,
    errors: u32,
    tokens_out: Rate,
    tokens_in: Rate,
    /// Prompt and output tokens of all answered calls.
    total: (u64, u64),
    pub pace: Pace,
}

impl Figures {
    pub fn new(started: Instant, chars: u64) -> Self {
        let mut pace = Pace::default();
        pace.set_left(chars);
        pace.go(started);
        Self {
            started,
            calls: 0,
            errors: 0,
            tokens_out: Rate::default(),
            tokens_in: Rate::default(),
            total: (0, 0),
            pace,
        }
    }

    pub fn wrote(&mut self, now: Instant, tokens: u32) {
        self.tokens_out.add(now, tokens);
    }

    pub fn answered(&mut self, now: Instant, usage: Usage) {
        self.calls += 1;
        self.tokens_in.add(now, usage.prompt_tokens);
        self.total.0 += u64::from(usage.prompt_tokens);
        self.total.1 += u64::from(usage.output_tokens);
    }

    pub fn failed(&mut self) {
        self.calls += 1;
        self.errors += 1;
    }

    pub fn tokens(&self) -> (u64, u64) {
        self.total
    }

    /// Puts what is counted here into the vital signs.
    pub fn fill(&mut self, vitals: &mut Vitals, now: Instant) {
        (vitals.calls, vitals.errors) = (self.calls, self.errors);
        vitals.tokens_out_per_s = self.tokens_out.per_second(now, self.started).round();
        vitals.tokens_in_per_s = self.tokens_in.per_second(now, self.started).round();
        let elapsed = now.saturating_duration_since(self.started).as_millis();
        vitals.elapsed_ms = u64::try_from(elapsed).unwrap_or(u64::MAX);
        vitals.remaining = self.pace.remaining(now);
    }
}
