//! A job's figures, as the board shows them.

use std::time::Duration;

use epitome_model::JobId;

use crate::ladder::Finding;

use super::crew::Crew;
use super::{Engine, LaneNo, ServerNo, View};

/// What was found out about a lane, to be remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    pub server: String,
    pub model: String,
    pub window: u32,
    pub finding: Finding,
    pub slots: Option<u32>,
}

impl Engine {
    /// The figures of a job; `None` once it has left.
    pub fn view(&self, id: JobId, now: Duration) -> Option<View> {
        let job = self.jobs.get(&id)?;
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (mut pieces, mut pieces_done, mut pieces_failed) = (0, 0, 0);
        let mut work_left = job.left_of_synopsis();
        for chapter in &job.chapters {
            work_left += job.work.left_of(chapter);
            pieces += chapter.pieces();
            pieces_done += chapter.pieces_done();
            pieces_failed += if chapter.is_failed() { chapter.pieces() - chapter.pieces_done() } else { 0 };
        }
        let lanes: Vec<LaneNo> = job.tiers.iter().flatten().copied().collect();
        let limit = lanes.iter().map(|lane| self.lanes[lane.0].ladder.limit()).sum::<u32>();
        let limit = limit.min(Crew::most_of(&job.frame.settings));
        let blocked = job.blocked + job.blocked_since.map_or(Duration::ZERO, |since| now.saturating_sub(since));
        Some(View {
            queued: (number(job.queued()), job.frame.settings.summary_capacity),
            workers: (job.busy_workers(), self.crew.now().max(job.busy_workers())),
            in_flight: (job.in_flight, limit),
            work_left,
            work_done: job.work.done(),
            pieces,
            pieces_done,
            pieces_failed,
            chapters_done: job.over - job.failed,
            chapters_failed: job.failed,
            chapters: number(job.chapters.len()),
            reused: job.reused,
            retries: job.retries,
            timeouts: job.timeouts,
            producer_blocked: blocked,
            hosts: lanes
                .iter()
                .map(|lane| {
                    let lane = &self.lanes[lane.0];
                    lane.vitals(&self.servers[lane.server.0], now)
                })
                .collect(),
        })
    }

    /// What was found out about the servers so far.
    pub fn learned(&self) -> Vec<Learned> {
        let lanes = self.lanes.iter().filter_map(|lane| {
            Some(Learned {
                server: self.servers[lane.server.0].name.clone(),
                model: lane.model.clone(),
                window: lane.window,
                finding: lane.ladder.finding()?,
                slots: lane.ladder.slots(),
            })
        });
        lanes.collect()
    }

    /// Name of a server.
    pub fn server_name(&self, server: ServerNo) -> &str {
        self.servers.get(server.0).map_or("", |server| server.name.as_str())
    }

    /// Lanes of a job, tier by tier, in the order the job brought them.
    pub fn lanes_of(&self, id: JobId) -> Vec<Vec<LaneNo>> {
        self.jobs.get(&id).map(|job| job.tiers.clone()).unwrap_or_default()
    }

    /// The server of a lane.
    pub fn server_of(&self, lane: LaneNo) -> ServerNo {
        self.lanes[lane.0].server
    }

    /// Calls in flight at every lane against its limit, for checking.
    pub fn load(&self) -> Vec<(u32, u32)> {
        self.lanes.iter().map(|lane| (lane.in_flight, lane.ladder.limit())).collect()
    }

    /// Jobs in the engine.
    pub fn jobs(&self) -> usize {
        self.jobs.len()
    }
}
