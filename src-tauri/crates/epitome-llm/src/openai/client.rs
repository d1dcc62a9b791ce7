//! HTTP to one OpenAI-compatible server. The key goes into one header and nowhere else.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{RequestBuilder, Response, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::OpenAiError;
use super::classify;
use super::retry_after::retry_after;
use crate::http::{self, NoReply, QUICK};
use crate::{LlmError, Secret, normalise_openai_url};

/// A longer body of an error is not read on, in bytes.
const LONGEST_ERROR: usize = 64 * 1024;

#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    /// Without `/v1`.
    root: String,
    key: Option<Secret>,
}

/// A reply with an error status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Told {
    pub status: u16,
    pub body: String,
    /// How long the server asks to be left alone.
    pub wait: Option<Duration>,
    /// Whether a key was sent.
    pub with_key: bool,
}

impl Client {
    pub fn new(url: &str, key: Option<Secret>) -> Result<Self, LlmError> {
        let root = normalise_openai_url(url)?;
        let key = key.filter(|key| !key.is_empty());
        let mut headers = HeaderMap::new();
        if let Some(key) = &key {
            let unusable = |_| OpenAiError::KeyUnusable { url: root.clone() };
            let mut value = HeaderValue::try_from(format!("Bearer {}", key.expose())).map_err(unusable)?;
            // Printed as `Sensitive`, and kept out of the tables of header compression.
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(Self { http: http::client(headers)?, root, key })
    }

    /// Address without `/v1`.
    pub fn url(&self) -> &str {
        &self.root
    }

    /// An answer that is read from a path beside the interface; none when the server has nothing of this form there.
    pub async fn glance<T: DeserializeOwned>(&self, path: &str) -> Option<T> {
        let response = self.http.get(format!("{}{path}", self.root)).timeout(QUICK).send().await.ok()?;
        if !response.status().is_success() {
            return None;
        }
        response.json().await.ok()
    }

    /// An answer of the interface itself, about a model where one is named.
    pub async fn get<T: DeserializeOwned>(&self, path: &str, model: Option<&str>) -> Result<T, LlmError> {
        let bad = |_| OpenAiError::BadAddress { text: self.root.clone() };
        let mut url = Url::parse(&format!("{}{path}", self.root)).map_err(bad)?;
        if let Some(model) = model {
            url.query_pairs_mut().append_pair("model", model);
        }
        let response = self.send(self.http.get(url).timeout(QUICK), "").await?;
        response.json().await.map_err(|_| OpenAiError::NotAServer { url: self.root.clone() }.into())
    }

    /// Whether a model is being loaded, as llama.cpp tells it.
    pub async fn is_loading(&self) -> bool {
        let request = self.http.get(format!("{}/health", self.root)).timeout(QUICK);
        matches!(self.send(request, "").await, Err(LlmError::OpenAi(OpenAiError::Loading)))
    }

    /// Sends a chat; returns with the status.
    pub async fn chat(&self, request: &Value, model: &str) -> Result<Response, LlmError> {
        self.send(self.http.post(format!("{}/v1/chat/completions", self.root)).json(request), model).await
    }

    async fn send(&self, request: RequestBuilder, model: &str) -> Result<Response, LlmError> {
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(OpenAiError::NotAServer { url: self.root.clone() }.into());
        }
        let wait = retry_after(response.headers());
        let body = self.without_key(&error_body(response).await);
        let told = Told { status: status.as_u16(), body, wait, with_key: self.key.is_some() };
        tracing::debug!(status = told.status, url = %self.root, "server refused");
        Err(classify::status(&told, &self.root, model))
    }

    /// Words of the server that are to be shown.
    pub fn without_key(&self, words: &str) -> String {
        self.key.as_ref().map_or_else(|| words.to_owned(), |key| key.taken_out_of(words))
    }

    /// A request that got no reply.
    fn failed(&self, error: &reqwest::Error) -> LlmError {
        let url = self.root.clone();
        match NoReply::of(error) {
            NoReply::BadAddress => OpenAiError::BadAddress { text: url }.into(),
            NoReply::NotHttp => OpenAiError::NotAServer { url }.into(),
            NoReply::Away => OpenAiError::Unreachable { url }.into(),
            NoReply::Dropped => LlmError::CutStream,
        }
    }
}

/// The body of an error reply, as far as it is worth reading.
async fn error_body(mut response: Response) -> String {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes);
            if body.len() > LONGEST_ERROR {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(QUICK, read).await;
    String::from_utf8_lossy(&body).into_owned()
}
