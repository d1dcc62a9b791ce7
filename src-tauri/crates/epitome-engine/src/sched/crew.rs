//! How many workers there are. A worker is what takes a call from being sent to being stored, or reads and cuts a
//! chapter; there are as many as have something to do, between the bounds of the settings.

use std::time::Duration;

use epitome_model::{Concurrency, JobSettings};

/// A worker that had nothing to do for so long goes.
const IDLE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(crate) struct Crew {
    least: u32,
    most: u32,
    now: u32,
    /// Since when fewer have something to do.
    idle_since: Option<Duration>,
}

impl Crew {
    pub fn new() -> Self {
        Self { least: 1, most: 1, now: 1, idle_since: None }
    }

    /// Takes the bounds of the jobs there are. A machine has one crew, so the job that allows most decides for all;
    /// what each may have of it is [`Crew::most_of`].
    pub fn set<'a>(&mut self, jobs: impl Iterator<Item = &'a JobSettings>) {
        let bounds = jobs.map(|settings| (settings.workers_min, Self::most_of(settings)));
        let (least, most) = bounds.fold((1, 1), |(least, most), job| (job.0.max(least), job.1.max(most)));
        self.most = most;
        self.least = least.min(most);
        self.now = self.now.clamp(self.least, self.most);
    }

    /// Workers a job may have. A fixed number of calls at a time is obeyed exactly, so there are never fewer than that.
    pub fn most_of(settings: &JobSettings) -> u32 {
        let fixed = match settings.concurrency {
            Concurrency::Fixed(limit) => limit,
            Concurrency::Auto => 1,
        };
        settings.workers_max.max(fixed).max(1)
    }

    pub fn most(&self) -> u32 {
        self.most
    }

    pub fn now(&self) -> u32 {
        self.now
    }

    /// Follows the work: more at once, fewer after a while.
    pub fn follow(&mut self, wanted: u32, now: Duration) {
        let wanted = wanted.clamp(self.least, self.most);
        if wanted >= self.now {
            self.now = wanted;
            self.idle_since = None;
            return;
        }
        let since = *self.idle_since.get_or_insert(now);
        if now.saturating_sub(since) >= IDLE {
            self.now = wanted;
            self.idle_since = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_come_at_once_and_go_after_a_while() {
        let mut crew = Crew::new();
        let six = JobSettings { workers_min: 2, workers_max: 6, ..JobSettings::default() };
        crew.set([&six].into_iter());
        assert_eq!(crew.now(), 2);
        let at = Duration::from_secs;
        crew.follow(9, at(0));
        assert_eq!(crew.now(), 6);
        crew.follow(3, at(1));
        assert_eq!(crew.now(), 6);
        crew.follow(5, at(8));
        crew.follow(3, at(12));
        assert_eq!(crew.now(), 3);
        let nine = JobSettings { concurrency: Concurrency::Fixed(9), workers_max: 6, ..JobSettings::default() };
        crew.set([&six, &nine].into_iter());
        assert_eq!(crew.most(), 9, "a fixed number of calls is obeyed");
        crew.set([&six].into_iter());
        assert_eq!(crew.most(), 6, "a job that left decides nothing any more");
    }
}
