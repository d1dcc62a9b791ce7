//! Whole worlds under a virtual clock: the real engine with the real plan, simulated servers, a simulated disk, a person
//! and bad luck. One thread, no real time, one seed: the same scene is the same history, to the last event.
//!
//! What the engine asks for is done as `epitome-pipeline` does it; after every step the world compares the engine's
//! books with its own (see [`check`]).

mod act;
mod agenda;
pub mod book;
mod check;
mod disk;
mod draw;
mod host;
mod ledger;
mod life;
mod outcome;
mod reference;
mod scene;
mod speech;
mod told;
mod weather;

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use epitome_engine::plan::{Chapter, PlannedCall};
use epitome_engine::sched::{CallNo, Config, Engine, Event, LaneNo, ServerNo, Write};
use epitome_model::JobId;
use epitome_testkit::Random;

use agenda::Agenda;
use check::Watch;
use disk::{Disk, Unit};
use host::{Heard, Host};
use ledger::Ledger;

pub use disk::COMMIT;
pub use draw::{draw, draw_with};
pub use outcome::{Accepted, Failure, JobOutcome, Outcome};
pub use reference::requests;
pub use scene::{Act, Crash, HostScene, JobScene, Point, Scene};
pub use speech::{Length, Speech};
pub use weather::{Fault, Weather};

/// Where the history is told, line by line.
pub type Trace = fn(Duration, &dyn fmt::Display);

/// Shortest time between two moments the engine asks to be woken at; the real driver's is 100 ms.
const SPIN: Duration = Duration::from_millis(10);

/// Wake-ups in a row that do nothing, after which the engine is said to turn in circles.
const SPINS: u32 = 3_000;

/// Time in which nothing but the passing of time happens, after which nothing else ever will.
const SILENCE: Duration = Duration::from_secs(12 * 3_600);

/// Runs a world to its end. An engine that panics has failed as well.
pub fn run(scene: &Scene, trace: Option<Trace>) -> Result<Outcome, Failure> {
    let outcome = catch_unwind(AssertUnwindSafe(|| World::new(scene, trace).run()));
    outcome.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
        Err(Failure { at: Duration::ZERO, text: format!("panic: {}", words.unwrap_or_default()) })
    })
}

/// Something that is to happen.
#[derive(Debug)]
enum Item {
    /// Of the world; a crash of the program does not change it.
    Act(Act),
    Start(JobId),
    /// Of the program.
    Join(Box<Joining>),
    Open(JobId, Box<Chapter>),
    LookUp(JobId, Vec<PlannedCall>),
    Summaries(JobId, u32),
    Probe(ServerNo),
    Commit(JobId, Box<Unit>, Reply),
    Tell(Box<Event>),
    Tick,
}

impl Item {
    fn is_of_the_world(&self) -> bool {
        matches!(self, Self::Act(_) | Self::Start(_) | Self::Tick)
    }
}

/// A job that is being connected, as it was read from the disk.
#[derive(Debug)]
struct Joining {
    job: JobId,
    chapters: Vec<Chapter>,
}

/// Who is told of a commit.
#[derive(Debug)]
enum Reply {
    Stored(CallNo),
    Wrought(Write),
    Loaded(Box<Joining>),
}

/// Where a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Not in the program.
    Out,
    /// Being loaded and connected.
    Joining,
    /// In the engine.
    In,
    /// Done, or done but for what failed.
    Over,
}

/// Who is next.
enum Next {
    Host(usize),
    Agenda,
    Tick,
}

struct World<'a> {
    scene: &'a Scene,
    trace: Option<Trace>,
    now: Duration,
    engine: Engine,
    agenda: Agenda<Item>,
    hosts: Vec<Host>,
    disk: Disk,
    ledger: Ledger,
    phases: BTreeMap<JobId, Phase>,
    /// Host of each lane.
    lanes: BTreeMap<LaneNo, usize>,
    watch: Watch,
    /// What becomes of calls.
    luck: Random,
    /// How long small things take.
    pace: Random,
    points: BTreeMap<Point, u32>,
    /// The program is killed before anything else happens.
    dying: bool,
    /// When the engine was last woken, and how often for nothing.
    woken: Option<Duration>,
    spins: u32,
    /// When something happened last.
    lively: Duration,
    /// Starts since an answer was last accepted, and how many were accepted then.
    starts: u32,
    accepted: usize,
    heard: Vec<(CallNo, Heard)>,
    outcome: Outcome,
    failure: Option<Failure>,
}

impl<'a> World<'a> {
    fn new(scene: &'a Scene, trace: Option<Trace>) -> Self {
        Self {
            scene,
            trace,
            now: Duration::ZERO,
            engine: Engine::new(Config { cores: scene.cores }),
            agenda: Agenda::new(),
            hosts: scene.hosts.iter().map(Host::new).collect(),
            disk: Disk::new(),
            ledger: Ledger::default(),
            phases: scene.jobs.iter().map(|job| (job.id, Phase::Out)).collect(),
            lanes: BTreeMap::new(),
            watch: Watch::default(),
            luck: Random::of(&[scene.seed, 0x1_0CC]),
            pace: Random::of(&[scene.seed, 0x9ACE]),
            points: BTreeMap::new(),
            dying: false,
            woken: None,
            spins: 0,
            lively: Duration::ZERO,
            starts: 0,
            accepted: 0,
            heard: Vec::new(),
            outcome: Outcome::default(),
            failure: None,
        }
    }

    fn run(mut self) -> Result<Outcome, Failure> {
        for job in &self.scene.jobs {
            if job.repeats.is_none() {
                self.agenda.put(job.starts, Item::Start(job.id));
            }
        }
        for (at, act) in &self.scene.acts {
            self.agenda.put(*at, Item::Act(act.clone()));
        }
        if let Some(every) = self.scene.ticks {
            self.agenda.put(every, Item::Tick);
        }
        while self.phases.values().any(|phase| *phase != Phase::Over) {
            let Some((at, next)) = self.next() else {
                let text = "nothing will ever happen again, and the work is not done";
                return Err(self.stuck(text));
            };
            self.now = self.now.max(at);
            if self.now > self.lively + SILENCE {
                return Err(self.stuck("nothing has happened for long"));
            }
            if self.now > self.scene.longest {
                return Err(self.stuck("it takes too long"));
            }
            match next {
                Next::Host(host) => self.listen(host),
                Next::Agenda => {
                    if let Some((_, item)) = self.agenda.pop() {
                        self.happen(item);
                    }
                }
                Next::Tick => self.wake(),
            }
            if self.dying {
                self.crash();
            }
            if let Some(failure) = self.failure.take() {
                return Err(failure);
            }
        }
        self.outcome.end = self.now;
        self.outcome.loads = self.hosts.iter().map(|host| host.loads).sum();
        self.outcome.limits = self.engine.load().into_iter().map(|(_, limit)| limit).collect();
        if self.scene.checked {
            self.check_end();
        }
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => Ok(self.outcome),
        }
    }

    /// When what happens next, and whose doing it is. Servers go first, the engine's own clock last.
    fn next(&self) -> Option<(Duration, Next)> {
        let hosts = self.hosts.iter().enumerate().filter_map(|(at, host)| Some((host.next()?, Next::Host(at))));
        let agenda = self.agenda.due().map(|at| (at, Next::Agenda));
        let awake = if self.engine.jobs() > 0 { self.engine.wakes_at() } else { None };
        let tick = awake.map(|at| (self.woken.map_or(at, |woken| at.max(woken + SPIN)), Next::Tick));
        // Of those at the same time the first.
        hosts.chain(agenda).chain(tick).min_by_key(|(at, _)| *at)
    }

    fn wake(&mut self) {
        self.woken = Some(self.now);
        self.spins += 1;
        if self.spins > SPINS {
            self.fail(format!("the engine was woken {SPINS} times in a row and nothing came of it"));
        }
        self.step(Event::Tick);
    }

    /// Brings an event to the engine and does what it says.
    fn step(&mut self, event: Event) {
        // Killed by what came of the event before.
        if self.dying {
            return;
        }
        if let Some(trace) = self.trace {
            trace(self.now, &told::Told(&event));
        }
        self.before(&event);
        let ticks = matches!(event, Event::Tick);
        if !ticks && !matches!(event, Event::Probed { .. }) {
            self.lively = self.now;
        }
        let actions = self.engine.step(event, self.now);
        if !ticks || !actions.is_empty() {
            self.spins = 0;
        }
        for action in actions {
            if let Some(trace) = self.trace {
                trace(self.now, &told::Done(&action));
            }
            self.act(action);
            if self.dying {
                return;
            }
        }
        self.after();
    }

    fn fail(&mut self, text: String) {
        let at = self.now;
        self.failure.get_or_insert(Failure { at, text });
    }

    fn stuck(&self, text: &str) -> Failure {
        let jobs: Vec<String> = self.phases.iter().map(|(job, phase)| self.standing(*job, *phase)).collect();
        Failure { at: self.now, text: format!("{text}: {}", jobs.join("; ")) }
    }

    fn standing(&self, job: JobId, phase: Phase) -> String {
        let view = self.engine.view(job, self.now).map_or_else(String::new, |view| {
            format!(
                ", {} queued, {} in flight, {} of {} chapters done, {} failed",
                view.queued.0, view.in_flight.0, view.chapters_done, view.chapters, view.chapters_failed
            )
        });
        format!("job {job} is {phase:?}{view}, {} calls never sent", self.ledger.unsent(job))
    }

    fn job(&self, id: JobId) -> Option<&'a JobScene> {
        self.scene.jobs.iter().find(|job| job.id == id)
    }

    /// A short time, up to so many milliseconds.
    fn moment(&mut self, most_ms: u64) -> Duration {
        Duration::from_secs_f64(self.pace.unit() * most_ms as f64 / 1e3)
    }

    /// Whether the program is killed here.
    fn killed_at(&mut self, point: Point) -> bool {
        let passed = self.points.entry(point).or_default();
        *passed += 1;
        let here = Crash { point, nth: *passed };
        if self.scene.crashes.contains(&here) {
            self.dying = true;
        }
        self.dying
    }

    fn host_of(&mut self, lane: LaneNo) -> Option<usize> {
        if let Some(host) = self.lanes.get(&lane) {
            return Some(*host);
        }
        let name = self.engine.server_name(self.engine.server_of(lane));
        let host = self.hosts.iter().position(|host| host.name == name)?;
        self.lanes.insert(lane, host);
        Some(host)
    }
}
