//! Damaged and made-up files for every reader.

use std::process::ExitCode;

use anyhow::Result;

use crate::setup;
use crate::shell::{built, cargo, command, pass_on, succeed};

/// `cargo xtask fuzz [--seconds N] [--short] [TARGET...]`, `cargo xtask fuzz replay TARGET FILE`
pub fn fuzz(words: &[String]) -> Result<ExitCode> {
    setup::compiler()?;
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-fuzz"]))?;
    pass_on(command(&built("epitome-fuzz", false).to_string_lossy(), &[]).args(words))
}
