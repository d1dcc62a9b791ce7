//! EPUB 2 and 3. For [`crate::read`].

mod cover;
mod package;
mod toc;

use std::collections::{HashMap, HashSet};

use epitome_model::{BookMeta, ChapterMethod, Format, LeftOutReason};

use crate::archive::Archive;
use crate::markup;
use crate::markup::xml::{Xml, scan};
use crate::pages::{self, Entry, Reader, Table};
use crate::{Book, BookError, language, matter, outline};
use package::{Item, Package};

/// Encryptions that only hide fonts (EPUB 3.3, section 4.2.6.2, and Adobe's).
const FONT_OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

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

    let Reader { text, pages, .. } = documents(&mut archive, &package, &tables, &said)?;
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
    let (method, sections) = pages::find(&text, &pages, &tables, &meta.title);
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

/// Whether an item of the spine is a document that holds text.
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

/// The documents of the whole spine; each is read once however often it is named.
fn documents<'a>(
    archive: &mut Archive<'_>,
    package: &Package,
    tables: &'a [Table],
    said: &HashMap<String, LeftOutReason>,
) -> Result<Reader<'a>, BookError> {
    let mut reader = Reader::new(tables);
    let mut seen = HashSet::new();
    for item in package.spine.iter().filter_map(|id| package.manifest.get(id)) {
        if !is_document(item) || !seen.insert(archive.index(&item.path)) {
            continue;
        }
        let Some(bytes) = archive.read(&item.path)? else { continue };
        reader.add(&item.path, &markup::decode(&bytes), said.get(&item.path).copied())?;
    }
    if reader.pages.is_empty() { Err(BookError::NoSpine) } else { Ok(reader) }
}
