//! Events and states of jobs, written down one after another so that they keep their order. The conductor does not
//! wait for the disk; what it hands over has a bound.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use epitome_engine::ratio::Ratio;
use epitome_model::{EventLevel, JobState, SectionId};
use epitome_store::crash;
use tokio::sync::{mpsc, oneshot};

use crate::record::Recorder;
use crate::room::{AGAIN, Patient};
use crate::{LiveBoard, RunError};

/// Lines handed over and not written; the rest waits in the outbox.
const HANDED_OVER: usize = 256;

/// Events that may wait in the outbox; beyond that the newest are left out of the log, not what they are about.
const OUTBOX: usize = 1_000;

/// How often the end of a job is tried to be written; on a full disk until there is room.
const TRIES: u32 = 5;

/// Something to be written down.
pub(crate) struct Line {
    pub recorder: Recorder,
    pub board: Arc<LiveBoard>,
    pub what: What,
}

pub(crate) enum What {
    Event {
        level: EventLevel,
        text: String,
        section: Option<SectionId>,
    },
    State {
        state: JobState,
        reason: Option<String>,
    },
    Over {
        state: JobState,
        reason: Option<String>,
        done: oneshot::Sender<Result<JobState, RunError>>,
        end: Box<Ending>,
    },
}

/// What is kept of a job that ended.
pub(crate) struct Ending {
    /// Prompt and output tokens of its calls, and how long it worked.
    pub tokens: (u64, u64),
    pub worked: Duration,
    pub window: Option<u32>,
    pub language: Option<String>,
    pub ratio: Ratio,
}

/// The conductor's end of the line.
pub(crate) struct Scribe {
    lines: mpsc::Sender<Line>,
    outbox: VecDeque<Line>,
}

impl Scribe {
    pub fn start() -> Self {
        let (lines, mut inbox) = mpsc::channel(HANDED_OVER);
        tokio::spawn(async move {
            while let Some(line) = inbox.recv().await {
                write(line).await;
            }
        });
        Self { lines, outbox: VecDeque::new() }
    }

    /// Takes a line; never waits.
    pub fn put(&mut self, line: Line) {
        if self.outbox.len() >= OUTBOX && matches!(line.what, What::Event { .. }) {
            tracing::warn!("too many events at once; one was left out of the log");
            return;
        }
        self.outbox.push_back(line);
        self.hand_over();
    }

    /// Hands over what there is room for.
    pub fn hand_over(&mut self) {
        while let Some(line) = self.outbox.pop_front() {
            if let Err(back) = self.lines.try_send(line) {
                self.outbox.push_front(back.into_inner());
                return;
            }
        }
    }

    /// Whether lines wait to be handed over.
    pub fn is_behind(&self) -> bool {
        !self.outbox.is_empty()
    }
}

async fn write(line: Line) {
    let Line { recorder, board, what } = line;
    match what {
        What::Event { level, text, section } => match recorder.event(level, text, section).await {
            Ok(event) => board.add_event(event),
            Err(error) => tracing::warn!(%error, "event not written"),
        },
        What::State { state, reason } => {
            if let Err(error) = recorder.set_state(state, reason).await {
                tracing::warn!(%error, "state not written");
            }
        }
        What::Over { state, reason, done, end } => {
            if let Some(window) = end.window {
                recorder.speed(window, end.tokens, end.worked).await;
                recorder.set_ratio(end.language.as_deref(), end.ratio).await;
            }
            recorder.live(&board.vitals()).await;
            let outcome = over(Patient { recorder: &recorder, board: &board }, state, reason.as_ref()).await;
            board.set_state(state, reason);
            // Whoever waited may have gone.
            let _ = done.send(outcome.map(|()| state));
        }
    }
}

/// A state that cannot be written is tried again: a full disk is waited for, anything else a few times. A job that stays
/// "running" in the library is gone on with at the next start, so nothing is lost by giving up.
async fn over(patient: Patient<'_>, state: JobState, reason: Option<&String>) -> Result<(), RunError> {
    let mut tries = 1;
    crash::point("job.finished");
    loop {
        match patient.set_state(state, reason.cloned()).await {
            Ok(()) => {
                crash::point("job.finished");
                return Ok(());
            }
            Err(error) if tries >= TRIES => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "end of the job not written");
                tries += 1;
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}
