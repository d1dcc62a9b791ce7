//! Servers and their lanes as the engine sees them.

use std::time::Duration;

use epitome_model::{BreakerSettings, Gauge, HostState, HostVitals, JobSettings, ProviderKind};

use crate::breaker::{Breaker, State};
use crate::ladder::Ladder;
use crate::patience::{Patience, Watchdog};
use crate::retry::Budget;

use super::types::{Author, LaneNo, LaneSpec, ServerNo};

/// How fast a remembered call counts out when a newer one comes; a lane's pace follows the last twenty or so calls.
const PACE_WEIGHT: f64 = 0.1;

/// What calls go to.
#[derive(Debug)]
pub(crate) struct Server {
    pub name: String,
    /// Works with one lane at a time: another would make it load a model anew.
    pub exclusive: bool,
    pub breaker: Breaker,
    pub patience: Patience,
    pub watchdog: Watchdog,
    /// The lane whose model is loaded.
    pub resident: Option<LaneNo>,
    pub in_flight: u32,
    /// A probe is under way.
    pub probing: bool,
    /// Why the breaker is not closed, and since when.
    pub trouble: Option<(Duration, String)>,
}

impl Server {
    pub fn new(spec: &LaneSpec, settings: &JobSettings) -> Self {
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        Self {
            name: spec.server.clone(),
            exclusive: spec.kind == ProviderKind::Ollama,
            breaker: Breaker::new(&settings.breaker),
            patience: Patience::new(seconds(settings.first_token_s), seconds(settings.stall_s)),
            watchdog: Watchdog::new(),
            resident: None,
            in_flight: 0,
            probing: false,
            trouble: None,
        }
    }

    /// Takes other rules without forgetting what was seen.
    pub fn set(&mut self, breaker: &BreakerSettings, first_token_s: u32, stall_s: u32) {
        self.breaker.set(breaker);
        let seconds = |seconds: u32| Duration::from_secs(u64::from(seconds));
        self.patience.set_caps(seconds(first_token_s), seconds(stall_s));
    }

    /// Whether its breaker is open: it takes no calls, not even on trial.
    pub fn is_open(&self) -> bool {
        self.breaker.state() == State::Open
    }
}

/// A model on a server with one window.
#[derive(Debug)]
pub(crate) struct Lane {
    pub server: ServerNo,
    pub model: String,
    pub author: Author,
    pub window: u32,
    pub ladder: Ladder,
    pub budget: Budget,
    pub in_flight: u32,
    /// Since when its model, which fitted before, does not fit into memory.
    pub no_memory_since: Option<Duration>,
    /// Seconds for each unit of a call's cost.
    pace: Option<f64>,
    /// Tokens of the last seconds, for show.
    tokens: Tokens,
}

impl Lane {
    pub fn new(server: ServerNo, spec: &LaneSpec) -> Self {
        Self {
            server,
            model: spec.model.clone(),
            author: spec.author(),
            window: spec.window,
            ladder: Ladder::new(spec.limit),
            budget: Budget::new(),
            in_flight: 0,
            no_memory_since: None,
            pace: None,
            tokens: Tokens::default(),
        }
    }

    pub fn is(&self, server: ServerNo, spec: &LaneSpec) -> bool {
        self.server == server && self.author == spec.author() && self.window == spec.window
    }

    pub fn wrote(&mut self, now: Duration, tokens: u32) {
        self.ladder.wrote(now, tokens);
        self.tokens.add(now, tokens);
    }

    /// A call of this cost took so long.
    pub fn took(&mut self, cost: f64, time: Duration) {
        self.no_memory_since = None;
        let pace = time.as_secs_f64() / cost.max(1.0);
        self.pace = Some(self.pace.map_or(pace, |before| before + PACE_WEIGHT * (pace - before)));
    }

    /// Whether a call of it was ever answered.
    pub fn has_answered(&self) -> bool {
        self.pace.is_some()
    }

    /// How long a call of this cost will take, in seconds; a lane of which nothing is known is tried.
    pub fn expects(&self, cost: f64) -> f64 {
        self.pace.unwrap_or_default() * cost
    }

    pub fn vitals(&self, server: &Server, now: Duration) -> HostVitals {
        let state = match server.breaker.state() {
            State::Closed => HostState::Ready,
            State::HalfOpen => HostState::Trial,
            State::Open => HostState::Open,
        };
        HostVitals {
            name: server.name.clone(),
            state,
            reason: server.trouble.as_ref().filter(|_| state != HostState::Ready).map(|(_, reason)| reason.clone()),
            in_flight: Gauge { value: self.in_flight, bound: self.ladder.limit() },
            seeking: self.ladder.is_seeking(),
            slots: self.ladder.slots(),
            tokens_out_per_s: self.tokens.per_second(now),
        }
    }
}

/// Tokens of the last seconds, in two alternating buckets.
#[derive(Debug, Default)]
struct Tokens {
    since: Duration,
    now: u64,
    before: Option<(Duration, u64)>,
}

/// Length of a bucket.
const BUCKET: Duration = Duration::from_secs(5);

impl Tokens {
    fn add(&mut self, now: Duration, tokens: u32) {
        if now.saturating_sub(self.since) > BUCKET {
            let length = now.saturating_sub(self.since);
            self.before = (length < BUCKET * 2).then_some((length, self.now));
            (self.since, self.now) = (now, 0);
        }
        self.now += u64::from(tokens);
    }

    fn per_second(&self, now: Duration) -> f32 {
        let length = now.saturating_sub(self.since);
        if length > BUCKET * 3 {
            return 0.0;
        }
        let (before, tokens) = self.before.unwrap_or_default();
        let span = (length + before).as_secs_f32();
        if span < 0.5 { 0.0 } else { ((self.now + tokens) as f32 / span).round() }
    }
}
