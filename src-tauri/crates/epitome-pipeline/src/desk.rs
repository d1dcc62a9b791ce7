//! The conductor's task: brings what happens to the engine and does what the engine says. It decides nothing itself.

mod act;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::time::Duration;

use epitome_engine::plan::Frame;
use epitome_engine::ratio::Ratio;
use epitome_engine::sched::{CallNo, Config, Engine, Event, LaneNo, NewJob, ServerNo};
use epitome_llm::Provider;
use epitome_model::{JobId, JobState, SectionId, Wanted};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::conductor::Command;
use crate::connect::{Connected, Tier};
use crate::figures::Figures;
use crate::load::Loaded;
use crate::record::{Author, Recorder};
use crate::scribe::Scribe;
use crate::{LiveBoard, RunError};

/// Events on their way to the task: each is the answer to one action, so there are never many, and a full channel only
/// makes the sender wait.
const EVENTS: usize = 1_024;

/// How often figures are brought up to date while a job runs.
const TICK: Duration = Duration::from_millis(100);

/// A job that runs.
pub(crate) struct JobHandle {
    pub(super) recorder: Recorder,
    pub(super) board: Arc<LiveBoard>,
    pub(super) frame: Arc<Frame>,
    /// Cell of each chapter on the board, and what the chapter is in the library.
    pub(super) cells: Vec<u32>,
    pub(super) sections: Vec<SectionId>,
    /// Of each tier.
    pub(super) identities: Arc<[String]>,
    pub(super) tiers: Vec<Tier>,
    /// Who answers on a lane.
    pub(super) lanes: HashMap<LaneNo, (Arc<dyn Provider>, Author)>,
    pub(super) figures: Figures,
    pub(super) window: Option<u32>,
    /// Of the book, and what its model was seen to make of it.
    pub(super) language: Option<String>,
    pub(super) ratio: Ratio,
    pub(super) wanted: Wanted,
    /// A look at what the person wants is under way.
    pub(super) heeding: bool,
    pub(super) done: oneshot::Sender<Result<JobState, RunError>>,
}

impl JobHandle {
    /// Takes a loaded job apart into what the engine gets and what stays here.
    pub fn new(
        loaded: Loaded,
        connected: Connected,
        recorder: Recorder,
        board: Arc<LiveBoard>,
        done: oneshot::Sender<Result<JobState, RunError>>,
    ) -> (NewJob, Self) {
        let frame = connected.frame(&loaded);
        let open = loaded.chapters.iter().filter(|chapter| !chapter.is_over());
        let chars = open.map(|chapter| u64::from(chapter.chars)).sum();
        let specs = |tier: &Tier| tier.lanes.iter().map(|lane| lane.spec.clone()).collect();
        let sections = loaded.chapters.iter().map(|chapter| chapter.section).collect();
        let new = NewJob {
            id: loaded.row.id,
            frame: frame.clone(),
            chapters: loaded.chapters,
            tiers: connected.tiers.iter().map(specs).collect(),
            // A job over a few chapters is one the reader asked for and waits for.
            urgent: loaded.row.scope.is_some(),
        };
        let handle = Self {
            recorder,
            board,
            frame: Arc::new(frame),
            cells: loaded.cells,
            sections,
            identities: connected.tiers.iter().map(|tier| tier.identity.clone()).collect(),
            tiers: connected.tiers,
            lanes: HashMap::new(),
            figures: Figures::new(std::time::Instant::now(), chars),
            window: connected.window,
            language: loaded.language,
            ratio: connected.ratio,
            wanted: Wanted::Run,
            heeding: false,
            done,
        };
        (new, handle)
    }
}

/// What is heard of a call while it is in flight. Counted by the task that reads it, collected at each tick.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    pub first: AtomicBool,
    pub tokens: AtomicU32,
}

/// A call with a server.
struct Flight {
    job: JobId,
    serial: u64,
    /// Characters of its text.
    chars: usize,
    heard: Arc<Heard>,
    task: AbortHandle,
}

/// What a task tells.
enum Told {
    Event(Event),
    /// Of a call in flight; one that was broken off meanwhile is not listened to.
    Call {
        call: CallNo,
        serial: u64,
        event: Event,
    },
    /// What the person wants of a job, as the store has it.
    Wanted {
        job: JobId,
        wanted: Wanted,
    },
}

/// The task.
pub(crate) struct Desk {
    engine: Engine,
    start: Instant,
    jobs: BTreeMap<JobId, JobHandle>,
    flights: HashMap<CallNo, Flight>,
    serial: u64,
    /// For probing: a provider of each server, and whether it was made ready.
    probes: BTreeMap<ServerNo, Arc<dyn Provider>>,
    scribe: Scribe,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    ticks: u32,
}

impl Desk {
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (tell, told) = mpsc::channel(EVENTS);
        Self {
            engine: Engine::new(Config { cores: u32::try_from(cores).unwrap_or(1) }),
            start: Instant::now(),
            jobs: BTreeMap::new(),
            flights: HashMap::new(),
            serial: 0,
            probes: BTreeMap::new(),
            scribe: Scribe::start(),
            tell,
            told,
            ticks: 0,
        }
    }

    /// Works until nobody can send commands any more.
    pub async fn work(mut self, mut commands: mpsc::Receiver<Command>) {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        loop {
            let busy = !self.jobs.is_empty() || self.scribe.is_behind();
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.command(command),
                    None => return,
                },
                Some(told) = self.told.recv() => {
                    self.hear(told);
                    // What has arrived meanwhile is taken before anything else is waited for.
                    while let Ok(told) = self.told.try_recv() {
                        self.hear(told);
                    }
                }
                _ = tick.tick(), if busy => self.tick(),
            }
        }
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Add(added) => {
                let (new, handle) = *added;
                let id = new.id;
                let down: Vec<String> = handle.down();
                // Before the engine hears of it, so that what it says at once finds its job.
                self.jobs.insert(id, handle);
                self.step(Event::Add(Box::new(new)));
                self.assign(id);
                for server in down {
                    self.step(Event::Down { server });
                }
                self.step(Event::Tick);
            }
            Command::Tell(event) => self.step(event),
            Command::Front(section) => self.front(section),
            Command::Heed(job) => self.heed(job),
        }
    }

    /// Gives a job's lanes the numbers the engine has for them. No call can have been sent before.
    fn assign(&mut self, id: JobId) {
        let Some(handle) = self.jobs.get_mut(&id) else { return };
        for (tier, lanes) in handle.tiers.iter().zip(self.engine.lanes_of(id)) {
            for (lane, no) in tier.lanes.iter().zip(lanes) {
                handle.lanes.insert(no, (Arc::clone(&lane.provider), lane.author.clone()));
                self.probes.insert(self.engine.server_of(no), Arc::clone(&lane.provider));
            }
        }
    }

    fn front(&mut self, section: SectionId) {
        let found = self.jobs.iter().filter_map(|(job, handle)| {
            let place = handle.sections.iter().position(|known| *known == section)?;
            Some((*job, u32::try_from(place).ok()))
        });
        for (job, place) in found.collect::<Vec<_>>() {
            self.step(Event::Front { job, place });
        }
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Event(event) => self.step(event),
            Told::Call { call, serial, event } => {
                if self.flights.get(&call).is_none_or(|flight| flight.serial != serial) {
                    return;
                }
                self.collect(call);
                self.count(call, &event);
                self.flights.remove(&call);
                self.step(event);
            }
            Told::Wanted { job, wanted } => {
                if let Some(handle) = self.jobs.get_mut(&job) {
                    handle.heeding = false;
                    if handle.wanted != wanted {
                        handle.wanted = wanted;
                        self.step(Event::Want { job, wanted });
                    }
                }
            }
        }
    }

    fn step(&mut self, event: Event) {
        let actions = self.engine.step(event, self.now());
        for action in actions {
            self.act(action);
        }
    }

    /// Runs `work` on a thread that may block and tells its event.
    fn blocking(&self, work: impl FnOnce() -> Event + Send + 'static) {
        let tell = self.tell.clone();
        tokio::task::spawn_blocking(move || {
            let event = work();
            // The task is gone only when the program ends.
            let _ = tell.blocking_send(Told::Event(event));
        });
    }
}
