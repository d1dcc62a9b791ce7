//! Archives made here.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::{SAMPLE, read};

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn text() -> String {
    format!("Chapter 1\n\n{0}\n\nChapter 2\n\n{0}", "She read the letter again and folded it. ".repeat(30))
}

#[test]
fn a_packed_book_is_the_book() {
    let plain = read(SAMPLE, "alice.epub").unwrap();
    assert_eq!(read(&gzipped(SAMPLE), "alice.epub.gz").unwrap(), plain);
    let inner = zipped(&[
        ("books/alice.epub", SAMPLE),
        ("readme.txt", b"Read me first."),
        ("books/cover.jpg", b"x"),
        ("__MACOSX/._alice.epub", b"y"),
    ]);
    assert_eq!(read(&inner, "x.zip").unwrap(), plain);
    assert_eq!(read(&zipped(&[("inner.zip", &inner)]), "x.zip").unwrap(), plain);
    let fb2 = format!("<FictionBook><body><section><p>{}</p></section></body></FictionBook>", text());
    let book = read(&zipped(&[("tale.fb2", fb2.as_bytes())]), "x.fb2.zip").unwrap();
    assert_eq!((book.format, book.meta.title.as_str()), (epitome_model::Format::Fb2, "tale"));
    assert_eq!(read(&gzipped(text().as_bytes()), "my_tale.txt.gz").unwrap().meta.title, "my tale");
}

#[test]
fn the_same_book_in_several_formats_is_one() {
    let packed = zipped(&[("alice.txt", text().as_bytes()), ("alice.epub", SAMPLE)]);
    assert_eq!(read(&packed, "x.zip").unwrap().format, epitome_model::Format::Epub);
}

#[test]
fn several_books_and_none_are_told() {
    let several = read(&zipped(&[("a.epub", SAMPLE), ("b/c.epub", SAMPLE)]), "x.zip").unwrap_err();
    assert_eq!(several.to_string(), "The file holds several books: “a.epub”, “c.epub”.");
    let long = text().repeat(80);
    let texts = zipped(&[("Emma.txt", long.as_bytes()), ("Persuasion.txt", long.as_bytes())]);
    assert!(matches!(read(&texts, "x.zip"), Err(BookError::SeveralBooks(_))));
    let none = Err(BookError::Unsupported("a ZIP archive without a book in it"));
    assert_eq!(read(&zipped(&[("a.jpg", b"x")]), "x.zip"), none);
}

#[test]
fn hostile_archives_end() {
    let mut nested = text().into_bytes();
    for _ in 0..10 {
        nested = zipped(&[("a.zip", &nested)]);
    }
    assert_eq!(read(&nested, "x.zip"), Err(too_deep()));
    let mut nested = text().into_bytes();
    for _ in 0..10 {
        nested = gzipped(&nested);
    }
    assert_eq!(read(&nested, "x.gz"), Err(too_deep()));
    let bomb = gzipped(&vec![b' '; usize::try_from(limits::TOTAL_BYTES).unwrap() + 1]);
    assert!(matches!(read(&bomb, "x.gz"), Err(BookError::TooLarge(_))));
    assert!(matches!(read(&bomb[..bomb.len() / 2], "x.gz"), Err(BookError::Broken(_))));
    assert_eq!(read(&gzipped(b""), "x.gz"), Err(BookError::Empty));
    let names = zipped(&[("../../evil.txt", text().as_bytes()), ("/etc/passwd.txt", text().as_bytes())]);
    assert_eq!(read(&names, "x.zip").unwrap().chapters().count(), 2);
}

#[test]
fn a_name_in_an_archive_cannot_break_a_sentence() {
    let name = format!("a\n\u{202E}{}.epub", "x".repeat(500));
    let several = read(&zipped(&[(&name, SAMPLE), ("b.epub", SAMPLE)]), "x.zip").unwrap_err().to_string();
    assert!(
        several.starts_with("The file holds several books: “a xxx") && several.ends_with("…”, “b.epub”."),
        "{several}"
    );
    assert!(several.chars().count() < 150 && !several.contains(char::is_control), "{several}");
}
