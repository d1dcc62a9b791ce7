//! Writing before a run has begun and after its end, when no engine waits for room on the disk.

use std::time::Duration;

use epitome_engine::sched::DISK_FULL;
use epitome_model::{ErrorCode, Event, EventLevel, JobState};

use crate::record::Recorder;
use crate::{LiveBoard, RunError};

/// How long until a write that found no room is tried again.
pub(crate) const AGAIN: Duration = Duration::from_secs(1);

/// Writes that wait for room on the disk, and say so on the board meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Patient<'a> {
    pub recorder: &'a Recorder,
    pub board: &'a LiveBoard,
}

impl Patient<'_> {
    pub async fn set_state(self, state: JobState, reason: Option<String>) -> Result<(), RunError> {
        self.wait(|| self.recorder.set_state(state, reason.clone())).await?;
        self.board.set_state(state, reason);
        Ok(())
    }

    pub async fn event(self, level: EventLevel, text: String) -> Result<Event, RunError> {
        self.wait(|| self.recorder.event(level, text.clone(), None)).await
    }

    pub async fn set_plan(self, window: Option<u32>, chars_per_token: f32) -> Result<(), RunError> {
        self.wait(|| self.recorder.set_plan(window, chars_per_token)).await
    }

    async fn wait<T, W>(self, write: impl Fn() -> W) -> Result<T, RunError>
    where
        W: Future<Output = Result<T, RunError>>,
    {
        let mut before = None;
        loop {
            match write().await {
                Err(RunError::Store(error)) if error.code() == ErrorCode::DiskFull => {
                    before.get_or_insert_with(|| self.board.standing());
                    self.board.set_state(JobState::Unreachable, Some(DISK_FULL.to_owned()));
                }
                written => {
                    if let Some((state, reason)) = before {
                        self.board.set_state(state, reason);
                    }
                    return written;
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}
