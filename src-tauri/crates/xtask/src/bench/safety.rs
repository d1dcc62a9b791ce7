//! G6, G6b and G9: what survives a program that is killed and a machine whose power goes, and what that costs. The tests
//! that CI runs in short, with as many kills and cuts as the goals ask for.

use anyhow::{Context, Result};

use super::Wanted;
use super::contest::quietly;
use super::row::{Report, Row, Target};
use crate::shell::cargo;

/// What is measured here.
pub const GOALS: &[&str] = &["G6", "G6b", "G9"];

/// Kills of each seed, and seeds (PERFORMANCE.md G6).
const KILLS: usize = 200;
const SEEDS: usize = 3;

/// Power cuts (PERFORMANCE.md G6b).
const CUTS: usize = 500;

/// Seconds of a mean call (PERFORMANCE.md G9).
const MEAN_CALL_S: f64 = 10.0;

pub fn rows(wanted: &Wanted, report: &mut Report) -> Result<()> {
    if wanted.goal("G6") {
        points(report)?;
        report.step(&format!("{KILLS} kills for each of {SEEDS} seeds"));
        let mut test = cargo(&["test", "--quiet", "-p", "epitome-cli", "--test", "cli", "killed::killed_at", "--"]);
        test.arg("--nocapture").env("EPITOME_SOAK_KILLS", KILLS.to_string());
        let told = quietly(test.env("EPITOME_SOAK_SEEDS", SEEDS.to_string()))?;
        let lines: Vec<&str> = told.lines().filter(|line| line.starts_with("seed ")).collect();
        let sum = |words: &str| lines.iter().map(|line| number_before(line, words)).sum::<Result<f64>>();
        let stored = sum("stored and")?;
        let row = |what: String, measured, target| Row::new("G6", what, measured, "", target);
        report.row(row("kills".to_owned(), sum("kills in")?, Target::AtLeast((KILLS * SEEDS) as f64)));
        let lost = sum("acknowledged results lost")?;
        report.row(row(format!("of {stored:.0} stored results, lost"), lost, Target::AtMost(0.0)));
        report.row(row("results that are there twice".to_owned(), sum("duplicates")?, Target::AtMost(0.0)));
        let again = sum("of them not in flight")?;
        report.row(row("calls repeated that were not in flight at a kill".to_owned(), again, Target::AtMost(0.0)));
    }
    if wanted.goal("G9") {
        durability(report)?;
    }
    if wanted.goal("G6b") {
        report.step(&format!("{CUTS} power cuts, writes that were not synced dropped"));
        let mut test = cargo(&["test", "--quiet", "-p", "epitome-store", "--test", "power", "a_power_cut", "--"]);
        let told = quietly(test.arg("--nocapture").env("EPITOME_POWER_CUTS", CUTS.to_string()))?;
        let line = told.lines().find(|line| line.contains("power cuts:")).context("the test tells no figures")?;
        // The test fails at the first result that is lost.
        let kept = number_before(line, "acknowledged results")?;
        let what = format!("power cuts after which all of {kept:.0} acknowledged results were there");
        report.row(Row::new("G6b", what, number_before(line, "power cuts")?, "", Target::AtLeast(CUTS as f64)));
    }
    Ok(())
}

/// The program dies at each point that has a name.
fn points(report: &mut Report) -> Result<()> {
    report.step("dead at every named point");
    let mut test = cargo(&["test", "--quiet", "-p", "epitome-cli", "--test", "cli", "crash::dead_at_any_point", "--"]);
    let told = quietly(test.arg("--nocapture"))?;
    let lines: Vec<&str> = told.lines().filter(|line| line.contains(" acknowledged results lost")).collect();
    let sum = |words: &str| lines.iter().map(|line| number_before(line, words)).sum::<Result<f64>>();
    let row = |what: String, measured, target| Row::new("G6", what, measured, "", target);
    let broken = sum("acknowledged results lost")? + sum("duplicates")? + sum("of them not in flight")?;
    report.row(row("named points at which it died".to_owned(), lines.len() as f64, Target::AtLeast(17.0)));
    let what = "results lost, twice there, or paid for again after them".to_owned();
    report.row(row(what, broken, Target::AtMost(0.0)));
    Ok(())
}

/// What one durable write a call costs.
fn durability(report: &mut Report) -> Result<()> {
    report.step("syncs of two thousand commits");
    let mut test = cargo(&["test", "--quiet", "-p", "epitome-store", "--test", "power", "a_commit_is_one_sync", "--"]);
    let told = quietly(test.arg("--nocapture"))?;
    let line = told.lines().find(|line| line.contains("syncs for")).context("the test tells no figures")?;
    let commits = number_before(line, "commits")?;
    let row = |what: String, measured, unit, most| Row::new("G9", what, measured, unit, Target::AtMost(most));
    report.row(row("syncs a call".to_owned(), number_before(line, "syncs for")? / commits, "", 1.02));
    let share = number_before(line, "us the median")? / 1e6 / MEAN_CALL_S * 100.0;
    report.row(row("time of a commit, of a mean call's".to_owned(), share, "%", 0.5));
    report.row(row(
        "greatest size of the log".to_owned(),
        number_before(line, "bytes of log")? / 1_048_576.0,
        "MiB",
        16.0,
    ));
    Ok(())
}

/// The number that stands right before some words.
fn number_before(line: &str, words: &str) -> Result<f64> {
    let (before, _) = line.split_once(words).with_context(|| format!("no \u{201c}{words}\u{201d} in: {line}"))?;
    let word = before.split_whitespace().next_back().unwrap_or_default().trim_start_matches('(');
    word.parse().with_context(|| format!("no number before \u{201c}{words}\u{201d} in: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_the_tests_say() {
        let line = "seed 1: 20 kills in 21 runs: 0 acknowledged results lost (of 513 stored and 76 told ones), 9 calls \
                    repeated, 1 of them not in flight at a kill, 0 duplicates";
        for (words, number) in [("kills in", 20.0), ("stored and", 513.0), ("of them not", 1.0), ("duplicates", 0.0)] {
            assert!((number_before(line, words).unwrap() - number).abs() < 0.5, "{words}");
        }
        assert!(number_before(line, "power cuts").is_err() && number_before(line, "seed").is_err());
    }
}
