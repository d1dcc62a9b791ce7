//! stub
use std::time::Duration;
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    Fixed(u32),
    Auto { remembered: Option<u32> },
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ended {
    Answered(epitome_model::Usage),
    TimedOut,
    Broken,
    Cancelled,
}
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Finding {
    pub limit: u32,
    pub tokens_per_s: f64,
    pub one_call_tokens_per_s: f64,
}
#[derive(Debug)]
pub struct Ladder {
    limit: u32,
}
impl Ladder {
    pub fn new(limit: Limit) -> Self {
        Self {
            limit: match limit {
                Limit::Fixed(n) => n,
                Limit::Auto { remembered } => remembered.unwrap_or(4),
            },
        }
    }
    pub fn set(&mut self, limit: Limit) {
        *self = Self::new(limit);
    }
    pub fn limit(&self) -> u32 {
        self.limit
    }
    pub fn sent(&mut self, _: Duration) {}
    pub fn first_token(&mut self, _: Duration, _: u32) {}
    pub fn wrote(&mut self, _: Duration, _: u32) {}
    pub fn ended(&mut self, _: Duration, _: Ended) {}
    pub fn demand(&mut self, _: Duration, _: usize) {}
    pub fn restarted(&mut self, _: Duration) {}
    pub fn tick(&mut self, _: Duration) {}
    pub fn wakes_at(&self) -> Option<Duration> {
        None
    }
    pub fn is_seeking(&self) -> bool {
        false
    }
    pub fn slots(&self) -> Option<u32> {
        None
    }
    pub fn finding(&self) -> Option<Finding> {
        None
    }
}
