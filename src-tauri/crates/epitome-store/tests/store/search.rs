//! Searching the library: every script, any input, and an index that is what the tables are.

use epitome_model::{BookId, BookMeta, ChapterMethod, Format, Found, LeftOutReason, Mark, Place, SearchIn, SectionId};
use epitome_store::search::{AT_ONCE, Ask, MOST_HITS, chapter_marks, due, index_some, search, synopsis_marks};
use epitome_store::{Connection, Store, StoreError, book, section};
use proptest::prelude::*;

use crate::fixture::{add_job, finish, store};

/// Adds a book with these chapters and puts it into the index.
fn add(store: &Store, title: &'static str, chapters: Vec<String>) -> (BookId, Vec<SectionId>) {
    let added = store.write_blocking(move |conn| insert(conn, title, &chapters)).unwrap();
    index(store);
    added
}

fn insert(conn: &Connection, title: &str, chapters: &[String]) -> Result<(BookId, Vec<SectionId>), StoreError> {
    let authors = vec!["Leo Tolstoy".to_owned()];
    let meta = BookMeta { title: title.to_owned(), authors, ..BookMeta::default() };
    let book = book::insert(
        conn,
        &book::NewBook {
            meta: &meta,
            format: Format::Epub,
            method: ChapterMethod::Navigation,
            file_name: "book.epub",
            source_hash: title,
            source_chars: 0,
            cover: None,
            added_ms: 1,
        },
    )?;
    let mut sections = Vec::new();
    for (position, text) in (0..).zip(chapters) {
        let new = section::NewSection {
            book,
            position,
            number: Some(position + 1),
            title: &format!("Heading {}", position + 1),
            part: None,
            chars: 0,
            left_out: None,
            text,
        };
        sections.push(section::insert(conn, &new)?);
    }
    Ok((book, sections))
}

fn index(store: &Store) {
    while store.write_blocking(|conn| index_some(conn, AT_ONCE)).unwrap() {}
    assert_eq!(store.read(due).unwrap(), 0);
}

fn ask(store: &Store, ask: &Ask) -> Found {
    let found = store.read(|conn| search(conn, ask, || true)).unwrap();
    for hit in found.books.iter().flat_map(|book| &book.hits) {
        assert!(!hit.marks.is_empty(), "{ask:?} {hit:?}");
    }
    found
}

fn find(store: &Store, words: &str) -> Found {
    ask(store, &Ask { words: words.to_owned(), ..Ask::default() })
}

/// What is marked, of every hit.
fn marked(found: &Found) -> Vec<String> {
    let hits = found.books.iter().flat_map(|book| &book.hits);
    hits.flat_map(|hit| hit.marks.iter().map(|mark| part(&hit.snippet, *mark))).collect()
}

fn part(text: &str, mark: Mark) -> String {
    text.chars().skip(mark.from as usize).take((mark.to - mark.from) as usize).collect()
}

#[test]
fn words_of_every_script_are_found() {
    let (_home, store) = store();
    for (title, text) in [
        ("french", "Les élèves de l’École s’assirent; Cœur."),
        ("russian", "Пьер вошёл в гостиную, и княгиня улыбнулась."),
        ("chinese", "却说贾宝玉在大观园中读红楼梦。"),
        ("japanese", "山路を登りながら、こう考えた。ガラスの草枕。"),
        ("arabic", "قَرَأَ الكِتَابَ في الحَدِيقَةِ"),
        ("korean", "한국은 아름다운 나라입니다."),
        ("hebrew", "בְּרֵאשִׁית בָּרָא אֱלֹהִים"),
        ("thai", "ภาษาไทยไม่มีช่องว่างระหว่างคำ"),
        ("hindi", "हिन्दी में लिखा हुआ"),
        ("greek", "Ἄνδρα μοι ἔννεπε, Μοῦσα, ΟΔΥΣΣΕΎΣ"),
    ] {
        add(&store, title, vec![text.to_owned()]);
    }
    for (words, book, part) in [
        ("eleve", "french", "élèves"),
        ("ECOLE", "french", "École"),
        ("coeur", "french", "Cœur"),
        ("пьер вошел", "russian", "Пьер"),
        ("КНЯГ", "russian", "княгиня"),
        ("宝玉", "chinese", "宝玉"),
        ("红楼梦", "chinese", "红楼梦"),
        ("园", "chinese", "园"),
        ("登り", "japanese", "登り"),
        ("ｶﾞﾗｽ", "japanese", "ガラス"),
        ("草枕", "japanese", "草枕"),
        ("الكتاب", "arabic", "الكِتَابَ"),
        ("한국", "korean", "한국"),
        ("나라", "korean", "나라"),
        ("בראשית", "hebrew", "בְּרֵאשִׁית"),
        ("ไม่มี", "thai", "ไม่มี"),
        ("हिन्दी", "hindi", "हिन्दी"),
        ("μουσα", "greek", "Μοῦσα"),
        ("οδυσσευς", "greek", "ΟΔΥΣΣΕΎΣ"),
    ] {
        let found = find(&store, words);
        let titles: Vec<_> = found.books.iter().map(|found| found.title.as_str()).collect();
        assert_eq!(titles, [book], "{words}");
        assert!(marked(&found).contains(&part.to_owned()), "{words}: {:?}", marked(&found));
    }
    for nothing in ["玉宝", "楼红", "국한", "ole", "เทยไ"] {
        assert_eq!(find(&store, nothing), Found::default(), "{nothing}");
    }
}

#[test]
fn a_hit_says_where_it_is_and_books_come_by_their_best() {
    let (_home, store) = store();
    let (one, sections) = add(
        &store,
        "War and Peace",
        vec!["A ball at Anna’s. Prince Andréy.".into(), "Pierre and the prince, a bear.".into(), "Nothing.".into()],
    );
    let (other, _) = add(&store, "Bears", vec!["Nothing of that kind.".into()]);
    let job = add_job(&store, one, None);
    let chapter = sections[2];
    store.write_blocking(move |conn| finish(conn, one, job, chapter, "Prince Andréy meets a bear.")).unwrap();

    let found = find(&store, "bear");
    assert_eq!(found.books.iter().map(|found| found.book).collect::<Vec<_>>(), [other, one]);
    assert_eq!((found.total, found.books[0].hits[0].place), (3, Place::Book));
    let hits = &found.books[1].hits;
    let places: Vec<_> = hits.iter().map(|hit| (hit.number, hit.place, hit.title.as_str())).collect();
    assert_eq!(places, [(Some(2), Place::Source, "Heading 2"), (Some(3), Place::Summary, "A title")]);
    assert_eq!((hits[0].at, hits[0].times), (25, 1));

    let found = find(&store, "andrey prin");
    assert_eq!(marked(&found), ["Prince", "Andréy", "Prince", "Andréy"]);
    // All the words are in one chapter, or it is no hit.
    assert_eq!(find(&store, "andrey ball bear").total, 0);
    let title = find(&store, "heading 3");
    assert_eq!(title.books[0].hits[0].place, Place::Title);

    for (within, number) in [(SearchIn::Everything, 4), (SearchIn::Summaries, 1), (SearchIn::Sources, 2)] {
        let found = ask(&store, &Ask { words: "prince".into(), within, ..Ask::default() });
        assert_eq!(found.total, if number == 4 { 3 } else { number }, "{within:?}");
    }
    let within = |book, until| ask(&store, &Ask { words: "bear".into(), book, until, ..Ask::default() }).total;
    assert_eq!([within(Some(one), None), within(Some(other), None), within(Some(BookId(99)), None)], [2, 1, 0]);
    assert_eq!([within(Some(one), Some(1)), within(Some(one), Some(2)), within(Some(one), Some(3))], [0, 1, 2]);

    let marks = store.read(|conn| chapter_marks(conn, chapter, "BEAR prin")).unwrap();
    assert_eq!((marks.summary.len(), marks.source.len()), (2, 0));
    assert_eq!(part("Prince Andréy meets a bear.", marks.summary[1]), "bear");
}

#[test]
fn only_the_newest_summary_of_a_chapter_is_found_and_a_synopsis_not_before_the_end() {
    let (_home, store) = store();
    let (book, sections) = add(&store, "One", vec!["Text.".into()]);
    let chapter = sections[0];
    for text in ["The murderer is the butler.", "The gardener is innocent."] {
        let job = add_job(&store, book, None);
        store.write_blocking(move |conn| finish(conn, book, job, chapter, text)).unwrap();
    }
    assert_eq!((find(&store, "butler").total, find(&store, "gardener").total), (0, 1));
    let job = add_job(&store, book, None);
    let synopsis = epitome_store::summary::NewSummary {
        book,
        section: None,
        job,
        title: "",
        preview: "",
        text: "In the end all are innocent.",
        pieces: 1,
        provider: epitome_model::ProviderKind::BuiltIn,
        model: "",
        written_ms: 1,
    };
    store.write_blocking(move |conn| epitome_store::summary::insert(conn, &synopsis)).unwrap();
    let found = find(&store, "innocent");
    let places: Vec<_> = found.books[0].hits.iter().map(|hit| hit.place).collect();
    assert_eq!(places, [Place::Synopsis, Place::Summary]);
    let bound = ask(&store, &Ask { words: "innocent".into(), until: Some(1), ..Ask::default() });
    assert_eq!(bound.books[0].hits.iter().map(|hit| hit.place).collect::<Vec<_>>(), [Place::Summary]);
    let marks = store.read(|conn| synopsis_marks(conn, book, "innocent")).unwrap().summary;
    assert_eq!(marks.iter().map(|mark| part("In the end all are innocent.", *mark)).collect::<Vec<_>>(), ["innocent"]);

    store.write_blocking(move |conn| book::put_away(conn, book, 1)).unwrap();
    assert_eq!(find(&store, "innocent"), Found::default(), "a removed book is not found");
    store.write_blocking(move |conn| book::restore(conn, book).map(|_| ())).unwrap();
    assert_eq!(find(&store, "innocent").total, 2);
}

#[test]
fn the_index_follows_every_change_of_the_tables() {
    let (_home, store) = store();
    let (book, sections) = add(&store, "One", vec!["The first whale.".into(), "The second whale.".into()]);
    assert_eq!(find(&store, "whale").total, 2);
    let placed = |id, title, text, left_out| section::Placed { id, title, part: None, left_out, text };
    let (first, second) = (sections[0], sections[1]);
    store
        .write_blocking(move |conn| {
            let text = Some(("A third whale.", 14));
            section::arrange(
                conn,
                book,
                &[
                    placed(Some(second), "Heading 2", None, Some(LeftOutReason::Cover)),
                    placed(Some(first), "Renamed", Some(("No fish at all.", 15)), None),
                    placed(None, "New", text, None),
                ],
            )
        })
        .unwrap();
    // Until it is put into the index again, the changed chapter is not found by what it held.
    let found = find(&store, "whale");
    assert_eq!((found.total, found.unindexed), (0, 2));
    index(&store);
    assert_eq!(find(&store, "whale").books[0].hits[0].title, "New");
    assert_eq!((find(&store, "fish").total, find(&store, "renamed").total, find(&store, "heading").total), (1, 1, 0));

    store.write_blocking(move |conn| book::remove(conn, book)).unwrap();
    for words in ["whale", "fish", "renamed", "tolstoy"] {
        assert_eq!(find(&store, words), Found::default(), "{words}");
    }
    let left = "SELECT (SELECT count(*) FROM search_section_docsize) + (SELECT count(*) FROM search_due)";
    assert_eq!(store.read(|conn| Ok(conn.query_row(left, [], |row| row.get::<_, i64>(0))?)).unwrap(), 0);
}

#[test]
fn an_import_that_was_cut_short_is_indexed_where_it_was_left() {
    let (home, store) = store();
    let chapters: Vec<String> = (0..20).map(|number| format!("whale {}", "word ".repeat(number * 40))).collect();
    store.write_blocking(move |conn| insert(conn, "One", &chapters)).unwrap();
    assert_eq!(find(&store, "whale").unindexed, 20);
    // Some of it at a time, as much as was asked for and one row more.
    assert!(store.write_blocking(|conn| index_some(conn, 5000)).unwrap());
    let (found, left) = (find(&store, "whale"), store.read(due).unwrap());
    assert!(left > 0 && left < 20 && found.total == 20 - left && found.unindexed == left, "{left}");
    drop(store);
    let again = Store::open(home.path()).unwrap();
    index(&again);
    assert_eq!(find(&again, "whale").total, 20);
}

#[test]
fn a_library_from_before_there_was_a_search_can_be_searched() {
    let home = tempfile::tempdir().unwrap();
    let old = Connection::open(home.path().join("library.sqlite")).unwrap();
    old.execute_batch(include_str!("format-1.sql")).unwrap();
    old.execute_batch(
        "INSERT INTO book VALUES (1, 'Old', '[\"A. Author\"]', NULL, 'epub', 'navigation', 'o', 'h', 3, NULL, NULL, 1);
         INSERT INTO section VALUES (1, 1, 0, 1, 'One', NULL, 3, NULL, 'The white whale');
         PRAGMA user_version = 1;",
    )
    .unwrap();
    drop(old);
    let store = Store::open(home.path()).unwrap();
    assert_eq!(find(&store, "whale").unindexed, 1);
    index(&store);
    assert_eq!((find(&store, "whale").total, find(&store, "author").total), (1, 1));
}

#[test]
fn a_rebuilt_library_is_indexed_anew() {
    let (home, store) = store();
    let text = "The white whale. ".repeat(400);
    let (book, sections) = add(&store, "One", vec![text.clone(), text]);
    let job = add_job(&store, book, None);
    let chapter = sections[0];
    store.write_blocking(move |conn| finish(conn, book, job, chapter, "A harpooner.")).unwrap();
    drop(store);
    let file = home.path().join("library.sqlite");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[..100].fill(0);
    std::fs::write(&file, bytes).unwrap();

    let store = Store::open(home.path()).unwrap();
    assert!(store.salvaged().is_some());
    index(&store);
    assert_eq!((find(&store, "whale").total, find(&store, "harpooner").total), (2, 1));
}

#[test]
fn a_search_over_a_large_library_reads_no_more_texts_than_it_shows() {
    let (_home, store) = store();
    store
        .write_blocking(|conn| {
            for number in 0..500 {
                let chapters: Vec<String> = (0..8).map(|at| format!("whale {number} {at} and rare{number}")).collect();
                insert(conn, Box::leak(format!("Volume {number}").into_boxed_str()), &chapters)?;
            }
            Ok(())
        })
        .unwrap();
    index(&store);
    let found = find(&store, "whale");
    let shown: usize = found.books.iter().map(|book| book.hits.len()).sum();
    assert_eq!((shown, found.total), (MOST_HITS, 4000));
    let totals: u32 = found.books.iter().map(|book| book.total).sum();
    assert!(totals < found.total && found.books.iter().all(|book| book.hits.len() <= book.total as usize));
    assert_eq!(find(&store, "rare77").total, 8);
    // How a match is counted touches the index and a row's beginning; a table is never gone through.
    let looked = std::cell::Cell::new(0);
    let counted = || {
        looked.set(looked.get() + 1);
        true
    };
    store.read(|conn| search(conn, &Ask { words: "rare77".into(), ..Ask::default() }, counted)).unwrap();
    assert!(looked.get() < 30, "{} rows looked at for 8 hits", looked.get());
}

#[test]
fn nobody_waiting_for_it_ends_a_search() {
    let (_home, store) = store();
    add(&store, "One", (0..50).map(|_| "whale".to_owned()).collect());
    let asked = std::cell::Cell::new(0);
    let goes_on = || {
        asked.set(asked.get() + 1);
        asked.get() < 10
    };
    store.read(|conn| search(conn, &Ask { words: "whale".into(), ..Ask::default() }, goes_on)).unwrap();
    assert!(asked.get() < 20, "{}", asked.get());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is typed is no error, and what is marked holds what was typed.
    #[test]
    fn anything_may_be_typed(typed in "\\PC{0,40}|[\"*:()^ ORANDT-]{0,12}|(whale|été|红楼|한국|x){1,3}[ \"*]?") {
        let (_home, store) = WHALES.with(Clone::clone);
        let found = store.read(|conn| search(conn, &Ask { words: typed.clone(), ..Ask::default() }, || true)).unwrap();
        for hit in found.books.iter().flat_map(|book| &book.hits) {
            prop_assert!(!hit.marks.is_empty());
            for mark in &hit.marks {
                let shown = part(&hit.snippet, *mark);
                let holds = typed.split_whitespace().any(|word| plain(&shown).contains(&plain(word)));
                prop_assert!(holds, "{typed:?} marks {shown:?}");
            }
        }
    }
}

thread_local! {
    static WHALES: (std::rc::Rc<tempfile::TempDir>, Store) = {
        let (home, store) = store();
        let text = "Whale, été; 读红楼梦。 한국은 x OR and not near? \"quoted\" a*b c^d (e) 1:2";
        add(&store, "Whales AND other T fish", vec![text.to_owned()]);
        (std::rc::Rc::new(home), store)
    };
}

/// Letters and digits without capitals and accents, made otherwise than the index makes them.
fn plain(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let letters = text.nfkd().filter(|letter| letter.is_alphanumeric());
    letters.flat_map(char::to_lowercase).nfkd().filter(|letter| letter.is_alphanumeric()).collect()
}
