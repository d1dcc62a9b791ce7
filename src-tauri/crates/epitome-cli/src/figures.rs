//! `report`: what was measured of a run.

use epitome_model::{JobState, RunReport};

use crate::args::{Args, Report};
use crate::{DONE, SOME_FAILED, report as out, status};

/// Tells how a book's newest run went. Ends as one whose chapters failed where a service level was missed.
pub async fn report(args: &Args, command: &Report) -> anyhow::Result<u8> {
    let api = status::open(args).await?;
    let card = api.find_book(&command.book).await?;
    let Some(job) = card.job else {
        anyhow::bail!("\u{201c}{}\u{201d} was not summarised yet, so nothing was measured.", card.meta.title);
    };
    let found = api.report(job).await?;
    if args.json() {
        out::line(&serde_json::to_value(&found)?);
    } else {
        for line in lines(&found) {
            out::say(&line);
        }
    }
    if let Some(file) = &command.out {
        let written = api.write_figures(job, file.to_string_lossy().into_owned()).await?;
        if !args.json() {
            out::say(&written.path);
        }
    }
    let missed = found.levels.iter().any(|level| level.met == Some(false));
    Ok(if missed { SOME_FAILED } else { DONE })
}

fn lines(report: &RunReport) -> Vec<String> {
    let (head, vitals) = (&report.head, &report.vitals);
    let stages = &vitals.stages;
    let mut lines = vec![
        format!(
            "{}: {} of {} chapters, {} failed",
            head.book_title, vitals.chapters_done, vitals.chapters_all, vitals.chapters_failed
        ),
        format!(
            "{} calls, {} errors, {} retries, {} time-outs, {} answers used again",
            vitals.calls, vitals.errors, vitals.retries, vitals.timeouts, vitals.reused
        ),
    ];
    for (name, spread) in [
        ("read", &stages.read),
        ("chunk", &stages.chunk),
        ("map", &stages.map),
        ("reduce", &stages.reduce),
        ("title", &stages.title),
        ("merge", &stages.merge),
        ("commit", &stages.commit),
    ] {
        if spread.count > 0 {
            lines.push(format!(
                "{name:>8}  p50 {:>7} ms  p95 {:>7} ms  p99 {:>7} ms",
                spread.p50, spread.p95, spread.p99
            ));
        }
    }
    for level in &report.levels {
        let verdict = match level.met {
            Some(true) => "met",
            Some(false) => "missed",
            None => "not over yet",
        };
        let [measured, goal] = [level.measured_ms, level.goal_ms].map(|ms| ms as f64 / 1e3);
        lines.push(format!("{:<14} {measured:>9.1} s of {goal:>7.1} s  {verdict}", level.name));
    }
    if !matches!(head.state, JobState::Done | JobState::Incomplete) {
        lines.push("The run is not over; its figures are those so far.".to_owned());
    }
    lines
}
