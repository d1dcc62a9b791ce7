//! A disk for tests that can lose its power and that can be full. It is SQLite's own file system with a notebook: what
//! is written to a watched folder is also written down, and kept apart from what was synced. A cut gives the files as a
//! disk may have them after the power went: everything synced, and of the rest any part, in sectors.
//!
//! The model is the one SQLite's own crash tests use: a sector is written whole or not at all (`powersafe overwrite`),
//! sectors that were not synced are written in any order or never, and a sync makes all that was written before it to
//! that file durable. Shared memory is lost.

mod disk;
#[allow(unsafe_code, reason = "SQLite's file system is a table of C functions")]
mod vfs;

pub use disk::{Counts, Watch};

/// Makes this the file system of every connection this process opens from now on. Folders that are not watched are left
/// to SQLite's own.
pub fn install() {
    vfs::install();
}
