//! Settings as the pipeline uses them, resolved; how they are found and merged is `epitome-api`'s business.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ProviderKind, Wording};

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
    #[serde(rename = "openai")]
    OpenAi,
    BuiltIn,
}

/// What one permit covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Permit {
    /// One call.
    #[default]
    Call,
    /// A whole chapter, its calls one after another: the first design.
    Chapter,
}

/// When results are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Commit {
    /// As soon as the writer is free, together with what has arrived meanwhile.
    #[default]
    AtOnce,
    /// In batches by time and number: the first design.
    Batched,
}

/// What opens the circuit breaker of a provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BreakerRule {
    /// Refused, broken or stalled calls; never slow success. Open means: look every second or two.
    #[default]
    Broken,
    /// Error rate, 95th percentile and waiting calls, with a fixed dwell: the first design.
    Figures,
    Off,
}

/// The circuit breaker of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct BreakerSettings {
    pub rule: BreakerRule,
    /// Slow-call threshold on the 95th percentile of the window, in seconds; only for [`BreakerRule::Figures`].
    pub p95_s: f32,
    /// Waiting calls that count as overload; only for [`BreakerRule::Figures`].
    pub queue: u32,
    /// Share of failed calls in the window, 0 to 1.
    pub error_rate: f32,
    /// Least time open, in seconds.
    pub cooldown_s: u32,
    /// Trial calls before it closes.
    pub half_open_attempts: u32,
}

impl Default for BreakerSettings {
    fn default() -> Self {
        Self {
            rule: BreakerRule::Broken,
            p95_s: 30.0,
            queue: 15,
            error_rate: 0.25,
            cooldown_s: 2,
            half_open_attempts: 3,
        }
    }
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

/// Which chapter goes first. What was begun is always finished first, and what the reader waits for goes before all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChapterOrder {
    /// As in the book.
    #[default]
    Reading,
    /// From the end of the book: the newest chapters of a serial first.
    Backwards,
    /// Many summaries soon.
    Shortest,
    /// What takes longest first.
    Longest,
}

/// Everything a job runs with; stored with the job, so that a resumed job is the same job. What an older version did
/// not store takes its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct JobSettings {
    pub profile: Profile,
    pub provider: ProviderKind,
    /// Address of the server; unused by the built-in summariser.
    pub url: String,
    /// Further servers of the same kind with the same model, which share the work.
    pub more_urls: Vec<String>,
    /// Providers that may take over while the first does not answer, in this order; none means: wait.
    pub fallback: Vec<Fallback>,
    /// Model name; empty for the built-in summariser.
    pub model: String,
    /// Language of the summaries as a BCP 47 tag; the book's own when absent.
    pub language: Option<String>,
    pub concurrency: Concurrency,
    /// `num_ctx` of every call of the job, in tokens; found from model and book when absent.
    pub window: Option<u32>,
    /// Largest window chosen by itself, in tokens (slots × window must fit the card's memory).
    pub window_max: u32,
    /// Memory of the card for what the model remembers of the calls at a time (its KV cache), in MiB.
    pub kv_mib: u32,
    pub temperature: f32,
    pub wording: Wording,
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
    /// Chapters planned in one go; `None` means until the queue is full.
    pub enqueue_batch: Option<u32>,
    /// Share of the summary queue above which no further batch is planned, 0 to 1; `None` means: only when it is full.
    pub enqueue_high_water: Option<f32>,
    /// Workers kept ready, and the most there may be; those beyond the calls allowed in flight stand by.
    pub workers_min: u32,
    pub workers_max: u32,
    pub permit: Permit,
    pub order: ChapterOrder,
    pub commit: Commit,
    /// A batch is committed after so many milliseconds or so many items, whichever comes first; metrics and events
    /// always, results only with [`Commit::Batched`].
    pub writer_flush_ms: u32,
    pub writer_flush_items: u32,
    pub breaker: BreakerSettings,
    /// Share of the card among jobs that run at the same time; 1 is usual.
    pub weight: u32,
}

/// A provider that may take over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Fallback {
    pub provider: ProviderKind,
    /// Empty for the built-in summariser.
    pub url: String,
    pub model: String,
}

impl Default for JobSettings {
    /// The profile `auto`, with an Ollama on this machine and no model chosen.
    fn default() -> Self {
        Self {
            profile: Profile::Auto,
            provider: ProviderKind::Ollama,
            url: "http://127.0.0.1:11434".to_owned(),
            more_urls: Vec::new(),
            fallback: Vec::new(),
            model: String::new(),
            language: None,
            concurrency: Concurrency::Auto,
            window: None,
            window_max: 8192,
            kv_mib: 4096,
            temperature: 0.3,
            wording: Wording::default(),
            keep_alive: "10m".to_owned(),
            first_token_s: 900,
            stall_s: 60,
            attempts: 4,
            outage_s: 0,
            chunk_size: None,
            chunk_overlap: 0,
            chunk_threshold: 5000,
            summary_capacity: 256,
            write_capacity: 1000,
            backpressure_at: 800,
            enqueue_batch: Some(32),
            enqueue_high_water: Some(0.8),
            workers_min: 2,
            workers_max: 32,
            permit: Permit::Call,
            order: ChapterOrder::Reading,
            commit: Commit::AtOnce,
            writer_flush_ms: 250,
            writer_flush_items: 100,
            breaker: BreakerSettings::default(),
            weight: 1,
        }
    }
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

/// When a change of a setting takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum TakesEffect {
    /// In running jobs too.
    AtOnce,
    NextJob,
    /// With the next start of the program.
    NextStart,
}

/// How a setting's value is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SettingForm {
    /// A number or a text in one line.
    Line,
    /// One of [`SettingRow::choices`].
    Choice,
    /// A text of several lines.
    Words,
    /// A folder of this machine.
    Folder,
}

/// One setting as the settings screen shows it. Values travel as the text a person would type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingRow {
    /// Such as `llm.concurrency`.
    pub key: String,
    pub group: String,
    /// Belongs to a group that is folded away until it is asked for.
    pub expert: bool,
    pub label: String,
    /// One sentence: what it does.
    pub help: String,
    pub value: String,
    /// What it would be without the person's own choice.
    pub default: String,
    /// The profiles have values of their own for it.
    pub of_profile: bool,
    pub unit: String,
    /// Allowed values in words, such as `1 to 64, or auto`.
    pub range: String,
    /// The values of a choice; empty for numbers and text.
    pub choices: Vec<String>,
    pub form: SettingForm,
    /// Environment variable that sets it.
    pub environment: String,
    pub source: SettingSource,
    pub takes_effect: TakesEffect,
}
