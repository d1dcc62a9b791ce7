//! The engine in many small worlds. A world that fails prints its seed; `cargo xtask simulate --seed N --trace` tells
//! its history.

#![allow(clippy::panic, reason = "a test says what is wrong by failing")]

use std::collections::BTreeSet;
use std::time::Duration;

use epitome_lab::bench::worlds::{auto, baseline, job, world};
use epitome_lab::corpus::Corpus;
use epitome_lab::server::Setup;
use epitome_lab::world::{Act, Failure, Fault, Outcome, Scene, draw, draw_with, run};
use epitome_model::{BreakerRule, BreakerSettings, ChapterOrder, JobId, JobSettings, JobState};

/// Runs worlds and gives how they went; fails with all that went wrong, and how it is seen again.
fn all(scenes: impl Iterator<Item = Scene>, replay: fn(u64) -> String) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut failures = Vec::new();
    for scene in scenes {
        match run(&scene, None) {
            Ok(outcome) => outcomes.push(outcome),
            Err(failure) => failures.push((scene.seed, failure)),
        }
    }
    let told = |(seed, failure): &(u64, Failure)| format!("seed {seed} failed {failure}\n  {}", replay(*seed));
    let lines: Vec<String> = failures.iter().map(told).collect();
    assert!(failures.is_empty(), "{} worlds failed:\n{}", failures.len(), lines.join("\n"));
    outcomes
}

#[test]
fn two_thousand_worlds_end_as_they_should() {
    let replay = |seed| format!("cargo xtask simulate --seed {seed} --trace");
    let outcomes = all((0..2_000).map(draw), replay);
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
        let replay = |_| "cargo test -p epitome-lab --test worlds every_kind_of_fault".to_owned();
        let outcomes = all((0..25).map(|seed| draw_with(seed, fault)), replay);
        let met: u32 = outcomes.iter().filter_map(|outcome| outcome.faults.get(&format!("{fault:?}"))).sum();
        assert!(met > 10, "{fault:?} happened {met} times");
    }
}

#[test]
fn a_card_that_another_program_took_is_waited_for_and_the_run_goes_on_by_itself() {
    for rule in [BreakerRule::Broken, BreakerRule::Off] {
        let settings = JobSettings { breaker: BreakerSettings { rule, ..BreakerSettings::default() }, ..auto(4) };
        let mut scene = world(&[4_000; 40], Setup::Fifo { slots: 4 }, settings, 1);
        scene.checked = true;
        let [taken, given_back] = [30, 30 + 20 * 60].map(Duration::from_secs);
        scene.acts = vec![(taken, Act::Crowd(0, true)), (given_back, Act::Crowd(0, false))];
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("{rule:?}: {failure}"));
        let job = &outcome.jobs[&scene.jobs[0].id];
        assert_eq!((job.state, job.failed, job.done.len()), (Some(JobState::Done), 0, 40), "{rule:?}");
        assert_eq!(outcome.starts, 1, "{rule:?}: it did not stop");
        let next = outcome.sends.iter().find(|at| **at >= given_back).unwrap();
        let idle = next.saturating_sub(given_back);
        assert!(idle <= Duration::from_secs(31), "{rule:?}: it goes on after {idle:?}");
        let spent = outcome.sends.iter().filter(|at| (taken..given_back).contains(at)).count();
        // Three trial calls every half minute.
        assert!(rule == BreakerRule::Off || spent < 150, "{spent} calls into a card that is taken");
    }
}

#[test]
fn a_card_that_stays_taken_or_is_taken_from_the_start_stops_the_job_with_a_reason() {
    let hour = Duration::from_secs(3_600);
    for taken in [Duration::ZERO, Duration::from_secs(30)] {
        let mut scene = world(&[4_000; 40], Setup::Fifo { slots: 4 }, auto(4), 1);
        scene.checked = true;
        scene.acts = vec![(taken, Act::Crowd(0, true)), (hour, Act::Crowd(0, false))];
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("{taken:?}: {failure}"));
        assert!(outcome.starts > 1, "it stopped, and was started again");
        assert_eq!(outcome.jobs[&scene.jobs[0].id].done.len(), 40);
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

#[test]
fn a_job_that_is_finishing_begins_no_chapter_and_leaves_none_half_done() {
    let [asked, resumed] = [60, 4_000].map(Duration::from_secs);
    for settings in [auto(4), baseline()] {
        let mut scene = world(&Corpus::B.chapters(3)[..80], Setup::Fifo { slots: 4 }, settings, 3);
        scene.checked = true;
        let id = scene.jobs[0].id;
        scene.acts.extend([(asked, Act::Finish(id)), (resumed, Act::Resume(id))]);
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("{failure}"));
        let of = |from: Duration, to: Duration| -> BTreeSet<u32> {
            let sent = outcome.accepted.iter().filter(|call| from <= call.sent && call.sent < to);
            sent.filter_map(|call| call.chapter).collect()
        };
        let begun = of(Duration::ZERO, asked);
        assert!(!begun.is_empty() && begun.len() < 80, "{begun:?}");
        assert!(of(asked, resumed).is_subset(&begun), "a chapter was begun while finishing");
        let done: BTreeSet<u32> =
            outcome.jobs[&id].done.iter().filter(|(at, _)| *at < resumed).map(|(_, place)| *place).collect();
        assert_eq!(done, begun, "what was begun is what is done");
        assert!(
            outcome
                .accepted
                .iter()
                .all(|call| call.answered + Duration::from_secs(600) < resumed || call.sent >= resumed),
            "it stops long before it is resumed"
        );
        assert_eq!(outcome.jobs[&id].done.len(), 80, "and goes on with the rest");
    }
}

#[test]
fn chapters_are_done_in_the_order_asked_for_also_when_it_changes_on_the_way() {
    let lengths = [5_000, 2_000, 7_000, 3_000, 6_000, 4_000, 8_000, 2_500];
    let by = |order, acts: Vec<(Duration, Act)>| {
        let mut scene = world(&lengths, Setup::Fifo { slots: 1 }, JobSettings { order, ..auto(1) }, 1);
        (scene.checked, scene.cores) = (true, 1);
        scene.acts.extend(acts);
        let outcome = run(&scene, None).unwrap_or_else(|failure| panic!("{order:?}: {failure}"));
        outcome.jobs[&scene.jobs[0].id].done.iter().map(|(_, place)| *place).collect::<Vec<_>>()
    };
    assert_eq!(by(ChapterOrder::Reading, vec![])[..5], [0, 1, 2, 3, 4]);
    assert_eq!(by(ChapterOrder::Backwards, vec![]), [7, 6, 5, 4, 3, 2, 1, 0]);
    assert_eq!(by(ChapterOrder::Shortest, vec![])[..4], [1, 7, 3, 5]);
    assert_eq!(by(ChapterOrder::Longest, vec![]), [6, 2, 4, 0, 5, 3, 7, 1]);
    let turned = Box::new(JobSettings { order: ChapterOrder::Backwards, ..auto(1) });
    let scene = world(&lengths, Setup::Fifo { slots: 1 }, auto(1), 1);
    let mixed = by(ChapterOrder::Reading, vec![(Duration::from_secs(1), Act::Settings(scene.jobs[0].id, turned))]);
    assert_eq!(mixed, [0, 7, 6, 5, 4, 3, 2, 1], "what was begun is finished first");
}
