//! The schedule: which chapter is cut next, which call is sent next, where to, and what is done when something goes
//! wrong. A state machine: [`Engine::step`] takes what happened and the time, and gives what is to be done. It has no
//! clock, does no I/O and throws no dice, so the real driver and the simulated one run the same history.
//!
//! **Invariant:** one permit is one call (but in the first design's profile); never more calls are in flight at a lane
//! than its limit.
//! **Invariant:** an answer is made use of only after it is stored.
//! **Invariant:** every queue has a bound; what does not fit is planned later.

mod answers;
mod crew;
mod job;
mod pick;
mod produce;
mod server;
mod state;
mod trouble;
mod turns;
mod types;
mod view;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use epitome_llm::Answer;
use epitome_model::{Concurrency, JobId, JobSettings, JobState, Wanted};

use crate::ladder::{Limit, Ticket};
use crate::plan::{PlannedCall, Progress};

use crew::Crew;
use job::Job;
use server::{Lane, Server};
use turns::Turns;

pub use view::Learned;

pub use state::DISK_FULL;
pub use types::{
    Action, Author, CallNo, Event, Found, Kept, LaneNo, LaneSpec, NewJob, Opened, QueuedCall, Ready, ServerNo, Trouble,
    View, Write, open,
};

/// What the machine is like.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Chapters read and cut at the same time: processor cores.
    pub cores: u32,
}

/// A call of a job: all its tries.
#[derive(Debug)]
struct Call {
    job: JobId,
    queued: Arc<QueuedCall>,
    /// Stored answers of tiers after the first, each in its key's place; mostly there is none.
    kept: Vec<Option<Kept>>,
    tries: u32,
    /// Where its last try failed.
    failed_at: Option<LaneNo>,
    /// What it costs a server, in output tokens.
    cost: f64,
    state: CallState,
}

#[derive(Debug)]
enum CallState {
    HeldBack,
    Ready,
    /// Waits before another try.
    Resting(Duration),
    InFlight(Flight),
    Storing(Box<Storing>),
}

/// A call while a server has it.
#[derive(Clone, Copy, Debug)]
struct Flight {
    lane: LaneNo,
    tier: usize,
    ticket: Ticket,
    sent: Duration,
    /// When its first token came.
    first: Option<Duration>,
    /// When it was last heard of.
    heard: Duration,
}

/// An answer on its way to the disk.
#[derive(Debug)]
struct Storing {
    lane: LaneNo,
    tier: usize,
    answer: Arc<Answer>,
    /// What it leads to, once it is stored. What one of a synopsis leads to is worked out only then.
    next: Progress,
}

/// The scheduler of one process: all jobs, all servers.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    servers: Vec<Server>,
    lanes: Vec<Lane>,
    jobs: BTreeMap<JobId, Job>,
    calls: BTreeMap<CallNo, Call>,
    next_call: u64,
    arrivals: u64,
    resting: BTreeSet<(Duration, CallNo)>,
    flying: BTreeSet<CallNo>,
    crew: Crew,
    /// Writes asked for and not answered.
    writes: usize,
    /// Answers that did not fit on the disk, and when that is tried again.
    disk_full: BTreeMap<CallNo, Duration>,
    /// The same for other writes.
    writes_again: Vec<(Duration, JobId, Write)>,
    /// When all that was due was last done.
    driven: Duration,
    out: Vec<Action>,
}

impl Engine {
    pub fn new(config: Config) -> Self {
        Self {
            config,
            servers: Vec::new(),
            lanes: Vec::new(),
            jobs: BTreeMap::new(),
            calls: BTreeMap::new(),
            next_call: 0,
            arrivals: 0,
            resting: BTreeSet::new(),
            flying: BTreeSet::new(),
            crew: Crew::new(),
            writes: 0,
            disk_full: BTreeMap::new(),
            writes_again: Vec::new(),
            driven: Duration::ZERO,
            out: Vec::new(),
        }
    }

    /// Takes what happened at `now` (since an arbitrary start, never going back) and gives what is to be done.
    pub fn step(&mut self, event: Event, now: Duration) -> Vec<Action> {
        let mut drive = true;
        match event {
            Event::Add(job) => self.add(*job, now),
            Event::Want { job, wanted } => self.want(job, wanted, now),
            Event::Front { job, place } => self.front(job, place),
            Event::Settings { job, settings } => self.set(job, *settings),
            Event::Opened { job, place, opened } => self.opened(job, place, opened, now),
            Event::Found { job, calls } => self.found(job, calls, now),
            Event::FirstToken { call } => self.first_token(call, now),
            Event::Wrote { call, tokens } => {
                self.wrote(call, tokens, now);
                // Nothing can be decided by it before the next tick.
                drive = false;
            }
            Event::Answered { call, answer } => self.answered(call, answer, now),
            Event::Failed { call, error } => self.failed(call, error, now),
            Event::Stored { call, outcome } => self.stored(call, outcome, now),
            Event::Wrought { job, write, outcome } => self.wrought(job, write, outcome, now),
            Event::Summaries { job, read } => self.summaries(job, read, now),
            Event::Probed { server, up } => self.probed(server, up, now),
            Event::Down { server } => self.down(&server, now),
            Event::Tick => {}
        }
        if drive {
            self.drive(now);
        }
        std::mem::take(&mut self.out)
    }

    /// Does all that can be done now.
    fn drive(&mut self, now: Duration) {
        self.driven = now;
        self.timers(now);
        let jobs: Vec<JobId> = self.jobs.keys().copied().collect();
        for job in &jobs {
            self.advance(*job, now);
        }
        self.dispatch(now);
        for job in &jobs {
            self.settle(*job, now);
        }
    }

    fn add(&mut self, new: NewJob, now: Duration) {
        let settings = &new.frame.settings;
        let mut tiers = Vec::new();
        for tier in &new.tiers {
            tiers.push(tier.iter().map(|spec| self.lane(spec, settings)).collect());
        }
        let mut job = Job::new(new.id, new.frame, new.chapters, tiers, new.urgent);
        // A newcomer starts level with who has had least, so that it neither waits for what was before nor takes over.
        job.served = self.jobs.values().map(|other| other.served).fold(f64::INFINITY, f64::min);
        if !job.served.is_finite() {
            job.served = 0.0;
        }
        self.jobs.insert(job.id, job);
        self.set_crew();
        self.tell_demand(now);
    }

    /// Brings the crew in line with the jobs there are.
    fn set_crew(&mut self) {
        self.crew.set(self.jobs.values().map(|job| &job.frame.settings));
    }

    /// The lane of a specification, made where there is none yet.
    fn lane(&mut self, spec: &LaneSpec, settings: &JobSettings) -> LaneNo {
        let known = self.servers.iter().position(|server| server.name == spec.server);
        let server = ServerNo(known.unwrap_or(self.servers.len()));
        if known.is_none() {
            self.servers.push(Server::new(spec, settings));
        } else {
            self.servers[server.0].set(&settings.breaker, settings.first_token_s, settings.stall_s);
        }
        let known = self.lanes.iter().position(|lane| lane.is(server, spec));
        let lane = LaneNo(known.unwrap_or(self.lanes.len()));
        match known {
            None => self.lanes.push(Lane::new(server, spec)),
            // A fixed number is obeyed by whoever comes with it; a search that is under way goes on.
            Some(_) if matches!(spec.limit, Limit::Fixed(_)) => self.lanes[lane.0].ladder.set(spec.limit),
            Some(_) => {}
        }
        lane
    }

    fn want(&mut self, id: JobId, wanted: Wanted, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if job.wanted == wanted {
            return;
        }
        job.wanted = wanted;
        match wanted {
            Wanted::Run => self.say(id, JobState::Running, None),
            Wanted::Pause => self.say(id, JobState::Paused, None),
            // What was begun goes on; `settle` says so, and lets the job go when it is done.
            Wanted::Finish => {}
            Wanted::Stop => job.ending = Some(JobState::Stopped),
        }
        self.tell_demand(now);
    }

    fn front(&mut self, id: JobId, place: Option<u32>) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        match place {
            None => job.urgent = true,
            Some(place) => {
                job.front.retain(|front| *front != place);
                if job.chapters.get(place as usize).is_some_and(|chapter| !chapter.is_over()) {
                    job.front.insert(0, place);
                }
            }
        }
    }

    fn set(&mut self, id: JobId, settings: JobSettings) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        for lane in job.tiers.iter().flatten() {
            let lane = &mut self.lanes[lane.0];
            lane.ladder.set(match settings.concurrency {
                Concurrency::Fixed(limit) => Limit::Fixed(limit),
                Concurrency::Auto => Limit::Auto { remembered: Some(lane.ladder.limit()) },
            });
            self.servers[lane.server.0].set(&settings.breaker, settings.first_token_s, settings.stall_s);
        }
        if settings.order != job.frame.settings.order {
            job.turns = Turns::new(settings.order, &job.chapters);
            job.next_turn = 0;
            let waiting = std::mem::take(&mut job.held_back).into_iter().filter_map(|((.., arrival), no)| {
                let rank = rank_of(&self.calls.get(&no)?.queued.call, &job.turns);
                Some(((rank.0, rank.1, rank.2, arrival), no))
            });
            job.held_back = waiting.collect();
        }
        job.frame.settings = settings;
        self.set_crew();
    }

    fn say(&mut self, id: JobId, state: JobState, reason: Option<String>) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if job.state != state || job.reason != reason {
            (job.state, job.reason) = (state, reason.clone());
            self.out.push(Action::State { job: id, state, reason });
        }
    }

    fn new_call(&mut self, id: JobId, queued: QueuedCall, kept: Vec<Option<Kept>>) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let no = CallNo(self.next_call);
        self.next_call += 1;
        self.arrivals += 1;
        let task = &queued.call.task;
        let chars = task.text.chars().count() + task.carried.as_ref().map_or(0, |carried| carried.chars().count());
        let prompt_tokens = job.frame.measure.prompt_tokens(chars);
        let rank = rank_of(&queued.call, &job.turns);
        job.held_back.insert((rank.0, rank.1, rank.2, self.arrivals), no);
        let cost = cost(prompt_tokens, task.target_words);
        let state = CallState::HeldBack;
        self.calls.insert(no, Call { job: id, queued: Arc::new(queued), kept, tries: 0, failed_at: None, cost, state });
    }
}

/// The chapter's turn, then step; the synopsis comes after every chapter.
fn rank_of(call: &PlannedCall, turns: &Turns) -> (u32, u32, u32) {
    (call.chapter.map_or(u32::MAX, |place| turns.turn(place)), call.step.level, call.step.index)
}

/// Tokens of an asked-for word, at the usual rate for English; only for comparing calls.
const TOKENS_A_WORD: f64 = 1.4;

/// Prompt tokens that cost a server as much as one output token: reading runs in batches. PERFORMANCE.md 1.2 has 800
/// tokens/s read against 16 a stream written.
pub(crate) const PROMPT_TOKENS_A_TOKEN: f64 = 8.0;

/// What a call costs a server, in output tokens; for sharing and for comparing calls, not for telling time.
fn cost(prompt_tokens: u32, target_words: u32) -> f64 {
    f64::from(prompt_tokens) / PROMPT_TOKENS_A_TOKEN + f64::from(target_words) * TOKENS_A_WORD
}
