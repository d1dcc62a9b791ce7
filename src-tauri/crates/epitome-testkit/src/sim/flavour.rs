//! Which server is simulated: Ollama, or one of those with the `OpenAI` interface, each with its own words.

use serde_json::{Value, json};

/// The kind of a simulated server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flavour {
    #[default]
    Ollama,
    /// llama.cpp's own server.
    LlamaCpp,
    Vllm,
    LmStudio,
}

impl Flavour {
    /// By the name on a command line.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "ollama" => Some(Self::Ollama),
            "llama.cpp" => Some(Self::LlamaCpp),
            "vllm" => Some(Self::Vllm),
            "lm-studio" => Some(Self::LmStudio),
            _ => None,
        }
    }

    /// What it says who owns its models, by which clients tell it.
    pub fn owner(self) -> &'static str {
        match self {
            Self::Ollama => "library",
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
            Self::LmStudio => "organization_owner",
        }
    }

    /// The body of an error.
    pub fn error(self, status: u16, words: &str) -> Value {
        match self {
            Self::LlamaCpp => json!({"error": {"code": status, "message": words, "type": self.kind(status)}}),
            Self::Vllm if status == 401 => json!({"error": "Unauthorized"}),
            Self::Ollama | Self::Vllm => {
                json!({"error": {"message": words, "type": self.kind(status), "param": null, "code": status}})
            }
            Self::LmStudio if status == 404 => {
                json!({"error": {"message": words, "type": "invalid_request_error", "param": "model", "code": "model_not_found"}})
            }
            Self::LmStudio => json!({"error": words}),
        }
    }

    fn kind(self, status: u16) -> &'static str {
        match (self, status) {
            (Self::Vllm, 400) => "BadRequestError",
            (Self::Vllm, 404) => "NotFoundError",
            (Self::Vllm, _) => "InternalServerError",
            (_, 400) => "invalid_request_error",
            (_, 401) => "authentication_error",
            (_, 404) => "not_found_error",
            (_, 503) => "unavailable_error",
            _ => "server_error",
        }
    }

    /// The body of the error about a prompt of so many tokens that does not fit, with an answer of at most so many.
    pub fn too_long(self, prompt: usize, answer: Option<usize>, window: usize) -> Value {
        match (self, answer) {
            (Self::Vllm, Some(answer)) => self.error(
                400,
                &format!(
                    "'max_tokens' or 'max_completion_tokens' is too large: {answer}. This model's maximum context length is {window} tokens and your request has {prompt} input tokens ({answer} > {window} - {prompt})."
                ),
            ),
            (Self::Vllm, None) => self.error(
                400,
                &format!(
                    "This model's maximum context length is {window} tokens. However, your request has {prompt} input tokens. Please reduce the length of the input messages."
                ),
            ),
            (Self::LmStudio, _) => self.error(
                400,
                &format!(
                    "Trying to keep the first {prompt} tokens when context the overflows. However, the model is loaded with context length of only {window} tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input"
                ),
            ),
            (Self::Ollama | Self::LlamaCpp, _) => {
                let words = format!(
                    "request ({prompt} tokens) exceeds the available context size ({window} tokens), try increasing it"
                );
                let mut body = self.error(400, &words);
                body["error"]["type"] = "exceed_context_size_error".into();
                body["error"]["n_prompt_tokens"] = prompt.into();
                body["error"]["n_ctx"] = window.into();
                body
            }
        }
    }
}
