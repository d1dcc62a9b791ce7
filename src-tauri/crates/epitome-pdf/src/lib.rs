//! Text, outline and properties of PDF files. Two engines of others give the text; what they find is told in one form:
//! pages of lines with their places. For `epitome-book` only.
//!
//! Sync and without files. The engines are not ours: on hostile input they may panic (caught here), take long, or abort
//! the process by exhausting stack or memory, so programs call this in a child process with limits.

mod columns;
mod error;
mod first;
mod guard;
mod open;
mod outline;
mod page;
mod second;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::{Deserialize, Serialize};

pub use error::PdfError;
pub use outline::{Outline, OutlineEntry};
pub use page::{Line, Page, Properties, Text};

/// Which engine reads the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// `unpdf`: the better text.
    First,
    /// `hayro`: the sturdier one.
    Second,
}

/// The lines of a PDF's pages in reading order, as `engine` reads them.
pub fn text(bytes: &[u8], engine: Engine) -> Result<Text, PdfError> {
    guarded(|| match engine {
        Engine::First => first::text(bytes),
        Engine::Second => second::text(bytes),
    })
}

/// The outline of a PDF and what it says of itself; an empty outline if it has none.
pub fn outline(bytes: &[u8]) -> Result<Outline, PdfError> {
    guarded(|| outline::outline(bytes))
}

/// What `read` gives; a panic in it is an error.
fn guarded<T>(read: impl FnOnce() -> Result<T, PdfError>) -> Result<T, PdfError> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(PdfError::Panic))
}
