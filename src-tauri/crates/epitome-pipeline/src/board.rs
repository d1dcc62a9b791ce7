//! The board of a running job: changed by the run, read by whoever shows it. Reading never holds the run up for
//! longer than a copy, and a reader that does not come costs nothing.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use epitome_model::{Board, BoardFrame, CellState, Event, JobState, LaneCall, Vitals};

/// Bytes of a frame as JSON, at most.
const FRAME: usize = 8_000;

/// What parts of a frame take at most, in bytes beside their texts.
const VITALS: usize = 2_100;
const HOST: usize = 180;
const ALERT: usize = 80;
const EVENT: usize = 130;
const CALL: usize = 220;
const CELL: usize = 62;

/// Changed cells sent in one frame: what there is room for, and no more than so many. The rest follow in the next.
const CELLS_A_FRAME: usize = 90;

/// Events kept for a screen that opens.
const EVENTS_KEPT: usize = 200;

/// Events sent in one frame.
const EVENTS_A_FRAME: usize = 8;

/// Calls sent in one frame. Where more come than frames can tell, the newest are told.
const CALLS_A_FRAME: usize = 12;

/// Calls kept for a screen that opens, and for how long after their end, in milliseconds.
const CALLS_KEPT: usize = 600;
const CALLS_KEPT_MS: i64 = 120_000;

/// A board that is being changed.
#[derive(Debug)]
pub struct LiveBoard {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    board: Board,
    /// Whether its frames have numbers. Those of a job that another process runs are taken as they come, because the
    /// board that a screen asks for is read anew.
    numbered: bool,
    changed: BTreeSet<u32>,
    /// Events not sent yet.
    news: usize,
    /// Numbers of the calls that changed.
    calls: BTreeSet<u64>,
    /// Something besides cells, events and calls changed.
    touched: bool,
}

impl LiveBoard {
    pub fn new(board: Board) -> Self {
        Self::with(board, true)
    }

    /// The board of a job that another process runs; kept by [`follow`](Self::follow).
    pub fn elsewhere(board: Board) -> Self {
        Self::with(board, false)
    }

    fn with(board: Board, numbered: bool) -> Self {
        Self {
            inner: Mutex::new(Inner {
                board,
                numbered,
                changed: BTreeSet::new(),
                news: 0,
                calls: BTreeSet::new(),
                touched: true,
            }),
        }
    }

    /// Takes over what a later look at the same job showed; `false`, and nothing is changed, where the book has other
    /// sections now.
    pub fn follow(&self, read: &Board) -> bool {
        let sections = |board: &Board| board.cells.iter().map(|cell| cell.section).collect::<Vec<_>>();
        let last_event = {
            let inner = self.lock();
            if sections(&inner.board) != sections(read) {
                return false;
            }
            inner.board.events.last().map_or(0, |event| event.id)
        };
        for (place, cell) in (0u32..).zip(&read.cells) {
            self.set_cell(place, cell.cell);
        }
        read.events.iter().filter(|event| event.id > last_event).for_each(|event| self.add_event(event.clone()));
        self.set_vitals(|vitals| vitals.clone_from(&read.vitals));
        self.set_state(read.head.state, read.head.reason.clone());
        true
    }

    /// Whether everything was told.
    pub fn is_told(&self) -> bool {
        self.lock().is_told()
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
        if inner.is_told() {
            return None;
        }
        let from = inner.board.events.len() - inner.news.min(inner.board.events.len());
        let events: Vec<Event> = inner.board.events[from..].iter().take(EVENTS_A_FRAME).cloned().collect();
        inner.news -= events.len().min(inner.news);
        let mut calls = Vec::new();
        while calls.len() < CALLS_A_FRAME
            && let Some(id) = inner.calls.pop_last()
        {
            if let Ok(at) = inner.board.calls.binary_search_by_key(&id, |call| call.id) {
                calls.push(inner.board.calls[at].clone());
            }
        }
        calls.reverse();
        let most = room_for_cells(&inner.board.vitals, &events, calls.len());
        let mut changed = Vec::new();
        while changed.len() < most
            && let Some(place) = inner.changed.pop_first()
        {
            if let Some(cell) = inner.board.cells.get(place as usize) {
                changed.push((place, cell.cell));
            }
        }
        inner.touched = false;
        inner.board.seq += u64::from(inner.numbered);
        let head = &inner.board.head;
        Some(BoardFrame {
            job: head.job,
            seq: inner.board.seq,
            state: head.state,
            reason: head.reason.clone(),
            vitals: inner.board.vitals.clone(),
            cells: changed,
            events,
            calls,
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

    /// Whose chapter a cell is: its number.
    pub fn number(&self, place: u32) -> Option<u32> {
        self.lock().board.cells.get(place as usize)?.number
    }

    /// A call was sent, or what is known of it changed.
    pub fn put_call(&self, call: LaneCall) {
        let mut inner = self.lock();
        let inner = &mut *inner;
        let calls = &mut inner.board.calls;
        let over = |known: &LaneCall| known.end_ms.is_some_and(|end| end + CALLS_KEPT_MS < call.sent_ms);
        let mut old = calls.iter().take_while(|known| over(known)).count();
        old = old.max((calls.len() + 1).saturating_sub(CALLS_KEPT));
        for gone in calls.drain(..old) {
            inner.calls.remove(&gone.id);
        }
        let id = call.id;
        match calls.binary_search_by_key(&id, |known| known.id) {
            Ok(at) => calls[at] = call,
            // One that was let go while it was in flight does not come back: there are too many.
            Err(at) if at < calls.len() => return,
            Err(_) => calls.push(call),
        }
        inner.calls.insert(id);
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

impl Inner {
    fn is_told(&self) -> bool {
        !self.touched && self.changed.is_empty() && self.news == 0 && self.calls.is_empty()
    }
}

/// Cells for which a frame with so much else in it has room.
fn room_for_cells(vitals: &Vitals, events: &[Event], calls: usize) -> usize {
    let hosts: usize = vitals.hosts.iter().map(|host| HOST + host.name.len() + text(host.reason.as_deref())).sum();
    let alerts: usize = vitals.alerts.iter().map(|alert| ALERT + alert.cause.len() + alert.hint.len()).sum();
    let events: usize = events.iter().map(|event| EVENT + event.text.len()).sum();
    let taken = VITALS + hosts + alerts + text(vitals.advice.as_deref()) + events + calls * CALL;
    (FRAME.saturating_sub(taken) / CELL).clamp(1, CELLS_A_FRAME)
}

fn text(text: Option<&str>) -> usize {
    text.map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use epitome_model::{
        Alert, AlertKind, BookId, CallEnd, CallKind, Cell, ChapterState, EventLevel, HostVitals, JobHead, JobId,
        Profile, ProviderKind, SectionId,
    };

    use super::*;

    fn board(cells: u32) -> LiveBoard {
        let cell = |at: u32| Cell {
            section: SectionId(at.into()),
            number: Some(at),
            title: String::new(),
            cell: CellState::default(),
        };
        let head = JobHead {
            job: JobId(1),
            book: BookId(1),
            book_title: String::new(),
            state: JobState::Running,
            reason: None,
            profile: Profile::Auto,
            provider: ProviderKind::Ollama,
            model: String::new(),
            window: None,
            started_ms: None,
            source_chars: 0,
            accounted_chars: 0,
        };
        LiveBoard::new(Board {
            head,
            vitals: Vitals::default(),
            cells: (0..cells).map(cell).collect(),
            events: Vec::new(),
            calls: Vec::new(),
            seq: 0,
        })
    }

    fn call(id: u64, sent_ms: i64, end_ms: Option<i64>) -> LaneCall {
        LaneCall {
            id,
            host: 0,
            slot: 15,
            kind: CallKind::Reduce,
            number: Some(12_345),
            section: Some(SectionId(1_234_567)),
            ours: true,
            sent_ms,
            first_ms: Some(sent_ms),
            end_ms,
            end: end_ms.map(|_| CallEnd::BrokenOff),
        }
    }

    #[test]
    fn the_fullest_frame_is_under_eight_kilobytes_and_nothing_is_left_untold() {
        let board = board(10_000);
        let now = 1_764_000_000_000;
        for at in 0..10_000 {
            board.set_cell(at, CellState { state: ChapterState::LeftOut, done: 999_999, planned: 999_999 });
        }
        for at in 0..300_u64 {
            board.put_call(call(at, now, Some(now)));
        }
        let long = "A sentence of the usual length that says what happened, to which chapter and why. ".repeat(2);
        for id in 0..40 {
            let event = Event { id, at_ms: now, level: EventLevel::Warning, text: long.clone(), section: None };
            board.add_event(event);
        }
        board.set_vitals(|vitals| {
            let host = HostVitals { name: "http://a-machine-of-the-house.local:11434".into(), ..Default::default() };
            vitals.hosts = vec![host; 3];
            let alert = Alert { kind: AlertKind::Queue, since_ms: now, cause: long.clone(), hint: long.clone() };
            vitals.alerts = vec![alert; 2];
            vitals.advice = Some(long.clone());
        });
        let mut told = [0; 3];
        while let Some(frame) = board.take_frame() {
            let bytes = serde_json::to_string(&frame).unwrap().len();
            assert!(bytes < 8_192, "{bytes}");
            for (sum, part) in told.iter_mut().zip([frame.cells.len(), frame.calls.len(), frame.events.len()]) {
                *sum += part;
            }
        }
        assert_eq!(told, [10_000, 300, 40], "cells, calls, events");
    }

    #[test]
    fn calls_are_kept_for_two_minutes_and_the_newest_are_told_first() {
        let board = board(1);
        for id in 0..100 {
            board.put_call(call(id, i64::try_from(id).unwrap(), None));
        }
        let told =
            |frame: Option<BoardFrame>| frame.map(|frame| frame.calls.iter().map(|call| call.id).collect::<Vec<_>>());
        assert_eq!(told(board.take_frame()), Some((88..100).collect()));
        board.put_call(call(3, 3, Some(50)));
        let over = board.board().calls.into_iter().find(|call| call.id == 3).unwrap();
        assert_eq!(over.end, Some(CallEnd::BrokenOff));
        // Its end is two minutes ago; those before it are still in flight and stay, as do those behind it.
        board.put_call(call(100, 200_000, None));
        assert_eq!(board.board().calls.len(), 101);
        for id in 0..100 {
            board.put_call(call(id, 0, Some(60)));
        }
        board.put_call(call(101, 200_000, None));
        assert_eq!(board.board().calls.iter().map(|call| call.id).collect::<Vec<_>>(), [100, 101]);
        for id in 102..5_000 {
            board.put_call(call(id, 200_000, None));
        }
        assert_eq!(board.board().calls.len(), CALLS_KEPT, "memory has a bound");
        board.put_call(call(103, 200_000, Some(200_001)));
        assert!(board.board().calls.iter().all(|call| call.id != 103), "what was let go does not come back");
    }
}
