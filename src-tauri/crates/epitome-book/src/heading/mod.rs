//! Chapters by the headings in a text. For the readers of formats that carry no table of contents.

mod chain;
mod choose;
mod contents;
mod find;
mod line;
mod listed;
mod number;
mod words;

pub use choose::marks;
pub use line::{Style, line};
pub use number::{digits, roman};
pub use words::{Level, is_closing};
