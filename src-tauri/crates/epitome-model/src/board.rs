//! What the board shows. One type for the window, the terminal and the exports, so that they cannot disagree.
//!
//! A screen that opens asks for a [`Board`], complete; after that it receives [`BoardFrame`]s with what changed.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Alert, BookId, ChapterState, JobId, JobState, LaneCall, Machine, Profile, ProviderKind, SectionId, Stages,
};

/// Shortest time between two frames, in milliseconds.
pub const FRAME_INTERVAL_MS: u64 = 100;

/// A depth against its bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Gauge {
    pub value: u32,
    pub bound: u32,
}

/// Time left, in seconds: an honest range around the likeliest value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Remaining {
    pub low_s: u32,
    pub likely_s: u32,
    pub high_s: u32,
}

/// How a server of the pool is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum HostState {
    #[default]
    Ready,
    /// Its breaker is half open: a few trial calls show whether it is well again.
    Trial,
    /// Its breaker is open: no call is sent, it is looked at every now and then.
    Open,
}

/// One server of the pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct HostVitals {
    /// Address, or the name of the built-in summariser.
    pub name: String,
    pub state: HostState,
    /// Why it is not ready.
    pub reason: Option<String>,
    /// Calls in flight against the most allowed now.
    pub in_flight: Gauge,
    /// Whether the best number of calls at a time is still being looked for.
    pub seeking: bool,
    /// Calls the server was seen to work on at the same time, where that is known.
    pub slots: Option<u32>,
    /// Output tokens per second over the last seconds.
    pub tokens_out_per_s: f32,
}

/// The vital signs: one row of numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Vitals {
    pub summary_queue: Gauge,
    pub write_queue: Gauge,
    /// Busy workers of all.
    pub workers: Gauge,
    /// Calls in flight against the most allowed.
    pub in_flight: Gauge,
    /// Output tokens per second over the last seconds.
    pub tokens_out_per_s: f32,
    /// Prompt tokens per second over the last seconds.
    pub tokens_in_per_s: f32,
    /// Pieces of all chapters: done, planned so far, failed.
    pub chunks_done: u32,
    pub chunks_planned: u32,
    pub chunks_failed: u32,
    pub chapters_done: u32,
    pub chapters_failed: u32,
    pub chapters_all: u32,
    /// Requests answered or failed so far, retries included.
    pub calls: u32,
    /// Requests that failed, whether or not a retry mended it.
    pub errors: u32,
    pub retries: u32,
    /// Calls given up because nothing was heard of them.
    pub timeouts: u32,
    /// Calls answered from the store because the same call was already paid for.
    pub reused: u32,
    pub remaining: Option<Remaining>,
    /// The servers calls go to.
    pub hosts: Vec<HostVitals>,
    /// What the person could set up better, in words; absent when nothing.
    pub advice: Option<String>,
    /// How long planning was held back by a full queue, in milliseconds.
    #[ts(type = "number")]
    pub producer_blocked_ms: u64,
    /// From the beginning of this run to its first finished chapter, in milliseconds.
    #[ts(type = "number | null")]
    pub first_summary_ms: Option<u64>,
    pub stages: Stages,
    /// Writes that the last commit of the library made durable together.
    pub commit_batch: u32,
    pub machine: Machine,
    /// What is not as it should be.
    pub alerts: Vec<Alert>,
    /// Since the job began running in this process, in milliseconds.
    #[ts(type = "number")]
    pub elapsed_ms: u64,
}

/// One cell of the chapter grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CellState {
    pub state: ChapterState,
    /// Finished calls of this chapter.
    pub done: u32,
    /// Planned calls of this chapter; 0 while unplanned.
    pub planned: u32,
}

/// A cell with what a tooltip needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Cell {
    pub section: SectionId,
    /// Chapter number; absent for a part left out.
    pub number: Option<u32>,
    pub title: String,
    pub cell: CellState,
}

/// How much an event wants attention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EventLevel {
    Info,
    Good,
    Warning,
    Bad,
}

/// Something that happened, in a plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Event {
    /// Rising within a job.
    #[ts(type = "number")]
    pub id: i64,
    /// Unix time in milliseconds.
    #[ts(type = "number")]
    pub at_ms: i64,
    pub level: EventLevel,
    pub text: String,
    /// Chapter it is about.
    pub section: Option<SectionId>,
}

/// What a job is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct JobHead {
    pub job: JobId,
    pub book: BookId,
    pub book_title: String,
    pub state: JobState,
    /// Why it does not go on, where it does not; what to do.
    pub reason: Option<String>,
    pub profile: Profile,
    pub provider: ProviderKind,
    pub model: String,
    /// Tokens; absent for the built-in summariser.
    pub window: Option<u32>,
    /// Unix time in milliseconds.
    #[ts(type = "number | null")]
    pub started_ms: Option<i64>,
    /// Characters of the source, and of them in chapters or named left-outs: equal, or something is wrong.
    pub source_chars: u32,
    pub accounted_chars: u32,
}

/// A whole board: what a screen asks for when it opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Board {
    pub head: JobHead,
    pub vitals: Vitals,
    /// In reading order.
    pub cells: Vec<Cell>,
    /// Newest last; at most 200.
    pub events: Vec<Event>,
    /// Calls of the last two minutes at the servers of the job, by their number.
    pub calls: Vec<LaneCall>,
    /// Number of the last frame this board includes.
    #[ts(type = "number")]
    pub seq: u64,
}

/// What changed since the frame before. A gap in `seq` means: ask for the board again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct BoardFrame {
    pub job: JobId,
    #[ts(type = "number")]
    pub seq: u64,
    pub state: JobState,
    pub reason: Option<String>,
    pub vitals: Vitals,
    /// Changed cells: place in [`Board::cells`] and new state.
    pub cells: Vec<(u32, CellState)>,
    /// New events, oldest first.
    pub events: Vec<Event>,
    /// Calls that began or changed, by their number.
    pub calls: Vec<LaneCall>,
}
