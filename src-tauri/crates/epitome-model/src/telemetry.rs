//! What a run is measured by, beside its vital signs: latencies, the machine, single calls, alerts, and all of it over
//! time.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CallKind, Gauge, JobId, SectionId, Vitals};

/// How long the last of something took: percentiles in milliseconds, and of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Spread {
    pub count: u32,
    pub p50: u32,
    pub p95: u32,
    pub p99: u32,
}

/// Latency of each stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Stages {
    /// A chapter's text from the library.
    pub read: Spread,
    /// Cutting a chapter into pieces, planning its calls and looking whether they were made before.
    pub chunk: Spread,
    pub map: Spread,
    pub reduce: Spread,
    pub title: Spread,
    pub merge: Spread,
    /// All calls together.
    pub call: Spread,
    /// A durable commit of the library.
    pub commit: Spread,
}

/// What the machine does. Absent where it cannot be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(default)]
pub struct Machine {
    /// Share of all processors that is busy, 0 to 1.
    pub cpu: Option<f32>,
    /// Share of the time the card was busy in the last second, 0 to 1; the busiest card of several.
    pub gpu: Option<f32>,
    /// Memory of the cards, in MiB.
    pub gpu_memory: Option<Gauge>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CallEnd {
    Answered,
    Failed,
    /// Given up by us: the job was stopped, or nothing was heard of it.
    BrokenOff,
}

/// One try of a call, on the slot it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LaneCall {
    /// Rising with the time of sending.
    #[ts(type = "number")]
    pub id: u64,
    /// Place of its server in [`Vitals::hosts`].
    pub host: u32,
    /// The lowest slot of the server that was free, from 0.
    pub slot: u32,
    pub kind: CallKind,
    /// Chapter number; absent for the synopsis.
    pub number: Option<u32>,
    pub section: Option<SectionId>,
    /// Whether it is a call of this job; others share the card with it.
    pub ours: bool,
    /// Unix times in milliseconds: when it was sent, when its first token came, when it ended.
    #[ts(type = "number")]
    pub sent_ms: i64,
    #[ts(type = "number | null")]
    pub first_ms: Option<i64>,
    #[ts(type = "number | null")]
    pub end_ms: Option<i64>,
    pub end: Option<CallEnd>,
}

/// What an alert is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// A queue over 80 % full for 5 minutes that is not drained as it should be.
    Queue,
    /// Fewer than 40 % of the workers busy for 10 minutes.
    Workers,
    /// Over 5 % of the calls given up because nothing was heard of them.
    Timeouts,
    /// 95th percentile of the commits over 100 ms.
    Commit,
    /// Over 10 % of the calls failed.
    Errors,
}

/// Something is not as it should be. It stands as long as it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Alert {
    pub kind: AlertKind,
    /// Unix time in milliseconds.
    #[ts(type = "number")]
    pub since_ms: i64,
    /// What is so, and what it comes of.
    pub cause: String,
    /// What to do.
    pub hint: String,
}

/// An alert as it is kept until it was seen; one that was seen is kept while it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct KeptAlert {
    pub job: JobId,
    pub alert: Alert,
    /// It is no longer so.
    pub over: bool,
    pub seen: bool,
}

/// The figures of one second, as they are kept for the charts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct Sample {
    /// Unix time in milliseconds.
    #[ts(type = "number")]
    pub at_ms: i64,
    pub summary_queue: u32,
    pub write_queue: u32,
    pub workers_busy: u32,
    pub workers: u32,
    pub in_flight: u32,
    pub in_flight_most: u32,
    pub tokens_in_per_s: f32,
    pub tokens_out_per_s: f32,
    pub chunks_done: u32,
    pub chapters_done: u32,
    pub errors: u32,
    /// Latency of the last calls, in milliseconds.
    pub call_p50: u32,
    pub call_p95: u32,
    pub call_p99: u32,
    pub commit_p95: u32,
    /// Writes in the last commit.
    #[serde(default)]
    pub commit_batch: u32,
    /// Shares, 0 to 1.
    pub cpu: Option<f32>,
    pub gpu: Option<f32>,
    /// MiB.
    pub gpu_memory: Option<u32>,
}

impl Sample {
    /// Of the vital signs at a time.
    pub fn of(vitals: &Vitals, at_ms: i64) -> Self {
        let (stages, machine) = (&vitals.stages, &vitals.machine);
        Self {
            at_ms,
            summary_queue: vitals.summary_queue.value,
            write_queue: vitals.write_queue.value,
            workers_busy: vitals.workers.value,
            workers: vitals.workers.bound,
            in_flight: vitals.in_flight.value,
            in_flight_most: vitals.in_flight.bound,
            tokens_in_per_s: vitals.tokens_in_per_s,
            tokens_out_per_s: vitals.tokens_out_per_s,
            chunks_done: vitals.chunks_done,
            chapters_done: vitals.chapters_done,
            errors: vitals.errors,
            call_p50: stages.call.p50,
            call_p95: stages.call.p95,
            call_p99: stages.call.p99,
            commit_p95: stages.commit.p95,
            commit_batch: vitals.commit_batch,
            cpu: machine.cpu,
            gpu: machine.gpu,
            gpu_memory: machine.gpu_memory.map(|gauge| gauge.value),
        }
    }
}

/// The figures of a job over time, oldest first; thinned where there are more than a chart can show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct History {
    pub samples: Vec<Sample>,
    /// Time between two samples while the job runs, in milliseconds.
    pub every_ms: u32,
}

/// Samples a chart is given at most.
pub const SAMPLES_MOST: usize = 900;

impl History {
    /// Of samples taken each second. Where there are too many, each of those that stay stands for several: the newest of
    /// its counts, and the highest of its depths and latencies, so that no peak is lost.
    pub fn of(samples: Vec<Sample>) -> Self {
        let each = samples.len().div_ceil(SAMPLES_MOST).max(1);
        let every_ms = 1000 * u32::try_from(each).unwrap_or(u32::MAX);
        if each == 1 {
            return Self { samples, every_ms };
        }
        Self { samples: samples.chunks(each).filter_map(together).collect(), every_ms }
    }
}

fn together(samples: &[Sample]) -> Option<Sample> {
    let mut one = *samples.last()?;
    let count = samples.len() as f32;
    let most = |of: fn(&Sample) -> u32| samples.iter().map(of).max().unwrap_or_default();
    let mean = |of: fn(&Sample) -> f32| samples.iter().map(of).sum::<f32>() / count;
    one.summary_queue = most(|sample| sample.summary_queue);
    one.write_queue = most(|sample| sample.write_queue);
    one.commit_batch = most(|sample| sample.commit_batch);
    one.call_p50 = most(|sample| sample.call_p50);
    one.call_p95 = most(|sample| sample.call_p95);
    one.call_p99 = most(|sample| sample.call_p99);
    one.commit_p95 = most(|sample| sample.commit_p95);
    one.tokens_in_per_s = mean(|sample| sample.tokens_in_per_s);
    one.tokens_out_per_s = mean(|sample| sample.tokens_out_per_s);
    Some(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_history_is_thinned_and_keeps_its_peaks() {
        let sample = |at: u32| Sample {
            at_ms: i64::from(at) * 1000,
            summary_queue: if at == 1_234 { 77 } else { 5 },
            tokens_out_per_s: if at.is_multiple_of(2) { 0.0 } else { 200.0 },
            chapters_done: at,
            ..Sample::default()
        };
        let short = History::of((0..900).map(sample).collect());
        assert_eq!((short.samples.len(), short.every_ms), (900, 1000));
        let long = History::of((0..14_400).map(sample).collect());
        assert_eq!((long.samples.len(), long.every_ms), (900, 16_000));
        assert_eq!(long.samples.iter().map(|sample| sample.summary_queue).max(), Some(77));
        assert!(long.samples.iter().all(|sample| (sample.tokens_out_per_s - 100.0).abs() < 0.01));
        assert_eq!(long.samples.last().map(|sample| sample.chapters_done), Some(14_399));
    }
}
