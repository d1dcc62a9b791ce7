//! What is known about the servers calls go to.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Who writes the summaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    Ollama,
    /// A server with the `OpenAI` interface: llama.cpp, LM Studio, vLLM.
    #[serde(rename = "openai")]
    OpenAi,
    /// Extractive, no model, no network.
    BuiltIn,
}

impl ProviderKind {
    /// As the exports and the store write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::OpenAi => "openai",
            Self::BuiltIn => "built-in",
        }
    }
}

/// Whether a server was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ServerState {
    /// Answers, and has at least one usable model.
    Ready,
    /// Answers, and has no usable model.
    NoModel,
    NotFound,
    /// Something answers there that is not a server of the kind asked for.
    NotOllama,
}

/// One model of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ModelInfo {
    pub name: String,
    /// Content digest; part of what makes a result reusable.
    pub digest: String,
    /// Bytes on disk.
    #[ts(type = "number")]
    pub size: u64,
    /// Such as `8.0B`.
    pub parameters: String,
    /// Such as `Q4_K_M`.
    pub quantization: String,
    /// Trained window in tokens, where the server tells.
    pub window: Option<u32>,
    /// Thinks before it answers unless told not to.
    pub thinking: bool,
    /// Would send text to another machine; refused.
    pub cloud: bool,
    /// Whether all of it fits this machine's card; absent where the card is not known, or is another machine's.
    pub fits: Option<bool>,
}

/// What a look at the provider found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ProviderStatus {
    /// Who would write the next summaries.
    pub using: ProviderKind,
    pub server: ServerState,
    /// Address that was asked.
    pub url: String,
    pub version: Option<String>,
    pub models: Vec<ModelInfo>,
    /// Model that would be used.
    pub model: Option<String>,
    /// Memory of the cards of this machine in MiB, where they are the server's and their driver tells.
    pub card_mib: Option<u32>,
    /// One sentence that says all this to the person.
    pub sentence: String,
    /// What to do to get more out of it; empty when nothing.
    pub hint: String,
}

/// Progress of a model being fetched by the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PullProgress {
    pub model: String,
    /// What the server says it is doing.
    pub status: String,
    /// Bytes of the present layer.
    #[ts(type = "number")]
    pub completed: u64,
    #[ts(type = "number")]
    pub total: u64,
    pub done: bool,
    /// Set when the pull failed.
    pub error: Option<String>,
}
