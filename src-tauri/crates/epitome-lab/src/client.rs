//! The simplest good client: so many calls in flight, never more, and of those that can be made the first in reading
//! order (depth first). Finds the best fixed limit that others are compared with, and checks the servers against the
//! published figures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::calls::Call;
use crate::server::{CallId, Card, Emitted, Setup};

/// How a run went, in virtual time from its beginning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// When the last call was done.
    pub makespan: Duration,
    /// When the first chapter had its summary.
    pub first_summary: Duration,
    /// Of each chapter that has a summary, ascending: from its first call's sending to its summary.
    pub chapter_times: Vec<Duration>,
    /// Waits for a slot as the server told them, summed over all calls.
    pub waited: Duration,
    /// Most calls at the server at once.
    pub most_in_flight: usize,
}

impl Outcome {
    /// The time within which that share (0 to 1) of the chapters was summarised; zero when there are none.
    pub fn chapter_time(&self, share: f64) -> Duration {
        let rank = (self.chapter_times.len() as f64 * share).ceil();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank in a list")]
        let index = (rank as usize).saturating_sub(1);
        self.chapter_times.get(index).or(self.chapter_times.last()).copied().unwrap_or_default()
    }
}

/// Which calls can be made.
struct Ready<'a> {
    calls: &'a [Call],
    /// How many answers each call still lacks.
    lacks: Vec<usize>,
    /// Who needs each call's answer.
    needed_by: Vec<Vec<usize>>,
    /// Calls that lack nothing and have not been taken.
    free: BTreeSet<usize>,
}

impl<'a> Ready<'a> {
    fn new(calls: &'a [Call]) -> Self {
        let lacks: Vec<usize> = calls.iter().map(|call| call.needs.len()).collect();
        let mut needed_by = vec![Vec::new(); calls.len()];
        for (index, call) in calls.iter().enumerate() {
            for need in &call.needs {
                if let Some(list) = needed_by.get_mut(*need) {
                    list.push(index);
                }
            }
        }
        let free = lacks.iter().enumerate().filter(|(_, lacks)| **lacks == 0).map(|(index, _)| index).collect();
        Self { calls, lacks, needed_by, free }
    }

    /// The first in reading order.
    fn take(&mut self) -> Option<(usize, &'a Call)> {
        let index = self.free.pop_first()?;
        Some((index, self.calls.get(index)?))
    }

    /// A call's answer is there.
    fn answered(&mut self, index: usize) {
        for dependant in self.needed_by.get(index).into_iter().flatten() {
            if let Some(lacks) = self.lacks.get_mut(*dependant) {
                *lacks -= 1;
                if *lacks == 0 {
                    self.free.insert(*dependant);
                }
            }
        }
    }
}

/// Runs all calls on an idle server with at most `limit` in flight.
pub fn run(setup: Setup, card: Card, calls: &[Call], limit: usize) -> Outcome {
    let (mut server, mut ready) = (setup.server(card), Ready::new(calls));
    // When each chapter's first call was sent.
    let mut sent: BTreeMap<usize, Duration> = BTreeMap::new();
    let (mut outcome, mut now, mut in_flight, mut events) = (Outcome::default(), Duration::ZERO, 0, Vec::new());
    loop {
        while in_flight < limit.max(1)
            && let Some((index, call)) = ready.take()
        {
            sent.entry(call.chapter).or_insert(now);
            server.submit(now, index as CallId, call.request);
            in_flight += 1;
        }
        outcome.most_in_flight = outcome.most_in_flight.max(server.in_service() + server.waiting());
        let Some(next) = server.next() else { break };
        now = next;
        server.advance(now, &mut events);
        for (at, event) in events.drain(..) {
            let Emitted::Done { id, usage } = event else { continue };
            let Ok(index) = usize::try_from(id) else { continue };
            let Some(call) = calls.get(index) else { continue };
            in_flight -= 1;
            outcome.makespan = at;
            outcome.waited += Duration::from_millis(u64::from(usage.wait_ms()));
            if call.kind.summarises() {
                if outcome.chapter_times.is_empty() {
                    outcome.first_summary = at;
                }
                let begin = sent.get(&call.chapter).copied().unwrap_or_default();
                outcome.chapter_times.push(at.saturating_sub(begin));
            }
            ready.answered(index);
        }
    }
    outcome.chapter_times.sort_unstable();
    outcome
}
