//! Kindle books: locks, lists of records that lead nowhere, tables that do not fit.

use super::write::{first, noise};
use super::{CUT_OFF, DRM, Ends, Row, prose};
use crate::kindle::book::{mobi6, mobi6_records};
use crate::kindle::pack::{Packing, phrase_record};
use crate::kindle::palm::{Head, palm};

pub const ROWS: &[Row] = &[
    ("drm-1.mobi", DRM, || made(Head { encryption: 1, ..Head::default() })),
    ("drm-2.azw", DRM, || made(Head { encryption: 2, ..Head::default() })),
    ("topaz.azw1", Ends::Says("a Kindle book of the Topaz kind"), || noise(b"TPZ0", 10_000)),
    ("book.kfx", Ends::Says("a Kindle book of the KFX kind"), || noise(b"CONT\x02\0", 10_000)),
    ("drm.kfx", DRM, || noise(b"\xEADRMION\xEE", 10_000)),
    ("cut-10.mobi", CUT_OFF, || first(sound(), 10)),
    ("cut-30.mobi", CUT_OFF, || first(sound(), 30)),
    ("cut-80.mobi", CUT_OFF, || first(sound(), 80)),
    ("records.mobi", CUT_OFF, bogus_records),
    ("texts.mobi", Ends::Says("is damaged"), || {
        let mut records = records(Packing::PalmDoc);
        records[0][8..10].copy_from_slice(&[0xFF, 0xFF]);
        palm("BOOKMOBI", &records)
    }),
    ("phrases.mobi", Ends::Says("do not fit"), || with_phrases(&[(vec![0xEE], 0), (vec![0xFF], 0)], &[0xFF])),
    ("phrase-bomb.mobi", Ends::Says("unpacks to more than"), || {
        let doubled = |number: u8| (vec![(14 - number) * 0x11; 1_000], 0);
        let phrases: Vec<_> = (0..5).map(doubled).chain([(b"a".repeat(1_000), 0x8000)]).collect();
        with_phrases(&phrases, &[0xFF])
    }),
    ("codes.mobi", Ends::Says("do not fit"), || {
        let mut records = records(Packing::Huffman);
        let codes = records.iter().position(|record| record.starts_with(b"HUFF")).unwrap_or_default();
        records[codes][24..].fill(0xFF);
        palm("BOOKMOBI", &records)
    }),
    ("index.mobi", Ends::Reads, || {
        let mut records = mobi6_records(raw().as_bytes(), &[("One", "<h2>One", None)], Head::default());
        for record in records.iter_mut().filter(|record| record.starts_with(b"INDX")) {
            record[24..28].fill(0x7F);
        }
        palm("BOOKMOBI", &records)
    }),
    ("noise.azw3", CUT_OFF, || noise(&[&[b'x'; 60][..], b"BOOKMOBI"].concat(), 1 << 20)),
];

fn raw() -> String {
    format!("<html><body><h2>One</h2><p>{0}</p><h2>Two</h2><p>{0}</p></body></html>", prose())
}

fn made(head: Head) -> Vec<u8> {
    mobi6(raw().as_bytes(), &[], head)
}

/// One that is as it should be.
pub fn sound() -> Vec<u8> {
    made(Head::default())
}

fn records(packing: Packing) -> Vec<Vec<u8>> {
    mobi6_records(prose().as_bytes(), &[], Head { packing, ..Head::default() })
}

/// A book whose phrases are those, each with the flag for text that is not packed, and whose text is `text`.
fn with_phrases(phrases: &[(Vec<u8>, u16)], text: &[u8]) -> Vec<u8> {
    let mut records = records(Packing::Huffman);
    let tables = records.iter().position(|record| record.starts_with(b"CDIC")).unwrap_or_default();
    records[tables] = phrase_record(phrases, phrases.len());
    records[tables + 1] = phrase_record(&[], phrases.len());
    records[1] = [text, b"\0\x07\x80\x83"].concat();
    palm("BOOKMOBI", &records)
}

/// A Palm database that claims to have 65,246 records.
fn bogus_records() -> Vec<u8> {
    let mut bytes = vec![0; 78];
    bytes[..4].copy_from_slice(b"book");
    bytes[60..68].copy_from_slice(b"BOOKMOBI");
    bytes[76..78].copy_from_slice(&65_246_u16.to_be_bytes());
    bytes.extend((0..4_000_u32).flat_map(|number| (number * 7_919).to_be_bytes()));
    bytes
}
