//! Tries damaged and made-up files on every reader. A parent starts children with limits on time and memory, so that
//! what hangs, aborts or overflows its stack is found and named; each finding is kept as a file with the command that
//! runs it again.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to whoever typed its name")]

mod child;
mod parent;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use epitome_fuzz::{TARGETS, Target, target};

#[derive(Parser)]
#[command(name = "epitome-fuzz", about = "Damaged and made-up files for every reader of books")]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    run: Run,
}

#[derive(clap::Args)]
struct Run {
    /// Targets to try; all of them if none is named.
    targets: Vec<String>,
    /// Seconds for each target.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Two seconds for each target, and the same inputs every time: what CI runs.
    #[arg(long)]
    short: bool,
    /// Number from which all inputs follow; taken from the clock if absent.
    #[arg(long)]
    seed: Option<u64>,
    /// Targets at a time; as many as there are cores if absent.
    #[arg(long)]
    jobs: Option<usize>,
    /// Where findings are kept.
    #[arg(long, default_value = "target/fuzz")]
    out: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// Run one file once, and say what came of it.
    Replay { target: String, file: PathBuf },
    /// Write the seeds of every target below a folder, for libFuzzer.
    Seeds { folder: PathBuf },
    /// A child, started by this program.
    #[command(hide = true)]
    Child(child::Order),
}

fn main() -> anyhow::Result<ExitCode> {
    let args = Args::parse();
    match args.command {
        Some(Command::Child(order)) => child::run(order),
        Some(Command::Replay { target, file }) => parent::replay(named(&target)?, &file),
        Some(Command::Seeds { folder }) => seeds(&folder),
        None => {
            let chosen: anyhow::Result<Vec<&Target>> = args.run.targets.iter().map(|name| named(name)).collect();
            let chosen = chosen.map(|chosen| if chosen.is_empty() { TARGETS.iter().collect() } else { chosen })?;
            parent::run(chosen, &args.run)
        }
    }
}

fn named(name: &str) -> anyhow::Result<&'static Target> {
    let names = || TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    target(name).ok_or_else(|| anyhow::anyhow!("there is no target “{name}”; there are {}", names()))
}

fn seeds(folder: &std::path::Path) -> anyhow::Result<ExitCode> {
    for target in TARGETS {
        let folder = folder.join(target.name);
        std::fs::create_dir_all(&folder)?;
        for (seed, number) in (target.seeds)().iter().zip(1..) {
            std::fs::write(folder.join(format!("seed-{number:02}")), seed)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
