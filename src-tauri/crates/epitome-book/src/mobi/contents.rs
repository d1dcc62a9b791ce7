//! Tables of contents of a Kindle book: its navigation index, its guide, and pages of links. For the Kindle reader.

use encoding_rs::Encoding;

use super::decode;
use super::index::{self, Index};
use super::kf8::Fragment;
use crate::limits;
use crate::markup::{Attributes, Token, Tokens, decode_entities};

/// Tags of the indexes.
const POSITION: u8 = 1;
const NAME: u8 = 3;
const DEPTH: u8 = 4;
const PLACE: u8 = 6;
const PARENT: u8 = 21;
/// Bytes in which the guide of a MOBI 6 book stands.
const HEAD: usize = 1 << 16;

/// An entry: where it leads is a byte of the raw text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    pub title: String,
    pub at: Option<usize>,
    pub depth: u32,
}

/// The navigation index; `fragments` are those of a KF8 book. Entries stand level by level in it, and come out in the
/// order of the tree.
pub fn navigation(
    index: &Index<'_>,
    fragments: Option<&[Fragment]>,
    encoding: Option<&'static Encoding>,
) -> Vec<Point> {
    let entries: Vec<_> = index.entries.iter().take(limits::TOC_ENTRIES).collect();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); entries.len()];
    let mut next: Vec<(usize, u32)> = Vec::new();
    for (number, entry) in entries.iter().enumerate() {
        // Parents stand before what is below them, so that nothing can be its own parent.
        match entry.get(PARENT, 0).filter(|parent| *parent < number) {
            Some(parent) => below[parent].push(number),
            None => next.push((number, u32::try_from(entry.get(DEPTH, 0).unwrap_or_default()).unwrap_or(u32::MAX))),
        }
    }
    next.reverse();
    let mut points = Vec::with_capacity(entries.len());
    while let Some((number, depth)) = next.pop() {
        let depth = depth.min(limits::TOC_DEPTH);
        let entry = entries[number];
        let name = entry.get(NAME, 0).and_then(|at| index.name(at)).unwrap_or_default();
        let at = match fragments {
            Some(fragments) => place(entry, fragments),
            None => entry.get(POSITION, 0),
        };
        points.push(Point { title: title(&decode(name, index.encoding.or(encoding))), at, depth });
        next.extend(below[number].iter().rev().map(|below| (*below, depth + 1)));
    }
    points
}

/// Where an entry leads that names a fragment and a place in it.
fn place(entry: &index::Entry<'_>, fragments: &[Fragment]) -> Option<usize> {
    let fragment = fragments.get(entry.get(PLACE, 0)?)?;
    fragment.insert.checked_add(entry.get(PLACE, 1).unwrap_or_default())
}

fn title(text: &str) -> String {
    decode_entities(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Type and place of each entry of a KF8 book's guide.
pub fn guide_index(index: &Index<'_>, fragments: &[Fragment]) -> Vec<(String, usize)> {
    let entries = index.entries.iter().take(limits::TOC_ENTRIES);
    let kind = |label: &[u8]| String::from_utf8_lossy(label).to_ascii_lowercase();
    entries.filter_map(|entry| Some((kind(entry.label), place(entry, fragments)?))).collect()
}

/// The same of a MOBI 6 book, whose guide is in its markup.
pub fn guide_markup(raw: &[u8]) -> Vec<(String, usize)> {
    let head = String::from_utf8_lossy(&raw[..raw.len().min(HEAD)]);
    let mut guide = Vec::new();
    for token in Tokens::new(&head) {
        match token {
            Token::Open { name, attributes, .. } if name.eq_ignore_ascii_case("reference") => {
                let kind = attributes.get("type").unwrap_or_default().to_ascii_lowercase();
                guide.extend(number(attributes.get("filepos")).map(|at| (kind, at)));
            }
            Token::Close { name } if name.eq_ignore_ascii_case("guide") => break,
            _ => {}
        }
    }
    guide
}

/// The links of a page of contents.
pub fn links(markup: &str, fragments: Option<&[Fragment]>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut open = false;
    for token in Tokens::new(markup) {
        match token {
            Token::Open { name, attributes, .. } if name.eq_ignore_ascii_case("a") => {
                let at = link(attributes, fragments).filter(|_| points.len() < limits::TOC_ENTRIES);
                open = at.is_some();
                if open {
                    points.push(Point { at, ..Point::default() });
                }
            }
            Token::Close { name } if name.eq_ignore_ascii_case("a") => open = false,
            Token::Text(text) if open => {
                if let Some(point) = points.last_mut().filter(|point| point.title.len() < limits::TITLE_CHARS * 8) {
                    point.title.push_str(text);
                }
            }
            _ => {}
        }
    }
    for point in &mut points {
        point.title = title(&point.title);
    }
    points.retain(|point| !point.title.is_empty());
    points
}

fn link(attributes: Attributes<'_>, fragments: Option<&[Fragment]>) -> Option<usize> {
    let Some(fragments) = fragments else { return number(attributes.get("filepos")) };
    let href = attributes.get("href")?;
    let (fragment, offset) = href.strip_prefix("kindle:pos:fid:")?.split_once(":off:")?;
    let number = |digits| usize::from_str_radix(digits, 32).ok();
    fragments.get(number(fragment)?)?.insert.checked_add(number(offset)?)
}

fn number(digits: Option<impl AsRef<str>>) -> Option<usize> {
    digits?.as_ref().trim().parse().ok()
}
