//! Kindle books: MOBI 6, KF8 (AZW3), files that hold both, and texts of Palm computers. For [`crate::read`].

mod about;
mod contents;
mod files;
mod header;
mod huffman;
mod index;
mod kf8;
mod palm;
mod palmdoc;
mod raw;

use std::collections::BTreeSet;

use encoding_rs::Encoding;
use epitome_model::{ChapterMethod, Format, LeftOutReason};

use crate::pages::{self, Entry, Reader, Table};
use crate::text::decode::guess;
use crate::{Book, BookError, language, matter, outline, text};
use contents::{Point, Reference};
use files::File;
use header::{Header, KF8};
use index::Index;
use kf8::Fragment;
use palm::Records;

/// Type of the metadata entry that says where the KF8 part of a file begins.
const KF8_PART: usize = 121;

/// The book in a Palm database.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let records = Records::open(bytes)?;
    let outer = Header::read(&records, 0)?;
    let first_image = outer.first_image();
    let better = kf8_part(&records, &outer).transpose();
    match better.map(|header| part(&records, &header?, first_image, file_name)) {
        // The KF8 part stands last, so a file that was cut off may still hold all of the other.
        None | Some(Err(BookError::Broken(_))) => part(&records, &outer, first_image, file_name),
        Some(read) => read,
    }
}

/// The book as the part with that header has it; pictures are counted from `first_image`.
fn part(
    records: &Records<'_>,
    header: &Header<'_>,
    first_image: Option<usize>,
    file_name: &str,
) -> Result<Book, BookError> {
    let raw = raw::text(records, header)?;
    if raw.starts_with(b"%MOP") {
        return Err(BookError::Unsupported("a Kindle book of fixed pages (Print Replica)"));
    }
    if !header.is_mobi && !is_markup(&raw) {
        let book = text::read(&raw, file_name)?;
        return Ok(Book { format: Format::Mobi, ..book });
    }
    let mut parts = parts(records, header, raw)?;

    let places = parts.points.iter().flatten().filter_map(|point| point.at);
    let places: BTreeSet<usize> = places.chain(parts.guide.iter().map(|reference| reference.at)).collect();
    let targets = files::mark(&mut parts.files, &places);
    for reference in &parts.guide {
        // A reference into a document says nothing of the rest of it.
        if targets.get(&reference.at).is_some_and(|target| target.fragment.is_none()) {
            let page = files::holding(&parts.files, reference.at);
            let page = &mut parts.files[page];
            page.left_out = page.left_out.or_else(|| matter::by_type(&reference.kind));
            page.title.clone_from(&reference.title);
        }
    }
    let entry = |point: Point| Entry {
        title: point.title,
        target: point.at.and_then(|at| targets.get(&at).cloned()),
        depth: point.depth,
        hidden: false,
    };
    let tables = parts
        .points
        .map(|points| Table { method: ChapterMethod::Ncx, entries: points.into_iter().map(entry).collect() });

    let mut reader = Reader::new(&tables);
    let mut scrambled = Scrambled::default();
    for (number, file) in parts.files.iter().enumerate() {
        let markup = decode(&file.markup, header.encoding);
        scrambled.add(&markup);
        let links = || contents::is_links(&markup).then_some(LeftOutReason::Contents);
        reader.add(&files::path(number), &markup, file.left_out.or_else(links))?;
        if let Some(page) = reader.pages.last_mut().filter(|page| page.document.title.is_empty()) {
            page.document.title.clone_from(&file.title);
        }
    }
    scrambled.refuse()?;
    let Reader { text, pages, .. } = reader;
    let mut meta = about::meta(records, header);
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(&text);
    }
    let cover = about::cover(records, header, first_image);
    let (method, sections) = pages::find(&text, &pages, &tables, &meta.title);
    Book { format: Format::Mobi, meta, method, cover, text, sections }.checked()
}

/// The header of the KF8 part of a file that also holds the book as MOBI 6.
fn kf8_part<'a>(records: &Records<'a>, outer: &Header<'a>) -> Result<Option<Header<'a>>, BookError> {
    let Some(base) = outer.said_number(KF8_PART).filter(|_| outer.version < KF8) else { return Ok(None) };
    let boundary = base.checked_sub(1).and_then(|before| records.get(before));
    if boundary.is_none_or(|record| !record.starts_with(b"BOUNDARY")) {
        return Ok(None);
    }
    let part = Header::read(records, base)?;
    Ok(Some(part).filter(|part| part.version >= KF8))
}

/// Whether a text without a MOBI header is markup all the same.
fn is_markup(raw: &[u8]) -> bool {
    let start = raw[..raw.len().min(1024)].to_ascii_lowercase();
    start.windows(5).any(|five| five == b"<html" || five == b"<body")
}

/// The documents of a book and what leads to them.
struct Parts {
    files: Vec<File>,
    /// Tables of contents, the surest first.
    points: [Vec<Point>; 2],
    guide: Vec<Reference>,
}

fn parts(records: &Records<'_>, header: &Header<'_>, mut raw: Vec<u8>) -> Result<Parts, BookError> {
    let index = |first: Option<usize>| first.map_or_else(|| Ok(Index::default()), |first| Index::read(records, first));
    let navigation = index(header.ncx())?;
    let fragments: Option<Vec<Fragment>> = if header.version >= KF8 {
        Some(kf8::fragments(&index(header.fragments())?).unwrap_or_default())
    } else {
        None
    };
    let (files, guide) = if let Some(fragments) = &fragments {
        if let Some(end) = header.flows().and_then(|first| palm::u32_at(records.get(first)?, 16)) {
            raw.truncate(end);
        }
        let skeletons = kf8::skeletons(&index(header.skeletons())?);
        let files = skeletons.and_then(|skeletons| kf8::files(&raw, &skeletons, fragments));
        let files = files.unwrap_or_else(|| files::split(&raw, b"<html"));
        (files, contents::guide_index(&index(header.guide())?, fragments, header.encoding))
    } else {
        (files::split(&raw, b"<mbp:pagebreak"), contents::guide_markup(&raw, header.encoding))
    };
    let mut points = contents::navigation(&navigation, fragments.as_deref(), header.encoding);
    let links = match guide.iter().find(|reference| reference.kind == "toc") {
        Some(reference) => {
            let page = &files[files::holding(&files, reference.at)];
            contents::links(&decode(&page.markup, header.encoding), fragments.as_deref())
        }
        None => Vec::new(),
    };
    contents::level(&mut points, &links);
    Ok(Parts { files, points: [points, links], guide })
}

/// Text in the encoding that the book names, else in the likeliest.
fn decode(bytes: &[u8], encoding: Option<&'static Encoding>) -> String {
    match (encoding, std::str::from_utf8(bytes)) {
        (None, Ok(text)) => text.to_owned(),
        (None, Err(_)) => guess(bytes).decode_without_bom_handling(bytes).0.into_owned(),
        (Some(encoding), _) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// Counts characters that no text has.
#[derive(Default)]
struct Scrambled {
    odd: usize,
    all: usize,
}

impl Scrambled {
    fn add(&mut self, text: &str) {
        let odd = |c: &char| *c == char::REPLACEMENT_CHARACTER || c.is_control() && !c.is_whitespace();
        self.odd += text.chars().filter(odd).count();
        self.all += text.chars().count();
    }

    /// More than one in twenty comes of text that is encrypted or wrongly unpacked.
    fn refuse(&self) -> Result<(), BookError> {
        if self.odd * 20 > self.all {
            return Err(BookError::Broken("its text is scrambled beyond reading".to_owned()));
        }
        Ok(())
    }
}
