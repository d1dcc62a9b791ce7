//! What is durable, and how long it takes to become so. Writes are committed one after another, as by the store's
//! single writer.

use std::collections::BTreeMap;
use std::time::Duration;

use epitome_engine::plan::{Chapter, Written};
use epitome_engine::sched::{Author, Kept};
use epitome_model::{CellState, ChapterState, JobId, Wanted, WireError};

/// An answer that was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    pub kept: Kept,
    pub job: JobId,
}

/// Where a chapter stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub cell: CellState,
    pub pieces: u32,
    pub piece_chars: Option<usize>,
    pub error: Option<WireError>,
}

impl Standing {
    fn of(chapter: &Chapter, error: Option<WireError>) -> Self {
        Self { cell: chapter.cell(), pieces: chapter.pieces(), piece_chars: chapter.piece_chars, error }
    }

    pub fn is_over(&self) -> bool {
        matches!(self.cell.state, ChapterState::Done | ChapterState::Failed)
    }
}

/// One durable unit.
#[derive(Clone, Debug)]
pub enum Unit {
    Answer {
        key: String,
        kept: Kept,
        completes: Option<(Box<Chapter>, Box<Written>)>,
    },
    Chapter {
        chapter: Box<Chapter>,
        written: Box<Written>,
        author: Option<Author>,
    },
    Standing {
        chapter: Box<Chapter>,
        error: Option<WireError>,
    },
    Synopsis {
        text: String,
    },
    /// A state of the job: nothing that is looked at here, but it takes its turn.
    State,
}

/// The store and its disk.
#[derive(Debug)]
pub struct Disk {
    pub answers: BTreeMap<String, Stored>,
    pub chapters: BTreeMap<(JobId, u32), Standing>,
    pub summaries: BTreeMap<(JobId, u32), Written>,
    /// Who each summary is said to be by.
    pub authors: BTreeMap<(JobId, u32), Author>,
    pub synopses: BTreeMap<JobId, String>,
    pub wanted: BTreeMap<JobId, Wanted>,
    pub full: bool,
    /// How long a commit takes.
    pub takes: Duration,
    /// When the writer is free.
    free: Duration,
}

/// A durable commit on the machine of PERFORMANCE.md 2.4.
pub const COMMIT: Duration = Duration::from_millis(4);

impl Disk {
    pub fn new() -> Self {
        Self {
            answers: BTreeMap::new(),
            chapters: BTreeMap::new(),
            summaries: BTreeMap::new(),
            authors: BTreeMap::new(),
            synopses: BTreeMap::new(),
            wanted: BTreeMap::new(),
            full: false,
            takes: COMMIT,
            free: Duration::ZERO,
        }
    }

    /// When a write handed over now will be committed.
    pub fn queue(&mut self, now: Duration) -> Duration {
        self.free = self.free.max(now) + self.takes;
        self.free
    }

    /// The program is gone, and with it the queue of writes.
    pub fn crash(&mut self, now: Duration) {
        self.free = now;
    }

    pub fn commit(&mut self, job: JobId, unit: Unit) {
        match unit {
            Unit::Answer { key, kept, completes } => {
                if let Some((chapter, written)) = completes {
                    self.finish(job, &chapter, *written, Some(kept.author.clone()));
                }
                // The first answer of a key stays.
                self.answers.entry(key).or_insert(Stored { kept, job });
            }
            Unit::Chapter { chapter, written, author } => self.finish(job, &chapter, *written, author),
            Unit::Standing { chapter, error } => {
                self.chapters.insert((job, chapter.place), Standing::of(&chapter, error));
            }
            Unit::Synopsis { text } => {
                self.synopses.insert(job, text);
            }
            Unit::State => {}
        }
    }

    fn finish(&mut self, job: JobId, chapter: &Chapter, written: Written, author: Option<Author>) {
        match author {
            Some(author) => self.authors.insert((job, chapter.place), author),
            None => self.authors.remove(&(job, chapter.place)),
        };
        self.chapters.insert((job, chapter.place), Standing::of(chapter, None));
        self.summaries.insert((job, chapter.place), written);
    }

    /// `(title, summary)` of a job's chapters in reading order.
    pub fn summaries_of(&self, job: JobId) -> Vec<(String, String)> {
        let of_job = self.summaries.range((job, 0)..=(job, u32::MAX));
        of_job.map(|(_, written)| (written.title.clone(), written.summary.clone())).collect()
    }
}
