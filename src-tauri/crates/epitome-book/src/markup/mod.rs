//! Reading of XHTML, HTML and XML without building a tree. For the format readers of this crate.

mod document;
mod entity;
mod token;
pub mod xml;

pub use document::{Document, HeadingPlace, strip};
pub use entity::decode as decode_entities;
pub use token::{Attributes, Token, Tokens};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Text of a markup file: by byte-order mark, else by its own declaration, else UTF-8, else by detection.
pub fn decode(bytes: &[u8]) -> String {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding.decode_with_bom_removal(bytes).0.into_owned();
    }
    if bytes.starts_with(b"<\0") {
        return UTF_16LE.decode_without_bom_handling(bytes).0.into_owned();
    }
    if bytes.starts_with(b"\0<") {
        return UTF_16BE.decode_without_bom_handling(bytes).0.into_owned();
    }
    let named = declared(bytes).unwrap_or(UTF_8);
    // A wrong declaration of UTF-8, or of anything for what is valid UTF-8, is the usual mistake.
    if let Ok(text) = std::str::from_utf8(bytes) {
        return if named == UTF_8 || named.is_single_byte() || !named.is_ascii_compatible() {
            text.to_owned()
        } else {
            named.decode_without_bom_handling(bytes).0.into_owned()
        };
    }
    let encoding = if named == UTF_8 { crate::text::decode::guess(bytes) } else { named };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// Encoding that an XML declaration or an HTML `meta` names within the first 1,024 bytes.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_ascii_lowercase();
    ["encoding=", "charset="].iter().find_map(|key| {
        let value = start.split_once(key)?.1.trim_start_matches(['"', '\'']);
        let end = value.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c)))?;
        Encoding::for_label(&value.as_bytes()[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_decoded_by_mark_declaration_or_guess() {
        assert_eq!(decode("\u{FEFF}<p>é</p>".as_bytes()), "<p>é</p>");
        assert_eq!(
            decode(b"<?xml version='1.0' encoding='windows-1251'?><p>\xcf</p>").split_once("?>").unwrap().1,
            "<p>П</p>"
        );
        let wide: Vec<u8> = "<p>ж</p>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decode(&wide), "<p>ж</p>");
        assert_eq!(decode(b"<meta charset=iso-8859-1><p>\xe9</p>"), "<meta charset=iso-8859-1><p>é</p>");
    }
}
