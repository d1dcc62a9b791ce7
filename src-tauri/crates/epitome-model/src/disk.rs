//! What the library takes of the disk.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The data folder by size, in bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DiskUse {
    /// The library with its log: books, summaries, answers, figures.
    #[ts(type = "number")]
    pub library: u64,
    /// Of it, left by what was removed: used again by what comes, or given back to the disk by cleaning.
    #[ts(type = "number")]
    pub free: u64,
    /// Damaged libraries that were put aside, oldest first.
    pub aside: Vec<PutAside>,
}

/// A damaged library that was put aside when it was rebuilt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PutAside {
    pub path: String,
    #[ts(type = "number")]
    pub bytes: u64,
}
