//! The JSON of Ollama's API, as far as it is used.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize)]
pub struct ChatRequest {
    pub model: String,
    pub messages: Vec<Message>,
    pub stream: bool,
    pub think: Think,
    /// False makes a prompt that does not fit an error; true would drop its beginning in silence.
    pub truncate: bool,
    pub keep_alive: serde_json::Value,
    pub options: Options,
}

/// How much a model may think before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Think {
    Not(bool),
    As(&'static str),
}

impl Think {
    /// As little as the model can: models named gpt-oss take no "no", only a level.
    pub fn least(model: &str) -> Self {
        if model.to_lowercase().contains("gpt-oss") { Self::As("low") } else { Self::Not(false) }
    }
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
    pub remote_host: Option<String>,
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

/// Reply of `/api/show`, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Shown {
    pub model_info: serde_json::Map<String, serde_json::Value>,
}

impl Shown {
    /// Bytes of card memory for each token of a window: 2 (keys and values) × layers × key-value heads × head size × 2
    /// bytes (f16, Ollama's default). `None` where a figure is missing, as for models that keep no such memory.
    pub fn kv_bytes_per_token(&self) -> Option<u64> {
        let family = self.model_info.get("general.architecture")?.as_str()?;
        let number = |key: &str| self.model_info.get(&format!("{family}.{key}"))?.as_u64();
        let heads = number("attention.head_count").filter(|heads| *heads > 0)?;
        let head = number("attention.key_length").or_else(|| Some(number("embedding_length")? / heads))?;
        let kv_heads = number("attention.head_count_kv").unwrap_or(heads);
        Some(2 * number("block_count")? * kv_heads * head * 2).filter(|bytes| *bytes > 0)
    }
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
        self.remote_model.is_some() || self.remote_host.is_some() || names_cloud(&self.name)
    }

    /// Whether it writes text. Servers before 0.30 do not tell; there, models of the BERT family and those that are
    /// named for it only embed.
    pub fn completes(&self) -> bool {
        match &self.capabilities {
            Some(known) => known.iter().any(|capability| capability == "completion"),
            None => !self.details.family.contains("bert") && !self.name.contains("embed"),
        }
    }

    /// Whether `name` means this model; a name without a tag means its `latest`.
    pub fn is_named(&self, name: &str) -> bool {
        let names = |own: &str| own == name || own.strip_suffix(":latest") == Some(name);
        names(&self.name) || names(&self.model)
    }
}

/// Whether a name is of the forms that the server hands on to ollama.com (`x:cloud`, `x:20b-cloud`).
pub fn names_cloud(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with(":cloud") || name.ends_with("-cloud")
}

/// The models that are loaded, of `/api/ps`.
#[derive(Debug, Deserialize)]
pub struct Loaded {
    #[serde(default)]
    pub models: Vec<LoadedModel>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LoadedModel {
    pub name: String,
    pub digest: String,
    /// The window of each slot, clamped to the trained one; servers before 0.9 do not tell.
    pub context_length: u32,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Details {
    pub family: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_a_token_follows_the_model() {
        let shown = |text: &str| serde_json::from_str::<Shown>(text).unwrap().kv_bytes_per_token();
        let llama = r#"{"model_info":{"general.architecture":"llama","llama.block_count":32,"llama.embedding_length":4096,
            "llama.attention.head_count":32,"llama.attention.head_count_kv":8}}"#;
        assert_eq!(shown(llama), Some(131_072), "128 KiB, as published for Llama 3.1 8B");
        assert_eq!(shown(r#"{"model_info":{"general.architecture":"bert"}}"#), None);
        assert_eq!(shown("{}"), None);
    }
}
