//! The package document of an EPUB: metadata, manifest, spine and guide. For the EPUB reader.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use epitome_model::Series;

use crate::markup::xml::{Attributes, Xml, scan};
use crate::pages::path;

/// What the package document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    pub titles: Vec<String>,
    /// Creators that are authors as far as is said.
    pub authors: Vec<String>,
    pub language: Option<String>,
    pub series: Option<Series>,
    pub manifest: Manifest,
    /// Ids of the manifest in reading order.
    pub spine: Vec<String>,
    /// Id of the NCX.
    pub ncx: Option<String>,
    /// Id of the cover picture, the EPUB 2 way.
    pub cover: Option<String>,
    /// Type and reference of the EPUB 2 guide.
    pub guide: Vec<(String, path::Target)>,
}

/// The files of the book, in the order in which they are listed: where several claim to be the same, the first is it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    items: Vec<Item>,
    /// Index by id.
    ids: HashMap<String, usize>,
}

impl Manifest {
    /// Adds a file, unless there is one of that id.
    fn add(&mut self, id: String, item: Item) {
        if let Entry::Vacant(place) = self.ids.entry(id) {
            place.insert(self.items.len());
            self.items.push(item);
        }
    }

    pub fn get(&self, id: &str) -> Option<&Item> {
        self.items.get(*self.ids.get(id)?)
    }

    pub fn values(&self) -> impl Iterator<Item = &Item> {
        self.items.iter()
    }
}

/// One file of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Name in the archive.
    pub path: String,
    pub media_type: String,
    pub properties: String,
    /// Id of the item that stands for this one where it cannot be shown.
    pub fallback: Option<String>,
}

impl Item {
    pub fn has(&self, property: &str) -> bool {
        self.properties.split_ascii_whitespace().any(|word| word == property)
    }
}

/// Path of the first package that `container.xml` names.
pub fn rootfile(container: &str) -> Option<String> {
    let mut first = None;
    scan(container, |event| {
        if let Xml::Open("rootfile", attributes) = event
            && first.is_none()
            && attributes.get("media-type").is_none_or(|kind| kind == "application/oebps-package+xml")
        {
            first = attributes.get("full-path").map(|path| path::resolve("", path).path);
        }
    });
    first
}

#[derive(Default)]
struct Creator {
    id: String,
    role: Option<String>,
    name: String,
}

/// A collection that the book says it belongs to (EPUB 3.3, appendix D.3.4).
#[derive(Default)]
struct Collection {
    id: String,
    name: String,
    is_set: bool,
    position: Option<String>,
}

/// What the text of a `meta` says, with the id it refines.
enum Said {
    Role(String),
    Collection,
    CollectionType(String),
    Position(String),
}

#[derive(Default)]
struct Reader {
    package: Package,
    creators: Vec<Creator>,
    /// Roles by the id they refine.
    roles: HashMap<String, String>,
    collections: Vec<Collection>,
    /// Series and number as calibre writes them.
    calibre: (Option<String>, Option<String>),
    /// The `meta` being read.
    said: Option<Said>,
    text: String,
}

/// Reads the package document of that path.
pub fn parse(text: &str, path: &str) -> Package {
    let mut reader = Reader::default();
    let folder = path::folder(path);
    scan(text, |event| match event {
        Xml::Open(name, attributes) => reader.open(name, attributes, folder),
        Xml::Text(text) => reader.text.push_str(text),
        Xml::Close(name) => reader.close(name),
    });
    reader.finish()
}

impl Reader {
    fn open(&mut self, name: &str, attributes: &Attributes, folder: &str) {
        let get = |key| attributes.get(key).unwrap_or_default().to_owned();
        self.text.clear();
        match name {
            "creator" => self.creators.push(Creator {
                id: get("id"),
                role: attributes.get("role").map(str::to_owned),
                name: String::new(),
            }),
            "meta" => {
                match get("name").as_str() {
                    "cover" => self.package.cover = Some(get("content")),
                    "calibre:series" => self.calibre.0 = Some(tidy(&get("content"))),
                    "calibre:series_index" => self.calibre.1 = Some(tidy(&get("content"))),
                    _ => {}
                }
                let refines = get("refines").trim_start_matches('#').to_owned();
                self.said = match get("property").as_str() {
                    "role" => Some(Said::Role(refines)),
                    "collection-type" => Some(Said::CollectionType(refines)),
                    "group-position" => Some(Said::Position(refines)),
                    // A collection inside a collection is not the book's own.
                    "belongs-to-collection" if refines.is_empty() => {
                        self.collections.push(Collection { id: get("id"), ..Collection::default() });
                        Some(Said::Collection)
                    }
                    _ => None,
                };
            }
            "item" => {
                let path = path::resolve(folder, &get("href")).path;
                let item = Item {
                    path,
                    media_type: get("media-type").trim().to_ascii_lowercase(),
                    properties: get("properties"),
                    fallback: attributes.get("fallback").map(str::to_owned),
                };
                self.package.manifest.add(get("id"), item);
            }
            "spine" => self.package.ncx = attributes.get("toc").map(str::to_owned),
            "itemref" => self.package.spine.push(get("idref")),
            "reference" => {
                let target = path::resolve(folder, &get("href"));
                self.package.guide.push((get("type").to_ascii_lowercase(), target));
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        let text = tidy(&self.text);
        match name {
            _ if text.is_empty() => {}
            "title" => self.package.titles.push(text),
            "creator" => {
                if let Some(creator) = self.creators.last_mut() {
                    creator.name = text;
                }
            }
            "language" if self.package.language.is_none() => self.package.language = Some(text),
            "meta" => self.meta(text),
            _ => {}
        }
        self.text.clear();
    }

    fn meta(&mut self, text: String) {
        let Some(said) = self.said.take() else { return };
        let collections = &mut self.collections;
        let by_id = |id: &String| collections.iter().position(|collection| collection.id == *id);
        let found = match &said {
            Said::Collection => collections.len().checked_sub(1),
            Said::CollectionType(id) | Said::Position(id) => by_id(id),
            Said::Role(_) => None,
        };
        let found = found.and_then(|at| collections.get_mut(at));
        match (said, found) {
            (Said::Role(id), _) => {
                self.roles.entry(id).or_insert(text);
            }
            (Said::Collection, Some(collection)) => collection.name = text,
            (Said::CollectionType(_), Some(collection)) => collection.is_set = text == "set",
            (Said::Position(_), Some(collection)) => collection.position = Some(text),
            (_, None) => {}
        }
    }

    /// The first series that the book names; a set of books is one where there is nothing better.
    fn series(&mut self) -> Option<Series> {
        let mut named = std::mem::take(&mut self.collections);
        named.retain(|collection| !collection.name.is_empty());
        named.sort_by_key(|collection| collection.is_set);
        let own = named.into_iter().next().map(|Collection { name, position, .. }| Series { name, number: position });
        let name = self.calibre.0.take().filter(|name| !name.is_empty());
        let number = self.calibre.1.take().filter(|number| !number.is_empty());
        // calibre writes 3 as 3.0.
        let number = number.map(|number| number.strip_suffix(".0").map_or(number.clone(), str::to_owned));
        own.or_else(|| Some(Series { name: name?, number }))
    }

    fn finish(mut self) -> Package {
        self.package.series = self.series();
        let roles = self.roles;
        self.creators.retain(|creator| !creator.name.is_empty());
        let is_author = |creator: &&Creator| {
            let role = creator.role.as_ref().or_else(|| roles.get(&creator.id));
            role.is_none_or(|role| role.eq_ignore_ascii_case("aut"))
        };
        let names = |creators: Vec<&Creator>| creators.iter().map(|creator| creator.name.clone()).collect::<Vec<_>>();
        let authors = names(self.creators.iter().filter(is_author).collect());
        // Where nobody is called author, whoever made it stands for one.
        self.package.authors = if authors.is_empty() { names(self.creators.iter().collect()) } else { authors };
        self.package
    }
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_says_who_wrote_what_in_which_order() {
        let text = r##"<package><metadata xmlns:dc="d"><dc:title>A &amp; B</dc:title><dc:creator id="c1">Ann</dc:creator>
            <dc:creator id="c2">Tom</dc:creator><meta refines="#c2" property="role">trl</meta><meta name="cover" content="pic"/>
            <dc:language>en</dc:language></metadata><manifest><item id="a" href="t/a%20.xhtml" media-type="application/xhtml+xml"/>
            <item id="n" href="nav.xhtml" properties="nav scripted"/></manifest><spine toc="ncx"><itemref idref="a"/></spine>
            <guide><reference type="Cover" href="t/a.xhtml"/></guide></package>"##;
        let package = parse(text, "OPS/p.opf");
        assert_eq!((package.titles, package.authors), (vec!["A & B".to_owned()], vec!["Ann".to_owned()]));
        assert_eq!(package.manifest.get("a").unwrap().path, "OPS/t/a .xhtml");
        assert!(package.manifest.get("n").unwrap().has("nav"));
        assert_eq!(
            (package.spine, package.ncx.as_deref(), package.cover.as_deref()),
            (vec!["a".to_owned()], Some("ncx"), Some("pic"))
        );
        assert_eq!(package.guide[0].0, "cover");
    }

    #[test]
    fn a_series_is_named_in_either_way() {
        let series = |metadata: &str| {
            let found = parse(&format!("<package><metadata>{metadata}</metadata></package>"), "p.opf").series;
            found.map(|series| format!("{} {}", series.name, series.number.unwrap_or_default()))
        };
        let new = r##"<meta property="belongs-to-collection" id="s">Set</meta><meta refines="#s" property="collection-type">set</meta>
            <meta property="belongs-to-collection" id="c">The
            Cycle</meta><meta refines="#c" property="collection-type">series</meta><meta refines="#c" property="group-position">2.5</meta>
            <meta refines="#c" property="belongs-to-collection">Universe</meta>"##;
        assert_eq!(series(new), Some("The Cycle 2.5".into()));
        let old = r#"<meta name="calibre:series" content="Saga"/><meta name="calibre:series_index" content="3.0"/>"#;
        assert_eq!(series(old), Some("Saga 3".into()));
        assert_eq!(series(r#"<meta name="calibre:series_index" content="1"/>"#), None);
    }

    #[test]
    fn the_first_package_counts() {
        let container = r#"<container><rootfiles><rootfile full-path="x.pdf" media-type="application/pdf"/>
            <rootfile full-path="a/b.opf" media-type="application/oebps-package+xml"/><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/>"#;
        assert_eq!(rootfile(container), Some("a/b.opf".to_owned()));
    }
}
