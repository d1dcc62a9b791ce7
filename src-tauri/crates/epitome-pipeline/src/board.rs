//! The board of a running job: changed by the run, read by whoever shows it. Reading never holds the run up for
//! longer than a copy, and a reader that does not come costs nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use epitome_model::{Board, BoardFrame, CellState, Event, JobState, Vitals};

/// Changed cells sent in one frame; the rest follow in the next. Keeps a frame under 8 KB.
const CELLS_A_FRAME: usize = 90;

/// Events kept for a screen that opens.
const EVENTS_KEPT: usize = 200;

/// Events sent in one frame.
const EVENTS_A_FRAME: usize = 12;

/// A board that is being changed.
#[derive(Debug)]
pub struct LiveBoard {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    board: Board,
    changed: BTreeSet<u32>,
    /// Events not sent yet.
    news: usize,
    /// Something besides cells and events changed.
    touched: bool,
}

impl LiveBoard {
    pub fn new(board: Board) -> Self {
        Self { inner: Mutex::new(Inner { board, changed: BTreeSet::new(), news: 0, touched: true }) }
    }

    /// The whole board, as a screen that opens asks for it.
    pub fn board(&self) -> Board {
        self.lock().board.clone()
    }

    /// The vital signs alone.
    pub fn vitals(&self) -> Vitals {
        self.lock().board.vitals.clone()
    }

    pub fn state(&self) -> JobState {
        self.lock().board.head.state
    }

    /// The state and what is said of it.
    pub fn standing(&self) -> (JobState, Option<String>) {
        let inner = self.lock();
        (inner.board.head.state, inner.board.head.reason.clone())
    }

    /// What changed since the last frame; `None` when nothing did.
    pub fn take_frame(&self) -> Option<BoardFrame> {
        let mut inner = self.lock();
        if !inner.touched && inner.changed.is_empty() && inner.news == 0 {
            return None;
        }
        let mut cells = Vec::new();
        while cells.len() < CELLS_A_FRAME
            && let Some(place) = inner.changed.pop_first()
        {
            if let Some(cell) = inner.board.cells.get(place as usize) {
                cells.push((place, cell.cell));
            }
        }
        let from = inner.board.events.len() - inner.news.min(inner.board.events.len());
        let events: Vec<Event> = inner.board.events[from..].iter().take(EVENTS_A_FRAME).cloned().collect();
        inner.news -= events.len().min(inner.news);
        inner.touched = false;
        inner.board.seq += 1;
        let head = &inner.board.head;
        Some(BoardFrame {
            job: head.job,
            seq: inner.board.seq,
            state: head.state,
            reason: head.reason.clone(),
            vitals: inner.board.vitals.clone(),
            cells,
            events,
        })
    }

    pub fn set_cell(&self, place: u32, cell: CellState) {
        let mut inner = self.lock();
        if let Some(slot) = inner.board.cells.get_mut(place as usize)
            && slot.cell != cell
        {
            slot.cell = cell;
            inner.changed.insert(place);
        }
    }

    pub fn set_state(&self, state: JobState, reason: Option<String>) {
        let mut inner = self.lock();
        inner.touched |= inner.board.head.state != state || inner.board.head.reason != reason;
        (inner.board.head.state, inner.board.head.reason) = (state, reason);
    }

    /// Changes the vital signs; the next frame carries them where they differ.
    pub fn set_vitals(&self, change: impl FnOnce(&mut Vitals)) {
        let mut inner = self.lock();
        let before = inner.board.vitals.clone();
        change(&mut inner.board.vitals);
        inner.touched |= before != inner.board.vitals;
    }

    pub fn set_window(&self, window: u32) {
        let mut inner = self.lock();
        inner.board.head.window = Some(window);
        inner.touched = true;
    }

    pub fn add_event(&self, event: Event) {
        let mut inner = self.lock();
        inner.board.events.push(event);
        inner.news += 1;
        let surplus = inner.board.events.len().saturating_sub(EVENTS_KEPT);
        inner.board.events.drain(..surplus);
        inner.news = inner.news.min(inner.board.events.len());
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
