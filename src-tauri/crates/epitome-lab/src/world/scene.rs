//! What a world is like, as plain data: its books, jobs and servers, and all that will happen to them.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::plan::{Chapter, Frame};
use epitome_engine::sched::LaneSpec;
use epitome_model::{JobId, JobSettings, ProviderKind, SectionId};

use super::speech::Speech;
use super::weather::Weather;
use crate::server::{Card, Setup};

/// A whole world.
#[derive(Clone, Debug)]
pub struct Scene {
    /// What is left to chance is drawn from it.
    pub seed: u64,
    pub cores: u32,
    pub hosts: Vec<HostScene>,
    pub jobs: Vec<JobScene>,
    pub speech: Speech,
    pub weather: Weather,
    /// What the person and the world do, and when.
    pub acts: Vec<(Duration, Act)>,
    pub crashes: Vec<Crash>,
    /// How often the engine is told the time beside the moments it asks for; never when absent.
    pub ticks: Option<Duration>,
    /// A run that is not over by then has failed.
    pub longest: Duration,
    /// Whether jobs end with a synopsis that is compared with the expected one, and what else costs time to check.
    pub checked: bool,
}

/// A server.
#[derive(Clone, Debug)]
pub struct HostScene {
    pub name: String,
    pub kind: ProviderKind,
    pub setup: Setup,
    pub card: Card,
    /// How long it loads a model.
    pub load: Duration,
    /// It tells no times with its answers, as most OpenAI-compatible servers do.
    pub untimed: bool,
}

/// A job and its book.
#[derive(Clone, Debug)]
pub struct JobScene {
    pub id: JobId,
    /// With the settings.
    pub frame: Frame,
    /// In reading order.
    pub texts: Vec<Arc<str>>,
    pub tiers: Vec<Vec<LaneSpec>>,
    /// Who answers, of each tier.
    pub identities: Vec<String>,
    pub urgent: bool,
    pub starts: Duration,
    /// A job whose answers this one finds in the store, because it is over the same book with the same settings.
    pub repeats: Option<JobId>,
}

impl JobScene {
    pub fn settings(&self) -> &JobSettings {
        &self.frame.settings
    }

    /// A chapter as the source has it.
    pub fn chapter(&self, place: usize, piece_chars: Option<usize>) -> Chapter {
        let chars = u32::try_from(self.texts.get(place).map_or(0, |text| text.chars().count())).unwrap_or(u32::MAX);
        let number = u32::try_from(place).unwrap_or(u32::MAX);
        Chapter::new(SectionId(i64::from(number)), number, format!("Chapter {}", place + 1), chars, piece_chars)
    }
}

/// Something that happens to the world from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    Pause(JobId),
    Stop(JobId),
    /// What was begun is to be finished, no more.
    Finish(JobId),
    /// The person wants a paused or stopped job to go on.
    Resume(JobId),
    /// The reader waits for a chapter, or for the whole job.
    Front(JobId, Option<u32>),
    Settings(JobId, Box<JobSettings>),
    /// A server goes away; its index.
    Away(usize),
    /// It is there again, perhaps with other slots.
    Back(usize, Setup),
    /// A server drops its model.
    Forget(usize),
    /// Another program takes the memory of a server's card, or gives it back.
    Crowd(usize, bool),
    DiskFull(bool),
    /// How long a commit takes from now on.
    DiskTakes(Duration),
    Crash,
}

/// Where the program is when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Point {
    BeforeSend,
    AfterSend,
    /// An answer is there, nothing of it on the disk.
    Answered,
    /// An answer is on the disk, the engine has not heard of it.
    Stored,
    /// A chapter's summary is on the disk, the engine has not heard of it.
    ChapterWritten,
    BeforeSynopsis,
    SynopsisWritten,
}

impl Point {
    pub const ALL: [Self; 7] = [
        Self::BeforeSend,
        Self::AfterSend,
        Self::Answered,
        Self::Stored,
        Self::ChapterWritten,
        Self::BeforeSynopsis,
        Self::SynopsisWritten,
    ];
}

/// The program is killed when it is at the point for the `nth` time, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crash {
    pub point: Point,
    pub nth: u32,
}
