//! The JSON of Ollama's API, as far as it is used.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<Message>,
    pub stream: bool,
    pub think: bool,
    /// False makes a prompt that does not fit an error; true would drop its beginning in silence.
    pub truncate: bool,
    pub keep_alive: serde_json::Value,
    pub options: Options,
}

#[derive(Clone, Debug, Serialize)]
pub struct Message {
    pub role: &'static str,
    pub content: String,
}

impl Message {
    pub fn new(role: &'static str, content: &str) -> Self {
        Self { role, content: content.to_owned() }
    }
}

#[derive(Clone, Debug, Serialize)]
pub struct Options {
    pub num_ctx: u32,
    pub num_predict: u32,
    pub temperature: f32,
    pub repeat_penalty: f32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u32>,
}

/// Ollama takes a number of seconds or a text with a unit; a bare number as text is refused.
pub fn keep_alive(text: &str) -> serde_json::Value {
    text.parse::<i64>().map_or_else(|_| text.into(), Into::into)
}

/// One object of a chat stream. Fields that are zero or empty are absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChatReply {
    pub message: ReplyMessage,
    pub done: bool,
    pub done_reason: Option<String>,
    pub error: Option<String>,
    pub remote_model: Option<String>,
    /// Durations in nanoseconds.
    pub total_duration: u64,
    pub load_duration: u64,
    pub prompt_eval_count: u32,
    pub prompt_eval_duration: u64,
    pub eval_count: u32,
    pub eval_duration: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ReplyMessage {
    pub content: String,
    pub thinking: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Version {
    pub version: String,
}

#[derive(Debug, Deserialize)]
pub struct Tags {
    #[serde(default)]
    pub models: Vec<Tag>,
}

/// One model of `/api/tags`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tag {
    pub name: String,
    pub model: String,
    pub digest: String,
    pub size: u64,
    pub remote_model: Option<String>,
    pub remote_host: Option<String>,
    pub details: Details,
    pub capabilities: Option<Vec<String>>,
}

impl Tag {
    /// Whether text sent to it would leave the machine. A local name may hide that: then only these fields tell.
    pub fn is_cloud(&self) -> bool {
        let name = self.name.to_lowercase();
        self.remote_model.is_some() || self.remote_host.is_some() || name.ends_with(":cloud") || name.ends_with("-cloud")
    }

    /// Whether it writes text; older servers do not tell, and then it is assumed.
    pub fn completes(&self) -> bool {
        self.capabilities.as_ref().is_none_or(|known| known.iter().any(|capability| capability == "completion"))
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    pub parameter_size: String,
    pub quantization_level: String,
    pub context_length: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PullLine {
    pub status: String,
    pub total: u64,
    pub completed: u64,
    pub error: Option<String>,
}
