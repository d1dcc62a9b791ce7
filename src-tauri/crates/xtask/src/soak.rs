//! `cargo xtask soak …`: the long versions of tests, and what is measured with an instruction counter.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use crate::setup;
use crate::shell::{built, cargo, command, pass_on, succeed, target, works};

const HELP: &str = "cargo xtask soak WHAT

  kill [--kills 200] [--seeds 3]
        kill the program at random moments, resume, compare with a calm run
  instructions [--few 100] [--many 400]
        instructions that one more call costs, counted by callgrind, and the same for a bare HTTP client";

/// What a call may cost, in instructions, and how much of it compared with the bare client.
const MOST: f64 = 7.0e6;
const MOST_TIMES: f64 = 3.0;

/// `cargo xtask soak`
pub fn soak(words: &[String]) -> Result<ExitCode> {
    match words.split_first().map(|(what, rest)| (what.as_str(), rest)) {
        Some(("kill", rest)) => kill(rest),
        Some(("instructions", rest)) => instructions(rest),
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

/// Counts two numbers of calls; what one more costs is the difference, whatever starting and ending cost.
fn instructions(words: &[String]) -> Result<ExitCode> {
    let (few, many) = (number(words, "--few", 100)?, number(words, "--many", 400)?);
    if few >= many {
        bail!("--few must be below --many.");
    }
    setup::compiler()?;
    if !works("valgrind", &["--version"]) {
        bail!("valgrind, which counts, is missing. Install it with this system's own tool, then try again.");
    }
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-testkit", "--bin", "epitome-sim"]))?;
    let folder = target().join("measure");
    println!("Building the program as it is released; the first time takes some minutes.");
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
    let of_bare = bare.instructions / bare.calls;
    let of_ours = (ours.instructions - import.instructions) / ours.calls;
    let times = of_ours / of_bare;
    let millions = |instructions: f64| instructions / 1.0e6;
    println!();
    println!("instructions a call, from the difference between {few} and {many} chapters:");
    println!("  bare client   {:>7.3} M  ({:.0} tokens a call)", millions(of_bare), bare.tokens / bare.calls);
    println!("  ours          {:>7.3} M  ({:.0} tokens a call)", millions(of_ours), ours.tokens / ours.calls);
    println!("  ratio         {times:>7.3}");
    println!("  reading a chapter of the book, not counted above: {:.3} M", {
        let chapters = many - few;
        millions(import.instructions) / chapters as f64
    });
    println!("  target: at most {:.1} M and {MOST_TIMES:.1} times the bare client", millions(MOST));
    println!("  functions: callgrind_annotate {}", folder.join(format!("ours-{many}.callgrind")).display());
    Ok(if of_ours <= MOST && times <= MOST_TIMES { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs the measuring program against a fresh server under the counter.
fn count(folder: &Path, what: &str, calls: usize) -> Result<Counted> {
    let (server, url) = server()?;
    let _server = Ending(server);
    let program = folder.join("release/examples").join(format!("overhead{}", std::env::consts::EXE_SUFFIX));
    let mut counter = command("valgrind", &["--tool=callgrind"]);
    counter.arg(format!("--callgrind-out-file={}", folder.join(format!("{what}-{calls}.callgrind")).display()));
    // Settings of this machine would change what is measured.
    counter.env("EPITOME_CONFIG", folder.join("no-config")).arg(&program).args([what, &calls.to_string(), &url]);
    let output = counter.output().context("valgrind could not be started")?;
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
    println!("  {what} {calls}: {:.1} M instructions", counted.instructions / 1.0e6);
    Ok(counted)
}

/// A simulated Ollama in another process, and its address. It writes slowly enough that a counted client reads each
/// token by itself, as from a real server.
fn server() -> Result<(Child, String)> {
    let mut start =
        command(&built("epitome-sim", false).to_string_lossy(), &["--load-ms", "0", "--time-scale", "0.25"]);
    let mut server = start.stdout(Stdio::piped()).spawn().context("the simulated Ollama could not be started")?;
    let mut url = String::new();
    let out = server.stdout.take().context("the simulated Ollama says nothing")?;
    BufReader::new(out).read_line(&mut url)?;
    Ok((server, url.trim().to_owned()))
}

/// A process that ends with this.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
