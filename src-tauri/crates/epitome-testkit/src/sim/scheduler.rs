//! Which models are loaded, who waits for a load, who is turned away (OLLAMA.md 2.3, 2.4; F14-F16, F26).
//!
//! Everything that waits here is a future: when the client leaves, its request is dropped, and with it its place in the
//! line, the load it triggered, or its use of the runner.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

use super::clock::Keep;
use super::engine::Engine;
use super::model::SimModel;
use super::options::RunnerOptions;
use super::{GpuModel, locked};

/// `OLLAMA_KEEP_ALIVE` by default.
const KEEP: Keep = Keep::For(Duration::from_secs(300));

/// A loaded model.
#[derive(Debug)]
pub struct Runner {
    id: u64,
    pub model: SimModel,
    pub options: RunnerOptions,
    pub parallel: usize,
    pub engine: Engine,
    slots: Arc<Semaphore>,
    dead: watch::Sender<bool>,
}

/// The runner died while a request waited for one of its slots.
#[derive(Debug, PartialEq, Eq)]
pub struct RunnerDied;

impl Runner {
    /// Waits for a slot, first come first served, without end and without a limit (F13).
    pub async fn slot(&self) -> Result<OwnedSemaphorePermit, RunnerDied> {
        Arc::clone(&self.slots).acquire_owned().await.map_err(|_| RunnerDied)
    }

    /// Returns when the runner has died.
    pub async fn death(&self) {
        // The sender is this runner's own, so that it cannot be gone.
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }

    fn die(&self) {
        self.dead.send_replace(true);
        self.slots.close();
        self.engine.die();
    }
}

#[derive(Debug)]
struct Loaded {
    runner: Arc<Runner>,
    users: usize,
    keep: Keep,
    idle_since: Instant,
}

impl Loaded {
    /// When it unloads if nobody comes; `None` while in use or kept for ever.
    fn expires(&self) -> Option<Instant> {
        match self.keep {
            Keep::For(time) if self.users == 0 => self.idle_since.checked_add(time),
            _ => None,
        }
    }
}

/// A loaded model as `/api/ps` shows it.
#[derive(Debug)]
pub struct Listed {
    pub runner: Arc<Runner>,
    /// `None`: never.
    pub expires: Option<SystemTime>,
}

/// Why a request gets no runner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoRunner {
    /// More wait for loads than the queue holds.
    Busy,
    LoadFailed(String),
}

/// Use of a runner by one request.
#[derive(Debug)]
pub struct Lease {
    pub runner: Arc<Runner>,
    scheduler: Arc<Scheduler>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.scheduler.give_back(&self.runner);
    }
}

#[derive(Debug, Default)]
struct State {
    /// By digest: two names of the same weights share a runner.
    loaded: HashMap<String, Loaded>,
    /// Requests in the line, the one being worked on included.
    waiting: usize,
    loads: usize,
    unloads: usize,
}

impl State {
    fn drop_expired(&mut self, now: Instant) {
        let before = self.loaded.len();
        self.loaded.retain(|_, loaded| loaded.expires().is_none_or(|at| at > now));
        self.unloads += before - self.loaded.len();
    }
}

/// The scheduler of one server.
#[derive(Debug)]
pub struct Scheduler {
    state: Mutex<State>,
    /// One load or unload at a time, in order of arrival.
    turn: Semaphore,
    changed: Notify,
    gpu: GpuModel,
    scale: f64,
    parallel: usize,
    max_queue: usize,
    max_loaded: usize,
}

/// A place in the line.
struct Place<'a>(&'a Scheduler);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        locked(&self.0.state).waiting -= 1;
    }
}

impl Scheduler {
    pub fn new(config: &super::SimConfig) -> Self {
        Self {
            state: Mutex::default(),
            turn: Semaphore::new(1),
            changed: Notify::new(),
            gpu: config.gpu.clone(),
            scale: config.time_scale,
            parallel: config.parallel,
            max_queue: config.max_queue,
            max_loaded: config.max_loaded.max(1),
        }
    }

    /// A runner for the model with exactly these options, loading or reloading it as needed.
    pub async fn lease(
        self: &Arc<Self>,
        model: &SimModel,
        options: &RunnerOptions,
        keep: Option<Keep>,
    ) -> Result<Lease, NoRunner> {
        if let Some(lease) = self.take(model, options, keep) {
            return Ok(lease);
        }
        let _place = self.enter()?;
        let _turn = self.turn.acquire().await.map_err(|_| NoRunner::Busy)?;
        let mut marked = None;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that no change in between is missed.
            changed.as_mut().enable();
            if let Some(lease) = self.take(model, options, keep) {
                return Ok(lease);
            }
            match self.make_room(&model.digest, &mut marked) {
                Room::Free => break,
                Room::At(Some(at)) => {
                    tokio::select! {
                        () = changed => {}
                        () = sleep_until(at) => {}
                    }
                }
                Room::At(None) => changed.await,
            }
        }
        sleep(Duration::from_secs_f64(self.gpu.load_ms / 1_000.0 * self.scale)).await;
        if let Some(error) = &model.load_fails {
            return Err(NoRunner::LoadFailed(error.clone()));
        }
        Ok(self.loaded(model, options, keep))
    }

    fn enter(&self) -> Result<Place<'_>, NoRunner> {
        let mut state = locked(&self.state);
        // One is in work, `max_queue` wait.
        if state.waiting > self.max_queue {
            return Err(NoRunner::Busy);
        }
        state.waiting += 1;
        Ok(Place(self))
    }

    fn take(self: &Arc<Self>, model: &SimModel, options: &RunnerOptions, keep: Option<Keep>) -> Option<Lease> {
        let mut state = locked(&self.state);
        state.drop_expired(Instant::now());
        let loaded = state.loaded.get_mut(&model.digest).filter(|loaded| loaded.runner.options == *options)?;
        loaded.users += 1;
        if let Some(keep) = keep {
            loaded.keep = keep;
        }
        Some(Lease { runner: Arc::clone(&loaded.runner), scheduler: Arc::clone(self) })
    }

    /// Marks what stands in the way for unloading, as soon as nobody uses it.
    fn make_room(&self, digest: &str, marked: &mut Option<u64>) -> Room {
        let mut state = locked(&self.state);
        let now = Instant::now();
        state.drop_expired(now);
        let full = state.loaded.len() >= self.max_loaded;
        let in_the_way = if state.loaded.contains_key(digest) {
            Some(digest.to_owned())
        } else if full {
            let least = state.loaded.iter().min_by_key(|(_, loaded)| (loaded.users, loaded.idle_since));
            least.map(|(digest, _)| digest.clone())
        } else {
            None
        };
        let Some(loaded) = in_the_way.and_then(|digest| state.loaded.get_mut(&digest)) else { return Room::Free };
        // Once only, as the real server does: a request with the old options that comes with a `keep_alive` undoes it,
        // and the unloading waits for that time.
        if *marked != Some(loaded.runner.id) {
            *marked = Some(loaded.runner.id);
            loaded.keep = Keep::UNLOAD;
        }
        Room::At(loaded.expires())
    }

    fn loaded(self: &Arc<Self>, model: &SimModel, options: &RunnerOptions, keep: Option<Keep>) -> Lease {
        let parallel = model.slots(self.parallel);
        let mut state = locked(&self.state);
        state.loads += 1;
        let runner = Arc::new(Runner {
            id: state.loads as u64,
            model: model.clone(),
            options: options.clone(),
            parallel,
            engine: Engine::start(self.gpu.clone(), parallel, self.scale),
            slots: Arc::new(Semaphore::new(parallel)),
            dead: watch::Sender::new(false),
        });
        let entry =
            Loaded { runner: Arc::clone(&runner), users: 1, keep: keep.unwrap_or(KEEP), idle_since: Instant::now() };
        state.loaded.insert(model.digest.clone(), entry);
        Lease { runner, scheduler: Arc::clone(self) }
    }

    fn give_back(&self, runner: &Runner) {
        let mut state = locked(&self.state);
        let now = Instant::now();
        // A runner that died or was replaced is no longer the one listed.
        if let Some(loaded) = state.loaded.get_mut(&runner.model.digest).filter(|loaded| loaded.runner.id == runner.id)
        {
            loaded.users -= 1;
            loaded.idle_since = now;
        }
        state.drop_expired(now);
        drop(state);
        self.changed.notify_waiters();
    }

    /// Unloads a model as soon as it is idle (F8).
    pub fn unload(&self, digest: &str) {
        let mut state = locked(&self.state);
        if let Some(loaded) = state.loaded.get_mut(digest) {
            loaded.keep = Keep::UNLOAD;
        }
        state.drop_expired(Instant::now());
        drop(state);
        self.changed.notify_waiters();
    }

    /// The process of a runner dies (F21).
    pub fn kill(&self, runner: &Runner) {
        runner.die();
        let mut state = locked(&self.state);
        state.loaded.retain(|_, loaded| loaded.runner.id != runner.id);
        drop(state);
        self.changed.notify_waiters();
    }

    pub fn kill_all(&self) {
        for listed in self.list() {
            self.kill(&listed.runner);
        }
    }

    pub fn list(&self) -> Vec<Listed> {
        let mut state = locked(&self.state);
        let now = Instant::now();
        state.drop_expired(now);
        let listed = state.loaded.values().map(|loaded| Listed {
            runner: Arc::clone(&loaded.runner),
            expires: match loaded.keep {
                Keep::Forever => None,
                // While in use the time would start anew at every moment.
                Keep::For(time) => {
                    let from = if loaded.users > 0 { now } else { loaded.idle_since };
                    (SystemTime::now() + time).checked_sub(now.saturating_duration_since(from))
                }
            },
        });
        listed.collect()
    }

    /// Loads and unloads so far.
    pub fn counts(&self) -> (usize, usize) {
        let mut state = locked(&self.state);
        state.drop_expired(Instant::now());
        (state.loads, state.unloads)
    }
}

enum Room {
    Free,
    /// At the earliest then; `None`: when somebody is done.
    At(Option<Instant>),
}
