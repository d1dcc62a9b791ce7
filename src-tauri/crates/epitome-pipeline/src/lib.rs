//! The work, headless: from a job in the store to its summaries. What is done next is decided by `epitome-engine`; here
//! it is done, with HTTP, SQLite and the clock. Nothing here knows a window or a terminal.
//!
//! **Invariant:** a call's answer is in the store before anything is made of it, so a killed run repeats only the
//! calls that were in flight.

mod advice;
mod board;
mod conductor;
mod connect;
mod desk;
mod figures;
mod load;
mod lock;
mod meter;
mod record;
mod room;
mod scribe;
mod telemetry;

use epitome_model::{ErrorCode, WireError};
use epitome_store::StoreError;

pub use board::LiveBoard;
pub use conductor::Conductor;
pub use connect::{FindKey, Rehearsal, Trial, measure, try_speed};
pub use epitome_engine::{Measure, ModelFacts, Speed, estimate, first_words};
pub use lock::JobLock;
pub use telemetry::card_mib;

/// Why a run ended without a state of its own.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the job is run by another process")]
    RunsElsewhere,
    #[error("the book was removed while it was worked on")]
    BookGone,
    #[error("the work ended unexpectedly")]
    WorkersGone,
    #[error("the job's lock file could not be used: {0}")]
    Lock(#[from] std::io::Error),
}

impl From<RunError> for WireError {
    fn from(error: RunError) -> Self {
        let message = error.to_string();
        match error {
            RunError::Store(error) => error.into(),
            RunError::RunsElsewhere => {
                Self::new(ErrorCode::AlreadyRunning, "Another Epitome is working on this job.", "Watch it there.")
            }
            RunError::BookGone => Self::new(ErrorCode::NotFound, message, "Add the book again."),
            RunError::WorkersGone => Self::new(ErrorCode::Internal, message, "Resume the job; nothing was lost."),
            RunError::Lock(_) => {
                Self::new(ErrorCode::DataFolderNotWritable, message, "Check the permissions of the data folder.")
            }
        }
    }
}
