//! The work, headless: from a job in the store to its summaries. The api crate starts [`run`]; nothing here knows a
//! window or a terminal.
//!
//! **Invariant:** a call's answer is in the store before anything is made of it, so a killed run repeats only the
//! calls that were in flight.
//! **Invariant:** one permit is one call; a chapter never holds one between its calls.

mod board;
mod connect;
mod gauges;
mod load;
mod lock;
mod meter;
mod queue;
mod record;
mod run;
mod worker;

use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_llm::{LlmError, Policy};
use epitome_model::{ErrorCode, EventLevel, JobId, JobState, Wanted, WireError};
use epitome_store::{Store, StoreError};

pub use board::LiveBoard;
pub use connect::measure;
pub use epitome_engine::{Measure, Speed, estimate, first_words};
pub use lock::JobLock;

use connect::Connected;
use load::{Loaded, load};
use record::Recorder;
use run::Run;

/// How often a server that is away at the start is looked for.
const PROBE: Duration = Duration::from_secs(1);

/// Why a run ended without a state of its own.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the job is run by another process")]
    RunsElsewhere,
    #[error("the book was removed while it was worked on")]
    BookGone,
    #[error("a worker ended unexpectedly")]
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

/// Runs a job to its end, or until the person, an error or a server that stays away stops it. `register` gets the
/// board as soon as there is one; `clock` tells Unix time in milliseconds.
pub async fn run(
    store: Store,
    job: JobId,
    clock: fn() -> i64,
    register: impl FnOnce(Arc<LiveBoard>) + Send,
) -> Result<JobState, RunError> {
    let Some(_lock) = JobLock::take(store.folder(), job)? else { return Err(RunError::RunsElsewhere) };
    let reading = store.clone();
    let loaded = tokio::task::spawn_blocking(move || reading.read(|conn| load(conn, job)));
    let mut loaded = loaded.await.map_err(|_| RunError::WorkersGone)??.ok_or(RunError::BookGone)?;
    let recorder = Recorder::new(store, &loaded.row, clock);
    let board = Arc::new(LiveBoard::new(loaded.board.clone()));
    register(Arc::clone(&board));
    recorder.set_state(JobState::Running, None).await?;
    let connected = match connect(&loaded, &recorder, &board).await? {
        Ok(connected) => connected,
        Err(state) => return Ok(state),
    };
    if let Some(window) = connected.window {
        recorder.set_window(window).await?;
        board.set_window(window);
        loaded.window = Some(window);
    }
    Box::pin(Run::new(loaded, connected, recorder, board).go()).await
}

/// Connects to the provider, waiting for a server that is away. The inner error is the state the job ends in.
async fn connect(
    loaded: &Loaded,
    recorder: &Recorder,
    board: &LiveBoard,
) -> Result<Result<Connected, JobState>, RunError> {
    let mut away: Option<Instant> = None;
    let mut busy = 0;
    loop {
        let error = match Connected::open(loaded).await {
            Ok(connected) => {
                if away.is_some() {
                    recorder.set_state(JobState::Running, None).await?;
                    board.set_state(JobState::Running, None);
                }
                return Ok(Ok(connected));
            }
            Err(error) => error,
        };
        let waits = error.policy() == Policy::WaitForServer;
        busy += u32::from(!waits && error.policy() == Policy::Retry);
        let patient = waits || (busy > 0 && busy < loaded.settings.attempts);
        let since = *away.get_or_insert_with(Instant::now);
        let limit = u64::from(loaded.settings.outage_s);
        let too_long = limit > 0 && since.elapsed().as_secs() >= limit;
        match recorder.wanted().await? {
            Wanted::Run => {}
            Wanted::Pause => return Ok(Err(give_up(JobState::Paused, None, recorder, board).await?)),
            Wanted::Stop => return Ok(Err(give_up(JobState::Stopped, None, recorder, board).await?)),
        }
        if !patient || too_long {
            return Ok(Err(refuse(error, waits, recorder, board).await?));
        }
        let reason = Some(format!("{error} The run waits and goes on by itself when the server is back."));
        if board.state() != JobState::Unreachable {
            recorder.set_state(JobState::Unreachable, reason.clone()).await?;
            board.set_state(JobState::Unreachable, reason);
        }
        tokio::time::sleep(PROBE).await;
    }
}

async fn refuse(error: LlmError, waited: bool, recorder: &Recorder, board: &LiveBoard) -> Result<JobState, RunError> {
    let error = WireError::from(error);
    let event = recorder.event(EventLevel::Bad, error.message.clone(), None).await?;
    board.add_event(event);
    let reason = Some(format!("{} {}", error.message, error.hint).trim().to_owned());
    // A server that stayed away may be back at the next start, so such a job is gone on with by itself.
    let state = if waited { JobState::Unreachable } else { JobState::Stopped };
    give_up(state, reason, recorder, board).await
}

async fn give_up(
    state: JobState,
    reason: Option<String>,
    recorder: &Recorder,
    board: &LiveBoard,
) -> Result<JobState, RunError> {
    recorder.set_state(state, reason.clone()).await?;
    board.set_state(state, reason);
    Ok(state)
}
