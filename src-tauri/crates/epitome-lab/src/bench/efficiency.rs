//! G1: how near a run comes to the least time its calls could take.

use crate::corpus::Corpus;
use crate::server::{Curve, Setup};
use crate::world::{Failure, run};

use super::worlds::{JOB, auto, bound, synopsis_bound, world};
use super::{Row, Target};

/// Seeds of each combination.
const SEEDS: u64 = 5;

/// The servers of the goal, with their slots.
const SERVERS: [(&str, Setup, u32); 3] = [
    ("FIFO4", Setup::Fifo { slots: 4 }, 4),
    ("Batch8", Setup::Batch { slots: 8, curve: Curve::Cuda }, 8),
    ("Batch16", Setup::Batch { slots: 16, curve: Curve::Cuda }, 16),
];

/// Lower bound over makespan, chapters alone; then with the synopsis, whose calls can only begin after the last chapter.
pub fn rows(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let (mut all, mut whole) = (Vec::new(), Vec::new());
    for corpus in [Corpus::A, Corpus::B, Corpus::W] {
        for (name, setup, slots) in SERVERS {
            let (mut chapters, mut with_synopsis) = (0.0, 0.0);
            for seed in 1..=SEEDS {
                let outcome = run(&world(&corpus.chapters(seed), setup, auto(slots), seed), None)?;
                let job = outcome.jobs.get(&JOB).cloned().unwrap_or_default();
                let least = bound(setup, &outcome.accepted);
                let synopsis = synopsis_bound(setup, &outcome.accepted);
                chapters += least.as_secs_f64() / job.summarised().as_secs_f64() / SEEDS as f64;
                with_synopsis += (least + synopsis).as_secs_f64() / job.over.as_secs_f64() / SEEDS as f64;
            }
            tell(Row::new("G1", format!("{corpus:?} × {name}"), chapters, "ratio", Target::AtLeast(0.98)));
            all.push(chapters);
            whole.push((format!("{corpus:?} × {name}, synopsis included"), with_synopsis));
        }
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    tell(Row::new("G1", "mean of all", mean, "ratio", Target::AtLeast(0.99)));
    for (what, ratio) in whole {
        tell(Row::new("G1", what, ratio, "ratio", Target::Shown));
    }
    Ok(())
}
