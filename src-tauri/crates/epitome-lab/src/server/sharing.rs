//! Processor sharing and plain slots, exactly: between two changes in the number of calls every call is served at the
//! same constant rate, so the service a call has had is a difference of one common level, and its milestones are fixed
//! points of that level from the moment it starts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{CallId, Card, Emitted, Request, Server, Ticket, seconds};

/// Tokens told together: 256 ms at full speed.
const GRAIN: u32 = 4;

#[derive(Debug)]
struct Active {
    ticket: Ticket,
    /// The level at which it started, in nanoseconds of service.
    base: u64,
    /// Tokens told; 0 while the prompt is read.
    told: u32,
    /// Its entry in the marks.
    mark: u64,
}

/// A server whose calls share a capacity.
#[derive(Debug)]
pub struct Sharing {
    card: Card,
    cap: usize,
    slots: usize,
    calls: BTreeMap<CallId, Active>,
    /// Next milestone of each call in service, as a level.
    marks: BTreeSet<(u64, CallId)>,
    waiting: VecDeque<Ticket>,
    /// Nanoseconds of service that a call present from the start would have had at `since`.
    level: f64,
    /// The last change of the rate.
    since: Duration,
    out: VecDeque<(Duration, Emitted)>,
}

impl Sharing {
    /// Processor sharing: up to `cap` calls at full speed; above that all are slowed alike and none waits.
    pub fn processor(card: Card, cap: usize) -> Self {
        Self::new(card, cap, usize::MAX)
    }

    /// So many slots at full speed; the rest wait in the order of their arrival, as behind Ollama's semaphore.
    pub fn fifo(card: Card, slots: usize) -> Self {
        Self::new(card, slots, slots)
    }

    fn new(card: Card, cap: usize, slots: usize) -> Self {
        Self {
            card,
            cap: cap.max(1),
            slots: slots.max(1),
            calls: BTreeMap::new(),
            marks: BTreeSet::new(),
            waiting: VecDeque::new(),
            level: 0.0,
            since: Duration::ZERO,
            out: VecDeque::new(),
        }
    }

    /// Seconds of service a call gets each second.
    fn rate(&self) -> f64 {
        (self.cap as f64 / self.calls.len().max(1) as f64).min(1.0)
    }

    fn next_mark(&self) -> Option<Duration> {
        let (mark, _) = self.marks.first()?;
        Some(self.since + seconds((*mark as f64 - self.level) / 1e9 / self.rate()))
    }

    /// Sets the common level down at `now`, before the rate changes.
    fn settle(&mut self, now: Duration) {
        self.level += now.saturating_sub(self.since).as_secs_f64() * 1e9 * self.rate();
        self.since = now;
    }

    fn run_to(&mut self, now: Duration) {
        while let Some(at) = self.next_mark().filter(|at| *at <= now)
            && let Some((mark, id)) = self.marks.pop_first()
        {
            // Set rather than added up, so that rounding cannot gather.
            self.level = mark as f64;
            self.since = at;
            self.pass(at, id);
        }
    }

    /// A call has reached its milestone.
    fn pass(&mut self, at: Duration, id: CallId) {
        let Some(mut call) = self.calls.remove(&id) else { return };
        let Request { prompt_tokens, output_tokens } = call.ticket.request;
        if call.told == 0 {
            call.ticket.first = at;
            call.told = 1;
            self.out.push_back((at, Emitted::FirstToken { id, prompt_tokens }));
        } else {
            let told = (call.told + GRAIN).min(output_tokens);
            let count = told - call.told;
            if count > 0 {
                self.out.push_back((at, Emitted::Tokens { id, count }));
            }
            call.told = told;
            if told == output_tokens {
                self.out.push_back((at, Emitted::Done { id, usage: call.ticket.usage(at) }));
                self.admit(at);
                return;
            }
        }
        self.mark(call);
    }

    /// Puts a call back with its next milestone: the prompt read, `GRAIN` more tokens, or the end. The first token
    /// comes with the end of the prompt, and after the last one the end still takes a token's time: `n` tokens, `n`
    /// times.
    fn mark(&mut self, mut call: Active) {
        let Request { prompt_tokens, output_tokens } = call.ticket.request;
        let told = call.told + GRAIN;
        let tokens = match call.told {
            0 => 0,
            _ if told >= output_tokens => output_tokens,
            _ => told - 1,
        };
        let service = self.card.prefill_s(prompt_tokens) + f64::from(tokens) * self.card.token_s;
        call.mark = call.base + u64::try_from(seconds(service).as_nanos()).unwrap_or(u64::MAX / 2);
        self.marks.insert((call.mark, call.ticket.id));
        self.calls.insert(call.ticket.id, call);
    }

    /// Fills the free slots in order of arrival.
    fn admit(&mut self, now: Duration) {
        while self.calls.len() < self.slots
            && let Some(mut ticket) = self.waiting.pop_front()
        {
            ticket.started = now;
            let base = u64::try_from(seconds(self.level / 1e9).as_nanos()).unwrap_or(u64::MAX / 2);
            self.mark(Active { ticket, base, told: 0, mark: 0 });
        }
    }
}

impl Server for Sharing {
    fn submit(&mut self, now: Duration, id: CallId, request: Request) {
        self.run_to(now);
        self.settle(now);
        if self.calls.is_empty() {
            self.level = 0.0;
        }
        self.waiting.push_back(Ticket::new(now, id, request));
        self.admit(now);
    }

    fn cancel(&mut self, now: Duration, id: CallId) {
        self.run_to(now);
        self.settle(now);
        self.waiting.retain(|ticket| ticket.id != id);
        if let Some(call) = self.calls.remove(&id) {
            self.marks.remove(&(call.mark, id));
            self.admit(now);
        }
    }

    fn next(&self) -> Option<Duration> {
        self.out.front().map(|(at, _)| *at).or_else(|| self.next_mark())
    }

    fn advance(&mut self, now: Duration, out: &mut Vec<(Duration, Emitted)>) {
        self.run_to(now);
        out.extend(self.out.drain(..));
    }

    fn in_service(&self) -> usize {
        self.calls.len()
    }

    fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
