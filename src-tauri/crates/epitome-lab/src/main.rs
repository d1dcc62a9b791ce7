//! The lab as a program: simulates worlds by seed, and measures the goals that need no real card.

mod simulate;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use epitome_lab::bench::{PARTS, Row};

/// Simulated worlds for the engine.
#[derive(Parser)]
#[command(name = "epitome-lab", version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs worlds drawn by seed and checks the engine after every event
    Simulate(simulate::Options),
    /// Measures the goals that a virtual clock can measure
    Bench {
        /// A line of JSON for each figure
        #[arg(long)]
        json: bool,
        /// Only these goals, such as `G1 G3`
        goals: Vec<String>,
    },
}

fn main() -> Result<ExitCode> {
    match Options::parse().command {
        Command::Simulate(options) => simulate::simulate(&options),
        Command::Bench { json, goals } => bench(json, &goals),
    }
}

fn bench(json: bool, goals: &[String]) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut missed = 0;
    for (names, part) in PARTS {
        let chosen = |goal: &String| names.split(' ').any(|name| name.eq_ignore_ascii_case(goal));
        if !goals.is_empty() && !goals.iter().any(chosen) {
            continue;
        }
        let mut told: std::io::Result<()> = Ok(());
        let mut tell = |row: Row| {
            missed += u32::from(!row.met);
            if told.is_ok() {
                told = line(&mut out, &row, json);
            }
        };
        let outcome = part(&mut tell);
        match told {
            // Whoever closes the pipe has seen enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(ExitCode::SUCCESS),
            told => told?,
        }
        if let Err(failure) = outcome {
            anyhow::bail!("a world of {names} failed {failure}");
        }
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(out: &mut impl Write, row: &Row, json: bool) -> std::io::Result<()> {
    if json {
        writeln!(out, "{}", serde_json::to_string(row)?)?;
    } else {
        let Row { goal, what, measured, unit, target, met } = row;
        let verdict = match (target.is_empty(), met) {
            (true, _) => "",
            (false, true) => "met",
            (false, false) => "MISSED",
        };
        writeln!(out, "{goal:5} {what:70} {measured:>10.3} {unit:8} {target:8} {verdict}")?;
    }
    out.flush()
}
