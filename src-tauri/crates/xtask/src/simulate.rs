//! The lab: worlds by seed, and the goals a virtual clock can measure.

use std::process::ExitCode;

use anyhow::Result;

use crate::setup;
use crate::shell::{built, cargo, command, pass_on, succeed};

/// `cargo xtask simulate [--seeds N] [--from S] [--seed N --trace]`
pub fn simulate(words: &[String]) -> Result<ExitCode> {
    setup::compiler()?;
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-lab"]))?;
    pass_on(command(&built("epitome-lab", false).to_string_lossy(), &["simulate"]).args(words))
}
