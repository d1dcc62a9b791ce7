//! What the conductor looks at while jobs run: tokens, figures, what the person wants.

use std::sync::atomic::Ordering;
use std::time::Instant;

use epitome_engine::sched::{CallNo, Event, View};
use epitome_model::{JobId, Wanted};

use super::{Desk, JobHandle, Told};
use crate::advice::advice;
use crate::record::Author;

/// How often wishes of other processes are looked for, in ticks.
const HEED_EVERY: u32 = 5;

/// How often what was found out about the servers is kept, in ticks.
const LEARN_EVERY: u32 = 300;

/// How often the vital signs are stored for other processes, in ticks.
const STORE_EVERY: u32 = 10;

impl JobHandle {
    /// Servers that did not answer when the job was connected.
    pub(super) fn down(&self) -> Vec<String> {
        let lanes = self.tiers.iter().flat_map(|tier| &tier.lanes);
        lanes.filter(|lane| !lane.up).map(|lane| lane.spec.server.clone()).collect()
    }

    /// Who writes by preference.
    pub(super) fn first_author(&self) -> Option<Author> {
        let lane = self.tiers.first()?.lanes.first()?;
        Some(lane.author.clone())
    }

    /// Brings the board up to date.
    pub(super) fn show(&mut self, view: View, now: Instant) {
        let figures = &mut self.figures;
        figures.pace.set_left(view.chars_left);
        let depth = u32::try_from(self.recorder.store().write_depth()).unwrap_or(u32::MAX);
        let settings = &self.frame.settings;
        let bound = settings.write_capacity;
        self.board.set_vitals(|vitals| {
            figures.fill(vitals, now);
            (vitals.summary_queue.value, vitals.summary_queue.bound) = view.queued;
            (vitals.write_queue.value, vitals.write_queue.bound) = (depth, bound);
            (vitals.workers.value, vitals.workers.bound) = view.workers;
            (vitals.in_flight.value, vitals.in_flight.bound) = view.in_flight;
            (vitals.chunks_planned, vitals.chunks_done) = (view.pieces, view.pieces_done);
            vitals.chunks_failed = view.pieces_failed;
            (vitals.chapters_done, vitals.chapters_failed) = (view.chapters_done, view.chapters_failed);
            vitals.chapters_all = view.chapters;
            (vitals.reused, vitals.retries) = (view.reused, view.retries);
            vitals.producer_blocked_ms = u64::try_from(view.producer_blocked.as_millis()).unwrap_or(u64::MAX);
            vitals.advice = advice(settings.provider, &settings.model, &view.hosts, vitals.remaining);
            vitals.hosts = view.hosts;
        });
    }
}

impl Desk {
    pub(super) fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        let calls: Vec<CallNo> = self.flights.keys().copied().collect();
        for call in calls {
            self.collect(call);
        }
        self.step(Event::Tick);
        self.scribe.hand_over();
        if self.ticks.is_multiple_of(LEARN_EVERY) {
            self.learn();
        }
        let (now, jobs) = (Instant::now(), self.jobs.keys().copied().collect::<Vec<_>>());
        for job in jobs {
            self.refresh(job, now);
            if self.ticks.is_multiple_of(HEED_EVERY) {
                self.heed(job);
            }
            if self.ticks.is_multiple_of(STORE_EVERY)
                && let Some(handle) = self.jobs.get(&job)
            {
                let (recorder, vitals) = (handle.recorder.clone(), handle.board.vitals());
                tokio::spawn(async move { recorder.live(&vitals).await });
            }
        }
    }

    /// Keeps what was found out about the servers, for the next start.
    pub(super) fn learn(&self) {
        let Some(recorder) = self.jobs.values().next().map(|handle| handle.recorder.clone()) else { return };
        let found = self.engine.learned();
        tokio::spawn(async move {
            for found in found {
                recorder.learn(found).await;
            }
        });
    }

    /// Brings what was heard of a call to the engine.
    pub(super) fn collect(&mut self, call: CallNo) {
        let Some(flight) = self.flights.get(&call) else { return };
        let (job, first) = (flight.job, flight.heard.first.swap(false, Ordering::Relaxed));
        let tokens = flight.heard.tokens.swap(0, Ordering::Relaxed);
        if first {
            self.step(Event::FirstToken { call });
        }
        if tokens > 0 {
            if let Some(handle) = self.jobs.get_mut(&job) {
                handle.figures.wrote(Instant::now(), tokens);
            }
            self.step(Event::Wrote { call, tokens });
        }
    }

    /// Counts how a call ended.
    pub(super) fn count(&mut self, call: CallNo, event: &Event) {
        let Some(flight) = self.flights.get(&call) else { return };
        let Some(handle) = self.jobs.get_mut(&flight.job) else { return };
        match event {
            Event::Answered { answer, .. } => {
                handle.figures.answered(Instant::now(), answer.usage);
                handle.figures.pace.did(flight.chars as u64);
                if !answer.usage.estimated {
                    let chars = flight.chars + handle.frame.measure.overhead_chars;
                    handle.ratio.saw(chars, answer.usage.prompt_tokens);
                }
            }
            _ => handle.figures.failed(),
        }
    }

    pub(super) fn count_failed(&mut self, job: JobId) {
        if let Some(handle) = self.jobs.get_mut(&job) {
            handle.figures.failed();
        }
    }

    fn refresh(&mut self, job: JobId, now: Instant) {
        let Some(view) = self.engine.view(job, self.start.elapsed()) else { return };
        if let Some(handle) = self.jobs.get_mut(&job) {
            handle.show(view, now);
        }
    }

    /// Looks what the person wants of a job, wherever it was said.
    pub(super) fn heed(&mut self, job: JobId) {
        let Some(handle) = self.jobs.get_mut(&job) else { return };
        if std::mem::replace(&mut handle.heeding, true) {
            return;
        }
        let (recorder, tell) = (handle.recorder.clone(), self.tell.clone());
        tokio::task::spawn_blocking(move || {
            let wanted = recorder.wanted().unwrap_or_else(|error| {
                tracing::warn!(%error, "wishes not read");
                Wanted::Run
            });
            let _ = tell.blocking_send(Told::Wanted { job, wanted });
        });
    }
}
