//! What can go wrong with an OpenAI-compatible server, in words that suit it. What concerns only the model's answer is
//! in [`LlmError`](crate::LlmError).

use std::time::Duration;

use epitome_model::ErrorCode;

use crate::Policy;

/// What an OpenAI-compatible server does wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum OpenAiError {
    #[error("\u{201c}{text}\u{201d} is not an address.")]
    BadAddress { text: String },
    #[error("No server answers at {url}.")]
    Unreachable { url: String },
    #[error("What answers at {url} is not a server with the OpenAI interface.")]
    NotAServer { url: String },
    /// Its interface of this kind cuts long prompts without a word.
    #[error("What answers at {url} is Ollama.")]
    IsOllama { url: String },
    #[error("The server at {url} wants a key.")]
    KeyMissing { url: String },
    #[error("The server at {url} refuses the key.")]
    KeyRefused { url: String },
    #[error("The key for {url} has characters that cannot be sent.")]
    KeyUnusable { url: String },
    #[error("The server is loading its model.")]
    Loading,
    #[error("The server is busy: {words}.")]
    Busy {
        words: String,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
    #[error("The server could not load {model}: {words}.")]
    LoadFailed { model: String, words: String },
    #[error("{model} does not fit into the memory of the server.")]
    OutOfMemory { model: String },
    #[error("The server sent something that is not an answer: {words}.")]
    Malformed { words: String },
    #[error("The server at {url} has no model named \u{201c}{model}\u{201d}.")]
    ModelMissing {
        url: String,
        model: String,
        /// What it has, separated by commas; empty where that is not known.
        known: String,
    },
    #[error("The server refused the request: {words}.")]
    BadRequest { words: String },
    #[error("The server failed: {words}.")]
    ServerError { words: String },
}

impl OpenAiError {
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::BadAddress { .. } => ErrorCode::BadSetting,
            Self::Unreachable { .. } => ErrorCode::Unreachable,
            Self::NotAServer { .. } | Self::IsOllama { .. } => ErrorCode::NotAServer,
            Self::KeyMissing { .. } | Self::KeyRefused { .. } | Self::KeyUnusable { .. } => ErrorCode::KeyRefused,
            Self::Loading | Self::Busy { .. } => ErrorCode::Busy,
            Self::LoadFailed { .. } => ErrorCode::LoadFailed,
            Self::OutOfMemory { .. } => ErrorCode::OutOfMemory,
            Self::Malformed { .. } => ErrorCode::Malformed,
            Self::ModelMissing { .. } => ErrorCode::ModelMissing,
            Self::BadRequest { .. } => ErrorCode::BadRequest,
            Self::ServerError { .. } => ErrorCode::CutStream,
        }
    }

    pub(crate) fn hint(&self) -> String {
        match self {
            Self::Unreachable { .. } => "Start the server, or correct its address in the settings (openai.url).".into(),
            Self::BadAddress { .. } | Self::NotAServer { .. } => {
                "Correct the address in the settings (openai.url): llama.cpp's usual one is http://127.0.0.1:8080, \
                 LM Studio's http://127.0.0.1:1234, vLLM's http://127.0.0.1:8000."
                    .into()
            }
            Self::IsOllama { .. } => {
                "Choose Ollama as the provider: by its own interface it reports a text that is too long, by this one \
                 it would cut it in silence."
                    .into()
            }
            Self::KeyMissing { .. } => "Enter the server's key in the settings, or set EPITOME_OPENAI_KEY.".into(),
            Self::KeyRefused { .. } => {
                "Enter the right key in the settings, or correct EPITOME_OPENAI_KEY, which goes before it.".into()
            }
            Self::KeyUnusable { .. } => "Copy the key again, without line breaks and accents.".into(),
            Self::Loading => "Wait until the model is loaded.".into(),
            Self::Busy { .. } | Self::ServerError { .. } => "Try again in a while.".into(),
            Self::LoadFailed { .. } => "Look at the server's own messages, or choose another model.".into(),
            Self::OutOfMemory { .. } => {
                "Start the server with a smaller model or a smaller window, or close other programs that use the card."
                    .into()
            }
            Self::Malformed { .. } => "Try again; if it stays so, update the server.".into(),
            Self::ModelMissing { known, .. } if known.is_empty() => {
                "Load a model in the server, or choose another in the settings (openai.model).".into()
            }
            Self::ModelMissing { known, .. } => format!("Choose one of: {known}."),
            Self::BadRequest { .. } => {
                "Check address and model in the settings; update the server if it is old.".into()
            }
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        match self {
            Self::Unreachable { .. } | Self::Loading => Policy::WaitForServer,
            Self::Busy { .. } | Self::LoadFailed { .. } | Self::Malformed { .. } | Self::ServerError { .. } => {
                Policy::Retry
            }
            Self::BadAddress { .. }
            | Self::NotAServer { .. }
            | Self::IsOllama { .. }
            | Self::KeyMissing { .. }
            | Self::KeyRefused { .. }
            | Self::KeyUnusable { .. }
            | Self::OutOfMemory { .. }
            | Self::ModelMissing { .. }
            | Self::BadRequest { .. } => Policy::Stop,
        }
    }
}
