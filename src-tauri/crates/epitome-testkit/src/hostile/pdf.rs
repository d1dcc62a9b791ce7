//! PDF: locks, pictures without text, cycles, endless drawing.

mod lock;

use super::write::{Content, ZEROS, first, noise, zlib};
use super::{CUT_OFF, Ends, LOCKED, NO_TEXT, Row, prose};
use lock::Lock;

/// How both engines end on what has no structure to follow.
const BROKEN: Ends = Ends::Says("is damaged");
/// What is too large for the one or the other limit.
const TOO_MUCH: Ends = Ends::SaysOr("is too large", "was given up");
/// Without any letters its pages are pictures, as far as can be told.
const PICTURES: Ends = Ends::SaysOr("holds pictures of pages", "is damaged");

pub const ROWS: &[Row] = &[
    ("password-rc4.pdf", LOCKED, || locked(&Lock::rc4(b"secret"))),
    ("password-aes.pdf", LOCKED, || locked(&Lock::aes(b"secret"))),
    // Whoever may open it may read it.
    ("owner-rc4.pdf", Ends::Reads, || locked(&Lock::rc4(b""))),
    ("owner-aes.pdf", Ends::Reads, || locked(&Lock::aes(b""))),
    ("scan.pdf", Ends::Says("holds pictures of pages"), scan),
    ("cut-10.pdf", BROKEN, || first(sound(), 10)),
    ("cut-50.pdf", CUT_OFF, || first(sound(), 50)),
    ("cut-80.pdf", CUT_OFF, || first(sound(), 80)),
    ("cut-99.pdf", Ends::Reads, || first(sound(), 99)),
    ("noise.pdf", BROKEN, || noise(b"%PDF-1.7\n", 1 << 20)),
    ("start.pdf", BROKEN, || b"%PDF-1.7\n".to_vec()),
    ("arrays.pdf", PICTURES, || page(b"BT ET", "", &[format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))])),
    ("arrays-in-page.pdf", PICTURES, || page(&[b"[".repeat(200_000), b" TJ".to_vec()].concat(), "", &[])),
    ("dictionaries.pdf", PICTURES, || page(b"BT ET", "", &["<</A".repeat(100_000)])),
    ("pages-in-a-circle.pdf", BROKEN, || {
        file(&["<</Type/Catalog/Pages 2 0 R>>".into(), "<</Type/Pages/Count 1/Kids[2 0 R]>>".into()], "")
    }),
    ("pages-deep.pdf", PICTURES, deep_pages),
    ("pages-claimed.pdf", PICTURES, || {
        file(&["<</Type/Catalog/Pages 2 0 R>>".into(), "<</Type/Pages/Count 2000000000/Kids[]>>".into()], "")
    }),
    ("outline-in-a-circle.pdf", Ends::Reads, || {
        let more = [
            "<</Type/Outlines/First 6 0 R/Last 6 0 R>>",
            "<</Title(One)/Parent 5 0 R/Next 6 0 R/First 6 0 R/Prev 6 0 R/Dest[3 0 R/Fit]>>",
        ];
        page_with("/Outlines 5 0 R", letters().as_bytes(), "", &more.map(str::to_owned))
    }),
    ("outline-long.pdf", Ends::Reads, || {
        let items = (0..60_000)
            .map(|number| format!("<</Title(Entry {number})/Parent 5 0 R/Next {} 0 R/Dest[3 0 R/Fit]>>", number + 7));
        let more: Vec<String> = std::iter::once("<</Type/Outlines/First 6 0 R>>".to_owned()).chain(items).collect();
        page_with("/Outlines 5 0 R", letters().as_bytes(), "", &more)
    }),
    ("form-in-itself.pdf", PICTURES, || page(b"/X Do", "", &[form("/X Do /X Do", 5)])),
    ("forms-many.pdf", TOO_MUCH, || {
        let forms =
            (0..8).map(|number| form(&"/X Do ".repeat(10), number + 6)).chain([form("BT /F1 9 Tf (x) Tj ET", 5)]);
        page(b"/X Do", "", &forms.collect::<Vec<_>>())
    }),
    ("operators.pdf", TOO_MUCH, || {
        let text = format!("BT /F1 9 Tf {} ET", "(ab) Tj 1 0 Td ".repeat(5_000_000));
        page(&zlib(&Content::Text(&text)), "/Filter/FlateDecode", &[])
    }),
    ("bomb.pdf", TOO_MUCH, || page(&zlib(&ZEROS), "/Filter/FlateDecode", &[])),
    ("bomb-twice.pdf", TOO_MUCH, || {
        page(&zlib(&Content::Bytes(&zlib(&ZEROS))), "/Filter[/FlateDecode/FlateDecode]", &[])
    }),
    ("picture-claimed.pdf", Ends::Reads, || {
        let picture = "<</Type/XObject/Subtype/Image/Width 100000/Height 100000/BitsPerComponent 8/ColorSpace/DeviceRGB/Length 3>>stream\nabc\nendstream";
        page(format!("/X Do {}", letters()).as_bytes(), "", &[picture.to_owned()])
    }),
    ("length-claimed.pdf", Ends::Reads, || page(letters().as_bytes(), "/Length 2000000000", &[])),
    ("table-claimed.pdf", Ends::Reads, || {
        let sound =
            String::from_utf8_lossy(&page(letters().as_bytes(), "", &[])).replace("xref\n0 6", "xref\n0 2000000000");
        sound.into_bytes()
    }),
    ("blank.pdf", Ends::SaysOr("holds pictures of pages", "has no text"), || page(b"BT ET", "", &[])),
    ("few-words.pdf", NO_TEXT, || page(b"BT /F1 10 Tf 40 700 Td (Only these few words.) Tj ET", "", &[])),
];

/// A file of those objects, numbered from 1, with more for its trailer (ISO 32000-2, 7.5).
pub fn file_of(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (object, number) in objects.iter().zip(1..) {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    bytes.extend(table.bytes());
    bytes.extend(
        format!("trailer<</Size {}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    bytes
}

fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    file_of(&objects.iter().map(|object| object.clone().into_bytes()).collect::<Vec<_>>(), trailer)
}

fn stream(content: &[u8], how: &str) -> Vec<u8> {
    let length = if how.contains("/Length") { String::new() } else { format!("/Length {}", content.len()) };
    [format!("<<{how}{length}>>stream\n").as_bytes(), content, b"\nendstream"].concat()
}

const FONT: &str = "/Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>>>";

/// One page with that content, and objects from number 5 on, the first of which the page can draw as `/X`.
fn page(content: &[u8], how: &str, more: &[String]) -> Vec<u8> {
    page_with("", content, how, more)
}

fn page_with(catalog: &str, content: &[u8], how: &str, more: &[String]) -> Vec<u8> {
    file_of(&objects(catalog, stream(content, how), more), "")
}

fn objects(catalog: &str, stream: Vec<u8>, more: &[String]) -> Vec<Vec<u8>> {
    let extra = if more.is_empty() { "" } else { "/XObject<</X 5 0 R>>" };
    let before = [
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        "<</Type/Pages/Count 1/Kids[3 0 R]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<<{FONT}{extra}>>>>"),
    ];
    let before = before.into_iter().map(String::into_bytes);
    before.chain([stream]).chain(more.iter().map(|object| object.clone().into_bytes())).collect()
}

/// A form that draws, and can draw object `other` as `/X`.
fn form(drawn: &str, other: usize) -> String {
    format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<<{FONT}/XObject<</X {other} 0 R>>>>/Length {}>>stream\n{drawn}\nendstream",
        drawn.len()
    )
}

/// Operators that draw enough words for a book.
fn letters() -> String {
    let words: Vec<String> = prose().split(' ').map(str::to_owned).collect();
    let lines: String = words.chunks(8).map(|line| format!("({}) ' ", line.join(" "))).collect();
    format!("BT /F1 10 Tf 14 TL 40 760 Td {lines} ET")
}

/// One that is as it should be.
pub fn sound() -> Vec<u8> {
    page(letters().as_bytes(), "", &[])
}

/// Twelve pages, each a picture.
fn scan() -> Vec<u8> {
    let picture = "<</Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Length 1>>stream\nx\nendstream";
    let kids = "3 0 R ".repeat(12);
    let mut objects = objects("", stream(b"q 600 0 0 800 0 0 cm /X Do Q", ""), &[picture.to_owned()]);
    objects[1] = format!("<</Type/Pages/Count 12/Kids[{kids}]>>").into_bytes();
    for _ in 0..11 {
        let page = objects[2].clone();
        objects.push(page);
    }
    let kids: String = std::iter::once(3).chain(6..17).map(|number| format!("{number} 0 R ")).collect();
    objects[1] = format!("<</Type/Pages/Count 12/Kids[{kids}]>>").into_bytes();
    file_of(&objects, "")
}

/// A page below twenty thousand nodes that hold one node each.
fn deep_pages() -> Vec<u8> {
    const DEPTH: usize = 20_000;
    let node = |number: usize| format!("<</Type/Pages/Count 1/Kids[{} 0 R]>>", number + 1);
    let mut objects = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    objects.extend((2..DEPTH).map(node));
    objects.push("<</Type/Page/MediaBox[0 0 600 800]>>".to_owned());
    file(&objects, "")
}

/// A page of words behind a lock.
fn locked(lock: &Lock) -> Vec<u8> {
    let mut objects = objects("", stream(&lock.packed(4, letters().as_bytes()), ""), &[]);
    let dictionary = lock.dictionary();
    objects.push(dictionary);
    let id = Lock::ID.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    file_of(&objects, &format!("/Encrypt 5 0 R/ID[<{id}><{id}>]"))
}
