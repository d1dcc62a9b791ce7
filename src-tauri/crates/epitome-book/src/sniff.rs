//! What a file is, by its first bytes and never by its name. For [`crate::read`] only.

/// Kind of a file, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Looks into it decide whether it is an EPUB.
    Zip,
    Pdf,
    /// A format known and not read yet, with article.
    Other(&'static str),
    /// Text or unknown binary; decoding decides.
    Text,
}

/// File signatures at the very start, with what they stand for.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "an old Word document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x1F\x8B", "a gzip archive"),
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
    if let Some((_, what)) = SIGNATURES.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Kind::Other(what);
    }
    let start = &bytes[..bytes.len().min(1024)];
    if contains(start, b"%PDF-") {
        return Kind::Pdf;
    }
    if matches!(bytes.get(60..68), Some(b"BOOKMOBI" | b"TEXtREAd")) {
        return Kind::Other("a Kindle book (MOBI or AZW3)");
    }
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start().to_ascii_lowercase();
    if start.starts_with(b"<!doctype html") || start.starts_with(b"<html") {
        return Kind::Other("a web page (HTML)");
    }
    if start.starts_with(b"<?xml") && contains(&start, b"<fictionbook") {
        return Kind::Other("an FB2 book");
    }
    if start.starts_with(b"<?xml") && contains(&start, b"<html") {
        return Kind::Other("a web page (HTML)");
    }
    Kind::Text
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
        assert_eq!(sniff(b"<?xml version='1.0'?><FictionBook>"), Kind::Other("an FB2 book"));
        assert_eq!(sniff(b"Call me Ishmael."), Kind::Text);
        assert_eq!(sniff(b""), Kind::Text);
    }
}
