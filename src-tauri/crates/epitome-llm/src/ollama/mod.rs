//! Ollama, by its own API (`/api/chat`), because the OpenAI-compatible one can forbid neither truncation nor reloads.
//!
//! **Invariant:** every request of a job carries the same option block; any difference would unload and reload the
//! model.

mod classify;
mod client;
mod look;
mod pull;
mod ready;
mod stream;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use epitome_model::{JobSettings, ProviderKind, Usage, Wording};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, FutureExt};
use tokio::time::timeout;

use crate::judge;
use crate::lines::Lines;
use crate::prompt::wording_name;
use crate::provider::{Answer, Listener, Prepared, Progress, Provider, Task};
use crate::watch::Watch;
use crate::{LlmError, PROMPT_VERSION, predict_tokens, prompt};

pub use look::{Look, Server, choose_model};

use client::Client;
use stream::Line;

/// Options that only shape sampling may differ between calls; they do not reload the model.
const REPEAT_PENALTY: f32 = 1.05;

/// Added to the temperature for each time an answer was no good.
const WARMER: f32 = 0.25;

/// Tokens of an answer that a model which cannot be told not to think spends on it.
const THOUGHTS: u32 = 512;

/// What is known of a model once it is loaded.
#[derive(Clone, Debug)]
struct Ready {
    digest: String,
    /// `num_ctx` in force.
    window: u32,
}

/// A model of an Ollama server, with the options of one job.
#[derive(Debug)]
pub struct Ollama {
    client: Client,
    model: String,
    window: u32,
    temperature: f32,
    wording: Wording,
    keep_alive: serde_json::Value,
    first_token: Duration,
    stall: Duration,
    /// Known once prepared.
    ready: Mutex<Ready>,
}

impl Ollama {
    /// `window` is the `num_ctx` of every request of the job.
    pub fn new(settings: &JobSettings, window: u32) -> Result<Self, LlmError> {
        if settings.model.is_empty() {
            return Err(LlmError::ModelNotChosen);
        }
        Ok(Self {
            client: Client::new(&settings.url)?,
            model: settings.model.clone(),
            window,
            temperature: settings.temperature,
            wording: settings.wording.clone(),
            keep_alive: wire::keep_alive(&settings.keep_alive),
            first_token: Duration::from_secs(settings.first_token_s.into()),
            stall: Duration::from_secs(settings.stall_s.into()),
            ready: Mutex::new(Ready { digest: String::new(), window }),
        })
    }

    /// Address of its server.
    pub fn url(&self) -> &str {
        self.client.url()
    }

    fn ready(&self) -> MutexGuard<'_, Ready> {
        self.ready.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request(&self, num_predict: u32, sampling: u32) -> wire::ChatRequest {
        let seed = (sampling > 0).then_some(sampling);
        let think = wire::Think::least(&self.model);
        let thoughts = if think == wire::Think::Not(false) { 0 } else { THOUGHTS };
        wire::ChatRequest {
            model: self.model.clone(),
            messages: Vec::new(),
            stream: true,
            think,
            truncate: false,
            keep_alive: self.keep_alive.clone(),
            options: wire::Options {
                num_ctx: self.window,
                num_predict: num_predict.max(1) + thoughts,
                temperature: self.temperature + WARMER * sampling as f32,
                repeat_penalty: REPEAT_PENALTY,
                seed,
            },
        }
    }

    async fn ask(&self, task: &Task, listener: Listener<'_>) -> Result<Answer, LlmError> {
        let prompt = prompt(task, &self.wording);
        let mut request = self.request(predict_tokens(task.target_words, task.language.as_deref()), task.sampling);
        request.messages = vec![wire::Message::new("system", &prompt.system), wire::Message::new("user", &prompt.user)];
        let sent = Instant::now();
        let late = |limit: Duration| u32::try_from(limit.as_secs()).unwrap_or(u32::MAX);
        // No header comes before the first token: waiting for a slot and reading the prompt are part of this.
        let response = timeout(self.first_token, self.client.chat(&request, &self.model))
            .await
            .map_err(|_| LlmError::FirstTokenTimeout { seconds: late(self.first_token) })??;
        let mut bytes = response.bytes_stream();
        let mut lines = Lines::default();
        let mut text = String::new();
        let mut watch = Watch::default();
        let mut spoken = false;
        loop {
            let limit =
                if spoken { self.stall } else { self.first_token.saturating_sub(sent.elapsed()).max(self.stall) };
            let chunk = timeout(limit, bytes.next()).await.map_err(|_| LlmError::Stalled { seconds: late(limit) })?;
            let Some(chunk) = chunk else { return Err(LlmError::CutStream) };
            lines.push(&chunk.map_err(|_| LlmError::CutStream)?)?;
            while let Some(line) = stream::next(&mut lines, &self.model)? {
                if !spoken {
                    spoken = true;
                    let waited_ms = u32::try_from(sent.elapsed().as_millis()).unwrap_or(u32::MAX);
                    listener(Progress::FirstToken { waited_ms });
                }
                match line {
                    Line::Piece(piece) => {
                        listener(Progress::Tokens(1));
                        text.push_str(&piece);
                        if watch.loops(&text) {
                            return Err(LlmError::Looping);
                        }
                    }
                    Line::Thought => listener(Progress::Tokens(1)),
                    Line::Done { reason, usage } => return self.judge(&text, &reason, usage),
                }
            }
        }
    }

    /// Only an answer that ended by itself counts.
    fn judge(&self, text: &str, reason: &str, usage: Usage) -> Result<Answer, LlmError> {
        judge::fits(&usage, self.ready().window)?;
        match reason {
            "stop" => judge::whole(text, usage),
            "length" => Err(LlmError::Truncated),
            other => Err(LlmError::Malformed { words: format!("an answer that ended with \u{201c}{other}\u{201d}") }),
        }
    }
}

impl Provider for Ollama {
    fn kind(&self) -> ProviderKind {
        ProviderKind::Ollama
    }

    fn identity(&self) -> String {
        let digest = &self.ready().digest;
        let (model, window, temperature) = (&self.model, self.window, self.temperature);
        format!(
            "ollama/{model}/{digest}/{window}/{temperature}/{REPEAT_PENALTY}/{PROMPT_VERSION}{}",
            wording_name(&self.wording)
        )
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
        async { self.client.version().await.is_ok() }.boxed()
    }

    fn let_go(&self) -> BoxFuture<'_, ()> {
        async {
            if let Err(error) = self.client.unload(&self.model).await {
                tracing::warn!(%error, "model not unloaded");
            }
        }
        .boxed()
    }
}
