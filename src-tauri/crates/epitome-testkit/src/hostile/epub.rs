//! EPUB: locks, bombs in every part, nesting, names that lead elsewhere.

use super::write::{BOMB, Content, ZEROS, entities, first, noise, zip};
use super::{CUT_OFF, DRM, Ends, PART_TOO_LARGE, Row, prose};

pub const ROWS: &[Row] = &[
    ("drm.epub", DRM, || encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc")),
    ("drm-unnamed.epub", DRM, || encrypted("")),
    ("fonts.epub", Ends::Reads, || encrypted("http://www.idpf.org/2008/embedding")),
    ("cut-10.epub", CUT_OFF, || first(sound(), 10)),
    ("cut-50.epub", CUT_OFF, || first(sound(), 50)),
    ("cut-99.epub", CUT_OFF, || first(sound(), 99)),
    ("noise.epub", CUT_OFF, || noise(b"PK\x03\x04", 1 << 20)),
    ("bomb.epub", PART_TOO_LARGE, || Book { page: ZEROS, ..Book::default() }.bytes()),
    ("bomb-container.epub", PART_TOO_LARGE, || zip(&[("META-INF/container.xml", ZEROS)])),
    ("bomb-package.epub", PART_TOO_LARGE, || Book { package: Some(ZEROS), ..Book::default() }.bytes()),
    ("bomb-navigation.epub", PART_TOO_LARGE, || Book { navigation: ZEROS, ..Book::default() }.bytes()),
    ("bomb-ncx.epub", PART_TOO_LARGE, || Book { ncx: ZEROS, ..Book::default() }.bytes()),
    ("bomb-encryption.epub", PART_TOO_LARGE, || {
        Book { more: vec![("META-INF/encryption.xml", ZEROS)], ..Book::default() }.bytes()
    }),
    // What is not asked for is not unpacked.
    ("bomb-picture.epub", Ends::Reads, || Book { more: vec![("OPS/big.jpg", ZEROS)], ..Book::default() }.bytes()),
    ("bomb-sum.epub", Ends::Says("it unpacks to more than 256 MB"), many_large),
    ("overlap.epub", Ends::SaysOr("it unpacks to more than 256 MB", "is damaged"), overlapping),
    ("deep.epub", Ends::Reads, || page(&format!("{}{}", "<div>".repeat(200_000), prose()))),
    ("deep-package.epub", Ends::Says("lists no chapters"), || {
        Book { package: Some(Content::Text(&"<package>".repeat(200_000))), ..Book::default() }.bytes()
    }),
    ("deep-navigation.epub", Ends::Reads, || {
        let list = "<ol><li><a href='one.xhtml'>x</a>".repeat(100_000);
        Book { navigation: Content::Text(&format!("<nav epub:type='toc'>{list}")), ..Book::default() }.bytes()
    }),
    ("deep-ncx.epub", Ends::Reads, || {
        let points = "<navPoint><navLabel><text>x</text></navLabel><content src='one.xhtml'/>".repeat(100_000);
        Book { ncx: Content::Text(&format!("<ncx><navMap>{points}")), ..Book::default() }.bytes()
    }),
    ("entities.epub", Ends::Reads, || {
        let page = format!("{}<html><body><p>{} &a11; &file;</p></body></html>", entities(), prose());
        Book { page: Content::Text(&page), ..Book::default() }.bytes()
    }),
    ("spine-repeated.epub", Ends::Reads, || {
        let spine = "<itemref idref='one'/>".repeat(20_000);
        Book { package: Some(Content::Text(&package("", &spine))), ..Book::default() }.bytes()
    }),
    ("passwd.epub", Ends::Reads, || {
        let names = ["file:/etc/passwd", "/etc/passwd", "../../../../../etc/passwd", "file:///etc/passwd%23x"];
        let item = |(number, name): (usize, &&str)| {
            format!("<item id='e{number}' href='{name}' media-type='application/xhtml+xml' properties='nav'/>")
        };
        let items: String = names.iter().enumerate().map(item).collect();
        let spine: String = (0..names.len()).map(|number| format!("<itemref idref='e{number}'/>")).collect();
        Book { package: Some(Content::Text(&package(&items, &spine))), ..Book::default() }.bytes()
    }),
    ("escape.epub", Ends::Reads, || {
        let names = ["../../../../tmp/epitome-was-here", "/tmp/epitome-was-here", "C:\\epitome-was-here"];
        Book { more: names.map(|name| (name, Content::Text("here"))).into(), ..Book::default() }.bytes()
    }),
    ("no-spine.epub", Ends::Says("lists no chapters"), || {
        Book { package: Some(Content::Text("<package><spine/></package>")), ..Book::default() }.bytes()
    }),
    ("no-container.epub", Ends::Says("without its container file"), || {
        zip(&[("mimetype", Content::Text("application/epub+zip"))])
    }),
    // What is packed says itself where it ends.
    ("lying-sizes.epub", Ends::Reads, || lying(sound())),
    ("replacements.epub", Ends::Says("cannot be shown"), || page(&format!("{}{}", prose(), "\u{FFFD}".repeat(5_000)))),
    // Markup has no use for control characters, so they are blanks.
    ("controls.epub", Ends::Reads, || page(&format!("{}{}", prose(), "\u{1}\u{7}\u{8}".repeat(5_000)))),
];

/// The parts of an EPUB of one page.
struct Book<'a> {
    page: Content<'a>,
    package: Option<Content<'a>>,
    navigation: Content<'a>,
    ncx: Content<'a>,
    more: Vec<(&'a str, Content<'a>)>,
}

impl Default for Book<'_> {
    fn default() -> Self {
        const PAGE: &str = "<html><body><h1>One</h1><p>The road was long, and nobody who walked it that evening said a word of it to anyone, then or later.</p></body></html>";
        let empty = || Content::Text("");
        Self { page: Content::Text(PAGE), package: None, navigation: empty(), ncx: empty(), more: Vec::new() }
    }
}

impl Book<'_> {
    fn bytes(self) -> Vec<u8> {
        let container = "<container><rootfiles><rootfile full-path='OPS/book.opf'/></rootfiles></container>";
        let package = package("", "");
        let mut items = vec![
            ("mimetype", Content::Text("application/epub+zip")),
            ("META-INF/container.xml", Content::Text(container)),
            ("OPS/book.opf", self.package.unwrap_or(Content::Text(&package))),
            ("OPS/nav.xhtml", self.navigation),
            ("OPS/toc.ncx", self.ncx),
            ("OPS/one.xhtml", self.page),
        ];
        items.extend(self.more);
        zip(&items)
    }
}

fn package(items: &str, spine: &str) -> String {
    format!(
        "<package><metadata/><manifest>{items}<item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/><item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/><item id='one' href='one.xhtml' media-type='application/xhtml+xml'/></manifest><spine toc='ncx'>{spine}<itemref idref='one'/></spine></package>"
    )
}

fn page(inside: &str) -> Vec<u8> {
    Book { page: Content::Text(&format!("<html><body>{inside}</body></html>")), ..Book::default() }.bytes()
}

/// One that is as it should be.
pub fn sound() -> Vec<u8> {
    page(&format!("<h1>One</h1><p>{0}</p><h1>Two</h1><p>{0}</p>", prose()))
}

fn encrypted(method: &str) -> Vec<u8> {
    let method = if method.is_empty() { String::new() } else { format!(" Algorithm='{method}'") };
    let text = format!(
        "<encryption><enc:EncryptedData><enc:EncryptionMethod{method}/><enc:CipherData><enc:CipherReference URI='OPS/one.xhtml'/></enc:CipherData></enc:EncryptedData></encryption>"
    );
    Book { more: vec![("META-INF/encryption.xml", Content::Text(&text))], ..Book::default() }.bytes()
}

/// Twelve pages of which each is below the limit.
fn many_large() -> Vec<u8> {
    let names: Vec<String> = (0..12).map(|number| format!("OPS/{number}.xhtml")).collect();
    let item =
        |number: usize| format!("<item id='e{number}' href='{number}.xhtml' media-type='application/xhtml+xml'/>");
    let spine: String = (0..12).map(|number| format!("<itemref idref='e{number}'/>")).collect();
    let package = package(&(0..12).map(item).collect::<String>(), &spine);
    let more = names.iter().map(|name| (name.as_str(), Content::Many(b' ', BOMB / 40))).collect();
    Book { package: Some(Content::Text(&package)), more, ..Book::default() }.bytes()
}

/// Places in `bytes` of a signature.
fn places(bytes: &[u8], signature: &[u8]) -> Vec<usize> {
    bytes.windows(4).enumerate().filter(|(_, found)| *found == signature).map(|(at, _)| at).collect()
}

/// As [`many_large`], but every page is the same stretch of the file (after David Fifield, "A better zip bomb", 2019).
fn overlapping() -> Vec<u8> {
    let mut bytes = many_large();
    let entries = places(&bytes, b"PK\x01\x02");
    let last: Vec<u8> = entries.last().map(|last| bytes[last + 16..last + 46].to_vec()).unwrap_or_default();
    for at in entries.iter().skip(6) {
        // Check sum, sizes and place of the last page; the length of the name stays (APPNOTE.TXT, section 4.3.12).
        bytes[at + 16..at + 28].copy_from_slice(&last[..12]);
        bytes[at + 42..at + 46].copy_from_slice(&last[26..30]);
    }
    bytes
}

/// Every entry of the list of contents claims to be four gigabytes long, packed and unpacked.
fn lying(mut bytes: Vec<u8>) -> Vec<u8> {
    for at in places(&bytes, b"PK\x01\x02") {
        bytes[at + 20..at + 28].copy_from_slice(&[0xFE; 8]);
    }
    bytes
}
