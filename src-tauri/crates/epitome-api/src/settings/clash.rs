//! Values that are each allowed but make no sense together.
//!
//! **Rule:** a limit never gives way. What must stay below it does, as long as nobody chose it: so every setting can be
//! changed alone. Two chosen values that contradict each other are an error.

use epitome_model::{BreakerRule, Concurrency, JobSettings};

/// A value above the limit that another setting puts on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Clash {
    pub(super) key: &'static str,
    /// Such as `is above`.
    pub(super) relation: &'static str,
    pub(super) limit: &'static str,
    /// What the value becomes where nobody chose it.
    pub(super) instead: u32,
    /// What the value may be under this limit, and what else would help.
    pub(super) allowed: String,
}

/// The first contradiction among the numbers of a job.
pub(super) fn clash(job: &JobSettings) -> Option<Clash> {
    [overlap, workers, calls_at_a_time, backpressure, batch, cooldown].iter().find_map(|check| check(job))
}

fn overlap(job: &JobSettings) -> Option<Clash> {
    let half = job.chunk_size? / 2;
    (job.chunk_overlap > half).then(|| Clash {
        key: "chunk.overlap",
        relation: "is more than half of",
        limit: "chunk.size",
        instead: half,
        allowed: format!("an overlap from 0 to {half}, or a larger piece"),
    })
}

fn workers(job: &JobSettings) -> Option<Clash> {
    let most = job.workers_max;
    (job.workers_min > most).then(|| Clash {
        key: "workers.min",
        relation: "is above",
        limit: "workers.max",
        instead: most,
        allowed: format!("from 1 to {most} workers at least, or more at most"),
    })
}

/// A fixed number of calls is obeyed exactly, so there are as many workers; who chose fewer chose two things at once.
fn calls_at_a_time(job: &JobSettings) -> Option<Clash> {
    let Concurrency::Fixed(calls) = job.concurrency else { return None };
    (job.workers_max < calls).then(|| Clash {
        key: "workers.max",
        relation: "is below",
        limit: "llm.concurrency",
        instead: calls,
        allowed: format!("from {calls} workers at most, or from 1 to {} calls at a time", job.workers_max),
    })
}

fn backpressure(job: &JobSettings) -> Option<Clash> {
    let capacity = job.write_capacity;
    (job.backpressure_at > capacity).then(|| Clash {
        key: "queue.backpressure_at",
        relation: "is above",
        limit: "queue.write_capacity",
        // The share it has in every profile: 400 of 500, 800 of 1000.
        instead: (capacity / 5 * 4).max(1),
        allowed: format!("a depth from 1 to {capacity}, or a longer write queue"),
    })
}

fn batch(job: &JobSettings) -> Option<Clash> {
    let capacity = job.summary_capacity;
    (job.enqueue_batch? > capacity).then(|| Clash {
        key: "enqueue.batch",
        relation: "is above",
        limit: "queue.summary_capacity",
        instead: capacity,
        allowed: format!("all, a batch from 1 to {capacity}, or a longer summary queue"),
    })
}

/// The job would give the server up before it is tried again.
fn cooldown(job: &JobSettings) -> Option<Clash> {
    let outage = job.outage_s;
    let opens = job.breaker.rule != BreakerRule::Off;
    (opens && outage > 0 && job.breaker.cooldown_s > outage).then(|| Clash {
        key: "breaker.cooldown_s",
        relation: "is above",
        limit: "llm.outage_s",
        instead: outage,
        allowed: format!("from 1 to {outage} seconds open, or a longer wait for the server (0 is for ever)"),
    })
}
