//! What the second engine and the outline read in the same way: the file, what it says of itself, its strings. For
//! `second` and `outline`.

use hayro_syntax::object::{Dict, ObjectIdentifier, String as Bytes};
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};

use crate::{PdfError, Properties};

/// The PDF in `bytes`; it has at least one page.
pub fn pdf(bytes: &[u8]) -> Result<Pdf, PdfError> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected | DecryptionError::UnsupportedAlgorithm) => {
            PdfError::Password
        }
        LoadPdfError::Decryption(_) | LoadPdfError::Invalid => PdfError::Broken,
    })?;
    if pdf.pages().is_empty() {
        return Err(PdfError::NoPages);
    }
    Ok(pdf)
}

/// The root of the document.
pub fn catalog(pdf: &Pdf) -> Option<Dict<'_>> {
    let root: ObjectIdentifier = pdf.xref().root_id();
    pdf.xref().get::<Dict<'_>>(root)
}

/// How many pages the document says it has.
pub fn declared_pages(pdf: &Pdf) -> usize {
    let count = catalog(pdf).and_then(|catalog| catalog.get::<Dict<'_>>("Pages")?.get::<i32>("Count"));
    count.and_then(|count| usize::try_from(count).ok()).unwrap_or_default()
}

/// What the file says of itself.
pub fn properties(pdf: &Pdf) -> Properties {
    let said = pdf.metadata();
    let text = |bytes: &Option<Box<[u8]>>| bytes.as_deref().map(decoded).unwrap_or_default();
    let language = catalog(pdf).and_then(|catalog| catalog.get::<Bytes<'_>>("Lang"));
    Properties {
        title: text(&said.title),
        author: text(&said.author),
        language: language.map(|language| decoded(&language)).unwrap_or_default(),
    }
}

/// A text string (ISO 32000-2, 7.9.2.2), on one line.
pub fn decoded(bytes: &[u8]) -> String {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    let text = if let Some(rest) = bytes.strip_prefix(b"\xFE\xFF") {
        wide(rest, u16::from_be_bytes)
    } else if let Some(rest) = bytes.strip_prefix(b"\xFF\xFE") {
        wide(rest, u16::from_le_bytes)
    } else if let Ok(text) = std::str::from_utf8(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)) {
        // Without its mark UTF-8 is against the standard, and common.
        text.to_owned()
    } else {
        bytes.iter().map(|byte| pdf_doc(*byte)).collect()
    };
    // A language may be told inside, between escapes.
    let shown: String = text.split('\u{1B}').step_by(2).collect();
    let shown: String = shown.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    crate::page::plain(&shown.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A character of `PDFDocEncoding` (ISO 32000-2, annex D.3).
fn pdf_doc(byte: u8) -> char {
    const LOW: [char; 8] = ['˘', 'ˇ', 'ˆ', '˙', '˝', '˛', '˚', '˜'];
    const HIGH: [char; 32] = [
        '•', '†', '‡', '…', '—', '–', 'ƒ', '⁄', '‹', '›', '−', '‰', '„', '“', '”', '‘', '’', '‚', '™', 'ﬁ', 'ﬂ', 'Ł',
        'Œ', 'Š', 'Ÿ', 'Ž', 'ı', 'ł', 'œ', 'š', 'ž', '\u{FFFD}',
    ];
    match byte {
        0x18..=0x1F => LOW[usize::from(byte - 0x18)],
        0x80..=0x9F => HIGH[usize::from(byte - 0x80)],
        0xA0 => '€',
        _ => char::from(byte),
    }
}

/// A place of the interpreter's precision in that of pages.
#[allow(clippy::cast_possible_truncation, reason = "pages are some thousand points large")]
pub fn points(x: f64, y: f64) -> (f32, f32) {
    (x as f32, y as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_in_every_encoding_that_is_used() {
        assert_eq!(decoded(b"\xFE\xFF\0C\0a\0f\0\xE9"), "Café");
        assert_eq!(decoded(b"\xFF\xFEC\0a\0f\0\xE9\0"), "Café");
        assert_eq!(decoded(b"\xEF\xBB\xBFCaf\xC3\xA9"), "Café");
        assert_eq!(decoded("Café".as_bytes()), "Café");
        assert_eq!(decoded(b"Caf\xE9 \x84 \x93"), "Café — fi");
        assert_eq!(decoded(b"one\r\n two"), "one two");
    }
}
