//! Full-text search over titles, summaries and the books' own text.

mod fold;
mod index;
mod query;
mod snippet;
mod words;

pub use index::{AT_ONCE, due, index_some, is_due};
pub(crate) use index::{TABLES, TRIGGERS, index_summary};
pub use query::{Ask, MOST_HITS, chapter_marks, search, synopsis_marks};
