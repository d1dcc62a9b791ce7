//! The JSON of replies, with the field order and the escapes of Go's encoder.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use super::clock::rfc3339;
use super::record::Endpoint;

/// As Go writes it: `<`, `>`, `&` and two line separators escaped, everything else raw. They can stand in strings only.
pub fn go_json(value: &impl Serialize) -> String {
    // Plain structs of strings and numbers always serialise.
    let json = serde_json::to_string(value).unwrap_or_default();
    let mut escaped = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// `{"error":"…"}`
pub fn error_body(words: &str) -> String {
    #[derive(Serialize)]
    struct Body<'a> {
        error: &'a str,
    }
    go_json(&Body { error: words })
}

#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Durations in nanoseconds of real time, as elapsed; zero is absent.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Metrics {
    #[serde(skip_serializing_if = "is_zero")]
    pub total_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub load_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub prompt_eval_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub prompt_eval_duration: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub eval_count: u64,
    #[serde(skip_serializing_if = "is_zero")]
    pub eval_duration: u64,
}

/// Nanoseconds.
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Nanoseconds in whole microseconds, at least one, as llama-server's milliseconds give (F9).
pub fn micros(time: Duration) -> u64 {
    (nanos(time) / 1_000).max(1) * 1_000
}

#[derive(Serialize)]
struct Said<'a> {
    role: &'a str,
    content: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
}

#[derive(Serialize)]
struct Rendered<'a> {
    rendered_template: &'a str,
}

#[derive(Serialize)]
struct Line<'a> {
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_host: Option<&'a str>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Said<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    thinking: Option<&'a str>,
    done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    done_reason: Option<&'a str>,
    #[serde(rename = "_debug_info", skip_serializing_if = "Option::is_none")]
    debug: Option<Rendered<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<&'a [u32]>,
    #[serde(flatten)]
    metrics: Metrics,
}

/// Writes the objects of one call.
#[derive(Clone, Debug)]
pub struct Voice {
    pub endpoint: Endpoint,
    /// As the request named it.
    pub model: String,
    /// Where a remote stub's text went: the model there and its host.
    pub remote: Option<(String, &'static str)>,
}

/// The end of a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Last<'a> {
    pub reason: &'a str,
    pub metrics: Metrics,
    /// Tokens of prompt and answer, for `/api/generate`.
    pub context: Option<&'a [u32]>,
}

/// How an answer is put into the words of an interface.
pub trait Says: Sync {
    /// What comes before the first piece.
    fn begin(&self) -> Option<String> {
        None
    }

    /// A piece of a stream.
    fn piece(&self, content: &str, thinking: &str) -> String;

    /// The end of a stream.
    fn ending(&self, last: Last<'_>) -> Vec<String>;

    /// An answer that is not streamed.
    fn whole(&self, content: &str, thinking: &str, last: Last<'_>) -> String;

    /// One that never ended.
    fn unfinished(&self, content: &str) -> String;

    /// What nobody understands.
    fn garbage(&self) -> String;

    /// The body of an error reply.
    fn error(&self, status: u16, words: &str) -> String;

    /// An error in the middle of a stream.
    fn error_line(&self, status: u16, words: &str) -> String;
}

impl Says for Voice {
    fn piece(&self, content: &str, thinking: &str) -> String {
        go_json(&self.line(content, thinking))
    }

    fn ending(&self, last: Last<'_>) -> Vec<String> {
        vec![self.last("", "", last)]
    }

    fn whole(&self, content: &str, thinking: &str, last: Last<'_>) -> String {
        self.last(content, thinking, last)
    }

    fn unfinished(&self, content: &str) -> String {
        self.piece(content, "")
    }

    fn garbage(&self) -> String {
        r#"{"model":"?","created_at":"#.to_owned()
    }

    fn error(&self, _status: u16, words: &str) -> String {
        error_body(words)
    }

    fn error_line(&self, _status: u16, words: &str) -> String {
        error_body(words)
    }
}

impl Voice {
    fn line<'a>(&'a self, content: &'a str, thinking: &'a str) -> Line<'a> {
        let chat = self.endpoint == Endpoint::Chat;
        Line {
            model: &self.model,
            remote_model: self.remote.as_ref().map(|(model, _)| model.as_str()),
            remote_host: self.remote.as_ref().map(|(_, host)| *host),
            created_at: rfc3339(SystemTime::now()),
            message: chat.then_some(Said { role: "assistant", content, thinking }),
            response: (!chat).then_some(content),
            thinking: (!chat && !thinking.is_empty()).then_some(thinking),
            done: false,
            done_reason: None,
            debug: None,
            context: None,
            metrics: Metrics::default(),
        }
    }

    /// The last object of a stream, or the only one.
    pub fn last(&self, content: &str, thinking: &str, last: Last<'_>) -> String {
        let Last { reason, metrics, context } = last;
        go_json(&Line { done: true, done_reason: Some(reason), metrics, context, ..self.line(content, thinking) })
    }

    /// The reply to a load or an unload, without figures.
    pub fn idle(&self, reason: &str) -> String {
        self.last("", "", Last { reason, ..Last::default() })
    }

    /// What `_debug_render_only` gives (F30).
    pub fn rendered(&self, rendered_template: &str) -> String {
        let line = self.line("", "");
        let message = line.message.as_ref().map(|_| Said { role: "", content: "", thinking: "" });
        go_json(&Line { message, debug: Some(Rendered { rendered_template }), ..line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_fields_is_the_servers() {
        let voice = Voice { endpoint: Endpoint::Chat, model: "tiny".into(), remote: None };
        let metrics = Metrics { total_duration: 5, eval_count: 2, ..Metrics::default() };
        let line = voice.last("a<b>&\u{2028}é", "", Last { reason: "stop", metrics, context: None });
        let (head, tail) = line.split_once("\"created_at\":\"").unwrap();
        assert_eq!(head, r#"{"model":"tiny","#);
        let tail = tail.split_once("Z\",").unwrap().1;
        assert_eq!(
            tail,
            r#""message":{"role":"assistant","content":"a\u003cb\u003e\u0026\u2028é"},"done":true,"done_reason":"stop","total_duration":5,"eval_count":2}"#
        );
    }

    #[test]
    fn generate_has_response_and_thinking_at_the_top() {
        let voice = Voice { endpoint: Endpoint::Generate, model: "tiny".into(), remote: None };
        assert!(voice.piece("", "Hm").ends_with(r#""response":"","thinking":"Hm","done":false}"#));
        assert!(voice.idle("load").ends_with(r#""response":"","done":true,"done_reason":"load"}"#));
    }
}
