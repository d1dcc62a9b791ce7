//! Settings as the pipeline uses them, resolved; how they are found and merged is `epitome-api`'s business.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ProviderKind;

/// A named column of knobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The first design: small pieces, three workers.
    Baseline,
    /// The first design, tuned.
    Track1,
    /// Pieces as large as the window, concurrency to suit the server.
    #[default]
    Auto,
}

/// Where calls may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProviderChoice {
    /// Ollama where it answers and has a model, else the built-in summariser.
    #[default]
    Auto,
    Ollama,
    BuiltIn,
}

/// Most calls in flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    #[default]
    Auto,
    /// Obeyed exactly.
    Fixed(u32),
}

/// Everything a job runs with; stored with the job, so that a resumed job is the same job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct JobSettings {
    pub profile: Profile,
    pub provider: ProviderKind,
    /// Address of the Ollama server; unused by the built-in summariser.
    pub url: String,
    /// Model name; empty for the built-in summariser.
    pub model: String,
    /// Language of the summaries as a BCP 47 tag; the book's own when absent.
    pub language: Option<String>,
    pub concurrency: Concurrency,
    /// `num_ctx` of every call of the job, in tokens; found from model and book when absent.
    pub window: Option<u32>,
    /// Largest window chosen by itself, in tokens (slots × window must fit the card's memory).
    pub window_max: u32,
    pub temperature: f32,
    /// How long the server keeps the model after the last call, as Ollama writes it (`10m`).
    pub keep_alive: String,
    /// Longest wait for the first token, loading and queueing included, in seconds.
    pub first_token_s: u32,
    /// Longest silence between two tokens, in seconds.
    pub stall_s: u32,
    /// Tries of one call before its chapter fails.
    pub attempts: u32,
    /// How long an unreachable server is waited for before the job stops and says so, in seconds; 0 means for ever.
    pub outage_s: u32,
    /// Largest piece in characters; `None` means as large as the window allows.
    pub chunk_size: Option<u32>,
    /// Characters shared by neighbouring pieces.
    pub chunk_overlap: u32,
    /// Longer chapters are cut, where `chunk_size` is set.
    pub chunk_threshold: u32,
    /// Room of the queue of calls before the workers.
    pub summary_capacity: u32,
    /// Room of the queue before the database writer.
    pub write_capacity: u32,
    /// Write-queue depth above which workers take no new work.
    pub backpressure_at: u32,
    /// Workers; those beyond the calls allowed in flight stand by.
    pub workers_max: u32,
}

/// Where a setting's present value comes from, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SettingSource {
    CommandLine,
    Environment,
    File,
    Profile,
}

/// One setting as the settings screen shows it. Values travel as the text a person would type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingRow {
    /// Such as `llm.concurrency`.
    pub key: String,
    pub group: String,
    pub label: String,
    /// One sentence: what it does.
    pub help: String,
    pub value: String,
    /// What it would be without the person's own choice.
    pub default: String,
    pub unit: String,
    /// Allowed values in words, such as `1 to 64, or auto`.
    pub range: String,
    /// The values of a choice; empty for numbers and text.
    pub choices: Vec<String>,
    /// Environment variable that sets it.
    pub environment: String,
    pub source: SettingSource,
}
