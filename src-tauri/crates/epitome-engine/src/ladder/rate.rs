//! How fast a server writes while the ladder stays on a rung.

use std::time::Duration;

use super::{SLOW, SLOW_STRETCHES, STRETCH};

/// Output tokens a second while staying on a rung, in stretches.
#[derive(Debug, Default)]
pub(super) struct Rate {
    since: Option<Duration>,
    tokens: u64,
    full: bool,
    stretches: u32,
    pub usual: f64,
    slow: u32,
}

impl Rate {
    /// Counts tokens; true when the server has become slow. `full`: as many calls as allowed are in flight.
    pub fn add(&mut self, now: Duration, tokens: u32, full: bool, staying: bool) -> bool {
        let Some(since) = self.since.filter(|_| staying) else {
            *self = Self { since: staying.then_some(now), full, ..Self::default() };
            return false;
        };
        self.tokens += u64::from(tokens);
        self.full &= full;
        let length = now.saturating_sub(since);
        if length < STRETCH {
            return false;
        }
        let rate = self.tokens as f64 / length.as_secs_f64();
        (self.since, self.tokens) = (Some(now), 0);
        if !std::mem::replace(&mut self.full, true) {
            return false;
        }
        if self.stretches >= SLOW_STRETCHES * 2 && rate < self.usual * SLOW {
            self.slow += 1;
            return self.slow >= SLOW_STRETCHES;
        }
        self.slow = 0;
        self.stretches += 1;
        let weight = f64::from(self.stretches.min(20));
        self.usual += (rate - self.usual) / weight;
        false
    }
}
