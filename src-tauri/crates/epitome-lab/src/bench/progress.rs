//! G5: when the first summary is there, how steadily the rest follow, and how soon a chapter comes that the reader
//! opens.

use std::time::Duration;

use epitome_model::JobId;
use epitome_testkit::Random;

use crate::corpus::Corpus;
use crate::server::{Curve, Setup};
use crate::world::{Accepted, Act, Failure, Scene, run};

use super::worlds::{JOB, auto, bound, host, job, world};
use super::{Row, Target};

/// Servers with their slots, and how much longer a first summary may take than alone: B/G(B) in a batch.
const SERVERS: [(&str, Setup, u32); 3] = [
    ("FIFO4", Setup::Fifo { slots: 4 }, 4),
    ("Batch8", Setup::Batch { slots: 8, curve: Curve::Cuda }, 8),
    ("Batch16", Setup::Batch { slots: 16, curve: Curve::Cuda }, 16),
];

/// Chapters asked for by the reader.
const ASKED_FOR: usize = 1_000;

fn slower(setup: Setup) -> f64 {
    match setup {
        Setup::Batch { slots, curve } => slots as f64 / curve.gain(slots),
        _ => 1.2,
    }
}

/// Time to the first summary and steadiness.
pub fn rows(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    for corpus in [Corpus::A, Corpus::B, Corpus::W] {
        for (name, setup, slots) in SERVERS {
            let outcome = run(&world(&corpus.chapters(1), setup, auto(slots), 1), None)?;
            let job = outcome.jobs.get(&JOB).cloned().unwrap_or_default();
            let Some((first, place)) = job.done.first().copied() else { continue };
            let own: Vec<Accepted> =
                outcome.accepted.iter().filter(|call| call.chapter == Some(place)).copied().collect();
            let ratio = first.as_secs_f64() / bound(setup, &own).as_secs_f64();
            let most = (slower(setup) * 100.0).round() / 100.0;
            let what = format!("{corpus:?} × {name}: first summary / that chapter alone");
            tell(Row::new("G5", what, ratio, "ratio", Target::AtMost(most)));
            let half = job.summarised() / 2;
            let done = job.done.iter().filter(|(at, _)| *at <= half).count() as f64;
            let share = done / (job.done.len() as f64 / 2.0);
            let what = format!("{corpus:?} × {name}: chapters done at half time / half of them");
            tell(Row::new("G5b", what, share, "ratio", Target::AtLeast(0.85)));
        }
    }
    Ok(())
}

/// A library of one or two books, and a reader who opens a chapter now and then.
fn read(setup: Setup, slots: u32, seed: u64) -> Scene {
    let chapters: Vec<u32> = Corpus::B.chapters(seed).into_iter().take(80).collect();
    let mut scene = world(&chapters, setup, auto(slots), seed);
    if seed.is_multiple_of(2) {
        let other: Vec<u32> = Corpus::A.chapters(seed).into_iter().take(80).collect();
        scene.jobs.push(job(JobId(2), &other, auto(slots), &host(setup), seed));
        // One window, so that both books are read by the model as it is loaded.
        let window = scene.jobs.iter().map(|job| job.tiers[0][0].window).max().unwrap_or_default();
        scene.jobs.iter_mut().for_each(|job| job.tiers[0][0].window = window);
    }
    let mut random = Random::of(&[seed, 0x4EAD]);
    for at in 0..12 {
        let when = Duration::from_secs(20 + 45 * at) + Duration::from_secs_f64(random.unit() * 40.0);
        let book = random.below(scene.jobs.len());
        let place = u32::try_from(random.below(80)).unwrap_or_default();
        scene.acts.push((when, Act::Front(scene.jobs[book].id, Some(place))));
    }
    scene
}

/// Share of chapters asked for whose next call was sent within one call's ending.
pub fn priority(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let mut waits = Vec::new();
    for seed in 1.. {
        let (_, setup, slots) = SERVERS[usize::try_from(seed).unwrap_or(0) % SERVERS.len()];
        let mut scene = read(setup, slots, seed);
        scene.checked = true;
        waits.extend(run(&scene, None)?.fronts);
        if waits.len() >= ASKED_FOR {
            break;
        }
    }
    waits.truncate(ASKED_FOR);
    let soon = waits.iter().filter(|ended| **ended <= 1).count() as f64 / waits.len() as f64;
    let what = format!("{} chapters opened: next call within one call's end", waits.len());
    tell(Row::new("G5c", what, soon, "share", Target::AtLeast(1.0)));
    Ok(())
}
