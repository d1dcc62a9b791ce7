//! Archives of no format of their own, and Word documents, which are archives too.

use super::write::{BOMB, Content, ZEROS, entities, first, gzip, zip};
use super::{ALL_TOO_LARGE, CUT_OFF, Ends, LOCKED, NO_TEXT, PART_TOO_LARGE, Row, prose};

pub const ROWS: &[Row] = &[
    ("many.zip", Ends::Says("it holds more than 20000 files"), many_entries),
    ("bomb.txt.gz", ALL_TOO_LARGE, || gzip(&ZEROS)),
    ("blanks.txt.gz", NO_TEXT, || gzip(&Content::Many(b'\n', 200 << 20))),
    ("bomb.fb2.zip", ALL_TOO_LARGE, || zip(&[("book.fb2", Content::Many(b' ', BOMB))])),
    ("bomb.zip.zip", ALL_TOO_LARGE, || zip(&[("inner.zip", Content::Bytes(&zip(&[("book.txt", ZEROS)])))])),
    ("bomb-twice.gz", ALL_TOO_LARGE, || gzip(&Content::Bytes(&gzip(&ZEROS)))),
    ("nested.gz", Ends::Says("an archive in an archive in an archive"), || {
        (0..10).fold(prose().into_bytes(), |inner, _| gzip(&Content::Bytes(&inner)))
    }),
    ("nested.zip", Ends::Says("an archive in an archive in an archive"), || {
        (0..10).fold(prose().into_bytes(), |inner, _| zip(&[("inner.zip", Content::Bytes(&inner))]))
    }),
    ("cut.txt.gz", CUT_OFF, || first(gzip(&Content::Text(&prose())), 60)),
    ("cut.zip", CUT_OFF, || first(zip(&[("book.txt", Content::Text(&prose()))]), 90)),
    ("locked.zip", LOCKED, || locked(zip(&[("book.txt", Content::Text(&prose()))]))),
    ("pictures.zip", Ends::Says("a ZIP archive without a book in it"), || zip(&[("a.jpg", Content::Text("x"))])),
    ("escape.zip", Ends::Reads, || {
        let text = prose();
        zip(&[
            ("../../../../tmp/epitome-was-here.txt", Content::Text(&text)),
            ("/tmp/epitome-was-here", Content::Text(&text)),
        ])
    }),
    ("books.zip", Ends::Says("holds several books"), || {
        let book = super::epub::sound();
        zip(&[("a\n\u{202E}b.epub", Content::Bytes(&book)), ("c.epub", Content::Bytes(&book))])
    }),
    ("bomb.docx", PART_TOO_LARGE, || word(ZEROS, Content::Text(""))),
    ("bomb-styles.docx", PART_TOO_LARGE, || word(Content::Text(&document(&prose())), ZEROS)),
    ("deep.docx", NO_TEXT, || {
        word(
            Content::Text(&format!("<w:document><w:body>{}", "<w:tbl><w:tr><w:tc>".repeat(100_000))),
            Content::Text(""),
        )
    }),
    ("deep-text.docx", Ends::Reads, || {
        let inside = format!("{}<w:p><w:r><w:t>{}</w:t></w:r></w:p>", "<w:sdt><w:sdtContent>".repeat(100_000), prose());
        word(Content::Text(&format!("<w:document><w:body>{inside}")), Content::Text(""))
    }),
    ("entities.docx", Ends::Reads, || {
        let text = format!("{}{}", entities(), document(&format!("{} &a11; &file;", prose())));
        word(Content::Text(&text), Content::Text(""))
    }),
    ("cut-50.docx", CUT_OFF, || first(sound_word(), 50)),
    ("cut-98.docx", CUT_OFF, || first(sound_word(), 98)),
    // The container of an encrypted document ([MS-OFFCRYPTO], section 2.3.4.4).
    ("locked.docx", LOCKED, || {
        let name = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes);
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".iter().copied().chain([0; 1000]).chain(name).chain([0; 1000]).collect()
    }),
    ("old.doc", Ends::Says("is an old Word document"), || {
        [&b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"[..], &[0; 2000]].concat()
    }),
    ("sheet.xlsx", Ends::Says("is an office document"), || {
        zip(&[("[Content_Types].xml", Content::Text("<Types/>")), ("xl/workbook.xml", Content::Text("<workbook/>"))])
    }),
];

fn document(text: &str) -> String {
    format!("<w:document><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>")
}

fn word(document: Content<'_>, styles: Content<'_>) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", Content::Text("<Types/>")),
        ("word/document.xml", document),
        ("word/styles.xml", styles),
    ])
}

/// One that is as it should be.
pub fn sound_word() -> Vec<u8> {
    word(Content::Text(&document(&prose())), Content::Text("<w:styles/>"))
}

/// The flag of a password in every entry (APPNOTE.TXT, section 4.4.4).
fn locked(mut bytes: Vec<u8>) -> Vec<u8> {
    for at in 0..bytes.len() - 10 {
        match &bytes[at..at + 4] {
            b"PK\x01\x02" => bytes[at + 8] |= 1,
            b"PK\x03\x04" => bytes[at + 6] |= 1,
            _ => {}
        }
    }
    bytes
}

/// A list of three hundred thousand files, each of them empty.
fn many_entries() -> Vec<u8> {
    const ENTRIES: u32 = 300_000;
    let mut bytes = Vec::new();
    for number in 0..ENTRIES {
        let name = format!("{number:06}");
        // APPNOTE.TXT, section 4.3.12: a central directory header.
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
