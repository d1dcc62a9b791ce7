//! What the world knows of calls, kept apart from the engine's own books so that the two can be compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use epitome_engine::plan::Step;
use epitome_engine::sched::{CallNo, Found, LaneNo, QueuedCall};
use epitome_model::JobId;

use crate::server::Request;

/// Where a call is that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    InFlight,
    Storing,
    /// Failed, broken off, or lost with the program.
    Free,
}

/// A call that was sent and is not over.
#[derive(Clone, Debug)]
pub struct Sent {
    pub queued: Arc<QueuedCall>,
    pub job: JobId,
    pub lane: LaneNo,
    pub request: Request,
    pub at: Duration,
    pub answered: Duration,
}

impl Sent {
    pub fn chapter(&self) -> Option<u32> {
        self.queued.call.chapter
    }
}

/// A call the engine was told of and has not sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Planned {
    pub chapter: Option<u32>,
    pub step: Step,
}

/// The books.
#[derive(Debug, Default)]
pub struct Ledger {
    pub in_flight: BTreeMap<CallNo, Sent>,
    pub storing: BTreeMap<CallNo, Sent>,
    /// Of those that are being stored: there was no room, and they are to be stored again.
    pub no_room: BTreeSet<CallNo>,
    /// Of those that are being stored: there was no room at least once.
    pub refused: BTreeSet<CallNo>,
    /// Of those that are being stored: their job has left meanwhile.
    orphans: BTreeSet<CallNo>,
    /// By first key.
    keys: BTreeMap<String, Where>,
    pub planned: BTreeMap<JobId, BTreeMap<String, Planned>>,
    /// Writes asked for and not answered, answers among them.
    pub writes: u32,
    /// What the engine asked for of each job and was not told: chapters to open, calls to look up.
    pub asked: BTreeMap<JobId, u32>,
    /// Chapters to which something happened that can make a call fail.
    pub faulted: BTreeSet<(JobId, Option<u32>)>,
    /// Longest list of calls that one chapter was told of at once.
    pub longest: usize,
}

/// What a call is known by, whoever answers it.
fn name(queued: &QueuedCall) -> &str {
    queued.keys.first().map_or("", String::as_str)
}

impl Ledger {
    /// The engine is told of calls.
    pub fn plan(&mut self, job: JobId, found: &[Found]) {
        self.longest = self.longest.max(found.len());
        let planned = self.planned.entry(job).or_default();
        // One that another provider answered may be taken from the store at any time.
        for found in found.iter().filter(|found| found.kept.iter().all(Option::is_none)) {
            let call = &found.call.call;
            planned.insert(name(&found.call).to_owned(), Planned { chapter: call.chapter, step: call.step });
        }
    }

    /// The engine sends a call; says what is wrong with that.
    pub fn send(&mut self, no: CallNo, sent: Sent) -> Result<(), String> {
        let key = name(&sent.queued).to_owned();
        let what = format!("{no:?} ({:?} of chapter {:?}, job {})", sent.queued.call.step, sent.chapter(), sent.job);
        if let Some(state @ (Where::InFlight | Where::Storing)) = self.keys.get(&key) {
            return Err(format!("{what} is sent while the same call is already {state:?}"));
        }
        if self.in_flight.contains_key(&no) || self.storing.contains_key(&no) {
            return Err(format!("{what} is sent while it is under way"));
        }
        if let Some(planned) = self.planned.get_mut(&sent.job) {
            planned.remove(&key);
        }
        self.keys.insert(key, Where::InFlight);
        self.in_flight.insert(no, sent);
        Ok(())
    }

    /// A call is with its server no more, and there is nothing to be stored.
    pub fn lost(&mut self, no: CallNo) -> Option<Sent> {
        let sent = self.in_flight.remove(&no).or_else(|| self.storing.remove(&no))?;
        self.refused.remove(&no);
        self.keys.insert(name(&sent.queued).to_owned(), Where::Free);
        Some(sent)
    }

    /// A call's answer is on its way to the engine.
    pub fn answered(&mut self, no: CallNo, now: Duration) -> Option<Sent> {
        let sent = Sent { answered: now, ..self.in_flight.remove(&no)? };
        self.keys.insert(name(&sent.queued).to_owned(), Where::Storing);
        self.storing.insert(no, sent.clone());
        Some(sent)
    }

    /// An answer is durable.
    pub fn committed(&mut self, no: CallNo) -> Option<Sent> {
        let sent = self.storing.remove(&no)?;
        self.refused.remove(&no);
        self.keys.remove(name(&sent.queued));
        self.orphans.remove(&no);
        Some(sent)
    }

    /// A job has left the engine: what was planned for it is gone, what is being stored will be stored, what found no
    /// room is lost.
    pub fn leave(&mut self, job: JobId) {
        self.planned.remove(&job);
        self.asked.remove(&job);
        let of_job = |no: &&CallNo| self.storing.get(no).is_some_and(|sent| sent.job == job);
        let lost: Vec<CallNo> = self.no_room.iter().filter(of_job).copied().collect();
        for no in lost {
            self.no_room.remove(&no);
            self.lost(no);
        }
        self.orphans.extend(self.storing.iter().filter(|(_, sent)| sent.job == job).map(|(no, _)| *no));
    }

    /// There was no room for an answer.
    pub fn finds_no_room(&mut self, no: CallNo) {
        if self.orphans.remove(&no) {
            self.lost(no);
        } else {
            self.no_room.insert(no);
            self.refused.insert(no);
        }
    }

    /// The calls of a chapter are taken back.
    pub fn drop_planned(&mut self, job: JobId, chapter: Option<u32>) {
        if let Some(planned) = self.planned.get_mut(&job) {
            planned.retain(|_, call| call.chapter != chapter);
        }
    }

    /// The program was killed.
    pub fn crash(&mut self) {
        let under_way: Vec<CallNo> = self.in_flight.keys().chain(self.storing.keys()).copied().collect();
        for no in under_way {
            self.lost(no);
        }
        self.planned.clear();
        self.asked.clear();
        self.no_room.clear();
        self.refused.clear();
        self.orphans.clear();
        self.writes = 0;
    }

    /// Calls that could be sent at once.
    pub fn unsent(&self, job: JobId) -> usize {
        self.planned.get(&job).map_or(0, BTreeMap::len)
    }

    /// Whether a chapter has a call that could be sent at once.
    pub fn chapter_waits(&self, job: JobId, place: u32) -> bool {
        self.planned.get(&job).is_some_and(|planned| planned.values().any(|call| call.chapter == Some(place)))
    }

    pub fn in_flight_at(&self, lane: LaneNo) -> u32 {
        u32::try_from(self.in_flight.values().filter(|sent| sent.lane == lane).count()).unwrap_or(u32::MAX)
    }
}
