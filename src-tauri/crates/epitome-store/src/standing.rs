//! Where the chapters of a book stand, from what its jobs wrote down. For the views.

use std::collections::HashSet;

use epitome_model::{BookId, CellState, ChapterState, JobId, JobState, SectionId, WireError};
use rusqlite::Connection;

use crate::chapter::{self, Progress};
use crate::job::JobRow;
use crate::section::SectionRow;
use crate::{StoreError, summary};

/// What is known of a book's chapters.
pub(crate) struct Standing {
    summarised: HashSet<SectionId>,
    /// By section: thousands of them are read in order and looked up once each.
    records: Vec<(SectionId, Record)>,
    /// Job that is not over; in its scope an older summary or failure does not count.
    current: Option<Current>,
}

/// The last a job wrote down about a chapter.
struct Record {
    job: JobId,
    /// Whether that job is over, so that a chapter it was at is not being worked on.
    over: bool,
    progress: Progress,
}

struct Current {
    job: JobId,
    /// Chapters it works on; `None` for all.
    scope: Option<HashSet<SectionId>>,
}

impl Standing {
    /// As the book shows it: each chapter by the newest job that has something on it.
    pub(crate) fn of_book(conn: &Connection, book: BookId, newest: Option<&JobRow>) -> Result<Self, StoreError> {
        let rows = chapter::newest_of_book(conn, book)?.into_iter();
        let records = rows.map(|(job, state, row)| (row.section, Record::new(job, state, row.progress)));
        let (summarised, current) = (summary::sections(conn, book)?, newest.and_then(Current::of));
        Ok(Self { summarised, records: by_section(records), current })
    }

    /// The chapters that the book shows as failed, in reading order, and why.
    pub(crate) fn failures(
        conn: &Connection,
        book: BookId,
        newest: Option<&JobRow>,
    ) -> Result<Vec<(SectionId, Option<WireError>)>, StoreError> {
        let current = newest.and_then(Current::of);
        let rows = chapter::failed_of_book(conn, book)?;
        let failed: Vec<_> = rows.iter().map(|(_, _, row)| row.section).collect();
        let rows = rows.into_iter();
        let records = by_section(rows.map(|(job, state, row)| (row.section, Record::new(job, state, row.progress))));
        let standing = Self { summarised: HashSet::new(), records, current };
        let shown = failed.into_iter().filter(|section| standing.record(*section).is_some());
        Ok(shown.map(|section| (section, standing.error(section))).collect())
    }

    /// As the board of one job shows it.
    pub(crate) fn of_job(conn: &Connection, job: &JobRow) -> Result<Self, StoreError> {
        let rows = chapter::of_job(conn, job.id)?.into_iter();
        let records = by_section(rows.map(|row| (row.section, Record::new(job.id, job.state, row.progress))));
        let current = Current::of(job);
        // Where every chapter is done again, no older summary counts.
        let all = current.as_ref().is_some_and(|current| current.scope.is_none());
        let summarised = if all { HashSet::new() } else { summary::sections(conn, job.book)? };
        Ok(Self { summarised, records, current })
    }

    pub(crate) fn cell(&self, part: &SectionRow) -> CellState {
        let only = |state| CellState { state, ..CellState::default() };
        if part.left_out.is_some() {
            return only(ChapterState::LeftOut);
        }
        let redone = self.is_redone(part.id);
        let written = self.summarised.contains(&part.id) && !redone;
        let without_record = if written { ChapterState::Done } else { ChapterState::Waiting };
        match self.record(part.id) {
            None => only(without_record),
            Some(record) => {
                let state = record.progress.state;
                let at_work = !matches!(state, ChapterState::Done | ChapterState::Failed);
                let state = if record.over && at_work { without_record } else { state };
                CellState { state, done: record.progress.done, planned: record.progress.planned }
            }
        }
    }

    /// What was last written down about a chapter, whether it counts or not.
    pub(crate) fn progress(&self, section: SectionId) -> Option<&Progress> {
        self.written(section).map(|record| &record.progress)
    }

    /// Why a chapter failed.
    pub(crate) fn error(&self, section: SectionId) -> Option<WireError> {
        self.record(section)?.progress.error.clone()
    }

    /// Pieces a chapter was cut into.
    pub(crate) fn pieces(&self, section: SectionId) -> Option<u32> {
        Some(self.record(section)?.progress.pieces)
    }

    fn written(&self, section: SectionId) -> Option<&Record> {
        let at = self.records.binary_search_by_key(&section, |(known, _)| *known).ok()?;
        self.records.get(at).map(|(_, record)| record)
    }

    /// The record that counts: not one of an older job while a newer one is about to do the chapter again.
    fn record(&self, section: SectionId) -> Option<&Record> {
        let record = self.written(section)?;
        let newest = self.current.as_ref().is_some_and(|current| current.job == record.job);
        (newest || !self.is_redone(section)).then_some(record)
    }

    fn is_redone(&self, section: SectionId) -> bool {
        let Some(current) = &self.current else { return false };
        current.scope.as_ref().is_none_or(|scope| scope.contains(&section))
    }
}

fn by_section(records: impl Iterator<Item = (SectionId, Record)>) -> Vec<(SectionId, Record)> {
    let mut records: Vec<_> = records.collect();
    records.sort_unstable_by_key(|(section, _)| *section);
    records
}

impl Record {
    fn new(job: JobId, state: JobState, progress: Progress) -> Self {
        Self { job, over: state.is_final(), progress }
    }
}

impl Current {
    fn of(job: &JobRow) -> Option<Self> {
        let scope = || job.scope.as_ref().map(|scope| scope.iter().copied().collect());
        (!job.state.is_final()).then(|| Self { job: job.id, scope: scope() })
    }
}
