//! Providers of summaries: Ollama and OpenAI-compatible servers over HTTP, and the built-in extractive summariser;
//! prompts, answers, classified errors. The pipeline calls them; nothing here keeps state between calls but connections.

mod address;
mod answer;
mod builtin;
mod error;
mod http;
mod judge;
mod lines;
mod ollama;
mod openai;
mod prompt;
mod provider;
mod reach;
#[cfg(test)]
mod scripted;
mod secret;
mod tokens;
mod watch;
mod words;

pub use address::{normalise_openai_url, normalise_url};
pub use answer::{Parts, read_answer};
pub use builtin::BuiltIn;
pub use error::{LlmError, Policy, backoff};
pub use ollama::{Look, Ollama, Server, choose_model};
pub use openai::{OpenAi, OpenAiConfig, OpenAiError, OpenAiLook, OpenAiServer, ServerKind};
pub use prompt::{
    ASK_CHAPTER, ASK_MERGE, ASK_PART, ASK_REDUCE, PROMPT_VERSION, Prompt, STYLE, overhead_tokens, prompt,
    scaffold_tokens,
};
pub use provider::{Answer, Listener, Prepared, Progress, Provider, Task};
pub use reach::{Reach, is_local, reach};
pub use secret::Secret;
pub use tokens::{Tongue, chars_per_token, predict_tokens};
