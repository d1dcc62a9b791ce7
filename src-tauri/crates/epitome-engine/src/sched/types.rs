//! What goes into the engine and what comes out.

use std::sync::Arc;
use std::time::Duration;

use epitome_llm::{Answer, LlmError};
use epitome_model::{CellState, ErrorCode, EventLevel, JobId, JobSettings, JobState, ProviderKind, SectionId, Wanted};
use epitome_model::{HostVitals, WireError};

use crate::key;
use crate::ladder::Limit;
use crate::plan::{Chapter, Frame, PlannedCall, Progress, Written};
use crate::synopsis::Summaries;

/// One attempt to have a call answered, and all tries at it. Numbers rise and are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallNo(pub u64);

/// A server calls go to: an address, or the built-in summariser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerNo(pub usize);

/// A model on a server with one window: calls of one lane never make the server load anything anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneNo(pub usize);

/// A lane as a job brings it. Jobs that name the same server, model and window share it.
#[derive(Clone, Debug, PartialEq)]
pub struct LaneSpec {
    pub kind: ProviderKind,
    /// Address, or the name of the built-in summariser.
    pub server: String,
    pub model: String,
    /// Tokens; 0 where there is no window.
    pub window: u32,
    pub limit: Limit,
}

impl LaneSpec {
    /// Who writes what is answered there.
    pub fn author(&self) -> Author {
        Author { provider: self.kind, model: self.model.clone() }
    }
}

/// Who wrote an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    pub provider: ProviderKind,
    /// As the provider names it; the built-in summariser's own name where there is no model.
    pub model: String,
}

/// A call with its keys, as it waits.
#[derive(Clone, Debug)]
pub struct QueuedCall {
    /// One for each tier of the job's lanes; empty for a tier of which no server was seen yet.
    pub keys: Vec<String>,
    pub call: PlannedCall,
}

impl QueuedCall {
    /// Gives a call its keys. `identities` are those of the tiers, empty where one is not known yet.
    pub fn new(call: PlannedCall, identities: &[String], generation: i64) -> Self {
        let key = |identity: &String| match identity.as_str() {
            "" => String::new(),
            identity => key::of(identity, generation, &call.task),
        };
        Self { keys: identities.iter().map(key).collect(), call }
    }
}

/// A job that is ready to be worked on.
#[derive(Debug)]
pub struct NewJob {
    pub id: JobId,
    pub frame: Frame,
    pub chapters: Vec<Chapter>,
    /// Lanes by preference: those of the first tier share the work, the next is used while the whole of the one before
    /// does not answer.
    pub tiers: Vec<Vec<LaneSpec>>,
    /// The reader waits for this very job: its calls go before those of others.
    pub urgent: bool,
}

/// A chapter that was read and cut.
#[derive(Debug)]
pub struct Opened {
    pub chapter: Chapter,
    pub text: Arc<str>,
    pub progress: Ready,
}

/// What a cut chapter leads to.
#[derive(Debug)]
pub enum Ready {
    /// Calls, with the answers the store has already.
    Calls(Vec<Found>),
    /// There is nothing to read in it.
    Written(Written),
}

/// A call that was looked up.
#[derive(Debug)]
pub struct Found {
    pub call: QueuedCall,
    /// Stored answers to it, each in its key's place. That of the first tier is taken at once; another provider's is
    /// taken only when the call would be sent to that provider or to one after it.
    pub kept: Vec<Option<Kept>>,
}

impl Found {
    /// Whether the store has an answer of the provider that the person chose.
    pub fn is_answered(&self) -> bool {
        matches!(self.kept.first(), Some(Some(_)))
    }
}

/// A stored answer, and who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub text: String,
    pub author: Author,
}

/// Cuts a chapter and plans its calls; for the driver to do off the async threads. Looking its calls up is `find`.
pub fn open<E>(
    mut chapter: Chapter,
    text: Arc<str>,
    frame: &Frame,
    find: impl FnOnce(Vec<PlannedCall>) -> Result<Vec<Found>, E>,
) -> Result<Opened, E> {
    let progress = match chapter.open(&text, frame) {
        Progress::Calls(calls) => Ready::Calls(find(calls)?),
        Progress::Written(written) => Ready::Written(written),
        Progress::Pending => Ready::Calls(Vec::new()),
    };
    Ok(Opened { chapter, text, progress })
}

/// Why something could not be read or written.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The disk is full: try again when there is room.
    DiskFull,
    /// It will not help to try again.
    Broken(WireError),
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        if error.code == ErrorCode::DiskFull { Self::DiskFull } else { Self::Broken(error) }
    }
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// A job joins.
    Add(Box<NewJob>),
    /// The person wants something of a job.
    Want {
        job: JobId,
        wanted: Wanted,
    },
    /// The reader waits for a chapter (its place), or for the whole job.
    Front {
        job: JobId,
        place: Option<u32>,
    },
    /// Settings that take effect at once were changed.
    Settings {
        job: JobId,
        settings: Box<JobSettings>,
    },
    /// Answers to [`Action::Open`].
    Opened {
        job: JobId,
        place: u32,
        opened: Result<Box<Opened>, Trouble>,
    },
    /// Answers to [`Action::LookUp`].
    Found {
        job: JobId,
        calls: Result<Vec<Found>, Trouble>,
    },
    /// The first token of a call came.
    FirstToken {
        call: CallNo,
    },
    /// So many more tokens of a call came.
    Wrote {
        call: CallNo,
        tokens: u32,
    },
    Answered {
        call: CallNo,
        answer: Answer,
    },
    Failed {
        call: CallNo,
        error: LlmError,
    },
    /// Answers to [`Action::Store`].
    Stored {
        call: CallNo,
        outcome: Result<(), Trouble>,
    },
    /// Answers to [`Action::Write`].
    Wrought {
        job: JobId,
        write: Write,
        outcome: Result<(), Trouble>,
    },
    /// Answers to [`Action::ReadSummaries`].
    Summaries {
        job: JobId,
        read: Result<Summaries, Trouble>,
    },
    /// Answers to [`Action::Probe`].
    Probed {
        server: ServerNo,
        up: bool,
    },
    /// A server is known not to answer, before any call was sent to it.
    Down {
        server: String,
    },
    /// Time went on; due at [`crate::sched::Engine::wakes_at`] at the latest.
    Tick,
}

/// Something besides answers that is written down durably.
#[derive(Clone, Debug)]
pub enum Write {
    /// A chapter whose summary came of answers that were stored before.
    Chapter {
        place: u32,
        written: Box<Written>,
        /// Who gave the last answer it is made of; none for a chapter in which there is nothing to read.
        author: Option<Author>,
    },
    /// Where a chapter stands that failed or was cut anew.
    Standing { place: u32, error: Option<WireError> },
    Synopsis {
        text: String,
        /// Who gave the last answer; none where the one chapter's summary is all of it.
        author: Option<Author>,
    },
}

/// What is to be done.
#[derive(Debug)]
pub enum Action {
    /// Read and cut a chapter with [`open`].
    Open { job: JobId, chapter: Box<Chapter> },
    /// Look whether the store has answers to these.
    LookUp { job: JobId, calls: Vec<PlannedCall> },
    /// Send a call.
    Send {
        call: CallNo,
        job: JobId,
        lane: LaneNo,
        queued: Arc<QueuedCall>,
        /// Tries before this one.
        tries: u32,
        /// What it is forecast to cost the server, in output tokens.
        cost: f64,
    },
    /// Break a call off; nothing more is expected of it.
    Cancel { call: CallNo },
    /// Write an answer down, in one durable transaction, together with the chapter that it completes.
    Store {
        call: CallNo,
        job: JobId,
        author: Author,
        /// Which of the call's keys it answers.
        tier: usize,
        queued: Arc<QueuedCall>,
        answer: Arc<Answer>,
        attempts: u32,
        completes: Option<(Box<Chapter>, Box<Written>)>,
    },
    /// Write something else down.
    Write {
        job: JobId,
        write: Write,
        /// The chapter it is about, as it stands now.
        chapter: Option<Box<Chapter>>,
    },
    /// Read the summaries of some chapters, for the synopsis: as many as the driver thinks fit, on from `from`, which is 0
    /// or what the reading before said.
    ReadSummaries { job: JobId, from: u32 },
    /// Look whether a server answers.
    Probe { server: ServerNo },
    /// Have a server let go of its model: a slot of it hangs (OLLAMA.md 4.7).
    Unload { lane: LaneNo },
    /// Tell the person.
    Note { job: JobId, level: EventLevel, text: String, section: Option<SectionId> },
    /// A chapter's cell changed.
    Show { job: JobId, place: u32, cell: CellState },
    /// A job's state changed.
    State { job: JobId, state: JobState, reason: Option<String> },
    /// A job left the engine, in this state and with these last figures.
    Over { job: JobId, state: JobState, reason: Option<String>, view: Box<View> },
}

/// A job's figures at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct View {
    /// Calls that wait to be sent, and the queue's bound.
    pub queued: (u32, u32),
    /// Workers of this job that have something to do, and all there are.
    pub workers: (u32, u32),
    /// Calls of this job in flight, and the most there may be.
    pub in_flight: (u32, u32),
    /// Work left, and work done by calls of this run, in the same unit: output tokens, as forecast.
    pub work_left: f64,
    pub work_done: f64,
    pub pieces: u32,
    pub pieces_done: u32,
    pub pieces_failed: u32,
    pub chapters_done: u32,
    pub chapters_failed: u32,
    pub chapters: u32,
    pub reused: u32,
    pub retries: u32,
    /// Calls given up because nothing was heard of them.
    pub timeouts: u32,
    /// How long planning was held back by a full queue.
    pub producer_blocked: Duration,
    pub hosts: Vec<HostVitals>,
}
