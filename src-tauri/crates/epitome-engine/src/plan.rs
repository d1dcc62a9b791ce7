//! From a chapter to its next calls, and from their answers to its summary. Pure: the same texts and answers always
//! give the same calls, so a resumed job is planned exactly as the interrupted one was.

use std::ops::Range;
use std::sync::Arc;

use epitome_book::{Cut, cut};
use epitome_llm::{Task, read_answer};
use epitome_model::{CallKind, CellState, ChapterState, JobSettings, SectionId};

use crate::budget::{self, Measure, Room};
use crate::fold::{Fold, Folded, GroupCall};

/// Characters of the text before a piece that are shown with it, so that it can be understood.
const CARRIED_CHARS: usize = 280;

/// What is the same for all calls of a job.
#[derive(Clone, Debug)]
pub struct Frame {
    pub settings: JobSettings,
    pub book_title: String,
    pub language: Option<String>,
    /// What its calls may carry.
    pub room: Room,
    /// How characters turn into tokens.
    pub measure: Measure,
}

impl Frame {
    /// Words to ask for in a call of this kind over so many characters; see [`budget::words`].
    pub(crate) fn words(&self, kind: CallKind, source_chars: usize, single: bool) -> u32 {
        budget::words(kind, source_chars, single, self.measure.tongue.dense).min(self.room.words)
    }
}

/// Which call of a chapter (or of the synopsis) this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    pub kind: CallKind,
    /// Level of a fold; 0 otherwise.
    pub level: u32,
    /// Piece or group, from 0.
    pub index: u32,
}

/// A call the plan asks for.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// Place of the chapter in reading order; `None` for the book's synopsis.
    pub chapter: Option<u32>,
    /// Raised when a chapter is cut anew; answers to older cuts are not used.
    pub epoch: u32,
    pub step: Step,
    pub task: Task,
}

/// A finished chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub title: String,
    pub preview: String,
    pub summary: String,
    pub pieces: u32,
}

#[derive(Clone, Debug)]
enum Stage {
    Waiting,
    Mapping {
        notes: Vec<Option<String>>,
    },
    /// Apart, because most chapters never need one, and a book may have ten thousand.
    Reducing {
        fold: Box<Fold>,
    },
    Titling {
        summary: String,
    },
    Done,
    Failed,
}

/// What an answer leads to.
#[derive(Debug)]
pub enum Progress {
    /// Other calls of this stage are still out, or the answer was to an older cut.
    Pending,
    /// These calls come next.
    Calls(Vec<PlannedCall>),
    /// The chapter has its summary.
    Written(Written),
}

/// One chapter of a job.
#[derive(Clone, Debug)]
pub struct Chapter {
    pub section: SectionId,
    /// Place in reading order among the chapters of the job, from 0.
    pub place: u32,
    /// As the source names it.
    pub source_title: String,
    /// Unicode scalar values.
    pub chars: u32,
    /// Longest piece in characters where a server refused a longer one.
    pub piece_chars: Option<usize>,
    pub epoch: u32,
    pieces: u32,
    begun: bool,
    done: u32,
    planned: u32,
    stage: Stage,
}

impl Chapter {
    /// A chapter of which nothing is done yet.
    pub fn new(section: SectionId, place: u32, source_title: String, chars: u32, piece_chars: Option<usize>) -> Self {
        Self {
            section,
            place,
            source_title,
            chars,
            piece_chars,
            epoch: 0,
            pieces: 0,
            begun: false,
            done: 0,
            planned: 0,
            stage: Stage::Waiting,
        }
    }

    pub fn is_waiting(&self) -> bool {
        matches!(self.stage, Stage::Waiting)
    }

    /// Done or failed.
    pub fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Done | Stage::Failed)
    }

    pub fn is_failed(&self) -> bool {
        matches!(self.stage, Stage::Failed)
    }

    /// Pieces it was cut into; 0 while it is not planned.
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// Pieces that were read.
    pub fn pieces_done(&self) -> u32 {
        match &self.stage {
            Stage::Waiting => 0,
            Stage::Mapping { notes } => u32::try_from(notes.iter().flatten().count()).unwrap_or(u32::MAX),
            Stage::Failed => self.done.min(self.pieces),
            Stage::Reducing { .. } | Stage::Titling { .. } | Stage::Done => self.pieces,
        }
    }

    /// State as the board shows it.
    pub fn cell(&self) -> CellState {
        let state = match &self.stage {
            Stage::Waiting => ChapterState::Waiting,
            Stage::Mapping { .. } if !self.begun => ChapterState::Planned,
            Stage::Mapping { .. } => ChapterState::Mapping,
            Stage::Reducing { .. } => ChapterState::Reducing,
            Stage::Titling { .. } => ChapterState::Titling,
            Stage::Done => ChapterState::Done,
            Stage::Failed => ChapterState::Failed,
        };
        CellState { state, done: self.done, planned: self.planned }
    }

    /// Whether a call of it was sent.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    /// Marks that a call of it was sent.
    pub fn begin(&mut self) {
        self.begun = true;
    }

    /// Marks it as finished in an earlier run.
    pub fn close(&mut self, cell: CellState, pieces: u32) {
        (self.done, self.planned, self.pieces) = (cell.done, cell.planned, pieces);
        self.stage = if cell.state == ChapterState::Done { Stage::Done } else { Stage::Failed };
    }

    pub fn fail(&mut self) {
        self.stage = Stage::Failed;
    }

    /// Cuts the chapter and asks for its map calls. A chapter without text is written at once.
    pub fn open(&mut self, text: &Arc<str>, frame: &Frame) -> Progress {
        let fits = self.piece_chars.unwrap_or(usize::MAX).min(frame.room.text);
        let (max_chars, overlap_chars) = budget::piece(&frame.settings, self.chars as usize, fits);
        let max_chars = self.piece_chars.map_or(max_chars, |finer| finer.min(max_chars));
        let pieces = cut(text, Cut { max_chars, overlap_chars: overlap_chars.min(max_chars / 2) });
        self.pieces = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        self.planned = self.pieces + self.later_calls(frame);
        self.done = 0;
        self.begun = false;
        if pieces.is_empty() {
            return self.write(text, None, None, String::new());
        }
        self.stage = Stage::Mapping { notes: vec![None; pieces.len()] };
        let single = pieces.len() == 1;
        let calls = pieces.iter().enumerate().map(|(index, range)| {
            let carried = (index > 0 && overlap_chars == 0).then(|| tail(text, range));
            let task = Task {
                piece: u32::try_from(index + 1).unwrap_or(u32::MAX),
                pieces: self.pieces,
                carried,
                wants_title: single && budget::folds_title(frame.settings.profile),
                ..self.task(CallKind::Map, part(text, range), single, frame)
            };
            self.call(Step { kind: CallKind::Map, level: 0, index: task.piece - 1 }, task)
        });
        Progress::Calls(calls.collect())
    }

    /// Takes the answer to one of its calls.
    pub fn answer(&mut self, call: &PlannedCall, raw: &str, text: &str, frame: &Frame) -> Progress {
        if call.epoch != self.epoch || self.is_over() {
            return Progress::Pending;
        }
        self.done += 1;
        let parts = read_answer(call.step.kind, call.task.wants_title, raw);
        match &mut self.stage {
            Stage::Mapping { notes } if call.step.kind == CallKind::Map => {
                let Some(note) = notes.get_mut(call.step.index as usize) else { return Progress::Pending };
                if self.pieces == 1 {
                    return self.summarised(parts.title, parts.preview, parts.summary, text, frame);
                }
                *note = Some(parts.summary);
                if notes.iter().any(Option::is_none) {
                    return Progress::Pending;
                }
                let inputs = notes.drain(..).flatten().collect();
                let (fold, calls) = Fold::of(inputs, frame.room.notes);
                self.reduce(fold, calls, frame)
            }
            Stage::Reducing { fold } if call.step.level == fold.level => {
                if fold.is_last() {
                    return self.summarised(parts.title, parts.preview, parts.summary, text, frame);
                }
                fold.put(call.step.index, parts.summary);
                match fold.next(frame.room.notes) {
                    Folded::Pending => Progress::Pending,
                    Folded::Level(next, calls) => self.reduce(next, calls, frame),
                    Folded::Whole(summary) => self.summarised(None, None, summary, text, frame),
                }
            }
            Stage::Titling { summary } => {
                let summary = std::mem::take(summary);
                self.write(text, parts.title, parts.preview, summary)
            }
            _ => Progress::Pending,
        }
    }

    /// Ends a chapter whose title call failed: the summary is what counts, and it is there.
    pub fn without_title(&mut self, text: &str) -> Progress {
        match &mut self.stage {
            Stage::Titling { summary } => {
                let summary = std::mem::take(summary);
                self.write(text, None, None, summary)
            }
            _ => Progress::Pending,
        }
    }

    /// Makes the pieces smaller after a server said that a prompt does not fit, by the server's own counts where it
    /// gave them. False when they cannot get any smaller.
    pub fn cut_finer(&mut self, sent_chars: usize, prompt_tokens: Option<u32>, window: Option<u32>) -> bool {
        let share = match (prompt_tokens, window) {
            (Some(prompt), Some(window)) if prompt > 0 && window < prompt => window as usize * 70 / prompt as usize,
            _ => 50,
        };
        let finer = sent_chars * share.clamp(10, 80) / 100;
        if finer < budget::SMALLEST_PIECE {
            return false;
        }
        self.piece_chars = Some(finer);
        self.epoch += 1;
        self.stage = Stage::Waiting;
        (self.done, self.planned, self.begun) = (0, 0, false);
        true
    }

    fn reduce(&mut self, fold: Fold, calls: Vec<GroupCall>, frame: &Frame) -> Progress {
        let (last, level) = (fold.is_last(), fold.level);
        let calls = calls.into_iter().map(|(index, text)| {
            let task = Task {
                wants_title: last && budget::folds_title(frame.settings.profile),
                ..self.task(CallKind::Reduce, text.into(), last, frame)
            };
            self.call(Step { kind: CallKind::Reduce, level, index }, task)
        });
        let calls: Vec<_> = calls.collect();
        self.planned = self.done
            + u32::try_from(calls.len()).unwrap_or(u32::MAX)
            + u32::from(!budget::folds_title(frame.settings.profile));
        self.stage = Stage::Reducing { fold: Box::new(fold) };
        Progress::Calls(calls)
    }

    fn summarised(
        &mut self,
        title: Option<String>,
        preview: Option<String>,
        summary: String,
        text: &str,
        frame: &Frame,
    ) -> Progress {
        if title.is_some() && preview.is_some() {
            return self.write(text, title, preview, summary);
        }
        let task = self.task(CallKind::Title, summary.as_str().into(), true, frame);
        self.planned = self.done + 1;
        self.stage = Stage::Titling { summary };
        Progress::Calls(vec![self.call(Step { kind: CallKind::Title, level: 0, index: 0 }, task)])
    }

    fn write(&mut self, text: &str, title: Option<String>, preview: Option<String>, summary: String) -> Progress {
        self.stage = Stage::Done;
        self.planned = self.done;
        let source = text.trim();
        // A summary longer than its source serves nobody: a very short chapter is its own summary.
        let summary = if summary.chars().count() > source.chars().count() { source.to_owned() } else { summary };
        let preview = preview.unwrap_or_else(|| first_words(&summary, 160));
        let title = title.unwrap_or_else(|| self.source_title.clone());
        Progress::Written(Written { title, preview, summary, pieces: self.pieces })
    }

    fn later_calls(&self, frame: &Frame) -> u32 {
        let title = u32::from(!budget::folds_title(frame.settings.profile));
        u32::from(self.pieces > 1) + title
    }

    fn task(&self, kind: CallKind, text: Arc<str>, single: bool, frame: &Frame) -> Task {
        let source_chars = if kind == CallKind::Reduce { self.chars as usize } else { text.chars().count() };
        Task {
            kind,
            book_title: frame.book_title.clone(),
            chapter_title: Some(self.source_title.clone()),
            language: frame.language.clone(),
            piece: 1,
            pieces: self.pieces,
            carried: None,
            target_words: frame.words(kind, source_chars, single),
            wants_title: kind == CallKind::Title,
            sampling: 0,
            text,
        }
    }

    fn call(&self, step: Step, task: Task) -> PlannedCall {
        PlannedCall { chapter: Some(self.place), epoch: self.epoch, step, task }
    }
}

/// A piece of a text: the text itself where it is all of it.
fn part(text: &Arc<str>, range: &Range<usize>) -> Arc<str> {
    if *range == (0..text.len()) { Arc::clone(text) } else { text[range.clone()].into() }
}

/// The last words before a piece.
fn tail(text: &str, piece: &Range<usize>) -> String {
    let before = &text[..piece.start];
    let start = before.char_indices().rev().nth(CARRIED_CHARS).map_or(0, |(at, _)| at);
    let words = &before[start..];
    let from = if start == 0 { 0 } else { words.find(char::is_whitespace).map_or(0, |at| at) };
    words[from..].trim().to_owned()
}

/// The beginning of a text, cut at a word's end.
pub fn first_words(text: &str, chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((end, _)) = line.char_indices().nth(chars) else { return line };
    let cut = line[..end].rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", line[..cut].trim_end())
}
