//! `epitome-lab simulate`: worlds by seed.

use std::fmt::Display;
use std::io::Write;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use epitome_lab::world::{Trace, draw, run};

#[derive(Args)]
pub struct Options {
    /// How many worlds
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// One world instead of many
    #[arg(long)]
    seed: Option<u64>,
    /// Tell what happens in it, event by event
    #[arg(long)]
    trace: bool,
    /// Worlds at the same time
    #[arg(long, default_value_t = 2)]
    threads: u64,
}

/// Failures that are shown in full.
const SHOWN: usize = 20;

pub fn simulate(options: &Options) -> Result<ExitCode> {
    let (from, count) = options.seed.map_or((options.from, options.seeds), |seed| (seed, 1));
    let trace = options.trace.then_some(tell as Trace);
    let (next, passed) = (AtomicU64::new(0), AtomicU64::new(0));
    let failed: Mutex<Vec<(u64, String)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads.clamp(1, count.max(1)) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count {
                        return;
                    }
                    let seed = from + at;
                    match run(&draw(seed), trace) {
                        Ok(_) => {
                            passed.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(failure) => {
                            let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                            failed.push((seed, failure.to_string()));
                        }
                    }
                    if at > 0 && at % 1_000 == 0 {
                        note(&format!("{at} worlds"));
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort();
    let mut out = std::io::stdout().lock();
    for (seed, failure) in failed.iter().take(SHOWN) {
        writeln!(out, "Seed {seed} failed {failure}")?;
        writeln!(out, "    To see it again: cargo xtask simulate --seed {seed} --trace")?;
    }
    writeln!(out, "{} passed, {} failed", passed.into_inner(), failed.len())?;
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn tell(at: Duration, line: &dyn Display) {
    note(&format!("{:>12.3} {line}", at.as_secs_f64()));
}

fn note(line: &str) {
    // Whoever closes the pipe has seen enough.
    let _ = writeln!(std::io::stdout(), "{line}");
}
