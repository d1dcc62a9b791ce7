//! G1b: how near a run over real HTTP and SQLite comes to a bare client that sends the same calls.

use std::path::Path;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::Wanted;
use super::contest::{self, CHAPTERS, SLOTS, Seen};
use super::row::{Report, Row, Target};
use crate::server::Call;
use crate::shell::{cargo, command, succeed};

/// What is measured here.
pub const GOALS: &[&str] = &["G1b"];

/// How much faster than real: the goal's own scale, at which the timers' error is small (PERFORMANCE.md section 3).
const FASTER: u32 = 300;

/// Pairs of runs, and those of the short form.
const PAIRS: usize = 5;
const PAIRS_QUICK: usize = 1;

/// Bare makespan over ours, medians of interleaved pairs. Both makespans are those the server saw, from the first call's
/// arrival to the last answer's end, of the chapters alone: the calls of the synopsis wait for the last chapter, which a
/// bare client does not know.
pub fn rows(wanted: &Wanted, report: &mut Report) -> Result<()> {
    report.step("building");
    let book = contest::book(CHAPTERS)?;
    contest::build()?;
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-api", "--example", "replay"]))?;
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for pair in 1..=if wanted.quick { PAIRS_QUICK } else { PAIRS } {
        let calls = run(&book)?;
        let (seen, again) = (Seen::of(&calls), Seen::of(&replay(&calls)?));
        report.step(&format!("pair {pair}: ours {:.3} s, bare {:.3} s", seen.makespan_s, again.makespan_s));
        if seen.failed + again.failed > 0 {
            bail!("{} calls of ours and {} of the bare client failed", seen.failed, again.failed);
        }
        if (seen.prompt_tokens, seen.output_tokens) != (again.prompt_tokens, again.output_tokens) {
            bail!("the two did not send the same calls: {seen:?} and {again:?}");
        }
        ours.push(seen.makespan_s);
        bare.push(again.makespan_s);
    }
    let efficiency = median(&mut bare) / median(&mut ours);
    let what = format!("bare client / ours, {CHAPTERS} calls over HTTP and SQLite at 1:{FASTER}");
    report.row(Row::new("G1b", what, efficiency, "ratio", Target::AtLeast(0.98)));
    Ok(())
}

/// The calls of the chapters, as the server saw them.
fn run(book: &Path) -> Result<Vec<Call>> {
    let server = contest::server(FASTER)?;
    let at_a_time = format!("llm.concurrency={SLOTS}");
    contest::ours(book, &server.url, &["--set", &at_a_time])?;
    let mut calls = server.calls()?;
    calls.retain(contest::of_a_chapter);
    // Every chapter of this book fits the window, so that its one call needs no other.
    if calls.len() != CHAPTERS {
        bail!("{} calls were made for {CHAPTERS} chapters", calls.len());
    }
    Ok(calls)
}

/// The bare client sends the same calls in the same order.
fn replay(calls: &[Call]) -> Result<Vec<Call>> {
    let request = |call: &Call| -> Value {
        json!({"model": call.model, "messages": call.messages, "stream": true, "think": false, "truncate": false,
            "options": call.options})
    };
    let file = contest::folder("replay")?.join("requests.json");
    std::fs::write(&file, serde_json::to_vec(&calls.iter().map(request).collect::<Vec<_>>())?)?;
    let server = contest::server(FASTER)?;
    let (requests, at_a_time) = (file.to_string_lossy(), SLOTS.to_string());
    let words = [&requests, at_a_time.as_str(), server.url.as_str()];
    contest::quietly(&mut command(&contest::example("replay").to_string_lossy(), &words))?;
    server.calls()
}

/// The middle one.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_one() {
        assert!((median(&mut [3.0, 1.0, 2.0, 9.0, 0.5]) - 2.0).abs() < 1e-9);
        assert!(median(&mut []).is_nan());
    }
}
