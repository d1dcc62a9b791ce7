//! What every reader of books is tried with: targets that check what must hold for any bytes, seeds for each format,
//! and changes that keep a file's outer form so that what is inside is reached. For the program of this crate
//! (`cargo xtask fuzz`), which needs nothing but stable Rust, and for the libFuzzer programs in `src-tauri/fuzz`.

mod check;
mod mutate;
mod seeds;
mod target;

pub use mutate::mutate;
pub use target::{Shape, TARGETS, Target, target};
