//! stub
use std::time::Duration;
#[derive(Debug)]
pub struct Patience {
    a: Duration,
    b: Duration,
}
impl Patience {
    pub fn new(a: Duration, b: Duration) -> Self {
        Self { a, b }
    }
    pub fn set_caps(&mut self, a: Duration, b: Duration) {
        self.a = a;
        self.b = b;
    }
    pub fn heard_first(&mut self, _: Duration, _: Duration, _: u32) {}
    pub fn heard_gap(&mut self, _: Duration) {}
    pub fn timed_out(&mut self) {}
    pub fn restarted(&mut self) {}
    pub fn first_token(&self, _: u32) -> Duration {
        self.a
    }
    pub fn stall(&self) -> Duration {
        self.b
    }
}
#[derive(Debug)]
pub struct Watchdog;
impl Watchdog {
    pub fn new() -> Self {
        Self
    }
    pub fn heard(&mut self, _: Duration) {}
    pub fn in_flight(&mut self, _: Duration, _: u32) {}
    pub fn barks(&mut self, _: Duration) -> bool {
        false
    }
    pub fn wakes_at(&self) -> Option<Duration> {
        None
    }
}
