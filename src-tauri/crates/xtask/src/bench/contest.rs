//! What the contests share: the card, the book, a run of ours, and what the server saw of a run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::server::{Call, Server};
use crate::shell::{built, cargo, command, succeed, target};

/// The card of PERFORMANCE.md 1.2: 800 prompt tokens a second, and 64 ms a token with four calls at a time, which is a gain
/// of 3.6 over one. A chunk of 2,000 characters with an answer of 250 tokens takes 17.5 s on it.
const CARD: &[&str] =
    &["--parallel", "4", "--curve", "vllm", "--decode-tps", "17.36", "--prefill-tps", "800", "--load-ms", "0"];

/// Calls that the server works on at a time.
pub const SLOTS: usize = 4;

/// Chapters of the book.
pub const CHAPTERS: usize = 385;

/// A fresh server, so many times faster than real.
pub fn server(faster: u32) -> Result<Server> {
    let scale = (1.0 / f64::from(faster)).to_string();
    // Answers as a model's, without the line that names their text.
    Server::start(&[CARD, &["--plain", "--record", "--time-scale", &scale]].concat())
}

/// An empty folder of ours.
pub fn folder(name: &str) -> Result<PathBuf> {
    let folder = target().join("bench").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The book that all contestants read: corpus A of PERFORMANCE.md 1.2, or its first chapters.
pub fn book(chapters: usize) -> Result<PathBuf> {
    Server::build()?;
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-testkit", "--example", "corpus"]))?;
    let file = folder("book")?.join("book.txt");
    let writer = example("corpus");
    let words = ["A", &chapters.to_string(), &file.to_string_lossy()];
    succeed(&mut command(&writer.to_string_lossy(), &words))?;
    Ok(file)
}

/// A built example.
pub fn example(name: &str) -> PathBuf {
    let program = built(name, false);
    program.parent().unwrap_or(Path::new("")).join("examples").join(program.file_name().unwrap_or_default())
}

/// Builds the program that [`ours`] runs.
pub fn build() -> Result<()> {
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-cli"]))
}

/// Our program summarises the book with these words more, in a fresh library on the disk.
pub fn ours(book: &Path, url: &str, words: &[&str]) -> Result<()> {
    let home = folder("home")?;
    let program = built("epitome-cli", false);
    let mut run = command(&program.to_string_lossy(), &["summarise", &book.to_string_lossy(), "--url", url, "--json"]);
    // Settings of this machine would change what is measured.
    run.args(words).env_clear().env("EPITOME_CONFIG", home.join("config")).env("EPITOME_DATA", home.join("data"));
    if let Some(root) = std::env::var_os("SystemRoot") {
        run.env("SystemRoot", root);
    }
    quietly(&mut run)?;
    Ok(())
}

/// Runs it to its end and returns what it printed, which is shown only when it fails.
pub fn quietly(run: &mut Command) -> Result<String> {
    let name = run.get_program().to_string_lossy().into_owned();
    let output = run.output().with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        let end = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let lines: Vec<&str> = text.lines().collect();
            lines[lines.len().saturating_sub(20)..].join("\n")
        };
        bail!("{name} failed:\n{}\n{}", end(&output.stdout), end(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What the server saw of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Seen {
    pub calls: usize,
    /// Of them, those that were not answered to the end.
    pub failed: usize,
    pub prompt_tokens: u64,
    pub output_tokens: u64,
    /// From the first call's arrival to the last answer's end, in seconds of the real clock.
    pub makespan_s: f64,
}

impl Seen {
    pub fn of(calls: &[Call]) -> Self {
        let began = calls.iter().map(|call| call.began_ms).fold(f64::INFINITY, f64::min);
        let ended = calls.iter().filter_map(|call| call.ended_ms).fold(began, f64::max);
        Self {
            calls: calls.len(),
            failed: calls.iter().filter(|call| call.ending != "done").count(),
            prompt_tokens: calls.iter().map(|call| call.prompt_tokens).sum(),
            output_tokens: calls.iter().map(|call| call.output_tokens).sum(),
            makespan_s: if calls.is_empty() { 0.0 } else { (ended - began) / 1_000.0 },
        }
    }
}

/// A call of the synopsis names no chapter.
pub fn of_a_chapter(call: &Call) -> bool {
    let text = call.messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default();
    let instructions = text.split("<<<TEXT").next().unwrap_or_default();
    instructions.lines().any(|line| line.starts_with("Chapter: "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_makespan_is_from_the_first_call_to_the_last_answer() {
        let call = |began: f64, ended: Option<f64>, ending: &str| {
            let call = json!({"model": "m", "messages": [], "options": {}, "began_ms": began, "ended_ms": ended,
                "ending": ending, "prompt_tokens": 10, "output_tokens": 2});
            serde_json::from_value::<Call>(call).unwrap()
        };
        let calls =
            [call(500.0, Some(900.0), "done"), call(400.0, Some(2_400.0), "length"), call(600.0, None, "running")];
        let seen = Seen { calls: 3, failed: 2, prompt_tokens: 30, output_tokens: 6, makespan_s: 2.0 };
        assert_eq!(Seen::of(&calls), seen);
        assert_eq!(Seen::of(&[]), Seen::default());
    }

    #[test]
    fn calls_of_the_synopsis_name_no_chapter() {
        let call = |text: &str| {
            let messages = json!([{"role": "system", "content": "Chapter: no"}, {"role": "user", "content": text}]);
            let call = json!({"model": "m", "messages": messages, "options": {}, "began_ms": 0.0, "ended_ms": 1.0,
                "ending": "done", "prompt_tokens": 1, "output_tokens": 1});
            of_a_chapter(&serde_json::from_value(call).unwrap())
        };
        assert!(call("Summarise.\n\nBook: X\nChapter: 1\n\n<<<TEXT\nIt rained.\nTEXT>>>"));
        assert!(!call("Merge.\n\nBook: X\n\n<<<TEXT\nChapter: 1\nTEXT>>>"));
    }
}
