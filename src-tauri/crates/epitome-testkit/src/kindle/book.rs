//! Makes whole books: MOBI 6 and KF8.

use super::index::{self, Entry, index};
use super::pack::{Packing, TRAILING, tables, texts};
use super::palm::{Head, palm};

/// An entry of a table of contents: title, what its place in the markup begins with, and the number of the entry above.
pub type Point<'a> = (&'a str, &'a str, Option<usize>);

/// A picture that a window can show.
pub const PICTURE: &[u8] = b"\x89PNG\r\n\x1A\nthe rest of a picture";

/// The records of a MOBI 6 book. Of `points` the places are looked for in `raw`.
pub fn mobi6_records(raw: &[u8], points: &[Point<'_>], head: Head) -> Vec<Vec<u8>> {
    let place = |mark: &str| raw.windows(mark.len()).position(|found| found == mark.as_bytes()).unwrap();
    let places: Vec<(u8, Vec<usize>)> = points.iter().map(|(_, mark, _)| (1, vec![place(mark)])).collect();
    let navigation = (!points.is_empty()).then(|| navigation(points, &places));
    records(raw, head, navigation, Vec::new())
}

pub fn mobi6(raw: &[u8], points: &[Point<'_>], head: Head) -> Vec<u8> {
    palm("BOOKMOBI", &mobi6_records(raw, points, head))
}

fn navigation(points: &[Point<'_>], places: &[(u8, Vec<usize>)]) -> Vec<Vec<u8>> {
    let titles: Vec<&str> = points.iter().map(|(title, ..)| *title).collect();
    let (names, at) = index::names(&titles);
    let depth = |mut number: usize| {
        let mut depth = 0;
        while let Some(above) = points[number].2 {
            (number, depth) = (above, depth + 1);
        }
        depth
    };
    let entry = |(number, (_, _, above)): (usize, &Point<'_>)| {
        let mut values = vec![places[number].clone(), (3, vec![at[number]]), (4, vec![depth(number)])];
        values.extend(above.map(|above| (21, vec![above])));
        (format!("{number:02X}").into_bytes(), values)
    };
    let entries: Vec<Entry> = points.iter().enumerate().map(entry).collect();
    index(index::NAVIGATION, &entries, &[names])
}

/// Record 0, texts, tables, indexes, a picture and the end, with their numbers in record 0.
fn records(
    raw: &[u8],
    mut head: Head,
    navigation: Option<Vec<Vec<u8>>>,
    more: Vec<(usize, Vec<Vec<u8>>)>,
) -> Vec<Vec<u8>> {
    let texts = texts(raw, head.packing);
    head.texts = texts.len();
    let mut records = [vec![Vec::new()], texts].concat();
    head.numbers.push((240, TRAILING));
    if head.packing == Packing::Huffman {
        head.numbers.extend([(112, records.len()), (116, 3)]);
        records.extend(tables());
    }
    for (at, part) in navigation.map(|part| (244, part)).into_iter().chain(more) {
        head.numbers.push((at, records.len()));
        records.extend(part);
    }
    head.numbers.push((108, records.len()));
    records.push(b"GIF89a not the cover".to_vec());
    records.push(PICTURE.to_vec());
    records.push(b"\xE9\x8E\r\n".to_vec());
    records[0] = head.record();
    records
}

/// A document of a KF8 book: what is around its fragments, and those.
pub struct File {
    pub around: (&'static str, &'static str),
    pub fragments: Vec<String>,
}

impl File {
    pub fn new(title: &str, fragments: &[&str]) -> Self {
        let fragments = fragments.iter().map(|text| (*text).to_owned()).collect();
        let head = format!("<html><head><title>{title}</title></head><body class=\"b\">");
        Self { around: (head.leak(), "</body></html>"), fragments }
    }
}

/// The records of a KF8 book; `guide` holds type, title and place as `points` do.
pub fn kf8_records(files: &[File], points: &[Point<'_>], guide: &[Point<'_>], mut head: Head) -> Vec<Vec<u8>> {
    head.version = 8;
    let (mut raw, mut whole) = (String::new(), String::new());
    let (mut skeletons, mut fragments, mut inserts): (Vec<Entry>, Vec<Entry>, Vec<usize>) = Default::default();
    for (number, file) in files.iter().enumerate() {
        let (start, length) = (whole.len(), file.around.0.len() + file.around.1.len());
        let counts = vec![file.fragments.len(); 2];
        skeletons.push((format!("SKEL{number:010}").into(), vec![(1, counts), (6, [start, length].repeat(2))]));
        raw += &[file.around.0, file.around.1].concat();
        whole += file.around.0;
        for text in &file.fragments {
            let values = vec![(2, vec![0]), (3, vec![number]), (4, vec![inserts.len()]), (6, vec![0, text.len()])];
            fragments.push((format!("{:010}", whole.len()).into(), values));
            inserts.push(whole.len());
            raw += text;
            whole += text;
        }
        whole += file.around.1;
    }
    let place = |mark: &str| {
        let at = whole.find(mark).unwrap();
        let fragment = inserts.partition_point(|insert| *insert <= at) - 1;
        (6, vec![fragment, at - inserts[fragment]])
    };
    let places: Vec<_> = points.iter().map(|(_, mark, _)| place(mark)).collect();
    let (names, at) = index::names(&guide.iter().map(|(title, ..)| *title).collect::<Vec<_>>());
    let reference = |(number, (kind, mark, _)): (usize, &Point<'_>)| {
        (kind.as_bytes().to_vec(), vec![(1, vec![at[number]]), place(mark)])
    };
    let guide: Vec<Entry> = guide.iter().enumerate().map(reference).collect();
    let mut flows = b"FDST\0\0\0\x0C\0\0\0\x02".to_vec();
    for end in [0, raw.len(), raw.len(), raw.len() + 9] {
        flows.extend(u32::try_from(end).unwrap().to_be_bytes());
    }
    raw += "p{margin}";
    let more = vec![
        (248, index(index::FRAGMENTS, &fragments, &[])),
        (252, index(index::SKELETONS, &skeletons, &[])),
        (260, index(index::GUIDE, &guide, &[names])),
        (192, vec![flows]),
    ];
    records(raw.as_bytes(), head, Some(navigation(points, &places)), more)
}

pub fn kf8(files: &[File], points: &[Point<'_>], guide: &[Point<'_>], head: Head) -> Vec<u8> {
    palm("BOOKMOBI", &kf8_records(files, points, guide, head))
}

/// A file that holds a book both ways. `outer` must say where the KF8 part begins.
pub fn both(mobi6: Vec<Vec<u8>>, kf8: Vec<Vec<u8>>) -> Vec<u8> {
    palm("BOOKMOBI", &[mobi6, vec![b"BOUNDARY".to_vec()], kf8].concat())
}
