//! What a library with a book of ten thousand chapters costs the processor: when a run is gone on with (G6c), and when
//! there is nothing to do (G12). Counted by callgrind.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::{counts, measure, number};
use crate::server::Server;
use crate::setup;
use crate::shell::{cargo, command, succeed};

/// What going on with a book that is half done may cost, compared with a fresh start.
pub const MOST_TIMES: f64 = 1.2;

/// What an idle program may cost, in instructions a second.
pub const MOST_IDLE: f64 = 1.0e6;

/// How long the two idle runs last, in seconds.
const SHORT: u32 = 20;
const LONG: u32 = 60;

/// `cargo xtask soak resume`
pub fn resume(words: &[String]) -> Result<ExitCode> {
    let chapters = number(words, "--chapters", 10_000)?;
    let (fresh, half) = resumed(chapters)?;
    println!();
    println!("instructions from opening the library to the first call, {chapters} chapters:");
    println!("  nothing done  {:>9.1} M", fresh / 1.0e6);
    println!("  half done     {:>9.1} M", half / 1.0e6);
    println!("  ratio         {:>9.3}", half / fresh);
    println!("  target: at most {MOST_TIMES:.1} times a fresh start");
    println!("  functions: callgrind_annotate {}", outcome("half").display());
    Ok(if half <= fresh * MOST_TIMES { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Instructions until the first call of a book of which nothing is done, and of one that is half done.
pub fn resumed(chapters: usize) -> Result<(f64, f64)> {
    counter()?;
    build()?;
    let begin = |name: &str, done: usize| -> Result<f64> {
        let server = Server::start(&["--load-ms", "0", "--time-scale", "0.01"])?;
        let folder = fresh(name)?;
        make(&folder, chapters, done, &server.url)?;
        let counted = count(name, &["begin", &folder.to_string_lossy(), &server.url])?;
        fs::remove_dir_all(&folder)?;
        Ok(counted)
    };
    Ok((begin("fresh", 0)?, begin("half", chapters / 2)?))
}

/// `cargo xtask soak idle`
pub fn idle(words: &[String]) -> Result<ExitCode> {
    let chapters = number(words, "--chapters", 10_000)?;
    let a_second = idled(chapters)?;
    println!();
    println!("instructions a second with a finished book of {chapters} chapters open:");
    println!("  {:.3} M, from the difference between {SHORT} and {LONG} seconds", a_second / 1.0e6);
    println!("  target: at most {:.1} M", MOST_IDLE / 1.0e6);
    println!("  functions: callgrind_annotate {}", outcome(&format!("idle-{LONG}")).display());
    Ok(if a_second <= MOST_IDLE { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Instructions a second while a finished book is open.
pub fn idled(chapters: usize) -> Result<f64> {
    counter()?;
    build()?;
    let folder = fresh("finished")?;
    make(&folder, chapters, chapters, "http://127.0.0.1:9")?;
    let wait = |seconds: u32| {
        let name = format!("idle-{seconds}");
        count(&name, &["idle", &folder.to_string_lossy(), &seconds.to_string()])
    };
    let a_second = (wait(LONG)? - wait(SHORT)?) / f64::from(LONG - SHORT);
    fs::remove_dir_all(&folder)?;
    Ok(a_second)
}

fn counter() -> Result<()> {
    setup::compiler()?;
    if !counts() {
        bail!("valgrind, which counts, is missing. Install it with this system's own tool, then try again.");
    }
    Ok(())
}

/// Builds the measuring program and the server.
pub fn build() -> Result<()> {
    Server::build()?;
    eprintln!("Building the program as it is released; the first time takes some minutes.");
    let mut build = cargo(&["build", "--quiet", "--release", "-p", "epitome-api", "--example", "library"]);
    succeed(build.arg("--target-dir").arg(measure()))
}

fn program() -> PathBuf {
    measure().join("release/examples").join(format!("library{}", std::env::consts::EXE_SUFFIX))
}

fn outcome(name: &str) -> PathBuf {
    measure().join(format!("{name}.callgrind"))
}

/// A name for a library that is not there yet.
fn fresh(name: &str) -> Result<PathBuf> {
    let folder = measure().join(format!("library-{name}"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    Ok(folder)
}

/// Makes a library with a book of which so many chapters are done, and a job for the server.
pub fn make(folder: &Path, chapters: usize, done: usize, url: &str) -> Result<()> {
    let (chapters, done) = (chapters.to_string(), done.to_string());
    let words = ["make", &folder.to_string_lossy(), &chapters, &done, url];
    succeed(&mut command(&program().to_string_lossy(), &words))
}

/// Instructions of a run of the measuring program.
fn count(name: &str, words: &[&str]) -> Result<f64> {
    let mut valgrind = command("valgrind", &["--tool=callgrind"]);
    valgrind.arg(format!("--callgrind-out-file={}", outcome(name).display()));
    // Settings of this machine would change what is measured.
    valgrind.env("EPITOME_CONFIG", measure().join("no-config")).arg(program()).args(words);
    let output = valgrind.output().context("valgrind could not be started")?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        bail!("library {} failed:\n{told}", words.join(" "));
    }
    let collected = told.lines().find_map(|line| line.split_once("Collected : ")).map(|(_, number)| number.trim());
    let collected: f64 = collected.and_then(|number| number.parse().ok()).context("callgrind told no count")?;
    eprintln!("   {name}: {:.1} M instructions", collected / 1.0e6);
    Ok(collected)
}
