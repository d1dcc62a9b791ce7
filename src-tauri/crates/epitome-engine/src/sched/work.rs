//! How much of a job's work is done and how much is left, in one unit, for the time left.
//!
//! Each chapter, and the synopsis, was forecast to cost so much when the job joined (see [`crate::estimate`]). A call that
//! is answered does its share of that. So what is done and what is left add up to the same sum all the time: nothing
//! jumps when the chapters are done and the synopsis begins, or when a chapter turns out to need another call.

use crate::estimate::Load;
use crate::plan::{Chapter, Frame};

/// The work of a job, in output tokens (see [`Load::cost`]).
#[derive(Debug)]
pub(crate) struct Work {
    chapters: Vec<f32>,
    synopsis: f32,
    /// Calls that the synopsis was forecast to take, and those that are done.
    merges: u32,
    merged: u32,
    done: f64,
}

impl Work {
    #[allow(clippy::cast_possible_truncation, reason = "a sum of forecasts, for a ratio")]
    pub fn new(frame: &Frame, chapters: &[Chapter]) -> Self {
        let cost = |load: &Load| load.cost(&frame.measure) as f32;
        let of = |chapter: &Chapter| {
            cost(&Load::of_chapter(&frame.settings, &frame.measure, chapter.chars as usize, frame.room))
        };
        let synopsis = Load::of_synopsis(chapters.len(), frame.room);
        Self {
            chapters: chapters.iter().map(of).collect(),
            synopsis: cost(&synopsis),
            merges: synopsis.calls,
            merged: 0,
            done: 0.0,
        }
    }

    /// Of a chapter, as far as it is answered.
    pub fn left_of(&self, chapter: &Chapter) -> f64 {
        if chapter.is_over() {
            return 0.0;
        }
        let cell = chapter.cell();
        let share = if cell.planned == 0 { 0.0 } else { f64::from(cell.done) / f64::from(cell.planned) };
        f64::from(self.chapters.get(chapter.place as usize).copied().unwrap_or_default()) * (1.0 - share.min(1.0))
    }

    /// Of the synopsis, while there is something to do for it.
    pub fn left_of_synopsis(&self) -> f64 {
        if self.merges == 0 {
            return 0.0;
        }
        f64::from(self.synopsis) * f64::from(self.merges.saturating_sub(self.merged)) / f64::from(self.merges)
    }

    /// So much was done by a call that a server answered.
    pub fn did(&mut self, work: f64) {
        self.done += work.max(0.0);
    }

    /// A call of the synopsis is done, by a server or by the store.
    pub fn merged(&mut self) {
        self.merged += 1;
    }

    pub fn done(&self) -> f64 {
        self.done
    }
}
