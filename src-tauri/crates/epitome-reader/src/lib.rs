//! Reads a book file in a child process of our own program, so that a file made to crash, hang or swell harms nothing
//! but that child, and the person reads one sentence. For `epitome-api`; a program that uses it calls
//! [`worker`] before anything else in `main`.
//!
//! The child gets the file's bytes on its standard input and writes the book to its standard output. It opens nothing:
//! no file, no connection ([`limits`] says what holds on which system). It ends when its parent does, because its
//! standard input ends then.

mod end;
pub mod limits;
mod reader;
#[cfg(target_os = "linux")]
mod refuse;
mod wire;
mod worker;

pub use reader::Reader;
pub use wire::{Answer, Request, Task};
pub use worker::{answer, serve, worker};
