//! How a child ended that gave no answer, and what the person reads of it.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use epitome_model::{ErrorCode, WireError};

use crate::limits;
use crate::worker::MEMORY_CODE;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum End {
    #[error("not done within {} s", .0.as_secs())]
    Time(Duration),
    #[error("out of memory")]
    Memory,
    /// Signal, abort, stack overflow, panic.
    #[error("crashed: {0}")]
    Crash(ExitStatus),
    /// Ended well, but what it wrote is no answer.
    #[error("no answer")]
    Garbage,
    #[error("not started: {0}")]
    NotStarted(io::Error),
}

impl End {
    /// The end of a child that was not told to end; `said` is the last of its standard error.
    pub fn of(status: ExitStatus, said: &str, time: Duration) -> Self {
        // The first is what Rust's allocator says before it aborts.
        if said.contains("memory allocation of") || status.code() == Some(i32::from(MEMORY_CODE)) {
            return Self::Memory;
        }
        #[cfg(unix)]
        match std::os::unix::process::ExitStatusExt::signal(&status) {
            Some(libc::SIGXCPU) => return Self::Time(time),
            // Not ours, so the system's, which was short of memory.
            Some(libc::SIGKILL) => return Self::Memory,
            _ => {}
        }
        #[cfg(not(unix))]
        let _ = time;
        if status.success() { Self::Garbage } else { Self::Crash(status) }
    }

    /// The error as a window or a terminal shows it, naming the file.
    pub fn for_file(&self, file_name: &str) -> WireError {
        let get_again = "Get the file again from where it came from, or convert it to EPUB with another program.";
        let (code, what, hint) = match self {
            Self::Time(time) => (
                ErrorCode::BookTooLarge,
                format!("was given up: it could not be read within {} seconds", time.as_secs()),
                format!("{get_again} On a slow machine, {} allows more seconds.", limits::SECONDS_VARIABLE),
            ),
            Self::Memory => (
                ErrorCode::BookTooLarge,
                format!("was given up: reading it takes more than {:.1} GB of memory", limits::MEMORY as f64 / 1e9),
                get_again.to_owned(),
            ),
            Self::Crash(_) | Self::Garbage => {
                (ErrorCode::BookBroken, "could not be read: its structure is damaged".to_owned(), get_again.to_owned())
            }
            Self::NotStarted(error) => (
                ErrorCode::Internal,
                format!("could not be read: the part of Epitome that reads books did not start ({error})"),
                "Close Epitome and start it again.".to_owned(),
            ),
        };
        WireError::new(code, format!("“{file_name}” {what}."), hint)
    }
}
