//! The cover picture of an EPUB. For the EPUB reader.

use super::package::{Item, Package};
use crate::Cover;
use crate::archive::Archive;
use crate::markup::{self, Token, Tokens};
use crate::pages::path;

/// The cover, if there is one that a window can show; a broken one is no reason to refuse a book.
pub fn find(archive: &mut Archive<'_>, package: &Package) -> Option<Cover> {
    let named = package.cover.as_ref().and_then(|id| package.manifest.get(id));
    let picture = |item: &&Item| item.media_type.starts_with("image/");
    let mut by_name: Vec<&Item> =
        package.manifest.values().filter(picture).filter(|item| item.path.to_lowercase().contains("cover")).collect();
    by_name.sort_by_key(|item| &item.path);
    let marked = package.manifest.values().find(|item| item.has("cover-image"));
    let mut of = |path: &str| Cover::of(archive.read(path).ok()??);
    marked.into_iter().chain(named).chain(by_name).find_map(|item| of(&item.path)).or_else(|| on_page(archive, package))
}

/// The first picture of the page that the guide calls the cover, or that the book names as its cover by mistake.
fn on_page(archive: &mut Archive<'_>, package: &Package) -> Option<Cover> {
    let guided = package.guide.iter().find(|(kind, _)| kind == "cover").map(|(_, target)| target.path.clone());
    let named = package.cover.as_ref().and_then(|id| package.manifest.get(id)).map(|item| item.path.clone());
    guided.into_iter().chain(named).find_map(|page| {
        let markup = markup::decode(&archive.read(&page).ok()??);
        let picture = picture_of(&markup, &page)?;
        Cover::of(archive.read(&picture).ok()??)
    })
}

/// Name of the first picture on a page.
fn picture_of(markup: &str, page: &str) -> Option<String> {
    let mut tokens = Tokens::new(markup);
    std::iter::from_fn(|| tokens.next()).find_map(|token| {
        let Token::Open { name, attributes, .. } = token else { return None };
        let href = match name.to_ascii_lowercase().as_str() {
            "img" => attributes.get("src"),
            "image" | "svg:image" => attributes.get("xlink:href").or_else(|| attributes.get("href")),
            _ => None,
        };
        href.map(|href| path::resolve(path::folder(page), &href).path)
    })
}
