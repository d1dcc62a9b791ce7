//! Answers: heard, stored, and what follows from them.

use std::sync::Arc;
use std::time::Duration;

use epitome_llm::Answer;
use epitome_model::{EventLevel, JobId, WireError};

use crate::breaker::{Kind, Outcome};
use crate::ladder::{Ended, Landed};
use crate::plan::{Progress, Written};
use crate::synopsis::{Merged, Summaries};

use super::job::{Next, Stage};
use super::{Action, Call, CallNo, CallState, Engine, Found, Kept, QueuedCall, Storing, Trouble, Write};

/// How often a full disk is tried again.
const DISK_AGAIN: Duration = Duration::from_secs(2);

impl Engine {
    pub(super) fn first_token(&mut self, no: CallNo, now: Duration) {
        let Some(call) = self.calls.get_mut(&no) else { return };
        let CallState::InFlight(flight) = &mut call.state else { return };
        if flight.first.is_some() {
            return;
        }
        (flight.first, flight.heard) = (Some(now), now);
        let lane = &mut self.lanes[flight.lane.0];
        lane.ladder.first_token();
        let server = &mut self.servers[lane.server.0];
        server.patience.heard_first(now.saturating_sub(flight.sent));
        server.watchdog.heard(now);
    }

    pub(super) fn wrote(&mut self, no: CallNo, tokens: u32, now: Duration) {
        self.first_token(no, now);
        let Some(call) = self.calls.get_mut(&no) else { return };
        let CallState::InFlight(flight) = &mut call.state else { return };
        let lane = &mut self.lanes[flight.lane.0];
        lane.wrote(now, tokens);
        let server = &mut self.servers[lane.server.0];
        server.patience.heard_gap(now.saturating_sub(flight.heard));
        server.watchdog.heard(now);
        flight.heard = now;
    }

    /// A call is with the server no more.
    pub(super) fn land(&mut self, no: CallNo, ended: Ended, outcome: Kind, now: Duration) -> Option<super::Flight> {
        let call = self.calls.get(&no)?;
        let CallState::InFlight(flight) = call.state else { return None };
        self.flying.remove(&no);
        let lane = &mut self.lanes[flight.lane.0];
        lane.in_flight -= 1;
        let time = now.saturating_sub(flight.sent);
        let (ticket, wrote) = (flight.ticket, flight.first.is_some());
        lane.ladder.ended(now, Landed { ticket, wrote, time, ended });
        if outcome == Kind::Ok {
            lane.took(call.cost, time);
        }
        let server = &mut self.servers[lane.server.0];
        server.in_flight -= 1;
        server.breaker.ended(now, Outcome { kind: outcome, latency: time });
        if outcome == Kind::Ok {
            server.watchdog.heard(now);
            server.patience.heard_whole(time);
        }
        server.watchdog.in_flight(now, server.in_flight);
        if let Some(job) = self.jobs.get_mut(&call.job) {
            job.in_flight -= 1;
        }
        Some(flight)
    }

    pub(super) fn answered(&mut self, no: CallNo, answer: Answer, now: Duration) {
        let Some(flight) = self.land(no, Ended::Answered(answer.usage), Kind::Ok, now) else { return };
        self.lanes[flight.lane.0].budget.succeeded();
        let Some(call) = self.calls.get_mut(&no) else { return };
        let Some(job) = self.jobs.get_mut(&call.job) else { return };
        job.storing += 1;
        self.writes += 1;
        job.wrote(call.queued.call.chapter, self.lanes[flight.lane.0].author.clone());
        // Only in memory: nothing is asked for or shown before the answer is stored.
        let planned = &call.queued.call;
        let next = planned.chapter.map_or(Progress::Pending, |place| {
            let before = job.left_of(place);
            let next = job.answer(place, planned, &answer.text);
            job.work.did(before - job.left_of(place));
            next
        });
        let answer = Arc::new(answer);
        call.state = CallState::Storing(Box::new(Storing { lane: flight.lane, tier: flight.tier, answer, next }));
        self.store(no);
    }

    /// Asks for an answer to be stored, for the first time or again.
    pub(super) fn store(&mut self, no: CallNo) {
        let Some(call) = self.calls.get(&no) else { return };
        let CallState::Storing(storing) = &call.state else { return };
        let place = call.queued.call.chapter;
        let completes = match (&storing.next, place, self.jobs.get(&call.job)) {
            (Progress::Written(written), Some(place), Some(job)) => {
                let chapter = job.chapters.get(place as usize).cloned();
                chapter.map(|chapter| (Box::new(chapter), Box::new(written.clone())))
            }
            _ => None,
        };
        self.out.push(Action::Store {
            call: no,
            job: call.job,
            author: self.lanes[storing.lane.0].author.clone(),
            tier: storing.tier,
            queued: Arc::clone(&call.queued),
            answer: Arc::clone(&storing.answer),
            attempts: call.tries + 1,
            completes,
        });
    }

    pub(super) fn stored(&mut self, no: CallNo, outcome: Result<(), Trouble>, now: Duration) {
        self.writes = self.writes.saturating_sub(1);
        let Some(call) = self.calls.get(&no) else { return };
        let id = call.job;
        match outcome {
            Ok(()) => {}
            Err(Trouble::DiskFull) => {
                self.disk_full.insert(no, now + DISK_AGAIN);
                return;
            }
            Err(trouble) => return self.give_up(id, trouble),
        }
        self.disk_full.remove(&no);
        let Some(call) = self.calls.remove(&no) else { return };
        let CallState::Storing(storing) = call.state else { return };
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.storing -= 1;
        let Some(place) = call.queued.call.chapter else {
            let before = job.left_of_synopsis();
            let merged = job.merge(&call.queued.call, &storing.answer.text);
            job.work.did(before - job.left_of_synopsis());
            return self.follow(id, None, Next::Synopsis(merged), now);
        };
        if let Some(under_way) = job.permits.get_mut(&place) {
            *under_way = false;
        }
        match self.hand_on(id, place, storing.next) {
            Some(Progress::Written(_)) => {
                if let Some(job) = self.jobs.get_mut(&id) {
                    job.close(place);
                }
                self.show(id, place);
            }
            Some(next) => self.follow(id, Some(place), Next::Chapter(next), now),
            None => {}
        }
    }

    /// What an answer leads to waits for answers it is made of that are still being stored: on a full disk a later one
    /// may be stored first. The last of them gets it.
    fn hand_on(&mut self, id: JobId, place: u32, next: Progress) -> Option<Progress> {
        if matches!(next, Progress::Pending) {
            return Some(next);
        }
        let of_chapter = |call: &&mut Call| call.job == id && call.queued.call.chapter == Some(place);
        let mates = self.calls.values_mut().filter(of_chapter);
        let mut storing = mates.filter_map(|call| match &mut call.state {
            CallState::Storing(storing) => Some(storing),
            _ => None,
        });
        match storing.next() {
            Some(mate) => {
                mate.next = next;
                None
            }
            None => Some(next),
        }
    }

    /// Does what an answer leads to.
    fn follow(&mut self, id: JobId, place: Option<u32>, next: Next, now: Duration) {
        match next {
            Next::Chapter(Progress::Pending) | Next::Synopsis(Merged::Pending) => {}
            Next::Chapter(Progress::Calls(calls)) | Next::Synopsis(Merged::Calls(calls)) => {
                let Some(job) = self.jobs.get_mut(&id) else { return };
                job.looking += 1;
                self.out.push(Action::LookUp { job: id, calls });
            }
            Next::Chapter(Progress::Written(written)) => {
                if let Some(place) = place {
                    self.write_chapter(id, place, written);
                }
            }
            Next::Synopsis(Merged::Whole(text)) => self.write_synopsis(id, text),
        }
        if let Some(place) = place {
            self.show(id, place);
        }
        self.produce(id, now);
    }

    /// Takes calls that were looked up: answers that are stored are taken at once.
    pub(super) fn found(&mut self, id: JobId, calls: Result<Vec<Found>, Trouble>, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.looking = job.looking.saturating_sub(1);
        let calls = match calls {
            Ok(calls) => calls,
            Err(trouble) => return self.give_up(id, trouble),
        };
        self.take_found(id, calls, now);
    }

    pub(super) fn take_found(&mut self, id: JobId, calls: Vec<Found>, now: Duration) {
        for (call, kept) in self.place_calls(id, calls) {
            self.reuse(id, &call, kept, now);
        }
    }

    /// Takes a stored answer in place of a call.
    pub(super) fn reuse(&mut self, id: JobId, call: &QueuedCall, kept: Kept, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.reused += 1;
        let place = call.call.chapter;
        job.wrote(place, kept.author);
        let next = match place {
            Some(place) => Next::Chapter(job.answer(place, &call.call, &kept.text)),
            None => Next::Synopsis(job.merge(&call.call, &kept.text)),
        };
        self.follow(id, place, next, now);
    }

    pub(super) fn write_chapter(&mut self, id: JobId, place: u32, written: Written) {
        let author = self.jobs.get(&id).and_then(|job| job.authors.get(&Some(place))).cloned();
        self.write(id, Write::Chapter { place, written: Box::new(written), author });
    }

    fn write_synopsis(&mut self, id: JobId, text: String) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if text.is_empty() {
            job.stage = Stage::Over;
            return;
        }
        job.stage = Stage::Writing;
        let author = job.authors.get(&None).cloned();
        self.write(id, Write::Synopsis { text, author });
    }

    pub(super) fn write(&mut self, id: JobId, write: Write) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.writing += 1;
        self.writes += 1;
        let chapter = match &write {
            Write::Chapter { place, .. } | Write::Standing { place, .. } => job.chapters.get(*place as usize),
            Write::Synopsis { .. } => None,
        };
        let chapter = chapter.cloned().map(Box::new);
        self.out.push(Action::Write { job: id, write, chapter });
    }

    pub(super) fn wrought(&mut self, id: JobId, write: Write, outcome: Result<(), Trouble>, now: Duration) {
        self.writes = self.writes.saturating_sub(1);
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.writing = job.writing.saturating_sub(1);
        match outcome {
            Ok(()) => {}
            Err(Trouble::DiskFull) => {
                // Counted as under way until it is done: the job must not end before.
                job.writing += 1;
                self.writes_again.push((now + DISK_AGAIN, id, write));
                return;
            }
            Err(trouble) => return self.give_up(id, trouble),
        }
        match write {
            Write::Chapter { place, .. } => {
                job.close(place);
                self.show(id, place);
            }
            Write::Standing { .. } => {}
            Write::Synopsis { .. } => job.stage = Stage::Over,
        }
    }

    pub(super) fn summaries(&mut self, id: JobId, read: Result<Summaries, Trouble>, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.looking = job.looking.saturating_sub(1);
        let read = match read {
            Ok(read) => read,
            Err(trouble) => return self.give_up(id, trouble),
        };
        let Stage::Merging(synopsis) = &mut job.stage else { return };
        let merged = synopsis.take(read, &job.frame);
        self.follow(id, None, Next::Synopsis(merged), now);
    }

    pub(super) fn show(&mut self, id: JobId, place: u32) {
        let Some(chapter) = self.jobs.get(&id).and_then(|job| job.chapters.get(place as usize)) else { return };
        self.out.push(Action::Show { job: id, place, cell: chapter.cell() });
    }

    pub(super) fn note(&mut self, id: JobId, level: EventLevel, text: String, place: Option<u32>) {
        let chapter = self.jobs.get(&id).zip(place).and_then(|(job, place)| job.chapters.get(place as usize));
        let text = match chapter {
            Some(chapter) => format!("{}: {text}", chapter.source_title),
            None => text,
        };
        self.out.push(Action::Note { job: id, level, text, section: chapter.map(|chapter| chapter.section) });
    }

    /// The synopsis cannot be written; the chapters are what counts, and they are there.
    pub(super) fn without_synopsis(&mut self, id: JobId, error: WireError) {
        let text = format!("The synopsis could not be written: {}", error.message);
        self.drop_calls(id, |call| call.chapter.is_none());
        if let Some(job) = self.jobs.get_mut(&id) {
            job.stage = Stage::Over;
            job.synopsis_error = Some(error);
        }
        self.note(id, EventLevel::Bad, text, None);
    }
}
