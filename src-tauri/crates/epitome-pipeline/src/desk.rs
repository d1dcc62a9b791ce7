//! The conductor's task: brings what happens to the engine and does what the engine says. It decides nothing itself.

mod act;
mod promise;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32};
use std::time::Duration;

use epitome_engine::plan::Frame;
use epitome_engine::ratio::Ratio;
use epitome_engine::sched::{CallNo, Config, Engine, Event, LaneNo, NewJob, ServerNo};
use epitome_llm::Provider;
use epitome_model::{CallEnd, JobId, JobState, LaneCall, SectionId, Wanted};
use tokio::sync::{mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::conductor::Command;
use crate::connect::{Connected, Identity, Tier};
use crate::figures::Figures;
use crate::load::Loaded;
use crate::record::Recorder;
use crate::scribe::Scribe;
use crate::telemetry::{Lanes, Monitor, Watchman};
use crate::{LiveBoard, RunError};
use promise::Promise;

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
    pub(super) identities: Arc<[Identity]>,
    pub(super) tiers: Vec<Tier>,
    /// Servers of its lanes, in the order the vital signs name them.
    pub(super) hosts: Vec<ServerNo>,
    /// Who answers on a lane.
    pub(super) lanes: HashMap<LaneNo, Answerer>,
    /// Answers came from others than whom the person chose, so the run's speed says nothing of that one.
    pub(super) mixed: bool,
    pub(super) figures: Figures,
    pub(super) watchman: Watchman,
    pub(super) window: Option<u32>,
    /// What a token of it takes of the card's memory, where the model tells.
    pub(super) kv_bytes_per_token: Option<u64>,
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
            identities: connected.tiers.iter().map(|tier| Arc::clone(&tier.identity)).collect(),
            tiers: connected.tiers,
            hosts: Vec::new(),
            lanes: HashMap::new(),
            mixed: false,
            figures: Figures::new(std::time::Instant::now()),
            watchman: Watchman::default(),
            window: connected.window,
            kv_bytes_per_token: connected.kv_bytes_per_token,
            language: loaded.language,
            ratio: connected.ratio,
            wanted: Wanted::Run,
            heeding: false,
            done,
        };
        (new, handle)
    }
}

/// Who answers on a lane, and by which choice of the person.
pub(crate) struct Answerer {
    pub provider: Arc<dyn Provider>,
    pub tier: usize,
}

/// What is heard of a call while it is in flight. Counted by the task that reads it, collected at each tick.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    /// Unix time of the first token in milliseconds, until it is collected; 0 is none.
    pub first_ms: AtomicI64,
    pub tokens: AtomicU32,
}

/// A call with a server.
struct Flight {
    job: JobId,
    serial: u64,
    /// Whether it went to whom the person chose.
    chosen: bool,
    /// Characters of its text and the tokens that surely stand around it, where the text is the book's own.
    weighed: Option<(usize, u32)>,
    /// What it is forecast to cost, in output tokens.
    cost: f64,
    sent: std::time::Instant,
    /// As the boards show it.
    shown: LaneCall,
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
    /// A chapter was read and cut, in so much time each.
    Opened {
        job: JobId,
        took: (Duration, Duration),
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
    /// Unix time in milliseconds.
    clock: fn() -> i64,
    jobs: BTreeMap<JobId, JobHandle>,
    flights: HashMap<CallNo, Flight>,
    serial: u64,
    /// For looking whether a server answers: the provider a job brought for it last.
    probes: BTreeMap<ServerNo, Arc<dyn Provider>>,
    scribe: Scribe,
    slots: Lanes,
    /// While jobs run.
    monitor: Option<Monitor>,
    tell: mpsc::Sender<Told>,
    told: mpsc::Receiver<Told>,
    ticks: u32,
}

impl Desk {
    pub fn new(clock: fn() -> i64) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let (tell, told) = mpsc::channel(EVENTS);
        Self {
            engine: Engine::new(Config { cores: u32::try_from(cores).unwrap_or(1) }),
            start: Instant::now(),
            clock,
            jobs: BTreeMap::new(),
            flights: HashMap::new(),
            serial: 0,
            probes: BTreeMap::new(),
            scribe: Scribe::start(),
            slots: Lanes::default(),
            monitor: None,
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
                let recorder = handle.recorder.clone();
                tokio::spawn(async move { recorder.no_alerts().await });
                self.jobs.insert(id, handle);
                self.monitor.get_or_insert_with(Monitor::start);
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
        for ((at, tier), lanes) in handle.tiers.iter().enumerate().zip(self.engine.lanes_of(id)) {
            handle.hosts.extend(lanes.iter().map(|lane| self.engine.server_of(*lane)));
            for (lane, no) in tier.lanes.iter().zip(lanes) {
                let provider = Arc::clone(&lane.provider);
                handle.lanes.insert(no, Answerer { provider, tier: at });
                let server = self.engine.server_of(no);
                // One that only may take over need not have its model there; it does not speak for the server's others.
                if at == 0 || !self.probes.contains_key(&server) {
                    self.probes.insert(server, Arc::clone(&lane.provider));
                }
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
            Told::Opened { job, took: (read, chunk), event } => {
                if let Some(handle) = self.jobs.get_mut(&job) {
                    handle.figures.latencies.opened(read, chunk);
                }
                self.step(event);
            }
            Told::Call { call, serial, event } => {
                if self.flights.get(&call).is_none_or(|flight| flight.serial != serial) {
                    return;
                }
                self.collect(call);
                self.count(call, &event);
                let answered = matches!(event, Event::Answered { .. });
                self.landed(call, if answered { CallEnd::Answered } else { CallEnd::Failed });
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

    /// Runs `work` on a thread that may block and tells its event; `lost`, should it panic.
    fn blocking(&self, lost: Event, work: impl FnOnce() -> Event + Send + 'static) {
        let promise = Promise::new(self.tell.clone(), Told::Event(lost));
        tokio::task::spawn_blocking(move || {
            let event = work();
            promise.keep_blocking(Told::Event(event));
        });
    }

    /// Does `work` and tells its event; `lost`, should it panic.
    fn doing(&self, lost: Event, work: impl Future<Output = Event> + Send + 'static) {
        let promise = Promise::new(self.tell.clone(), Told::Event(lost));
        tokio::spawn(async move {
            let event = work.await;
            promise.keep(Told::Event(event)).await;
        });
    }
}
