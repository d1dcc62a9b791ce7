//! Plain data shared by every crate: ids, states, settings, snapshots and errors. A leaf: it does no I/O, reads no
//! clock and knows no other crate. Types that reach the window derive [`ts_rs::TS`]; their names stay the same there.

mod board;
mod book;
mod call;
mod disk;
mod edit;
mod error;
mod feed;
mod ids;
mod library;
mod provider;
mod report;
mod search;
mod settings;
mod telemetry;
pub mod wire;
mod wording;

pub use board::{
    Board, BoardFrame, Cell, CellState, Event, EventLevel, FRAME_INTERVAL_MS, Gauge, HostState, HostVitals, JobHead,
    Remaining, Vitals,
};
pub use book::{BookMeta, Certainty, ChapterMethod, Coverage, Format, LeftOut, LeftOutReason, Series, Sureness};
pub use call::{CallKind, ChapterState, JobState, Usage, Wanted};
pub use disk::{DiskUse, PutAside};
pub use edit::{AddAs, Edit, Grown, Kinship, Paragraph, SectionParagraphs};
pub use error::{ErrorCode, WireError, one_line};
pub use feed::FeedMessage;
pub use ids::{BookId, CallId, JobId, SectionId};
pub use library::{
    About, AddPreview, Added, BookCard, BookView, ChapterRow, ChapterText, Estimate, ExportFormat, Exported,
    PreviewChapter, PreviewOutcome, StartJob,
};
pub use provider::{ModelInfo, ProviderKind, ProviderStatus, PullProgress, ServerState};
pub use report::{RunReport, ServiceLevel, Verdict};
pub use search::{BookHits, ChapterMarks, Found, Hit, Mark, Place, SearchIn};
pub use settings::{
    BreakerRule, BreakerSettings, ChapterOrder, Commit, Concurrency, Fallback, JobSettings, Permit, Profile,
    ProviderChoice, SettingForm, SettingRow, SettingSource, TakesEffect,
};
pub use telemetry::{
    Alert, AlertKind, CallEnd, History, KeptAlert, LaneCall, Machine, SAMPLES_MOST, Sample, Spread, Stages,
};
pub use wording::{TrialAnswer, Wording, WordsTrial};
