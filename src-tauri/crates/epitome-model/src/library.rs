//! What the library, the add preview and the book view show.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    BookId, BookMeta, Certainty, ChapterMethod, ChapterState, Coverage, Edit, Format, Grown, JobId, JobSettings,
    JobState, Kinship, LeftOutReason, ProviderKind, Remaining, SectionId, WireError,
};

/// A book on the library's shelf.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct BookCard {
    pub id: BookId,
    pub meta: BookMeta,
    pub format: Format,
    pub file_name: String,
    pub chapters: u32,
    /// Chapters that have a summary.
    pub summarised: u32,
    pub failed: u32,
    pub source_chars: u32,
    /// Unix time in milliseconds.
    #[ts(type = "number")]
    pub added_ms: i64,
    /// Bytes of the book's own cover, where it has one. Asked for by itself, and only while it is seen.
    pub cover: Option<u32>,
    /// Newest job, if any.
    pub job: Option<JobId>,
    pub state: Option<JobState>,
    pub reason: Option<String>,
    pub remaining: Option<Remaining>,
    /// Who wrote the summaries of the newest job.
    pub provider: Option<ProviderKind>,
    pub model: Option<String>,
}

/// One section of the add preview, in reading order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PreviewChapter {
    /// Chapter number; absent when left out.
    pub number: Option<u32>,
    pub title: String,
    /// Part or volume it belongs to.
    pub part: Option<String>,
    pub chars: u32,
    pub left_out: Option<LeftOutReason>,
    /// First words of the text.
    pub opening: String,
    /// What is known of it where the file is a newer version of a book that is there.
    pub kinship: Option<Kinship>,
}

/// A guess before the start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Estimate {
    pub calls: u32,
    /// Prompt tokens, thousands rounded up.
    pub tokens_in: u32,
    pub tokens_out: u32,
    /// Absent while no speed has been measured on this machine with this model.
    pub time: Option<Remaining>,
    /// Where the time comes from, in a sentence.
    pub basis: String,
    pub provider: ProviderKind,
    pub model: String,
}

/// What a file holds, before it is added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AddPreview {
    /// Names this preview when it is confirmed.
    pub token: String,
    pub file_name: String,
    pub meta: BookMeta,
    pub format: Format,
    pub method: ChapterMethod,
    pub sections: Vec<PreviewChapter>,
    pub coverage: Coverage,
    pub estimate: Estimate,
    /// The same file is in the library already.
    pub known: Option<BookId>,
    /// How sure it is that these are the book's chapters.
    pub certainty: Certainty,
    /// A book of the library that the file is a newer version of.
    pub grown: Option<Grown>,
    /// What the reader changed; the sections are as it left them.
    pub edits: Vec<Edit>,
}

/// What became of one dropped file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum PreviewOutcome {
    Book { preview: Box<AddPreview> },
    Refused { file_name: String, error: WireError },
}

/// What to start a job with; what is absent comes from the settings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
pub struct StartJob {
    pub provider: Option<ProviderKind>,
    pub model: Option<String>,
    /// Only these chapters; all when absent.
    pub sections: Option<Vec<SectionId>>,
    /// Ask anew even where the same call was already paid for.
    pub fresh: bool,
    /// Settings of this job alone, by key, as a person would type them. Those that take effect in running jobs at once
    /// belong to all jobs and are refused.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
}

/// A chapter in the book view's list, or a part left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChapterRow {
    pub section: SectionId,
    pub number: Option<u32>,
    /// As the source names it.
    pub source_title: String,
    pub part: Option<String>,
    pub chars: u32,
    pub left_out: Option<LeftOutReason>,
    pub state: ChapterState,
    /// Written title; absent until there is one.
    pub title: Option<String>,
    pub preview: Option<String>,
    pub error: Option<WireError>,
}

/// A book with its chapters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct BookView {
    pub card: BookCard,
    pub method: ChapterMethod,
    pub coverage: Coverage,
    pub synopsis: Option<String>,
    pub chapters: Vec<ChapterRow>,
    pub settings: Option<JobSettings>,
}

/// One chapter with everything to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChapterText {
    pub section: SectionId,
    pub number: Option<u32>,
    pub source_title: String,
    pub title: Option<String>,
    pub preview: Option<String>,
    pub summary: Option<String>,
    pub source: String,
    pub pieces: u32,
    pub provider: Option<ProviderKind>,
    pub model: Option<String>,
    /// Unix time in milliseconds.
    #[ts(type = "number | null")]
    pub written_ms: Option<i64>,
    pub state: ChapterState,
    pub error: Option<WireError>,
}

/// What an export is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ExportFormat {
    Markdown,
    Json,
}

impl ExportFormat {
    /// File-name ending, without the dot.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            Self::Json => "json",
        }
    }
}

/// A book that came into the library, and the job that was started for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Added {
    pub book: BookId,
    pub job: Option<JobId>,
}

/// A written export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Exported {
    pub path: String,
    #[ts(type = "number")]
    pub bytes: u64,
}

/// The program and where it keeps things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct About {
    pub version: String,
    pub data_folder: String,
    pub settings_file: String,
    pub log_folder: String,
}
