//! What the conductor looks at while jobs run: tokens, figures, what the person wants.

use std::sync::atomic::Ordering;
use std::time::Instant;

use epitome_engine::sched::{CallNo, Event, View};
use epitome_model::{CallEnd, EventLevel, JobId, JobState, LaneCall, Spread, Wanted};

use super::promise::Promise;
use super::{Desk, JobHandle, Told};
use crate::advice::{Room, advice};
use crate::scribe::What;
use crate::telemetry::{Change, Monitor};

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

    /// Brings the board up to date.
    pub(super) fn show(&mut self, view: View, now: Instant) {
        let figures = &mut self.figures;
        figures.pace.set(view.work_left, view.work_done);
        let depth = u32::try_from(self.recorder.store().write_depth()).unwrap_or(u32::MAX);
        let settings = &self.frame.settings;
        let bound = settings.write_capacity;
        let room = self.window.zip(self.kv_bytes_per_token).map(|(window, bytes_per_token)| Room {
            kv_mib: settings.kv_mib,
            window,
            bytes_per_token,
        });
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
            (vitals.reused, vitals.retries, vitals.timeouts) = (view.reused, view.retries, view.timeouts);
            vitals.producer_blocked_ms = u64::try_from(view.producer_blocked.as_millis()).unwrap_or(u64::MAX);
            vitals.advice = advice(settings.provider, &settings.model, &view.hosts, vitals.remaining, room);
            vitals.hosts = view.hosts;
        });
    }
}

impl JobHandle {
    /// Brings what is measured once a second up to date.
    pub(super) fn measure(&mut self, monitor: Option<&Monitor>) {
        let commits = self.recorder.store().commit_stats();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of a commit")]
        let ms = |time: f32| time.ceil() as u32;
        let commit = Spread {
            count: u32::try_from(commits.commits).unwrap_or(u32::MAX),
            p50: ms(commits.p50_ms),
            p95: ms(commits.p95_ms),
            p99: ms(commits.p99_ms),
        };
        let machine = monitor.map(Monitor::machine).unwrap_or_default();
        let figures = &self.figures;
        self.board.set_vitals(|vitals| {
            figures.fill_latencies(vitals, commit);
            vitals.commit_batch = u32::try_from(commits.last_batch).unwrap_or(u32::MAX);
            vitals.machine = machine;
        });
    }

    /// Looks whether all is as it should be, and gives what is to be told.
    fn alert(&mut self, now_ms: i64) -> Vec<Change> {
        let at_work = self.board.state() == JobState::Running;
        let changes = self.watchman.look(now_ms, &self.board.vitals(), at_work);
        if !changes.is_empty() {
            let standing = self.watchman.standing().to_vec();
            self.board.set_vitals(|vitals| vitals.alerts = standing);
        }
        changes
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
                && let Some(handle) = self.jobs.get_mut(&job)
            {
                handle.measure(self.monitor.as_ref());
                let changes = handle.alert((self.clock)());
                let (recorder, vitals) = (handle.recorder.clone(), handle.board.vitals());
                tokio::spawn(async move { recorder.live(&vitals).await });
                self.tell_alerts(job, changes);
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
        let (job, first_ms) = (flight.job, flight.heard.first_ms.swap(0, Ordering::Relaxed));
        let tokens = flight.heard.tokens.swap(0, Ordering::Relaxed);
        if first_ms != 0 {
            if let Some(flight) = self.flights.get_mut(&call) {
                flight.shown.first_ms = Some(first_ms);
            }
            self.show_call(call);
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
                let (now, kind) = (Instant::now(), flight.shown.kind);
                handle.figures.answered(now, answer.usage, kind, flight.cost, now - flight.sent);
                handle.mixed |= !flight.chosen;
                // Another model counts otherwise.
                if let Some((chars, around)) = flight.weighed
                    && !answer.usage.estimated
                    && flight.chosen
                {
                    handle.ratio.saw(chars, answer.usage.prompt_tokens.saturating_sub(around));
                }
            }
            _ => handle.figures.failed(),
        }
    }

    /// Shows a call on the boards of all jobs that use its server.
    pub(super) fn show_call(&self, call: CallNo) {
        let (Some(flight), Some(spot)) = (self.flights.get(&call), self.slots.spot(call)) else { return };
        for (job, handle) in &self.jobs {
            let Some(host) = handle.hosts.iter().position(|server| *server == spot.server) else { continue };
            let host = u32::try_from(host).unwrap_or(u32::MAX);
            let ours = *job == flight.job;
            // Of another book's call only its time on the card is shown here.
            let (number, section) = if ours { (flight.shown.number, flight.shown.section) } else { (None, None) };
            handle.board.put_call(LaneCall { host, ours, number, section, ..flight.shown.clone() });
        }
    }

    /// A call leaves its slot.
    pub(super) fn landed(&mut self, call: CallNo, end: CallEnd) {
        if let Some(flight) = self.flights.get_mut(&call) {
            (flight.shown.end_ms, flight.shown.end) = (Some((self.clock)()), Some(end));
            self.show_call(call);
        }
        self.slots.leave(call);
    }

    /// Writes alerts into the events and into the log, and keeps them until they are seen.
    fn tell_alerts(&mut self, job: JobId, changes: Vec<Change>) {
        for change in changes {
            if let Some(handle) = self.jobs.get(&job) {
                let (recorder, change) = (handle.recorder.clone(), change.clone());
                tokio::spawn(async move { recorder.alert(change).await });
            }
            let (level, text) = match change {
                Change::Begins(alert) => {
                    tracing::warn!(%job, kind = ?alert.kind, cause = alert.cause, "alert");
                    (EventLevel::Warning, format!("{} {}", alert.cause, alert.hint))
                }
                Change::Ends(alert) => (EventLevel::Good, format!("No longer so: {}", alert.cause)),
            };
            self.put(job, What::Event { level, text, section: None });
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
        let promise = Promise::new(tell, Told::Wanted { job, wanted: Wanted::Run });
        tokio::task::spawn_blocking(move || {
            let wanted = recorder.wanted().unwrap_or_else(|error| {
                tracing::warn!(%error, "wishes not read");
                Wanted::Run
            });
            promise.keep_blocking(Told::Wanted { job, wanted });
        });
    }
}
