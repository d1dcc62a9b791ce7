//! `cargo xtask soak …`: the long versions of tests, and what is measured with an instruction counter.

pub mod library;
pub mod memory;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::server::Server;
use crate::setup;
use crate::shell::{cargo, command, pass_on, succeed, target, works};

const HELP: &str = "cargo xtask soak WHAT

  kill [--kills 200] [--seeds 3]
        kill the program at random moments, resume, compare with a calm run
  instructions [--few 100] [--many 400]
        instructions that one more call costs, counted by callgrind, and the same for a bare HTTP client
  memory [--few 1000] [--chapters 10000]
        the most memory that a long book needs, and what one more chapter adds
  resume [--chapters 10000]
        instructions until the next call of a book that is half done, against those of a fresh start
  idle [--chapters 10000]
        instructions a second while a finished book is open and nothing is to be done";

/// What a call may cost, in instructions, and how much of it compared with the bare client.
pub const MOST: f64 = 7.0e6;
pub const MOST_TIMES: f64 = 3.0;

/// Chapters of the two runs that are compared, unless others are asked for.
pub const FEW: usize = 100;
pub const MANY: usize = 400;

/// `cargo xtask soak`
pub fn soak(words: &[String]) -> Result<ExitCode> {
    match words.split_first().map(|(what, rest)| (what.as_str(), rest)) {
        Some(("kill", rest)) => kill(rest),
        Some(("instructions", rest)) => instructions(rest),
        Some(("memory", rest)) => memory::memory(rest),
        Some(("resume", rest)) => library::resume(rest),
        Some(("idle", rest)) => library::idle(rest),
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

/// One run under the counter.
#[derive(Clone, Copy)]
struct Counted {
    instructions: f64,
    calls: f64,
    tokens: f64,
}

/// What one more call costs.
#[derive(Clone, Copy)]
pub struct Overhead {
    /// Instructions of ours, everything included.
    pub ours: f64,
    /// Instructions of the bare client.
    pub bare: f64,
    /// Tokens of an answer to either.
    pub tokens: f64,
    pub bare_tokens: f64,
    /// Instructions of reading a chapter of the book, which `ours` does not include.
    pub reading: f64,
}

impl Overhead {
    pub fn times(self) -> f64 {
        self.ours / self.bare
    }

    pub fn met(self) -> bool {
        self.ours <= MOST && self.times() <= MOST_TIMES
    }
}

/// Whether instructions can be counted here.
pub fn counts() -> bool {
    works("valgrind", &["--version"])
}

/// Where what is counted is built and what was counted lies.
fn measure() -> PathBuf {
    target().join("measure")
}

/// Counts two numbers of calls; what one more costs is the difference, whatever starting and ending cost.
pub fn overhead(few: usize, many: usize) -> Result<Overhead> {
    Server::build()?;
    let folder = measure();
    eprintln!("Building the program as it is released; the first time takes some minutes.");
    let mut build = cargo(&["build", "--quiet", "--release", "-p", "epitome-api", "--example", "overhead"]);
    succeed(build.arg("--target-dir").arg(&folder))?;
    let slope = |what: &str| -> Result<Counted> {
        let (less, more) = (count(&folder, what, few)?, count(&folder, what, many)?);
        Ok(Counted {
            instructions: more.instructions - less.instructions,
            calls: more.calls - less.calls,
            tokens: more.tokens - less.tokens,
        })
    };
    let (bare, import, ours) = (slope("bare")?, slope("import")?, slope("ours")?);
    Ok(Overhead {
        ours: (ours.instructions - import.instructions) / ours.calls,
        bare: bare.instructions / bare.calls,
        tokens: ours.tokens / ours.calls,
        bare_tokens: bare.tokens / bare.calls,
        reading: import.instructions / (many - few) as f64,
    })
}

/// The overhead and its verdict in words.
fn instructions(words: &[String]) -> Result<ExitCode> {
    let (few, many) = (number(words, "--few", FEW)?, number(words, "--many", MANY)?);
    if few >= many {
        bail!("--few must be below --many.");
    }
    setup::compiler()?;
    if !counts() {
        bail!("valgrind, which counts, is missing. Install it with this system's own tool, then try again.");
    }
    let found = overhead(few, many)?;
    let millions = |instructions: f64| instructions / 1.0e6;
    println!();
    println!("instructions a call, from the difference between {few} and {many} chapters:");
    println!("  bare client   {:>7.3} M  ({:.0} tokens a call)", millions(found.bare), found.bare_tokens);
    println!("  ours          {:>7.3} M  ({:.0} tokens a call)", millions(found.ours), found.tokens);
    println!("  ratio         {:>7.3}", found.times());
    println!("  reading a chapter of the book, not counted above: {:.3} M", millions(found.reading));
    println!("  target: at most {:.1} M and {MOST_TIMES:.1} times the bare client", millions(MOST));
    let functions = measure().join(format!("ours-{many}.callgrind"));
    println!("  functions: callgrind_annotate {}", functions.display());
    Ok(if found.met() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the measuring program against a fresh server under the counter.
fn count(folder: &Path, what: &str, calls: usize) -> Result<Counted> {
    // It writes slowly enough that a counted client reads each token by itself, as from a real server.
    let server = Server::start(&["--load-ms", "0", "--time-scale", "0.25"])?;
    let program = folder.join("release/examples").join(format!("overhead{}", std::env::consts::EXE_SUFFIX));
    let mut valgrind = command("valgrind", &["--tool=callgrind"]);
    valgrind.arg(format!("--callgrind-out-file={}", folder.join(format!("{what}-{calls}.callgrind")).display()));
    // Settings of this machine would change what is measured.
    valgrind.env("EPITOME_CONFIG", folder.join("no-config")).arg(&program).args([
        what,
        &calls.to_string(),
        &server.url,
    ]);
    let output = valgrind.output().context("valgrind could not be started")?;
    let (told, counted) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("overhead {what} {calls} failed:\n{counted}");
    }
    let after = |text: &str, name: &str| -> Result<f64> {
        let mut words = text.split_whitespace().skip_while(|word| *word != name).skip(1).filter(|word| *word != ":");
        let number = words.next().and_then(|word| word.parse().ok());
        number.with_context(|| format!("no number after \u{201c}{name}\u{201d} in:\n{text}"))
    };
    let counted = Counted {
        instructions: after(&counted, "Collected")?,
        calls: after(&told, "calls")?,
        tokens: after(&told, "tokens")?,
    };
    eprintln!("   {what} {calls}: {:.1} M instructions", counted.instructions / 1.0e6);
    Ok(counted)
}
