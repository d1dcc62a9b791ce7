//! States and kinds of the work.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What one request to an LLM does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// A piece to notes, or a chapter that is one piece to its summary.
    Map,
    /// Notes to a chapter summary, or to fewer notes.
    Reduce,
    /// A summary to a title and a preview.
    Title,
    /// Chapter summaries to the synopsis of a part or of the book.
    Merge,
}

impl CallKind {
    /// Name in the store, in logs and in the window's data.
    pub fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Reduce => "reduce",
            Self::Title => "title",
            Self::Merge => "merge",
        }
    }
}

/// Where a chapter stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ChapterState {
    /// Nothing planned yet.
    #[default]
    Waiting,
    /// Its calls are planned, none has begun.
    Planned,
    Mapping,
    Reducing,
    Titling,
    Done,
    Failed,
    /// Not summarised, by decision.
    LeftOut,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Will run as soon as a process takes it.
    Waiting,
    Running,
    /// The provider does not answer; calls go on when it does.
    Unreachable,
    Paused,
    Stopped,
    /// Every chapter has its summary.
    Done,
    /// Finished, with at least one failed chapter.
    Incomplete,
}

impl JobState {
    /// Whether a process that starts should go on with it by itself.
    pub fn resumes(self) -> bool {
        matches!(self, Self::Waiting | Self::Running | Self::Unreachable)
    }

    /// Whether nothing more will happen without the person.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Stopped | Self::Done | Self::Incomplete)
    }
}

/// What the person wants of a job; the process that runs it follows within a second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    #[default]
    Run,
    /// Start no further call; calls in flight are finished.
    Pause,
    /// Begin no further chapter; those that were begun are finished, then the job stops.
    Finish,
    /// As pause, and calls in flight are dropped.
    Stop,
}

/// What a finished call cost. Times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub output_tokens: u32,
    /// Loading the model, or waiting for a load.
    pub load_ms: u32,
    /// Reading the prompt.
    pub prompt_ms: u32,
    /// Writing the answer.
    pub output_ms: u32,
    /// From sending to the last byte, as the server tells.
    pub total_ms: u32,
    /// The server told no counts of tokens: they are counted from what arrived and from the length of the prompt.
    #[serde(default)]
    pub estimated: bool,
    /// The server told no times: they are taken from what arrived, and waiting for a slot looks like reading.
    #[serde(skip)]
    #[ts(skip)]
    pub untimed: bool,
}

impl Usage {
    /// Time spent waiting for a slot of the server: what is left of the total (0 when it cannot be known).
    pub fn wait_ms(&self) -> u32 {
        self.total_ms.saturating_sub(self.load_ms + self.prompt_ms + self.output_ms)
    }
}
