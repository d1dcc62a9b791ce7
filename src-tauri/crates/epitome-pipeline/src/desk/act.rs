//! Doing what the engine says.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use epitome_engine::key;
use epitome_engine::plan::{Chapter, PlannedCall};
use epitome_engine::sched::{Action, CallNo, Event, Found, LaneNo, QueuedCall, Trouble, View, Write, open};
use epitome_llm::{LlmError, Progress, scaffold_tokens};
use epitome_model::{CallEnd, CallKind, ChapterState, JobId, JobState, LaneCall, WireError};
use epitome_store::crash;

use super::promise::Promise;
use super::{Desk, Flight, Heard, JobHandle, Told};
use crate::RunError;
use crate::connect::Identity;
use crate::record::Recorder;
use crate::scribe::{Ending, Line, What};

impl Desk {
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Open { job, chapter } => self.open(job, *chapter),
            Action::LookUp { job, calls } => self.look_up(job, calls),
            Action::Send { call, job, lane, queued, cost, .. } => self.send(call, job, lane, &queued, cost),
            Action::Cancel { call } => {
                self.collect(call);
                self.landed(call, CallEnd::BrokenOff);
                if let Some(flight) = self.flights.remove(&call) {
                    // Dropping the request closes its connection, which frees the server's slot.
                    flight.task.abort();
                    self.count_failed(flight.job);
                }
            }
            Action::Store { call, job, author, tier, queued, answer, attempts, completes } => {
                let Some(handle) = self.jobs.get(&job) else { return };
                let (recorder, key) = (handle.recorder.clone(), handle.key(&queued, tier));
                let lost = Event::Stored { call, outcome: Err(lost()) };
                self.doing(lost, async move {
                    let stored = recorder.record(&queued, key, &answer, attempts, &author, completes).await;
                    Event::Stored { call, outcome: stored.map_err(trouble) }
                });
            }
            Action::Write { job, write, chapter } => self.write(job, write, chapter),
            Action::ReadSummaries { job, from } => {
                let Some(handle) = self.jobs.get(&job) else { return };
                let recorder = handle.recorder.clone();
                let lost = Event::Summaries { job, read: Err(lost()) };
                self.blocking(lost, move || Event::Summaries { job, read: recorder.summaries(from).map_err(trouble) });
            }
            Action::Probe { server } => {
                let Some(provider) = self.probes.get(&server) else { return };
                let provider = Arc::clone(provider);
                let lost = Event::Probed { server, up: false };
                self.doing(lost, async move { Event::Probed { server, up: provider.reachable().await } });
            }
            Action::Unload { lane } => {
                let Some(member) = self.jobs.values().find_map(|handle| handle.lanes.get(&lane)) else { return };
                let provider = Arc::clone(&member.provider);
                tokio::spawn(async move { provider.let_go().await });
            }
            Action::Note { job, level, text, section } => self.put(job, What::Event { level, text, section }),
            Action::Show { job, place, cell } => {
                if let Some(handle) = self.jobs.get_mut(&job)
                    && let Some(at) = handle.cells.get(place as usize)
                {
                    if cell.state == ChapterState::Done {
                        handle.figures.chapter_done(std::time::Instant::now());
                    }
                    handle.board.set_cell(*at, cell);
                }
            }
            Action::State { job, state, reason } => self.say(job, state, reason),
            Action::Over { job, state, reason, view } => self.over(job, state, reason, *view),
        }
    }

    pub(super) fn put(&mut self, job: JobId, what: What) {
        let Some(handle) = self.jobs.get(&job) else { return };
        self.scribe.put(Line { recorder: handle.recorder.clone(), board: Arc::clone(&handle.board), what });
    }

    fn open(&self, job: JobId, chapter: Chapter) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let (recorder, frame) = (handle.recorder.clone(), Arc::clone(&handle.frame));
        let (identities, place) = (Arc::clone(&handle.identities), chapter.place);
        let lost = Event::Opened { job, place, opened: Err(lost()) };
        let promise = Promise::new(self.tell.clone(), Told::Event(lost));
        tokio::task::spawn_blocking(move || {
            let begun = std::time::Instant::now();
            let text = recorder.text(chapter.section);
            let read = begun.elapsed();
            let opened = text.and_then(|text| open(chapter, text, &frame, |calls| find(&recorder, &identities, calls)));
            let took = (read, begun.elapsed().saturating_sub(read));
            let event = Event::Opened { job, place, opened: opened.map(Box::new).map_err(trouble) };
            promise.keep_blocking(Told::Opened { job, took, event });
        });
    }

    fn look_up(&self, job: JobId, calls: Vec<PlannedCall>) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let (recorder, identities) = (handle.recorder.clone(), Arc::clone(&handle.identities));
        let lost = Event::Found { job, calls: Err(lost()) };
        self.blocking(lost, move || Event::Found { job, calls: find(&recorder, &identities, calls).map_err(trouble) });
    }

    fn send(&mut self, call: CallNo, job: JobId, lane: LaneNo, queued: &Arc<QueuedCall>, cost: f64) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let Some(member) = handle.lanes.get(&lane) else { return };
        let (provider, chosen) = (Arc::clone(&member.provider), member.tier == 0);
        let heard = Arc::new(Heard::default());
        let place = queued.call.chapter;
        let at = place.and_then(|place| handle.cells.get(place as usize));
        let spot = self.slots.take(call, self.engine.server_of(lane));
        let shown = LaneCall {
            id: spot.id,
            host: 0,
            slot: spot.slot,
            kind: queued.call.step.kind,
            number: at.and_then(|at| handle.board.number(*at)),
            section: place.and_then(|place| handle.sections.get(place as usize)).copied(),
            ours: true,
            sent_ms: (self.clock)(),
            first_ms: None,
            end_ms: None,
            end: None,
        };
        let clock = self.clock;
        self.serial += 1;
        let (serial, listener) = (self.serial, Arc::clone(&heard));
        let words = "the call ended unexpectedly".to_owned();
        let event = Event::Failed { call, error: LlmError::ServerError { words } };
        let promise = Promise::new(self.tell.clone(), Told::Call { call, serial, event });
        let task = &queued.call.task;
        let weighed = (task.kind == CallKind::Map)
            .then(|| (task.text.chars().count(), scaffold_tokens(task, &handle.frame.settings.wording)));
        let queued = Arc::clone(queued);
        let task = tokio::spawn(async move {
            let on_progress = |progress: Progress| match progress {
                Progress::FirstToken { .. } => {
                    // It was sent for certain, and the server is at it.
                    crash::point("call.sent");
                    listener.first_ms.store(clock(), Ordering::Relaxed);
                }
                Progress::Tokens(count) => {
                    listener.tokens.fetch_add(count, Ordering::Relaxed);
                }
            };
            let event = match provider.call(&queued.call.task, &on_progress).await {
                Ok(answer) => {
                    crash::point("call.answered");
                    Event::Answered { call, answer }
                }
                Err(error) => Event::Failed { call, error },
            };
            promise.keep(Told::Call { call, serial, event }).await;
        });
        let sent = std::time::Instant::now();
        let task = task.abort_handle();
        self.flights.insert(call, Flight { job, serial, chosen, weighed, cost, sent, shown, heard, task });
        self.show_call(call);
    }

    fn write(&self, job: JobId, write: Write, chapter: Option<Box<Chapter>>) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let recorder = handle.recorder.clone();
        let lost = Event::Wrought { job, write: write.clone(), outcome: Err(lost()) };
        self.doing(lost, async move {
            let written = match (&write, &chapter) {
                (Write::Chapter { written, author, .. }, Some(chapter)) => {
                    recorder.finish_chapter(chapter, written, author.as_ref()).await
                }
                (Write::Standing { error, .. }, Some(chapter)) => recorder.set_chapter(chapter, error.as_ref()).await,
                (Write::Synopsis { text, author }, _) => recorder.synopsis(text.clone(), author.as_ref()).await,
                (_, None) => Ok(()),
            };
            Event::Wrought { job, write, outcome: written.map_err(trouble) }
        });
    }

    fn say(&mut self, job: JobId, state: JobState, reason: Option<String>) {
        let now = std::time::Instant::now();
        let Some(handle) = self.jobs.get_mut(&job) else { return };
        handle.board.set_state(state, reason.clone());
        match state {
            JobState::Running => handle.figures.pace.go(now),
            _ => handle.figures.pace.halt(now),
        }
        // A pause is final only when the last call is in; until then a killed run is one that runs.
        if state != JobState::Paused {
            self.put(job, What::State { state, reason });
        }
    }

    fn over(&mut self, job: JobId, state: JobState, reason: Option<String>, view: View) {
        let now = std::time::Instant::now();
        self.learn();
        let Some(mut handle) = self.jobs.remove(&job) else { return };
        handle.figures.pace.halt(now);
        handle.show(view, now);
        handle.measure(self.monitor.as_ref());
        if self.jobs.is_empty() {
            self.monitor = None;
        }
        handle.board.set_vitals(|vitals| {
            vitals.remaining = None;
            vitals.advice = None;
            vitals.alerts.clear();
            // What is held or broken off writes nothing; a finished run keeps showing how fast it was.
            if state != JobState::Done {
                (vitals.tokens_out_per_s, vitals.tokens_in_per_s) = (0.0, 0.0);
            }
        });
        let end = Ending {
            // Of a run to which others contributed the speed says nothing.
            tokens: if handle.mixed { (0, 0) } else { handle.figures.tokens() },
            worked: handle.figures.pace.worked(now),
            window: handle.window,
            language: handle.language,
            ratio: handle.ratio,
        };
        let what = What::Over { state, reason, done: handle.done, end: Box::new(end) };
        self.scribe.put(Line { recorder: handle.recorder, board: handle.board, what });
    }
}

/// Gives calls their keys and what the store has for them. Blocking.
fn find(recorder: &Recorder, identities: &[Identity], calls: Vec<PlannedCall>) -> Result<Vec<Found>, RunError> {
    let generation = recorder.generation();
    let identities: Vec<String> = identities.iter().map(|identity| known(identity).to_owned()).collect();
    recorder.find(calls.into_iter().map(|call| QueuedCall::new(call, &identities, generation)).collect())
}

/// What makes the answers of a tier, empty while no server of it was seen.
fn known(identity: &Identity) -> &str {
    identity.get().map_or("", String::as_str)
}

impl JobHandle {
    /// The key of a call's answer from a tier, which may not have been known when the call was planned.
    fn key(&self, queued: &QueuedCall, tier: usize) -> String {
        match (queued.keys.get(tier), self.identities.get(tier)) {
            (Some(key), _) if !key.is_empty() => key.clone(),
            (_, Some(identity)) => key::of(known(identity), self.recorder.generation(), &queued.call.task),
            _ => queued.keys.first().cloned().unwrap_or_default(),
        }
    }
}

/// What the engine is told when a task of ours ended without a word: it panicked.
fn lost() -> Trouble {
    trouble(RunError::WorkersGone)
}

/// What the engine is told about an error of the store.
fn trouble(error: RunError) -> Trouble {
    WireError::from(error).into()
}
