//! The synopsis of a book: chapter summaries merged level by level, so that every part of the book takes part
//! however long it is. Pure.

use epitome_llm::{Task, read_answer};
use epitome_model::CallKind;

use crate::fold::{Fold, GroupCall};
use crate::plan::{Frame, PlannedCall, Step};

/// The merging of one book. The chapters' summaries are read a few at a time, as the calls made of them get room: those of
/// ten thousand chapters are too many to be held at once. For the same reason what a level's calls answer goes on to the
/// next level at once, and not when the level is done.
#[derive(Debug)]
pub struct Synopsis {
    levels: Vec<Fold>,
    intake: Intake,
    /// The first chapter, until there is a second: a book of one chapter has its synopsis already.
    lone: Option<(String, String)>,
}

/// Where the reading of the summaries stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intake {
    /// To be read on from here.
    From(u32),
    Asked,
    Ended,
}

/// Some chapters' summaries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summaries {
    /// `(title, summary)` in reading order.
    pub chapters: Vec<(String, String)>,
    /// Where to read on; `None` after the last.
    pub next: Option<u32>,
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
    pub fn new(frame: &Frame) -> Self {
        Self { levels: vec![Fold::new(0, frame.room.notes)], intake: Intake::From(0), lone: None }
    }

    /// Where summaries are to be read on, if there are more and none are being read.
    pub fn ask(&mut self) -> Option<u32> {
        let Intake::From(from) = self.intake else { return None };
        self.intake = Intake::Asked;
        Some(from)
    }

    /// Takes what was read.
    pub fn take(&mut self, read: Summaries, frame: &Frame) -> Merged {
        let Some(first) = self.levels.first_mut() else { return Merged::Pending };
        let mut calls = Vec::new();
        for chapter in read.chapters {
            if first.is_empty() && self.lone.is_none() {
                self.lone = Some(chapter);
                continue;
            }
            for (title, mut summary) in self.lone.take().into_iter().chain([chapter]) {
                summary.insert_str(0, &format!("{title}\n"));
                calls.extend(first.push(summary));
            }
        }
        self.intake = read.next.map_or(Intake::Ended, Intake::From);
        if self.intake == Intake::Ended {
            if first.is_empty() {
                return Merged::Whole(self.lone.take().map(|(_, summary)| summary).unwrap_or_default());
            }
            calls.extend(first.end());
        }
        let calls = calls.into_iter().map(|call| (0, call)).collect();
        self.go_on(calls, frame)
    }

    /// Takes the answer to one of its calls.
    pub fn answer(&mut self, call: &PlannedCall, raw: &str, frame: &Frame) -> Merged {
        let Some(level) = self.levels.get_mut(call.step.level as usize) else { return Merged::Pending };
        level.put(call.step.index, read_answer(CallKind::Merge, false, raw).summary);
        self.go_on(Vec::new(), frame)
    }

    /// Passes answers on from level to level. Gives these calls and those that it leads to.
    fn go_on(&mut self, mut calls: Vec<(u32, GroupCall)>, frame: &Frame) -> Merged {
        let mut at = 0;
        while let Some(level) = self.levels.get_mut(at) {
            if let Some(text) = level.whole() {
                return Merged::Whole(text);
            }
            let answers: Vec<String> = std::iter::from_fn(|| level.pass_on()).collect();
            let ended = level.is_passed_on();
            at += 1;
            let above = u32::try_from(at).unwrap_or(u32::MAX);
            if !answers.is_empty() && self.levels.len() == at {
                self.levels.push(Fold::new(above, frame.room.notes));
            }
            if let Some(level) = self.levels.get_mut(at) {
                let mut made: Vec<GroupCall> = answers.into_iter().filter_map(|answer| level.push(answer)).collect();
                if ended && !level.is_ended() {
                    made.extend(level.end());
                }
                calls.extend(made.into_iter().map(|call| (above, call)));
            }
        }
        if calls.is_empty() { Merged::Pending } else { Merged::Calls(planned(calls, frame)) }
    }
}

/// The calls of a synopsis, each with its level.
fn planned(calls: Vec<(u32, GroupCall)>, frame: &Frame) -> Vec<PlannedCall> {
    let calls = calls.into_iter().map(|(level, (index, text))| PlannedCall {
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
            target_words: frame.words(CallKind::Merge, text.chars().count(), true),
            wants_title: false,
            sampling: 0,
            text: text.into(),
        },
    });
    calls.collect()
}

#[cfg(test)]
mod tests {
    use epitome_model::JobSettings;
    use proptest::prelude::*;

    use super::*;
    use crate::budget::Room;
    use crate::testing::measure;

    fn frame(fits: usize) -> Frame {
        let settings = JobSettings::default();
        Frame { settings, book_title: "Book".into(), language: None, room: Room::of(fits), measure: measure() }
    }

    /// Every call of a book's synopsis in the order it is made, and the synopsis. Summaries are read `batch` at a time, and
    /// all calls made of a batch are answered before the next is read.
    fn whole(chapters: &[(String, String)], batch: usize, frame: &Frame) -> (Vec<(u32, u32, String)>, String) {
        let mut synopsis = Synopsis::new(frame);
        let (mut made, mut open) = (Vec::new(), Vec::new());
        loop {
            let merged = match (open.pop(), synopsis.ask()) {
                (Some(call), None) => {
                    let call: PlannedCall = call;
                    let answer = format!("<{}>", call.task.text.chars().count());
                    synopsis.answer(&call, &answer, frame)
                }
                (call, Some(from)) => {
                    open.extend(call);
                    let from = from as usize;
                    let to = (from + batch).min(chapters.len());
                    let next = (to < chapters.len()).then(|| u32::try_from(to).unwrap());
                    synopsis.take(Summaries { chapters: chapters[from..to].to_vec(), next }, frame)
                }
                (None, None) => panic!("nothing is asked for and nothing is under way"),
            };
            match merged {
                Merged::Pending => {}
                Merged::Calls(calls) => {
                    made.extend(
                        calls.iter().map(|call| (call.step.level, call.step.index, call.task.text.to_string())),
                    );
                    open.extend(calls);
                }
                Merged::Whole(text) => return (made, text),
            }
        }
    }

    proptest! {
        #[test]
        fn summaries_read_a_few_at_a_time_make_the_calls_that_all_at_once_make(
            lengths in prop::collection::vec(0usize..60, 0..40),
            batch in 1usize..10,
            fits in 20usize..300,
        ) {
            let chapter = |(n, chars): (usize, usize)| (format!("Chapter {n}"), "x".repeat(chars));
            let chapters: Vec<_> = lengths.into_iter().enumerate().map(chapter).collect();
            let frame = frame(fits);
            let (mut few, text) = whole(&chapters, batch, &frame);
            let (mut all, expected) = whole(&chapters, 1000, &frame);
            few.sort();
            all.sort();
            prop_assert_eq!(few, all);
            prop_assert_eq!(text, expected);
        }
    }

    #[test]
    fn a_book_of_one_chapter_has_its_synopsis_already() {
        let chapters = [("One".to_owned(), "What happens.".to_owned())];
        assert_eq!(whole(&chapters, 1, &frame(100)), (Vec::new(), "What happens.".to_owned()));
    }
}
