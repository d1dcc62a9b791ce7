//! How a world went.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use epitome_engine::plan::Step;
use epitome_model::{JobId, JobState};

use crate::server::Request;

/// A call that was answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accepted {
    pub job: JobId,
    pub chapter: Option<u32>,
    pub step: Step,
    pub request: Request,
    /// When it was sent, and when its answer came.
    pub sent: Duration,
    pub answered: Duration,
}

/// How a job went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JobOutcome {
    pub state: Option<JobState>,
    /// When each chapter was durably done, in that order.
    pub done: Vec<(Duration, u32)>,
    /// When it was over, synopsis included.
    pub over: Duration,
    /// Chapters that failed.
    pub failed: u32,
}

impl JobOutcome {
    /// When its last chapter was done.
    pub fn summarised(&self) -> Duration {
        self.done.last().map_or(Duration::ZERO, |(at, _)| *at)
    }
}

/// How a run of a world went, in virtual time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    pub jobs: BTreeMap<JobId, JobOutcome>,
    pub accepted: Vec<Accepted>,
    pub sent: u32,
    pub failed: u32,
    pub cancelled: u32,
    /// Calls that the engine gave up because nothing was heard of them.
    pub timed_out: u32,
    pub probes: u32,
    /// Times that calls to a server were held back.
    pub held_back: u32,
    /// Times a model was loaded.
    pub loads: u32,
    pub unloads: u32,
    pub crashes: u32,
    /// Times a job was taken up.
    pub starts: u32,
    /// Of each chapter that the reader asked for: calls that ended between its being ready and its next call's sending.
    pub fronts: Vec<u32>,
    /// Limit of each lane at the end.
    pub limits: Vec<u32>,
    /// Limits of the first lane, each with when it began.
    pub ladder: Vec<(Duration, u32)>,
    /// Most calls in flight at once.
    pub most_in_flight: u32,
    /// When each call was sent, in time order.
    pub sends: Vec<Duration>,
    /// Kinds of faults that happened, by name.
    pub faults: BTreeMap<String, u32>,
    pub end: Duration,
}

/// A world in which something went wrong that must not.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    pub at: Duration,
    pub text: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "after {:.3} s: {}", self.at.as_secs_f64(), self.text)
    }
}
