//! The synopsis of a book: chapter summaries merged level by level, so that every part of the book takes part
//! however long it is. Pure.

use epitome_llm::{Task, read_answer};
use epitome_model::CallKind;

use crate::budget;
use crate::fold::{Fold, Folded};
use crate::plan::{Frame, PlannedCall, Step};

/// The merging of one book.
#[derive(Debug)]
pub struct Synopsis {
    fold: Fold,
}

/// What an answer leads to.
#[derive(Debug)]
pub enum Merged {
    Pending,
    Calls(Vec<PlannedCall>),
    /// The synopsis.
    Whole(String),
}

impl Synopsis {
    /// Starts from `(title, summary)` of each chapter in reading order. A book of one chapter has its synopsis already.
    pub fn start(chapters: Vec<(String, String)>, frame: &Frame) -> (Option<Self>, Merged) {
        match chapters.len() {
            0 => (None, Merged::Whole(String::new())),
            1 => (None, Merged::Whole(chapters.into_iter().map(|(_, summary)| summary).collect())),
            _ => {
                let headed = |(title, mut summary): (String, String)| {
                    summary.insert_str(0, &format!("{title}\n"));
                    summary
                };
                let inputs = chapters.into_iter().map(headed).collect();
                let mut synopsis = Self { fold: Fold::new(inputs, frame.fits) };
                let calls = synopsis.calls(frame);
                (Some(synopsis), Merged::Calls(calls))
            }
        }
    }

    /// Takes the answer to one of its calls.
    pub fn answer(&mut self, call: &PlannedCall, raw: &str, frame: &Frame) -> Merged {
        if call.step.level != self.fold.level {
            return Merged::Pending;
        }
        self.fold.put(call.step.index, read_answer(CallKind::Merge, false, raw).summary);
        match self.fold.next(frame.fits) {
            Folded::Pending => Merged::Pending,
            Folded::Whole(text) => Merged::Whole(text),
            Folded::Level(next) => {
                self.fold = next;
                Merged::Calls(self.calls(frame))
            }
        }
    }

    fn calls(&mut self, frame: &Frame) -> Vec<PlannedCall> {
        let level = self.fold.level;
        let calls = self.fold.open().into_iter().map(|(index, text)| PlannedCall {
            chapter: None,
            epoch: 0,
            step: Step { kind: CallKind::Merge, level, index },
            task: Task {
                kind: CallKind::Merge,
                book_title: frame.book_title.clone(),
                chapter_title: None,
                language: frame.language.clone(),
                piece: 1,
                pieces: 1,
                carried: None,
                target_words: budget::words(
                    CallKind::Merge,
                    text.chars().count(),
                    true,
                    budget::is_dense(frame.language.as_deref()),
                ),
                wants_title: false,
                sampling: 0,
                text,
            },
        });
        calls.collect()
    }
}
