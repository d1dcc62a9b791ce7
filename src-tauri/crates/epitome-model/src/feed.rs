//! What a host pushes to a window while it is open.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{BoardFrame, ProviderStatus, PullProgress, SettingRow};

/// One message of the live feed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FeedMessage {
    /// Boards changed: of each job at most one frame in [`FRAME_INTERVAL_MS`](crate::FRAME_INTERVAL_MS), all in one
    /// message.
    Frames {
        frames: Vec<BoardFrame>,
    },
    /// Books, chapters or jobs changed in a way no frame tells; ask again for what is shown.
    Changed,
    Provider {
        status: ProviderStatus,
    },
    Pull {
        progress: PullProgress,
    },
    Settings {
        rows: Vec<SettingRow>,
    },
    /// Something the person should know that no answer to a request tells; it stays until it is seen.
    Notice {
        /// One or a few plain sentences.
        text: String,
    },
    /// The window is about to be closed while books are worked on, and the person has not said what is to happen then.
    Closing {
        /// Books at work.
        books: u32,
    },
    /// Files handed over by a second start of the program or by its command line.
    Open {
        paths: Vec<String>,
    },
}
