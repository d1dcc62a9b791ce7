//! Files that claim what is not so: each is refused with its reason or read, and nothing panics or runs on.

use std::time::Instant;

use epitome_book::{BookError, read};
use proptest::prelude::*;

use super::book::{File, kf8_records, mobi6, mobi6_records};
use super::pack::{Packing, phrase_record};
use super::palm::{Head, NONE, palm};
use super::{parsed, prose, titles};

fn raw() -> String {
    let chapters = ["One", "Two", "Three"].map(|title| format!("<mbp:pagebreak/><h2>{title}</h2>{}", prose(title, 30)));
    format!("<html><body>{}</body></html>", chapters.concat())
}

const POINTS: [(&str, &str, Option<usize>); 3] =
    [("One", "<h2>One", None), ("Two", "<h2>Two", None), ("Three", "<h2>Three", None)];

fn packed(packing: Packing) -> Head {
    Head { packing, ..Head::default() }
}

fn small() -> Vec<Vec<Vec<u8>>> {
    let text = prose("fly", 12);
    let files = [File::new("One", &["<h2>One</h2>", &text]), File::new("Two", &["<h2>Two</h2>", &text])];
    vec![
        mobi6_records(raw().as_bytes(), &POINTS, packed(Packing::PalmDoc)),
        mobi6_records(raw().as_bytes(), &POINTS, packed(Packing::Huffman)),
        kf8_records(&files, &POINTS[..2], &[("text", "<h2>One", None)], packed(Packing::PalmDoc)),
    ]
}

fn why(bytes: &[u8]) -> String {
    match read(bytes, "b.mobi").unwrap_err() {
        BookError::Broken(what) | BookError::TooLarge(what) => what,
        other => other.to_string(),
    }
}

#[test]
fn a_file_cut_off_within_its_text_says_so() {
    for records in small() {
        let whole = palm("BOOKMOBI", &records);
        let text_end = whole.len() - records[3..].concat().len();
        assert!(why(&whole[..text_end - 1]).contains("cut off"));
        assert!(why(&whole[..100]).contains("cut off"));
        // Only pictures are missing: all of the text is there.
        assert_eq!(read(&whole[..whole.len() - 5], "b.mobi").unwrap().text, parsed(&whole).text);
    }
    // The index of chapters is missing.
    let records = &small()[0];
    let indexes = records.iter().position(|record| record.starts_with(b"INDX")).unwrap();
    let whole = palm("BOOKMOBI", records);
    assert!(why(&whole[..whole.len() - records[indexes..].concat().len()]).contains("cut off"));
}

#[test]
fn counts_that_cannot_be_are_refused_or_passed_over() {
    let mut records = small()[0].clone();
    records[0][8..10].copy_from_slice(&[0xFF, 0xFF]);
    assert!(why(&palm("BOOKMOBI", &records)).contains("of 65535"));
    // The index of chapters: as many records, entries and names as can be claimed.
    for (record, at) in [(0, 24), (0, 52), (1, 24), (0, 196), (0, 200), (1, 20)] {
        let mut records = small()[0].clone();
        let head = records.iter().position(|record| record.starts_with(b"INDX")).unwrap();
        for claim in [NONE, NONE >> 1, 0x10000] {
            records[head + record][at..at + 4].copy_from_slice(&claim.to_be_bytes());
            let started = Instant::now();
            let book = parsed(&palm("BOOKMOBI", &records));
            assert_eq!(titles(&book), ["One", "Two", "Three"], "{record} {at}");
            assert!(started.elapsed().as_secs() < 5);
        }
    }
    assert!(why(&palm("BOOKMOBI", &[])).contains("list of records"));
}

#[test]
fn records_out_of_order_are_refused() {
    let mut whole = palm("BOOKMOBI", &small()[0]);
    let (first, second) = (whole[86..90].to_vec(), whole[94..98].to_vec());
    whole[86..90].copy_from_slice(&second);
    whole[94..98].copy_from_slice(&first);
    assert!(why(&whole).contains("does not lead to"));
}

/// A book whose phrases are those, each with the flag for text that is not packed, and whose text is `text`.
fn with_phrases(phrases: &[(Vec<u8>, u16)], text: &[u8]) -> Vec<u8> {
    let mut records = mobi6_records(raw().as_bytes(), &[], packed(Packing::Huffman));
    let tables = records.iter().position(|record| record.starts_with(b"CDIC")).unwrap();
    records[tables] = phrase_record(phrases, phrases.len());
    records[tables + 1] = phrase_record(&[], phrases.len());
    records[1] = [text, b"\0\x07\x80\x83"].concat();
    palm("BOOKMOBI", &records)
}

#[test]
fn phrases_in_circles_and_bombs_are_refused() {
    // Codes of four bits: F is phrase 0, E is phrase 1, and so on.
    let itself = with_phrases(&[(vec![0xFF], 0)], &[0xFF]);
    assert!(why(&itself).contains("do not fit"));
    let each_other = with_phrases(&[(vec![0xEE], 0), (vec![0xFF], 0)], &[0xFF]);
    assert!(why(&each_other).contains("do not fit"));
    let missing = with_phrases(&[(b"a".to_vec(), 0x8000)], &[0xAA]);
    assert!(why(&missing).contains("do not fit"));
    // Each phrase is the next one 2,000 times over.
    let doubled = |number: u8| (vec![(14 - number) * 0x11; 1_000], 0);
    let bomb: Vec<_> = (0..5).map(doubled).chain([(b"a".repeat(1_000), 0x8000)]).collect();
    let started = Instant::now();
    assert!(why(&with_phrases(&bomb, &[0xFF])).contains("unpacks to more than"));
    assert!(started.elapsed().as_secs() < 20);
}

#[test]
fn a_page_break_for_every_word_is_still_a_book() {
    let raw = "<mbp:pagebreak/>word".repeat(60_000);
    let started = Instant::now();
    let book = parsed(&mobi6(raw.as_bytes(), &[], packed(Packing::PalmDoc)));
    assert_eq!(book.text.matches("word").count(), 60_000);
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_never_panic(
        which in 0..3_usize, flips in proptest::collection::vec((any::<u16>(), any::<u32>(), any::<u8>()), 1..12),
        end in any::<u32>(), noise in proptest::collection::vec(any::<u8>(), 0..400),
    ) {
        let mut records = small().swap_remove(which);
        for (record, at, byte) in flips {
            let count = records.len();
            let record = &mut records[usize::from(record) % count];
            // Headers matter more than what they stand before.
            let at = at as usize % record.len().min(if at % 2 == 0 { 300 } else { usize::MAX });
            record[at] = byte;
        }
        let whole = palm("BOOKMOBI", &records);
        for bytes in [&whole[..], &whole[..end as usize % whole.len()]] {
            if let Ok(book) = read(bytes, "b.mobi") {
                prop_assert!(book.check_ledger().unwrap().adds_up());
            }
        }
        let mut bytes = palm("TEXtREAd", &[]);
        bytes.extend(noise);
        bytes[76..78].copy_from_slice(&[0, end.to_be_bytes()[0]]);
        let _ = read(&bytes, "b.prc");
    }
}
