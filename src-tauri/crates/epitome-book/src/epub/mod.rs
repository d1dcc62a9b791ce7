//! EPUB 2 and 3. For [`crate::read`].

mod cover;
mod package;
mod toc;

use std::collections::{HashMap, HashSet};

use epitome_model::{BookMeta, ChapterMethod, Format, LeftOutReason};

use crate::archive::Archive;
use crate::book::Section;
use crate::markup;
use crate::markup::xml::{Xml, scan};
use crate::pages::{self, Entry, Reader, Table};
use crate::sniff::{Kind, sniff};
use crate::{Book, BookError, language, limits, matter, outline};
use package::{Item, Package};

/// Encryptions that only hide fonts (EPUB 3.3, section 4.2.6.2, and Adobe's).
const FONT_OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Fallbacks of one item that are followed.
const FALLBACKS: usize = 8;

/// The book in an EPUB.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let mut archive = Archive::open(bytes)?;
    let Some(container) = archive.read("META-INF/container.xml")? else { return Err(not_an_epub(&mut archive)) };
    refuse_protected(&mut archive)?;
    let broken = || BookError::Broken("its package document, which lists the chapters, is missing".to_owned());
    let path = package::rootfile(&markup::decode(&container)).ok_or_else(broken)?;
    let opf = archive.read(&path)?.ok_or_else(broken)?;
    let package = package::parse(&markup::decode(&opf), &path);

    let nav_path = package.manifest.values().find(|item| item.has("nav")).map(|item| item.path.clone());
    let navigation = match &nav_path {
        Some(path) => archive.read(path)?.map(|nav| toc::navigation(&markup::decode(&nav), path)).unwrap_or_default(),
        None => toc::Navigation::default(),
    };
    let tables = [
        Table { method: ChapterMethod::Navigation, entries: navigation.entries },
        Table { method: ChapterMethod::Ncx, entries: ncx(&mut archive, &package)? },
    ];
    let mut said: HashMap<String, LeftOutReason> = HashMap::new();
    for (types, target) in navigation.landmarks.iter().chain(&package.guide) {
        // A landmark inside a file says nothing of the rest of that file.
        if let Some(reason) = matter::by_type(types).filter(|_| target.fragment.is_none()) {
            said.entry(target.path.clone()).or_insert(reason);
        }
    }
    if let Some(path) = nav_path {
        said.insert(path, LeftOutReason::Contents);
    }

    let Documents { reader, missing } = documents(&mut archive, &package, &tables, &said)?;
    let Reader { text, pages, .. } = reader;
    let cover = cover::find(&mut archive, &package);
    let mut meta = BookMeta {
        title: package.titles.into_iter().next().unwrap_or_else(|| file_name.trim_end_matches(".epub").to_owned()),
        authors: package.authors,
        language: package.language.as_deref().and_then(language::tag),
        series: package.series,
    };
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(&text);
    }
    let listed = tables.iter().any(|table| !table.entries.is_empty());
    let (method, sections) = if listed {
        pages::find(&text, &pages, &tables, &meta.title)
    } else {
        pages::find_unlisted(&text, pages, &meta.title)
    };
    let sections = with_missing(sections, missing);
    Book { format: Format::Epub, meta, method, cover, text, sections }.checked()
}

/// What a ZIP archive without a container is.
fn not_an_epub(archive: &mut Archive<'_>) -> BookError {
    if archive.holds("content.xml") || archive.holds("[Content_Types].xml") {
        BookError::Unsupported("an office document")
    } else if archive.holds("mimetype") {
        BookError::Broken("it is an EPUB without its container file, so its chapters cannot be found".to_owned())
    } else {
        BookError::Unsupported("a ZIP archive and not an EPUB")
    }
}

fn refuse_protected(archive: &mut Archive<'_>) -> Result<(), BookError> {
    let Some(encryption) = archive.read("META-INF/encryption.xml")? else { return Ok(()) };
    let mut protected = false;
    scan(&markup::decode(&encryption), |event| {
        if let Xml::Open("EncryptionMethod", attributes) = event {
            protected |= attributes.get("Algorithm").is_none_or(|name| !FONT_OBFUSCATION.contains(&name));
        }
    });
    if protected { Err(BookError::Protected) } else { Ok(()) }
}

fn ncx(archive: &mut Archive<'_>, package: &Package) -> Result<Vec<Entry>, BookError> {
    let named = package.ncx.as_ref().and_then(|id| package.manifest.get(id));
    let typed = || package.manifest.values().find(|item| item.media_type == "application/x-dtbncx+xml");
    let Some(path) = named.or_else(typed).map(|item| item.path.clone()) else { return Ok(Vec::new()) };
    Ok(archive.read(&path)?.map(|ncx| toc::ncx(&markup::decode(&ncx), &path)).unwrap_or_default())
}

/// The documents of the whole spine, each read once however often it is named, and what of them is not there.
struct Documents<'a> {
    reader: Reader<'a>,
    missing: Vec<Missing>,
}

/// A part that the spine names and the archive does not hold.
struct Missing {
    name: String,
    /// Byte of the text where it would be.
    at: usize,
}

fn documents<'a>(
    archive: &mut Archive<'_>,
    package: &Package,
    tables: &'a [Table],
    said: &HashMap<String, LeftOutReason>,
) -> Result<Documents<'a>, BookError> {
    let mut reader = Reader::new(tables);
    let mut missing = Vec::new();
    let mut seen = HashSet::new();
    for id in &package.spine {
        let at = reader.text.len();
        let Some(item) = package.manifest.get(id) else {
            missing.push(Missing { name: id.clone(), at });
            continue;
        };
        let named = archive.index(&item.path);
        if named.is_some() && !seen.insert(named) {
            continue;
        }
        match document(archive, package, item)? {
            Found::Text(path, bytes) => reader.add(&path, &markup::decode(&bytes), said.get(&path).copied())?,
            Found::NoText => {}
            Found::Nothing => missing.push(Missing { name: item.path.clone(), at }),
        }
    }
    if reader.pages.is_empty() { Err(BookError::NoSpine) } else { Ok(Documents { reader, missing }) }
}

enum Found {
    /// A document, and the name of its file.
    Text(String, Vec<u8>),
    /// A picture, a sound or the like.
    NoText,
    Nothing,
}

/// The document of an item of the spine: its own file, or that of the first of its fallbacks that is one (EPUB 3.3,
/// section 3.5.1).
fn document(archive: &mut Archive<'_>, package: &Package, item: &Item) -> Result<Found, BookError> {
    let mut item = item;
    let mut found = Found::Nothing;
    for _ in 0..FALLBACKS {
        match own_document(archive, item)? {
            Found::Text(path, bytes) => return Ok(Found::Text(path, bytes)),
            Found::NoText => found = Found::NoText,
            Found::Nothing => {}
        }
        let Some(next) = item.fallback.as_ref().and_then(|id| package.manifest.get(id)) else { break };
        item = next;
    }
    Ok(found)
}

/// What the file of an item is, its fallbacks not asked.
fn own_document(archive: &mut Archive<'_>, item: &Item) -> Result<Found, BookError> {
    if !archive.holds(&item.path) {
        return Ok(Found::Nothing);
    }
    if is_document(item) {
        let bytes = archive.read(&item.path)?.unwrap_or_default();
        return Ok(Found::Text(item.path.clone(), bytes));
    }
    if is_media(item) {
        return Ok(Found::NoText);
    }
    let Some(bytes) = archive.read(&item.path)? else { return Ok(Found::Nothing) };
    // What the book calls by an odd name, or by none, is what it looks like.
    match sniff(&bytes) {
        Kind::Html => Ok(Found::Text(item.path.clone(), bytes)),
        _ => Ok(Found::NoText),
    }
}

/// Whether an item of the spine is a document that holds text, by what the book says of it.
fn is_document(item: &Item) -> bool {
    let ending = item.path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    match item.media_type.as_str() {
        "application/xhtml+xml" | "text/html" | "image/svg+xml" | "text/x-oeb1-document" => true,
        "" | "application/xml" | "text/xml" | "application/octet-stream" => {
            matches!(ending.as_str(), "xhtml" | "html" | "htm")
        }
        _ => false,
    }
}

fn is_media(item: &Item) -> bool {
    ["image/", "audio/", "video/", "font/", "text/css"].iter().any(|kind| item.media_type.starts_with(kind))
}

/// `sections` with an empty one for each part that is missing, so that the reader of the preview sees it.
fn with_missing(mut sections: Vec<Section>, missing: Vec<Missing>) -> Vec<Section> {
    for Missing { name, at } in missing.into_iter().take(limits::MISSING) {
        let place = sections.iter().position(|section| section.range.start >= at).unwrap_or(sections.len());
        let start = sections.get(place).map_or(sections.last().map_or(0, |last| last.range.end), |s| s.range.start);
        let title = name.rsplit('/').next().unwrap_or(&name).to_owned();
        let left_out = Some(LeftOutReason::Missing);
        sections.insert(place, Section { title, part: None, range: start..start, chars: 0, left_out });
    }
    sections
}
