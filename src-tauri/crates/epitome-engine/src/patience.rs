//! How long a call is waited for, learned from what the server does. Never longer than the person allows, never shorter
//! than what a healthy server may need; until enough calls were seen, and after a restart, the person's limits hold.

use std::time::Duration;

/// Calls to be seen before a limit is learned.
const ENOUGH: u32 = 20;

/// Learned limits are so many times the longest that was seen lately: a limit of our own must not break off a call
/// that would have been answered.
const TIMES: f64 = 6.0;

/// A call may wait for a slot for so many times the longest call, since those before it are answered first.
const WAITS: f64 = 2.0;

/// Never shorter. First token: a load on a slow disk, a card another program has just taken. Between tokens: a server
/// that moves its cache about.
const LEAST_FIRST: Duration = Duration::from_secs(60);
const LEAST_GAP: Duration = Duration::from_secs(20);

/// The longest seen fades by this share with each call that was faster, so that one odd call is forgotten after some
/// three hundred.
const FADE: f64 = 0.01;

/// A leaked slot is looked for after so long without a sign of life, and no sooner than so many times the longest
/// silence that was followed by one.
const WATCHDOG_LEAST: Duration = Duration::from_secs(120);
const WATCHDOG_TIMES: u32 = 6;

/// The longest value lately.
#[derive(Clone, Copy, Debug, Default)]
struct Longest {
    seconds: f64,
    calls: u32,
}

impl Longest {
    fn saw(&mut self, seconds: f64) {
        self.calls = self.calls.saturating_add(1);
        if seconds > self.seconds {
            self.seconds = seconds;
        } else {
            self.seconds += (seconds - self.seconds) * FADE;
        }
    }

    /// `doubled` times twice what was learned, and never more than `most`.
    fn limit(&self, least: Duration, doubled: u32, most: Duration) -> Duration {
        if self.calls < ENOUGH {
            return most;
        }
        let learned = (self.seconds * TIMES).max(least.as_secs_f64());
        Duration::from_secs_f64(learned).saturating_mul(1 << doubled).min(most)
    }
}

/// See the module.
#[derive(Debug)]
pub struct Patience {
    first_cap: Duration,
    gap_cap: Duration,
    first: Longest,
    gap: Longest,
    whole: Longest,
    /// Doubled with each time-out: the next call is waited for longer, in case the limit was wrong.
    doubled: u32,
}

impl Patience {
    /// `first_cap` and `gap_cap` are the longest waits for the first token and between two tokens.
    pub fn new(first_cap: Duration, gap_cap: Duration) -> Self {
        Self {
            first_cap,
            gap_cap,
            first: Longest::default(),
            gap: Longest::default(),
            whole: Longest::default(),
            doubled: 0,
        }
    }

    pub fn set_caps(&mut self, first_cap: Duration, gap_cap: Duration) {
        (self.first_cap, self.gap_cap) = (first_cap, gap_cap);
    }

    /// The first token came after this wait.
    pub fn heard_first(&mut self, waited: Duration) {
        self.first.saw(waited.as_secs_f64());
        self.doubled = self.doubled.saturating_sub(1);
    }

    /// Tokens came after this silence.
    pub fn heard_gap(&mut self, gap: Duration) {
        self.gap.saw(gap.as_secs_f64());
    }

    /// A call was answered after this time.
    pub fn heard_whole(&mut self, time: Duration) {
        self.whole.saw(time.as_secs_f64());
    }

    /// A call was given up.
    pub fn timed_out(&mut self) {
        self.doubled = (self.doubled + 1).min(6);
    }

    /// The server is another one than before, or has to load its model anew.
    pub fn restarted(&mut self) {
        *self = Self::new(self.first_cap, self.gap_cap);
    }

    /// Longest wait for the first token.
    pub fn first_token(&self) -> Duration {
        let least = LEAST_FIRST.max(Duration::from_secs_f64(self.whole.seconds * WAITS));
        self.first.limit(least, self.doubled, self.first_cap)
    }

    /// Longest silence between two tokens.
    pub fn stall(&self) -> Duration {
        self.gap.limit(LEAST_GAP, self.doubled, self.gap_cap)
    }
}

/// Notices a server whose slots hang: calls are in flight, none is heard of, and everything else about it looks well
/// (OLLAMA.md 4.7). Having it let go of its model mends that.
#[derive(Debug, Default)]
pub struct Watchdog {
    in_flight: u32,
    heard: Duration,
    longest: Duration,
    barked: u32,
}

impl Watchdog {
    pub fn new() -> Self {
        Self::default()
    }

    /// A token or an answer came.
    pub fn heard(&mut self, now: Duration) {
        if self.in_flight > 0 {
            self.longest = self.longest.max(now.saturating_sub(self.heard));
        }
        (self.heard, self.barked) = (now, 0);
    }

    /// So many calls are in flight.
    pub fn in_flight(&mut self, now: Duration, calls: u32) {
        if self.in_flight == 0 {
            self.heard = now;
        }
        self.in_flight = calls;
    }

    /// Whether the server is to let go of its model now. Each time without success doubles the wait for the next.
    pub fn barks(&mut self, now: Duration) -> bool {
        let barks = self.wakes_at().is_some_and(|at| now >= at);
        self.barked += u32::from(barks);
        barks
    }

    /// When it will bark if nothing is heard.
    pub fn wakes_at(&self) -> Option<Duration> {
        let silence = WATCHDOG_LEAST.max(self.longest.saturating_mul(WATCHDOG_TIMES));
        (self.in_flight > 0).then(|| self.heard + silence.saturating_mul(1 << self.barked.min(8)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_persons_limits_hold_until_enough_was_seen_and_always_bound_it() {
        let mut patience = Patience::new(seconds(900), seconds(60));
        assert_eq!((patience.first_token(), patience.stall()), (seconds(900), seconds(60)));
        for _ in 0..30 {
            patience.heard_first(seconds(20));
            patience.heard_gap(Duration::from_millis(200));
        }
        assert_eq!(patience.first_token(), seconds(120));
        assert_eq!(patience.stall(), LEAST_GAP);
        patience.heard_first(seconds(400));
        assert_eq!(patience.first_token(), seconds(900));
        patience.restarted();
        assert_eq!(patience.first_token(), seconds(900));
    }

    #[test]
    fn a_call_that_may_be_waiting_for_a_slot_is_not_given_up() {
        let mut patience = Patience::new(seconds(900), seconds(60));
        for _ in 0..30 {
            patience.heard_first(seconds(1));
            patience.heard_whole(seconds(50));
        }
        assert_eq!(patience.first_token(), seconds(100));
    }

    #[test]
    fn a_time_out_makes_the_next_wait_longer() {
        let mut patience = Patience::new(seconds(900), seconds(600));
        for _ in 0..30 {
            patience.heard_first(seconds(1));
            patience.heard_gap(Duration::from_millis(50));
        }
        let (first, gap) = (patience.first_token(), patience.stall());
        patience.timed_out();
        assert!(patience.first_token() == first * 2 && patience.stall() == gap * 2);
        patience.heard_first(seconds(1));
        assert_eq!(patience.first_token(), first);
        // Also where what was learned is above the least.
        patience.heard_first(seconds(30));
        patience.heard_gap(seconds(10));
        let (first, gap) = (patience.first_token(), patience.stall());
        assert!(first > LEAST_FIRST && gap > LEAST_GAP);
        patience.timed_out();
        assert!(patience.first_token() == first * 2 && patience.stall() == gap * 2);
    }

    #[test]
    fn the_watchdog_barks_once_in_a_silence_and_later_again() {
        let mut dog = Watchdog::new();
        assert_eq!(dog.wakes_at(), None, "nothing is in flight");
        dog.in_flight(seconds(1_000), 2);
        dog.heard(seconds(1_030));
        assert_eq!(dog.wakes_at(), Some(seconds(1_030 + 180)), "six times the longest silence");
        assert!(!dog.barks(seconds(1_200)) && dog.barks(seconds(1_210)) && !dog.barks(seconds(1_211)));
        assert!(dog.barks(seconds(1_030 + 360)));
        dog.heard(seconds(1_400));
        assert!(!dog.barks(seconds(1_500)));
    }
}
