//! The window's program.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    // Before anything of the window is set up: a child that reads a book is this program too.
    epitome::worker().unwrap_or_else(epitome::run)
}
