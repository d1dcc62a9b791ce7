//! What a simulated server is made of.

use super::{Faults, Flavour, GpuModel, SimModel};

/// What a model that repeats one token comes to (F20).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RepeatGuard {
    /// After 30 equal pieces the stream just ends (v0.33.0-rc2).
    #[default]
    Silent30,
    /// After 100 it ends with an error (later servers).
    Error100,
}

impl RepeatGuard {
    pub fn most(self) -> usize {
        match self {
            Self::Silent30 => 30,
            Self::Error100 => 100,
        }
    }
}

/// A simulated server.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // Switches of a server, each by itself.
pub struct SimConfig {
    /// A free one when absent.
    pub port: Option<u16>,
    /// `OLLAMA_NUM_PARALLEL`.
    pub parallel: usize,
    /// `OLLAMA_MAX_QUEUE`: requests that may wait while a model is not loaded.
    pub max_queue: usize,
    /// `OLLAMA_MAX_LOADED_MODELS`.
    pub max_loaded: usize,
    /// `OLLAMA_CONTEXT_LENGTH`: tokens of the window when neither request nor model says.
    pub default_ctx: usize,
    /// `OLLAMA_NO_CLOUD`.
    pub no_cloud: bool,
    pub models: Vec<SimModel>,
    pub gpu: GpuModel,
    /// Real seconds a simulated second: 0.001 is a thousand times faster. It scales loading, reading, writing, pulling
    /// and the faults' delays. It does not scale `keep_alive`, which is a promise to a client whose clock is real.
    pub time_scale: f64,
    /// Decides which requests the faults' rates hit.
    pub seed: u64,
    pub faults: Faults,
    pub version: String,
    pub flavour: Flavour,
    /// A key without which most of a server with the `OpenAI` interface is closed.
    pub key: Option<String>,
    /// A server with the `OpenAI` interface tells counts of tokens where they are asked for.
    pub tells_usage: bool,
    pub repeat_guard: RepeatGuard,
    /// Answers end with a line that tells which text they are made from; off for pictures.
    pub marks: bool,
    /// Keeps the messages of every request, for tests; off for long runs.
    pub record_prompts: bool,
}

impl Default for SimConfig {
    /// A thousand times faster than real, four slots, one ordinary model, no faults.
    fn default() -> Self {
        Self {
            port: None,
            parallel: 4,
            max_queue: 512,
            max_loaded: 3,
            default_ctx: 4096,
            no_cloud: false,
            models: vec![SimModel::named("llama3.1:8b")],
            gpu: GpuModel::default(),
            time_scale: 0.001,
            seed: 0,
            faults: Faults::default(),
            version: "0.33.0-rc2".to_owned(),
            flavour: Flavour::default(),
            key: None,
            tells_usage: true,
            repeat_guard: RepeatGuard::default(),
            marks: true,
            record_prompts: true,
        }
    }
}
