//! One job: its chapters, what their answers lead to, and where it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use epitome_model::{JobId, JobState, Permit, Wanted, WireError};

use crate::plan::{Chapter, Frame, PlannedCall, Progress};
use crate::synopsis::{Merged, Synopsis};

use super::turns::Turns;
use super::types::{Author, CallNo, LaneNo};
use super::work::Work;

/// How far the synopsis is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Chapters are still worked on.
    Chapters,
    Merging(Box<Synopsis>),
    Writing,
    Over,
}

/// What an answer leads to, for a chapter or for the synopsis.
#[derive(Debug)]
pub(crate) enum Next {
    Chapter(Progress),
    Synopsis(Merged),
}

#[derive(Debug)]
pub(crate) struct Job {
    pub id: JobId,
    pub frame: Frame,
    pub chapters: Vec<Chapter>,
    /// Texts of the chapters that are open; dropped when a chapter is over.
    pub texts: BTreeMap<u32, Arc<str>>,
    /// Who gave the last answer, of each open chapter and of the synopsis.
    pub authors: BTreeMap<Option<u32>, Author>,
    pub tiers: Vec<Vec<LaneNo>>,
    pub urgent: bool,
    /// Chapters the reader waits for, the last asked for first.
    pub front: Vec<u32>,
    pub stage: Stage,
    pub synopsis_error: Option<WireError>,
    pub wanted: Wanted,
    /// What was last said of it.
    pub state: JobState,
    pub reason: Option<String>,
    /// Set when it is to leave, and why.
    pub ending: Option<JobState>,
    pub end_reason: Option<String>,
    /// Service received, by weight: who has had least is served next.
    pub served: f64,

    pub turns: Turns,
    /// Turn of the next chapter to be opened.
    pub next_turn: usize,
    /// Chapters being read and cut.
    pub opening: BTreeSet<u32>,
    /// Chapters of the present batch that are still to be opened.
    pub batch: u32,
    /// Calls that may be sent.
    pub ready: BTreeSet<CallNo>,
    /// Calls that wait for the end of a pause.
    pub resting: u32,
    /// Calls of opened chapters for which the queue has no room yet, by turn, step and arrival.
    pub held_back: BTreeMap<(u32, u32, u32, u64), CallNo>,
    pub in_flight: u32,
    pub storing: u32,
    pub looking: u32,
    pub writing: u32,
    /// Chapters not begun yet, by length: near the end the longest goes first.
    pub unbegun: BTreeSet<(u32, u32)>,
    pub unbegun_chars: u64,
    /// Chapters that hold a permit, and whether a call of theirs is under way ([`Permit::Chapter`]).
    pub permits: BTreeMap<u32, bool>,
    pub work: Work,
    pub reused: u32,
    pub retries: u32,
    /// Calls that were given up because nothing was heard of them.
    pub timeouts: u32,
    pub over: u32,
    pub failed: u32,
    pub blocked: Duration,
    pub blocked_since: Option<Duration>,
    /// Since when no lane takes calls.
    pub away_since: Option<Duration>,
}

impl Job {
    pub fn new(id: JobId, frame: Frame, chapters: Vec<Chapter>, tiers: Vec<Vec<LaneNo>>, urgent: bool) -> Self {
        let waiting = chapters.iter().filter(|chapter| chapter.is_waiting());
        let unbegun: BTreeSet<(u32, u32)> = waiting.map(|chapter| (chapter.chars, chapter.place)).collect();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let work = Work::new(&frame, &chapters);
        let turns = Turns::new(frame.settings.order, &chapters);
        Self {
            id,
            frame,
            over: number(chapters.iter().filter(|chapter| chapter.is_over()).count()),
            failed: number(chapters.iter().filter(|chapter| chapter.is_failed()).count()),
            unbegun_chars: unbegun.iter().map(|(chars, _)| u64::from(*chars)).sum(),
            chapters,
            texts: BTreeMap::new(),
            authors: BTreeMap::new(),
            tiers,
            urgent,
            front: Vec::new(),
            stage: Stage::Chapters,
            synopsis_error: None,
            wanted: Wanted::Run,
            state: JobState::Running,
            reason: None,
            ending: None,
            end_reason: None,
            served: 0.0,
            turns,
            next_turn: 0,
            opening: BTreeSet::new(),
            batch: 0,
            ready: BTreeSet::new(),
            resting: 0,
            held_back: BTreeMap::new(),
            in_flight: 0,
            storing: 0,
            looking: 0,
            writing: 0,
            unbegun,
            permits: BTreeMap::new(),
            work,
            reused: 0,
            retries: 0,
            timeouts: 0,
            blocked: Duration::ZERO,
            blocked_since: None,
            away_since: None,
        }
    }

    pub fn chapter(&mut self, place: u32) -> Option<&mut Chapter> {
        self.chapters.get_mut(place as usize)
    }

    /// Whether calls of it may be sent.
    pub fn works(&self) -> bool {
        matches!(self.wanted, Wanted::Run | Wanted::Finish) && self.ending.is_none()
    }

    /// Whether a call may be sent: what would begin a chapter may not while the job is finishing.
    pub fn may_send(&self, call: &PlannedCall) -> bool {
        self.wanted != Wanted::Finish || call.chapter.is_none_or(|place| self.has_begun(place))
    }

    /// Whether a call of a chapter was sent.
    pub fn has_begun(&self, place: u32) -> bool {
        self.chapters.get(place as usize).is_some_and(Chapter::has_begun)
    }

    /// Whether all that was begun is finished, the synopsis included where it was begun.
    pub fn has_finished(&self) -> bool {
        let open = |chapter: &Chapter| chapter.has_begun() && !chapter.is_over();
        matches!(self.stage, Stage::Chapters)
            && self.in_flight + self.storing + self.writing == 0
            && !self.chapters.iter().any(open)
    }

    /// Notes who gave an answer of a chapter or of the synopsis.
    pub fn wrote(&mut self, place: Option<u32>, author: Author) {
        self.authors.insert(place, author);
    }

    /// Takes the answer to a call of a chapter.
    pub fn answer(&mut self, place: u32, call: &PlannedCall, raw: &str) -> Progress {
        let text = self.texts.get(&place).map(Arc::clone).unwrap_or_default();
        let chapter = self.chapters.get_mut(place as usize);
        chapter.map_or(Progress::Pending, |chapter| chapter.answer(call, raw, &text, &self.frame))
    }

    /// Work left of a chapter.
    pub fn left_of(&self, place: u32) -> f64 {
        self.chapters.get(place as usize).map_or(0.0, |chapter| self.work.left_of(chapter))
    }

    /// Work left of the synopsis.
    pub fn left_of_synopsis(&self) -> f64 {
        match self.stage {
            Stage::Chapters | Stage::Merging(_) => self.work.left_of_synopsis(),
            Stage::Writing | Stage::Over => 0.0,
        }
    }

    /// Takes the stored answer to a call of the synopsis.
    pub fn merge(&mut self, call: &PlannedCall, raw: &str) -> Merged {
        self.work.merged();
        match &mut self.stage {
            Stage::Merging(synopsis) => synopsis.answer(call, raw, &self.frame),
            _ => Merged::Pending,
        }
    }

    /// A chapter is begun, or will not be: it is no longer among those that could go first near the end.
    pub fn no_longer_unbegun(&mut self, place: u32) {
        let Some(chapter) = self.chapters.get(place as usize) else { return };
        if self.unbegun.remove(&(chapter.chars, place)) {
            self.unbegun_chars -= u64::from(chapter.chars);
        }
    }

    /// Counts a chapter that is over, and forgets its text.
    pub fn close(&mut self, place: u32) {
        self.no_longer_unbegun(place);
        self.texts.remove(&place);
        self.authors.remove(&Some(place));
        self.front.retain(|front| *front != place);
        self.permits.remove(&place);
        self.over += 1;
        if self.chapters.get(place as usize).is_some_and(Chapter::is_failed) {
            self.failed += 1;
        }
    }

    /// Calls planned but not sent.
    pub fn queued(&self) -> usize {
        self.ready.len() + self.resting as usize + self.held_back.len()
    }

    /// Whether something was asked of the driver that it has not answered yet.
    pub fn is_busy(&self) -> bool {
        self.in_flight + self.storing + self.looking + self.writing > 0 || !self.opening.is_empty()
    }

    /// Whether its chapters are all over.
    pub fn chapters_over(&self) -> bool {
        self.over as usize >= self.chapters.len()
    }

    /// Workers with something to do.
    pub fn busy_workers(&self) -> u32 {
        let calls = match self.frame.settings.permit {
            Permit::Call => self.in_flight + self.storing,
            Permit::Chapter => u32::try_from(self.permits.len()).unwrap_or(u32::MAX),
        };
        calls + self.looking + u32::try_from(self.opening.len()).unwrap_or(u32::MAX)
    }

    pub fn block(&mut self, blocked: bool, now: Duration) {
        match (blocked, self.blocked_since) {
            (true, None) => self.blocked_since = Some(now),
            (false, Some(since)) => {
                self.blocked += now.saturating_sub(since);
                self.blocked_since = None;
            }
            _ => {}
        }
    }
}
