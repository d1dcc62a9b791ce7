//! Servers with the `OpenAI` interface: llama.cpp's server, LM Studio, vLLM, and others that speak it.
//!
//! **Invariant:** no prompt is sent that is larger than the window that is known, because some of these servers cut
//! what is too long and say nothing.

mod call;
mod classify;
mod client;
mod error;
mod look;
mod ready;
mod retry_after;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use epitome_model::{JobSettings, ProviderKind, Wording};
use futures_util::future::{BoxFuture, FutureExt};

use crate::prompt::wording_name;
use crate::provider::{Answer, Listener, Prepared, Provider, Task};
use crate::{LlmError, PROMPT_VERSION, Secret};

pub use error::OpenAiError;
pub use look::{OpenAiLook, OpenAiServer, ServerKind};

use client::Client;

/// Tokens of the window where neither the server nor the person says: what such servers start with by themselves.
const USUAL_WINDOW: u32 = 4096;

/// What a provider is made from.
#[derive(Clone, Debug)]
pub struct OpenAiConfig {
    /// With or without `/v1`.
    pub url: String,
    pub model: String,
    pub key: Option<Secret>,
    /// Most tokens of prompt and answer together; what the server tells goes before it where it is smaller.
    pub window: Option<u32>,
    pub temperature: f32,
    pub wording: Wording,
    /// Longest wait for the first token, and longest silence between two.
    pub first_token: Duration,
    pub stall: Duration,
}

impl OpenAiConfig {
    /// What a job runs with. The key comes from elsewhere, because settings are stored.
    pub fn of_job(settings: &JobSettings, key: Option<Secret>, window: Option<u32>) -> Self {
        Self {
            url: settings.url.clone(),
            model: settings.model.clone(),
            key,
            window,
            temperature: settings.temperature,
            wording: settings.wording.clone(),
            first_token: Duration::from_secs(settings.first_token_s.into()),
            stall: Duration::from_secs(settings.stall_s.into()),
        }
    }
}

/// What is known of the server once it was looked at.
#[derive(Clone, Debug, Default)]
struct Ready {
    kind: ServerKind,
    /// What tells two models of one name apart: what the server says of it, else the server's address.
    fingerprint: String,
    /// Most tokens of prompt and answer together.
    window: u32,
    slots: Option<u32>,
}

/// A model of an OpenAI-compatible server, with the options of one job.
#[derive(Debug)]
pub struct OpenAi {
    client: Client,
    model: String,
    /// As the person set it.
    wanted_window: Option<u32>,
    temperature: f32,
    wording: Wording,
    first_token: Duration,
    stall: Duration,
    /// Known once prepared.
    ready: Mutex<Ready>,
    /// Fields that this server does not take.
    left_out: Mutex<BTreeSet<&'static str>>,
    /// The model thinks before it answers, and needs room for that.
    thinks: AtomicBool,
}

impl OpenAi {
    pub fn new(config: OpenAiConfig) -> Result<Self, LlmError> {
        if config.model.is_empty() {
            return Err(LlmError::ModelNotChosen);
        }
        let client = Client::new(&config.url, config.key)?;
        let window = config.window.unwrap_or(USUAL_WINDOW);
        let fingerprint = client.url().to_owned();
        Ok(Self {
            client,
            wanted_window: config.window,
            temperature: config.temperature,
            wording: config.wording,
            first_token: config.first_token,
            stall: config.stall,
            ready: Mutex::new(Ready { fingerprint, window, ..Ready::default() }),
            left_out: Mutex::default(),
            thinks: AtomicBool::new(look::names_thinking(&config.model)),
            model: config.model,
        })
    }

    /// For a job; `window` as for [`OpenAiConfig`].
    pub fn for_job(settings: &JobSettings, key: Option<Secret>, window: Option<u32>) -> Result<Self, LlmError> {
        Self::new(OpenAiConfig::of_job(settings, key, window))
    }

    /// Calls the server works on at a time, where it told when it was prepared.
    pub fn slots(&self) -> Option<u32> {
        held(&self.ready).slots
    }
}

/// Nothing can panic while one of these is held, so a poisoned lock is still good.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Provider for OpenAi {
    fn kind(&self) -> ProviderKind {
        ProviderKind::OpenAi
    }

    fn identity(&self) -> String {
        let ready = held(&self.ready);
        let (kind, fingerprint) = (ready.kind.name(), &ready.fingerprint);
        let (model, temperature) = (&self.model, self.temperature);
        format!("openai/{kind}/{model}/{fingerprint}/{temperature}/{PROMPT_VERSION}{}", wording_name(&self.wording))
    }

    fn meet(&self) -> BoxFuture<'_, Result<(), LlmError>> {
        self.get_to_know().boxed()
    }

    fn prepare(&self) -> BoxFuture<'_, Result<Prepared, LlmError>> {
        self.get_ready().boxed()
    }

    fn call<'a>(&'a self, task: &'a Task, listener: Listener<'a>) -> BoxFuture<'a, Result<Answer, LlmError>> {
        self.ask(task, listener).boxed()
    }

    fn reachable(&self) -> BoxFuture<'_, bool> {
        self.would_answer().boxed()
    }
}
