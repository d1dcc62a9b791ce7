//! The JSON of the interface, as far as it is used. Servers leave fields out, send `null` for them, or add their own;
//! all of that is put up with.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// One object of a stream, or a whole answer.
#[derive(Debug, Default, Deserialize)]
pub struct Chunk {
    pub choices: Option<Vec<Choice>>,
    pub usage: Option<Usage>,
    /// llama.cpp's own figures.
    pub timings: Option<Timings>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Choice {
    pub delta: Option<Said>,
    /// In place of `delta` where the answer comes as a whole.
    pub message: Option<Said>,
    pub finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Said {
    pub content: Option<Content>,
    /// What the model thinks aloud: llama.cpp, LM Studio, older vLLM.
    pub reasoning_content: Option<String>,
    /// The same with newer vLLM and others.
    pub reasoning: Option<String>,
    pub refusal: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Content {
    Text(String),
    Parts(Vec<Part>),
    Other(IgnoredAny),
}

#[derive(Debug, Deserialize)]
pub struct Part {
    pub text: Option<String>,
}

impl Content {
    pub fn text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
            Self::Other(_) => String::new(),
        }
    }
}

/// Counts in tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Usage {
    pub prompt_tokens: Option<u32>,
    pub completion_tokens: Option<u32>,
}

/// llama.cpp's figures: tokens, and times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Timings {
    /// Tokens of the prompt that were remembered from an earlier call.
    pub cache_n: Option<u32>,
    /// Tokens of the prompt that were read anew.
    pub prompt_n: Option<u32>,
    pub prompt_ms: Option<f64>,
    pub predicted_n: Option<u32>,
    pub predicted_ms: Option<f64>,
}

/// `/v1/models`
#[derive(Debug, Deserialize)]
pub struct Models {
    /// `null` where there is none.
    #[serde(default)]
    pub data: Option<Vec<Model>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub struct Model {
    pub id: String,
    pub owned_by: Option<String>,
    /// vLLM: the window.
    pub max_model_len: Option<u32>,
    /// vLLM: what was loaded under this name.
    pub root: Option<String>,
    /// llama.cpp.
    pub meta: Option<Meta>,
}

/// What llama.cpp tells of a model.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Meta {
    pub n_ctx_train: Option<u32>,
    pub n_params: Option<u64>,
    /// Bytes.
    pub size: Option<u64>,
}

/// llama.cpp's `/props`.
#[derive(Debug, Default, Deserialize)]
pub struct Props {
    pub default_generation_settings: Option<Slot>,
    pub total_slots: Option<u32>,
    pub build_info: Option<String>,
}

/// Settings of each slot.
#[derive(Debug, Default, Deserialize)]
pub struct Slot {
    /// Window of one slot.
    pub n_ctx: Option<u32>,
}

/// LM Studio's `/api/v0/models`.
#[derive(Debug, Deserialize)]
pub struct StudioModels {
    pub data: Vec<StudioModel>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct StudioModel {
    pub id: String,
    /// `llm`, `vlm` or `embeddings`.
    #[serde(rename = "type")]
    pub kind: String,
    pub arch: Option<String>,
    pub quantization: Option<String>,
    /// `loaded` or `not-loaded`.
    pub state: String,
    pub max_context_length: Option<u32>,
    pub loaded_context_length: Option<u32>,
}

/// vLLM's `/version`, and Ollama's `/api/version`.
#[derive(Debug, Deserialize)]
pub struct Version {
    pub version: String,
}
