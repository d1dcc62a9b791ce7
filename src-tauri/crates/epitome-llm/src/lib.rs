//! Providers of summaries: Ollama over HTTP and the built-in extractive summariser; prompts, answers, classified
//! errors. The pipeline calls them; nothing here keeps state between calls but connections.

mod address;
mod answer;
mod builtin;
mod error;
mod ollama;
mod prompt;
mod provider;
mod tokens;
mod watch;

pub use address::normalise_url;
pub use answer::{Parts, read_answer};
pub use builtin::BuiltIn;
pub use error::{LlmError, Policy, backoff};
pub use ollama::{Look, Ollama, Server, choose_model};
pub use prompt::{PROMPT_VERSION, Prompt, overhead_chars, prompt};
pub use provider::{Answer, Listener, Prepared, Progress, Provider, Task};
pub use tokens::{chars_per_token, predict_tokens};
