//! A simulated Ollama (v0.33.0-rc2, as OLLAMA.md describes it) on a loopback port: streaming, slots with a first-come
//! line, loading and reloading, truncation, thinking, errors and crashes, with a GPU model in scaled time and faults to
//! order. Durations in replies are real elapsed nanoseconds, so that a client's arithmetic on them holds; divided by the
//! time scale they are simulated ones.
//!
//! With another [`Flavour`] it is a server with the `OpenAI` interface instead (llama.cpp, vLLM, LM Studio) over the same
//! engine, GPU model and faults.
//!
//! Not simulated: Ollama's own `/v1`, images, tools, log probabilities, adapters, embeddings.

mod answer;
mod batch;
mod call;
mod clock;
mod completion;
mod config;
mod engine;
mod fault;
mod flavour;
mod gpu;
mod http;
mod model;
mod options;
mod record;
mod routes;
mod scheduler;
mod server;
mod speech;
mod text;
mod token;
mod window;
mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use answer::marker;
pub use config::{RepeatGuard, SimConfig};
pub use fault::{Fault, FaultError, Faults, Trigger};
pub use flavour::Flavour;
pub use gpu::{Curve, GpuModel};
pub use model::SimModel;
pub use record::{Ending, Endpoint, SimRequest, SimStats};
pub use server::SimOllama;
pub use token::token_count;
pub use window::{Message, PromptPath};

/// Locks; what a panicking test left behind is still good enough to look at.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
