//! What happens to the program from outside: jobs come and go, a person changes their mind, the program is killed.

use std::time::Duration;

use epitome_engine::sched::{Config, Engine, Event, NewJob, View};
use epitome_model::{CellState, JobId, JobState, Wanted};

use super::disk::Unit;
use super::scene::Act;
use super::{Item, Joining, Phase, Reply, World};

/// Most milliseconds that connecting to servers takes.
const CONNECTS_MS: u64 = 300;
const CONNECTS_LEAST: Duration = Duration::from_millis(20);

/// How long a job waits that found no server, or no room on the disk, at its start.
const AGAIN: Duration = Duration::from_secs(1);

/// When a person looks after a job that gave up.
const LOOKS_AFTER: Duration = Duration::from_secs(60);

/// Starts of jobs, after which one is said never to end.
const MOST_STARTS: u32 = 500;

impl World<'_> {
    pub(super) fn happen(&mut self, item: Item) {
        match item {
            Item::Act(act) => self.does(act),
            Item::Start(job) => self.start(job),
            Item::Join(joining) => self.join(*joining),
            Item::Open(job, chapter) => self.open(job, *chapter),
            Item::LookUp(job, calls) => self.look_up(job, calls),
            Item::Summaries(job, from) => self.summaries(job, from),
            Item::Probe(server) => {
                let name = self.engine.server_name(server);
                let up = self.hosts.iter().any(|host| host.name == name && !host.away);
                self.step(Event::Probed { server, up });
            }
            Item::Commit(job, unit, reply) => self.committed(job, *unit, reply),
            Item::Tell(event) => {
                self.ledger.writes -= 1;
                self.step(*event);
            }
            Item::Tick => {
                if let Some(every) = self.scene.ticks {
                    self.agenda.put(self.now + every, Item::Tick);
                    self.step(Event::Tick);
                }
            }
        }
    }

    fn does(&mut self, act: Act) {
        if let Some(trace) = self.trace {
            trace(self.now, &format_args!("     ! {act:?}"));
        }
        match act {
            Act::Pause(job) => self.wants(job, Wanted::Pause),
            Act::Stop(job) => self.wants(job, Wanted::Stop),
            Act::Finish(job) => self.wants(job, Wanted::Finish),
            Act::Resume(job) => {
                self.wants(job, Wanted::Run);
                self.start(job);
            }
            Act::Front(job, place) => self.fronts(job, place),
            Act::Settings(job, settings) => {
                if self.phases.get(&job) == Some(&Phase::In) {
                    self.watch.set(job, &settings);
                    self.step(Event::Settings { job, settings });
                }
            }
            Act::Away(host) => {
                let broken = self.hosts[host].go(self.now);
                for (call, error) in broken {
                    if !self.dying && self.ledger.in_flight.contains_key(&call) {
                        self.failed(call, error);
                    }
                }
            }
            Act::Back(host, setup) => self.hosts[host].come_back(self.now, setup),
            Act::Forget(host) => self.hosts[host].forget(),
            Act::Crowd(host, crowded) => self.hosts[host].crowded = crowded,
            Act::DiskFull(full) => self.disk.full = full,
            Act::DiskTakes(takes) => self.disk.takes = takes,
            Act::Crash => self.dying = true,
        }
    }

    fn wants(&mut self, job: JobId, wanted: Wanted) {
        self.disk.wanted.insert(job, wanted);
        if self.phases.get(&job) == Some(&Phase::In) {
            self.step(Event::Want { job, wanted });
        }
    }

    fn is_wanted(&self, job: JobId) -> bool {
        self.disk.wanted.get(&job).is_none_or(|wanted| *wanted == Wanted::Run)
    }

    /// A process takes a job up: it is read as it stands, and written down as running.
    fn start(&mut self, id: JobId) {
        if self.phases.get(&id) != Some(&Phase::Out) || !self.is_wanted(id) {
            return;
        }
        let Some(job) = self.job(id) else { return };
        // Two jobs over one book at once would ask the same twice, as nobody expects otherwise.
        if job.repeats.is_some_and(|first| self.phases.get(&first) != Some(&Phase::Over)) {
            return;
        }
        self.starts = if self.outcome.accepted.len() > self.accepted { 0 } else { self.starts + 1 };
        self.accepted = self.outcome.accepted.len();
        if self.starts > MOST_STARTS {
            return self.fail(format!("job {id} is started again and again"));
        }
        self.phases.insert(id, Phase::Joining);
        self.outcome.starts += 1;
        let chapters = (0..job.texts.len()).zip(0..).map(|(place, number)| {
            let before = self.disk.chapters.get(&(id, number));
            let mut chapter = job.chapter(place, before.and_then(|before| before.piece_chars));
            if let Some(before) = before.filter(|before| before.is_over()) {
                let CellState { state, done, planned } = before.cell;
                chapter.close(CellState { state, done, planned }, before.pieces);
            }
            chapter
        });
        let joining = Joining { job: id, chapters: chapters.collect() };
        self.commit(id, Unit::State, Reply::Loaded(Box::new(joining)));
    }

    /// A job's start is written down, or could not be.
    pub(super) fn loaded(&mut self, joining: Box<Joining>, full: bool) {
        if full {
            self.phases.insert(joining.job, Phase::Out);
            self.agenda.put(self.now + AGAIN, Item::Start(joining.job));
            return;
        }
        let takes = CONNECTS_LEAST + self.moment(CONNECTS_MS);
        self.agenda.put(self.now + takes, Item::Join(joining));
    }

    fn join(&mut self, joining: Joining) {
        let id = joining.job;
        let Some(job) = self.job(id) else { return };
        if !self.is_wanted(id) {
            self.phases.insert(id, Phase::Out);
            return;
        }
        let names = || job.tiers.iter().flatten().map(|lane| lane.server.clone());
        let away = |name: &String| self.hosts.iter().any(|host| host.name == *name && host.away);
        if names().all(|name| away(&name)) {
            self.agenda.put(self.now + AGAIN, Item::Join(Box::new(joining)));
            return;
        }
        let mut down: Vec<String> = names().filter(away).collect();
        down.dedup();
        self.watch.joins(job, &joining.chapters);
        let new = NewJob {
            id,
            frame: job.frame.clone(),
            chapters: joining.chapters,
            tiers: job.tiers.clone(),
            urgent: job.urgent,
        };
        self.phases.insert(id, Phase::In);
        self.step(Event::Add(Box::new(new)));
        for server in down {
            self.step(Event::Down { server });
        }
        self.step(Event::Tick);
    }

    /// A job left the engine.
    pub(super) fn leave(&mut self, id: JobId, state: JobState, view: &View) {
        if state == JobState::Paused {
            self.check_pause(id);
        }
        self.ledger.leave(id);
        self.watch.leaves(id, matches!(state, JobState::Done | JobState::Incomplete));
        let entry = self.outcome.jobs.entry(id).or_default();
        (entry.state, entry.over) = (Some(state), self.now);
        entry.failed = view.chapters_failed;
        if matches!(state, JobState::Done | JobState::Incomplete) {
            self.phases.insert(id, Phase::Over);
            self.check_figures(id, view);
            let repeat = self.scene.jobs.iter().filter(|job| job.repeats == Some(id));
            repeat.for_each(|job| self.agenda.put(self.now + job.starts, Item::Start(job.id)));
            return;
        }
        self.phases.insert(id, Phase::Out);
        if self.is_wanted(id) {
            self.agenda.put(self.now + LOOKS_AFTER, Item::Start(id));
        }
    }

    /// The program is killed, and started again after a while.
    pub(super) fn crash(&mut self) {
        if let Some(trace) = self.trace {
            trace(self.now, &"     ! the program is killed");
        }
        self.dying = false;
        self.outcome.crashes += 1;
        self.engine = Engine::new(Config { cores: self.scene.cores });
        self.lanes.clear();
        self.agenda.retain(Item::is_of_the_world);
        for host in &mut self.hosts {
            host.drop_all(self.now);
        }
        self.disk.crash(self.now);
        self.ledger.crash();
        self.watch.crash();
        let back = self.now + Duration::from_secs_f64(1.0 + self.pace.unit() * 20.0);
        for (job, phase) in &mut self.phases {
            if matches!(phase, Phase::In | Phase::Joining) {
                *phase = Phase::Out;
                self.agenda.put(back, Item::Start(*job));
            }
        }
    }
}
