//! The engine in many small worlds. A world that fails prints its seed; `cargo xtask simulate --seed N --trace` tells
//! its history.

use epitome_lab::world::{Fault, Outcome, Scene, draw, draw_with, run};

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
