//! The cover picture of an EPUB. For the EPUB reader.

use super::package::{Item, Package};
use crate::Cover;
use crate::archive::Archive;

/// The cover, if there is one that a window can show; a broken one is no reason to refuse a book.
pub fn find(archive: &mut Archive<'_>, package: &Package) -> Option<Cover> {
    let named = package.cover.as_ref().and_then(|id| package.manifest.get(id));
    let picture = |item: &&Item| item.media_type.starts_with("image/");
    let mut by_name: Vec<&Item> =
        package.manifest.values().filter(picture).filter(|item| item.path.to_lowercase().contains("cover")).collect();
    by_name.sort_by_key(|item| &item.path);
    let marked = package.manifest.values().find(|item| item.has("cover-image"));
    marked.into_iter().chain(named).chain(by_name).find_map(|item| Cover::of(archive.read(&item.path).ok()??))
}
