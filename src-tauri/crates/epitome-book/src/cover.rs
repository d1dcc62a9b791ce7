//! Cover pictures, by what they are and not by what they are called. For the format readers.

use crate::{Cover, limits};

/// A cover of those bytes; `None` if a window could not show them.
pub fn picture(bytes: Vec<u8>) -> Option<Cover> {
    let media_type = media_type(&bytes)?.to_owned();
    (bytes.len() <= limits::COVER_BYTES).then_some(Cover { media_type, bytes })
}

fn media_type(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}
