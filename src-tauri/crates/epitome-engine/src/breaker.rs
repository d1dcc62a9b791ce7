//! The circuit breaker of a server: stops sending calls to it while they cannot succeed, and finds out when they can
//! again. Closed: calls go. Open: none does, the server is looked at. Half open: a few trial calls show whether it is
//! well.
//!
//! The rule of the profile `auto` trips on refused, broken or stalled calls only. One on latency counts our own
//! queueing and long answers as failure; it made runs up to three times longer (PERFORMANCE.md 1.6). The first design's
//! rule is kept for comparison.

use std::collections::VecDeque;
use std::time::Duration;

use epitome_model::{BreakerRule, BreakerSettings};

#[cfg(test)]
mod tests;

/// Calls the window of figures holds (resilience4j's default).
const WINDOW: usize = 100;

/// Fewer calls tell nothing.
const LEAST_CALLS: usize = 10;

/// Broken calls in a row that open it.
const IN_A_ROW: u32 = 3;

/// What was broken longer ago says nothing about now.
const RECENT: Duration = Duration::from_secs(120);

/// While open, the server is looked at this often: once in two seconds, and a little sooner, so that no more than these are
/// lost after it is back.
const PROBE_EVERY: Duration = Duration::from_millis(1_985);

/// To close again, figures must be better than those that opened it, by this share.
const BETTER: f32 = 0.8;

/// A trial whose calls fail is followed by a longer look only; the pause grows by this, up to the most.
const LONGER: u32 = 2;
const LONGEST: Duration = Duration::from_secs(30);

/// Why calls wait for a model that fitted before.
const NO_MEMORY: &str = "another program has the memory of the card, and the model does not fit beside it.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Closed,
    Open,
    HalfOpen,
}

/// How a call ended, as far as the server's health goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ok,
    /// No connection.
    Refused,
    /// An error of the server, or an answer that broke off.
    Broken,
    /// Nothing came for too long.
    Stalled,
    /// The model that answered before does not fit into memory any more: another program has the card.
    NoMemory,
    /// The server did its part: a bad request, a call that was broken off, an answer that was no good.
    OurFault,
}

#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub kind: Kind,
    /// From sending to the end.
    pub latency: Duration,
}

/// A change of state, with its reason as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub at: Duration,
    pub from: State,
    pub to: State,
    pub reason: String,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    at: Duration,
    failed: bool,
    latency: Duration,
}

/// See the module.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    state: State,
    seen: VecDeque<Seen>,
    in_a_row: u32,
    waiting: usize,
    /// While open: since when, when it is looked at next, and whether a look found it up.
    opened: Duration,
    probe_at: Duration,
    answers: bool,
    /// Trials that failed since it was last closed: the next look waits longer.
    failed_trials: u32,
    /// While half open: trial calls under way and succeeded.
    trials: u32,
    succeeded: u32,
    changes: Vec<Change>,
}

impl Breaker {
    pub fn new(settings: &BreakerSettings) -> Self {
        Self {
            settings: *settings,
            state: State::Closed,
            seen: VecDeque::with_capacity(WINDOW),
            in_a_row: 0,
            waiting: 0,
            opened: Duration::ZERO,
            probe_at: Duration::ZERO,
            answers: false,
            failed_trials: 0,
            trials: 0,
            succeeded: 0,
            changes: Vec::new(),
        }
    }

    /// Takes other settings; what was seen stays.
    pub fn set(&mut self, settings: &BreakerSettings) {
        self.settings = *settings;
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Changes since the last time this was asked.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// Whether a call may be sent; while half open only as many as are needed for the trial.
    pub fn admits(&self) -> bool {
        match self.state {
            State::Closed => true,
            State::Open => self.settings.rule == BreakerRule::Off,
            State::HalfOpen => self.trials + self.succeeded < self.needed(),
        }
    }

    pub fn sent(&mut self) {
        if self.state == State::HalfOpen {
            self.trials += 1;
        }
    }

    /// Calls that wait to be sent.
    pub fn waiting(&mut self, now: Duration, calls: usize) {
        self.waiting = calls;
        self.judge(now);
    }

    /// A call ended.
    pub fn ended(&mut self, now: Duration, outcome: Outcome) {
        let failed = !matches!(outcome.kind, Kind::Ok | Kind::OurFault);
        if outcome.kind != Kind::OurFault {
            self.seen.push_back(Seen { at: now, failed, latency: outcome.latency });
            if self.seen.len() > WINDOW {
                self.seen.pop_front();
            }
            self.in_a_row = if failed { self.in_a_row + 1 } else { 0 };
        }
        match self.state {
            State::Closed if outcome.kind == Kind::Refused && self.settings.rule == BreakerRule::Broken => {
                self.open(now, "the server does not answer.".to_owned());
            }
            State::Closed if outcome.kind == Kind::NoMemory && self.settings.rule != BreakerRule::Off => {
                // The server answers all the same, so a look at it says nothing.
                self.failed_trials = self.failed_trials.max(1);
                self.open(now, NO_MEMORY.to_owned());
            }
            State::Closed => self.judge(now),
            State::HalfOpen => self.tried(now, outcome.kind),
            // Calls that were under way when it opened.
            State::Open => {}
        }
    }

    /// Whether the server is to be looked at now.
    pub fn wants_probe(&self, now: Duration) -> bool {
        self.state == State::Open && !self.answers && now >= self.probe_at
    }

    /// What a look found.
    pub fn probed(&mut self, now: Duration, up: bool) {
        if self.state != State::Open {
            return;
        }
        self.answers = up;
        if !up {
            self.probe_at = now + PROBE_EVERY;
        }
        self.tick(now);
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Duration) {
        if self.state == State::Open && self.answers && now >= self.may_try_at() {
            (self.trials, self.succeeded) = (0, 0);
            self.go(now, State::HalfOpen, "it answers again.".to_owned());
        }
    }

    /// When [`Breaker::tick`] or a probe is due.
    pub fn wakes_at(&self) -> Option<Duration> {
        (self.state == State::Open).then(|| if self.answers { self.may_try_at() } else { self.probe_at })
    }

    /// It stays open for the least time that is set. The first design's rule tries then; the other tries when a look has
    /// found the server up as well, later after trials that failed, and after calls broke although it answers.
    fn may_try_at(&self) -> Duration {
        let cooldown = Duration::from_secs(self.settings.cooldown_s.into());
        match self.settings.rule {
            BreakerRule::Figures => self.opened + cooldown,
            BreakerRule::Broken | BreakerRule::Off => {
                let pause = PROBE_EVERY.saturating_mul(LONGER.saturating_pow(self.failed_trials.saturating_sub(1)));
                let pause = if self.failed_trials == 0 { Duration::ZERO } else { pause.min(LONGEST) };
                self.opened + pause.max(cooldown)
            }
        }
    }

    fn needed(&self) -> u32 {
        self.settings.half_open_attempts.max(1)
    }

    fn tried(&mut self, now: Duration, kind: Kind) {
        self.trials = self.trials.saturating_sub(1);
        match kind {
            Kind::Ok => {
                self.succeeded += 1;
                let enough = self.succeeded >= self.needed();
                // The figures of the trial alone, which must be better than what opened it.
                if enough && (self.settings.rule != BreakerRule::Figures || self.trial_is_fast()) {
                    self.failed_trials = 0;
                    self.in_a_row = 0;
                    self.seen.clear();
                    self.go(now, State::Closed, "trial calls succeed.".to_owned());
                } else if enough {
                    self.failed_trials += 1;
                    self.open(now, "trial calls are still slow.".to_owned());
                }
            }
            Kind::OurFault => {}
            Kind::NoMemory => {
                self.failed_trials += 1;
                self.open(now, NO_MEMORY.to_owned());
            }
            Kind::Refused | Kind::Broken | Kind::Stalled => {
                self.failed_trials += 1;
                self.open(now, "a trial call failed.".to_owned());
            }
        }
    }

    fn trial_is_fast(&self) -> bool {
        let limit = self.settings.p95_s * BETTER;
        self.seen.iter().rev().take(self.needed() as usize).all(|seen| seen.latency.as_secs_f32() <= limit)
    }

    /// Opens it where the figures say so.
    fn judge(&mut self, now: Duration) {
        if self.state != State::Closed {
            return;
        }
        let reason = match self.settings.rule {
            BreakerRule::Off => None,
            BreakerRule::Broken => self.broken(now),
            BreakerRule::Figures => self.figures(),
        };
        if let Some(reason) = reason {
            self.open(now, reason);
        }
    }

    fn broken(&self, now: Duration) -> Option<String> {
        if self.in_a_row >= IN_A_ROW {
            return Some(format!("{} calls in a row failed.", self.in_a_row));
        }
        let recent = || self.seen.iter().filter(|seen| now.saturating_sub(seen.at) <= RECENT);
        let (all, failed) = (recent().count(), recent().filter(|seen| seen.failed).count());
        // Twice the share that the first design allows: a retry mends single failures, and stopping costs all slots.
        let most = (self.settings.error_rate * 2.0).min(0.9);
        let bad = all >= LEAST_CALLS && failed as f32 > all as f32 * most;
        bad.then(|| format!("{failed} of the last {all} calls failed."))
    }

    fn figures(&self) -> Option<String> {
        let all = self.seen.len();
        if all < LEAST_CALLS {
            return None;
        }
        let failed = self.seen.iter().filter(|seen| seen.failed).count();
        let rate = failed as f32 / all as f32;
        if rate > self.settings.error_rate {
            return Some(format!("{failed} of the last {all} calls failed."));
        }
        let mut latencies: Vec<Duration> = self.seen.iter().map(|seen| seen.latency).collect();
        latencies.sort_unstable();
        let p95 = latencies[(all * 95 / 100).min(all - 1)].as_secs_f32();
        if p95 > self.settings.p95_s {
            return Some(format!("1 call in 20 takes longer than {p95:.0} s (limit {:.0} s).", self.settings.p95_s));
        }
        // Waiting calls alone are no overload while answers come fast: the queue is there to wait in.
        let overload = self.waiting > self.settings.queue as usize && p95 > self.settings.p95_s * BETTER;
        overload.then(|| format!("{} calls wait and answers come slowly.", self.waiting))
    }

    fn open(&mut self, now: Duration, reason: String) {
        self.opened = now;
        self.probe_at = now;
        self.answers = false;
        if self.settings.rule == BreakerRule::Broken && self.state == State::Closed && self.in_a_row >= IN_A_ROW {
            // It answers and yet calls fail: a look says nothing, so the first trial waits a little.
            self.failed_trials = self.failed_trials.max(1);
        }
        self.seen.clear();
        self.in_a_row = 0;
        self.go(now, State::Open, reason);
    }

    fn go(&mut self, now: Duration, to: State, reason: String) {
        self.changes.push(Change { at: now, from: self.state, to, reason });
        self.state = to;
    }
}
