//! Everything that is checked. One profile for all of it, so nothing is built twice.

use std::process::ExitCode;

use anyhow::Result;

use crate::shell::{built, cargo, command, npm};
use crate::steps::Steps;
use crate::{gui, setup, ui};

/// Goals that the lab measures in a few seconds each; `cargo xtask bench` has all.
const GOALS: &[&str] = &["G1", "G2", "G3", "G5", "G5c", "G10", "G11"];

/// `cargo xtask test`
pub fn test() -> Result<ExitCode> {
    setup::for_tests()?;
    let mut steps = Steps::default();
    let ready = steps.one("packages of the pages", || ui::packages().map(|()| true));
    if ready {
        pages(&mut steps);
        // The program has the built pages inside.
        steps.one("pages build", || ui::build().map(|()| true));
    }
    steps.command("format", &mut cargo(&["fmt", "--all", "--check"]));
    let mut lints = cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.command("lints", &mut lints);
    steps.runner("Rust tests", &mut cargo(&["test", "--workspace", "--no-fail-fast"]));
    // With the same targets and features as the tests, so that only the programs are left to link.
    if steps.command("programs", &mut cargo(&["build", "--workspace", "--all-targets"])) {
        let mut lab = command(&built("epitome-lab", false).to_string_lossy(), &["bench"]);
        steps.command("goals under a virtual clock", lab.args(GOALS));
        let fuzz = built("epitome-fuzz", false);
        steps.command("damaged files for every reader", &mut command(&fuzz.to_string_lossy(), &["--short"]));
        if cfg!(target_os = "linux") && steps.one("driver of the window", || gui::driver().map(|()| true)) {
            steps.runner("window tests", &mut gui::tests());
        }
    }
    Ok(steps.end())
}

/// `cargo xtask check`
pub fn check() -> Result<ExitCode> {
    setup::for_window()?;
    let mut steps = Steps::default();
    steps.command("format", &mut cargo(&["fmt", "--all", "--check"]));
    if steps.one("packages of the pages", || ui::packages().map(|()| true)) {
        pages(&mut steps);
        steps.one("pages build", || ui::build().map(|()| true));
    }
    let mut lints = cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
    steps.command("lints", &mut lints);
    steps.runner("tree", &mut cargo(&["test", "-p", "xtask"]));
    Ok(steps.end())
}

fn pages(steps: &mut Steps) {
    steps.command("pages: types", &mut npm(&["run", "check"]));
    steps.command("pages: format and lints", &mut npm(&["run", "lint"]));
    steps.runner("pages: tests", &mut npm(&["run", "test"]));
}
