//! The engine in many small worlds. A world that fails prints its seed; `cargo xtask simulate --seed N --trace` tells
//! its history.

#![allow(clippy::panic, reason = "a test says what is wrong by failing")]

use std::time::Duration;

use epitome_lab::bench::worlds::{auto, baseline, job, world};
use epitome_lab::corpus::Corpus;
use epitome_lab::server::Setup;
use epitome_lab::world::{Fault, Outcome, Scene, draw, draw_with, run};
use epitome_model::{JobId, JobSettings};

/// Runs worlds and gives how they went; fails with all that went wrong.
fn all(scenes: impl Iterator<Item = Scene>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut failures = Vec::new();
    for scene in scenes {
        match run(&scene, None) {
            Ok(outcome) => outcomes.push(outcome),
            Err(failure) => failures.push(format!("seed {} failed {failure}", scene.seed)),
        }
    }
    assert!(failures.is_empty(), "{} worlds failed:\n{}", failures.len(), failures.join("\n"));
    outcomes
}

#[test]
fn two_thousand_worlds_end_as_they_should() {
    let outcomes = all((0..2_000).map(draw));
    // The worlds are as varied as they are meant to be.
    let share = |which: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| which(outcome)).count();
    assert!(share(|outcome| outcome.crashes > 0) > 200);
    assert!(share(|outcome| outcome.faults.is_empty() && outcome.crashes == 0) > 400);
    assert!(share(|outcome| !outcome.faults.is_empty()) > 400);
    assert!(share(|outcome| outcome.held_back > 0) > 100);
    assert!(share(|outcome| outcome.timed_out > 0) > 50);
    assert!(share(|outcome| outcome.loads > 2) > 50);
    assert!(share(|outcome| !outcome.fronts.is_empty()) > 30);
}

#[test]
fn every_kind_of_fault_is_survived() {
    for fault in Fault::ALL {
        let outcomes = all((0..25).map(|seed| draw_with(seed, fault)));
        let met: u32 = outcomes.iter().filter_map(|outcome| outcome.faults.get(&format!("{fault:?}"))).sum();
        assert!(met > 10, "{fault:?} happened {met} times");
    }
}

#[test]
fn a_seed_is_one_history() {
    for seed in 0..50 {
        let scene = draw(seed);
        assert_eq!(run(&scene, None), run(&scene, None), "seed {seed}");
    }
}

#[test]
fn two_models_share_a_server_and_are_not_loaded_in_turn() {
    // With one call at a time the server is idle for a moment after every call.
    for limit in [1, 4] {
        let mut scene = world(&[3_000; 20], Setup::Fifo { slots: 4 }, auto(limit), 1);
        scene.hosts[0].load = Duration::from_secs(30);
        let mut other = job(JobId(2), &[3_000; 20], auto(limit), &scene.hosts[0], 2);
        "other".clone_into(&mut other.tiers[0][0].model);
        scene.jobs.push(other);
        scene.checked = true;
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("{limit} at a time: {failure}"));
        // Each book's chapters, then each book's synopsis.
        assert!(outcome.loads <= 4, "{limit} at a time: {} loads", outcome.loads);
    }
}

#[test]
fn the_first_designs_profile_ends_whatever_the_length_of_its_queue() {
    // A chapter holds its permit while its later calls wait; the queue is full of chapters that wait for a permit.
    for capacity in [1, 3, 200] {
        let settings = JobSettings { summary_capacity: capacity, ..baseline() };
        let mut scene = world(&Corpus::B.chapters(3)[..60], Setup::Fifo { slots: 4 }, settings, 3);
        scene.checked = true;
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("queue of {capacity}: {failure}"));
        assert!(outcome.most_in_flight <= 3, "{} in flight", outcome.most_in_flight);
    }
}
