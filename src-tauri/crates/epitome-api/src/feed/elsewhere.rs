//! Follows jobs that another process runs, by what it commits.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use epitome_model::{Board, JobId, JobState};
use epitome_pipeline::LiveBoard;

use crate::{Api, Inner};

/// How often the store is asked whether another process changed it.
const ELSEWHERE_EVERY: Duration = Duration::from_millis(400);

/// Boards of jobs that other processes run, as they were last read. They are told of as the own ones are, so their frames
/// have the same bounds.
#[derive(Default)]
pub(crate) struct Followed {
    boards: HashMap<JobId, Arc<LiveBoard>>,
}

impl Followed {
    /// Takes a board as the store tells it.
    fn put(&mut self, read: Board) {
        let job = read.head.job;
        if !self.boards.get(&job).is_some_and(|board| board.follow(&read)) {
            self.boards.insert(job, Arc::new(LiveBoard::elsewhere(read)));
        }
    }

    /// Lets go of what this process runs by now, and of jobs that are over, once their last is told.
    fn keep(&mut self, is_running: impl Fn(JobId) -> bool) {
        self.boards.retain(|job, board| !is_running(*job) && (!board.state().is_final() || !board.is_told()));
    }

    fn jobs(&self) -> impl Iterator<Item = JobId> {
        self.boards.keys().copied()
    }

    pub(super) fn boards(&self) -> impl Iterator<Item = (JobId, Arc<LiveBoard>)> {
        self.boards.iter().map(|(job, board)| (*job, Arc::clone(board)))
    }
}

/// Looks until the application goes.
pub(super) async fn follow(inner: Weak<Inner>) {
    let mut seen = None;
    let mut tick = tokio::time::interval(ELSEWHERE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let Some(api) = Api::upgrade(&inner) else { return };
        let store = api.store().clone();
        let version = tokio::task::spawn_blocking(move || store.changes_elsewhere()).await;
        let Ok(Ok(version)) = version else { continue };
        let before = seen.replace(version);
        if before != Some(version) {
            api.take_elsewhere(before.is_none()).await;
        }
    }
}

impl Api {
    /// Takes what another process changed.
    async fn take_elsewhere(&self, first: bool) {
        self.changed();
        let jobs = self.read_store(epitome_store::job::unfinished).await.unwrap_or_default();
        if self.inner.adopts {
            // Only what has begun: a job that waits belongs to the process that is about to take it.
            jobs.iter().filter(|row| row.state != JobState::Waiting).for_each(|row| self.run(row.id));
        }
        // At the start nobody was told of a board yet, and unfinished jobs are about to be run here; one that another
        // process runs is read when that writes the next time.
        if first {
            return;
        }
        self.followed().keep(|job| self.is_running(job));
        // A job that was followed and is not unfinished any more has a last state to tell.
        let mut ids: Vec<JobId> = self.followed().jobs().collect();
        ids.extend(jobs.into_iter().map(|row| row.id).filter(|id| !self.is_running(*id)));
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            if let Ok(board) = self.stored_board(id).await {
                self.followed().put(board);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use epitome_model::{
        BookId, Cell, CellState, ChapterState, Event, EventLevel, JobHead, Profile, ProviderKind, SectionId, Vitals,
    };

    use super::*;

    fn board(state: JobState, done: u32, events: i64) -> Board {
        let head = JobHead {
            job: JobId(7),
            book: BookId(1),
            book_title: String::new(),
            state,
            reason: None,
            profile: Profile::Auto,
            provider: ProviderKind::Ollama,
            model: String::new(),
            window: None,
            started_ms: None,
            source_chars: 0,
            accounted_chars: 0,
        };
        let cell = |at: u32| Cell {
            section: SectionId(at.into()),
            number: Some(at),
            title: String::new(),
            cell: CellState {
                state: if at < done { ChapterState::Done } else { ChapterState::Waiting },
                done: 999_999,
                planned: 999_999,
            },
        };
        let text = "A sentence of the usual length that says what happened, to which chapter and why. ".repeat(4);
        let event =
            |id| Event { id, at_ms: 1_764_000_000_000, level: EventLevel::Bad, text: text.clone(), section: None };
        Board {
            head,
            vitals: Vitals { chapters_done: done, ..Vitals::default() },
            cells: (0..10_000).map(cell).collect(),
            events: (events - 200..events).filter(|id| *id >= 0).map(event).collect(),
            calls: Vec::new(),
            seq: 0,
        }
    }

    #[test]
    fn what_another_process_changed_comes_in_frames_under_eight_kilobytes_and_whole() {
        let mut followed = Followed::default();
        followed.put(board(JobState::Running, 0, 3));
        let (_, live) = followed.boards().next().unwrap();
        while live.take_frame().is_some() {}
        // All of a long book and more events than a board holds, between two looks.
        followed.put(board(JobState::Done, 10_000, 250));
        let (mut cells, mut events) = (0, Vec::new());
        while let Some(frame) = live.take_frame() {
            let bytes = serde_json::to_string(&frame).unwrap().len();
            assert!(bytes < 8_192, "{bytes}");
            assert_eq!((frame.seq, frame.state, frame.vitals.chapters_done), (0, JobState::Done, 10_000));
            cells += frame.cells.len();
            events.extend(frame.events.into_iter().map(|event| event.id));
        }
        assert_eq!((cells, events), (10_000, (50..250).collect::<Vec<_>>()));
    }

    #[test]
    fn a_job_that_is_over_is_followed_until_its_last_is_told_and_one_that_is_taken_over_no_longer() {
        let mut followed = Followed::default();
        followed.put(board(JobState::Running, 1, 0));
        followed.put(board(JobState::Done, 2, 0));
        followed.keep(|_| false);
        let (_, live) = followed.boards().next().expect("something is left to tell");
        while live.take_frame().is_some() {}
        followed.keep(|_| false);
        assert_eq!(followed.jobs().count(), 0);
        followed.put(board(JobState::Running, 1, 0));
        followed.keep(|job| job == JobId(7));
        assert_eq!(followed.jobs().count(), 0);
    }
}
