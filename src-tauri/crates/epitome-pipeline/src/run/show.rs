//! What others see of a run, and what it hears from them.

use std::time::Instant;

use epitome_model::{EventLevel, JobState, Wanted};

use crate::RunError;

use super::Run;

/// How often the vital signs are stored for other processes, in ticks.
const STORE_EVERY: u32 = 10;

/// How often a server that is away is looked for, in ticks.
const PROBE_EVERY: u32 = 10;

impl Run {
    pub(super) async fn tick(&mut self, ticks: u32) -> Result<(), RunError> {
        let now = Instant::now();
        self.refresh(now);
        if ticks.is_multiple_of(2) {
            self.heed().await?;
        }
        if let Some(since) = self.away_since
            && ticks.is_multiple_of(PROBE_EVERY)
        {
            let limit = u64::from(self.frame.settings.outage_s);
            if self.connected.provider.reachable().await {
                self.came_back().await?;
            } else if limit > 0 && now.duration_since(since).as_secs() >= limit {
                self.reason = Some("The server did not come back. Start it and resume: nothing was lost.".to_owned());
                self.ended = Some(JobState::Unreachable);
            }
        }
        if ticks.is_multiple_of(STORE_EVERY) {
            self.recorder.live(&self.board.board().vitals).await;
        }
        Ok(())
    }

    /// Follows what the person wants, wherever it was said.
    pub(super) async fn heed(&mut self) -> Result<(), RunError> {
        let wanted = self.recorder.wanted().await?;
        if wanted == self.wanted {
            return Ok(());
        }
        self.wanted = wanted;
        let now = Instant::now();
        match wanted {
            Wanted::Run => {
                self.pace.go(now);
                self.queue.pause(false);
                self.recorder.set_state(JobState::Running, None).await?;
                self.say(JobState::Running, None);
            }
            Wanted::Pause => {
                self.pace.halt(now);
                self.queue.pause(true);
                self.say(JobState::Paused, None);
            }
            Wanted::Stop => self.ended = Some(JobState::Stopped),
        }
        Ok(())
    }

    /// A paused run ends as soon as no call is with a worker, so that another job may use the card; a worker that
    /// waits for a server that is away has none.
    pub(super) fn rest(&mut self) {
        let idle = self.out <= self.queue.len() || self.away_since.is_some();
        if self.wanted == Wanted::Pause && idle {
            self.ended = Some(JobState::Paused);
        }
    }

    pub(super) async fn end(mut self) -> Result<JobState, RunError> {
        let failed = self.chapters.iter().filter(|chapter| chapter.is_failed()).count();
        let state = self.ended.unwrap_or(if failed > 0 || self.synopsis_error.is_some() {
            JobState::Incomplete
        } else {
            JobState::Done
        });
        let reason = self.reason.take().or_else(|| match (failed, &self.synopsis_error) {
            (0, None) => None,
            (0, Some(error)) => Some(format!("The synopsis could not be written: {} {}", error.message, error.hint)),
            (1, _) => Some("1 chapter failed; the others are done.".to_owned()),
            (failed, _) => Some(format!("{failed} chapters failed; the others are done.")),
        });
        let now = Instant::now();
        self.refresh(now);
        self.board.set_vitals(|vitals| {
            vitals.remaining = None;
            // What is held or broken off writes nothing; a finished run keeps showing how fast it was.
            if state != JobState::Done {
                (vitals.tokens_out_per_s, vitals.tokens_in_per_s) = (0.0, 0.0);
            }
        });
        if state == JobState::Done {
            let text = format!("Every chapter has its summary: {} chapters.", self.chapters.len());
            self.event(EventLevel::Good, text, None).await?;
        }
        self.recorder.speed(&self.connected, self.gauges.tokens(), self.pace.worked(now)).await?;
        self.recorder.live(&self.board.board().vitals).await;
        self.recorder.set_state(state, reason.clone()).await?;
        self.say(state, reason);
        Ok(state)
    }

    pub(super) fn refresh(&mut self, now: Instant) {
        let over = self.chapters.iter().filter(|chapter| chapter.is_over()).count();
        let failed = self.chapters.iter().filter(|chapter| chapter.is_failed()).count();
        let done = over - failed;
        let (mut pieces, mut pieces_done, mut pieces_failed) = (0, 0, 0);
        for chapter in &self.chapters {
            pieces += chapter.pieces();
            pieces_done += chapter.pieces_done();
            pieces_failed += if chapter.is_failed() { chapter.pieces() - chapter.pieces_done() } else { 0 };
        }
        let queued = self.queue.len() + self.backlog.len();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.board.set_vitals(|vitals| {
            self.gauges.fill(vitals, now);
            vitals.summary_queue.value = number(queued);
            vitals.summary_queue.bound = number(self.queue.capacity());
            vitals.write_queue.value = number(self.recorder.store().write_depth());
            vitals.write_queue.bound = self.frame.settings.write_capacity;
            (vitals.chunks_planned, vitals.chunks_done, vitals.chunks_failed) = (pieces, pieces_done, pieces_failed);
            (vitals.chapters_done, vitals.chapters_failed) = (number(done), number(failed));
            vitals.chapters_all = number(self.chapters.len());
            vitals.reused = self.reused;
            vitals.remaining = self.pace.remaining(now);
        });
    }

    pub(super) fn show(&self, place: usize) {
        if let (Some(chapter), Some(cell)) = (self.chapters.get(place), self.cells.get(place)) {
            self.board.set_cell(*cell, chapter.cell());
        }
    }

    pub(super) fn say(&self, state: JobState, reason: Option<String>) {
        self.board.set_state(state, reason);
    }

    pub(super) async fn event(&self, level: EventLevel, text: String, place: Option<usize>) -> Result<(), RunError> {
        let chapter = place.and_then(|place| self.chapters.get(place));
        let text = match chapter {
            Some(chapter) => format!("{}: {text}", chapter.source_title),
            None => text,
        };
        let event = self.recorder.event(level, text, chapter.map(|chapter| chapter.section)).await?;
        self.board.add_event(event);
        Ok(())
    }
}
