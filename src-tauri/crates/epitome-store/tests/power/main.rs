//! The store on a disk that loses what was not synced, counts syncs, and can be full. A program of its own, because its
//! file system is that of the whole process.

// Paths are watched by their names, which Windows writes in several ways.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy knows tests by their attribute; fixtures have none")]

mod cut;
#[path = "../store/fixture.rs"]
#[allow(dead_code, reason = "shared with the other tests, which use all of it")]
mod fixture;
mod full;
mod syncs;

use epitome_powercut::Watch;

/// A watched folder for a library.
fn watched() -> (tempfile::TempDir, Watch) {
    epitome_powercut::install();
    let home = tempfile::tempdir().unwrap();
    let watch = Watch::new(home.path()).unwrap();
    (home, watch)
}
