//! Looking at a server: is it there, what is it, what models does it have.

use epitome_model::{ModelInfo, ServerState};

use super::client::Client;
use crate::LlmError;

/// Sizes of models that summarise well and run on a common card, in billions of parameters.
const USUAL: std::ops::RangeInclusive<f32> = 3.0..=14.0;

/// A server, whatever model it runs.
#[derive(Clone, Debug)]
pub struct Server {
    pub(super) client: Client,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub state: ServerState,
    pub version: Option<String>,
    /// Models that write text.
    pub models: Vec<ModelInfo>,
}

impl Server {
    pub fn new(url: &str) -> Result<Self, LlmError> {
        Ok(Self { client: Client::new(url)? })
    }

    pub fn url(&self) -> &str {
        self.client.url()
    }

    /// Asks for version and models. Never fails: that nothing is there is an answer too.
    pub async fn look(&self) -> Look {
        let nothing = |state| Look { state, version: None, models: Vec::new() };
        let version = match self.client.version().await {
            Ok(version) => version,
            Err(LlmError::Unreachable { .. }) => return nothing(ServerState::NotFound),
            Err(_) => return nothing(ServerState::NotOllama),
        };
        let tags = self.client.models().await.unwrap_or_default();
        let models: Vec<ModelInfo> = tags.iter().filter(|tag| tag.completes()).map(ModelInfo::from).collect();
        let usable = models.iter().any(|model| !model.cloud);
        let state = if usable { ServerState::Ready } else { ServerState::NoModel };
        Look { state, version: Some(version), models }
    }
}

impl Server {
    /// Card memory a model takes for each token of a window and slot, in bytes; `None` where the server does not tell.
    pub async fn kv_bytes_per_token(&self, model: &str) -> Option<u64> {
        let shown = self.client.show(model).await.inspect_err(|error| tracing::debug!(%error, "model not shown"));
        shown.ok()?.kv_bytes_per_token()
    }

    /// Window with which the server has a model loaded now, in tokens.
    pub async fn loaded_window(&self, model: &str) -> Option<u32> {
        let loaded = self.client.loaded().await.unwrap_or_default();
        let known = loaded.into_iter().find(|loaded| loaded.name == model)?;
        Some(known.context_length).filter(|tokens| *tokens > 0)
    }
}

/// The model to propose: one that stays on this machine, of a usual size, the largest of those; else the smallest.
pub fn choose_model(models: &[ModelInfo]) -> Option<&ModelInfo> {
    let local = || models.iter().filter(|model| !model.cloud);
    let usual = local().filter(|model| USUAL.contains(&billions(model)));
    // A model tuned to follow instructions goes before a bare one of the same size.
    let rank = |model: &&ModelInfo| (!model.name.contains("base") && !model.name.contains("text"), model.size);
    usual.max_by_key(rank).or_else(|| local().min_by_key(|model| model.size))
}

/// `8.0B` is 8, `468K` nearly 0; what cannot be read counts by its size at half a byte a parameter.
fn billions(model: &ModelInfo) -> f32 {
    let text = model.parameters.trim();
    let unit = match text.chars().last() {
        Some('B') => 1.0,
        Some('M') => 1e-3,
        Some('K') => 1e-6,
        _ => return model.size as f32 * 2.0 / 1e9,
    };
    text[..text.len() - 1].parse().map_or(model.size as f32 * 2.0 / 1e9, |number: f32| number * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(name: &str, parameters: &str, gigabytes: u64, cloud: bool) -> ModelInfo {
        ModelInfo {
            name: name.into(),
            digest: String::new(),
            size: gigabytes * 1_000_000_000,
            parameters: parameters.into(),
            quantization: "Q4_K_M".into(),
            window: None,
            thinking: false,
            cloud,
            fits: None,
        }
    }

    #[test]
    fn a_model_of_a_usual_size_on_this_machine_is_proposed() {
        let models = [
            model("llama3.1:70b", "70.6B", 40, false),
            model("gpt-oss:120b-cloud", "120B", 1, true),
            model("llama3.1:8b", "8.0B", 5, false),
            model("llama3.2:1b", "1.2B", 1, false),
        ];
        assert_eq!(choose_model(&models).map(|model| model.name.as_str()), Some("llama3.1:8b"));
        assert_eq!(choose_model(&models[..2]).map(|model| model.name.as_str()), Some("llama3.1:70b"));
        assert_eq!(choose_model(&models[1..2]), None);
    }
}
