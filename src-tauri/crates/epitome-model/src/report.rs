//! A run as it is written to a file: what it was, what it was measured by, and how it is judged.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{History, JobHead, JobSettings, Spread, Vitals};

/// Everything that was measured of a run. The vital signs are those the board shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// Version of the program.
    pub version: String,
    /// Unix time in milliseconds.
    pub written_ms: i64,
    pub head: JobHead,
    pub settings: JobSettings,
    pub vitals: Vitals,
    /// Time of a chapter in milliseconds, from the sending of its first call to the end of its last; of chapters whose
    /// calls this job made.
    pub chapters: Spread,
    pub levels: Vec<ServiceLevel>,
    pub history: History,
}

/// How a run is judged by the times of its chapters and its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Verdict {
    /// As [`RunReport::chapters`].
    pub chapters: Spread,
    pub levels: Vec<ServiceLevel>,
}

/// One line by which a run is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ServiceLevel {
    /// Such as `p95 a chapter`.
    pub name: String,
    /// Milliseconds that are not to be reached.
    #[ts(type = "number")]
    pub goal_ms: u64,
    #[ts(type = "number")]
    pub measured_ms: u64,
    /// Absent while the run is not over.
    pub met: Option<bool>,
}
