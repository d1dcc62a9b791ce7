//! What goes wrong, and what is done about it.

use std::sync::Arc;
use std::time::Instant;

use epitome_llm::{LlmError, Policy};
use epitome_model::{CallKind, ErrorCode, EventLevel, JobState, WireError};

use crate::RunError;
use crate::worker::QueuedCall;
use epitome_engine::plan::PlannedCall;

use super::Run;

impl Run {
    pub(super) async fn failed(&mut self, queued: QueuedCall, error: LlmError) -> Result<(), RunError> {
        if concerns_all(&error) {
            let error = WireError::from(error);
            self.event(EventLevel::Bad, error.message.clone(), None).await?;
            self.reason = Some(format!("{} {}", error.message, error.hint));
            self.ended = Some(JobState::Stopped);
            return Ok(());
        }
        let Some(place) = queued.call.chapter else {
            let error = WireError::from(error);
            self.synopsis = None;
            self.drop_calls(|call| call.chapter.is_some());
            let text = format!("The synopsis could not be written: {}", error.message);
            self.synopsis_error = Some(error);
            return self.event(EventLevel::Bad, text, None).await;
        };
        let at = place as usize;
        if self.chapters[at].epoch != queued.call.epoch || self.chapters[at].is_over() {
            return Ok(());
        }
        if let (Policy::CutFiner, LlmError::ContextExceeded { prompt_tokens, window, .. }) = (error.policy(), &error) {
            let sent = queued.call.task.text.chars().count();
            if self.chapters[at].cut_finer(sent, *prompt_tokens, *window) {
                self.drop_calls(|call| call.chapter != Some(place));
                self.recorder.set_chapter(&self.chapters[at], None).await?;
                let text = "The text did not fit the model's window; it is cut finer.".to_owned();
                self.event(EventLevel::Warning, text, Some(at)).await?;
                return self.open(at).await;
            }
        }
        if queued.call.step.kind == CallKind::Title {
            let text = self.texts.get(&place).map(Arc::clone).unwrap_or_default();
            let progress = self.chapters[at].without_title(&text);
            return self.follow(Some(at), progress).await;
        }
        let error = WireError::from(error);
        self.chapters[at].fail();
        self.drop_calls(|call| call.chapter != Some(place));
        self.texts.remove(&place);
        self.recorder.set_chapter(&self.chapters[at], Some(&error)).await?;
        self.show(at);
        self.event(EventLevel::Bad, error.message, Some(at)).await
    }

    /// Takes back calls that wait, by `keep`.
    pub(super) fn drop_calls(&mut self, keep: impl Fn(&PlannedCall) -> bool) {
        let before = self.queue.len();
        self.queue.retain(|queued| keep(&queued.call));
        self.out -= before.saturating_sub(self.queue.len()).min(self.out);
        self.backlog.retain(|_, queued| keep(&queued.call));
    }

    pub(super) async fn went_away(&mut self, error: &LlmError) -> Result<(), RunError> {
        if self.away_since.is_some() {
            return Ok(());
        }
        let now = Instant::now();
        self.away_since = Some(now);
        self.server_up.send_replace(false);
        self.pace.halt(now);
        let text = format!("{error} The run waits and goes on by itself when the server is back.");
        self.recorder.set_state(JobState::Unreachable, Some(text.clone())).await?;
        self.say(JobState::Unreachable, Some(text));
        self.event(EventLevel::Warning, error.to_string(), None).await
    }

    pub(super) async fn came_back(&mut self) -> Result<(), RunError> {
        if self.disk_full {
            self.disk_full = false;
            self.say(JobState::Running, None);
        }
        let Some(since) = self.away_since.take() else { return Ok(()) };
        self.server_up.send_replace(true);
        self.pace.go(Instant::now());
        self.recorder.set_state(JobState::Running, None).await?;
        self.say(JobState::Running, None);
        let text = format!("The server is back after {} s; nothing was lost.", since.elapsed().as_secs().max(1));
        self.event(EventLevel::Good, text, None).await
    }
}

/// Errors no other call can escape: the job stops and says so, and its chapters keep waiting.
fn concerns_all(error: &LlmError) -> bool {
    matches!(
        error.code(),
        ErrorCode::ModelMissing
            | ErrorCode::ModelNotChosen
            | ErrorCode::CloudModel
            | ErrorCode::NotAServer
            | ErrorCode::LoadFailed
            | ErrorCode::OutOfMemory
    )
}
