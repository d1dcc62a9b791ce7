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
    (b"%!PS", "a PostScript document"),
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
    if is_saved_page(bytes) {
        return Kind::Other("a web page saved as an MHTML file");
    }
    markup(&bytes[..bytes.len().min(BEFORE_MARKUP)]).unwrap_or(Kind::Text)
}

/// Bytes in which a file's first element is sought; comments and white space may stand before it.
const BEFORE_MARKUP: usize = 64 << 10;
/// Bytes in which the head of a saved page is sought.
const SAVED_PAGE: usize = 4 << 10;

/// Whether it is a web page saved with its pictures as one message (RFC 2557).
fn is_saved_page(start: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&start[..start.len().min(SAVED_PAGE)]).to_ascii_lowercase();
    let header = ["mime-version:", "from:", "subject:", "date:", "snapshot-content-location:", "content-type:"];
    header.iter().any(|name| start.starts_with(name))
        && start.contains("mime-version:")
        && start.contains("multipart/related")
}

/// Kind of markup that a file begins with.
fn markup(start: &[u8]) -> Option<Kind> {
    const HTML: &[&str] = &[
        "html",
        "head",
        "body",
        "title",
        "meta",
        "link",
        "style",
        "script",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "div",
        "span",
        "a",
        "font",
        "br",
        "hr",
        "b",
        "i",
        "em",
        "strong",
        "img",
        "ul",
        "ol",
        "center",
        "pre",
        "table",
        "blockquote",
        "article",
        "section",
        "header",
        "main",
        "nav",
    ];
    const OTHER: &str = "an XML file of an unknown kind";
    if !start.contains(&b'<') {
        return None;
    }
    let start = crate::markup::decode(start).to_ascii_lowercase();
    let mut rest = start.trim_start();
    let xml = rest.starts_with("<?xml");
    // What stands before the first element, and is none.
    loop {
        let end = match rest {
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!doctype html") => return Some(Kind::Html),
            _ if rest.starts_with("<!doctype") && rest.split('>').next().is_some_and(|d| d.contains('[')) => "]>",
            _ if rest.starts_with("<!doctype") => ">",
            _ => break,
        };
        let Some((_, behind)) = rest.split_once(end) else { break };
        rest = behind.trim_start();
    }
    let name = rest.strip_prefix('<')?;
    let name = &name[..name.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(name.len())];
    let local = name.rsplit(':').next().unwrap_or(name);
    let closed = rest.contains('>');
    match local {
        "fictionbook" => Some(Kind::Fb2),
        _ if HTML.contains(&local) && closed => Some(Kind::Html),
        _ if xml && rest.contains("<fictionbook") => Some(Kind::Fb2),
        _ if xml && ["<html", "<body", "<p>", "<h1"].iter().any(|tag| rest.contains(tag)) => Some(Kind::Html),
        _ if xml && !name.is_empty() => Some(Kind::Other(OTHER)),
        _ => None,
    }
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

    #[test]
    fn a_page_is_known_by_any_first_element_behind_any_comment() {
        let licence =
            format!("<?xml version='1.0'?>\n<!-- {} -->\n{}<p class='x'>Hello</p>", "x".repeat(3000), "\n".repeat(900));
        for page in [
            "<p class='a'>x</p>",
            "<span>x</span>",
            "<a name='top'></a>",
            "<font size=2>x</font>",
            "<br>\nx",
            "<h3>x</h3>",
            "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0\"><html>",
            "<HTML>",
            &licence,
            "<?xml version='1.0'?><!DOCTYPE html [<!ENTITY x 'y'>]><html/>",
            "<?xml version='1.0'?><x:html></x:html>",
        ] {
            assert_eq!(sniff(page.as_bytes()), Kind::Html, "{page}");
        }
        for text in ["<Enter the king.>", "< p >", "<3 you", "a <p> b", "<p", "<i"] {
            assert_eq!(sniff(text.as_bytes()), Kind::Text, "{text}");
        }
        assert_eq!(sniff(b"<?xml version='1.0'?>\n<fb:FictionBook xmlns:fb='x'>"), Kind::Fb2);
    }

    #[test]
    fn documents_that_only_look_like_text_are_named() {
        let what = |bytes: &[u8]| match sniff(bytes) {
            Kind::Other(what) => what,
            other => panic!("{other:?}"),
        };
        assert_eq!(what(b"%!PS-Adobe-3.0\n/Times findfont"), "a PostScript document");
        let saved =
            b"From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n";
        assert_eq!(what(saved), "a web page saved as an MHTML file");
        assert_eq!(what(b"<?xml version='1.0'?><TEI><text>x</text></TEI>"), "an XML file of an unknown kind");
    }
}
