//! What every reader of books is tried with: targets that check what must hold for any bytes, seeds for each format,
//! and changes that keep a file's outer form so that what is inside is reached. For the program of this crate
//! (`cargo xtask fuzz`), which needs nothing but stable Rust, and for the libFuzzer programs in `src-tauri/fuzz`.
#![allow(clippy::format_collect, clippy::format_push_string, reason = "what is written here need not be fast")]

mod check;
mod mutate;
mod seeds;
mod target;

pub use mutate::mutate;
pub use target::{Shape, TARGETS, Target, target};
