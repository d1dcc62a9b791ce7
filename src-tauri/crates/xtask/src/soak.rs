//! `cargo xtask soak …`: the long versions of tests, and what is measured with an instruction counter.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{cargo, pass_on};

const HELP: &str = "cargo xtask soak WHAT

  kill [--kills 200] [--seeds 3]   kill the program at random moments, resume, compare with a calm run";

/// `cargo xtask soak`
pub fn soak(words: &[String]) -> Result<ExitCode> {
    match words.split_first().map(|(what, rest)| (what.as_str(), rest)) {
        Some(("kill", rest)) => kill(rest),
        Some((other, _)) if other != "help" && other != "--help" => {
            bail!("There is no soak \u{201c}{other}\u{201d}.\n\n{HELP}")
        }
        _ => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The test of kills with more of them.
fn kill(words: &[String]) -> Result<ExitCode> {
    let (kills, seeds) = (number(words, "--kills", 200)?, number(words, "--seeds", 3)?);
    setup::compiler()?;
    let mut test = cargo(&["test", "--quiet", "-p", "epitome-cli", "--test", "cli", "killed::killed_at", "--"]);
    test.arg("--nocapture");
    pass_on(test.env("EPITOME_SOAK_KILLS", kills.to_string()).env("EPITOME_SOAK_SEEDS", seeds.to_string()))
}

/// The number after a word; the usual one where the word is missing.
fn number(words: &[String], name: &str, usual: usize) -> Result<usize> {
    let Some(at) = words.iter().position(|word| word == name) else { return Ok(usual) };
    let number = words.get(at + 1).and_then(|number| number.parse().ok()).filter(|number| *number > 0);
    number.with_context(|| format!("{name} needs a number above 0 after it.\n\n{HELP}"))
}
