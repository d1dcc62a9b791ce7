//! A job as it stands in the store, ready to be gone on with.

use std::collections::HashSet;

use epitome_model::{Board, CellState, ChapterState, JobId, JobSettings, JobState, SectionId, Vitals};
use epitome_store::{Connection, StoreError, book, job, section, views};

use epitome_engine::plan::Chapter;

/// Characters of the book from which its script is told.
const SAMPLE_CHARS: usize = 4_000;

/// Everything a run starts from.
pub struct Loaded {
    pub row: job::JobRow,
    pub settings: JobSettings,
    pub title: String,
    pub language: Option<String>,
    /// The beginning of the longest chapter.
    pub sample: String,
    /// Window of an earlier run of the job; kept, so that the same calls are the same.
    pub window: Option<u32>,
    /// Chapters of the job in reading order.
    pub chapters: Vec<Chapter>,
    /// Cell of each of them on the board.
    pub cells: Vec<u32>,
}

/// Reads a job and its board; `None` when it is not there any more.
pub fn load(conn: &Connection, id: JobId) -> Result<Option<(Loaded, Board)>, StoreError> {
    let Some(row) = job::find(conn, id)? else { return Ok(None) };
    let Some(found) = book::find(conn, row.book)? else { return Ok(None) };
    let scope: Option<HashSet<SectionId>> = row.scope.as_ref().map(|scope| scope.iter().copied().collect());
    let (mut chapters, mut cells, mut cell) = (Vec::new(), Vec::new(), 0);
    let board = views::board_of(conn, row.clone(), |part, before| {
        cell += 1;
        let wanted = scope.as_ref().is_none_or(|scope| scope.contains(&part.id));
        if part.left_out.is_some() || !wanted {
            return;
        }
        let place = u32::try_from(chapters.len()).unwrap_or(u32::MAX);
        let finer = before.and_then(|before| before.piece_chars).map(|chars| chars as usize);
        let mut chapter = Chapter::new(part.id, place, part.title.clone(), part.chars, finer);
        if let Some(before) = before
            && matches!(before.state, ChapterState::Done | ChapterState::Failed)
        {
            let cell = CellState { state: before.state, done: before.done, planned: before.planned };
            chapter.close(cell, before.pieces);
        }
        chapters.push(chapter);
        cells.push(cell - 1);
    })?;
    let Some(mut board) = board else { return Ok(None) };
    // What an earlier run measured says nothing about this one.
    (board.head.state, board.head.reason, board.vitals) = (JobState::Running, None, Vitals::default());
    let longest = chapters.iter().max_by_key(|chapter| chapter.chars).map(|chapter| chapter.section);
    let sample = match longest {
        Some(section) => section::text(conn, section)?.unwrap_or_default().chars().take(SAMPLE_CHARS).collect(),
        None => String::new(),
    };
    let loaded = Loaded {
        settings: row.settings.clone(),
        title: found.meta.title,
        language: found.meta.language,
        sample,
        window: row.window,
        chapters,
        cells,
        row,
    };
    Ok(Some((loaded, board)))
}
