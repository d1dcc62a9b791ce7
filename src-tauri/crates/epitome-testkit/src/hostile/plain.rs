//! What is no book at all, and books under names of other formats.

use super::write::noise;
use super::{BINARY, Ends, NO_TEXT, Row, prose};

pub const ROWS: &[Row] = &[
    ("empty.txt", Ends::Says("is empty (0 bytes)"), Vec::new),
    ("empty.epub", Ends::Says("is empty (0 bytes)"), Vec::new),
    ("blank.txt", NO_TEXT, || b" \n\t\n".repeat(1000)),
    ("binary.txt", BINARY, || noise(b"", 100_000)),
    ("zeros.pdf", BINARY, || vec![0; 1 << 20]),
    ("replacements.txt", BINARY, || format!("{}{}", prose(), "\u{FFFD}".repeat(5_000)).into_bytes()),
    ("controls.txt", BINARY, || [prose().into_bytes(), b"\x01\x07\x08".repeat(5_000)].concat()),
    ("line.txt", Ends::Says("its text is longer than"), || b"a".repeat(60_000_000)),
    ("lines.txt", Ends::Reads, || [prose().into_bytes(), b"\n".repeat(4_000_000), prose().into_bytes()].concat()),
    ("headings.txt", Ends::Reads, || {
        (0..60_000)
            .flat_map(|number| format!("Chapter {number}\n\n").into_bytes())
            .chain(prose().into_bytes())
            .collect()
    }),
    ("romans.txt", Ends::Reads, || {
        ["I\n\n", "II\n\n", "X.\n\n", "1.\n\n"]
            .concat()
            .repeat(40_000)
            .into_bytes()
            .into_iter()
            .chain(prose().into_bytes())
            .collect()
    }),
    ("picture.epub", Ends::Says("is a picture and not a book"), || noise(b"\x89PNG\r\n\x1A\n", 1000)),
    ("program.txt", Ends::Says("is a program and not a book"), || noise(b"\x7FELF", 1000)),
    ("archive.epub", Ends::Says("is a RAR archive"), || noise(b"Rar!\x1A\x07\0", 1000)),
    ("letter.txt", Ends::Says("is an RTF document"), || format!("{{\\rtf1 {}}}", prose()).into_bytes()),
    // By content, whatever the name.
    ("epub.txt", Ends::Reads, super::epub::sound),
    ("docx.epub", Ends::Reads, super::archives::sound_word),
    ("mobi.pdf", Ends::Reads, super::kindle::sound),
    ("pdf.mobi", Ends::Reads, super::pdf::sound),
    ("html.docx", Ends::Reads, || format!("<html><body><p>{}</p></body></html>", prose()).into_bytes()),
    ("fb2.html", Ends::Reads, || {
        format!("<FictionBook><body><section><p>{}</p></section></body></FictionBook>", prose()).into_bytes()
    }),
    ("text.azw3", Ends::Reads, || prose().into_bytes()),
    ("markdown.pdf", Ends::Reads, || format!("# One\n\n{0}\n\n# Two\n\n{0}\n", prose()).into_bytes()),
];
