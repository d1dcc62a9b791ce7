//! Word documents since 2007 (ECMA-376, part 1, section 11.3). For [`crate::read`].
//!
//! A footnote's text follows the paragraph that calls it, so that it is in the same chapter. Endnotes stand at the end
//! and are left out as notes. Deleted text, comments, headers and footers are no text of the book.

mod body;
mod notes;
mod styles;

use epitome_model::{BookMeta, Format, LeftOutReason};

use crate::archive::Archive;
use crate::markup::xml::{Xml, scan};
use crate::pages::{self, Page, Reader, path};
use crate::{Book, BookError, Cover, language, markup, outline, text};
use body::Body;
use styles::Styles;

/// Whether an archive is a Word document.
pub fn is(archive: &Archive<'_>) -> bool {
    archive.holds("word/document.xml") || archive.holds("[Content_Types].xml") && archive.holds("word/styles.xml")
}

/// The book in a Word document.
pub fn read(archive: &mut Archive<'_>, file_name: &str) -> Result<Book, BookError> {
    let document = main_document(archive)?;
    let broken = || BookError::Broken("its main part, which holds the text, is missing".to_owned());
    let xml = archive.read(&document)?.ok_or_else(broken)?;
    let parts = Parts::of(archive, &document)?;
    let styles = part(archive, parts.styles.as_deref())?.map(|xml| Styles::parse(&xml)).unwrap_or_default();
    let mut footnotes = part(archive, parts.footnotes.as_deref())?.map(|xml| notes::parse(&xml)).unwrap_or_default();
    let endnotes = part(archive, parts.endnotes.as_deref())?.map(|xml| notes::parse(&xml)).unwrap_or_default();

    let stretches = Body::of(&markup::decode(&xml), &styles, &mut footnotes);
    let mut reader = Reader::new(&[]);
    for (number, stretch) in stretches.iter().enumerate() {
        reader.add(&format!("part {number}"), &stretch.markup, stretch.left_out)?;
    }
    // Footnotes that nothing calls go with the endnotes rather than get lost.
    let rest: String = footnotes.into_values().chain(endnotes.into_values()).collect();
    if !rest.is_empty() {
        reader.add("notes", &format!("<title>Notes</title>{rest}"), Some(LeftOutReason::Notes))?;
    }
    let Reader { text, pages, .. } = reader;

    let mut meta = core(archive)?;
    let (title, pages) = take_title(&text, pages);
    if meta.title.is_empty() {
        meta.title = title.unwrap_or_else(|| text::title_of_file(file_name));
    }
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(&text);
    }
    let cover = thumbnail(archive);
    let (method, sections) = pages::find_by_headings(&text, pages, &meta.title);
    Book { format: Format::Docx, meta, method, cover, text, sections }.checked()
}

/// Name of the main part, by the package's relationships.
fn main_document(archive: &mut Archive<'_>) -> Result<String, BookError> {
    let mut found = None;
    if let Some(rels) = archive.read("_rels/.rels")? {
        relationships(&markup::decode(&rels), "", |kind, target| {
            if kind == "officeDocument" {
                found.get_or_insert(target);
            }
        });
    }
    Ok(found.filter(|name| archive.holds(name)).unwrap_or_else(|| "word/document.xml".to_owned()))
}

/// Names of the parts that belong to the main one.
#[derive(Default)]
struct Parts {
    styles: Option<String>,
    footnotes: Option<String>,
    endnotes: Option<String>,
}

impl Parts {
    fn of(archive: &mut Archive<'_>, document: &str) -> Result<Self, BookError> {
        let folder = path::folder(document);
        let mut parts = Self::default();
        let name = &document[folder.len()..];
        if let Some(rels) = archive.read(&format!("{folder}_rels/{name}.rels"))? {
            relationships(&markup::decode(&rels), folder, |kind, target| match kind {
                "styles" => parts.styles = Some(target),
                "footnotes" => parts.footnotes = Some(target),
                "endnotes" => parts.endnotes = Some(target),
                _ => {}
            });
        }
        // A careless writer may leave the relationships out.
        parts.styles.get_or_insert_with(|| format!("{folder}styles.xml"));
        Ok(parts)
    }
}

/// Reports the last word of each relationship's type, and its target.
fn relationships(rels: &str, folder: &str, mut each: impl FnMut(&str, String)) {
    scan(rels, |event| {
        if let Xml::Open("Relationship", attributes) = event
            && let Some((kind, target)) = attributes.get("Type").zip(attributes.get("Target"))
            && attributes.get("TargetMode") != Some("External")
        {
            let kind = kind.rsplit('/').next().unwrap_or(kind);
            each(kind, path::resolve(folder, target).path);
        }
    });
}

fn part(archive: &mut Archive<'_>, name: Option<&str>) -> Result<Option<String>, BookError> {
    let Some(name) = name else { return Ok(None) };
    Ok(archive.read(name)?.map(|xml| markup::decode(&xml)))
}

/// What the document's properties say.
fn core(archive: &mut Archive<'_>) -> Result<BookMeta, BookError> {
    let mut meta = BookMeta::default();
    let Some(xml) = archive.read("docProps/core.xml")? else { return Ok(meta) };
    let mut text = String::new();
    scan(&markup::decode(&xml), |event| match event {
        Xml::Open(..) => text.clear(),
        Xml::Text(more) => text.push_str(more),
        Xml::Close(name) => {
            let said = text.split_whitespace().collect::<Vec<_>>().join(" ");
            text.clear();
            match name {
                // The name of the file that it was printed from is no title.
                "title" if !said.starts_with("Microsoft Word - ") => meta.title = said,
                "creator" => {
                    let names = said.split([';', '\u{FF1B}']).map(|name| name.trim().to_owned());
                    meta.authors = names.filter(|name| !name.is_empty()).collect();
                }
                "language" => meta.language = language::tag(&said),
                _ => {}
            }
        }
    });
    Ok(meta)
}

/// The picture of the first page, where the writer kept one.
fn thumbnail(archive: &mut Archive<'_>) -> Option<Cover> {
    let names = ["docProps/thumbnail.jpeg", "docProps/thumbnail.jpg", "docProps/thumbnail.png"];
    names.iter().find_map(|name| Cover::of(archive.read(name).ok()??))
}

/// A paragraph in the style for titles is the book's; several are headings above all others.
fn take_title(text: &str, mut pages: Vec<Page>) -> (Option<String>, Vec<Page>) {
    let mut titles =
        pages.iter().flat_map(|page| &page.document.headings).filter(|heading| heading.level == body::TITLE);
    let (Some(title), None) = (titles.next(), titles.next()) else { return (None, pages) };
    let title = text.get(title.range.clone()).map(str::to_owned);
    for page in &mut pages {
        page.document.headings.retain(|heading| heading.level != body::TITLE);
    }
    (title, pages)
}

#[cfg(test)]
mod tests;
