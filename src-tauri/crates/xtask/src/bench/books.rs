//! `cargo xtask bench books`: what our readers make of book files, against other readers of the same files.

use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result, bail};

use super::row::{self, Report, Row};
use super::{contest, peers};
use crate::setup;
use crate::shell::{cargo, command, root, succeed, target, works};

const HELP: &str = "cargo xtask bench books [OPTIONS]

  --books FOLDER   the books; without it the sample book alone
  --truth FILE     how many chapters they have: lines of a file's name and a number; tests/bench/books-truth.txt
                   unless it is given
  --help           this

Compares text, chapters, speed and memory with ebooklib, python-docx, KindleUnpack, lxml and pdftotext.";

/// Packages of the other readers, in an environment of their own.
const PACKAGES: &str = "tests/bench/books-requirements.txt";

pub fn bench(words: &[String]) -> Result<ExitCode> {
    let (mut books, mut truth) = (None, None);
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        let mut path =
            || words.next().map(PathBuf::from).with_context(|| format!("{word} needs a path after it.\n\n{HELP}"));
        match word {
            "--books" => books = Some(path()?),
            "--truth" => truth = Some(path()?),
            "--help" | "-h" => {
                println!("{HELP}");
                return Ok(ExitCode::SUCCESS);
            }
            other => bail!("There is no option \u{201c}{other}\u{201d}.\n\n{HELP}"),
        }
    }
    let books = books.unwrap_or_else(|| root().join("src-tauri/crates/epitome-book/sample"));
    let truth = truth.unwrap_or_else(|| root().join("tests/bench/books-truth.txt"));
    for path in [&truth, &books] {
        if !path.exists() {
            bail!("There is no {}.", path.display());
        }
    }
    setup::compiler()?;
    let mut report = Report::default();
    let python = peers::environment(&report, "books-env", PACKAGES)?;
    if !works("pdftotext", &["-v"]) {
        report.leave_out("PDF is left uncompared: pdftotext is missing (Debian: poppler-utils).".to_owned());
    }
    report.step("building");
    let folder = target().join("measure");
    let mut build = cargo(&["build", "--quiet", "--release", "-p", "epitome-reader", "--example", "books"]);
    succeed(build.arg("--target-dir").arg(&folder))?;
    let program = folder.join("release/examples").join(format!("books{}", std::env::consts::EXE_SUFFIX));
    for row in measured(&python, &program, &books, &truth)? {
        report.row(row);
    }
    println!("\n{}", row::table(&report.rows));
    for sentence in &report.left_out {
        println!("{sentence}");
    }
    Ok(if report.rows.iter().all(|row| row.met) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measured(python: &Path, program: &Path, books: &Path, truth: &Path) -> Result<Vec<Row>> {
    let words =
        ["tests/bench/books.py", &program.to_string_lossy(), &books.to_string_lossy(), &truth.to_string_lossy()];
    let mut run = command(&python.to_string_lossy(), &words);
    let out = contest::quietly(run.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()))?;
    let row = |line: &str| serde_json::from_str(line).with_context(|| format!("no row: {line}"));
    out.lines().map(row).collect()
}
