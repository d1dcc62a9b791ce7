//! Which call is sent next, and where to.
//!
//! Order: a chapter the reader waits for, then the job that has had least of the card by its weight, then what finishes
//! a chapter that was begun, then new chapters in reading order; near the end the longest chapter first, because it
//! decides when the book is done (PERFORMANCE.md 1.8).

use std::sync::Arc;
use std::time::Duration;

use epitome_model::{JobId, Permit};

use super::crew::Crew;
use super::job::Job;
use super::{Action, CallNo, CallState, Engine, Flight, Kept, LaneNo};

/// Near the end: what is left keeps the slots busy for less than so many times the longest chapter. Measured on corpus B
/// with 16 slots: 1 costs no efficiency, and at half time 0.89 of half the chapters are done; with 3 it is 0.80.
const NEAR_THE_END: u64 = 1;

/// A server that works for one job goes over to another that needs another model when that one is behind by so much
/// service, in output tokens: some ten minutes of a usual card. Each change costs a load.
const TURN: f64 = 30_000.0;

/// Until a book has its first summary, no more calls than these begin chapters where the server would take more at once:
/// in a batch the prompts of the others are read first, and each of them slows every token of the one the reader waits
/// for. Measured in the lab with 8 and 16 slots: the first summary comes after 2.0 to 2.2 instead of 3.1 to 8.7 times
/// what it takes alone, for 0.2 to 0.7 % of the whole time.
const FIRST_CALLS: usize = 3;

/// A server of so many slots gains less than it loses by that.
const FEW_SLOTS: u32 = 4;

/// Chapters there must be for each slot before it is done: a short book would lose more.
const CHAPTERS_A_SLOT: usize = 10;

/// Place of a call in its job: smaller goes first.
type Rank = (usize, bool, u32, u32, u32, u32);

impl Engine {
    /// Sends calls as long as one may be sent.
    pub(super) fn dispatch(&mut self, now: Duration) {
        if self.lacks_room() {
            return;
        }
        while let Some((no, tier, lane)) = self.pick(now) {
            match self.kept_of(no, tier) {
                Some(kept) => self.take_kept(no, kept, now),
                None => self.send(no, tier, lane, now),
            }
        }
        let wanted: u32 = self.jobs.values().map(Job::busy_workers).sum();
        let waiting = self.jobs.values().map(|job| job.ready.len()).sum::<usize>().min(1);
        self.crew.follow(wanted + u32::try_from(waiting).unwrap_or(0), now);
    }

    /// Tells the lanes how many calls they could have, so that a rung without demand is not measured.
    pub(super) fn tell_demand(&mut self, now: Duration) {
        for (at, lane) in self.lanes.iter_mut().enumerate() {
            let uses = |job: &&Job| job.works() && job.tiers.iter().flatten().any(|used| used.0 == at);
            let demand = self.jobs.values().filter(uses).map(|job| job.ready.len()).sum();
            lane.ladder.demand(demand);
            self.servers[lane.server.0].breaker.waiting(now, demand);
        }
    }

    fn pick(&mut self, now: Duration) -> Option<(CallNo, usize, LaneNo)> {
        let busy: u32 = self.jobs.values().map(Job::busy_workers).sum();
        let mut jobs: Vec<(bool, f64, JobId)> = Vec::new();
        for job in self.jobs.values() {
            let held_up = self.writes >= job.frame.settings.backpressure_at.max(1) as usize;
            if job.works() && !held_up && !job.ready.is_empty() {
                let patient = !self.is_waited_for(job);
                jobs.push((patient, job.served, job.id));
            }
        }
        jobs.sort_by(|one, other| (one.0, one.1).partial_cmp(&(other.0, other.1)).unwrap_or(std::cmp::Ordering::Equal));
        for (_, _, id) in jobs {
            let job = self.jobs.get(&id)?;
            let Some(tier) = self.tier_now(job, now) else { continue };
            let lanes: Vec<LaneNo> =
                job.tiers[tier].iter().copied().filter(|lane| self.takes(*lane, job, busy, now)).collect();
            if lanes.is_empty() {
                continue;
            }
            let Some(no) = self.most_urgent(job) else { continue };
            if self.begins_gently(job, no, &lanes) {
                continue;
            }
            if let Some(lane) = self.soonest(no, &lanes, &job.tiers[tier]) {
                return Some((no, tier, lane));
            }
        }
        None
    }

    /// Whether the reader waits for a call of a job that could be sent now. A chapter whose calls are all under way does
    /// not bring its job before others.
    fn is_waited_for(&self, job: &Job) -> bool {
        let of_front = |no: &CallNo| {
            let place = self.calls.get(no).and_then(|call| call.queued.call.chapter);
            place.is_some_and(|place| job.front.contains(&place))
        };
        job.urgent || (!job.front.is_empty() && job.ready.iter().any(of_front))
    }

    /// Whether a job takes a server over from one that needs another model.
    fn goes_before(&self, job: &Job, other: &Job) -> bool {
        match (self.is_waited_for(job), self.is_waited_for(other)) {
            (true, false) => true,
            (false, true) => false,
            _ => job.served + TURN < other.served,
        }
    }

    /// Whether a worker of all is free, and one of those the job may have.
    fn has_worker(&self, job: &Job, busy: u32) -> bool {
        busy < self.crew.most() && job.busy_workers() < Crew::most_of(&job.frame.settings)
    }

    /// Whether a lane takes another call of a job now.
    fn takes(&self, no: LaneNo, job: &Job, busy: u32, now: Duration) -> bool {
        let lane = &self.lanes[no.0];
        let server = &self.servers[lane.server.0];
        // Where a chapter holds the permit, its worker is counted already.
        let worker = job.frame.settings.permit == Permit::Chapter || self.has_worker(job, busy);
        let room = lane.in_flight < lane.ladder.limit() && worker;
        room && server.breaker.admits()
            && (!server.exclusive
                || server.resident.is_none_or(|resident| self.may_change(resident, no, job, busy, now)))
    }

    /// Whether a call would begin another chapter while the first of a long book is still to come.
    fn begins_gently(&self, job: &Job, no: CallNo, lanes: &[LaneNo]) -> bool {
        let slots: u32 = lanes.iter().map(|lane| self.lanes[lane.0].ladder.limit()).sum();
        let place = self.calls.get(&no).and_then(|call| call.queued.call.chapter);
        let is_new = place.is_some_and(|place| !job.chapters[place as usize].has_begun());
        is_new
            && job.over == 0
            && job.in_flight as usize >= FIRST_CALLS
            && slots > FEW_SLOTS
            && job.unbegun.len() >= CHAPTERS_A_SLOT * slots as usize
            && job.frame.settings.permit == Permit::Call
            && !self.is_waited_for(job)
    }

    /// Whether a server may go over from one lane to another: two at once would make it load models in turn, and so
    /// would going over whenever it is idle for a moment.
    fn may_change(&self, resident: LaneNo, wanted: LaneNo, job: &Job, busy: u32, now: Duration) -> bool {
        let server = self.lanes[wanted.0].server;
        let mut others = self.jobs.values().filter(|other| {
            // One that lacks a worker cannot take its turn, so nobody waits for it.
            let worker = other.frame.settings.permit == Permit::Chapter || self.has_worker(other, busy);
            other.id != job.id && other.works() && worker
        });
        let uses = |other: &Job, which: &dyn Fn(LaneNo) -> bool| {
            self.tier_now(other, now).is_some_and(|tier| other.tiers[tier].iter().any(|lane| which(*lane)))
        };
        if resident == wanted {
            // Another job's turn has come: what is in flight is finished first.
            let here = |lane: LaneNo| lane != resident && self.lanes[lane.0].server == server;
            return !others.any(|other| {
                !other.ready.is_empty()
                    && self.goes_before(other, job)
                    && uses(other, &here)
                    && !uses(other, &|lane| lane == resident)
            });
        }
        let goes_on = |other: &Job| !other.ready.is_empty() || other.storing + other.looking > 0;
        self.lanes[resident.0].in_flight == 0
            && !others
                .any(|other| goes_on(other) && !self.goes_before(job, other) && uses(other, &|lane| lane == resident))
    }

    /// The call of a job that goes first.
    fn most_urgent(&self, job: &Job) -> Option<CallNo> {
        let slots: u32 = job.tiers.iter().flatten().map(|lane| self.lanes[lane.0].ladder.limit()).sum();
        let longest = job.unbegun.last().map_or(0, |(chars, _)| u64::from(*chars));
        let near_end = job.unbegun_chars <= longest.saturating_mul(NEAR_THE_END * u64::from(slots.max(1)));
        let may_begin = job.permits.len() < slots.min(Crew::most_of(&job.frame.settings)) as usize;
        let may = |no: &&CallNo| {
            if self.calls.get(no).is_some_and(|call| !job.may_send(&call.queued.call)) {
                return false;
            }
            if job.frame.settings.permit == Permit::Call {
                return true;
            }
            let place = self.calls.get(no).and_then(|call| call.queued.call.chapter).unwrap_or(u32::MAX);
            job.permits.get(&place).map_or(may_begin, |under_way| !under_way)
        };
        job.ready.iter().filter(may).min_by_key(|no| self.rank(job, **no, near_end)).copied()
    }

    fn rank(&self, job: &Job, no: CallNo, near_end: bool) -> Rank {
        let Some(call) = self.calls.get(&no) else { return (usize::MAX, true, u32::MAX, 0, 0, 0) };
        let planned = &call.queued.call;
        let Some(place) = planned.chapter else {
            return (usize::MAX, true, u32::MAX, u32::MAX, 0, planned.step.index);
        };
        let chapter = &job.chapters[place as usize];
        let waited_for = job.front.iter().position(|front| *front == place).unwrap_or(usize::MAX);
        let new = !chapter.has_begun();
        let length = if new && near_end { u32::MAX - chapter.chars } else { 0 };
        // Later steps of a chapter finish it sooner than its remaining pieces would.
        (waited_for, new, length, job.turns.turn(place), u32::MAX - planned.step.level, planned.step.index)
    }

    /// Where a call is finished first. A slow server is left idle only where a faster one, though full, would have the
    /// call done sooner, and only while there are too few calls for all.
    fn soonest(&self, no: CallNo, free: &[LaneNo], all: &[LaneNo]) -> Option<LaneNo> {
        let cost = self.calls.get(&no)?.cost;
        let least = |lanes: &[LaneNo]| {
            let speed = |lane: &LaneNo| self.lanes[lane.0].expects(cost);
            lanes.iter().copied().min_by(|one, other| speed(one).total_cmp(&speed(other)))
        };
        let best = least(free)?;
        if all.len() < 2 {
            return Some(best);
        }
        let waiting: usize = self.jobs.values().map(|job| job.ready.len() + job.held_back.len()).sum();
        let slots: u32 = all.iter().map(|lane| self.lanes[lane.0].ladder.limit()).sum();
        let faster = least(all)?;
        // A full server takes on average half a call's time until it is free.
        let later = self.lanes[faster.0].expects(cost) * 1.5;
        let few = waiting < slots as usize / 2 + 1;
        // It is waited for only while its own calls keep it busy, so that the wait surely ends.
        let lane = &self.lanes[faster.0];
        let full = lane.in_flight > 0 && lane.in_flight >= lane.ladder.limit();
        let usable = full && self.servers[lane.server.0].trouble.is_none();
        if few && usable && faster != best && self.lanes[best.0].expects(cost) > later { None } else { Some(best) }
    }

    /// The stored answer of the provider a call would be sent to, or of one the person prefers to that.
    fn kept_of(&mut self, no: CallNo, tier: usize) -> Option<Kept> {
        self.calls.get_mut(&no)?.kept.iter_mut().take(tier + 1).find_map(Option::take)
    }

    /// A call is not sent: the store has its answer.
    fn take_kept(&mut self, no: CallNo, kept: Kept, now: Duration) {
        let Some(call) = self.calls.remove(&no) else { return };
        if let Some(job) = self.jobs.get_mut(&call.job) {
            job.ready.remove(&no);
        }
        self.reuse(call.job, &call.queued, kept, now);
    }

    fn send(&mut self, no: CallNo, tier: usize, to: LaneNo, now: Duration) {
        let Some(call) = self.calls.get_mut(&no) else { return };
        let Some(job) = self.jobs.get_mut(&call.job) else { return };
        let lane = &mut self.lanes[to.0];
        let server = &mut self.servers[lane.server.0];
        let ticket = lane.ladder.sent();
        call.state = CallState::InFlight(Flight { lane: to, tier, ticket, sent: now, first: None, heard: now });
        job.ready.remove(&no);
        self.flying.insert(no);
        lane.in_flight += 1;
        server.in_flight += 1;
        server.resident = Some(to);
        server.breaker.sent();
        server.watchdog.in_flight(now, server.in_flight);
        job.in_flight += 1;
        job.served += call.cost / f64::from(job.frame.settings.weight.max(1));
        let (id, tries, cost, queued) = (job.id, call.tries, call.cost, Arc::clone(&call.queued));
        let place = queued.call.chapter;
        if let Some(place) = place {
            if job.frame.settings.permit == Permit::Chapter {
                job.permits.insert(place, true);
            }
            job.no_longer_unbegun(place);
            if let Some(chapter) = job.chapter(place) {
                chapter.begin();
            }
        }
        self.out.push(Action::Send { call: no, job: id, lane: to, queued, tries, cost });
        if let Some(place) = place {
            self.show(id, place);
        }
        self.produce(id, now);
    }
}
