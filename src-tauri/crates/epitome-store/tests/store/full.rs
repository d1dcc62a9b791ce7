//! A library with enough in it to damage, and a look at which row lies on which page.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use epitome_model::{BookId, EventLevel, JobId};
use epitome_store::{Connection, Salvaged, Store, book, call, event, job, section, views};
use rusqlite::types::{Value, ValueRef};

use crate::fixture::{add_job, an_answer, finish};

/// Bytes of a page.
pub const PAGE: usize = 4096;

/// Words that differ from chapter to chapter.
pub fn words(of: usize, count: usize) -> String {
    (0..count).map(|place| format!("w{of}.{place}")).collect::<Vec<_>>().join(" ")
}

/// A book of 12 sections, some longer than a page, two jobs, and everything that belongs to them.
pub fn add_full_book(store: &Store, number: usize) -> (BookId, [JobId; 2]) {
    let texts: Vec<String> = (0..12).map(|place| words(number * 100 + place, 40 + place * place * 12)).collect();
    let chars = |text: &String| u32::try_from(text.len()).unwrap();
    let all = texts.iter().map(chars).sum();
    let (id, sections) = store
        .write_blocking(move |conn| {
            let meta = epitome_model::BookMeta { title: format!("Book {number}"), ..Default::default() };
            let new = book::NewBook {
                meta: &meta,
                format: epitome_model::Format::Text,
                method: epitome_model::ChapterMethod::Headings,
                file_name: "book.txt",
                source_hash: &format!("{number:064x}"),
                source_chars: all,
                cover: Some(("image/png", &vec![7; 500 * number])),
                added_ms: 1,
            };
            let book = book::insert(conn, &new)?;
            let mut sections = Vec::new();
            for (position, text) in (0..).zip(&texts) {
                let title = format!("Chapter {position}");
                let new = section::NewSection {
                    book,
                    position,
                    number: Some(position + 1),
                    title: &title,
                    part: None,
                    chars: chars(text),
                    left_out: None,
                    text,
                };
                sections.push(section::insert(conn, &new)?);
            }
            Ok((book, sections))
        })
        .unwrap();
    let jobs = [add_job(store, id, None), add_job(store, id, None)];
    for (round, job) in jobs.into_iter().enumerate() {
        let sections = sections.clone();
        store
            .write_blocking(move |conn| {
                for (place, section) in sections.into_iter().enumerate().skip(round * 6) {
                    let key = format!("{number:02}-{round}-{place:060}");
                    call::record(conn, &an_answer(job, &key, &words(place, 150)))?;
                    finish(conn, id, job, section, &words(place, 90))?;
                    event::insert(conn, job, 5, EventLevel::Info, "A chapter is done.", Some(section))?;
                }
                job::set_state(conn, job, epitome_model::JobState::Done, None)
            })
            .unwrap();
    }
    (id, jobs)
}

/// A library of eight books in one file without a log; a ninth was removed, so that some pages are free.
pub fn library() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let removed = add_full_book(&store, 9).0;
    for number in 1..=8 {
        add_full_book(&store, number);
    }
    store.write_blocking(move |conn| book::remove(conn, removed)).unwrap();
    drop(store);
    let file = home.path().join("library.sqlite");
    assert!(!file.with_extension("sqlite-wal").exists());
    (home, file)
}

pub const TABLES: [&str; 7] = ["book", "section", "job", "job_chapter", "call", "summary", "event"];

/// A row: what it holds, and the pages it lies on.
pub struct Held {
    pub values: Vec<Value>,
    pub pages: BTreeSet<usize>,
}

/// Table and key.
pub type Key = (&'static str, i64, i64);

pub type Rows = BTreeMap<Key, Vec<Value>>;

/// Damaged text too.
pub fn readable(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        value => Value::try_from(value).unwrap(),
    }
}

pub fn rows(conn: &Connection) -> Rows {
    let mut found = Rows::new();
    for table in TABLES {
        let key = if table == "job_chapter" { "job_id, section_id" } else { "id, 0" };
        let mut select = conn.prepare(&format!("SELECT {key}, * FROM {table} ORDER BY 1, 2")).unwrap();
        let columns = select.column_count();
        let mut rows = select.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values = (2..columns).map(|column| readable(row.get_ref(column).unwrap())).collect();
            found.insert((table, row.get(0).unwrap(), row.get(1).unwrap()), values);
        }
    }
    found
}

/// Every row with its pages, as SQLite itself tells where they are.
pub fn held(file: &Path) -> BTreeMap<Key, Held> {
    let conn = Connection::open(file).unwrap();
    let mut held = BTreeMap::new();
    let rows = rows(&conn);
    for table in TABLES {
        let mut select = conn.prepare("SELECT path, pageno, pagetype, ncell FROM dbstat WHERE name = ?1").unwrap();
        let pages = select.query_map([table], |row| {
            let number = |column| row.get::<_, i64>(column).map(|number| usize::try_from(number).unwrap());
            Ok((row.get::<_, String>(0)?, (number(1)?, row.get::<_, String>(2)?, number(3)?)))
        });
        let pages: BTreeMap<_, _> = pages.unwrap().map(Result::unwrap).collect();
        // Leaves in the order of their paths are in the order of their rows.
        let mut places = Vec::new();
        for (path, (page, kind, cells)) in &pages {
            // Inner pages of a table without row numbers would hold rows too.
            assert!(table != "job_chapter" || kind == "leaf", "{path}");
            for cell in 0..(if kind == "leaf" { *cells } else { 0 }) {
                let chain = format!("{path}{cell:03x}+");
                let behind = pages.iter().filter(|(path, _)| path.starts_with(&chain)).map(|(_, (page, ..))| *page);
                places.push(behind.chain([*page]).collect::<BTreeSet<_>>());
            }
        }
        let own: Vec<_> = rows.iter().filter(|(key, _)| key.0 == table).collect();
        assert_eq!(own.len(), places.len(), "{table}");
        held.extend(
            own.into_iter().zip(places).map(|((key, values), pages)| (*key, Held { values: values.clone(), pages })),
        );
    }
    held
}

/// A folder with this as its library.
pub fn folder_with(bytes: &[u8]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("library.sqlite"), bytes).unwrap();
    home
}

pub fn open(folder: &Path) -> (Store, Option<Salvaged>) {
    let store = Store::open(folder).unwrap();
    let salvaged = store.salvaged().cloned();
    let conn = Connection::open(folder.join("library.sqlite")).unwrap();
    let verdict: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    if salvaged.is_some() {
        assert_eq!(verdict, "ok");
        let strays = conn.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
        assert!(!strays, "a row belongs to nothing");
        // What a rebuilt library holds, every screen can show.
        for card in store.read(views::shelf).unwrap() {
            store.read(|conn| views::book_view(conn, card.id)).unwrap().unwrap();
            for job in store.read(|conn| job::of_book(conn, card.id)).unwrap() {
                store.read(|conn| views::board(conn, job.id)).unwrap().unwrap();
            }
        }
    }
    (store, salvaged)
}
