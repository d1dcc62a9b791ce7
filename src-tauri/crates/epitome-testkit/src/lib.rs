//! Equipment for tests, benches and trials by hand: a simulated Ollama, a maker of books, a temporary data folder.
//! Other crates name it as a dev-dependency only; it knows none of them, so that it cannot agree with their mistakes.

mod book;
mod home;
pub mod hostile;
pub mod kindle;
pub mod pdf;
mod random;
mod sim;

pub use book::{Corpus, EpubBuilder, MadeChapter, Toc, corpus, prose, text_book, text_of};
pub use home::TempHome;
pub use random::Random;
pub use sim::{
    Curve, Ending, Endpoint, Fault, FaultError, Faults, Flavour, GpuModel, Message, PromptPath, RepeatGuard, SimConfig,
    SimModel, SimOllama, SimRequest, SimStats, Trigger, marker, token_count,
};
