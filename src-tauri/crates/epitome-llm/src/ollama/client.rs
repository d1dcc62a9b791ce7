//! HTTP to one server.

use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::classify;
use super::wire::{ChatReply, ChatRequest, Loaded, LoadedModel, Shown, Tag, Tags, Version};
use crate::http::{self, NoReply, QUICK};
use crate::{LlmError, normalise_url};

#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
}

impl Client {
    pub fn new(url: &str) -> Result<Self, LlmError> {
        let url = normalise_url(url)?;
        let http = http::client(HeaderMap::new())?;
        Ok(Self { http, url })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub async fn version(&self) -> Result<String, LlmError> {
        self.get::<Version>("/api/version").await.map(|reply| reply.version)
    }

    pub async fn models(&self) -> Result<Vec<Tag>, LlmError> {
        self.get::<Tags>("/api/tags").await.map(|tags| tags.models)
    }

    /// What a model is made of.
    pub async fn show(&self, model: &str) -> Result<Shown, LlmError> {
        let response = self.post("/api/show", &serde_json::json!({ "model": model }), model).await?;
        response.json().await.map_err(|_| LlmError::NotOllama { url: self.url.clone() })
    }

    /// Models in memory.
    pub async fn loaded(&self) -> Result<Vec<LoadedModel>, LlmError> {
        self.get::<Loaded>("/api/ps").await.map(|loaded| loaded.models)
    }

    /// Loads a model: a chat without messages. Returns when it is loaded, however long that takes.
    pub async fn load(&self, request: &ChatRequest) -> Result<ChatReply, LlmError> {
        let request = ChatRequest { stream: false, ..request.clone() };
        let response = self.chat(&request, &request.model).await?;
        let body = response.bytes().await.map_err(|_| LlmError::CutStream)?;
        serde_json::from_slice(&body).map_err(|error| LlmError::Malformed { words: error.to_string() })
    }

    /// Sends a chat; returns with the status, which comes with the first token.
    pub async fn chat(&self, request: &ChatRequest, model: &str) -> Result<Response, LlmError> {
        self.post("/api/chat", request, model).await
    }

    pub async fn pull(&self, model: &str) -> Result<Response, LlmError> {
        let request = serde_json::json!({ "model": model, "stream": true });
        self.post("/api/pull", &request, model).await
    }

    /// Has the server let go of a model. Needs no slot, so it helps where one hangs.
    pub async fn unload(&self, model: &str) -> Result<(), LlmError> {
        let request = serde_json::json!({ "model": model, "keep_alive": 0 });
        self.post("/api/generate", &request, model).await.map(drop)
    }

    async fn post(&self, path: &str, request: &impl Serialize, model: &str) -> Result<Response, LlmError> {
        let sent = self.http.post(format!("{}{path}", self.url)).json(request).send().await;
        let response = sent.map_err(|error| self.failed(&error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status().as_u16();
        let body = response.text().await.unwrap_or_default();
        Err(classify::status(status, &body, model))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, LlmError> {
        let sent = self.http.get(format!("{}{path}", self.url)).timeout(QUICK).send().await;
        let response = sent.map_err(|error| self.failed(&error))?;
        let not_ollama = || LlmError::NotOllama { url: self.url.clone() };
        match response.status() {
            StatusCode::OK => response.json().await.map_err(|_| not_ollama()),
            StatusCode::FORBIDDEN => Err(classify::status(403, "", "")),
            StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
                Err(LlmError::Unreachable { url: self.url.clone() })
            }
            _ => Err(not_ollama()),
        }
    }

    /// A request that got no reply.
    fn failed(&self, error: &reqwest::Error) -> LlmError {
        let url = self.url.clone();
        match NoReply::of(error) {
            NoReply::BadAddress => LlmError::BadAddress { text: url },
            NoReply::NotHttp => LlmError::NotOllama { url },
            NoReply::Away => LlmError::Unreachable { url },
            NoReply::Dropped => LlmError::CutStream,
        }
    }
}

impl From<&Tag> for epitome_model::ModelInfo {
    fn from(tag: &Tag) -> Self {
        Self {
            name: tag.name.clone(),
            digest: tag.digest.clone(),
            size: tag.size,
            parameters: tag.details.parameter_size.clone(),
            quantization: tag.details.quantization_level.clone(),
            window: tag.details.context_length,
            thinking: tag.capabilities.iter().flatten().any(|capability| capability == "thinking"),
            cloud: tag.is_cloud(),
            fits: None,
        }
    }
}
