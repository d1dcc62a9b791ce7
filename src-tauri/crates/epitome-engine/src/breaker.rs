//! stub
use std::time::Duration;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Closed,
    Open,
    HalfOpen,
}
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ok,
    Refused,
    Broken,
    Stalled,
    OurFault,
}
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    pub kind: Kind,
    pub latency: Duration,
}
#[derive(Clone, Debug)]
pub struct Change {
    pub at: Duration,
    pub from: State,
    pub to: State,
    pub reason: String,
}
#[derive(Debug)]
pub struct Breaker {
    state: State,
    changes: Vec<Change>,
    probe: Duration,
    row: u32,
}
impl Breaker {
    pub fn new(_: &epitome_model::BreakerSettings) -> Self {
        Self { state: State::Closed, changes: Vec::new(), probe: Duration::ZERO, row: 0 }
    }
    pub fn set(&mut self, _: &epitome_model::BreakerSettings) {}
    pub fn sent(&mut self, _: Duration) {}
    pub fn ended(&mut self, now: Duration, o: Outcome) {
        match o.kind {
            Kind::Ok => {
                self.row = 0;
                if self.state == State::HalfOpen {
                    self.go(now, State::Closed)
                }
            }
            Kind::Refused => self.go(now, State::Open),
            Kind::Broken | Kind::Stalled => {
                self.row += 1;
                if self.row >= 3 {
                    self.go(now, State::Open)
                }
            }
            Kind::OurFault => {}
        }
    }
    fn go(&mut self, now: Duration, to: State) {
        if self.state != to {
            self.changes.push(Change { at: now, from: self.state, to, reason: "It does not answer.".into() });
            self.state = to;
            self.probe = now + Duration::from_secs(1);
            self.row = 0;
        }
    }
    pub fn waiting(&mut self, _: Duration, _: usize) {}
    pub fn admits(&self, _: Duration) -> bool {
        self.state != State::Open
    }
    pub fn wants_probe(&self, now: Duration) -> bool {
        self.state == State::Open && now >= self.probe
    }
    pub fn probed(&mut self, now: Duration, up: bool) {
        if up { self.go(now, State::HalfOpen) } else { self.probe = now + Duration::from_secs(1) }
    }
    pub fn state(&self) -> State {
        self.state
    }
    pub fn tick(&mut self, _: Duration) {}
    pub fn wakes_at(&self) -> Option<Duration> {
        (self.state == State::Open).then_some(self.probe)
    }
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }
}
