//! Counts and rates of a running job. The instants are passed in.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use epitome_model::Remaining;

/// Rates are taken over this long.
const RATE_WINDOW: Duration = Duration::from_secs(10);

/// Something counted over the last seconds.
#[derive(Debug, Default)]
pub struct Rate {
    counted: VecDeque<(Instant, u32)>,
    sum: u64,
}

impl Rate {
    pub fn add(&mut self, now: Instant, count: u32) {
        self.counted.push_back((now, count));
        self.sum += u64::from(count);
        self.forget(now);
    }

    /// Counts per second.
    pub fn per_second(&mut self, now: Instant, since: Instant) -> f32 {
        self.forget(now);
        let span = now.saturating_duration_since(since).min(RATE_WINDOW).max(Duration::from_millis(500));
        self.sum as f32 / span.as_secs_f32()
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, count)) = self.counted.front() {
            if now.saturating_duration_since(*at) <= RATE_WINDOW {
                break;
            }
            self.sum -= u64::from(*count);
            self.counted.pop_front();
        }
    }
}

/// Estimates the time left from the work done: work is counted in characters of source, because a call's cost follows
/// its text, and only what this run really did counts, so that reused results do not make it look fast.
#[derive(Debug, Default)]
pub struct Pace {
    /// Characters of all calls still to be done.
    left: u64,
    /// Characters done by calls of this run.
    done: u64,
    finished: u32,
    working: Duration,
    resumed: Option<Instant>,
}

impl Pace {
    /// Sets the work ahead, in characters.
    pub fn set_left(&mut self, chars: u64) {
        self.left = chars;
    }

    /// Time begins to count.
    pub fn go(&mut self, now: Instant) {
        self.resumed.get_or_insert(now);
    }

    /// Time stops counting: paused, or the server is away.
    pub fn halt(&mut self, now: Instant) {
        if let Some(since) = self.resumed.take() {
            self.working += now.saturating_duration_since(since);
        }
    }

    /// `chars` of work were done by a call.
    pub fn did(&mut self, chars: u64) {
        self.done += chars;
        self.finished += 1;
        self.left = self.left.saturating_sub(chars);
    }

    pub fn worked(&self, now: Instant) -> Duration {
        self.working + self.resumed.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Time left, once enough is done to tell. The range narrows with the root of the calls seen, as a mean's does.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, clamped")]
    pub fn remaining(&self, now: Instant) -> Option<Remaining> {
        if self.left == 0 || self.finished < 2 || self.done == 0 {
            return None;
        }
        let likely = self.worked(now).as_secs_f64() * self.left as f64 / self.done as f64;
        let spread = (0.6 / f64::from(self.finished).sqrt()).clamp(0.05, 0.5);
        let seconds = |value: f64| value.round().clamp(0.0, 1e8) as u32;
        Some(Remaining {
            low_s: seconds(likely * (1.0 - spread)),
            likely_s: seconds(likely),
            high_s: seconds(likely * (1.0 + spread)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_forgets_what_is_long_ago() {
        let start = Instant::now();
        let mut rate = Rate::default();
        rate.add(start, 100);
        rate.add(start + Duration::from_secs(1), 100);
        assert!((rate.per_second(start + Duration::from_secs(2), start) - 100.0).abs() < 0.1);
        assert!(rate.per_second(start + Duration::from_secs(30), start) < 0.1);
    }

    #[test]
    fn time_left_follows_the_work_and_not_the_pauses() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut pace = Pace::default();
        pace.set_left(1000);
        pace.go(start);
        pace.did(100);
        assert_eq!(pace.remaining(at(10)), None, "one call tells nothing yet");
        pace.did(100);
        let left = pace.remaining(at(20)).unwrap();
        assert_eq!(left.likely_s, 80);
        assert!(left.low_s < 80 && left.high_s > 80);
        pace.halt(at(20));
        assert_eq!(pace.remaining(at(500)).unwrap().likely_s, 80);
        pace.set_left(0);
        assert_eq!(pace.remaining(at(500)), None, "nothing left");
    }
}
