//! The goals that a virtual clock can measure: the lab's own rows.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::Wanted;
use super::row::{Report, Row};
use crate::shell::{built, cargo, command, succeed};

/// Goals that the lab measures.
pub const GOALS: &[&str] = &["G1", "G2", "G3", "G5", "G5b", "G5c", "G10", "G11", "S"];

/// Of them, those that take seconds in the short form.
pub const QUICK: &[&str] = &["G1", "G3", "G5", "G5b", "G10", "G11"];

/// Runs the lab and passes its rows on as they come.
pub fn rows(wanted: &Wanted, report: &mut Report) -> Result<()> {
    let goals: Vec<&str> = if wanted.quick { QUICK } else { GOALS }.to_vec();
    let goals: Vec<&str> = goals.into_iter().filter(|goal| wanted.goal(goal)).collect();
    report.step("building the lab");
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-lab"]))?;
    let mut lab = command(&built("epitome-lab", false).to_string_lossy(), &["bench", "--json"]);
    let mut lab = lab.args(&goals).stdout(Stdio::piped()).spawn().context("the lab could not be started")?;
    let out = lab.stdout.take().context("the lab says nothing")?;
    let mut missed = false;
    for line in BufReader::new(out).lines() {
        let line = line?;
        let row: Row = serde_json::from_str(&line).with_context(|| format!("no row of the lab: {line}"))?;
        missed |= !row.met;
        // What the lab measures together comes together.
        if wanted.goal(&row.goal) {
            report.row(row);
        }
    }
    // It fails for a missed goal too, which its row says.
    if !lab.wait()?.success() && !missed {
        bail!("epitome-lab bench {} failed", goals.join(" "));
    }
    Ok(())
}
