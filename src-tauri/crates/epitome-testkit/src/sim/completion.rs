//! The JSON of `/v1/chat/completions`, streamed as events or whole.

use serde_json::{Value, json};

use super::Flavour;
use super::wire::{Last, Metrics, Says};

/// When the simulated servers say that they made something: a fixed moment of 2026, in seconds since 1970.
const CREATED: u64 = 1_780_000_000;

/// Writes the events of one answer.
#[derive(Clone, Debug)]
pub struct CompletionVoice {
    pub flavour: Flavour,
    /// As the request named it.
    pub model: String,
    /// Counts of tokens were asked for, and this server tells them.
    pub usage: bool,
    /// llama.cpp's own figures.
    pub timings: bool,
    pub number: usize,
}

impl CompletionVoice {
    fn object(&self, kind: &str, choices: &Value) -> Value {
        json!({
            "id": format!("chatcmpl-{}", self.number),
            "object": kind,
            "created": CREATED,
            "model": self.model,
            "choices": choices,
        })
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> Value {
        self.object("chat.completion.chunk", &json!([{"index": 0, "delta": delta, "finish_reason": finish}]))
    }

    fn thinking(&self) -> &'static str {
        if self.flavour == Flavour::Vllm { "reasoning" } else { "reasoning_content" }
    }

    fn figures(&self, object: &mut Value, metrics: Metrics) {
        if self.timings {
            object["timings"] = json!({
                "cache_n": 0,
                "prompt_n": metrics.prompt_eval_count,
                "prompt_ms": metrics.prompt_eval_duration as f64 / 1e6,
                "predicted_n": metrics.eval_count,
                "predicted_ms": metrics.eval_duration as f64 / 1e6,
            });
        }
    }
}

fn usage(metrics: Metrics) -> Value {
    json!({
        "prompt_tokens": metrics.prompt_eval_count,
        "completion_tokens": metrics.eval_count,
        "total_tokens": metrics.prompt_eval_count + metrics.eval_count,
    })
}

/// An event; the blank line after it comes with the chunk.
fn event(object: &Value) -> String {
    format!("data: {object}\n")
}

impl Says for CompletionVoice {
    fn begin(&self) -> Option<String> {
        let content = if self.flavour == Flavour::Vllm { Value::String(String::new()) } else { Value::Null };
        (self.flavour != Flavour::LmStudio)
            .then(|| event(&self.chunk(&json!({"role": "assistant", "content": content}), None)))
    }

    fn piece(&self, content: &str, thinking: &str) -> String {
        let delta = if thinking.is_empty() { json!({"content": content}) } else { json!({self.thinking(): thinking}) };
        event(&self.chunk(&delta, None))
    }

    fn ending(&self, last: Last<'_>) -> Vec<String> {
        let mut closing = self.chunk(&json!({}), Some(last.reason));
        self.figures(&mut closing, last.metrics);
        let mut events = vec![event(&closing)];
        if self.usage {
            let mut counts = self.object("chat.completion.chunk", &json!([]));
            counts["usage"] = usage(last.metrics);
            events.push(event(&counts));
        }
        events.push("data: [DONE]\n".to_owned());
        events
    }

    fn whole(&self, content: &str, thinking: &str, last: Last<'_>) -> String {
        let mut message = json!({"role": "assistant", "content": content});
        if !thinking.is_empty() {
            message[self.thinking()] = thinking.into();
        }
        let choices = json!([{"index": 0, "message": message, "finish_reason": last.reason}]);
        let mut object = self.object("chat.completion", &choices);
        // Without streaming nobody has to ask.
        object["usage"] = usage(last.metrics);
        self.figures(&mut object, last.metrics);
        object.to_string()
    }

    fn unfinished(&self, content: &str) -> String {
        let choices =
            json!([{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": null}]);
        self.object("chat.completion", &choices).to_string()
    }

    fn garbage(&self) -> String {
        "data: {\"choices\":[{\"delta\":\n".to_owned()
    }

    fn error(&self, status: u16, words: &str) -> String {
        self.flavour.error(status, words).to_string()
    }

    fn error_line(&self, status: u16, words: &str) -> String {
        let error = event(&self.flavour.error(status, words));
        if self.flavour == Flavour::LmStudio { format!("event: error\n{error}") } else { error }
    }
}
