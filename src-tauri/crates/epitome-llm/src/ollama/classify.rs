//! From Ollama's words to what helps. The words are those its source and its runs show.

use serde::Deserialize;

use crate::LlmError;
use crate::words::{quote, tells_of_memory};

const LOADING: [&str; 6] = [
    "llama-server process has terminated",
    "llama runner process has terminated",
    "timed out waiting for llama",
    "error starting llama",
    "llama-server binary not found",
    "exceeds file size",
];

/// What a reply with an error status means.
pub fn status(status: u16, body: &str, model: &str) -> LlmError {
    let words = error_of(body);
    if let Some(error) = window_exceeded(&words) {
        return error;
    }
    let quoted = quote(&words);
    match status {
        404 if words.starts_with("model") && words.contains("not found") => {
            LlmError::ModelMissing { model: model.to_owned() }
        }
        403 if words.contains("cloud") => LlmError::CloudModel { model: model.to_owned() },
        403 => LlmError::BadRequest {
            words: "it does not accept calls from this address (OLLAMA_ORIGINS, OLLAMA_HOST)".into(),
        },
        503 | 429 | 502 => LlmError::Busy { words: quoted },
        500.. => server(&words, model),
        _ => LlmError::BadRequest { words: quoted },
    }
}

/// What an error in the middle of a stream, or a failed request, means.
pub fn server(words: &str, model: &str) -> LlmError {
    let lower = words.to_lowercase();
    if let Some(error) = window_exceeded(words) {
        return error;
    }
    if tells_of_memory(&lower) {
        return LlmError::OutOfMemory { model: model.to_owned() };
    }
    if LOADING.iter().any(|needle| lower.contains(needle)) {
        return LlmError::LoadFailed { model: model.to_owned(), words: quote(words) };
    }
    if lower.contains("token repeat limit") {
        return LlmError::Looping;
    }
    if lower.contains("maximum pending requests") {
        return LlmError::Busy { words: quote(words) };
    }
    LlmError::ServerError { words: quote(words) }
}

#[derive(Deserialize)]
struct Outer {
    error: String,
}

#[derive(Deserialize)]
struct Nested {
    error: Exceeded,
}

#[derive(Deserialize)]
struct Exceeded {
    #[serde(rename = "type", default)]
    kind: String,
    n_prompt_tokens: Option<u32>,
    n_ctx: Option<u32>,
}

fn error_of(body: &str) -> String {
    serde_json::from_str::<Outer>(body).map_or_else(|_| body.trim().to_owned(), |outer| outer.error)
}

/// Both wordings of a prompt that does not fit; the nested one has the server's own counts.
fn window_exceeded(words: &str) -> Option<LlmError> {
    if let Ok(nested) = serde_json::from_str::<Nested>(words)
        && nested.error.kind == "exceed_context_size_error"
    {
        let Exceeded { n_prompt_tokens, n_ctx, .. } = nested.error;
        return Some(LlmError::ContextExceeded { prompt_tokens: n_prompt_tokens, window: n_ctx });
    }
    let lower = words.to_lowercase();
    let plain =
        lower.contains("longer than the context length") || lower.contains("exceeds the available context size");
    plain.then_some(LlmError::ContextExceeded { prompt_tokens: None, window: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use epitome_model::ErrorCode;

    #[test]
    fn the_servers_words_are_understood() {
        let nested = r#"{"error":"{\"error\":{\"code\":400,\"message\":\"request (6425 tokens) exceeds the available context size (4096 tokens), try increasing it\",\"type\":\"exceed_context_size_error\",\"n_prompt_tokens\":6425,\"n_ctx\":4096}}"}"#;
        let exceeded = LlmError::ContextExceeded { prompt_tokens: Some(6425), window: Some(4096) };
        assert_eq!(status(400, nested, "m"), exceeded);
        for (code, body, expected) in [
            (
                400,
                r#"{"error":"the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length"}"#,
                ErrorCode::ContextExceeded,
            ),
            (404, r#"{"error":"model 'nope' not found"}"#, ErrorCode::ModelMissing),
            (404, r#"{"error":"model \"nope\" not found, try pulling it first"}"#, ErrorCode::ModelMissing),
            (503, r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#, ErrorCode::Busy),
            (500, r#"{"error":"llama-server process has terminated: exit status 1: error"}"#, ErrorCode::LoadFailed),
            (
                500,
                r#"{"error":"llama-server reported out-of-memory during startup: cudaMalloc failed"}"#,
                ErrorCode::OutOfMemory,
            ),
            (500, r#"{"error":"unable to load full model on GPU"}"#, ErrorCode::OutOfMemory),
            (500, r#"{"error":"llama-server process no longer running: unknown "}"#, ErrorCode::CutStream),
            (500, r#"{"error":"prediction aborted, token repeat limit reached"}"#, ErrorCode::Looping),
            (403, "", ErrorCode::BadRequest),
            (403, r#"{"error":"ollama cloud is disabled: remote model is unavailable"}"#, ErrorCode::CloudModel),
            (400, r#"{"error":"invalid model name"}"#, ErrorCode::BadRequest),
            (404, "404 page not found", ErrorCode::BadRequest),
            (400, r#"{"error":"\"m\" does not support chat"}"#, ErrorCode::BadRequest),
            (
                500,
                r#"{"error":"tensor \"blk.0\" offset+size (1241952) exceeds file size (900000)"}"#,
                ErrorCode::LoadFailed,
            ),
            (500, "<html>oops</html>", ErrorCode::CutStream),
        ] {
            assert_eq!(status(code, body, "m").code(), expected, "{code} {body}");
        }
    }
}
