//! Kindle books, packed in each way.

use epitome_testkit::kindle::book::{File, Point, both, kf8_records, mobi6_records};
use epitome_testkit::kindle::pack::Packing;
use epitome_testkit::kindle::palm::{Head, palm};

use super::prose;

const POINTS: [Point<'_>; 3] = [("One", "<h2>One", None), ("Two", "<h2>Two", None), ("Three", "<h2>Three", Some(1))];

pub fn mobi() -> Vec<Vec<u8>> {
    let chapters: String = ["One", "Two", "Three"]
        .iter()
        .zip(1..)
        .map(|(title, at)| format!("<mbp:pagebreak/><h2>{title}</h2><p>{}</p>", prose(at, 50)))
        .collect();
    let raw = format!(
        "<html><head><guide><reference type=\"toc\" filepos=0000000030/></guide></head><body>{chapters}</body></html>"
    );
    let head = |packing| Head { packing, ..Head::default() };
    let mobi = |packing, points| mobi6_records(raw.as_bytes(), points, head(packing));
    let files = ["One", "Two"]
        .map(|title| File::new(title, &[&format!("<h2>{title}</h2>"), &format!("<p>{}</p>", prose(title.len(), 60))]));
    let kf8 = || kf8_records(&files, &POINTS[..2], &[("text", "<h2>One", None)], head(Packing::PalmDoc));
    let outer = mobi(Packing::PalmDoc, &POINTS[..2]);
    let mut second = head(Packing::PalmDoc);
    second.said.push((121, u32::try_from(outer.len() + 1).unwrap_or_default().to_be_bytes().to_vec()));
    let plain = [
        b"\0\x01\0\0\0\0\x02\x58\0\x01\x10\0\0\0\0\0".to_vec(),
        format!("CHAPTER I\n\n{}\n\nCHAPTER II\n\n{}", prose(1, 40), prose(2, 40)).into_bytes(),
    ];
    vec![
        palm("BOOKMOBI", &mobi(Packing::PalmDoc, &POINTS)),
        palm("BOOKMOBI", &mobi(Packing::Huffman, &POINTS)),
        palm("BOOKMOBI", &mobi(Packing::Plain, &[])),
        palm("BOOKMOBI", &kf8()),
        both(mobi6_records(raw.as_bytes(), &POINTS, second), kf8()),
        palm("TEXtREAd", &plain),
    ]
}
