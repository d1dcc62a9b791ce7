//! PDF files from their bytes to chapters: text, running lines, columns, outlines, and what is refused.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a test says what is wrong by failing"
)]

use epitome_book::pdf::{self, Engine, Outline};
use epitome_book::{Book, BookError, read};
use epitome_model::{ChapterMethod, LeftOutReason};
use epitome_testkit::pdf::{Line, Pdf, Setter, line, prose};
use proptest::prelude::*;

fn titles(book: &Book) -> Vec<&str> {
    book.chapters().map(|(_, _, section)| section.title.as_str()).collect()
}

/// What `paragraphs` say, one by one, as a reader of the book should find it.
fn holds(book: &Book, paragraphs: impl Iterator<Item = String>) {
    for paragraph in paragraphs {
        let start = paragraph.split(' ').next().unwrap();
        let found = book.text.find(start).map_or("", |at| &book.text[at..]);
        assert!(book.text.contains(&paragraph), "{paragraph}\nis not in\n{found:.1500}");
    }
}

/// Chapters of five paragraphs, each set in pages with a header and a number.
fn novel(heading: fn(usize) -> String) -> Pdf {
    let mut setter = Setter::new();
    for chapter in 1..=8 {
        if chapter > 1 {
            setter.new_page();
        }
        setter.heading(16.0, true, &heading(chapter));
        for part in 0..5 {
            setter.paragraph(&prose(chapter * 10 + part, 150));
        }
    }
    let mut pages = setter.pages;
    for (at, page) in pages.iter_mut().enumerate() {
        let header = if at % 2 == 0 { format!("{} THE LONG ROAD", at + 1) } else { format!("A. WALKER {}", at + 1) };
        page.insert(0, line(40.0, 570.0, &header));
        page.push(line(200.0, 30.0, &format!("- {} -", at + 1)));
    }
    Pdf { pages, ..Pdf::default() }
}

#[test]
fn a_file_without_its_end_and_its_text_was_cut_off() {
    let whole = Pdf { pages: vec![vec![line(40.0, 500.0, &prose(1, 80))]], ..Pdf::default() }.bytes();
    let text = whole.windows(2).position(|found| found == b"BT").unwrap();
    let said = read(&whole[..text], "road.pdf").unwrap_err().to_string();
    assert!(said.contains("cut off"), "{said}");
    let blank = Pdf { pages: vec![Vec::new()], ..Pdf::default() }.bytes();
    assert!(matches!(read(&blank, "road.pdf"), Err(BookError::Scanned { .. })));
}

#[test]
fn a_novel_loses_its_running_lines_and_keeps_its_words() {
    let pdf = novel(|chapter| format!("Chapter {chapter}"));
    assert!(pdf.pages.len() > 15, "paragraphs run over pages");
    for engine in [Engine::First, Engine::Second] {
        let book = pdf::read_with(&pdf.bytes(), "road.pdf", engine, &Outline::default()).unwrap();
        assert_eq!(titles(&book), (1..=8).map(|chapter| format!("Chapter {chapter}")).collect::<Vec<_>>());
        assert_eq!(book.method, ChapterMethod::Headings);
        holds(&book, (1..=8).flat_map(|chapter| (0..5).map(move |part| prose(chapter * 10 + part, 150))));
        assert!(!book.text.contains("LONG ROAD") && !book.text.contains("WALKER") && !book.text.contains("- 3 -"));
        book.check_ledger().unwrap();
    }
    let removed = pdf::running_lines(&pdf.bytes(), Engine::First).unwrap();
    assert_eq!(removed.len(), pdf.pages.len() * 2);
    assert_eq!((removed[0].page, removed[0].text.as_str()), (0, "1 THE LONG ROAD"));
}

#[test]
fn headers_that_name_the_section_run_too_and_are_no_chapters() {
    let mut pdf = novel(|chapter| format!("Chapter {chapter}"));
    for (at, page) in pdf.pages.iter_mut().enumerate() {
        let section = at / 2;
        page[0].text = format!("CHAPTER 7. A LONG ROAD {}.{section}. SECTION {}", section % 5, prose(section, 2));
    }
    let book = read(&pdf.bytes(), "road.pdf").unwrap();
    assert_eq!(titles(&book).len(), 8);
    let left: Vec<&str> =
        book.text.lines().filter(|line| line.contains("LONG ROAD") || line.contains("SECTION")).collect();
    assert!(left.is_empty(), "{left:?}");
    holds(&book, (1..=8).flat_map(|chapter| (0..5).map(move |part| prose(chapter * 10 + part, 150))));
}

#[test]
fn headings_are_known_by_their_size_where_no_word_names_them() {
    const NAMES: [&str; 8] = ["Fog", "The Inn", "Letters", "A Bridge", "Snow", "The Fair", "Homeward", "Embers"];
    let book = read(&novel(|chapter| NAMES[chapter - 1].to_owned()).bytes(), "road.pdf").unwrap();
    assert_eq!((book.method, titles(&book)), (ChapterMethod::Headings, NAMES.to_vec()));
    // Chapters of a few lines, each on a page of its own.
    let mut setter = Setter::new();
    for (at, name) in NAMES.into_iter().enumerate() {
        setter.heading(16.0, false, name);
        setter.paragraph(&prose(at, 60));
        setter.new_page();
    }
    let book = read(&Pdf { pages: setter.pages, ..Pdf::default() }.bytes(), "short.pdf").unwrap();
    assert_eq!(titles(&book), NAMES);
    holds(&book, (0..8).map(|at| prose(at, 60)));
}

#[test]
fn an_outline_gives_the_chapters_and_the_parts_around_them() {
    let mut setter = Setter::new();
    let mut outline = Vec::new();
    setter.heading(20.0, true, "The Book");
    let entries = [(0, "Part One"), (1, "Arrival"), (1, "Departure"), (0, "Part Two"), (1, "Return"), (1, "Rest")];
    for (at, (level, title)) in entries.into_iter().enumerate() {
        // Chapters follow each other on one page, so that only the height tells where one begins.
        let (page, height) = setter.heading(12.0, false, title);
        outline.push((level, title, page, height));
        if level == 1 {
            (0..4).for_each(|part| setter.paragraph(&prose(at * 10 + part, 120)));
        }
    }
    let pdf = Pdf { pages: setter.pages, outline, ..Pdf::default() };
    let found = pdf::outline(&pdf.bytes()).unwrap();
    assert_eq!((found.entries.len(), found.entries[4].page), (6, Some(pdf.outline[4].2)));
    let book = read(&pdf.bytes(), "x.pdf").unwrap();
    assert_eq!(book.method, ChapterMethod::Outline);
    assert_eq!(book.meta.language.as_deref(), Some("en-GB"));
    assert_eq!(titles(&book), ["Arrival", "Departure", "Return", "Rest"]);
    let parts: Vec<_> = book.chapters().map(|(_, _, section)| section.part.clone().unwrap()).collect();
    assert_eq!(parts, ["Part One", "Part One", "Part Two", "Part Two"]);
    for (_, index, section) in book.chapters() {
        let at = entries.iter().position(|(_, title)| *title == section.title).unwrap();
        let text = book.section_text(index);
        assert!(text.contains(&prose(at * 10, 120)) && text.contains(&prose(at * 10 + 3, 120)), "{}", section.title);
    }
    assert_eq!(book.sections[0].left_out, Some(LeftOutReason::TitlePage));
}

#[test]
fn columns_are_read_one_after_the_other() {
    let words = |side: &str| (0..40).map(|at| format!("{side}{at:02} and some more")).collect::<Vec<_>>();
    let (left, right) = (words("left"), words("right"));
    let mut page = vec![Line { size: 14.0, bold: true, ..line(120.0, 560.0, "A Title Over Two Columns") }];
    for (at, (left, right)) in left.iter().zip(&right).enumerate() {
        let base = 530.0 - 12.0 * at as f32;
        page.extend([line(40.0, base, left), line(220.0, base - 2.0, right)]);
    }
    let bytes = Pdf { pages: vec![page], ..Pdf::default() }.bytes();
    for engine in [Engine::First, Engine::Second] {
        let book = pdf::read_with(&bytes, "x.pdf", engine, &Outline::default()).unwrap();
        let at = |text: &str| book.text.find(text).unwrap_or_else(|| panic!("{text} is not in {}", book.text));
        let places: Vec<usize> = left.iter().chain(&right).map(|line| at(line)).collect();
        assert!(places.is_sorted(), "{engine:?}: {}", book.text);
        assert_eq!(at("A Title"), 0);
    }
}

#[test]
fn a_note_at_the_foot_does_not_cut_the_paragraph_above_it() {
    let text = |number: usize| format!("{:<56}", prose(number, 30)).chars().take(56).collect::<String>();
    let mut first: Vec<Line> =
        (0..30).map(|at| line(40.0, 540.0 - 12.0 * at as f32, text(at).trim_end_matches('.'))).collect();
    first.push(Line { size: 8.0, ..line(40.0, 150.0, "A note of the editor that nobody wants to read here.") });
    let second =
        (0..5).map(|at| line(40.0, 540.0 - 12.0 * at as f32, &format!("and so on, line {at}, without an end")));
    let book = read(&Pdf { pages: vec![first, second.collect()], ..Pdf::default() }.bytes(), "x.pdf").unwrap();
    let (paragraph, note) = book.text.split_once("\n\nA note of the editor").unwrap();
    assert!(paragraph.ends_with("and so on, line 4, without an end") || note.contains("read here."), "{}", book.text);
    assert!(paragraph.contains(" and so on, line 0, without an end"), "{}", book.text);
}

#[test]
fn what_cannot_be_read_says_why() {
    let text = || vec![line(40.0, 500.0, "Some words on a page.")];
    let refused = |pdf: Pdf| read(&pdf.bytes(), "x.pdf").unwrap_err();
    let encrypted = Pdf {
        pages: vec![text()],
        trailer: "/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(01234567890123456789012345678901)/U(01234567890123456789012345678901)>>/ID[(0123456789abcdef)(0123456789abcdef)]".into(),
        ..Pdf::default()
    };
    let error = refused(encrypted);
    assert_eq!(error, BookError::Locked);
    assert!(error.to_string().contains("password"));
    let scan =
        Pdf { pages: vec![Vec::new(); 12], extra: "q 400 0 0 580 10 10 cm 0 0 1 1 re f Q".into(), ..Pdf::default() };
    assert_eq!(refused(scan), BookError::Scanned { pages: 12, with_text: 0 });
    assert_eq!(refused(Pdf { pages: vec![text(), text()], ..Pdf::default() }), BookError::NoText);
    let whole = novel(|chapter| format!("Chapter {chapter}")).bytes();
    for share in [10, 50, 90] {
        let cut = read(&whole[..whole.len() * share / 100], "x.pdf");
        assert!(matches!(cut, Err(BookError::Broken(_))), "{share} %: {cut:?}");
    }
    assert!(matches!(read(b"%PDF-1.7\nnothing", "x.pdf"), Err(BookError::Broken(_))));
}

#[test]
fn circles_and_depths_are_survived() {
    let pages = || novel(|chapter| format!("Chapter {chapter}")).pages;
    let extra = Pdf::EXTRA;
    let circle = format!("<</Title(Round)/Dest[10 0 R/Fit]/Next {extra} 0 R/First {extra} 0 R/Parent {extra} 0 R>>");
    let outline = Pdf {
        pages: pages(),
        catalog: format!("/Outlines<</First {extra} 0 R>>/Names<</Dests {} 0 R>>", extra + 1),
        objects: vec![circle, format!("<</Kids[{} 0 R {} 0 R]>>", extra + 1, extra + 1)],
        ..Pdf::default()
    };
    assert_eq!(pdf::outline(&outline.bytes()).unwrap().entries.len(), 1);
    assert_eq!(titles(&read(&outline.bytes(), "x.pdf").unwrap()).len(), 8);

    // A form that draws itself, and a chain of forms each of which draws the next ten times.
    let form = |content: &str, next: usize| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {next} 0 R>>>>/Length {}>>stream\n{content}\nendstream",
            content.len()
        )
    };
    let bomb = |objects: Vec<String>| Pdf {
        pages: pages()[..2].to_vec(),
        extra: "/X Do".into(),
        resources: format!("/XObject<</X {extra} 0 R>>"),
        objects,
        ..Pdf::default()
    };
    let itself = bomb(vec![form("/X Do", extra)]);
    assert!(read(&itself.bytes(), "x.pdf").unwrap().text.contains("Paragraph10 began"));
    let chain = bomb((0..9).map(|at| form(&"/X Do ".repeat(10), extra + at + 1)).collect());
    let first = pdf::read_with(&chain.bytes(), "x.pdf", Engine::First, &Outline::default());
    assert!(matches!(first, Err(BookError::TooLarge(_))), "{first:?}");

    // A page tree that is a circle, and one that is deep.
    let circle = Pdf {
        pages: pages(),
        catalog: format!("/Pages {extra} 0 R"),
        objects: vec![format!("<</Type/Pages/Count 1/Kids[{extra} 0 R]>>")],
        ..Pdf::default()
    };
    assert!(read(&circle.bytes(), "x.pdf").is_err() || !titles(&read(&circle.bytes(), "x.pdf").unwrap()).is_empty());
    let deep = (0..2000)
        .map(|at| format!("<</Type/Pages/Count 1/Kids[{} 0 R]>>", if at == 1999 { 2 } else { extra + at + 1 }));
    let deep = Pdf { pages: pages(), objects: deep.collect(), ..Pdf::default() };
    let bytes = String::from_utf8(deep.bytes()).unwrap().replacen("/Pages 2 0 R", &format!("/Pages {extra} 0 R"), 1);
    assert_eq!(read(bytes.as_bytes(), "x.pdf").map(|book| titles(&book).len()), Ok(8));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_files_are_refused_or_read_and_never_lose_the_ledger(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30)) {
        let mut pdf = novel(|chapter| format!("Chapter {chapter}"));
        pdf.pages.truncate(4);
        let mut bytes = pdf.bytes();
        for (place, byte) in places {
            let at = place.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(book) = read(&bytes, "x.pdf") {
            prop_assert!(book.check_ledger().is_ok());
        }
    }
}
