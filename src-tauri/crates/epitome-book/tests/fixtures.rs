//! The small books of `tests/fixtures` at the root, read as a person's files are.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use epitome_book::{Book, BookError, read};
use epitome_model::{ChapterMethod, ErrorCode, Format, LeftOutReason};

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/fixtures").join(name)).unwrap()
}

fn book(name: &str) -> Book {
    let book = read(&bytes(name), name).unwrap();
    let coverage = book.check_ledger().unwrap();
    assert!(coverage.adds_up() && coverage.source_chars > 0, "{name}");
    book
}

fn titles(book: &Book) -> Vec<&str> {
    book.chapters().map(|(_, _, section)| section.title.as_str()).collect()
}

fn refused(name: &str) -> BookError {
    read(&bytes(name), name).unwrap_err()
}

const TITLES: [&str; 5] = [
    "The Lamp on the Pier",
    "A Letter Without a Name",
    "The Bridge at Low Water",
    "What the Miller Knew",
    "Home by the Long Road",
];

#[test]
fn anchors_within_a_file_cut_chapters_and_unnamed_text_is_kept() {
    let book = book("anchors.epub");
    assert_eq!((book.format, book.method), (Format::Epub, ChapterMethod::Navigation));
    assert_eq!(titles(&book), TITLES);
    let third = book.chapters().nth(2).map(|(_, index, _)| book.section_text(index)).unwrap();
    assert!(third.starts_with("3. The Bridge at Low Water\n\nAt low water"), "{third}");
    assert!(third.trim_end().ends_with("the third chapter goes on here."), "{third}");
    let left_out: Vec<_> = book.sections.iter().filter_map(|section| section.left_out).collect();
    assert_eq!(left_out, [LeftOutReason::TitlePage]);
    assert_eq!((book.meta.title.as_str(), book.meta.language.as_deref()), ("The Lamp on the Pier", Some("en")));
}

#[test]
fn an_ncx_gives_chapters_in_parts() {
    let book = book("ncx.epub");
    assert_eq!(book.method, ChapterMethod::Ncx);
    assert_eq!(titles(&book), TITLES);
    let parts: Vec<_> = book.chapters().map(|(_, _, section)| section.part.as_deref().unwrap()).collect();
    assert_eq!(parts, ["Part One", "Part One", "Part One", "Part Two", "Part Two"]);
    assert!(book.section_text(0).starts_with("Part One\n\n1. The Lamp"));
    assert_eq!(book.sections.last().unwrap().left_out, Some(LeftOutReason::Imprint));
}

#[test]
fn texts_give_their_chapters() {
    let text = book("chapters.txt");
    assert_eq!((text.format, text.method), (Format::Text, ChapterMethod::Headings));
    assert_eq!(titles(&text), [1, 2, 3, 4, 5].map(|number| format!("CHAPTER {number}. {}", TITLES[number - 1])));
    assert_eq!(
        (text.meta.title.as_str(), &text.meta.authors[..]),
        ("THE LAMP ON THE PIER", &["Epitome Fixtures".to_owned()][..])
    );
    let markdown = book("chapters.md");
    assert_eq!((markdown.format, markdown.meta.title.as_str()), (Format::Markdown, "The Lamp on the Pier"));
    assert_eq!(titles(&markdown), TITLES);
    let chinese = book("chapters-zh-gb18030.txt");
    assert_eq!(titles(&chinese), ["第一章 灯火", "第二章 无名信", "第三章 旧桥", "第四章 磨坊主", "第五章 归途"]);
    assert_eq!((chinese.meta.title.as_str(), chinese.meta.language.as_deref()), ("长路", Some("zh")));
}

#[test]
fn what_is_no_readable_book_says_why() {
    assert_eq!(refused("empty.txt"), BookError::Empty);
    assert_eq!(refused("binary.txt"), BookError::NotABook);
    assert_eq!(refused("no-spine.epub"), BookError::NoSpine);
    let cut_off = refused("truncated.epub").for_file("truncated.epub");
    assert_eq!(cut_off.code, ErrorCode::BookBroken);
    assert!(cut_off.message.contains("“truncated.epub”") && cut_off.message.contains("cut off"), "{}", cut_off.message);
}
