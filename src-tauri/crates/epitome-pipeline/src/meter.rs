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

/// Normal quantile of an 80 % range.
const RANGE: f64 = 1.28;

/// The range is never narrower than this share of the time left: what is ahead may differ from what was.
const NARROWEST: f64 = 0.05;
const WIDEST: f64 = 0.6;

/// Estimates the time left from the work done. Work is counted in tokens, as forecast, because a call's cost follows
/// them; only what calls of this run did counts, so that reused results do not make it look fast. Failed tries take
/// time and do nothing, so they count as they should.
#[derive(Debug, Default)]
pub struct Pace {
    /// Work still to be done, and done by calls of this run.
    left: f64,
    done: f64,
    /// Seconds a call took for each unit of its forecast: number, mean, and sum of squared differences (Welford).
    calls: (u32, f64, f64),
    /// Mean forecast of a call.
    usual: f64,
    working: Duration,
    resumed: Option<Instant>,
}

impl Pace {
    /// Sets the work left and the work done.
    pub fn set(&mut self, left: f64, done: f64) {
        (self.left, self.done) = (left, done);
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

    /// A call that was forecast to cost so much took so long.
    pub fn did(&mut self, cost: f64, time: Duration) {
        let (count, mean, squares) = &mut self.calls;
        *count += 1;
        let each = time.as_secs_f64() / cost.max(1.0);
        let before = each - *mean;
        *mean += before / f64::from(*count);
        *squares += before * (each - *mean);
        self.usual += (cost - self.usual) / f64::from(*count);
    }

    pub fn worked(&self, now: Instant) -> Duration {
        self.working + self.resumed.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// Time left, once enough is done to tell. The range is that of a sum of calls that vary as those seen do, together
    /// with how little the mean of those seen is known: both narrow with the root of the calls.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds, clamped")]
    pub fn remaining(&self, now: Instant) -> Option<Remaining> {
        let (count, mean, squares) = self.calls;
        if self.left <= 0.0 || self.done <= 0.0 || count < 2 {
            return None;
        }
        let likely = self.worked(now).as_secs_f64() * self.left / self.done;
        let varies = (squares / f64::from(count - 1)).sqrt() / mean.max(f64::MIN_POSITIVE);
        let calls_left = (self.left / self.usual.max(1.0)).max(1.0);
        let spread = RANGE * varies * (1.0 / f64::from(count) + 1.0 / calls_left).sqrt();
        // Two or three calls may look alike by chance.
        let least = NARROWEST.max(0.6 / f64::from(count));
        let spread = spread.max(least).min(WIDEST);
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
        pace.set(1000.0, 0.0);
        pace.go(start);
        pace.did(100.0, Duration::from_secs(10));
        pace.set(900.0, 100.0);
        assert_eq!(pace.remaining(at(10)), None, "one call tells nothing yet");
        pace.did(100.0, Duration::from_secs(10));
        pace.set(800.0, 200.0);
        let left = pace.remaining(at(20)).unwrap();
        assert_eq!(left.likely_s, 80);
        assert!(left.low_s < 80 && left.high_s > 80);
        pace.halt(at(20));
        assert_eq!(pace.remaining(at(500)).unwrap().likely_s, 80);
        pace.set(0.0, 1000.0);
        assert_eq!(pace.remaining(at(500)), None, "nothing left");
    }

    #[test]
    fn the_range_holds_the_truth_as_often_as_it_says_and_narrows() {
        // Calls of one cost whose times vary; after a part of them the rest is foretold.
        let (mut within, mut asked) = (0, 0);
        let mut widths = [0.0, 0.0];
        for seed in 0..400_u64 {
            let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
            let mut draw = || {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 11) as f64 / (1_u64 << 53) as f64
            };
            // Between 0.5 and 3.5 s, one at a time.
            let times: Vec<f64> = (0..200).map(|_| 0.5 + draw() * 3.0).collect();
            for (which, seen) in [20, 100].into_iter().enumerate() {
                let (start, mut pace) = (Instant::now(), Pace::default());
                pace.go(start);
                for time in &times[..seen] {
                    pace.did(10.0, Duration::from_secs_f64(*time));
                }
                pace.set(10.0 * (200 - seen) as f64, 10.0 * seen as f64);
                let truth: f64 = times[seen..].iter().sum();
                let left = pace.remaining(start + Duration::from_secs_f64(times[..seen].iter().sum())).unwrap();
                asked += 1;
                within += u32::from(f64::from(left.low_s) <= truth && truth <= f64::from(left.high_s));
                widths[which] += f64::from(left.high_s - left.low_s) / f64::from(left.likely_s);
            }
        }
        let share = f64::from(within) / f64::from(asked);
        assert!((0.75..0.93).contains(&share), "{share}");
        assert!(widths[1] < widths[0] * 0.8, "{widths:?}");
    }
}
