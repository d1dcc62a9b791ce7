//! G2: the limit that finds itself, against the best fixed one.

use crate::corpus::Corpus;
use crate::server::{Curve, Setup};
use crate::world::{Failure, Outcome, run};

use super::worlds::{JOB, track1, world};
use super::{Row, Target};

/// Limits among which the best is looked for.
const RUNGS: [u32; 9] = [1, 2, 3, 4, 6, 8, 12, 16, 24];

/// Seeds of each server.
const SEEDS: u64 = 2;

/// Servers that tell no times with their answers: whether a call waited is not seen there.
const UNTIMED: [Setup; 4] = [
    Setup::Fifo { slots: 1 },
    Setup::Fifo { slots: 4 },
    Setup::Batch { slots: 4, curve: Curve::Cuda },
    Setup::Batch { slots: 16, curve: Curve::Cuda },
];

/// Corpus A in pieces of 3,500 characters, as in PERFORMANCE.md 1.10; 0 lets the ladder find the limit.
fn runs(setup: Setup, untimed: bool, limit: u32, seed: u64) -> Result<Outcome, Failure> {
    let found = super::worlds::auto(limit);
    let settings = epitome_model::JobSettings {
        concurrency: found.concurrency,
        breaker: found.breaker,
        workers_max: found.workers_max,
        first_token_s: 120,
        ..track1()
    };
    let mut scene = world(&Corpus::A.chapters(seed), setup, settings, seed);
    scene.hosts[0].untimed = untimed;
    run(&scene, None)
}

/// Seconds until the last chapter is done; for ever where chapters failed.
fn makespan(outcome: &Outcome) -> f64 {
    let job = outcome.jobs.get(&JOB).filter(|job| job.failed == 0);
    job.map_or(f64::INFINITY, |job| job.summarised().as_secs_f64())
}

/// Ratio to the best fixed limit, time-outs of our own making, and where the limit ends against the knee: the smallest
/// fixed limit within 2 % of the best.
pub fn rows(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let timed = Setup::REFERENCE.map(|(setup, _)| (setup, false));
    for (setup, untimed) in timed.into_iter().chain(UNTIMED.map(|setup| (setup, true))) {
        let name = if untimed { format!("{setup} without times") } else { setup.to_string() };
        let (mut worst, mut timed_out, mut above) = (0.0_f64, 0, f64::NEG_INFINITY);
        let (mut knees, mut ends) = (Vec::new(), Vec::new());
        for seed in 1..=SEEDS {
            let mut fixed = Vec::new();
            for limit in RUNGS {
                fixed.push((limit, makespan(&runs(setup, untimed, limit, seed)?)));
            }
            let best = fixed.iter().map(|(_, time)| *time).fold(f64::INFINITY, f64::min);
            let knee = fixed.iter().find(|(_, time)| *time <= best * 1.02).map_or(1, |(limit, _)| *limit);
            let outcome = runs(setup, untimed, 0, seed)?;
            let end = outcome.limits.first().copied().unwrap_or_default();
            worst = worst.max(makespan(&outcome) / best);
            timed_out += outcome.timed_out;
            above = above.max(f64::from(end) - f64::from(knee));
            knees.push(knee);
            ends.push(end);
        }
        tell(Row::new("G2", format!("{name}: auto / best fixed"), worst, "ratio", Target::AtMost(1.05)));
        tell(Row::new("G2", format!("{name}: own time-outs"), f64::from(timed_out), "calls", Target::AtMost(0.0)));
        let what = format!("{name}: limit at the end {ends:?} above the knee {knees:?}");
        tell(Row::new("G2", what, above, "calls", Target::AtMost(1.0)));
    }
    Ok(())
}
