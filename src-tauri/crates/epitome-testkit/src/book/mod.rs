//! Books made to order: plausible prose, plain-text books, EPUB files, and the corpora of the capacity model. Same
//! arguments, same bytes.

mod corpus;
mod epub;
mod prose;

pub use corpus::{Corpus, MadeChapter, corpus, text_of};
pub use epub::{EpubBuilder, Toc};
pub use prose::{prose, text_book};
