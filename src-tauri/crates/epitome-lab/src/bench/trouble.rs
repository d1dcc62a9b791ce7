//! G10 and G11: servers that are slow, away, or faulty.

use std::time::Duration;

use epitome_model::JobSettings;

use crate::corpus::Corpus;
use crate::server::Setup;
use crate::world::{Act, Failure, Fault, Outcome, Weather, run};

use super::worlds::{auto, track1, world};
use super::{Row, Target};

/// Healthy calls that must not make a server seem ill.
const HEALTHY: usize = 10_000;

/// An outage: when, and how long.
const AWAY: Duration = Duration::from_secs(600);
const FOR: Duration = Duration::from_secs(120);

/// A time in which every call fails, and trial calls beyond one round in half a minute while the pauses still grow.
const FOR_ERRORS: Duration = Duration::from_secs(600);
const EARLY_TRIALS: f64 = 20.0;

/// False pauses, what an outage costs, and how soon work goes on after it.
pub fn outages(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let (mut calls, mut pauses, mut shortest, mut longest) = (0, 0, Duration::MAX, Duration::ZERO);
    for seed in 1.. {
        // Three times as many in flight as there are slots, so that most calls wait.
        let JobSettings { breaker, concurrency, workers_max, .. } = auto(12);
        let settings = JobSettings { breaker, concurrency, workers_max, ..track1() };
        let outcome = run(&world(&Corpus::A.chapters(seed), Setup::Fifo { slots: 4 }, settings, seed), None)?;
        calls += outcome.accepted.len();
        pauses += outcome.held_back;
        for call in &outcome.accepted {
            let took = call.answered.saturating_sub(call.sent);
            (shortest, longest) = (shortest.min(took), longest.max(took));
        }
        if calls >= HEALTHY {
            break;
        }
    }
    let spread = longest.as_secs_f64() / shortest.as_secs_f64();
    let what = format!("false pauses in {calls} healthy calls, longest {spread:.0} times the shortest");
    tell(Row::new("G10", what, f64::from(pauses), "pauses", Target::AtMost(0.0)));
    for (name, limit) in [("fixed 4", 4), ("auto", 0)] {
        outage(name, limit, tell)?;
    }
    Ok(())
}

/// One outage at many moments of the probing: the worst of each figure.
fn outage(name: &str, limit: u32, tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let setup = Setup::Fifo { slots: 4 };
    let (mut idle, mut spent, mut at_once, mut probes) = (0.0_f64, 0, 0, f64::NEG_INFINITY);
    for offset in 0..20 {
        let back = AWAY + FOR + Duration::from_millis(137 * offset);
        let mut scene = world(&Corpus::W.chapters(1), setup, auto(limit), 1);
        scene.acts = vec![(AWAY, Act::Away(0)), (back, Act::Back(0, setup))];
        let outcome = run(&scene, None)?;
        let next = outcome.sends.iter().find(|at| **at >= back);
        idle = idle.max(next.map_or(f64::INFINITY, |at| at.saturating_sub(back).as_secs_f64()));
        spent = spent.max(outcome.sends.iter().filter(|at| (AWAY..back).contains(at)).count());
        at_once = at_once.max(outcome.most_in_flight);
        // One at its beginning, and one in two seconds.
        let allowed = back.saturating_sub(AWAY).as_secs_f64() / 2.0 + 1.0;
        probes = probes.max(f64::from(outcome.probes) - allowed);
    }
    tell(Row::new("G10", format!("{name}: idle after the server is back, at most"), idle, "s", Target::AtMost(2.0)));
    let most = Target::AtMost(f64::from(at_once));
    tell(Row::new("G10", format!("{name}: calls spent on an outage, at most"), spent as f64, "calls", most));
    let what = format!("{name}: looks at the server beyond one in two seconds of an outage");
    tell(Row::new("G10", what, probes, "looks", Target::AtMost(1.0)));
    Ok(())
}

/// Calls sent into a server that answers every one of them with an error.
fn nothing_but_errors(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    for limit in [4, 16] {
        let mut scene = world(&Corpus::A.chapters(1), Setup::Fifo { slots: 4 }, auto(limit), 1);
        scene.weather = Weather { rates: vec![(Fault::Error, 1.0)], until: FOR_ERRORS };
        let outcome = run(&scene, None)?;
        let sent = outcome.sends.iter().filter(|at| **at < FOR_ERRORS).count();
        // Those in flight at its beginning, and what the pause between trials allows for.
        let trials = f64::from(auto(limit).breaker.half_open_attempts) * FOR_ERRORS.as_secs_f64() / 30.0;
        let most = f64::from(limit) + trials + EARLY_TRIALS;
        let what = format!("100 % errors for ten minutes, {limit} at a time: calls sent");
        tell(Row::new("G11", what, sent as f64, "calls", Target::AtMost(most)));
    }
    Ok(())
}

/// Calls sent for each result, with errors mixed in.
pub fn amplification(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    nothing_but_errors(tell)?;
    for (percent, most) in [(5.0, 1.06), (20.0, 1.27)] {
        for (kinds, name) in [
            (vec![Fault::Error], "500"),
            (vec![Fault::Error, Fault::Busy, Fault::Cut, Fault::Garbage, Fault::Truncated], "mixed"),
        ] {
            let mut outcomes: Vec<Outcome> = Vec::new();
            for seed in 1..=3 {
                let mut scene = world(&Corpus::A.chapters(seed), Setup::Fifo { slots: 4 }, auto(4), seed);
                let rate = percent / 100.0 / kinds.len() as f64;
                let rates = kinds.iter().map(|fault| (*fault, rate)).collect();
                scene.weather = Weather { rates, until: Duration::MAX };
                outcomes.push(run(&scene, None)?);
            }
            let sent: u32 = outcomes.iter().map(|outcome| outcome.sent).sum();
            let results: usize = outcomes.iter().map(|outcome| outcome.accepted.len()).sum();
            let what = format!("{percent} % errors ({name}): calls sent / results");
            tell(Row::new("G11", what, f64::from(sent) / results as f64, "ratio", Target::AtMost(most)));
            let failed: u32 = outcomes.iter().flat_map(|outcome| outcome.jobs.values()).map(|job| job.failed).sum();
            let what = format!("{percent} % errors ({name}): chapters failed of 1155");
            tell(Row::new("G11", what, f64::from(failed), "chapters", Target::Shown));
        }
    }
    Ok(())
}
