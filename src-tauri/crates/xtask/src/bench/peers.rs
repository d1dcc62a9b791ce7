//! Peers in the same run: the same book, each against a fresh server of the same kind, one after the other.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Wanted;
use super::contest::{self, CHAPTERS, Seen};
use super::row::{Report, Row, Target};
use crate::shell::{command, root, target, works};

/// What is measured here.
pub const GOALS: &[&str] = &["P"];

/// How much faster than real. Slow enough that what the Python programs themselves need for a call is small beside it.
const FASTER: u32 = 20;

/// The short form: fewer chapters, faster.
const CHAPTERS_QUICK: usize = 40;
const FASTER_QUICK: u32 = 60;

/// The model that the server has.
const MODEL: &str = "llama3.1:8b";

/// Ours by profile. What a breaker calls slow is in real seconds, so that none trips in a server's faster time.
const PROFILES: [&str; 3] = ["auto", "track1", "baseline"];

/// Milliseconds that the older profiles wait for more before they write a batch; they have to be the server's.
const FLUSH_MS: u32 = 250;

/// The peers in Python, which make the chapters' summaries and nothing else.
const PEERS: [(&str, &str); 2] = [
    ("langchain_map_reduce.py", "LangChain map-reduce 4000/200, 4 at a time"),
    ("thread_pool.py", "thread pool of 3, 2000/400"),
];

/// What a peer says of itself.
#[derive(Deserialize)]
struct Said {
    chapters: usize,
    /// Its processor time without its start.
    cpu_s: f64,
}

/// Makespans as the server saw them, from the first call's arrival to the end of the last chapter's last answer, in
/// minutes of its time; and how many times that of `auto` they are. Our titles and previews are in it; our synopsis, which
/// no peer makes, has a row of its own.
pub fn rows(wanted: &Wanted, report: &mut Report) -> Result<()> {
    let (chapters, faster) = if wanted.quick { (CHAPTERS_QUICK, FASTER_QUICK) } else { (CHAPTERS, FASTER) };
    let python = match environment(report, "bench-env", "tests/bench/requirements.txt") {
        Ok(python) => python,
        Err(missing) => {
            report.leave_out(format!("The peers are left out: {missing:#}."));
            return Ok(());
        }
    };
    report.step("building");
    let book = contest::book(chapters)?;
    contest::build()?;
    let minutes = |seen: Seen| seen.makespan_s * f64::from(faster) / 60.0;
    let flush = format!("writer.flush_ms={}", (FLUSH_MS / faster).max(1));
    // Makespans of `auto`, of the chapters and with the synopsis.
    let mut first = None;
    for profile in PROFILES {
        let name = format!("ours, {profile}");
        report.step(&format!("{chapters} chapters at 1:{faster}: {name}"));
        let server = contest::server(faster)?;
        contest::ours(&book, &server.url, &["--profile", profile, "--set", &flush])?;
        let mut calls = server.calls()?;
        let whole = Seen::of(&calls);
        calls.retain(contest::of_a_chapter);
        let seen = Seen::of(&calls);
        report.row(Row::new("P", told(&name, seen), minutes(seen), "min", Target::Shown));
        let what = told(&format!("{name}, synopsis included"), whole);
        report.row(Row::new("P", what, minutes(whole), "min", Target::Shown));
        let (first, _) = *first.get_or_insert((seen.makespan_s, whole.makespan_s));
        if profile != PROFILES[0] {
            let what = format!("{name} / {}", PROFILES[0]);
            report.row(Row::new("P", what, seen.makespan_s / first, "ratio", Target::Shown));
        }
    }
    for (script, name) in PEERS {
        report.step(&format!("{chapters} chapters at 1:{faster}: {name}"));
        let server = contest::server(faster)?;
        let said = peer(&python, script, &book, &server.url)?;
        let seen = Seen::of(&server.calls()?);
        if said.chapters != chapters || seen.failed > 0 {
            bail!("{name}: {} of {chapters} chapters, {} calls failed", said.chapters, seen.failed);
        }
        report.row(Row::new("P", told(name, seen), minutes(seen), "min", Target::Shown));
        // In real time it would be as much a call, and the call as much longer as the server is faster.
        let cpu = said.cpu_s * 1_000.0 / seen.calls as f64;
        report.row(Row::new("P", format!("{name}: its own processor time a call"), cpu, "ms", Target::Shown));
        let (first, whole) = first.unwrap_or((f64::NAN, f64::NAN));
        let what = format!("{name} / ours, {}", PROFILES[0]);
        report.row(Row::new("P", what.clone(), seen.makespan_s / first, "ratio", Target::Above(1.0)));
        report.row(Row::new(
            "P",
            format!("{what}, synopsis included"),
            seen.makespan_s / whole,
            "ratio",
            Target::Shown,
        ));
    }
    Ok(())
}

/// A contestant with what it asked of the server.
fn told(name: &str, seen: Seen) -> String {
    let Seen { calls, failed, prompt_tokens, output_tokens, .. } = seen;
    let failed = if failed == 0 { String::new() } else { format!(" ({failed} failed)") };
    let thousands = |tokens: u64| tokens as f64 / 1_000.0;
    format!(
        "{name}: {calls} calls{failed}, {:.0} k tokens read, {:.0} k written",
        thousands(prompt_tokens),
        thousands(output_tokens)
    )
}

/// Runs a peer.
fn peer(python: &Path, script: &str, book: &Path, url: &str) -> Result<Said> {
    let words = [&format!("tests/bench/{script}"), &*book.to_string_lossy(), url, MODEL];
    let mut run = command(&python.to_string_lossy(), &words);
    // Nothing but the server on this machine is to be asked or told.
    run.env("NO_PROXY", "*").env("LANGSMITH_TRACING", "false").env("LANGCHAIN_TRACING_V2", "false");
    run.env("PYTHONDONTWRITEBYTECODE", "1");
    let out = contest::quietly(&mut run)?;
    let last = out.lines().last().with_context(|| format!("{script} says nothing"))?;
    serde_json::from_str(last).with_context(|| format!("{script} says {last}"))
}

/// A Python of our own with the packages that a file names. An error says, as the end of a sentence, what is missing.
pub fn environment(report: &Report, name: &str, packages: &str) -> Result<PathBuf> {
    let wanted = std::fs::read_to_string(root().join(packages))?;
    let folder = target().join(name);
    let inside = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let (python, stamp) = (folder.join(inside), folder.join("installed.txt"));
    if python.exists() && std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    let outer = ["python3", "python"].into_iter().find(|name| works(name, &["-c", "import venv, ensurepip"]));
    let outer = outer.context("Python 3 with its venv module is missing")?;
    let named = wanted.split_whitespace().collect::<Vec<_>>().join(", ");
    report.step(&format!("installing {named} into {}", folder.display()));
    let name = folder.to_string_lossy();
    contest::quietly(&mut command(outer, &["-m", "venv", "--clear", &name]))
        .context("no Python environment can be made")?;
    let words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", packages];
    contest::quietly(&mut command(&python.to_string_lossy(), &words)).context("pip cannot install their packages")?;
    std::fs::write(stamp, wanted)?;
    Ok(python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contestant_is_told_with_its_work() {
        let seen = Seen { calls: 94, failed: 0, prompt_tokens: 56_957, output_tokens: 9_987, makespan_s: 4.3 };
        assert_eq!(told("pool", seen), "pool: 94 calls, 57 k tokens read, 10 k written");
        assert_eq!(
            told("pool", Seen { failed: 2, ..seen }),
            "pool: 94 calls (2 failed), 57 k tokens read, 10 k written"
        );
    }
}
