//! What time brings, and where each job stands.

use std::time::Duration;

use epitome_model::{EventLevel, JobId, JobState, Wanted};

use crate::synopsis::Synopsis;

use super::job::{Job, Stage};
use super::{Action, CallState, Engine, LaneNo, ServerNo};

/// Calls of a synopsis that are planned ahead for each that may be in flight.
const MERGES_AHEAD: u32 = 2;

/// What is said of a job that finishes what it has begun.
const FINISHING: &str = "The chapters that were begun are finished, then it stops.";

/// What is said of a job that waits for room on the disk.
pub const DISK_FULL: &str = "The disk is full. Free some space: the run goes on by itself and nothing is lost.";

/// How long the servers of one tier may be away before the next one takes over.
const TAKE_OVER: Duration = Duration::from_secs(5);

impl Engine {
    /// When [`super::Event::Tick`] is due at the latest; `None` when nothing waits for time to pass.
    pub fn wakes_at(&self) -> Option<Duration> {
        let mut at = self.resting.first().map(|(until, _)| *until);
        let mut sooner = |other: Option<Duration>| {
            at = match (at, other) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
        };
        self.flying.iter().for_each(|no| sooner(self.limit_of(*no)));
        self.disk_full.values().for_each(|again| sooner(Some(*again)));
        self.writes_again.iter().for_each(|(again, _, _)| sooner(Some(*again)));
        if !self.jobs.is_empty() {
            self.lanes.iter().for_each(|lane| sooner(lane.ladder.wakes_at()));
            for server in &self.servers {
                sooner(server.breaker.wakes_at());
                sooner(server.watchdog.wakes_at());
            }
            for job in self.jobs.values() {
                let outage = u64::from(job.frame.settings.outage_s);
                if let Some(since) = job.away_since {
                    // Once it is over, the next tier has been looked at, and there is nothing to wake up for.
                    sooner(Some(since + TAKE_OVER).filter(|at| *at > self.driven));
                    sooner((outage > 0).then(|| since + Duration::from_secs(outage)));
                }
            }
        }
        at
    }

    /// Does what is due.
    pub(super) fn timers(&mut self, now: Duration) {
        self.time_out(now);
        self.wake_rested(now);
        self.write_again(now);
        if self.jobs.is_empty() {
            return;
        }
        self.tell_demand(now);
        for lane in &mut self.lanes {
            lane.ladder.tick(now);
        }
        for at in 0..self.servers.len() {
            let server = &mut self.servers[at];
            server.breaker.tick(now);
            if !server.probing && server.breaker.wants_probe(now) {
                server.probing = true;
                self.out.push(Action::Probe { server: ServerNo(at) });
            }
            if server.watchdog.barks(now)
                && let Some(lane) = server.resident
            {
                self.out.push(Action::Unload { lane });
            }
        }
        self.server_changes(now);
    }

    fn write_again(&mut self, now: Duration) {
        let due: Vec<_> = self.disk_full.iter().filter(|(_, again)| **again <= now).map(|(no, _)| *no).collect();
        for no in due {
            // Stays among those that wait for room until it is stored, so that nothing else is sent meanwhile.
            self.disk_full.insert(no, Duration::MAX);
            self.writes += 1;
            self.store(no);
        }
        let (due, later) = std::mem::take(&mut self.writes_again).into_iter().partition(|(again, _, _)| *again <= now);
        self.writes_again = later;
        let due: Vec<(Duration, JobId, super::Write)> = due;
        for (_, id, write) in due {
            if let Some(job) = self.jobs.get_mut(&id) {
                job.writing = job.writing.saturating_sub(1);
            }
            self.write(id, write);
        }
    }

    /// Brings a job on as far as it goes without sending calls.
    pub(super) fn advance(&mut self, id: JobId, now: Duration) {
        self.produce(id, now);
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if !job.works() {
            return;
        }
        if job.wanted == Wanted::Run
            && matches!(job.stage, Stage::Chapters)
            && job.chapters_over()
            && !job.is_busy()
            && job.queued() == 0
        {
            job.stage = Stage::Merging(Box::new(Synopsis::new(&job.frame)));
        }
        let limit: u32 = job.tiers.iter().flatten().map(|lane| self.lanes[lane.0].ladder.limit()).sum();
        if let Stage::Merging(synopsis) = &mut job.stage
            && (job.ready.len() + job.held_back.len() + job.resting as usize) <= (limit * MERGES_AHEAD) as usize
            && let Some(from) = synopsis.ask()
        {
            job.looking += 1;
            self.out.push(Action::ReadSummaries { job: id, from });
        }
    }

    /// The tier a job's calls go to now; `None` while no server of it takes any.
    pub(super) fn tier_now(&self, job: &Job, now: Duration) -> Option<usize> {
        let open = |lanes: &[LaneNo]| lanes.iter().all(|lane| self.servers[self.lanes[lane.0].server.0].is_open());
        let since = |lanes: &[LaneNo]| {
            let away =
                |lane: &LaneNo| self.servers[self.lanes[lane.0].server.0].trouble.as_ref().map(|(since, _)| *since);
            lanes.iter().filter_map(away).max()
        };
        for (tier, lanes) in job.tiers.iter().enumerate() {
            if !open(lanes) {
                return Some(tier);
            }
            if since(lanes).is_none_or(|since| now.saturating_sub(since) < TAKE_OVER) {
                return None;
            }
        }
        None
    }

    /// Whether something waits for room on the disk.
    pub(super) fn lacks_room(&self) -> bool {
        !self.disk_full.is_empty() || !self.writes_again.is_empty()
    }

    /// Says where a job stands, and lets it go when it is over.
    pub(super) fn settle(&mut self, id: JobId, now: Duration) {
        let Some(job) = self.jobs.get(&id) else { return };
        if let Some(state) = job.ending {
            return self.let_go(id, state, now);
        }
        match job.wanted {
            Wanted::Pause if job.in_flight == 0 && (job.storing + job.writing == 0 || self.lacks_room()) => {
                return self.let_go(id, JobState::Paused, now);
            }
            Wanted::Pause => return,
            Wanted::Finish if job.has_finished() => return self.let_go(id, JobState::Stopped, now),
            Wanted::Run | Wanted::Finish | Wanted::Stop => {}
        }
        if matches!(job.stage, Stage::Over) && !job.is_busy() && job.queued() == 0 {
            let state =
                if job.failed > 0 || job.synopsis_error.is_some() { JobState::Incomplete } else { JobState::Done };
            return self.let_go(id, state, now);
        }
        let waits = job.queued() > 0 || job.in_flight > 0;
        let stores = |state: &CallState| matches!(state, CallState::Storing(_));
        let full = self
            .disk_full
            .keys()
            .any(|no| self.calls.get(no).is_some_and(|call| call.job == id && stores(&call.state)))
            || self.writes_again.iter().any(|(_, job, _)| *job == id);
        if full {
            return self.say(id, JobState::Unreachable, Some(DISK_FULL.to_owned()));
        }
        if waits && self.tier_now(job, now).is_none() {
            return self.away(id, now);
        }
        if let Some(job) = self.jobs.get_mut(&id) {
            job.away_since = None;
        }
        let finishing = self.jobs.get(&id).is_some_and(|job| job.wanted == Wanted::Finish);
        self.say(id, JobState::Running, finishing.then(|| FINISHING.to_owned()));
    }

    /// No server takes a job's calls.
    fn away(&mut self, id: JobId, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let since = *job.away_since.get_or_insert(now);
        let limit = Duration::from_secs(job.frame.settings.outage_s.into());
        if !limit.is_zero() && now.saturating_sub(since) >= limit {
            job.end_reason = Some("The server did not come back. Start it and resume: nothing was lost.".to_owned());
            job.ending = Some(JobState::Unreachable);
            return self.let_go(id, JobState::Unreachable, now);
        }
        let lane = job.tiers.iter().flatten().next().copied();
        let trouble = lane.and_then(|lane| self.servers[self.lanes[lane.0].server.0].trouble.clone());
        let reason = trouble.map_or_else(|| "The server does not answer.".to_owned(), |(_, reason)| reason);
        let text = format!("{reason} The run waits and goes on by itself when the server is back.");
        self.say(id, JobState::Unreachable, Some(text));
    }

    /// A job leaves: calls in flight are broken off, what waits is dropped.
    fn let_go(&mut self, id: JobId, state: JobState, now: Duration) {
        self.drop_calls(id, |_| true);
        // Answers that could not be stored are dropped with the job; they are asked for again when it goes on.
        let storing: Vec<_> = self.calls.iter().filter(|(_, call)| call.job == id).map(|(no, _)| *no).collect();
        for no in storing {
            self.calls.remove(&no);
            self.disk_full.remove(&no);
        }
        self.writes_again.retain(|(_, job, _)| *job != id);
        let view = Box::new(self.view(id, now).unwrap_or_default());
        let Some(mut job) = self.jobs.remove(&id) else { return };
        self.set_crew();
        let reason = job.end_reason.take().or_else(|| {
            let failed = job.failed;
            match (state, failed, &job.synopsis_error) {
                (JobState::Incomplete, 0, Some(error)) => {
                    Some(format!("The synopsis could not be written: {} {}", error.message, error.hint))
                }
                (JobState::Incomplete, 1, _) => Some("1 chapter failed; the others are done.".to_owned()),
                (JobState::Incomplete, _, _) => Some(format!("{failed} chapters failed; the others are done.")),
                _ => None,
            }
        });
        if state == JobState::Done {
            let text = format!("Every chapter has its summary: {} chapters.", job.chapters.len());
            self.out.push(Action::Note { job: id, level: EventLevel::Good, text, section: None });
        }
        self.out.push(Action::Over { job: id, state, reason, view });
    }
}
