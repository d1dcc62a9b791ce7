//! What screens show, put together from several tables.

use base64::Engine;
use epitome_model::{
    Board, BookCard, BookId, BookView, Cell, ChapterRow, ChapterText, Coverage, JobHead, JobId, SectionId, WireError,
};
use rusqlite::{Connection, OptionalExtension};

use crate::chapter::Progress;
use crate::job::{self, JobRow};
use crate::section::SectionRow;
use crate::standing::Standing;
use crate::{StoreError, book, event, live, section, summary};

/// What came of a book.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub card: BookCard,
    pub coverage: Coverage,
    /// Title of each chapter that failed, and why.
    pub failed: Vec<(String, Option<WireError>)>,
}

/// Books on the shelf, newest first.
pub fn shelf(conn: &Connection) -> Result<Vec<BookCard>, StoreError> {
    let mut select =
        conn.prepare_cached("SELECT id FROM book WHERE removed_ms IS NULL ORDER BY added_ms DESC, id DESC")?;
    let ids = select.query_map([], |row| Ok(BookId(row.get(0)?)))?.collect::<Result<Vec<_>, _>>()?;
    ids.into_iter().filter_map(|id| card(conn, id).transpose()).collect()
}

fn card(conn: &Connection, id: BookId) -> Result<Option<BookCard>, StoreError> {
    let Some(found) = book::find(conn, id)? else { return Ok(None) };
    let count = |sql: &str| conn.prepare_cached(sql)?.query_row([id.0], |row| row.get::<_, u32>(0));
    let newest = newest_job(conn, id)?;
    let failed = Standing::failures(conn, id, newest.as_ref())?.len();
    Ok(Some(BookCard {
        id,
        chapters: count("SELECT count(*) FROM section WHERE book_id = ?1 AND left_out IS NULL")?,
        summarised: count(
            "SELECT count(*) FROM section WHERE book_id = ?1 AND left_out IS NULL
                AND id IN (SELECT section_id FROM summary WHERE book_id = ?1)",
        )?,
        failed: u32::try_from(failed).unwrap_or(u32::MAX),
        cover: book::cover_size(conn, id)?,
        job: newest.as_ref().map(|job| job.id),
        state: newest.as_ref().map(|job| job.state),
        reason: newest.as_ref().and_then(|job| job.reason.clone()),
        remaining: None,
        provider: newest.as_ref().map(|job| job.settings.provider),
        model: newest.map(|job| job.settings.model).filter(|model| !model.is_empty()),
        meta: found.meta,
        format: found.format,
        file_name: found.file_name,
        source_chars: found.source_chars,
        added_ms: found.added_ms,
    }))
}

/// A book's own cover as a `data:` address.
pub fn cover(conn: &Connection, id: BookId) -> Result<Option<String>, StoreError> {
    let encoded = |bytes: Vec<u8>| base64::engine::general_purpose::STANDARD.encode(bytes);
    Ok(book::cover(conn, id)?.map(|(media, bytes)| format!("data:{media};base64,{}", encoded(bytes))))
}

fn newest_job(conn: &Connection, book: BookId) -> Result<Option<JobRow>, StoreError> {
    let mut select = conn.prepare_cached("SELECT max(id) FROM job WHERE book_id = ?1")?;
    let id: Option<i64> = select.query_row([book.0], |row| row.get(0))?;
    Ok(match id {
        Some(id) => job::find(conn, JobId(id))?,
        None => None,
    })
}

/// The ledger of a book.
pub fn coverage(conn: &Connection, id: BookId) -> Result<Coverage, StoreError> {
    // The source's length as it was read, not the sum of the parts: only so can a missing part show.
    let source_chars = book::find(conn, id)?.map(|found| found.source_chars).unwrap_or_default();
    let sum = |sql: &str| conn.prepare_cached(sql)?.query_row([id.0], |row| row.get::<_, u32>(0));
    let chapters = "SELECT coalesce(sum(chars), 0) FROM section WHERE book_id = ?1 AND left_out IS NULL";
    Ok(Coverage {
        source_chars,
        chapter_chars: sum(chapters)?,
        summarised_chars: sum(&format!("{chapters} AND id IN (SELECT section_id FROM summary WHERE book_id = ?1)"))?,
        left_out: section::left_out(conn, id)?,
    })
}

/// What came of a book, without its chapters: those of a long one take many times as much memory.
pub fn outcome(conn: &Connection, id: BookId) -> Result<Option<Outcome>, StoreError> {
    let Some(card) = card(conn, id)? else { return Ok(None) };
    let newest = newest_job(conn, id)?;
    let failures = Standing::failures(conn, id, newest.as_ref())?.into_iter();
    let named = |(section, error)| Ok((section::title(conn, section)?.unwrap_or_default(), error));
    let failed = failures.map(named).collect::<Result<_, StoreError>>()?;
    Ok(Some(Outcome { card, coverage: coverage(conn, id)?, failed }))
}

/// A book with its chapters.
pub fn book_view(conn: &Connection, id: BookId) -> Result<Option<BookView>, StoreError> {
    let (Some(card), Some(found)) = (card(conn, id)?, book::find(conn, id)?) else { return Ok(None) };
    let newest = newest_job(conn, id)?;
    let standing = Standing::of_book(conn, id, newest.as_ref())?;
    let mut headings = summary::headings(conn, id)?;
    let chapters = section::list(conn, id)?.into_iter().map(|part| {
        let (title, preview) = headings.remove(&part.id).map(|found| (found.title, found.preview)).unzip();
        ChapterRow {
            section: part.id,
            number: part.number,
            state: standing.cell(&part).state,
            title,
            preview,
            error: standing.error(part.id),
            source_title: part.title,
            part: part.part,
            chars: part.chars,
            left_out: part.left_out,
        }
    });
    Ok(Some(BookView {
        chapters: chapters.collect(),
        card,
        method: found.method,
        coverage: coverage(conn, id)?,
        synopsis: summary::synopsis(conn, id)?.map(|row| row.text),
        settings: newest.map(|job| job.settings),
    }))
}

/// One chapter with everything to read.
pub fn chapter_text(conn: &Connection, id: SectionId) -> Result<Option<ChapterText>, StoreError> {
    let mut select = conn.prepare_cached("SELECT * FROM section WHERE id = ?1")?;
    let found = select.query_row([id.0], |row| Ok((section::row(row)?, BookId(row.get("book_id")?), row.get("text")?)));
    let Some((part, book_id, source)) = found.optional()? else { return Ok(None) };
    if !book::exists(conn, book_id)? {
        return Ok(None);
    }
    let newest = newest_job(conn, book_id)?;
    let standing = Standing::of_book(conn, book_id, newest.as_ref())?;
    let written = summary::of_section(conn, id)?;
    Ok(Some(ChapterText {
        section: id,
        number: part.number,
        state: standing.cell(&part).state,
        source_title: part.title,
        pieces: written.as_ref().map(|row| row.pieces).or_else(|| standing.pieces(id)).unwrap_or_default(),
        provider: written.as_ref().map(|row| row.provider),
        model: written.as_ref().map(|row| row.model.clone()),
        written_ms: written.as_ref().map(|row| row.written_ms),
        title: written.as_ref().map(|row| row.title.clone()),
        preview: written.as_ref().map(|row| row.preview.clone()),
        summary: written.map(|row| row.text),
        error: standing.error(id),
        source,
    }))
}

/// Events a board shows.
const EVENTS: u32 = 200;

/// The board of a job as it is stored: complete, with the vital signs some process wrote last.
pub fn board(conn: &Connection, id: JobId) -> Result<Option<Board>, StoreError> {
    let Some(row) = job::find(conn, id)? else { return Ok(None) };
    board_of(conn, row, |_, _| {})
}

/// The board of a job. `each` sees every section of the book in reading order with what the job wrote down about it, so
/// that a run which starts from both reads them once.
pub fn board_of(
    conn: &Connection,
    row: JobRow,
    each: impl FnMut(&SectionRow, Option<&Progress>),
) -> Result<Option<Board>, StoreError> {
    let Some(found) = book::find(conn, row.book)? else { return Ok(None) };
    let parts = section::list(conn, row.book)?;
    let accounted_chars = parts.iter().map(|part| part.chars).sum();
    let cells = cells(conn, &row, parts, each)?;
    Ok(Some(Board {
        head: JobHead {
            job: row.id,
            book: row.book,
            book_title: found.meta.title,
            state: row.state,
            reason: row.reason,
            profile: row.settings.profile,
            provider: row.settings.provider,
            model: row.settings.model,
            window: row.window,
            started_ms: row.started_ms,
            source_chars: found.source_chars,
            accounted_chars,
        },
        vitals: live::read(conn, row.id)?.unwrap_or_default(),
        cells,
        events: event::last(conn, row.id, EVENTS)?,
        calls: Vec::new(),
        seq: 0,
    }))
}

/// The cells of a job's board, in reading order.
pub fn board_cells(conn: &Connection, id: JobId) -> Result<Vec<Cell>, StoreError> {
    let Some(row) = job::find(conn, id)? else { return Ok(Vec::new()) };
    let parts = section::list(conn, row.book)?;
    cells(conn, &row, parts, |_, _| {})
}

fn cells(
    conn: &Connection,
    row: &JobRow,
    parts: Vec<SectionRow>,
    mut each: impl FnMut(&SectionRow, Option<&Progress>),
) -> Result<Vec<Cell>, StoreError> {
    let standing = Standing::of_job(conn, row)?;
    let cell = |part: SectionRow| {
        each(&part, standing.progress(part.id));
        Cell { section: part.id, number: part.number, cell: standing.cell(&part), title: part.title }
    };
    let mut cells: Vec<Cell> = parts.into_iter().map(cell).collect();
    // They take the place of the larger sections, and stay as long as the job.
    cells.shrink_to_fit();
    Ok(cells)
}
