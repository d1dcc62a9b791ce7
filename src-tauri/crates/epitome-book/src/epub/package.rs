//! The package document of an EPUB: metadata, manifest, spine and guide. For the EPUB reader.

use std::collections::HashMap;

use crate::markup::xml::{Attributes, Xml, scan};
use crate::pages::path;

/// What the package document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    pub titles: Vec<String>,
    /// Creators that are authors as far as is said.
    pub authors: Vec<String>,
    pub language: Option<String>,
    /// By id.
    pub manifest: HashMap<String, Item>,
    /// Ids of the manifest in reading order.
    pub spine: Vec<String>,
    /// Id of the NCX.
    pub ncx: Option<String>,
    /// Id of the cover picture, the EPUB 2 way.
    pub cover: Option<String>,
    /// Type and reference of the EPUB 2 guide.
    pub guide: Vec<(String, path::Target)>,
}

/// One file of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// Name in the archive.
    pub path: String,
    pub media_type: String,
    pub properties: String,
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

#[derive(Default)]
struct Reader {
    package: Package,
    creators: Vec<Creator>,
    /// Roles by the id they refine.
    roles: HashMap<String, String>,
    /// The role being read.
    refines: Option<String>,
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
                if get("name") == "cover" {
                    self.package.cover = Some(get("content"));
                }
                let role = get("property") == "role";
                self.refines = role.then(|| get("refines").trim_start_matches('#').to_owned());
            }
            "item" => {
                let path = path::resolve(folder, &get("href")).path;
                let item =
                    Item { path, media_type: get("media-type").to_ascii_lowercase(), properties: get("properties") };
                self.package.manifest.entry(get("id")).or_insert(item);
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
        let text = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match name {
            _ if text.is_empty() => {}
            "title" => self.package.titles.push(text),
            "creator" => {
                if let Some(creator) = self.creators.last_mut() {
                    creator.name = text;
                }
            }
            "language" if self.package.language.is_none() => self.package.language = Some(text),
            "meta" => {
                if let Some(id) = self.refines.take() {
                    self.roles.entry(id).or_insert(text);
                }
            }
            _ => {}
        }
        self.text.clear();
    }

    fn finish(mut self) -> Package {
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
        assert_eq!(package.manifest["a"].path, "OPS/t/a .xhtml");
        assert!(package.manifest["n"].has("nav"));
        assert_eq!(
            (package.spine, package.ncx.as_deref(), package.cover.as_deref()),
            (vec!["a".to_owned()], Some("ncx"), Some("pic"))
        );
        assert_eq!(package.guide[0].0, "cover");
    }

    #[test]
    fn the_first_package_counts() {
        let container = r#"<container><rootfiles><rootfile full-path="x.pdf" media-type="application/pdf"/>
            <rootfile full-path="a/b.opf" media-type="application/oebps-package+xml"/><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/>"#;
        assert_eq!(rootfile(container), Some("a/b.opf".to_owned()));
    }
}
