//! The data folder: how large it is, and cleaning it.

use epitome_model::{DiskUse, ErrorCode, JobState, WireError};
use epitome_store::job;

use crate::{Api, internal};

impl Api {
    pub(crate) async fn storage(&self) -> Result<DiskUse, WireError> {
        let store = self.store().clone();
        Ok(tokio::task::spawn_blocking(move || store.storage()).await.map_err(internal)??)
    }

    /// Gives what is unused back to the disk and, where asked for, deletes damaged libraries that were put aside.
    pub(crate) async fn clean(&self, put_aside: bool) -> Result<DiskUse, WireError> {
        let unfinished = self.read_store(job::unfinished).await?;
        if unfinished.iter().any(|row| row.state == JobState::Running) {
            return Err(WireError::new(
                ErrorCode::AlreadyRunning,
                "A book is being summarised, and the library cannot be written anew meanwhile.",
                "Pause it, or wait until it is done; then clean again.",
            ));
        }
        let store = self.store().clone();
        let cleaned = move || {
            if put_aside {
                store.forget_put_aside().map_err(|error| not_deleted(&error))?;
            }
            store.compact()?;
            Ok(store.storage()?)
        };
        tokio::task::spawn_blocking(cleaned).await.map_err(internal)?
    }
}

fn not_deleted(error: &std::io::Error) -> WireError {
    WireError::new(
        ErrorCode::WriteFailed,
        format!("A damaged library that was put aside could not be deleted: {error}."),
        "Delete it by hand; the data folder's path stands in the settings.",
    )
}
