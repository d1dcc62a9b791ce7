//! The simplest good client: so many calls in flight, never more, and of those that can be made the first in reading
//! order (depth first). Finds the best fixed limit that others are compared with, and checks the servers against the
//! published figures.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::calls::Call;
use crate::server::{Card, Emitted, Setup};

/// How a run went, in virtual time from its beginning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// When the last call was done.
    pub makespan: Duration,
    /// When the first chapter had its summary.
    pub first_summary: Duration,
    /// Of each chapter that has a summary, ascending: from its first call's sending to its summary.
    pub chapter_times: Vec<Duration>,
    /// Slot-waits as the server told them, summed over all calls.
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

/// Runs all calls on an idle server with at most `limit` in flight.
pub fn run(setup: Setup, card: Card, calls: &[Call], limit: usize) -> Outcome {
    let mut server = setup.server(card);
    let mut open: Vec<usize> = calls.iter().map(|call| call.needs.len()).collect();
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); calls.len()];
    for (index, call) in calls.iter().enumerate() {
        for need in &call.needs {
            if let Some(list) = dependants.get_mut(*need) {
                list.push(index);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..calls.len()).filter(|index| open.get(*index) == Some(&0)).collect();
    let mut chapter_begins: Vec<Option<Duration>> =
        vec![None; calls.iter().map(|call| call.chapter + 1).max().unwrap_or(0)];
    let (mut outcome, mut now, mut in_flight, mut events) = (Outcome::default(), Duration::ZERO, 0, Vec::new());
    loop {
        while in_flight < limit.max(1)
            && let Some(index) = ready.pop_first()
            && let Some(call) = calls.get(index)
        {
            if let Some(begin) = chapter_begins.get_mut(call.chapter) {
                begin.get_or_insert(now);
            }
            server.submit(now, index as u64, call.request);
            in_flight += 1;
        }
        outcome.most_in_flight = outcome.most_in_flight.max(server.in_service() + server.waiting());
        let Some(next) = server.next() else { break };
        now = next;
        server.advance(now, &mut events);
        for (at, event) in events.drain(..) {
            let Emitted::Done { id, usage } = event else { continue };
            let Some((index, call)) = usize::try_from(id).ok().and_then(|index| Some((index, calls.get(index)?)))
            else {
                continue;
            };
            in_flight -= 1;
            outcome.makespan = at;
            outcome.waited += Duration::from_millis(u64::from(usage.wait_ms()));
            if call.kind.summarises() {
                if outcome.chapter_times.is_empty() {
                    outcome.first_summary = at;
                }
                let begin = chapter_begins.get(call.chapter).copied().flatten().unwrap_or_default();
                outcome.chapter_times.push(at.saturating_sub(begin));
            }
            for dependant in dependants.get(index).into_iter().flatten() {
                if let Some(open) = open.get_mut(*dependant) {
                    *open -= 1;
                    if *open == 0 {
                        ready.insert(*dependant);
                    }
                }
            }
        }
    }
    outcome.chapter_times.sort_unstable();
    outcome
}
