//! Looking at an OpenAI-compatible server: is it there, what is it, what models does it have and how much do they read.

use epitome_model::{ModelInfo, ServerState};

use super::OpenAiError;
use super::client::Client;
use super::wire::{Model, Models, Props, StudioModel, StudioModels, Version};
use crate::{LlmError, Secret};

/// What a server is, as far as it shows. Each has its own ways beside the common interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerKind {
    LlamaCpp,
    Vllm,
    LmStudio,
    /// To be used by its own interface instead.
    Ollama,
    #[default]
    Other,
}

impl ServerKind {
    /// As sentences and identities write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Vllm => "vLLM",
            Self::LmStudio => "LM Studio",
            Self::Ollama => "Ollama",
            Self::Other => "OpenAI-compatible",
        }
    }
}

/// A server, whatever model it runs.
#[derive(Clone, Debug)]
pub struct OpenAiServer {
    client: Client,
}

/// What a look found.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenAiLook {
    pub state: ServerState,
    pub kind: ServerKind,
    pub version: Option<String>,
    /// Models that write text, those in memory first. `window` is what one call may use of it, in tokens, where the
    /// server tells; `digest` is empty where it tells nothing by which two models of a name could be told apart.
    pub models: Vec<ModelInfo>,
    /// Calls that the server works on at a time, where it tells.
    pub slots: Option<u32>,
    /// Why it cannot be used, where it cannot: a key, a load under way.
    pub trouble: Option<LlmError>,
}

impl OpenAiServer {
    pub fn new(url: &str, key: Option<Secret>) -> Result<Self, LlmError> {
        Ok(Self { client: Client::new(url, key)? })
    }

    /// The address without `/v1`.
    pub fn url(&self) -> &str {
        self.client.url()
    }

    /// Asks what is there. Never fails: that nothing is there is an answer too.
    pub async fn look(&self) -> OpenAiLook {
        look(&self.client, None).await
    }
}

/// Asks for the models first, since every server has that list, then for what its own kind tells beside it. A llama.cpp
/// server that runs several models tells the window only of one that is named.
pub async fn look(client: &Client, model: Option<&str>) -> OpenAiLook {
    let nothing = |state, trouble| OpenAiLook {
        state,
        kind: ServerKind::Other,
        version: None,
        models: Vec::new(),
        slots: None,
        trouble: Some(trouble),
    };
    let models = match client.get::<Models>("/v1/models", None).await {
        Ok(models) => models.data.unwrap_or_default(),
        Err(error) => {
            let state = match &error {
                LlmError::OpenAi(OpenAiError::Unreachable { .. }) | LlmError::CutStream => ServerState::NotFound,
                LlmError::OpenAi(
                    OpenAiError::KeyMissing { .. }
                    | OpenAiError::KeyRefused { .. }
                    | OpenAiError::Loading
                    | OpenAiError::Busy { .. },
                ) => ServerState::NoModel,
                _ => ServerState::NotOllama,
            };
            return nothing(state, error);
        }
    };
    let found = identify(client, &models, model).await;
    if found.kind == ServerKind::Ollama {
        let trouble = OpenAiError::IsOllama { url: client.url().to_owned() };
        return OpenAiLook { kind: found.kind, ..nothing(ServerState::NotOllama, trouble.into()) };
    }
    let infos = found.infos(&models);
    let loading = found.kind == ServerKind::LlamaCpp && client.is_loading().await;
    let trouble = found.trouble.or_else(|| loading.then(|| OpenAiError::Loading.into()));
    let usable = !infos.is_empty() && trouble.is_none();
    OpenAiLook {
        state: if usable { ServerState::Ready } else { ServerState::NoModel },
        kind: found.kind,
        version: found.version,
        models: infos,
        slots: found.props.and_then(|props| props.total_slots).filter(|slots| *slots > 0),
        trouble,
    }
}

/// What was found beside the list of models.
#[derive(Default)]
struct Found {
    kind: ServerKind,
    version: Option<String>,
    props: Option<Props>,
    studio: Vec<StudioModel>,
    /// A key is wanted for more than the list of models.
    trouble: Option<LlmError>,
}

async fn identify(client: &Client, models: &[Model], model: Option<&str>) -> Found {
    let owned_by = |name: &str| models.iter().any(|model| model.owned_by.as_deref() == Some(name));
    if owned_by("vllm") {
        let version = client.glance::<Version>("/version").await.map(|reply| reply.version);
        return Found { kind: ServerKind::Vllm, version, ..Found::default() };
    }
    if !owned_by("llamacpp")
        && let Some(studio) = client.glance::<StudioModels>("/api/v0/models").await
    {
        return Found { kind: ServerKind::LmStudio, studio: studio.data, ..Found::default() };
    }
    let (props, trouble) = match client.get::<Props>("/props", model).await {
        // A server may answer every path with 200, so only what has the right content counts.
        Ok(props) if props.default_generation_settings.is_some() || props.total_slots.is_some() => (Some(props), None),
        Err(error @ LlmError::OpenAi(OpenAiError::KeyMissing { .. } | OpenAiError::KeyRefused { .. })) => {
            (None, Some(error))
        }
        _ => (None, None),
    };
    if props.is_some() || owned_by("llamacpp") {
        let version = props.as_ref().and_then(|props| props.build_info.clone());
        return Found { kind: ServerKind::LlamaCpp, version, props, trouble, ..Found::default() };
    }
    let ollama = client.glance::<Version>("/api/version").await;
    let kind = if ollama.is_some() { ServerKind::Ollama } else { ServerKind::Other };
    Found { kind, version: ollama.map(|reply| reply.version), ..Found::default() }
}

impl Found {
    fn infos(&self, models: &[Model]) -> Vec<ModelInfo> {
        if self.kind == ServerKind::LmStudio {
            let mut studio: Vec<&StudioModel> =
                self.studio.iter().filter(|model| matches!(model.kind.as_str(), "llm" | "vlm")).collect();
            studio.sort_by_key(|model| model.state != "loaded");
            return studio.into_iter().map(of_studio).collect();
        }
        let slot = self.props.as_ref().and_then(|props| props.default_generation_settings.as_ref()?.n_ctx);
        let writes = models.iter().filter(|model| !model.id.to_lowercase().contains("embed"));
        writes.map(|model| of_list(model, slot.filter(|tokens| *tokens > 0))).collect()
    }
}

fn of_list(model: &Model, slot: Option<u32>) -> ModelInfo {
    let meta = model.meta.clone().unwrap_or_default();
    let (size, parameters) = (meta.size.unwrap_or_default(), meta.n_params.unwrap_or_default());
    let digest = match &model.root {
        Some(root) => root.clone(),
        None if size > 0 => format!("{parameters}-{size}"),
        None => String::new(),
    };
    ModelInfo {
        name: model.id.clone(),
        digest,
        size,
        parameters: if parameters > 0 { format!("{:.1}B", parameters as f64 / 1e9) } else { String::new() },
        quantization: String::new(),
        window: [slot, model.max_model_len, meta.n_ctx_train].into_iter().flatten().filter(|tokens| *tokens > 0).min(),
        thinking: names_thinking(&model.id),
        cloud: false,
        fits: None,
    }
}

fn of_studio(model: &StudioModel) -> ModelInfo {
    let (arch, quantization) = (model.arch.clone().unwrap_or_default(), model.quantization.clone().unwrap_or_default());
    ModelInfo {
        name: model.id.clone(),
        digest: format!("{arch}-{quantization}"),
        size: 0,
        parameters: String::new(),
        quantization,
        window: model.loaded_context_length.or(model.max_context_length).filter(|tokens| *tokens > 0),
        thinking: names_thinking(&model.id),
        cloud: false,
        fits: None,
    }
}

/// Whether a name is of a family that thinks before it answers.
pub fn names_thinking(name: &str) -> bool {
    let name = name.to_lowercase();
    ["qwen3", "deepseek-r1", "gpt-oss", "magistral", "thinking", "reasoning", "qwq"]
        .iter()
        .any(|part| name.contains(part))
        && !name.contains("instruct")
}
