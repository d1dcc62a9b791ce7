//! What is counted while calls run. Shared by workers and run; each change is a few additions under a lock that is
//! never held across a wait.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use epitome_model::{Usage, Vitals};

use crate::meter::Rate;

/// Counters of one run.
#[derive(Debug)]
pub struct Gauges {
    busy: AtomicU32,
    in_flight: AtomicU32,
    calls: AtomicU32,
    errors: AtomicU32,
    retries: AtomicU32,
    started: Instant,
    rates: Mutex<Rates>,
}

#[derive(Debug, Default)]
struct Rates {
    tokens_out: Rate,
    tokens_in: Rate,
    total_in: u64,
    total_out: u64,
}

/// Counts one down when it goes.
#[derive(Debug)]
pub struct Counted<'a>(&'a AtomicU32);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn count(counter: &AtomicU32) -> Counted<'_> {
    counter.fetch_add(1, Ordering::Relaxed);
    Counted(counter)
}

impl Gauges {
    pub fn new(started: Instant) -> Self {
        Self {
            busy: AtomicU32::new(0),
            in_flight: AtomicU32::new(0),
            calls: AtomicU32::new(0),
            errors: AtomicU32::new(0),
            retries: AtomicU32::new(0),
            started,
            rates: Mutex::default(),
        }
    }

    /// A worker has a call, until the returned value goes.
    pub fn busy(&self) -> Counted<'_> {
        count(&self.busy)
    }

    /// A call is with the server, until the returned value goes.
    pub fn in_flight(&self) -> Counted<'_> {
        count(&self.in_flight)
    }

    pub fn tokens_out(&self, now: Instant, tokens: u32) {
        self.rates().tokens_out.add(now, tokens);
    }

    pub fn answered(&self, now: Instant, usage: Usage) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        let mut rates = self.rates();
        rates.tokens_in.add(now, usage.prompt_tokens);
        rates.total_in += u64::from(usage.prompt_tokens);
        rates.total_out += u64::from(usage.output_tokens);
    }

    pub fn failed(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.errors.fetch_add(1, Ordering::Relaxed);
    }

    pub fn retried(&self) {
        self.retries.fetch_add(1, Ordering::Relaxed);
    }

    /// Prompt and output tokens of all answered calls.
    pub fn tokens(&self) -> (u64, u64) {
        let rates = self.rates();
        (rates.total_in, rates.total_out)
    }

    /// Puts what is counted here into the vital signs.
    pub fn fill(&self, vitals: &mut Vitals, now: Instant) {
        vitals.workers.value = self.busy.load(Ordering::Relaxed);
        vitals.in_flight.value = self.in_flight.load(Ordering::Relaxed);
        vitals.calls = self.calls.load(Ordering::Relaxed);
        vitals.errors = self.errors.load(Ordering::Relaxed);
        vitals.retries = self.retries.load(Ordering::Relaxed);
        let mut rates = self.rates();
        vitals.tokens_out_per_s = rates.tokens_out.per_second(now, self.started).round();
        vitals.tokens_in_per_s = rates.tokens_in.per_second(now, self.started).round();
        vitals.elapsed_ms = u64::try_from(now.saturating_duration_since(self.started).as_millis()).unwrap_or(u64::MAX);
    }

    fn rates(&self) -> std::sync::MutexGuard<'_, Rates> {
        self.rates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
