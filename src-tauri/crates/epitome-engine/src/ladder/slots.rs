//! How many calls a server works on at once, seen from which calls had to wait.

use std::collections::VecDeque;
use std::time::Duration;

use epitome_model::Usage;

/// A call waited if it waited longer than this share of a usual call's time: a call that arrives in the middle of a
/// step of the batch also waits, but only for its end.
const WAITED: f64 = 0.2;

/// Calls that are looked at.
const SEEN: usize = 32;

/// So many calls must have waited before it is believed: one may have waited for another program's call.
const LEAST_WAITED: usize = 3;

/// How fast the time of a usual call follows.
const USUAL_WEIGHT: f64 = 0.2;

#[derive(Debug, Default)]
pub(super) struct Slots {
    /// Calls in flight when a call was sent, itself included, and whether it had to wait.
    seen: VecDeque<(u32, bool)>,
    known: Option<u32>,
    /// Seconds of a usual call, without waiting.
    usual: f64,
    /// Seconds a prompt token took where the fastest call was read, of a server that tells no times.
    reads: Option<f64>,
}

impl Slots {
    /// A call that was sent as the `at`-th in flight was answered after `time`.
    pub fn saw(&mut self, at: u32, usage: Usage, time: Duration) {
        let Some(wait) = self.wait(usage) else { return };
        let work = (f64::from(usage.total_ms) / 1000.0 - wait).min(time.as_secs_f64()).max(0.001);
        self.usual = if self.usual == 0.0 { work } else { self.usual + (work - self.usual) * USUAL_WEIGHT };
        if self.seen.len() >= SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back((at, wait > self.usual * WAITED));
        match self.threshold() {
            Some(slots) => self.known = Some(slots),
            // More calls than that are served at once now.
            None if self.known.is_some_and(|known| self.served_at_once() > known) => self.known = None,
            None => {}
        }
    }

    /// Seconds a call waited for a slot; `None` where that cannot be told. Where the server tells no times, what the first
    /// token took beyond the fastest reading seen is waiting.
    fn wait(&mut self, usage: Usage) -> Option<f64> {
        if usage.total_ms == 0 {
            return None;
        }
        if !usage.untimed {
            return Some(f64::from(usage.wait_ms()) / 1000.0);
        }
        // An answer that came in one piece does not tell when its first token was there.
        if usage.prompt_tokens == 0 || usage.output_ms == 0 {
            return None;
        }
        let (first, prompt) = (f64::from(usage.prompt_ms) / 1000.0, f64::from(usage.prompt_tokens));
        let fastest = self.reads.map_or(first / prompt, |reads| reads.min(first / prompt));
        self.reads = Some(fastest);
        Some(first - fastest * prompt)
    }

    /// The number that parts calls that waited from calls that were served at once with the fewest exceptions; `None`
    /// while too few waited to tell.
    fn threshold(&self) -> Option<u32> {
        let highest = self.seen.iter().map(|(at, _)| *at).max()?;
        let exceptions = |slots: u32| self.seen.iter().filter(|(at, waited)| *waited != (*at > slots)).count();
        // Of equal ones the larger: a call too few costs more than one that waits.
        let best = (1..highest).rev().min_by_key(|slots| exceptions(*slots))?;
        // What is known stands as long as nothing fits better.
        let best = self.known.filter(|known| exceptions(*known) <= exceptions(best)).unwrap_or(best);
        let waited = self.seen.iter().filter(|(at, waited)| *waited && *at > best).count();
        (waited >= LEAST_WAITED && exceptions(best) < waited).then_some(best)
    }

    /// Most calls in flight with which calls were served at once, by the majority.
    pub fn served_at_once(&self) -> u32 {
        let served = |at: u32| self.seen.iter().filter(|(seen, waited)| *seen >= at && !waited).count();
        let waited = |at: u32| self.seen.iter().filter(|(seen, waited)| *seen >= at && *waited).count();
        let highest = self.seen.iter().map(|(at, _)| *at).max().unwrap_or_default();
        (1..=highest).rev().find(|at| served(*at) > waited(*at)).unwrap_or_default()
    }

    /// The number, once calls were seen to wait.
    pub fn found(&self) -> Option<u32> {
        self.known
    }

    /// There are no more than that; whether there are so many is seen by calls to come.
    pub fn assume(&mut self, slots: u32) {
        self.known = Some(slots);
        self.seen.clear();
    }

    /// Lets it be found anew whether there are more by now.
    pub fn forget(&mut self) {
        self.known = None;
        self.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(wait_ms: u32) -> Usage {
        Usage { output_ms: 10_000, total_ms: 10_000 + wait_ms, ..Usage::default() }
    }

    fn saw(slots: &mut Slots, calls: &[(u32, u32)]) {
        for (at, wait_ms) in calls {
            slots.saw(*at, usage(*wait_ms), Duration::from_millis(10_000 + u64::from(*wait_ms)));
        }
    }

    #[test]
    fn a_single_call_that_waits_proves_nothing() {
        let mut slots = Slots::default();
        saw(&mut slots, &[(1, 0), (2, 9_000), (3, 100), (4, 0), (4, 200), (4, 0)]);
        assert_eq!((slots.found(), slots.served_at_once()), (None, 4));
    }

    #[test]
    fn calls_beyond_the_slots_wait() {
        let mut slots = Slots::default();
        saw(&mut slots, &[(1, 0), (2, 0), (3, 9_000), (4, 9_500), (4, 12_000)]);
        assert_eq!(slots.found(), Some(2));
        // With the number kept to it, none waits any more; it stays known.
        saw(&mut slots, &[(2, 0); 60]);
        assert_eq!(slots.found(), Some(2));
        // The server was set up better.
        saw(&mut slots, &[(4, 0); 8]);
        assert_eq!((slots.found(), slots.served_at_once()), (None, 4));
    }

    #[test]
    fn waiting_shows_in_the_time_to_the_first_token_where_no_times_are_told() {
        let mut slots = Slots::default();
        let heard = |first: u32, prompt_tokens: u32| Usage {
            prompt_tokens,
            prompt_ms: first,
            output_ms: 10_000,
            total_ms: first + 10_000,
            untimed: true,
            ..Usage::default()
        };
        // Long prompts take longer to read; that is no waiting.
        for (at, usage) in [(1, heard(500, 500)), (2, heard(3_000, 3_000)), (2, heard(700, 600))] {
            slots.saw(at, usage, Duration::from_secs(13));
        }
        assert_eq!((slots.found(), slots.served_at_once()), (None, 2));
        for at in [3, 4, 4, 3] {
            slots.saw(at, heard(9_000, 500), Duration::from_secs(19));
        }
        assert_eq!(slots.found(), Some(2));
    }

    #[test]
    fn a_server_that_tells_no_times_is_not_judged() {
        let mut slots = Slots::default();
        for _ in 0..9 {
            slots.saw(4, Usage::default(), Duration::from_secs(9));
            // Nor one that sends its answers in one piece.
            let whole =
                Usage { prompt_tokens: 900, prompt_ms: 9_000, total_ms: 9_000, untimed: true, ..Usage::default() };
            slots.saw(4, whole, Duration::from_secs(9));
        }
        assert_eq!((slots.found(), slots.served_at_once()), (None, 0));
    }
}
