//! Tests in the real window: under Xvfb, by WebDriver, on Linux.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::run::tools;
use crate::shell::{cargo, command, pass_on, succeed};
use crate::{setup, ui};

/// The version of Tauri's driver that goes with Tauri 2.
const DRIVER: &str = "2.1.0";

/// Fetches and builds the driver where it is missing.
pub fn driver() -> Result<()> {
    if tools().join("bin/tauri-driver").exists() {
        return Ok(());
    }
    println!("Installing tauri-driver {DRIVER} into {}.", tools().display());
    succeed(cargo(&["install", "tauri-driver", "--version", DRIVER, "--locked", "--root"]).arg(tools()))
}

/// The test program; its last line is `N passed, N failed`.
pub fn tests() -> Command {
    command("/usr/bin/python3", &["tests/window/run.py"])
}

/// `cargo xtask screenshots`
pub fn screenshots() -> Result<ExitCode> {
    setup::for_tests()?;
    ui::build()?;
    driver()?;
    succeed(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    pass_on(tests().arg("--screenshots"))
}
