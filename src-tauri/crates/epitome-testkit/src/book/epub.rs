//! EPUB files made to order, with the ways real ones name their chapters.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Where the table of contents is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Toc {
    /// EPUB 3: a navigation document.
    #[default]
    Nav,
    /// EPUB 2: an NCX.
    Ncx,
    /// Both, as many books have it.
    Both,
    /// Neither: only the spine tells the order.
    None,
}

impl Toc {
    fn nav(self) -> bool {
        matches!(self, Self::Nav | Self::Both)
    }

    fn ncx(self) -> bool {
        matches!(self, Self::Ncx | Self::Both)
    }
}

#[derive(Clone, Debug)]
struct Part {
    /// Absent: text that no table of contents names.
    title: Option<String>,
    body: String,
}

/// Builds an EPUB. Bodies are plain text, paragraphs parted by empty lines.
#[derive(Clone, Debug)]
pub struct EpubBuilder {
    title: String,
    authors: Vec<String>,
    language: String,
    toc: Toc,
    one_file: bool,
    spine: bool,
    parts: Vec<Part>,
    files: Vec<(String, Vec<u8>)>,
}

impl EpubBuilder {
    pub fn new(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            authors: Vec::new(),
            language: "en".to_owned(),
            toc: Toc::default(),
            one_file: false,
            spine: true,
            parts: Vec::new(),
            files: Vec::new(),
        }
    }

    #[must_use]
    pub fn author(mut self, name: &str) -> Self {
        self.authors.push(name.to_owned());
        self
    }

    /// A language tag such as `en` or `zh-Hans`.
    #[must_use]
    pub fn language(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.language);
        self
    }

    #[must_use]
    pub fn chapter(mut self, title: &str, body: &str) -> Self {
        self.parts.push(Part { title: Some(title.to_owned()), body: body.to_owned() });
        self
    }

    /// Text in the spine that no table of contents names.
    #[must_use]
    pub fn unlisted(mut self, body: &str) -> Self {
        self.parts.push(Part { title: None, body: body.to_owned() });
        self
    }

    #[must_use]
    pub fn toc(mut self, toc: Toc) -> Self {
        self.toc = toc;
        self
    }

    /// All chapters in one file, told apart by anchors only.
    #[must_use]
    pub fn one_file(mut self) -> Self {
        self.one_file = true;
        self
    }

    /// Leaves the spine empty, as broken books have it.
    #[must_use]
    pub fn without_spine(mut self) -> Self {
        self.spine = false;
        self
    }

    /// A further file of the archive, such as a picture; it is not in the manifest.
    #[must_use]
    pub fn file(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.push((path.to_owned(), bytes.into()));
        self
    }

    /// The finished file.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let deflated = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        // OCF 3.3, section 4.3: the media type comes first and uncompressed.
        zip.start_file("mimetype", stored)?;
        zip.write_all(b"application/epub+zip")?;
        let mut files = vec![
            ("META-INF/container.xml".to_owned(), CONTAINER.as_bytes().to_vec()),
            ("OEBPS/content.opf".to_owned(), self.package().into_bytes()),
        ];
        if self.toc.nav() {
            files.push(("OEBPS/nav.xhtml".to_owned(), self.navigation().into_bytes()));
        }
        if self.toc.ncx() {
            files.push(("OEBPS/toc.ncx".to_owned(), self.ncx().into_bytes()));
        }
        for (name, text) in self.pages() {
            files.push((format!("OEBPS/{name}"), text.into_bytes()));
        }
        for (path, bytes) in files.iter().chain(&self.files) {
            zip.start_file(path.as_str(), deflated)?;
            zip.write_all(bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }

    fn pages(&self) -> Vec<(String, String)> {
        let sections = self.parts.iter().zip(1..).map(|(part, number)| section(part, number));
        if self.one_file {
            return vec![("text.xhtml".to_owned(), page(&self.title, &sections.collect::<String>()))];
        }
        let pages = sections.zip(&self.parts).zip(1..);
        pages
            .map(|((text, part), number)| {
                (file_name(number), page(part.title.as_deref().unwrap_or(&self.title), &text))
            })
            .collect()
    }

    fn entries(&self) -> impl Iterator<Item = (usize, String, String)> {
        self.parts.iter().zip(1..).filter_map(|(part, number)| {
            let title = escape(part.title.as_deref()?);
            let target = if self.one_file { format!("text.xhtml#c{number}") } else { file_name(number) };
            Some((number, title, target))
        })
    }

    fn package(&self) -> String {
        let creators = joined(self.authors.iter().map(|name| format!("<dc:creator>{}</dc:creator>", escape(name))));
        let names: Vec<String> = self.pages().into_iter().map(|(name, _)| name).collect();
        let mut manifest = String::new();
        if self.toc.nav() {
            manifest
                .push_str(r#"<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>"#);
        }
        if self.toc.ncx() {
            manifest.push_str(r#"<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>"#);
        }
        let item = |(name, number): (&String, usize)| {
            format!(r#"<item id="p{number}" href="{name}" media-type="application/xhtml+xml"/>"#)
        };
        manifest.push_str(&joined(names.iter().zip(1..).map(item)));
        let in_spine = if self.spine { names.len() } else { 0 };
        let spine = joined((1..=in_spine).map(|number| format!(r#"<itemref idref="p{number}"/>"#)));
        let version = if self.toc == Toc::Ncx { "2.0" } else { "3.0" };
        let toc = if self.toc.ncx() { r#" toc="ncx""# } else { "" };
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="{version}" unique-identifier="id">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:epitome:{id}</dc:identifier><dc:title>{title}</dc:title>{creators}<dc:language>{language}</dc:language></metadata>
<manifest>{manifest}</manifest>
<spine{toc}>{spine}</spine>
</package>
"#,
            id = blake3::hash(self.title.as_bytes()).to_hex(),
            title = escape(&self.title),
            language = escape(&self.language),
        )
    }

    fn navigation(&self) -> String {
        let items =
            joined(self.entries().map(|(_, title, target)| format!(r#"<li><a href="{target}">{title}</a></li>"#)));
        page("Contents", &format!(r#"<nav epub:type="toc"><h1>Contents</h1><ol>{items}</ol></nav>"#))
    }

    fn ncx(&self) -> String {
        let points = joined(self.entries().map(|(number, title, target)| {
            format!(
                r#"<navPoint id="n{number}" playOrder="{number}"><navLabel><text>{title}</text></navLabel><content src="{target}"/></navPoint>"#
            )
        }));
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" version="2005-1"><head/><docTitle><text>{}</text></docTitle><navMap>{points}</navMap></ncx>
"#,
            escape(&self.title)
        )
    }
}

const CONTAINER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="OEBPS/content.opf" media-type="application/oebps-package+xml"/></rootfiles></container>
"#;

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect()
}

fn file_name(number: usize) -> String {
    format!("part{number:04}.xhtml")
}

fn section(part: &Part, number: usize) -> String {
    let heading = part.title.as_deref().map(|title| format!(r#"<h2 id="c{number}">{}</h2>"#, escape(title)));
    let paragraphs = part.body.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty());
    let body = joined(paragraphs.map(|paragraph| format!("<p>{}</p>\n", escape(paragraph))));
    format!("{}\n{body}", heading.unwrap_or_default())
}

fn page(title: &str, body: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>{}</title></head><body>
{body}</body></html>
"#,
        escape(title)
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn read(bytes: Vec<u8>, name: &str) -> String {
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_media_type_stands_first_and_uncompressed() {
        let bytes = EpubBuilder::new("T").chapter("One", "Text.").bytes().unwrap();
        assert_eq!(&bytes[30..58], b"mimetypeapplication/epub+zip");
    }

    #[test]
    fn anchors_in_one_file_are_what_the_contents_point_at() {
        let book = EpubBuilder::new("T & Co").author("A < B").one_file().toc(Toc::Both);
        let bytes = book.chapter("One", "First.\n\nSecond.").chapter("Two", "Third.").bytes().unwrap();
        assert!(read(bytes.clone(), "OEBPS/nav.xhtml").contains(r#"href="text.xhtml#c2""#));
        assert!(read(bytes.clone(), "OEBPS/toc.ncx").contains(r#"src="text.xhtml#c1""#));
        let text = read(bytes.clone(), "OEBPS/text.xhtml");
        assert!(text.contains(r#"id="c1""#) && text.contains(r#"id="c2""#) && text.contains("<p>Second.</p>"));
        assert!(read(bytes, "OEBPS/content.opf").contains("T &amp; Co"));
    }

    #[test]
    fn unlisted_text_is_in_the_spine_only() {
        let bytes = EpubBuilder::new("T").unlisted("Lost?").chapter("One", "Text.").bytes().unwrap();
        assert_eq!(read(bytes.clone(), "OEBPS/content.opf").matches("<itemref").count(), 2);
        assert_eq!(read(bytes, "OEBPS/nav.xhtml").matches("<li>").count(), 1);
    }
}
