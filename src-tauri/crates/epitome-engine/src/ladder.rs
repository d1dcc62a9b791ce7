//! How many calls to have in flight at a server: found by measurement, because it cannot be known. Published batching
//! gains at 8 calls run from 1.0 to 6.6 (PERFORMANCE.md 1.3), and Ollama does not tell how many slots it has.
//!
//! Two things are seen. **Slots**: a call that finds no free slot waits, which shows as a residual of the server's own
//! times (total less load, prompt and output) or as no first token while others write. **Throughput** of a rung: by
//! Little's law it is the calls in flight over their mean time, `X = L · Σtokens / Σtime` over calls that ran wholly on
//! that rung; unlike counting tokens in a window this has no error at the window's ends. A prompt token counts for as
//! many output tokens as the server takes time for it, so that calls with long prompts and calls with long answers tell
//! the same.
//!
//! The search climbs quickly while every call is served at once, since more calls in flight than are useful cost
//! latency but no throughput; then measures, and goes down to the smallest rung within 3 % of the best. Round-trip
//! limiters (AIMD, Gradient, Vegas) fail here because call times differ twelvefold by their length (PERFORMANCE.md
//! 1.10).

use std::time::Duration;

use epitome_model::Usage;

mod descent;
mod rate;
mod slots;
#[cfg(test)]
mod tests;
mod worth;

use rate::Rate;
use slots::Slots;
use worth::Worth;

/// Numbers of calls in flight that are tried.
const RUNGS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];

/// Where a search begins: with a server of fewer slots the rest waits there for the length of a call, once.
const START: u32 = 4;

/// A search goes no higher by itself; a number someone fixes may.
const TOP: u32 = 24;

/// The smallest rung that reaches this share of the best is the one to stay on.
const NEARLY_BEST: f64 = 0.97;

/// A rung between this share and that one is measured on more calls, so many times as many, before it is called worse.
const DOUBTFUL: f64 = 0.88;
const CAREFUL: u32 = 4;

/// A rung above must be better by this to be worth its latency.
const BETTER: f64 = 1.03;

/// Calls that must have run wholly on a rung before it counts as measured; half of the rung where that is more.
const LEAST_CALLS: u32 = 6;

/// This share of the calls in flight writing at once shows that all are served: one or two may be reading their prompt.
const WRITING: f64 = 0.75;

/// How long it stays on a rung before the one above is tried again.
const TRY_AGAIN: Duration = Duration::from_secs(15 * 60);

/// Doubled so often at most, after time-outs: four hours.
const LONGEST_PAUSE: u32 = 4;

/// Tokens are counted in stretches of this length; after so many stretches below this share of the usual rate the
/// server is not what it was: another program has the card.
const STRETCH: Duration = Duration::from_secs(5);
const SLOW_STRETCHES: u32 = 3;
const SLOW: f64 = 0.5;

/// What the person wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Obeyed exactly.
    Fixed(u32),
    /// To be found; `remembered` from an earlier run with the same host, model and window.
    Auto { remembered: Option<u32> },
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    Answered(Usage),
    TimedOut,
    Broken,
    Cancelled,
}

/// Given to a call when it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Calls in flight, this one included.
    at: u32,
    /// Which rung it was sent on.
    epoch: u32,
}

/// A call that came back.
#[derive(Clone, Copy, Debug)]
pub struct Landed {
    pub ticket: Ticket,
    /// Whether a first token of it came.
    pub wrote: bool,
    /// From sending to its end.
    pub time: Duration,
    pub ended: Ended,
}

/// A measured rung.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rung {
    pub limit: u32,
    /// Cost (output tokens) a second, all calls together.
    pub throughput: f64,
    pub calls: u32,
}

/// What a search found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    pub limit: u32,
    /// Output tokens a second, all calls together.
    pub tokens_per_s: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Fixed,
    /// Going up, to this rung at most.
    Climb(u32),
    /// Measuring, then the next rung down.
    Descend,
    /// Staying, until the rung above is to be tried again.
    Stay(Duration),
    /// Trying the rung above; it goes back to this one if that is no better.
    Above(u32),
}

/// See the module.
#[derive(Debug)]
pub struct Ladder {
    phase: Phase,
    limit: u32,
    most: u32,
    /// Time-outs of our own making since a rung above was last found to be good: each makes it wait twice as long before
    /// it is tried again.
    timed_out: u32,
    epoch: u32,
    in_flight: u32,
    writing: u32,
    slots: Slots,
    /// Of the calls that ran wholly on the present rung with the rung full.
    worth: Worth,
    /// Output tokens that a prompt token is worth, the same for all rungs of a search; learned on its first.
    prompt_token: Option<f64>,
    /// Calls of this rung that came back, measured or not.
    landed: u32,
    rungs: Vec<Rung>,
    /// On the way down: the largest rung that was worse (0 for none), how many rungs the next step is long, and the
    /// smallest good rung so far.
    bad: u32,
    stride: usize,
    good: u32,
    /// A rung that seems worse than what so few calls told of the good ones that those are measured again first.
    suspect: Option<Rung>,
    /// Calls that could be sent besides those in flight.
    demand: usize,
    rate: Rate,
}

impl Ladder {
    pub fn new(limit: Limit) -> Self {
        let (phase, limit) = match limit {
            Limit::Fixed(limit) => (Phase::Fixed, limit.max(1)),
            // What was found before is looked at from one rung above.
            Limit::Auto { remembered: Some(limit) } => {
                (Phase::Climb(above(limit.max(1)).min(TOP)), limit.clamp(1, TOP))
            }
            Limit::Auto { remembered: None } => (Phase::Climb(TOP), START),
        };
        Self {
            phase,
            limit,
            most: TOP,
            timed_out: 0,
            epoch: 0,
            in_flight: 0,
            writing: 0,
            slots: Slots::default(),
            worth: Worth::default(),
            prompt_token: None,
            landed: 0,
            rungs: Vec::new(),
            bad: 0,
            stride: 1,
            good: limit,
            suspect: None,
            demand: 0,
            rate: Rate::default(),
        }
    }

    /// Takes another wish of the person; a search that is under way goes on.
    pub fn set(&mut self, limit: Limit) {
        match (limit, self.phase) {
            (Limit::Auto { .. }, Phase::Fixed) | (Limit::Fixed(_), _) => {
                let (in_flight, writing, epoch) = (self.in_flight, self.writing, self.epoch);
                *self = Self { in_flight, writing, epoch: epoch + 1, ..Self::new(limit) };
            }
            (Limit::Auto { .. }, _) => {}
        }
    }

    /// Most calls in flight now.
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Whether the best number is still being looked for.
    pub fn is_seeking(&self) -> bool {
        !matches!(self.phase, Phase::Fixed | Phase::Stay(_))
    }

    /// Calls the server really works on at once, once calls were seen to wait.
    pub fn slots(&self) -> Option<u32> {
        self.slots.found()
    }

    /// Rungs measured in this search, in order.
    pub fn rungs(&self) -> &[Rung] {
        &self.rungs
    }

    /// The result, once there is one.
    pub fn finding(&self) -> Option<Finding> {
        matches!(self.phase, Phase::Stay(_)).then_some(Finding { limit: self.limit, tokens_per_s: self.rate.usual })
    }

    /// A call is sent.
    pub fn sent(&mut self) -> Ticket {
        self.in_flight += 1;
        Ticket { at: self.in_flight, epoch: self.epoch }
    }

    /// The first token of a call came.
    pub fn first_token(&mut self) {
        self.writing += 1;
        self.climb();
    }

    /// Tokens came.
    pub fn wrote(&mut self, now: Duration, tokens: u32) {
        let full = self.in_flight >= self.limit;
        let staying = matches!(self.phase, Phase::Stay(_));
        if self.rate.add(now, tokens, full, staying) {
            // Nothing that was measured holds any more; the number may still be right, so it is where it begins.
            self.begin_descent();
        }
    }

    /// Calls that could be sent now besides those in flight.
    pub fn demand(&mut self, calls: usize) {
        self.demand = calls;
    }

    /// The server went away and came back, perhaps with other settings.
    pub fn restarted(&mut self) {
        self.slots = Slots::default();
        self.rate = Rate::default();
        if self.phase != Phase::Fixed {
            (self.most, self.timed_out) = (TOP, 0);
            self.rungs.clear();
            self.phase = Phase::Climb(TOP);
            self.go_to(self.limit);
        }
    }

    /// A call ended.
    pub fn ended(&mut self, now: Duration, landed: Landed) {
        self.in_flight = self.in_flight.saturating_sub(1);
        if landed.wrote {
            self.writing = self.writing.saturating_sub(1);
        }
        if self.phase == Phase::Fixed {
            if let Ended::Answered(usage) = landed.ended {
                self.slots.saw(landed.ticket.at, usage, landed.time);
            }
            return;
        }
        match landed.ended {
            Ended::TimedOut => self.give_up(now),
            Ended::Broken | Ended::Cancelled => {}
            Ended::Answered(usage) => {
                self.slots.saw(landed.ticket.at, usage, landed.time);
                if landed.ticket.epoch == self.epoch {
                    self.landed += 1;
                    // Only with the rung full is it the rung that is measured.
                    if landed.ticket.at >= self.limit {
                        self.worth.add(usage, landed.time);
                    }
                }
                self.heed_slots();
                self.climb();
                self.judge(now);
            }
        }
    }

    /// Lets time pass.
    pub fn tick(&mut self, now: Duration) {
        if let Phase::Stay(until) = self.phase
            && now >= until
            && self.demand > 0
        {
            let next = above(self.limit).min(TOP);
            // A time-out lowered it; it has been long enough since.
            self.most = self.most.max(next);
            if next <= self.limit || self.slots.found().is_some_and(|slots| slots < next) {
                // The slots were counted once; whether there are more now is seen by trying.
                self.slots.forget();
                self.phase = Phase::Stay(now + self.pause());
                return;
            }
            self.measure_anew();
            self.phase = Phase::Above(self.limit);
            self.go_to(next);
        }
    }

    /// When [`Ladder::tick`] is next needed.
    pub fn wakes_at(&self) -> Option<Duration> {
        match self.phase {
            Phase::Stay(until) if self.demand > 0 => Some(until),
            _ => None,
        }
    }

    /// Goes up while every call is served at once.
    fn climb(&mut self) {
        let Phase::Climb(top) = self.phase else { return };
        let served = f64::from(self.writing) >= f64::from(self.limit) * WRITING && self.in_flight >= self.limit;
        if served || self.slots.served_at_once() >= self.limit {
            let next = above(self.limit).min(self.most);
            if next > top || next <= self.limit || self.slots.found().is_some_and(|slots| slots < next) {
                self.begin_descent();
            } else if self.demand > 0 {
                self.go_to(next);
            }
        } else if self.landed > self.limit * 2 {
            // Neither clearly served nor clearly waiting: what it brings is measured.
            self.begin_descent();
        }
    }

    /// Calls that wait at the server bring nothing. It comes down rung by rung and looks again on each, because calls
    /// that were sent in a burst wait a little even where there are slots for all.
    fn heed_slots(&mut self) {
        if self.slots.found().is_none_or(|slots| slots >= self.limit) || self.limit == 1 {
            return;
        }
        let next = below(self.limit).max(self.slots.served_at_once()).min(self.limit - 1);
        self.slots.assume(next);
        self.limit = next;
        self.begin_descent();
    }

    fn begin_descent(&mut self) {
        self.phase = Phase::Descend;
        self.rungs.clear();
        self.prompt_token = None;
        (self.good, self.bad, self.stride, self.suspect) = (self.limit, 0, 1, None);
        self.go_to(self.limit);
    }

    /// Judges the present rung once enough of its calls are back.
    fn judge(&mut self, now: Duration) {
        let calls = self.worth.calls();
        if calls < LEAST_CALLS.max(self.limit / 2) {
            return;
        }
        let prompt_token = *self.prompt_token.get_or_insert_with(|| self.worth.prompt_token());
        let Some(each) = self.worth.tokens_per_s(prompt_token) else { return };
        let throughput = f64::from(self.limit) * each;
        match self.phase {
            Phase::Fixed | Phase::Climb(_) | Phase::Stay(_) => {}
            Phase::Descend => self.descend(now, Rung { limit: self.limit, throughput, calls }),
            Phase::Above(back) => {
                let is_better = self.plateau().is_none_or(|(usual, _)| throughput >= usual * BETTER);
                if is_better && calls < LEAST_CALLS.max(self.limit / 2) * CAREFUL {
                    return;
                }
                self.rungs.push(Rung { limit: self.limit, throughput, calls });
                if is_better {
                    self.timed_out = 0;
                    self.good = self.limit;
                    self.stay(self.limit, now);
                } else {
                    self.stay(back, now);
                }
            }
        }
    }

    fn stay(&mut self, limit: u32, now: Duration) {
        self.phase = Phase::Stay(now + self.pause());
        self.rate = Rate::default();
        self.go_to(limit);
    }

    /// How long it stays on a rung.
    fn pause(&self) -> Duration {
        TRY_AGAIN.saturating_mul(1 << self.timed_out.min(LONGEST_PAUSE))
    }

    /// A call that we gave up: too many at once, it seems. No higher for a while.
    fn give_up(&mut self, now: Duration) {
        let lower = below(self.limit);
        self.most = lower;
        self.timed_out += 1;
        self.stay(lower, now);
    }

    fn go_to(&mut self, limit: u32) {
        self.limit = limit;
        self.epoch += 1;
        self.worth = Worth::default();
        self.landed = 0;
    }
}

fn above(limit: u32) -> u32 {
    RUNGS.into_iter().find(|rung| *rung > limit).unwrap_or(limit)
}

fn below(limit: u32) -> u32 {
    RUNGS.into_iter().rev().find(|rung| *rung < limit).unwrap_or(1)
}
