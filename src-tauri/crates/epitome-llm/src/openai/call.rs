//! One call: the request, the stream of the answer, the judgement.

use std::sync::atomic::Ordering;
use std::time::Duration;

use epitome_model::Usage;
use futures_util::StreamExt;
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use super::look::ServerKind;
use super::stream::{self, Event, Events, Said};
use super::{OpenAi, OpenAiError, held, wire};
use crate::provider::{Answer, Listener, Progress, Task};
use crate::watch::Watch;
use crate::{LlmError, chars_per_token, judge, predict_tokens, prompt};

/// Added to the temperature for each time an answer was no good.
const WARMER: f32 = 0.25;

/// Tokens of an answer that a model which thinks may spend on it, where the window has room for them.
const THOUGHTS: u32 = 2048;

/// What may still follow the end of an answer (its figures, the mark of the stream's end) is waited for this long.
const LINGER: Duration = Duration::from_secs(5);

/// Fields that a server may not know, with what takes their place.
const OPTIONAL: [(&str, Option<&str>); 5] = [
    ("stream_options", None),
    ("chat_template_kwargs", None),
    ("seed", None),
    ("max_tokens", Some("max_completion_tokens")),
    ("temperature", None),
];

/// What was heard of one answer.
struct Heard {
    sent: Instant,
    first: Option<Instant>,
    last: Instant,
    text: String,
    /// Pieces that arrived, thoughts included: about one a token.
    pieces: u32,
    refused: bool,
    finish: Option<String>,
    finished: Instant,
    usage: Option<wire::Usage>,
    timings: Option<wire::Timings>,
}

impl Heard {
    fn new(sent: Instant) -> Self {
        Self {
            sent,
            first: None,
            last: sent,
            text: String::new(),
            pieces: 0,
            refused: false,
            finish: None,
            finished: sent,
            usage: None,
            timings: None,
        }
    }

    /// Takes one event; whether it brought a token.
    fn take(&mut self, said: Said) -> bool {
        self.refused |= said.refused;
        if said.finish.is_some() {
            self.finish = said.finish;
            self.finished = Instant::now();
        }
        self.usage = said.usage.or(self.usage);
        self.timings = said.timings.or(self.timings);
        let token = !said.text.is_empty() || said.thought || said.refused;
        if token {
            self.last = Instant::now();
            self.first.get_or_insert(self.last);
            self.pieces += 1;
            self.text.push_str(&said.text);
        }
        token
    }
}

impl OpenAi {
    pub(super) async fn ask(&self, task: &Task, listener: Listener<'_>) -> Result<Answer, LlmError> {
        let prompt = prompt(task, &self.wording);
        let prompt_tokens = estimate(task, prompt.system.chars().count() + prompt.user.chars().count(), &task.text);
        let most = self.room(task, prompt_tokens)?;
        let messages = json!([{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}]);
        let request = self.body(messages, most, task.sampling);
        let mut heard = Heard::new(Instant::now());
        let late = LlmError::FirstTokenTimeout { seconds: seconds(self.first_token) };
        let response = timeout(self.first_token, self.send(request)).await.map_err(|_| late)??;
        let outcome = if is_stream(&response) {
            self.listen(response, &mut heard, listener).await
        } else {
            self.hear_whole(response, &mut heard, listener).await
        };
        outcome.map_err(|error| self.discreet(error))?;
        self.judge(task, &heard, prompt_tokens)
    }

    /// Tokens the answer may have. Refuses a prompt that does not fit before it is sent.
    fn room(&self, task: &Task, prompt_tokens: u32) -> Result<u32, LlmError> {
        let window = held(&self.ready).window;
        let answer = predict_tokens(task.target_words, task.language.as_deref()).max(1);
        let Some(left) = window.checked_sub(prompt_tokens.saturating_add(answer)) else {
            return Err(LlmError::ContextExceeded { prompt_tokens: Some(prompt_tokens), window: Some(window) });
        };
        let thoughts = if self.thinks.load(Ordering::Relaxed) { THOUGHTS.min(left) } else { 0 };
        Ok(answer + thoughts)
    }

    /// The request; `sampling` above 0 asks again in another way.
    pub(super) fn body(&self, messages: Value, most: u32, sampling: u32) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("model".into(), self.model.as_str().into());
        body.insert("messages".into(), messages);
        body.insert("stream".into(), true.into());
        body.insert("stream_options".into(), json!({"include_usage": true}));
        body.insert("max_tokens".into(), most.max(1).into());
        body.insert("temperature".into(), rounded(self.temperature + WARMER * sampling as f32));
        if sampling > 0 {
            body.insert("seed".into(), sampling.into());
        }
        // A field of their own, which others refuse.
        if matches!(held(&self.ready).kind, ServerKind::LlamaCpp | ServerKind::Vllm) {
            body.insert("chat_template_kwargs".into(), json!({"enable_thinking": false}));
        }
        body
    }

    /// Sends a request. A field that the server complains of is left out from then on.
    pub(super) async fn send(&self, mut body: Map<String, Value>) -> Result<Response, LlmError> {
        loop {
            self.leave_out(&mut body);
            let request = Value::Object(body);
            let error = match self.client.chat(&request, &self.model).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Value::Object(sent) = request else { return Err(error) };
            let LlmError::OpenAi(OpenAiError::BadRequest { words }) = &error else { return Err(error) };
            let Some((field, _)) =
                OPTIONAL.iter().find(|(field, _)| sent.contains_key(*field) && words.contains(field))
            else {
                return Err(error);
            };
            tracing::info!(field, "server does not take a field");
            held(&self.left_out).insert(field);
            body = sent;
        }
    }

    fn leave_out(&self, body: &mut Map<String, Value>) {
        let left_out = held(&self.left_out);
        for (field, instead) in OPTIONAL.iter().filter(|(field, _)| left_out.contains(field)) {
            let value = body.remove(*field);
            if let (Some(value), Some(instead)) = (value, instead) {
                body.insert((*instead).to_owned(), value);
            }
        }
    }

    async fn listen(&self, response: Response, heard: &mut Heard, listener: Listener<'_>) -> Result<(), LlmError> {
        let mut bytes = response.bytes_stream();
        let mut events = Events::default();
        let mut watch = Watch::default();
        loop {
            let chunk = match (timeout_at(self.deadline(heard), bytes.next()).await, &heard.finish) {
                (Ok(Some(Ok(chunk))), _) => chunk,
                // The answer had ended; what is missing is only its figures.
                (_, Some(_)) => return Ok(()),
                (Err(_), None) => return Err(self.late(heard)),
                (Ok(Some(Err(_))), None) => return Err(LlmError::CutStream),
                (Ok(None), None) => {
                    match events.last(&self.model) {
                        Ok(Some(Event::Said(said))) => self.hear(said, heard, listener),
                        // A line of which the end is missing is no line of rubbish.
                        Ok(_) | Err(LlmError::OpenAi(OpenAiError::Malformed { .. })) => {}
                        Err(error) => return Err(error),
                    }
                    return if heard.finish.is_some() { Ok(()) } else { Err(LlmError::CutStream) };
                }
            };
            events.push(&chunk)?;
            while let Some(event) = events.next(&self.model)? {
                let Event::Said(said) = event else {
                    return if heard.finish.is_some() { Ok(()) } else { Err(LlmError::CutStream) };
                };
                self.hear(said, heard, listener);
                if watch.loops(&heard.text) {
                    return Err(LlmError::Looping);
                }
            }
        }
    }

    /// An answer that comes as a whole, because the server does not stream.
    async fn hear_whole(&self, response: Response, heard: &mut Heard, listener: Listener<'_>) -> Result<(), LlmError> {
        let body = timeout_at(self.deadline(heard), response.bytes()).await.map_err(|_| self.late(heard))?;
        let body = body.map_err(|_| LlmError::CutStream)?;
        self.hear(stream::whole(&body, &self.model)?, heard, listener);
        if heard.finish.is_some() { Ok(()) } else { Err(LlmError::CutStream) }
    }

    fn hear(&self, said: Said, heard: &mut Heard, listener: Listener<'_>) {
        if said.thought {
            self.thinks.store(true, Ordering::Relaxed);
        }
        let first = heard.first.is_none();
        if heard.take(said) {
            if first {
                listener(Progress::FirstToken { waited_ms: ms(heard.sent.elapsed()) });
            }
            listener(Progress::Tokens(1));
        }
    }

    /// Comments that keep a connection alive are no tokens: only those move it.
    fn deadline(&self, heard: &Heard) -> Instant {
        match (&heard.finish, heard.first) {
            (Some(_), _) => heard.finished + LINGER.min(self.stall),
            (None, Some(_)) => heard.last + self.stall,
            (None, None) => heard.sent + self.first_token,
        }
    }

    fn late(&self, heard: &Heard) -> LlmError {
        match heard.first {
            Some(_) => LlmError::Stalled { seconds: seconds(self.stall) },
            None => LlmError::FirstTokenTimeout { seconds: seconds(self.first_token) },
        }
    }

    /// The error without the key, should the server have repeated it.
    fn discreet(&self, error: LlmError) -> LlmError {
        use OpenAiError::{Malformed, ServerError};
        match error {
            LlmError::OpenAi(Malformed { words }) => Malformed { words: self.client.without_key(&words) }.into(),
            LlmError::OpenAi(ServerError { words }) => ServerError { words: self.client.without_key(&words) }.into(),
            other => other,
        }
    }

    /// Only an answer that ended by itself counts.
    fn judge(&self, task: &Task, heard: &Heard, prompt_tokens: u32) -> Result<Answer, LlmError> {
        if heard.text.trim_start().starts_with("<think") {
            self.thinks.store(true, Ordering::Relaxed);
        }
        let usage = usage(task, heard, prompt_tokens);
        if !usage.estimated {
            judge::fits(&usage, held(&self.ready).window)?;
        }
        if heard.refused {
            return Err(LlmError::Refused);
        }
        match heard.finish.as_deref().unwrap_or_default() {
            "stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn" => judge::whole(&heard.text, usage),
            "length" | "max_tokens" => Err(LlmError::Truncated),
            "content_filter" => Err(LlmError::Refused),
            "abort" | "error" | "cancelled" => Err(LlmError::CutStream),
            other => {
                let words = format!("an answer that ended with \u{201c}{}\u{201d}", crate::words::quote(other));
                Err(OpenAiError::Malformed { words }.into())
            }
        }
    }
}

/// Counts and times of a call: what the server tells, else what was heard.
fn usage(task: &Task, heard: &Heard, prompt_tokens: u32) -> Usage {
    let timings = heard.timings.unwrap_or_default();
    let told = heard.usage.unwrap_or_default();
    let counted = |count: Option<u32>| count.filter(|count| *count > 0);
    let read = timings.prompt_n.map(|read| read + timings.cache_n.unwrap_or_default());
    let prompt = counted(told.prompt_tokens).or(counted(read));
    let output = counted(told.completion_tokens).or(counted(timings.predicted_n));
    // One piece is usually one token, but a server that does not stream sends all of them as one.
    let written = heard.pieces.max(estimate(task, heard.text.chars().count(), &heard.text));
    let first = heard.first.unwrap_or(heard.last);
    let time =
        |told: Option<f64>, own| told.and_then(|ms| Duration::try_from_secs_f64(ms / 1_000.0).ok()).unwrap_or(own);
    Usage {
        prompt_tokens: prompt.unwrap_or(prompt_tokens),
        output_tokens: output.unwrap_or(written.max(1)),
        load_ms: 0,
        // Without figures of the server, waiting for a slot cannot be told from reading.
        prompt_ms: ms(time(timings.prompt_ms, first - heard.sent)),
        output_ms: ms(time(timings.predicted_ms, heard.last - first)),
        total_ms: ms(heard.last - heard.sent),
        estimated: prompt.is_none() || output.is_none(),
        untimed: timings.prompt_ms.is_none() || timings.predicted_ms.is_none(),
    }
}

/// Tokens of so many characters, estimated high; at least 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a length divided by a positive number")]
fn estimate(task: &Task, chars: usize, sample: &str) -> u32 {
    (chars as f32 / chars_per_token(task.language.as_deref(), sample)).ceil().max(1.0) as u32
}

/// Servers begin a stream with this type; one that does not stream sends plain JSON.
fn is_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    !kind.is_some_and(|kind| kind.starts_with("application/json"))
}

/// A temperature with two places, since `0.3` as the nearest `f32` is a long number in JSON.
fn rounded(temperature: f32) -> Value {
    json!((f64::from(temperature) * 100.0).round() / 100.0)
}

fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}
