//! The conductor: runs every job of this process on one schedule, because the card is one. Cheap to clone; its task
//! ends when the last clone goes.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::sched::Event;
use epitome_llm::{LlmError, Policy};
use epitome_model::{EventLevel, JobId, JobSettings, JobState, SectionId, Wanted, WireError};
use epitome_store::Store;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::connect::{Connected, FindKey};
use crate::desk::{Desk, JobHandle};
use crate::load::{Loaded, load};
use crate::record::Recorder;
use crate::room::Patient;
use crate::{JobLock, LiveBoard, RunError};

/// Commands on their way to the task; each is a person's doing, so a few are plenty, and who sends more waits.
const COMMANDS: usize = 64;

/// How often a server that is away at the start is looked for.
const PROBE: Duration = Duration::from_secs(1);

/// What the task is told.
pub(crate) enum Command {
    Add(Box<(epitome_engine::sched::NewJob, JobHandle)>),
    /// Something changed that the engine is to know.
    Tell(Event),
    /// The reader waits for a chapter.
    Front(SectionId),
    /// What the person wants of a job changed; read it now.
    Heed(JobId),
}

/// Runs jobs.
#[derive(Clone)]
pub struct Conductor {
    store: Store,
    clock: fn() -> i64,
    keys: FindKey,
    commands: mpsc::Sender<Command>,
}

impl Conductor {
    /// Starts the task. `clock` tells Unix time in milliseconds; `keys` finds the key of a server that wants one. Must be
    /// called within a tokio runtime.
    pub fn start(store: Store, clock: fn() -> i64, keys: FindKey) -> Self {
        let (commands, inbox) = mpsc::channel(COMMANDS);
        tokio::spawn(Desk::new(clock).work(inbox));
        Self { store, clock, keys, commands }
    }

    /// Runs a job to its end, or until the person, an error or a server that stays away stops it. `register` gets the
    /// board as soon as there is one.
    pub async fn run(&self, job: JobId, register: impl FnOnce(Arc<LiveBoard>) + Send) -> Result<JobState, RunError> {
        let Some(_lock) = JobLock::take(self.store.folder(), job)? else { return Err(RunError::RunsElsewhere) };
        let reading = self.store.clone();
        let loaded = tokio::task::spawn_blocking(move || reading.read(|conn| load(conn, job)));
        let (mut loaded, board) = loaded.await.map_err(|_| RunError::WorkersGone)??.ok_or(RunError::BookGone)?;
        let recorder = Recorder::new(self.store.clone(), &loaded.row, self.clock);
        let board = Arc::new(LiveBoard::new(board));
        register(Arc::clone(&board));
        let patient = Patient { recorder: &recorder, board: &board };
        patient.set_state(JobState::Running, None).await?;
        let connected = match connect(&loaded, patient, &self.keys).await? {
            Ok(connected) => connected,
            Err(state) => return Ok(state),
        };
        for (level, text) in &connected.notes {
            board.add_event(patient.event(*level, text.clone()).await?);
        }
        patient.set_plan(connected.window, connected.measure.chars_per_token).await?;
        if let Some(window) = connected.window {
            board.set_window(window);
            loaded.window = Some(window);
        }
        let (done, ended) = oneshot::channel();
        let (new, handle) = JobHandle::new(loaded, connected, recorder, board, done);
        let add = Command::Add(Box::new((new, handle)));
        self.commands.send(add).await.map_err(|_| RunError::WorkersGone)?;
        ended.await.map_err(|_| RunError::WorkersGone)?
    }

    /// What the person wants of a job was changed in the store by this process; the job follows at once.
    pub async fn heed(&self, job: JobId) {
        // The task is gone only when the program ends.
        let _ = self.commands.send(Command::Heed(job)).await;
    }

    /// The reader waits for all of a job: its calls go first.
    pub async fn front_job(&self, job: JobId) {
        let _ = self.commands.send(Command::Tell(Event::Front { job, place: None })).await;
    }

    /// The reader waits for a chapter: its calls go first, whichever job has it.
    pub async fn front_chapter(&self, section: SectionId) {
        let _ = self.commands.send(Command::Front(section)).await;
    }

    /// Takes settings that can change while a job runs.
    pub async fn set(&self, job: JobId, settings: JobSettings) {
        let _ = self.commands.send(Command::Tell(Event::Settings { job, settings: Box::new(settings) })).await;
    }
}

/// Connects to the provider, waiting for a server that is away. The inner error is the state the job ends in.
async fn connect(
    loaded: &Loaded,
    patient: Patient<'_>,
    keys: &FindKey,
) -> Result<Result<Connected, JobState>, RunError> {
    let mut away: Option<Instant> = None;
    let mut busy = 0;
    loop {
        let error = match Connected::open(loaded, patient.recorder, keys).await {
            Ok(connected) => {
                if away.is_some() {
                    patient.set_state(JobState::Running, None).await?;
                }
                return Ok(Ok(connected));
            }
            Err(error) => error,
        };
        let waits = error.policy() == Policy::WaitForServer;
        busy += u32::from(!waits && error.policy() == Policy::Retry);
        let tries_on = waits || (busy > 0 && busy < loaded.settings.attempts);
        let since = *away.get_or_insert_with(Instant::now);
        let limit = u64::from(loaded.settings.outage_s);
        let too_long = limit > 0 && since.elapsed().as_secs() >= limit;
        match wanted(patient.recorder).await? {
            Wanted::Run => {}
            Wanted::Pause => return Ok(Err(give_up(JobState::Paused, None, patient).await?)),
            Wanted::Stop | Wanted::Finish => return Ok(Err(give_up(JobState::Stopped, None, patient).await?)),
        }
        if !tries_on || too_long {
            return Ok(Err(refuse(error, waits, patient).await?));
        }
        let reason = Some(format!("{error} The run waits and goes on by itself when the server is back."));
        if patient.board.state() != JobState::Unreachable {
            patient.set_state(JobState::Unreachable, reason).await?;
        }
        tokio::time::sleep(PROBE).await;
    }
}

async fn refuse(error: LlmError, waited: bool, patient: Patient<'_>) -> Result<JobState, RunError> {
    let error = WireError::from(error);
    let event = patient.event(EventLevel::Bad, error.message.clone()).await?;
    patient.board.add_event(event);
    let reason = Some(format!("{} {}", error.message, error.hint).trim().to_owned());
    // A server that stayed away may be back at the next start, so such a job is gone on with by itself.
    let state = if waited { JobState::Unreachable } else { JobState::Stopped };
    give_up(state, reason, patient).await
}

async fn give_up(state: JobState, reason: Option<String>, patient: Patient<'_>) -> Result<JobState, RunError> {
    patient.set_state(state, reason).await?;
    Ok(state)
}

async fn wanted(recorder: &Recorder) -> Result<Wanted, RunError> {
    let recorder = recorder.clone();
    tokio::task::spawn_blocking(move || recorder.wanted()).await.map_err(|_| RunError::WorkersGone)?
}
