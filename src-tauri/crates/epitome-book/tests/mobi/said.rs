//! What books say of themselves, and plain texts.

use epitome_book::{BookError, Cover, read};
use epitome_model::Format;

use super::book::{PICTURE, mobi6};
use super::pack::{Packing, texts};
use super::palm::{Head, palm};
use super::{parsed, prose, read_prose};

fn raw() -> String {
    format!("<html><body><p>Begin.</p>{}</body></html>", prose("cow", 30))
}

#[test]
fn title_authors_language_and_cover_are_read() {
    let mut head = Head::default();
    head.said.push((201, 1_u32.to_be_bytes().to_vec()));
    let book = parsed(&mobi6(raw().as_bytes(), &[], head));
    assert_eq!((book.format, book.meta.title.as_str()), (Format::Mobi, "The Lamp on the Pier"));
    assert_eq!(book.meta.authors, ["Ann Author", "Tom & Co"]);
    assert_eq!(book.meta.language.as_deref(), Some("en-GB"));
    assert_eq!(book.cover, Some(Cover { media_type: "image/png".to_owned(), bytes: PICTURE.to_vec() }));
}

#[test]
fn what_is_not_said_comes_from_elsewhere() {
    let head = Head { said: vec![(503, b"The other title".to_vec())], locale: 0x0407, ..Head::default() };
    let book = parsed(&mobi6(raw().as_bytes(), &[], head));
    assert_eq!((book.meta.title.as_str(), book.meta.language.as_deref()), ("The other title", Some("de")));
    assert!(book.meta.authors.is_empty() && book.cover.is_none());
    let head = Head { said: Vec::new(), title: "", locale: 0, ..Head::default() };
    let book = parsed(&mobi6(raw().as_bytes(), &[], head));
    assert_eq!((book.meta.title.as_str(), book.meta.language.as_deref()), ("The Lamp on the Pier", Some("en")));
}

#[test]
fn the_encoding_is_the_headers() {
    let latin: Vec<u8> = b"<p>Caf\xE9 \x96 na\xEFve \x93quotes\x94</p>".repeat(20);
    let book = parsed(&mobi6(&latin, &[], Head { page: 1252, packing: Packing::Plain, ..Head::default() }));
    assert!(book.text.starts_with("Café – naïve “quotes”\n\nCafé"));
    let cyrillic: Vec<u8> = b"<p>\xCF\xF0\xE8\xE2\xE5\xF2 \xEC\xE8\xF0</p>".repeat(20);
    let book = parsed(&mobi6(&cyrillic, &[], Head { page: 1251, packing: Packing::Plain, ..Head::default() }));
    assert!(book.text.starts_with("Привет мир\n\nПривет"));
}

#[test]
fn protected_books_and_fixed_pages_are_named() {
    for encryption in [1, 2] {
        let made = mobi6(raw().as_bytes(), &[], Head { encryption, ..Head::default() });
        assert_eq!(read(&made, "b.azw"), Err(BookError::Protected));
    }
    let fixed = mobi6(b"%MOP then a PDF", &[], Head { packing: Packing::Plain, ..Head::default() });
    assert!(matches!(read(&fixed, "b.azw4"), Err(BookError::Unsupported(what)) if what.contains("Print Replica")));
    let noise: Vec<u8> = (0..9_000_u32).map(|at| at.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect();
    let scrambled = mobi6(&noise, &[], Head { packing: Packing::Plain, ..Head::default() });
    assert!(matches!(read(&scrambled, "b.azw"), Err(BookError::Broken(what)) if what.contains("scrambled")));
}

#[test]
fn plain_texts_of_palm_computers_are_texts() {
    let body = |title: &str| format!("{title}\n\n{}\n\n", read_prose("bee", 30));
    let raw = format!("{}{}", body("CHAPTER I"), body("CHAPTER II"));
    // Nothing is appended to the text records of these.
    let texts: Vec<Vec<u8>> = texts(raw.as_bytes(), Packing::Plain)
        .iter()
        .zip(raw.as_bytes().chunks(4096))
        .map(|(_, text)| text.to_vec())
        .collect();
    let mut head = vec![0, 1, 0, 0];
    head.extend(u32::try_from(raw.len()).unwrap().to_be_bytes());
    head.extend(u16::try_from(texts.len()).unwrap().to_be_bytes());
    // The reading position, which must not pass for encryption.
    head.extend([0x10, 0, 0, 1, 2, 3]);
    let book = parsed(&palm("TEXtREAd", &[vec![head], texts].concat()));
    assert_eq!((book.format, book.text.as_str()), (Format::Mobi, raw.as_str()));
    assert_eq!(super::titles(&book), ["CHAPTER I", "CHAPTER II"]);
}
