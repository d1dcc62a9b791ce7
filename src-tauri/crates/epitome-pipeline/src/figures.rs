//! What is counted while a job runs.

use std::time::{Duration, Instant};

use epitome_model::{CallKind, Spread, Usage, Vitals};

use crate::meter::{Pace, Rate};
use crate::telemetry::Latencies;

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
    first_summary: Option<Duration>,
    pub latencies: Latencies,
    pub pace: Pace,
}

impl Figures {
    pub fn new(started: Instant) -> Self {
        let mut pace = Pace::default();
        pace.go(started);
        Self {
            started,
            calls: 0,
            errors: 0,
            tokens_out: Rate::default(),
            tokens_in: Rate::default(),
            total: (0, 0),
            first_summary: None,
            latencies: Latencies::default(),
            pace,
        }
    }

    pub fn wrote(&mut self, now: Instant, tokens: u32) {
        self.tokens_out.add(now, tokens);
    }

    /// A call forecast to cost so much was answered after so long.
    pub fn answered(&mut self, now: Instant, usage: Usage, kind: CallKind, cost: f64, time: Duration) {
        self.calls += 1;
        self.latencies.answered(kind, time);
        self.pace.did(cost, time);
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

    /// A chapter is done.
    pub fn chapter_done(&mut self, now: Instant) {
        self.first_summary.get_or_insert_with(|| now.saturating_duration_since(self.started));
    }

    /// Puts the latencies into the vital signs.
    pub fn fill_latencies(&self, vitals: &mut Vitals, commit: Spread) {
        vitals.stages = self.latencies.stages(commit);
    }

    /// Puts what is counted here into the vital signs.
    pub fn fill(&mut self, vitals: &mut Vitals, now: Instant) {
        (vitals.calls, vitals.errors) = (self.calls, self.errors);
        vitals.tokens_out_per_s = self.tokens_out.per_second(now, self.started).round();
        vitals.tokens_in_per_s = self.tokens_in.per_second(now, self.started).round();
        let elapsed = now.saturating_duration_since(self.started).as_millis();
        vitals.elapsed_ms = u64::try_from(elapsed).unwrap_or(u64::MAX);
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        vitals.first_summary_ms = self.first_summary.map(millis);
        vitals.remaining = self.pace.remaining(now);
    }
}
