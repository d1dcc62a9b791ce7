//! Files made to do harm: bombs, endless nesting, cycles, lies about lengths, names that lead out of the archive. All of
//! them are ours, and small until something unpacks them.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// What a bomb unpacks to, in bytes: more than any limit.
const BOMB: usize = 1 << 30;

/// A file and the name it would come under.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

type Make = fn() -> Vec<u8>;

/// Makes them one by one, so that one at a time is in memory.
pub fn all() -> impl Iterator<Item = Hostile> {
    const MAKERS: &[(&str, Make)] = &[
        ("bomb.txt.gz", || gzip_of(BOMB)),
        ("bomb.epub", || epub(&chapter(""), &[("OPS/one.xhtml", BOMB)])),
        ("bomb-container.epub", || zip(&[("META-INF/container.xml", Content::Zeros(BOMB))])),
        ("bomb.docx", || {
            zip(&[("[Content_Types].xml", Content::Text("<Types/>")), ("word/document.xml", Content::Zeros(BOMB))])
        }),
        ("many.epub", many_entries),
        ("escape.epub", || epub(&chapter(""), &[("../../../../tmp/epitome-was-here", 10)])),
        ("deep.epub", || epub(&chapter(&"<div>".repeat(200_000)), &[])),
        ("laughs.epub", || epub(&laughs(), &[])),
        ("deep.html", || nested("<html><body>", "<table><tr><td>", 100_000)),
        ("deep.fb2", || nested("<FictionBook><body>", "<section>", 200_000)),
        ("arrays.pdf", || pdf(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)), b"BT ET", "")),
        ("arrays-in-page.pdf", || pdf("null", &[b"[".repeat(200_000), b" TJ".to_vec()].concat(), "")),
        ("bomb.pdf", || pdf("null", &zlib_of(BOMB), "/Filter/FlateDecode")),
        ("circle.pdf", || {
            b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\ntrailer<</Root 1 0 R>>".to_vec()
        }),
        ("lies.pdf", || pdf("null", b"BT ET", "/Length 2000000000")),
        ("records.mobi", bogus_records),
        ("noise.pdf", || noise(b"%PDF-1.7\n", 1 << 20)),
        ("noise.epub", || noise(b"PK\x03\x04", 1 << 20)),
        ("noise.azw3", || noise(&[&[b'x'; 60][..], b"BOOKMOBI"].concat(), 1 << 20)),
        ("line.txt", || b"a".repeat(60_000_000)),
    ];
    MAKERS.iter().map(|(name, make)| Hostile { name, bytes: make() })
}

enum Content<'a> {
    Text(&'a str),
    /// So many zero bytes.
    Zeros(usize),
}

fn write_zeros(out: &mut impl std::io::Write, bytes: usize) {
    let zeros = vec![0; 1 << 20];
    for _ in 0..bytes.div_ceil(zeros.len()) {
        // A buffer in memory takes all.
        let _ = out.write_all(&zeros);
    }
}

fn gzip_of(bytes: usize) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    write_zeros(&mut gzip, bytes);
    gzip.finish().unwrap_or_default()
}

fn zlib_of(bytes: usize) -> Vec<u8> {
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
    write_zeros(&mut zlib, bytes);
    zlib.finish().unwrap_or_default()
}

fn zip(items: &[(&str, Content<'_>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in items {
        let _ = zip.start_file(*name, packed.compression_level(Some(1)));
        match content {
            Content::Text(text) => {
                let _ = zip.write_all(text.as_bytes());
            }
            Content::Zeros(bytes) => write_zeros(&mut zip, *bytes),
        }
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}

/// An EPUB of one document, with more items of so many zero bytes; one of the same name takes the document's place.
fn epub(document: &str, more: &[(&str, usize)]) -> Vec<u8> {
    let container = "<container><rootfiles><rootfile full-path='OPS/book.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";
    let package = "<package><metadata/><manifest><item id='one' href='one.xhtml' media-type='application/xhtml+xml'/></manifest><spine><itemref idref='one'/></spine></package>";
    let mut items = vec![
        ("mimetype", Content::Text("application/epub+zip")),
        ("META-INF/container.xml", Content::Text(container)),
        ("OPS/book.opf", Content::Text(package)),
    ];
    if more.iter().all(|(name, _)| *name != "OPS/one.xhtml") {
        items.push(("OPS/one.xhtml", Content::Text(document)));
    }
    items.extend(more.iter().map(|(name, bytes)| (*name, Content::Zeros(*bytes))));
    zip(&items)
}

fn chapter(inside: &str) -> String {
    format!("<html><body>{inside}</body></html>")
}

/// Entities that would unfold to billions of characters.
fn laughs() -> String {
    let mut text = String::from("<!DOCTYPE html [<!ENTITY a0 'ha'>");
    for level in 1..12 {
        let inner = format!("&a{};", level - 1).repeat(10);
        let _ = write!(text, "<!ENTITY a{level} '{inner}'>");
    }
    text + "]><html><body>&a11;</body></html>"
}

fn nested(before: &str, open: &str, times: usize) -> Vec<u8> {
    format!("{before}{}", open.repeat(times)).into_bytes()
}

/// A list of three hundred thousand files, each of them empty.
fn many_entries() -> Vec<u8> {
    const ENTRIES: u32 = 300_000;
    let mut bytes = Vec::new();
    for number in 0..ENTRIES {
        let name = format!("{number:06}");
        // PKWARE's APPNOTE.TXT, section 4.3.12: a central directory header.
        bytes.extend_from_slice(b"PK\x01\x02");
        bytes.extend_from_slice(&[0; 24]);
        bytes.extend_from_slice(&6_u16.to_le_bytes());
        bytes.extend_from_slice(&[0; 16]);
        bytes.extend_from_slice(name.as_bytes());
    }
    let size = u32::try_from(bytes.len()).unwrap_or_default();
    bytes.splice(0..0, *b"PK\x03\x04");
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    // More than the field holds; the real number would stand in a ZIP64 record.
    bytes.extend_from_slice(&[0xFE; 4]);
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&4_u32.to_le_bytes());
    bytes.extend_from_slice(&[0; 2]);
    bytes
}

/// A PDF of one page with that content, and an object beside it.
fn pdf(object: &str, content: &[u8], how: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    let stream = |bytes: &mut Vec<u8>| {
        let length = if how.contains("/Length") { String::new() } else { format!("/Length {}", content.len()) };
        bytes.extend_from_slice(format!("<<{how}{length}>>stream\n").as_bytes());
        bytes.extend_from_slice(content);
        bytes.extend_from_slice(b"\nendstream");
    };
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/Extra 5 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Extra 5 0 R>>",
        "",
        object,
    ];
    for (number, text) in (1..).zip(objects) {
        places.push(bytes.len());
        bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        if text.is_empty() {
            stream(&mut bytes);
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let table = bytes.len();
    let mut end = format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1);
    for place in &places {
        let _ = writeln!(end, "{place:010} 00000 n ");
    }
    let _ = write!(end, "trailer<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    bytes.extend_from_slice(end.as_bytes());
    bytes
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

/// Bytes without any order after a beginning that promises some.
fn noise(start: &[u8], length: usize) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[0]
    };
    start.iter().copied().chain(std::iter::repeat_with(&mut next).take(length)).collect()
}
