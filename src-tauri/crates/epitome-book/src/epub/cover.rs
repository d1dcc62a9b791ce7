//! The cover picture of an EPUB. For the EPUB reader.

use super::package::{Item, Package};
use crate::archive::Archive;
use crate::{Cover, limits};

/// The cover, if there is one that a window can show; a broken one is no reason to refuse a book.
pub fn find(archive: &mut Archive<'_>, package: &Package) -> Option<Cover> {
    let named = package.cover.as_ref().and_then(|id| package.manifest.get(id));
    let picture = |item: &&Item| item.media_type.starts_with("image/");
    let mut by_name: Vec<&Item> =
        package.manifest.values().filter(picture).filter(|item| item.path.to_lowercase().contains("cover")).collect();
    by_name.sort_by_key(|item| &item.path);
    let marked = package.manifest.values().find(|item| item.has("cover-image"));
    marked.into_iter().chain(named).chain(by_name).find_map(|item| {
        let bytes = archive.read(&item.path).ok()??;
        let media_type = media_type(&bytes)?.to_owned();
        (bytes.len() <= limits::COVER_BYTES).then_some(Cover { media_type, bytes })
    })
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
