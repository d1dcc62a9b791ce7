//! Paragraph styles: which of them are headings, whatever the language they were made in. For the Word reader.

use std::collections::HashMap;

use crate::markup::xml::{Xml, scan};

/// Most styles that a style may be based on, one upon the other.
const CHAIN: usize = 16;
/// What a heading is called in programs that write the names of their own language.
const HEADING: &[&str] = &[
    "heading",
    "überschrift",
    "titre",
    "título",
    "titolo",
    "заголовок",
    "標題",
    "标题",
    "見出し",
    "제목",
    "العنوان",
    "عنوان",
    "kop",
    "nagłówek",
    "nadpis",
    "rubrik",
    "overskrift",
    "otsikko",
    "başlık",
];

/// What a paragraph is by its style.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    #[default]
    Body,
    /// From 1.
    Heading(u8),
    /// The title of the whole.
    Title,
    /// A line of a table of contents, or its heading.
    Contents,
}

#[derive(Default)]
struct Style {
    name: String,
    based_on: Option<String>,
    /// From 0; 9 is body text.
    outline: Option<u8>,
}

/// Styles by id.
#[derive(Default)]
pub struct Styles(HashMap<String, Style>);

impl Styles {
    pub fn parse(xml: &str) -> Self {
        let mut styles: HashMap<String, Style> = HashMap::new();
        let mut open: Option<(String, Style)> = None;
        scan(xml, |event| match event {
            Xml::Open("style", attributes) => {
                let paragraph = attributes.get("type").is_none_or(|kind| kind == "paragraph");
                let id = attributes.get("styleId").filter(|_| paragraph);
                open = id.map(|id| (id.to_owned(), Style::default()));
            }
            Xml::Open(name, attributes) => {
                let Some((_, style)) = &mut open else { return };
                let value = attributes.get("val").unwrap_or_default();
                match name {
                    "name" => style.name = value.trim().to_lowercase(),
                    "basedOn" => style.based_on = Some(value.to_owned()),
                    "outlineLvl" => style.outline = value.trim().parse().ok(),
                    _ => {}
                }
            }
            Xml::Close("style") => {
                if let Some((id, style)) = open.take() {
                    styles.entry(id).or_insert(style);
                }
            }
            _ => {}
        });
        Self(styles)
    }

    /// What a paragraph of that style is. A style that is not defined goes by its id.
    pub fn kind(&self, id: &str) -> Kind {
        if !self.0.contains_key(id) {
            return by_name(&id.to_lowercase()).unwrap_or_default();
        }
        let chain = std::iter::successors(self.0.get(id), |style| self.0.get(style.based_on.as_deref()?));
        let own = |style: &Style| by_name(&style.name).or_else(|| style.outline.map(by_outline));
        let (level, kind) =
            (0..CHAIN).zip(chain).find_map(|(level, style)| Some((level, own(style)?))).unwrap_or_default();
        // Styles for authors and dates are often made from that for the title.
        if level > 0 && kind == Kind::Title { Kind::Body } else { kind }
    }
}

fn by_name(name: &str) -> Option<Kind> {
    if name == "title" {
        return Some(Kind::Title);
    }
    if name == "subtitle" {
        return Some(Kind::Body);
    }
    if name.strip_prefix("toc").is_some_and(|rest| rest.trim() == "heading" || is_number(rest.trim())) {
        return Some(Kind::Contents);
    }
    let rest = HEADING.iter().find_map(|word| name.strip_prefix(word))?.trim();
    is_number(rest).then(|| Kind::Heading(rest.parse().unwrap_or(9)))
}

/// A single digit from 1.
fn is_number(text: &str) -> bool {
    matches!(text.as_bytes(), [b'1'..=b'9'])
}

/// What an outline level, from 0, makes of a paragraph.
pub fn by_outline(level: u8) -> Kind {
    if level < 9 { Kind::Heading(level + 1) } else { Kind::Body }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_known_by_name_level_or_descent() {
        let styles = Styles::parse(
            "<w:styles><w:style w:type='paragraph' w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style>
            <w:style w:type='paragraph' w:styleId='Kap'><w:name w:val='Kapitel'/><w:basedOn w:val='berschrift1'/></w:style>
            <w:style w:type='paragraph' w:styleId='Plain'><w:name w:val='No'/><w:basedOn w:val='Kap'/><w:pPr><w:outlineLvl w:val='9'/></w:pPr></w:style>
            <w:style w:type='paragraph' w:styleId='X'><w:name w:val='Scene'/><w:pPr><w:outlineLvl w:val='2'/></w:pPr></w:style>
            <w:style w:type='paragraph' w:styleId='V2'><w:name w:val='toc 2'/></w:style><w:style w:type='character' w:styleId='C'><w:name w:val='heading 1'/></w:style>
            <w:style w:type='paragraph' w:styleId='T'><w:name w:val='Title'/></w:style><w:style w:type='paragraph' w:styleId='D'><w:name w:val='Date'/><w:basedOn w:val='T'/></w:style>
            <w:style w:type='paragraph' w:styleId='L1'><w:basedOn w:val='L2'/></w:style><w:style w:type='paragraph' w:styleId='L2'><w:basedOn w:val='L1'/></w:style></w:styles>",
        );
        assert_eq!((styles.kind("T"), styles.kind("D")), (Kind::Title, Kind::Body));
        let kinds = ["berschrift1", "Kap", "Plain", "X", "V2", "C", "L1", "Heading2"].map(|id| styles.kind(id));
        assert_eq!(kinds[..4], [Kind::Heading(1), Kind::Heading(1), Kind::Body, Kind::Heading(3)]);
        assert_eq!(kinds[4..], [Kind::Contents, Kind::Body, Kind::Body, Kind::Heading(2)]);
    }
}
