//! How the jobs of this process stand, for what is told outside the window's page: tray, taskbar, notifications. Pure.

use std::collections::{BTreeMap, BTreeSet};

use epitome_model::{AlertKind, BoardFrame, JobId, JobState};

/// Something that became of a book and that a person who does not look at the window wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    Done {
        chapters: u32,
    },
    Failures {
        failed: u32,
    },
    /// It goes on by itself as soon as it can; why it cannot now.
    Waits {
        reason: String,
    },
    /// It ended without the person's wish; why.
    Stopped {
        reason: String,
    },
    /// Something is not as it should be; what, and what to do.
    Alert {
        cause: String,
        hint: String,
    },
}

/// All jobs together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Books that are worked on, or would be if their server answered.
    pub at_work: usize,
    pub paused: usize,
    /// Chapters done of all, of the books at work and of those that were finished beside them.
    pub percent: u8,
    /// Seconds left of the book that takes longest, where known.
    pub remaining_s: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Work {
    state: JobState,
    done: u32,
    all: u32,
    remaining_s: Option<u32>,
    /// Part of the present stretch of work; over when nothing is at work any more.
    counts: bool,
}

#[derive(Debug, Default)]
pub struct Works {
    jobs: BTreeMap<JobId, Work>,
    /// Alerts that stand and were told, by job, kind and time. They are no part of what frames that were missed change.
    alerts: BTreeSet<(JobId, AlertKind, i64)>,
}

impl Works {
    /// Takes what a frame says; tells what is news.
    pub fn take(&mut self, frame: &BoardFrame) -> Vec<News> {
        let mut news: Vec<News> = self.take_state(frame).into_iter().collect();
        news.extend(self.take_alerts(frame));
        news
    }

    /// Alerts that were not told yet.
    fn take_alerts(&mut self, frame: &BoardFrame) -> Vec<News> {
        let (job, standing) = (frame.job, &frame.vitals.alerts);
        let stands = |kind, since_ms| standing.iter().any(|one| (one.kind, one.since_ms) == (kind, since_ms));
        self.alerts.retain(|(of, kind, since_ms)| *of != job || stands(*kind, *since_ms));
        let fresh = standing.iter().filter(|one| self.alerts.insert((job, one.kind, one.since_ms)));
        fresh.map(|one| News::Alert { cause: one.cause.clone(), hint: one.hint.clone() }).collect()
    }

    /// What became of the book since the frame before.
    fn take_state(&mut self, frame: &BoardFrame) -> Option<News> {
        let vitals = &frame.vitals;
        let work = Work {
            state: frame.state,
            done: vitals.chapters_done + vitals.chapters_failed,
            all: vitals.chapters_all,
            remaining_s: vitals.remaining.map(|left| left.likely_s),
            counts: true,
        };
        let before = self.jobs.insert(frame.job, work).map_or(JobState::Waiting, |known| known.state);
        if self.standing().at_work == 0 {
            self.jobs.values_mut().for_each(|work| work.counts = false);
        }
        if before == frame.state {
            return None;
        }
        let reason = || frame.reason.clone().unwrap_or_default();
        match frame.state {
            JobState::Done => Some(News::Done { chapters: vitals.chapters_done }),
            JobState::Incomplete => Some(News::Failures { failed: vitals.chapters_failed }),
            JobState::Unreachable => Some(News::Waits { reason: reason() }),
            JobState::Stopped if frame.reason.is_some() => Some(News::Stopped { reason: reason() }),
            _ => None,
        }
    }

    /// Frames were missed: only what comes from now on counts.
    pub fn forget(&mut self) {
        self.jobs.clear();
    }

    pub fn standing(&self) -> Standing {
        let at_work = |work: &&Work| matches!(work.state, JobState::Running | JobState::Unreachable);
        let counted = || self.jobs.values().filter(|work| work.counts);
        let sum = |of: fn(&Work) -> u32| counted().map(|work| u64::from(of(work))).sum::<u64>();
        let percent = (sum(|work| work.done) * 100).checked_div(sum(|work| work.all)).unwrap_or_default();
        Standing {
            at_work: self.jobs.values().filter(at_work).count(),
            paused: self.jobs.values().filter(|work| work.state == JobState::Paused).count(),
            percent: u8::try_from(percent.min(100)).unwrap_or(100),
            remaining_s: self.jobs.values().filter(at_work).filter_map(|work| work.remaining_s).max(),
        }
    }
}

impl News {
    /// Heading and text of a notification.
    pub fn words(&self, title: &str) -> (String, String) {
        let quoted = format!("\u{201c}{title}\u{201d}");
        match self {
            Self::Done { chapters } => {
                (format!("{quoted} is done"), format!("{} summarised.", counted(*chapters, "chapter")))
            }
            Self::Failures { failed } => (
                format!("{quoted} is finished with failures"),
                format!("{} failed and can be retried.", counted(*failed, "chapter")),
            ),
            Self::Waits { reason } => (format!("{quoted} waits for its server"), reason.clone()),
            Self::Stopped { reason } => (format!("{quoted} stopped"), reason.clone()),
            Self::Alert { cause, hint } => (format!("{quoted} needs a look"), format!("{cause} {hint}")),
        }
    }
}

impl Standing {
    /// One line for the tray.
    pub fn words(&self) -> String {
        if self.at_work == 0 {
            return match self.paused {
                0 => "Nothing is at work".to_owned(),
                paused => format!("{} paused", counted(u32::try_from(paused).unwrap_or(u32::MAX), "book")),
            };
        }
        let books = counted(u32::try_from(self.at_work).unwrap_or(u32::MAX), "book");
        let left = self.remaining_s.map(|seconds| format!(", about {} left", duration(seconds))).unwrap_or_default();
        format!("{books} at work: {} %{left}", self.percent)
    }
}

fn counted(number: u32, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

fn duration(seconds: u32) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5_400 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h", (seconds + 1_800) / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use epitome_model::{Alert, Remaining, Vitals};

    use super::*;

    fn frame(job: i64, state: JobState, done: u32, all: u32) -> BoardFrame {
        let remaining = (state == JobState::Running).then_some(Remaining { low_s: 60, likely_s: 1_440, high_s: 2_000 });
        let vitals = Vitals { chapters_done: done, chapters_all: all, remaining, ..Vitals::default() };
        BoardFrame {
            job: JobId(job),
            seq: 0,
            state,
            reason: None,
            vitals,
            cells: Vec::new(),
            events: Vec::new(),
            calls: Vec::new(),
        }
    }

    #[test]
    fn news_is_told_once_and_only_of_what_nobody_did_by_hand() {
        let mut works = Works::default();
        assert_eq!(works.take(&frame(1, JobState::Running, 0, 4)), []);
        assert_eq!(works.take(&frame(1, JobState::Paused, 1, 4)), []);
        assert_eq!(works.take(&frame(1, JobState::Running, 1, 4)), []);
        let away =
            BoardFrame { reason: Some("Ollama does not answer.".into()), ..frame(1, JobState::Unreachable, 1, 4) };
        assert_eq!(works.take(&away), [News::Waits { reason: "Ollama does not answer.".into() }]);
        assert_eq!(works.take(&away), []);
        assert_eq!(works.take(&frame(1, JobState::Done, 4, 4)), [News::Done { chapters: 4 }]);
        assert_eq!(works.take(&frame(1, JobState::Done, 4, 4)), []);
        assert_eq!(works.take(&frame(2, JobState::Stopped, 0, 4)), [], "stopped by hand");
        let broken = BoardFrame { reason: Some("The disk is full.".into()), ..frame(3, JobState::Stopped, 0, 4) };
        assert_eq!(works.take(&broken), [News::Stopped { reason: "The disk is full.".into() }]);
    }

    #[test]
    fn an_alert_is_told_once_also_when_frames_were_missed_and_anew_when_it_begins_anew() {
        let alert = |since_ms| Alert {
            kind: AlertKind::Commit,
            since_ms,
            cause: "Writing to the library is slow.".into(),
            hint: "Use another disk.".into(),
        };
        let with = |alerts| {
            let mut frame = frame(1, JobState::Running, 0, 4);
            frame.vitals.alerts = alerts;
            frame
        };
        let news = News::Alert { cause: "Writing to the library is slow.".into(), hint: "Use another disk.".into() };
        let mut works = Works::default();
        assert_eq!(works.take(&with(vec![alert(1)])), std::slice::from_ref(&news));
        works.forget();
        assert_eq!(works.take(&with(vec![alert(1)])), [], "it was told");
        assert_eq!(works.take(&frame(2, JobState::Running, 0, 4)), [], "another book does not end it");
        assert_eq!(works.take(&with(vec![])), []);
        assert_eq!(works.take(&with(vec![alert(9)])), std::slice::from_ref(&news));
        let (head, text) = news.words("Emma");
        assert_eq!(head, "\u{201c}Emma\u{201d} needs a look");
        assert_eq!(text, "Writing to the library is slow. Use another disk.");
    }

    #[test]
    fn progress_does_not_fall_when_one_of_several_is_done() {
        let mut works = Works::default();
        works.take(&frame(1, JobState::Running, 50, 100));
        works.take(&frame(2, JobState::Running, 0, 100));
        assert_eq!((works.standing().at_work, works.standing().percent), (2, 25));
        works.take(&frame(1, JobState::Done, 100, 100));
        assert_eq!((works.standing().at_work, works.standing().percent), (1, 50));
        works.take(&frame(2, JobState::Done, 100, 100));
        assert_eq!(works.standing().words(), "Nothing is at work");
        // The next stretch of work begins anew.
        works.take(&frame(3, JobState::Running, 10, 100));
        assert_eq!(works.standing().words(), "1 book at work: 10 %, about 24 min left");
        works.take(&frame(3, JobState::Paused, 10, 100));
        assert_eq!(works.standing().words(), "1 book paused");
    }

    #[test]
    fn notifications_are_sentences() {
        let (head, text) = News::Done { chapters: 1 }.words("Emma");
        assert_eq!((head.as_str(), text.as_str()), ("\u{201c}Emma\u{201d} is done", "1 chapter summarised."));
        let (_, text) = News::Failures { failed: 3 }.words("Emma");
        assert_eq!(text, "3 chapters failed and can be retried.");
    }
}
