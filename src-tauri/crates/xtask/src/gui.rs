//! Tests in the real window: under Xvfb, by WebDriver, on Linux.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::run::tools;
use crate::shell::{cargo, command, root, succeed};
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

/// Pictures the README shows: which one of all, and its name there.
const SHOWN: [(&str, &str); 4] = [
    ("board-385-light", "board-light"),
    ("book-chapter-light", "book-light"),
    ("library-50-dark", "library-dark"),
    ("search-light", "search-light"),
];

/// `cargo xtask screenshots`: pictures of every screen, and those of the README anew.
pub fn screenshots() -> Result<ExitCode> {
    setup::for_tests()?;
    ui::build()?;
    driver()?;
    succeed(&mut cargo(&["build", "--workspace", "--all-targets"]))?;
    succeed(tests().arg("--screenshots"))?;
    let (made, kept) = (root().join("tests/artifacts"), root().join(".github/images"));
    for (picture, name) in SHOWN {
        let from = made.join(format!("{picture}.png"));
        fs::copy(&from, kept.join(format!("{name}.png"))).with_context(|| format!("{} is missing", from.display()))?;
    }
    println!("The pictures lie in {}; those of the README are renewed.", made.display());
    Ok(ExitCode::SUCCESS)
}
