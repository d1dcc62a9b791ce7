//! How many calls a server works on at once, seen from which calls had to wait.

use std::time::Duration;

use epitome_model::Usage;

/// A call waited if it waited longer than this share of a usual call's time: a call that arrives in the middle of a
/// step of the batch also waits, but only for its end.
const WAITED: f64 = 0.15;

/// So many calls must say the same before it is believed against what was seen before.
const AGAIN: u32 = 2;

/// How fast the time of a usual call follows.
const USUAL_WEIGHT: f64 = 0.2;

#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Most calls in flight with which a call was served at once.
    served: u32,
    /// Fewest calls in flight with which a call waited.
    waited: Option<u32>,
    /// Calls in a row that contradict what is believed.
    against: u32,
    /// Seconds of a usual call, without waiting.
    usual: f64,
}

impl Slots {
    /// A call that was sent as the `at`-th in flight was answered after `time`.
    pub fn saw(&mut self, at: u32, usage: Usage, time: Duration) {
        if usage.total_ms == 0 {
            return;
        }
        let wait = f64::from(usage.wait_ms()) / 1000.0;
        let work = (f64::from(usage.total_ms) / 1000.0 - wait).min(time.as_secs_f64()).max(0.001);
        self.usual = if self.usual == 0.0 { work } else { self.usual + (work - self.usual) * USUAL_WEIGHT };
        let had_to = wait > self.usual * WAITED;
        let contradicts = if had_to { at <= self.served } else { self.waited.is_some_and(|waited| at >= waited) };
        if contradicts {
            self.against += 1;
            if self.against < AGAIN {
                return;
            }
        }
        self.against = 0;
        if had_to {
            self.waited = Some(self.waited.map_or(at, |waited| waited.min(at)));
            self.served = self.served.min(at.saturating_sub(1));
        } else {
            self.served = self.served.max(at);
            self.waited = self.waited.filter(|waited| *waited > at);
        }
    }

    /// Most calls in flight that were served at once.
    pub fn served_at_once(&self) -> u32 {
        self.served
    }

    /// The number, once calls were seen to wait. Between what was served and what waited nothing is known, and one call
    /// too few costs more than one that waits, so the larger counts.
    pub fn found(&self) -> Option<u32> {
        self.waited.map(|waited| self.served.max(waited.saturating_sub(1).min(self.served + 1)).max(1))
    }

    /// Lets it be found anew whether there are more by now.
    pub fn forget(&mut self) {
        self.waited = None;
    }
}
