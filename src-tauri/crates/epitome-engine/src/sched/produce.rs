//! Opening chapters: how far ahead the plan runs. The queue of calls is bounded; chapters are opened in batches while
//! it is not fuller than its high-water mark, and what the reader waits for is opened at once.

use std::time::Duration;

use epitome_model::{JobId, Permit, Wanted};

use crate::plan::Chapter;

use super::{Action, CallNo, CallState, Engine, Found, Kept, Opened, QueuedCall, Ready, Trouble};

impl Engine {
    /// Opens what is to be opened and moves planned calls into the queue while it has room.
    pub(super) fn produce(&mut self, id: JobId, now: Duration) {
        self.fill(id);
        let cores = self.config.cores.max(1);
        let full = !self.disk_full.is_empty();
        // Chapters whose answers are all stored need no call, so only this holds them back.
        let writes = self.writes + self.jobs.values().map(|job| job.looking as usize).sum::<usize>();
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let held_up = writes >= job.frame.settings.backpressure_at.max(1) as usize;
        if job.wanted != Wanted::Run || job.ending.is_some() || full {
            return;
        }
        let mut open = Vec::new();
        for place in job.front.clone() {
            let waits = job.chapters.get(place as usize).is_some_and(Chapter::is_waiting);
            if waits && job.opening.insert(place) {
                open.push(place);
            }
        }
        let settings = &job.frame.settings;
        let capacity = settings.summary_capacity.max(1) as usize;
        // The first design had a single producer.
        let cutters = if settings.permit == Permit::Chapter { 1 } else { cores as usize };
        let mut blocked = false;
        while !held_up && job.next_turn < job.chapters.len() && job.opening.len() < cutters {
            let place = job.turns.place(job.next_turn);
            let waits = job.chapters.get(place as usize).is_some_and(Chapter::is_waiting);
            if !waits || job.opening.contains(&place) {
                job.next_turn += 1;
                continue;
            }
            let depth = job.ready.len() + job.resting as usize + job.held_back.len() + job.opening.len();
            if depth >= capacity {
                blocked = true;
                break;
            }
            if job.batch == 0 {
                let mark = settings.enqueue_high_water.map_or(capacity, |share| high_water(capacity, share));
                if depth >= mark {
                    blocked = true;
                    break;
                }
                job.batch = settings.enqueue_batch.unwrap_or(u32::MAX);
            }
            job.batch -= u32::from(job.batch != u32::MAX);
            job.opening.insert(place);
            job.next_turn += 1;
            open.push(place);
        }
        job.block(blocked, now);
        for place in open {
            let chapter = Box::new(job.chapters[place as usize].clone());
            self.out.push(Action::Open { job: id, chapter });
        }
    }

    /// Moves calls that were held back into the queue. What finishes a chapter that was begun, and what the reader waits
    /// for, never waits behind chapters that were not: those may be waiting for its permit.
    pub(super) fn fill(&mut self, id: JobId) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        if job.held_back.is_empty() {
            return;
        }
        let goes_on = |no: &CallNo| {
            let chapter = self.calls.get(no).and_then(|call| call.queued.call.chapter);
            chapter.is_none_or(|place| job.has_begun(place) || job.front.contains(&place))
        };
        let on: Vec<_> = job.held_back.iter().filter(|(_, no)| goes_on(no)).map(|(rank, _)| *rank).collect();
        for rank in on {
            if let Some(no) = job.held_back.remove(&rank)
                && let Some(call) = self.calls.get_mut(&no)
            {
                call.state = CallState::Ready;
                job.ready.insert(no);
            }
        }
        let capacity = job.frame.settings.summary_capacity.max(1) as usize;
        while job.ready.len() + (job.resting as usize) < capacity
            && let Some((_, no)) = job.held_back.pop_first()
        {
            if let Some(call) = self.calls.get_mut(&no) {
                call.state = CallState::Ready;
                job.ready.insert(no);
            }
        }
    }

    pub(super) fn opened(&mut self, id: JobId, place: u32, opened: Result<Box<Opened>, Trouble>, now: Duration) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.opening.remove(&place);
        let Opened { chapter, text, progress } = match opened {
            Ok(opened) => *opened,
            Err(trouble) => return self.give_up(id, trouble),
        };
        let Some(slot) = job.chapter(place) else { return };
        // A chapter that was cut anew or given up meanwhile is not opened by what was read before.
        if slot.epoch != chapter.epoch || !slot.is_waiting() {
            return;
        }
        *slot = chapter;
        job.texts.insert(place, text);
        self.show(id, place);
        match progress {
            Ready::Calls(calls) => self.take_found(id, calls, now),
            Ready::Written(written) => self.write_chapter(id, place, written),
        }
    }

    /// Stops a job that cannot read or write its library. Nothing is lost by it.
    pub(super) fn give_up(&mut self, id: JobId, trouble: Trouble) {
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let reason = match trouble {
            Trouble::DiskFull => "The disk is full.".to_owned(),
            Trouble::Broken(error) => format!("{} {}", error.message, error.hint).trim().to_owned(),
        };
        job.end_reason = Some(reason);
        job.ending = Some(epitome_model::JobState::Stopped);
    }

    /// What a look into the store brought: answers of the first tier are given back, other calls wait for their turn.
    pub(super) fn place_calls(&mut self, id: JobId, found: Vec<Found>) -> Vec<(QueuedCall, Kept)> {
        let mut answered = Vec::new();
        for Found { call, mut kept } in found {
            match kept.first_mut().and_then(Option::take) {
                Some(first) => answered.push((call, first)),
                None if kept.iter().all(Option::is_none) => self.new_call(id, call, Vec::new()),
                None => self.new_call(id, call, kept),
            }
        }
        answered
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a queue's capacity")]
fn high_water(capacity: usize, share: f32) -> usize {
    ((capacity as f32 * share.clamp(0.0, 1.0)).ceil() as usize).max(1)
}
