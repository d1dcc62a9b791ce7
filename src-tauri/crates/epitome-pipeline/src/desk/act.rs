//! Doing what the engine says.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use epitome_engine::plan::{Chapter, PlannedCall};
use epitome_engine::sched::{Action, CallNo, Event, Found, LaneNo, QueuedCall, Trouble, View, Write, open};
use epitome_llm::Progress;
use epitome_model::{JobId, JobState, WireError};
use epitome_store::crash;

use super::{Desk, Flight, Heard, Told};
use crate::RunError;
use crate::record::Recorder;
use crate::scribe::{Ending, Line, What};

impl Desk {
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Open { job, chapter } => self.open(job, *chapter),
            Action::LookUp { job, calls } => self.look_up(job, calls),
            Action::Send { call, job, lane, queued, .. } => self.send(call, job, lane, queued),
            Action::Cancel { call } => {
                self.collect(call);
                if let Some(flight) = self.flights.remove(&call) {
                    // Dropping the request closes its connection, which frees the server's slot.
                    flight.task.abort();
                    self.count_failed(flight.job);
                }
            }
            Action::Store { call, job, lane, tier, queued, answer, attempts, completes } => {
                let Some(handle) = self.jobs.get(&job) else { return };
                let Some((_, author)) = handle.lanes.get(&lane) else { return };
                let (recorder, author, tell) = (handle.recorder.clone(), author.clone(), self.tell.clone());
                tokio::spawn(async move {
                    let stored = recorder.record(&queued, tier, &answer, attempts, &author, completes).await;
                    let event = Event::Stored { call, outcome: stored.map_err(trouble) };
                    let _ = tell.send(Told::Event(event)).await;
                });
            }
            Action::Write { job, write, chapter } => self.write(job, write, chapter),
            Action::ReadSummaries { job, from } => {
                let Some(handle) = self.jobs.get(&job) else { return };
                let recorder = handle.recorder.clone();
                self.blocking(move || Event::Summaries { job, read: recorder.summaries(from).map_err(trouble) });
            }
            Action::Probe { server } => {
                let Some(provider) = self.probes.get(&server) else { return };
                let (provider, tell) = (Arc::clone(provider), self.tell.clone());
                tokio::spawn(async move {
                    let up = provider.reachable().await;
                    let _ = tell.send(Told::Event(Event::Probed { server, up })).await;
                });
            }
            Action::Unload { lane } => {
                let Some((provider, _)) = self.jobs.values().find_map(|handle| handle.lanes.get(&lane)) else { return };
                let provider = Arc::clone(provider);
                tokio::spawn(async move { provider.let_go().await });
            }
            Action::Note { job, level, text, section } => self.put(job, What::Event { level, text, section }),
            Action::Show { job, place, cell } => {
                if let Some(handle) = self.jobs.get(&job)
                    && let Some(at) = handle.cells.get(place as usize)
                {
                    handle.board.set_cell(*at, cell);
                }
            }
            Action::State { job, state, reason } => self.say(job, state, reason),
            Action::Over { job, state, reason, view } => self.over(job, state, reason, *view),
        }
    }

    fn put(&mut self, job: JobId, what: What) {
        let Some(handle) = self.jobs.get(&job) else { return };
        self.scribe.put(Line { recorder: handle.recorder.clone(), board: Arc::clone(&handle.board), what });
    }

    fn open(&self, job: JobId, chapter: Chapter) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let (recorder, frame) = (handle.recorder.clone(), Arc::clone(&handle.frame));
        let (identities, place) = (Arc::clone(&handle.identities), chapter.place);
        self.blocking(move || {
            let opened = recorder
                .text(chapter.section)
                .and_then(|text| open(chapter, text, &frame, |calls| find(&recorder, &identities, calls)));
            Event::Opened { job, place, opened: opened.map(Box::new).map_err(trouble) }
        });
    }

    fn look_up(&self, job: JobId, calls: Vec<PlannedCall>) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let (recorder, identities) = (handle.recorder.clone(), Arc::clone(&handle.identities));
        self.blocking(move || Event::Found { job, calls: find(&recorder, &identities, calls).map_err(trouble) });
    }

    fn send(&mut self, call: CallNo, job: JobId, lane: LaneNo, queued: Arc<QueuedCall>) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let Some((provider, _)) = handle.lanes.get(&lane) else { return };
        let (provider, heard) = (Arc::clone(provider), Arc::new(Heard::default()));
        self.serial += 1;
        let (serial, answer, listener) = (self.serial, self.tell.clone(), Arc::clone(&heard));
        let chars = queued.call.task.text.chars().count();
        let task = tokio::spawn(async move {
            let on_progress = |progress: Progress| match progress {
                Progress::FirstToken { .. } => {
                    // It was sent for certain, and the server is at it.
                    crash::point("call.sent");
                    listener.first.store(true, Ordering::Relaxed);
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
            let _ = answer.send(Told::Call { call, serial, event }).await;
        });
        self.flights.insert(call, Flight { job, serial, chars, heard, task: task.abort_handle() });
    }

    fn write(&self, job: JobId, write: Write, chapter: Option<Box<Chapter>>) {
        let Some(handle) = self.jobs.get(&job) else { return };
        let Some(author) = handle.first_author() else { return };
        let (recorder, tell) = (handle.recorder.clone(), self.tell.clone());
        tokio::spawn(async move {
            let written = match (&write, &chapter) {
                (Write::Chapter { written, .. }, Some(chapter)) => {
                    recorder.finish_chapter(chapter, written, &author).await
                }
                (Write::Standing { error, .. }, Some(chapter)) => recorder.set_chapter(chapter, error.as_ref()).await,
                (Write::Synopsis { text }, _) => recorder.synopsis(text.clone(), &author).await,
                (_, None) => Ok(()),
            };
            let event = Event::Wrought { job, write, outcome: written.map_err(trouble) };
            let _ = tell.send(Told::Event(event)).await;
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
        handle.board.set_vitals(|vitals| {
            vitals.remaining = None;
            vitals.advice = None;
            // What is held or broken off writes nothing; a finished run keeps showing how fast it was.
            if state != JobState::Done {
                (vitals.tokens_out_per_s, vitals.tokens_in_per_s) = (0.0, 0.0);
            }
        });
        let end = Ending {
            tokens: handle.figures.tokens(),
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
fn find(recorder: &Recorder, identities: &[String], calls: Vec<PlannedCall>) -> Result<Vec<Found>, RunError> {
    let generation = recorder.generation();
    recorder.find(calls.into_iter().map(|call| QueuedCall::new(call, identities, generation)).collect())
}

/// What the engine is told about an error of the store.
fn trouble(error: RunError) -> Trouble {
    WireError::from(error).into()
}
