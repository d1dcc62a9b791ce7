//! Starting things: the window, the headless program in its stead, hot reload, the simulated Ollama.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use crate::shell::{built, cargo, command, pass_on, root, succeed, target};
use crate::{setup, ui};

/// First lines of a result that are shown.
const SHOWN: usize = 24;

/// `cargo xtask run [--release] [-- BOOK...]`
pub fn run(words: &[String]) -> Result<ExitCode> {
    let release = words.iter().any(|word| word == "--release");
    let mut books = Vec::new();
    for word in words.iter().filter(|word| *word != "--" && *word != "--release") {
        let path = std::path::absolute(word)?;
        if !path.is_file() {
            eprintln!("{word} is not there, or is no file.");
            return Ok(ExitCode::from(2));
        }
        books.push(path);
    }
    if has_display() { window(&books, release) } else { terminal(&books, release) }
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

fn profile(release: bool) -> &'static [&'static str] {
    if release { &["--release"] } else { &[] }
}

fn window(books: &[PathBuf], release: bool) -> Result<ExitCode> {
    setup::for_window()?;
    ui::build()?;
    println!("Building the program; the first time takes some minutes.");
    succeed(cargo(&["build", "-p", "epitome"]).args(profile(release)))?;
    println!("Starting the window.");
    let program = built("epitome", release);
    pass_on(command(&program.to_string_lossy(), &[]).args(books))
}

/// The same job without a window.
fn terminal(books: &[PathBuf], release: bool) -> Result<ExitCode> {
    println!("There is no display, so the books are summarised here in the terminal.");
    setup::compiler()?;
    println!("Building the program; the first time takes some minutes.");
    succeed(cargo(&["build", "-p", "epitome-cli"]).args(profile(release)))?;
    let out = std::env::current_dir()?.join("summaries");
    let program = built("epitome-cli", release);
    let mut run = command(&program.to_string_lossy(), &["summarise", "--export", "md", "--out"]);
    run.arg(&out);
    if books.is_empty() {
        println!("No book was named, so it is done with the sample book.");
        run.arg("--sample");
    } else {
        run.args(books);
    }
    let before = std::time::SystemTime::now();
    let code = pass_on(&mut run)?;
    for file in written_since(&out, before) {
        println!("\nThe result lies in {}; it begins:\n", file.display());
        let text = std::fs::read_to_string(&file).context("the result could not be read back")?;
        for line in text.lines().take(SHOWN) {
            println!("    {line}");
        }
    }
    Ok(code)
}

fn written_since(folder: &Path, before: std::time::SystemTime) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let new = |path: &PathBuf| path.metadata().and_then(|meta| meta.modified()).is_ok_and(|at| at >= before);
    files.map(|file| file.path()).filter(new).collect()
}

/// `cargo xtask dev`: Vite serves the pages, the Tauri CLI rebuilds the program when its sources change.
pub fn dev() -> Result<ExitCode> {
    setup::for_window()?;
    ui::packages()?;
    let tauri = root().join("ui/node_modules/@tauri-apps/cli/tauri.js");
    // Without the built-in pages the program loads them from Vite.
    pass_on(command("node", &[&tauri.to_string_lossy(), "dev", "--", "--no-default-features"]).current_dir(root()))
}

/// `cargo xtask sim`: the simulated Ollama.
pub fn sim(words: &[String]) -> Result<ExitCode> {
    setup::compiler()?;
    succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-testkit", "--bin", "epitome-sim"]))?;
    pass_on(command(&built("epitome-sim", false).to_string_lossy(), &[]).args(words))
}

/// `cargo xtask wire`: the window's types, written anew.
pub fn wire() -> Result<ExitCode> {
    pass_on(cargo(&["test", "--quiet", "-p", "epitome-api", "--test", "wire"]).env("EPITOME_UPDATE_WIRE", "1"))
}

/// Where tools of the tests are installed.
pub fn tools() -> PathBuf {
    target().join("tools")
}
