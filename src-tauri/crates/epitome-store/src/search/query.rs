//! Asking the index, and making hits of what it answers.

use std::collections::{BTreeMap, BinaryHeap, HashMap};

use epitome_model::{BookHits, BookId, ChapterMarks, Found, Hit, Place, SearchIn, SectionId};
use rusqlite::{Connection, OptionalExtension, named_params};

use crate::StoreError;
use crate::columns::json;
use crate::search::index::{Kind, due};
use crate::search::snippet;
use crate::search::words::{Spot, Words};

/// Hits of one search that are shown, and whose texts are read; the others are counted.
pub const MOST_HITS: usize = 200;

/// Marks of one text; a chapter of more is marked up to there.
const MOST_MARKS: usize = 2000;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// As a person typed it.
    pub words: String,
    pub within: SearchIn,
    /// Only in this book.
    pub book: Option<BookId>,
    /// Only in chapters up to this number, so that a reader who is there learns nothing of what comes.
    pub until: Option<u32>,
}

const BOOKS: &str = "
    SELECT book.id, book.id, NULL, NULL, -2, bm25(search_book, 2.0, 1.0, 1.0)
    FROM search_book CROSS JOIN book ON book.id = search_book.rowid
    WHERE search_book MATCH :words AND book.removed_ms IS NULL AND (:book IS NULL OR book.id = :book) AND (:until IS NULL OR :until >= 0)";

const SECTIONS: &str = "
    SELECT section.id, section.book_id, section.id, section.number, section.position, bm25(search_section, 4.0, 1.0)
    FROM search_section CROSS JOIN section ON section.id = search_section.rowid
    JOIN book ON book.id = section.book_id AND book.removed_ms IS NULL
    WHERE search_section MATCH :words AND section.left_out IS NULL
        AND (:book IS NULL OR section.book_id = :book) AND (:until IS NULL OR section.number <= :until)";

/// Of each chapter the newest summary only. A synopsis has no number, so with a bound it is not looked at.
const SUMMARIES: &str = "
    SELECT summary.id, summary.book_id, summary.section_id, section.number, coalesce(section.position, -1),
           bm25(search_summary, 4.0, 2.0, 1.0)
    FROM search_summary CROSS JOIN summary ON summary.id = search_summary.rowid
    JOIN book ON book.id = summary.book_id AND book.removed_ms IS NULL
    LEFT JOIN section ON section.id = summary.section_id
    WHERE search_summary MATCH :words AND section.left_out IS NULL
        AND (:book IS NULL OR summary.book_id = :book) AND (:until IS NULL OR section.number <= :until)
        AND summary.id = (SELECT max(newer.id) FROM summary AS newer
                          WHERE newer.book_id = summary.book_id AND newer.section_id IS summary.section_id)";

/// Looks for words. `goes_on` is asked now and then; when it says no, whatever was found is given.
pub fn search(conn: &Connection, ask: &Ask, goes_on: impl Fn() -> bool) -> Result<Found, StoreError> {
    let words = Words::of(&ask.words);
    let mut found = Found { unindexed: due(conn)?, ..Found::default() };
    if words.is_empty() {
        return Ok(found);
    }
    let (best, mut totals) = matches(conn, ask, &words, &goes_on)?;
    let mut books: BTreeMap<BookId, Vec<Match>> = BTreeMap::new();
    for one in best {
        books.entry(one.book).or_default().push(one);
    }
    let mut books: Vec<_> = books.into_iter().collect();
    books.sort_by(|(_, one), (_, other)| one.iter().min().cmp(&other.iter().min()));
    for (book, mut matches) in books {
        matches.sort_by_key(|one| (one.position, one.kind != Kind::Summary));
        let all = matches.len();
        let mut hits = Vec::with_capacity(all);
        for one in matches.iter().take_while(|_| goes_on()) {
            hits.extend(hit(conn, one, &words)?);
        }
        // What was changed since it was put into the index does not hold the words any more.
        let stale = u32::try_from(all - hits.len()).unwrap_or(u32::MAX);
        let total = totals.remove(&book).unwrap_or_default().saturating_sub(stale);
        if let Some((title, authors)) = heading(conn, book)?.filter(|_| !hits.is_empty()) {
            found.books.push(BookHits { book, title, authors, hits, total });
            found.total += total;
        }
    }
    found.total += totals.values().sum::<u32>();
    Ok(found)
}

/// Where words are in the texts of a chapter.
pub fn chapter_marks(conn: &Connection, section: SectionId, typed: &str) -> Result<ChapterMarks, StoreError> {
    let words = Words::of(typed);
    let marks = |text: &str| snippet::marks(text, &words.spots(text), MOST_MARKS);
    let mut found = ChapterMarks::default();
    let mut source = conn.prepare_cached("SELECT title, text FROM section WHERE id = ?1")?;
    let source =
        source.query_row([section.0], |row| Ok((marks(row.get_ref(0)?.as_str()?), marks(row.get_ref(1)?.as_str()?))));
    if let Some((title, source)) = source.optional()? {
        found = ChapterMarks { title, source, ..found };
    }
    let newest = "SELECT title, preview, text FROM summary WHERE section_id = ?1 ORDER BY id DESC LIMIT 1";
    let mut written = conn.prepare_cached(newest)?;
    let written = written.query_row([section.0], |row| {
        let marked = |column| Ok::<_, rusqlite::Error>(marks(row.get_ref(column)?.as_str()?));
        Ok((marked(0)?, marked(1)?, marked(2)?))
    });
    if let Some((title, preview, summary)) = written.optional()? {
        found = ChapterMarks { title, preview, summary, ..found };
    }
    Ok(found)
}

/// Where words are in the newest synopsis of a book, as the summary of the marks.
pub fn synopsis_marks(conn: &Connection, book: BookId, typed: &str) -> Result<ChapterMarks, StoreError> {
    let words = Words::of(typed);
    let newest = "SELECT text FROM summary WHERE book_id = ?1 AND section_id IS NULL ORDER BY id DESC LIMIT 1";
    let summary = conn.prepare_cached(newest)?.query_row([book.0], |row| {
        let text = row.get_ref(0)?.as_str()?;
        Ok(snippet::marks(text, &words.spots(text), MOST_MARKS))
    });
    Ok(ChapterMarks { summary: summary.optional()?.unwrap_or_default(), ..ChapterMarks::default() })
}

/// A row of the index that holds the words.
struct Match {
    kind: Kind,
    id: i64,
    book: BookId,
    section: Option<SectionId>,
    number: Option<u32>,
    /// Place in the book; what is of the book as a whole comes before its chapters.
    position: i64,
    /// FTS5's: less is better.
    rank: f64,
}

impl Match {
    fn key(&self) -> (bool, f64) {
        (self.kind != Kind::Book, self.rank)
    }
}

/// The better one is the lesser one.
impl Ord for Match {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let (one, other) = (self.key(), other.key());
        one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
    }
}

impl PartialOrd for Match {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Match {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Match {}

/// The best matches, and how many each book has. One pass over the index: no text is read for it.
fn matches(
    conn: &Connection,
    ask: &Ask,
    words: &Words,
    goes_on: &impl Fn() -> bool,
) -> Result<(Vec<Match>, HashMap<BookId, u32>), StoreError> {
    let asked: &[(Kind, &str)] = match ask.within {
        SearchIn::Everything => &[(Kind::Book, BOOKS), (Kind::Summary, SUMMARIES), (Kind::Section, SECTIONS)],
        SearchIn::Summaries => &[(Kind::Summary, SUMMARIES)],
        SearchIn::Sources => &[(Kind::Section, SECTIONS)],
    };
    let (mut best, mut totals) = (BinaryHeap::with_capacity(MOST_HITS + 1), HashMap::new());
    for (kind, sql) in asked {
        let mut select = conn.prepare_cached(sql)?;
        let mut rows = select.query(named_params! {
            ":words": words.expression(),
            ":book": ask.book.map(|book| book.0),
            ":until": ask.until,
        })?;
        while let Some(row) = rows.next()?.filter(|_| goes_on()) {
            let one = Match {
                kind: *kind,
                id: row.get(0)?,
                book: BookId(row.get(1)?),
                section: row.get::<_, Option<i64>>(2)?.map(SectionId),
                number: row.get(3)?,
                position: row.get(4)?,
                rank: row.get(5)?,
            };
            *totals.entry(one.book).or_default() += 1;
            best.push(one);
            if best.len() > MOST_HITS {
                best.pop();
            }
        }
    }
    Ok((best.into_vec(), totals))
}

/// The hit a match is; none where its texts do not hold the words any more.
fn hit(conn: &Connection, found: &Match, words: &Words) -> Result<Option<Hit>, StoreError> {
    let mut best: Option<(usize, Place, String, Vec<Spot>)> = None;
    for (place, text) in texts(conn, found)? {
        let spots = words.spots(&text);
        let held = (0..words.number()).filter(|number| spots.iter().any(|spot| spot.sequence == *number)).count();
        if held > best.as_ref().map_or(0, |best| best.0) {
            best = Some((held, place, text, spots));
        }
    }
    let Some((_, place, text, spots)) = best else { return Ok(None) };
    let cut = snippet::cut(&text, &spots);
    Ok(Some(Hit {
        section: found.section,
        number: found.number,
        title: title(conn, found)?,
        place,
        snippet: cut.text,
        marks: cut.marks,
        times: u32::try_from(spots.len()).unwrap_or(u32::MAX),
        at: cut.at,
    }))
}

/// The texts of a match, the one that says most first.
fn texts(conn: &Connection, found: &Match) -> Result<Vec<(Place, String)>, StoreError> {
    let mut select = conn.prepare_cached(found.kind.texts())?;
    let read = select.query_row([found.id], |row| {
        let whole = if found.section.is_some() { Place::Summary } else { Place::Synopsis };
        Ok(match found.kind {
            Kind::Book => {
                let authors: Vec<String> = json(row, 1)?;
                vec![(Place::Book, row.get(0)?), (Place::Book, authors.join(", ")), (Place::Book, row.get(2)?)]
            }
            Kind::Section => vec![(Place::Source, row.get(1)?), (Place::Title, row.get(0)?)],
            Kind::Summary => {
                vec![(whole, row.get(2)?), (Place::Preview, row.get(1)?), (Place::Title, row.get(0)?)]
            }
        })
    });
    Ok(read.optional()?.unwrap_or_default())
}

/// Title and authors of a book.
fn heading(conn: &Connection, book: BookId) -> Result<Option<(String, Vec<String>)>, StoreError> {
    let mut select = conn.prepare_cached("SELECT title, authors FROM book WHERE id = ?1")?;
    Ok(select.query_row([book.0], |row| Ok((row.get(0)?, json(row, 1)?))).optional()?)
}

/// What the place of a match is called: the chapter's written title, else the source's, else the book's.
fn title(conn: &Connection, found: &Match) -> Result<String, StoreError> {
    let (sql, id) = match found.section {
        Some(section) => (
            "SELECT coalesce((SELECT nullif(title, '') FROM summary WHERE section_id = ?1 ORDER BY id DESC LIMIT 1), title)
             FROM section WHERE id = ?1",
            section.0,
        ),
        None => ("SELECT title FROM book WHERE id = ?1", found.book.0),
    };
    Ok(conn.prepare_cached(sql)?.query_row([id], |row| row.get(0)).optional()?.unwrap_or_default())
}
