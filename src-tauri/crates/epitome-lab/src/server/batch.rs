//! Continuous batching as llama-server does it. A step decodes one token of every sequence whose prompt is read, and
//! reads up to 512 tokens of one prompt. Steps in which nothing joins or leaves are worked out together in closed form;
//! a call that comes or goes meanwhile cuts the run at the end of the step that is running, as in the real engine.

use std::collections::VecDeque;
use std::time::Duration;

use super::{CallId, Card, Curve, Emitted, Request, Server, Ticket, seconds};

/// Tokens are told once steps of this length together are over.
const GRAIN_S: f64 = 0.25;

/// `slots` sequences in one batch; the rest wait in the order of their arrival.
#[derive(Debug)]
pub struct Batch {
    card: Card,
    slots: usize,
    /// Seconds of one stream's step with an empty cache.
    first_step_s: f64,
    /// Gain with n + 1 sequences.
    gains: Vec<f64>,
    /// In the order of their joining, which is the order of reading.
    sequences: Vec<Sequence>,
    waiting: VecDeque<Ticket>,
    run: Option<Run>,
    out: VecDeque<(Duration, Emitted)>,
}

#[derive(Debug)]
struct Sequence {
    ticket: Ticket,
    /// Prompt tokens still to read.
    unread: u32,
    /// Steps decoded since.
    decoded: u32,
}

/// Equal steps one after the other.
#[derive(Debug)]
struct Run {
    begin: Duration,
    end: Duration,
    steps: u32,
    /// The prompt read in its only step.
    reads: Option<(CallId, u32)>,
    cost: Cost,
}

/// Seconds of a step: `base` for the first, `growth` more for each after it, since every step fills the cache further.
#[derive(Clone, Copy, Debug)]
struct Cost {
    base: f64,
    growth: f64,
}

impl Cost {
    /// Seconds of the first `steps` steps.
    fn seconds(self, steps: u32) -> f64 {
        let steps = f64::from(steps);
        steps * self.base + self.growth * steps * (steps - 1.0) / 2.0
    }
}

impl Batch {
    pub fn new(card: Card, slots: usize, curve: Curve) -> Self {
        let slots = slots.max(1);
        Self {
            card,
            slots,
            first_step_s: card.first_step_s(curve),
            gains: (1..=slots).map(|sequences| curve.gain(sequences)).collect(),
            sequences: Vec::with_capacity(slots),
            waiting: VecDeque::new(),
            run: None,
            out: VecDeque::new(),
        }
    }

    /// Plans the steps from `now` on, with everyone who waits and finds a slot.
    fn plan(&mut self, now: Duration) {
        while self.sequences.len() < self.slots
            && let Some(mut ticket) = self.waiting.pop_front()
        {
            ticket.started = now;
            self.sequences.push(Sequence { ticket, unread: ticket.request.prompt_tokens, decoded: 0 });
        }
        if self.sequences.is_empty() {
            self.run = None;
            return;
        }
        let reader = self.sequences.iter().find(|sequence| sequence.unread > 0);
        let reads = reader.map(|sequence| (sequence.ticket.id, sequence.unread.min(Card::MICRO_BATCH)));
        let reading_s = reads.map_or(0.0, |(_, tokens)| self.card.prefill_s(tokens));
        let decoding = self.sequences.iter().filter(|sequence| sequence.unread == 0);
        let (mut count, mut cached, mut left) = (0_usize, 0_u64, u32::MAX);
        for sequence in decoding {
            let request = sequence.ticket.request;
            count += 1;
            cached += u64::from(request.prompt_tokens) + u64::from(sequence.decoded);
            left = left.min(request.output_tokens - sequence.decoded);
        }
        let gain = count.checked_sub(1).and_then(|index| self.gains.get(index)).copied().unwrap_or(1.0);
        let kv_s = self.first_step_s * self.card.kv_per_token;
        let base = reading_s + self.first_step_s * count as f64 / gain + kv_s * cached as f64;
        let cost = Cost { base, growth: kv_s * count as f64 };
        let mut steps = 1;
        while reads.is_none() && steps < left && cost.seconds(steps) < GRAIN_S {
            steps += 1;
        }
        self.run = Some(Run { begin: now, end: now + seconds(cost.seconds(steps)), steps, reads, cost });
    }

    /// Does the steps that have ended by `now` and plans the next.
    fn run_to(&mut self, now: Duration) {
        while self.run.as_ref().is_some_and(|run| run.end <= now)
            && let Some(run) = self.run.take()
        {
            self.finish(&run);
            self.plan(run.end);
        }
    }

    fn finish(&mut self, run: &Run) {
        let (at, out) = (run.end, &mut self.out);
        self.sequences.retain_mut(|sequence| {
            let ticket = &mut sequence.ticket;
            let Request { prompt_tokens, output_tokens } = ticket.request;
            if sequence.unread > 0 {
                let read = run.reads.filter(|(id, _)| *id == ticket.id).map_or(0, |(_, tokens)| tokens);
                sequence.unread -= read;
                if read > 0 && sequence.unread == 0 {
                    ticket.first = at;
                    out.push_back((at, Emitted::FirstToken { id: ticket.id, prompt_tokens }));
                }
                return true;
            }
            // The first token came from the prompt's last step, and the last step makes the sign that ends the answer:
            // as many steps as tokens.
            let told = (sequence.decoded + 1).min(output_tokens);
            sequence.decoded += run.steps;
            let count = (sequence.decoded + 1).min(output_tokens) - told;
            if count > 0 {
                out.push_back((at, Emitted::Tokens { id: ticket.id, count }));
            }
            let over = sequence.decoded >= output_tokens;
            if over {
                out.push_back((at, Emitted::Done { id: ticket.id, usage: ticket.usage(at) }));
            }
            !over
        });
    }

    /// Makes the running steps end with the one that runs at `now`, since the batch is about to change.
    fn cut(&mut self, now: Duration) {
        let Some(run) = &mut self.run else { return self.plan(now) };
        if run.begin == now {
            return self.plan(now);
        }
        while run.steps > 1 && run.begin + seconds(run.cost.seconds(run.steps - 1)) >= now {
            run.steps -= 1;
        }
        run.end = run.begin + seconds(run.cost.seconds(run.steps));
        self.run_to(now);
    }
}

impl Server for Batch {
    fn submit(&mut self, now: Duration, id: CallId, request: Request) {
        self.run_to(now);
        self.waiting.push_back(Ticket::new(now, id, request));
        if self.sequences.len() < self.slots {
            self.cut(now);
        }
    }

    fn cancel(&mut self, now: Duration, id: CallId) {
        self.run_to(now);
        self.waiting.retain(|ticket| ticket.id != id);
        let before = self.sequences.len();
        self.sequences.retain(|sequence| sequence.ticket.id != id);
        if self.sequences.len() < before {
            self.cut(now);
        }
    }

    fn next(&self) -> Option<Duration> {
        self.out.front().map(|(at, _)| *at).or(self.run.as_ref().map(|run| run.end))
    }

    fn advance(&mut self, now: Duration, out: &mut Vec<(Duration, Emitted)>) {
        self.run_to(now);
        out.extend(self.out.drain(..));
    }

    fn in_service(&self) -> usize {
        self.sequences.len()
    }

    fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
