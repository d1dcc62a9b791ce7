//! From a server's words to what helps. The words are those of llama.cpp's server, vLLM, LM Studio and `OpenAI`.

use serde_json::Value;

use super::OpenAiError;
use super::client::Told;
use crate::LlmError;
use crate::words::{quote, tells_of_memory};

/// A complaint: the words, and the short names that come with them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Complaint {
    pub words: String,
    /// `type` and `code` in lower case, one after the other.
    pub kind: String,
    pub prompt_tokens: Option<u32>,
    pub window: Option<u32>,
}

impl Complaint {
    /// Reads the body of an error reply, whatever its form.
    pub fn read(body: &str) -> Self {
        match serde_json::from_str(body) {
            Ok(value) => Self::of(&value),
            Err(_) => Self { words: without_markup(body), ..Self::default() },
        }
    }

    /// `{"error":{"message":…,"type":…,"code":…}}`, `{"error":"…"}`, `{"object":"error","message":…}`,
    /// `{"detail":…}`, or the inner object alone.
    pub fn of(value: &Value) -> Self {
        match &value["error"] {
            Value::Null => {}
            Value::String(words) => return Self::nested(words),
            inner => return Self::of(inner),
        }
        let number = |name: &str| value[name].as_u64().and_then(|number| u32::try_from(number).ok());
        let short = |name: &str| match &value[name] {
            Value::String(name) => name.to_lowercase(),
            Value::Number(code) => code.to_string(),
            _ => String::new(),
        };
        let words = match (&value["message"], &value["detail"]) {
            (Value::String(words), _) | (_, Value::String(words)) => words.clone(),
            (_, Value::Null) => String::new(),
            (_, detail) => detail.to_string(),
        };
        let inner = Self::nested(&words);
        Self {
            kind: format!("{} {} {}", short("type"), short("code"), inner.kind).trim().to_owned(),
            prompt_tokens: number("n_prompt_tokens").or(inner.prompt_tokens),
            window: number("n_ctx").or(inner.window),
            words: inner.words,
        }
    }

    /// A gateway may hand on another server's complaint as a text.
    fn nested(words: &str) -> Self {
        match serde_json::from_str::<Value>(words) {
            Ok(value) if value.is_object() => Self::of(&value),
            _ => Self { words: words.to_owned(), ..Self::default() },
        }
    }
}

/// What a reply with an error status means.
pub fn status(told: &Told, url: &str, model: &str) -> LlmError {
    let complaint = Complaint::read(&told.body);
    if let Some(error) = window_exceeded(&complaint) {
        return error;
    }
    let lower = complaint.words.to_lowercase();
    let quoted = || quote(&complaint.words);
    let (url, model) = (url.to_owned(), model.to_owned());
    let error = match told.status {
        401 | 403 if told.with_key => OpenAiError::KeyRefused { url },
        401 | 403 => OpenAiError::KeyMissing { url },
        _ if complaint.kind.contains("insufficient_quota") => OpenAiError::BadRequest { words: quoted() },
        _ if tells_of_loading(&lower) => OpenAiError::Loading,
        // A gateway that takes no request of this size.
        413 => return LlmError::ContextExceeded { prompt_tokens: None, window: None },
        404 | 400 if tells_of_missing_model(&lower, &complaint.kind) => {
            OpenAiError::ModelMissing { url, model, known: String::new() }
        }
        408 | 425 | 429 | 502 | 503 | 504 => OpenAiError::Busy { words: quoted(), wait: told.wait },
        // LM Studio loads a model when it is asked for, and tells with 400 or 404 that it could not.
        400.. if lower.contains("failed to load model") || lower.contains("error loading model") => {
            if tells_of_memory(&lower) || lower.contains("insufficient system resources") {
                OpenAiError::OutOfMemory { model }
            } else {
                OpenAiError::LoadFailed { model, words: quoted() }
            }
        }
        500.. if tells_of_memory(&lower) => OpenAiError::OutOfMemory { model },
        500.. => OpenAiError::ServerError { words: quoted() },
        404 => OpenAiError::NotAServer { url },
        _ => OpenAiError::BadRequest { words: quoted() },
    };
    LlmError::OpenAi(error)
}

/// What an error in the middle of a stream means.
pub fn in_stream(value: &Value, model: &str) -> LlmError {
    let complaint = Complaint::of(value);
    if let Some(error) = window_exceeded(&complaint) {
        return error;
    }
    let lower = complaint.words.to_lowercase();
    if tells_of_loading(&lower) {
        return LlmError::OpenAi(OpenAiError::Loading);
    }
    if tells_of_memory(&lower) {
        return LlmError::OpenAi(OpenAiError::OutOfMemory { model: model.to_owned() });
    }
    if complaint.kind.contains("content_filter") {
        return LlmError::Refused;
    }
    LlmError::OpenAi(OpenAiError::ServerError { words: quote(&complaint.words) })
}

/// llama.cpp, status 503, while it starts; LM Studio while it loads.
fn tells_of_loading(lower: &str) -> bool {
    lower == "loading model" || lower.contains("model is loading") || lower.contains("model is still loading")
}

fn tells_of_missing_model(lower: &str, kind: &str) -> bool {
    let says = |words: &str| lower.contains(words);
    kind.contains("model_not_found")
        || says("model")
            && (says("not found")
                || says("does not exist")
                || says("not exist")
                || says("no models loaded")
                || says("invalid model"))
}

/// All wordings of a prompt that does not fit, with the server's own counts where it gives them.
fn window_exceeded(complaint: &Complaint) -> Option<LlmError> {
    let lower = complaint.words.to_lowercase();
    let named = ["exceed_context_size", "context_length_exceeded"].iter().any(|name| complaint.kind.contains(name));
    let said = [
        // llama.cpp
        "exceeds the available context size",
        "exceed the available context size",
        // vLLM and OpenAI
        "maximum context length",
        "maximum model length",
        "max_model_len",
        "max_tokens must be at least 1, got -",
        // LM Studio
        "context length of only",
        "greater than the context length",
        "cannot truncate prompt with n_keep",
        "context length exceeded",
        "context overflow",
        // Gateways
        "prompt is too long",
        "input is too long",
        "exceeded model token limit",
    ];
    if !named && !said.iter().any(|words| lower.contains(words)) {
        return None;
    }
    let after = |words: &str| number_after(&lower, words);
    let window = complaint
        .window
        .or_else(|| after("maximum context length is "))
        .or_else(|| after("maximum model length of "))
        .or_else(|| after("available context size ("))
        .or_else(|| after("context length of only "))
        .or_else(|| after("n_ctx: "))
        .or_else(|| after("n_ctx ("));
    let prompt_tokens = complaint
        .prompt_tokens
        // What was asked for in all, answer included, is of no use: it says nothing of the prompt alone.
        .or_else(|| number_before(&lower, " in the messages"))
        .or_else(|| after("your request has "))
        .or_else(|| after("resulted in "))
        .or_else(|| after("prompt (length "))
        .or_else(|| after("request ("))
        .or_else(|| after("keep the first "))
        .or_else(|| after("n_keep: "))
        .or_else(|| after("n_keep ("));
    Some(LlmError::ContextExceeded { prompt_tokens, window })
}

fn number_after(text: &str, words: &str) -> Option<u32> {
    let rest = &text[text.find(words)? + words.len()..];
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    rest[..digits].parse().ok()
}

fn number_before(text: &str, words: &str) -> Option<u32> {
    let before = &text[..text.find(words)?];
    let digits = before.bytes().rev().take_while(u8::is_ascii_digit).count();
    before[before.len() - digits..].parse().ok()
}

/// A proxy's page of an error in words.
fn without_markup(body: &str) -> String {
    let mut words = String::with_capacity(body.len());
    let mut inside = false;
    for letter in body.chars() {
        match letter {
            '<' => inside = true,
            '>' if inside => {
                inside = false;
                words.push(' ');
            }
            _ if !inside => words.push(letter),
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;
    use epitome_model::ErrorCode;
    use std::time::Duration;

    fn judged(code: u16, body: &str) -> LlmError {
        let told = Told { status: code, body: body.to_owned(), wait: None, with_key: false };
        status(&told, "http://box:8080", "m")
    }

    #[test]
    fn every_wording_of_a_full_window_is_known_with_its_numbers() {
        for (body, prompt_tokens, window) in [
            (
                r#"{"error":{"code":400,"message":"request (6425 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":6425,"n_ctx":4096}}"#,
                Some(6425),
                Some(4096),
            ),
            (
                r#"{"error":{"code":400,"message":"the request exceeds the available context size. try increasing the context size or enable context shift","type":"invalid_request_error"}}"#,
                None,
                None,
            ),
            (
                r#"{"object":"error","message":"This model's maximum context length is 16384 tokens. However, you requested 122946 tokens (112946 in the messages, 10000 in the completion). Please reduce the length of the messages or completion.","type":"BadRequestError","param":null,"code":400}"#,
                Some(112_946),
                Some(16_384),
            ),
            (
                r#"{"error":{"message":"'max_tokens' or 'max_completion_tokens' is too large: 1000. This model's maximum context length is 4096 tokens and your request has 4000 input tokens (1000 > 4096 - 4000).","type":"BadRequestError","param":null,"code":400}}"#,
                Some(4000),
                Some(4096),
            ),
            (
                r#"{"error":{"message":"The decoder prompt (length 5000) is longer than the maximum model length of 4096.","type":"BadRequestError","code":400}}"#,
                Some(5000),
                Some(4096),
            ),
            (
                r#"{"object":"error","message":"max_tokens must be at least 1, got -186.","type":"BadRequestError","code":400}"#,
                None,
                None,
            ),
            (
                r#"{"error":{"message":"This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
                Some(9001),
                Some(8192),
            ),
            (
                r#"{"error":"Trying to keep the first 14538 tokens when context the overflows. However, the model is loaded with context length of only 2048 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"}"#,
                Some(14_538),
                Some(2048),
            ),
            (
                r#"{"error":"The number of tokens to keep from the initial prompt is greater than the context length (n_keep: 13055>= n_ctx: 4096). Try to load the model with a larger context length, or provide a shorter input."}"#,
                Some(13_055),
                Some(4096),
            ),
            (r#"{"error":"Cannot truncate prompt with n_keep (15028) >= n_ctx (7424)"}"#, Some(15_028), Some(7424)),
            (r#"{"error":{"message":"Input is too long for requested model."}}"#, None, None),
            // A gateway that wraps another server's complaint.
            (
                r#"{"detail":"{\"error\":{\"code\":400,\"message\":\"too long\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":7,\"n_ctx\":5}}"}"#,
                Some(7),
                Some(5),
            ),
        ] {
            assert_eq!(judged(400, body), LlmError::ContextExceeded { prompt_tokens, window }, "{body}");
            let value = serde_json::from_str(body).unwrap();
            assert_eq!(in_stream(&value, "m"), LlmError::ContextExceeded { prompt_tokens, window }, "{body}");
        }
    }

    #[test]
    fn the_servers_words_are_understood() {
        let loading = r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#;
        for (code, body, expected, policy) in [
            (401, r#"{"error":{"message":"Invalid API Key","code":401}}"#, ErrorCode::KeyRefused, Policy::Stop),
            (403, "<html>Forbidden</html>", ErrorCode::KeyRefused, Policy::Stop),
            (503, loading, ErrorCode::Busy, Policy::WaitForServer),
            (503, "<html><h1>Service Unavailable</h1></html>", ErrorCode::Busy, Policy::Retry),
            (429, r#"{"error":{"message":"Rate limit reached","type":"requests"}}"#, ErrorCode::Busy, Policy::Retry),
            (
                429,
                r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}"#,
                ErrorCode::BadRequest,
                Policy::Stop,
            ),
            (408, "", ErrorCode::Busy, Policy::Retry),
            (425, "", ErrorCode::Busy, Policy::Retry),
            (502, "bad gateway", ErrorCode::Busy, Policy::Retry),
            (504, "", ErrorCode::Busy, Policy::Retry),
            (500, r#"{"error":{"message":"slot broke","type":"server_error"}}"#, ErrorCode::CutStream, Policy::Retry),
            (500, r#"{"error":{"message":"CUDA error: out of memory"}}"#, ErrorCode::OutOfMemory, Policy::Stop),
            (
                404,
                r#"{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":"model","code":404}}"#,
                ErrorCode::ModelMissing,
                Policy::Stop,
            ),
            (
                404,
                r#"{"error":{"message":"No models loaded. Please load a model in the developer page or use the 'lms load' command.","type":"invalid_request_error","code":"model_not_found"}}"#,
                ErrorCode::ModelMissing,
                Policy::Stop,
            ),
            (
                404,
                r#"{"error":{"message":"Failed to load model \"x\". Error: Model loading was stopped due to insufficient system resources."}}"#,
                ErrorCode::OutOfMemory,
                Policy::Stop,
            ),
            (400, r#"{"error":"Failed to load model: wrong file"}"#, ErrorCode::LoadFailed, Policy::Retry),
            (413, "<html>Request Entity Too Large</html>", ErrorCode::ContextExceeded, Policy::CutFiner),
            (404, "404 page not found", ErrorCode::NotAServer, Policy::Stop),
            (400, r#"{"error":{"message":"messages must alternate"}}"#, ErrorCode::BadRequest, Policy::Stop),
            (418, "", ErrorCode::BadRequest, Policy::Stop),
        ] {
            let error = judged(code, body);
            assert_eq!((error.code(), error.policy()), (expected, policy), "{code} {body}");
            assert!(!error.hint().is_empty() && !error.to_string().contains(['<', '{']), "{error}");
        }
        assert!(judged(500, "<html><b>Oops</b></html>").to_string().contains("Oops"));
    }

    #[test]
    fn the_pause_a_server_asks_for_is_kept() {
        let wait = Some(Duration::from_secs(7));
        let told = Told { status: 429, wait, ..Told::default() };
        assert_eq!(status(&told, "http://box", "m").retry_after(), wait);
        assert_eq!(LlmError::CutStream.retry_after(), None);
    }
}
