//! A damaged library: opened all the same, with everything that lies on pages that are not damaged.

use std::collections::{BTreeMap, BTreeSet};

use epitome_model::{BookId, JobId};
use epitome_store::{Connection, Lost, Store, StoreError, book, call, job, views};
use rusqlite::types::Value;

use crate::fixture::add_book;
use crate::full::{Held, Key, PAGE, folder_with, held, library, open, rows};

/// Numbers that look like chance and are the same every time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((number ^ (number >> 31)) % most as u64).unwrap()
    }
}

/// Everything on pages that are not damaged is there as it was. What belongs to a job or a book that is gone with its
/// page may be gone where nothing else tells what it belonged to: only answers and events can be in that case.
fn assert_kept(before: &BTreeMap<Key, Held>, damaged: &BTreeSet<usize>, store: &Store, what: &str) {
    let after = store.read(|conn| Ok(rows(conn))).unwrap();
    let lies = |key: &Key| before.get(key).is_some_and(|held| !held.pages.is_disjoint(damaged));
    let book_is_told = |book: &Value| {
        before.iter().any(|((table, ..), held)| {
            held.pages.is_disjoint(damaged)
                && match *table {
                    "book" => held.values[0] == *book,
                    "section" | "summary" => held.values[1] == *book,
                    _ => false,
                }
        })
    };
    let job_is_told = |job: i64| {
        let row = before.get(&("job", job, 0));
        if row.is_some_and(|row| row.pages.is_disjoint(damaged)) {
            return book_is_told(&row.unwrap().values[1]);
        }
        before.iter().any(|((table, first, second), held)| {
            held.pages.is_disjoint(damaged)
                && match *table {
                    // It names no book, but its section does.
                    "job_chapter" => *first == job && !lies(&("section", *second, 0)),
                    "summary" => held.values[3] == Value::Integer(job),
                    _ => false,
                }
        })
    };
    for (key, held) in before.iter().filter(|(key, _)| !lies(key)) {
        let told = match (key.0, &held.values[1]) {
            ("call" | "event", Value::Integer(job)) => job_is_told(*job),
            ("job", book) => book_is_told(book),
            ("job_chapter", _) => !lies(&("section", key.2, 0)) && !lies(&("job", key.1, 0)),
            _ => true,
        };
        let mut now = after.get(key).cloned();
        // The hash of an incomplete book is another one, and an event can lose its chapter.
        let but = match key.0 {
            "book" => Some(7),
            "event" => Some(5),
            _ => None,
        };
        if let (Some(but), Some(now)) = (but, &mut now) {
            now[but] = held.values[but].clone();
        }
        if told || now.is_some() {
            assert!(now.as_ref() == Some(&held.values), "{what}: {key:?} {:?} is now {now:?}", held.values);
        }
    }
}

#[test]
fn whatever_lies_on_sound_pages_survives_damage_anywhere() {
    let (home, file) = library();
    let before = held(&file);
    let sound = std::fs::read(&file).unwrap();
    let pages = sound.len() / PAGE;
    assert!(pages > 150, "{pages} pages are a poor target");
    let mut rebuilt = 0;
    for seed in 0..seeds() {
        let mut chance = Chance(seed);
        let (mut bytes, mut damaged) = (sound.clone(), BTreeSet::new());
        for _ in 0..=chance.below(5) {
            let page = chance.below(pages);
            damaged.insert(page + 1);
            let begin = page * PAGE;
            match chance.below(4) {
                // A few bytes, anywhere or where the page describes itself; a sector; the whole page.
                0 => (0..=chance.below(20)).for_each(|_| bytes[begin + chance.below(PAGE)] ^= 1 << chance.below(8)),
                1 => (0..=chance.below(5)).for_each(|_| bytes[begin + chance.below(16)] ^= 1 << chance.below(8)),
                2 => bytes[begin + 512 * chance.below(8)..][..512].fill(0),
                _ => (0..PAGE).for_each(|at| bytes[begin + at] = u8::try_from(chance.below(256)).unwrap()),
            }
        }
        let folder = home.path().join(seed.to_string());
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("library.sqlite"), &bytes).unwrap();
        let (store, salvaged) = open(&folder);
        assert_kept(&before, &damaged, &store, &format!("seed {seed}"));
        if let Some(salvaged) = salvaged {
            rebuilt += 1;
            assert_eq!(std::fs::read(&salvaged.aside).unwrap(), bytes, "the damaged file is kept as it was");
        }
        drop(store);
        assert!(Store::open(&folder).unwrap().salvaged().is_none(), "what was rebuilt is sound");
        std::fs::remove_dir_all(folder).unwrap();
    }
    assert!(rebuilt > seeds() / 2, "only {rebuilt} were found damaged");
}

/// Damaged files tried; more where somebody asks for it.
fn seeds() -> u64 {
    std::env::var("EPITOME_DAMAGE_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(40)
}

#[test]
fn a_file_cut_short_keeps_what_is_before_the_cut() {
    let (_home, file) = library();
    let (before, sound) = (held(&file), std::fs::read(&file).unwrap());
    let pages = sound.len() / PAGE;
    for (left, over) in [(pages - 1, 0), (pages * 3 / 4, 100), (pages / 2, 2_000), (pages / 10, 0), (2, 1)] {
        let home = folder_with(&sound[..left * PAGE + over]);
        let (store, salvaged) = open(home.path());
        assert_kept(&before, &(left + 1..=pages).collect(), &store, &format!("{left} pages"));
        assert!(salvaged.is_some(), "{left} pages of {pages} were taken for a whole library");
    }
    // Not even a header is left.
    let home = folder_with(&sound[..50]);
    let (store, salvaged) = open(home.path());
    let told = salvaged.unwrap().to_string();
    assert!(told.contains("no book in it could be read") && told.contains("damaged-1"), "{told}");
    assert!(store.read(views::shelf).unwrap().is_empty());
}

#[test]
fn a_wiped_header_or_a_wiped_first_page_costs_nothing_else() {
    let (_home, file) = library();
    let (before, sound) = (held(&file), std::fs::read(&file).unwrap());
    for wiped in [16, 100, PAGE] {
        let mut bytes = sound.clone();
        bytes[..wiped].fill(0);
        let home = folder_with(&bytes);
        let (store, salvaged) = open(home.path());
        let salvaged = salvaged.unwrap();
        assert_kept(&before, &BTreeSet::from([1]), &store, &format!("{wiped} bytes"));
        assert_eq!((salvaged.books, salvaged.lost.incomplete_books), (8, 0), "{salvaged}");
        assert_eq!((salvaged.sections, salvaged.summaries, salvaged.calls), (96, 144, 144));
    }
}

#[test]
fn a_wrong_number_of_the_format_is_damage_and_not_another_version() {
    let (_home, file) = library();
    let before = held(&file);
    let sound = std::fs::read(&file).unwrap();
    for format in [0_i32, 1, 50_000, -3] {
        let mut bytes = sound.clone();
        // Where the header keeps it.
        bytes[60..64].copy_from_slice(&format.to_be_bytes());
        let home = folder_with(&bytes);
        let (store, salvaged) = open(home.path());
        assert_kept(&before, &BTreeSet::new(), &store, &format!("format {format}"));
        assert_eq!(salvaged.unwrap().lost, Lost::default(), "{format}");
    }
}

#[test]
fn somebody_elses_file_is_put_aside_whole_and_the_library_begins_empty() {
    for strange in [&b"this is no library at all, but somebody's text"[..], &[0xff; 8192], &[0; 8192]] {
        let home = folder_with(strange);
        let (store, salvaged) = open(home.path());
        let salvaged = salvaged.unwrap();
        assert_eq!(std::fs::read(&salvaged.aside).unwrap(), strange);
        assert_eq!((salvaged.books, salvaged.sections, salvaged.summaries, salvaged.calls), (0, 0, 0, 0));
        assert!(store.read(views::shelf).unwrap().is_empty());
        add_book(&store, "one");
    }
}

#[test]
fn what_was_removed_does_not_come_back() {
    let (_home, file) = library();
    let conn = Connection::open(&file).unwrap();
    let free: i64 = conn.query_row("PRAGMA freelist_count", [], |row| row.get(0)).unwrap();
    assert!(free > 3, "{free} free pages");
    // An inner page of the texts: the pages below it hang on nothing, as the free ones do.
    let inner: i64 = conn
        .query_row("SELECT pageno FROM dbstat WHERE name = 'section' AND pagetype = 'internal'", [], |row| row.get(0))
        .unwrap();
    drop(conn);
    let before = held(&file);
    let mut bytes = std::fs::read(&file).unwrap();
    let inner = usize::try_from(inner).unwrap();
    bytes[(inner - 1) * PAGE..inner * PAGE].fill(0);
    let home = folder_with(&bytes);
    let (store, salvaged) = open(home.path());
    assert_kept(&before, &BTreeSet::from([inner]), &store, "inner page");
    assert_eq!((salvaged.as_ref().unwrap().books, salvaged.unwrap().sections), (8, 96));
}

#[test]
fn a_book_that_lost_text_can_be_added_again_and_its_answers_are_not_paid_for_again() {
    let (_home, file) = library();
    let before = held(&file);
    // The one page on which the second chapter of the first book begins, and everything of the eighth book's row.
    let page = |key: Key| *before[&key].pages.first().unwrap();
    let conn = Connection::open(&file).unwrap();
    let first: i64 = conn.query_row("SELECT id FROM book WHERE title = 'Book 1'", [], |row| row.get(0)).unwrap();
    let lost: i64 = conn
        .query_row("SELECT id FROM section WHERE book_id = ?1 AND position = 1", [first], |row| row.get(0))
        .unwrap();
    drop(conn);
    let mut bytes = std::fs::read(&file).unwrap();
    let place = (page(("section", lost, 0)) - 1) * PAGE;
    bytes[place..place + PAGE].fill(0xff);
    let home = folder_with(&bytes);
    let (store, salvaged) = open(home.path());
    let salvaged = salvaged.unwrap();
    assert!(salvaged.lost.incomplete_books >= 1 && salvaged.lost.pages >= 1, "{salvaged:?}");
    assert!(salvaged.to_string().contains("add the file again"), "{salvaged}");
    let hash = format!("{:064x}", 1);
    assert_eq!(store.read(|conn| book::by_hash(conn, &hash)).unwrap(), None);
    let coverage = store.read(|conn| views::coverage(conn, BookId(first))).unwrap();
    assert!(!coverage.adds_up(), "the ledger shows what is missing");
    // Its summary is still read under the chapter that lost its text.
    let text = store.read(|conn| views::chapter_text(conn, epitome_model::SectionId(lost))).unwrap().unwrap();
    assert!(text.summary.is_some() && text.source.is_empty());
    assert!(store.read(|conn| call::find(conn, &format!("01-0-{:060}", 1))).unwrap().is_some());
}

#[test]
fn damage_that_a_check_of_pages_does_not_see_is_mended_at_the_next_start() {
    let (home, file) = library();
    let conn = Connection::open(&file).unwrap();
    conn.execute_batch(
        "UPDATE job SET state = 'gnippots' WHERE id = 3; UPDATE summary SET provider = '' WHERE id = 50",
    )
    .unwrap();
    drop(conn);
    let store = Store::open(home.path()).unwrap();
    assert!(store.salvaged().is_none());
    let error = store.read(|conn| job::find(conn, JobId(3))).unwrap_err();
    assert!(matches!(error, StoreError::Unreadable(_)) && error.hint().contains("start it again"), "{error:?}");
    drop(store);

    let (store, salvaged) = open(home.path());
    let lost = salvaged.unwrap().lost;
    assert_eq!((lost.pages, lost.rows), (0, 2));
    // The job's answers and summaries have another to belong to.
    assert!(store.read(|conn| job::find(conn, JobId(3))).unwrap().is_some());
    drop(store);
    assert!(open(home.path()).1.is_none(), "a mended library is not in doubt any more");
}

#[test]
fn a_damaged_library_that_another_program_has_open_is_left_alone() {
    let (home, file) = library();
    let other = Store::open(home.path()).unwrap();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[PAGE..PAGE * 20].fill(0xa5);
    std::fs::write(&file, &bytes).unwrap();
    let error = Store::open(home.path()).err().unwrap();
    assert!(matches!(error, StoreError::DamagedInUse), "{error:?}");
    assert_eq!(std::fs::read(&file).unwrap(), bytes);
    drop(other);
    assert!(open(home.path()).1.is_some());
}

#[test]
fn a_rebuilding_that_was_ended_is_finished_by_the_next_start() {
    let (_home, file) = library();
    let sound = std::fs::read(&file).unwrap();
    // Ended before the damaged file was put aside, after its log was, and after all of it was.
    for (main, log) in [(true, true), (true, false), (false, false)] {
        let home = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(home.path().join(name), bytes).unwrap();
        put("library.rebuilt.sqlite", &sound);
        put(if main { "library.sqlite" } else { "library.damaged-1.sqlite" }, b"damaged");
        put(if log { "library.sqlite-wal" } else { "library.damaged-1.sqlite-wal" }, b"its log");
        let (store, salvaged) = open(home.path());
        assert_eq!((salvaged, store.read(views::shelf).unwrap().len()), (None, 8));
        assert_eq!(std::fs::read(home.path().join("library.damaged-1.sqlite")).unwrap(), b"damaged");
        assert_eq!(std::fs::read(home.path().join("library.damaged-1.sqlite-wal")).unwrap(), b"its log");
        assert!(!home.path().join("library.rebuilt.sqlite").exists());
    }
}
