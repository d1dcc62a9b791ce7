//! What a file is, by its first bytes and never by its name. For [`crate::read`] only.

/// Kind of a file, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Looks into it decide whether it is an EPUB.
    Zip,
    /// A Palm database that holds a book.
    Mobi,
    Fb2,
    Html,
    Gzip,
    /// Encrypted with a password.
    Locked,
    /// Under copy protection.
    Protected,
    Pdf,
    /// A format known and not read yet, with article.
    Other(&'static str),
    /// Text or unknown binary; decoding decides.
    Text,
}

/// Start of an OLE container ([MS-CFB], section 2.2).
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Start of a Kindle book of the KFX kind under copy protection.
const PROTECTED: &[u8] = b"\xEADRMION\xEE";
/// File signatures at the very start, with what they stand for.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"{\\rtf", "an RTF document"),
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xFD7zXZ\0", "an XZ archive"),
    (b"\x89PNG\r\n\x1A\n", "a picture"),
    (b"\xFF\xD8\xFF", "a picture"),
    (b"GIF8", "a picture"),
    (b"AT&TFORM", "a DjVu document"),
    (b"ITSF", "a CHM help file"),
    (b"ITOLITLS", "a LIT book"),
    (b"TPZ", "a Kindle book of the Topaz kind"),
    (b"CONT\x02\0", "a Kindle book of the KFX kind"),
    (b"SQLite format 3\0", "a database"),
    (b"\x7FELF", "a program"),
    (b"ID3", "a sound file"),
    (b"OggS", "a sound file"),
];

/// Kind of the file that begins with (or is) `bytes`.
pub fn sniff(bytes: &[u8]) -> Kind {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Kind::Zip;
    }
    if bytes.starts_with(b"\x1F\x8B") {
        return Kind::Gzip;
    }
    if bytes.starts_with(OLE) {
        // An encrypted document of a newer format hides in the container of the older ones.
        let locked = contains(bytes, &wide("EncryptedPackage"));
        return if locked { Kind::Locked } else { Kind::Other("an old Word document") };
    }
    if bytes.starts_with(PROTECTED) {
        return Kind::Protected;
    }
    if let Some((_, what)) = SIGNATURES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Kind::Other(what);
    }
    let start = &bytes[..bytes.len().min(1024)];
    if contains(start, b"%PDF-") {
        return Kind::Pdf;
    }
    if matches!(bytes.get(60..68), Some(b"BOOKMOBI" | b"TEXtREAd")) {
        return Kind::Mobi;
    }
    if start.get(257..262) == Some(b"ustar") {
        return Kind::Other("a TAR archive");
    }
    markup(start).unwrap_or(Kind::Text)
}

/// Kind of markup that a file begins with.
fn markup(start: &[u8]) -> Option<Kind> {
    const HTML: &[&str] = &[
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<meta",
        "<h1",
        "<h2",
        "<p>",
        "<div",
        "<center",
        "<pre",
        "<table",
        "<article",
        "<section",
        "<main",
    ];
    let start = crate::markup::decode(start).to_ascii_lowercase();
    let mut rest = start.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment.split_once("-->")?.1.trim_start();
    }
    let xml = rest.starts_with("<?xml");
    if rest.starts_with("<fictionbook") || xml && rest.contains("<fictionbook") {
        return Some(Kind::Fb2);
    }
    let html = HTML.iter().any(|tag| rest.starts_with(tag)) || xml && rest.contains("<html");
    html.then_some(Kind::Html)
}

/// UTF-16, little-endian.
fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_comes_from_the_bytes() {
        assert_eq!(sniff(b"PK\x03\x04rest"), Kind::Zip);
        assert_eq!(sniff(b"\n\n%PDF-1.7"), Kind::Pdf);
        assert_eq!(sniff(&[&[b'x'; 60][..], b"BOOKMOBI"].concat()), Kind::Mobi);
        assert_eq!(sniff(b"<?xml version='1.0'?><FictionBook>"), Kind::Fb2);
        assert_eq!(sniff("\u{FEFF}<!-- saved -->\n<HEAD><title>".as_bytes()), Kind::Html);
        let wide_html: Vec<u8> = "\u{FEFF}<html><body>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(sniff(&wide_html), Kind::Html);
        assert_eq!(sniff(b"<< Emma >>, a novel"), Kind::Text);
        assert_eq!(sniff(OLE), Kind::Other("an old Word document"));
        assert_eq!(sniff(&[OLE, &[0; 9], &wide("EncryptedPackage")].concat()), Kind::Locked);
        assert_eq!(sniff(b"\xEADRMION\xEE\x01"), Kind::Protected);
        assert_eq!(sniff(b"Call me Ishmael."), Kind::Text);
        assert_eq!(sniff(b""), Kind::Text);
    }
}
