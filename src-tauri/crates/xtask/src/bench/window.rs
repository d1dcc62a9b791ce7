//! `cargo xtask bench window`: how smooth the real window is, and how soon it is there.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell::{cargo, command, pass_on, succeed, target};
use crate::{gui, setup, ui};

const HELP: &str = "cargo xtask bench window [OPTIONS]

  --seconds N    how long each run is watched, 30 unless said otherwise; 600 shows that its memory stays flat
  --only NAME    one of start, run-385, run-10000, library-500
  --help         this

The window is built as it is given to people and run under Xvfb. It fails where a goal is missed.";

pub fn bench(words: &[String]) -> Result<ExitCode> {
    if words.iter().any(|word| word == "--help" || word == "-h") {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    setup::for_tests()?;
    ui::build()?;
    gui::driver()?;
    succeed(&mut cargo(&["build", "-p", "epitome-testkit", "-p", "epitome-cli"]))?;
    let folder = target().join("measure");
    succeed(cargo(&["build", "--release", "-p", "epitome", "--target-dir"]).arg(&folder))?;
    let program = folder.join("release").join("epitome");
    let mut measure = command("/usr/bin/python3", &["tests/window/measure.py"]);
    pass_on(measure.args(words).env("EPITOME_WINDOW_PROGRAM", program))
}
