//! What can go wrong with a call, classified by what helps.

use std::time::Duration;

use epitome_model::{ErrorCode, WireError};

use crate::OpenAiError;

/// Shortest and longest pause before another try.
const BACKOFF_MIN: Duration = Duration::from_millis(250);
const BACKOFF_MAX: Duration = Duration::from_secs(20);

#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LlmError {
    #[error("Ollama does not answer at {url}.")]
    Unreachable { url: String },
    #[error("What answers at {url} is not Ollama.")]
    NotOllama { url: String },
    #[error("\u{201c}{text}\u{201d} is not an address.")]
    BadAddress { text: String },
    #[error("Ollama is busy: {words}.")]
    Busy { words: String },
    #[error("Ollama could not load {model}: {words}.")]
    LoadFailed { model: String, words: String },
    #[error("{model} does not fit into the memory of this machine.")]
    OutOfMemory { model: String },
    #[error("No word came from the model for {seconds} s.")]
    FirstTokenTimeout { seconds: u32 },
    #[error("The model fell silent in the middle of its answer for {seconds} s.")]
    Stalled { seconds: u32 },
    #[error("The answer broke off before its end.")]
    CutStream,
    #[error("Ollama sent something that is not an answer: {words}.")]
    Malformed { words: String },
    #[error("The answer was longer than the room it was given.")]
    Truncated,
    #[error("The text does not fit the model's window.")]
    ContextExceeded { prompt_tokens: Option<u32>, window: Option<u32> },
    #[error("The model declined to answer.")]
    Refused,
    #[error("The model repeated itself.")]
    Looping,
    #[error("The model answered with nothing.")]
    EmptyAnswer,
    #[error("Ollama has no model named \u{201c}{model}\u{201d}.")]
    ModelMissing { model: String },
    #[error("No model is chosen.")]
    ModelNotChosen,
    #[error("The model {model} would send the book to another machine.")]
    CloudModel { model: String },
    #[error("Ollama refused the request: {words}.")]
    BadRequest { words: String },
    #[error("Ollama failed: {words}.")]
    ServerError { words: String },
    #[error("The call was cancelled.")]
    Cancelled,
    /// What an OpenAI-compatible server says in its own words.
    #[error(transparent)]
    OpenAi(#[from] OpenAiError),
}

/// What to do after an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Pause and try again.
    Retry,
    /// The server is away: wait for it; not a failure of the call.
    WaitForServer,
    /// Make the pieces smaller.
    CutFiner,
    /// Ask again with other sampling.
    AskAgain,
    /// Trying again cannot help.
    Stop,
}

impl LlmError {
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Unreachable { .. } => ErrorCode::Unreachable,
            Self::NotOllama { .. } => ErrorCode::NotAServer,
            Self::BadAddress { .. } => ErrorCode::BadSetting,
            Self::Busy { .. } => ErrorCode::Busy,
            Self::LoadFailed { .. } => ErrorCode::LoadFailed,
            Self::OutOfMemory { .. } => ErrorCode::OutOfMemory,
            Self::FirstTokenTimeout { .. } => ErrorCode::FirstTokenTimeout,
            Self::Stalled { .. } => ErrorCode::Stalled,
            Self::CutStream | Self::ServerError { .. } => ErrorCode::CutStream,
            Self::Malformed { .. } => ErrorCode::Malformed,
            Self::Truncated => ErrorCode::Truncated,
            Self::ContextExceeded { .. } => ErrorCode::ContextExceeded,
            Self::Refused => ErrorCode::Refused,
            Self::Looping => ErrorCode::Looping,
            Self::EmptyAnswer => ErrorCode::EmptyAnswer,
            Self::ModelMissing { .. } => ErrorCode::ModelMissing,
            Self::ModelNotChosen => ErrorCode::ModelNotChosen,
            Self::CloudModel { .. } => ErrorCode::CloudModel,
            Self::BadRequest { .. } => ErrorCode::BadRequest,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::OpenAi(error) => error.code(),
        }
    }

    /// What the person can do.
    pub fn hint(&self) -> String {
        match self {
            Self::Unreachable { .. } => {
                "Start it with \u{201c}ollama serve\u{201d}, get it from https://ollama.com/download, or correct its address.".into()
            }
            Self::NotOllama { .. } | Self::BadAddress { .. } => {
                "Correct the address; Ollama's usual one is http://127.0.0.1:11434.".into()
            }
            Self::Busy { .. } | Self::ServerError { .. } => "Try again in a while.".into(),
            Self::LoadFailed { model, .. } => {
                format!("Fetch the model anew with \u{201c}ollama pull {model}\u{201d}, or choose another.")
            }
            Self::OutOfMemory { .. } => {
                "Choose a smaller model, lower the window (llm.window_max), or close other programs that use the card."
                    .into()
            }
            Self::FirstTokenTimeout { .. } | Self::Stalled { .. } => {
                "Look whether the machine is overloaded; the time-outs can be raised in the settings.".into()
            }
            Self::CutStream | Self::Malformed { .. } => "Try again; if it stays so, update the server.".into(),
            Self::Truncated | Self::Refused | Self::Looping | Self::EmptyAnswer => {
                "Try the chapter again, or with another model.".into()
            }
            Self::ContextExceeded { .. } => "Raise the largest window (llm.window_max).".into(),
            Self::ModelMissing { model } => format!("Fetch it with \u{201c}ollama pull {model}\u{201d}, or choose another."),
            Self::ModelNotChosen => {
                "Choose a model in the settings, or fetch one with \u{201c}ollama pull llama3.1:8b\u{201d}.".into()
            }
            Self::CloudModel { .. } => "Choose a model that runs on this machine.".into(),
            Self::BadRequest { .. } => "Check address and model in the settings; update Ollama if it is old.".into(),
            Self::Cancelled => String::new(),
            Self::OpenAi(error) => error.hint(),
        }
    }

    pub fn policy(&self) -> Policy {
        match self {
            Self::OpenAi(error) => error.policy(),
            Self::Unreachable { .. } => Policy::WaitForServer,
            Self::Busy { .. }
            | Self::LoadFailed { .. }
            | Self::FirstTokenTimeout { .. }
            | Self::Stalled { .. }
            | Self::CutStream
            | Self::Malformed { .. }
            | Self::ServerError { .. } => Policy::Retry,
            Self::Truncated | Self::Refused | Self::Looping | Self::EmptyAnswer => Policy::AskAgain,
            Self::ContextExceeded { .. } => Policy::CutFiner,
            Self::NotOllama { .. }
            | Self::BadAddress { .. }
            | Self::OutOfMemory { .. }
            | Self::ModelMissing { .. }
            | Self::ModelNotChosen
            | Self::CloudModel { .. }
            | Self::BadRequest { .. }
            | Self::Cancelled => Policy::Stop,
        }
    }

    /// How long the server asked to be left alone before the next try; it goes before [`backoff`].
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::OpenAi(OpenAiError::Busy { wait, .. }) => *wait,
            _ => None,
        }
    }
}

impl From<LlmError> for WireError {
    fn from(error: LlmError) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}

/// Pause before try `attempt` + 1: doubling, between half and the whole of it by `jitter` (0 to 1), so that calls that
/// failed together do not come back together.
pub fn backoff(attempt: u32, jitter: f64) -> Duration {
    let full = BACKOFF_MIN.saturating_mul(1 << attempt.min(10)).min(BACKOFF_MAX);
    full.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_bounded() {
        assert!(backoff(1, 0.5) < backoff(3, 0.5));
        assert_eq!(backoff(40, 1.0), BACKOFF_MAX);
        assert!(backoff(1, 0.0) >= BACKOFF_MIN);
    }
}
