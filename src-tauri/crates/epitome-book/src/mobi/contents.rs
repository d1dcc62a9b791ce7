//! Tables of contents of a Kindle book: its navigation index, its guide, and pages of links. For the Kindle reader.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::decode;
use super::index::{self, Index};
use super::kf8::Fragment;
use crate::limits;
use crate::markup::{Attributes, Token, Tokens, decode_entities};
use crate::outline::letters;

/// Tags of the indexes.
const POSITION: u8 = 1;
const NAME: u8 = 3;
const DEPTH: u8 = 4;
const PLACE: u8 = 6;
const PARENT: u8 = 21;
/// Bytes in which the guide of a MOBI 6 book stands.
const HEAD: usize = 1 << 16;

/// Fewest links that make a page one of contents.
const LINKS: usize = 3;

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
    let mut points: Vec<Point> = Vec::with_capacity(entries.len());
    while let Some((number, depth)) = next.pop() {
        let depth = depth.min(limits::TOC_DEPTH);
        let entry = entries[number];
        let name = entry.get(NAME, 0).and_then(|at| index.name(at)).unwrap_or_default();
        let at = match fragments {
            Some(fragments) => place(entry, fragments),
            None => entry.get(POSITION, 0),
        };
        // A heading without a link leads to the start of the book, where its place is not.
        let back = at < points.last().and_then(|before| before.at) && !below[number].is_empty();
        let at = at.filter(|_| !back);
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

/// An entry of a guide: what a place is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reference {
    /// As EPUB's guide names it, such as `toc`.
    pub kind: String,
    pub title: String,
    pub at: usize,
}

/// The guide of a KF8 book.
pub fn guide_index(index: &Index<'_>, fragments: &[Fragment], encoding: Option<&'static Encoding>) -> Vec<Reference> {
    let reference = |entry: &index::Entry<'_>| {
        let name = entry.get(POSITION, 0).and_then(|at| index.name(at)).unwrap_or_default();
        Some(Reference {
            kind: String::from_utf8_lossy(entry.label).to_ascii_lowercase(),
            title: title(&decode(name, index.encoding.or(encoding))),
            at: place(entry, fragments)?,
        })
    };
    index.entries.iter().take(limits::TOC_ENTRIES).filter_map(reference).collect()
}

/// The guide of a MOBI 6 book, which is in its markup.
pub fn guide_markup(raw: &[u8], encoding: Option<&'static Encoding>) -> Vec<Reference> {
    let head = decode(&raw[..raw.len().min(HEAD)], encoding);
    let mut guide = Vec::new();
    for token in Tokens::new(&head) {
        match token {
            Token::Open { name, attributes, .. } if name.eq_ignore_ascii_case("reference") => {
                let get = |name| attributes.get(name).unwrap_or_default();
                let (kind, title) = (get("type").to_ascii_lowercase(), title(&get("title")));
                guide.extend(number(attributes.get("filepos")).map(|at| Reference { kind, title, at }));
            }
            Token::Close { name } if name.eq_ignore_ascii_case("guide") => break,
            _ => {}
        }
    }
    guide
}

/// The links of a page of contents; those further in are below those before them.
pub fn links(markup: &str, fragments: Option<&[Fragment]>) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    let mut open = false;
    // How far in a link stands, and how far in those around it do.
    let mut inset = 0_usize;
    let mut around: Vec<usize> = Vec::new();
    for token in Tokens::new(markup) {
        match token {
            Token::Open { name, empty, .. } if is_inset(name) => inset += usize::from(!empty),
            Token::Close { name } if is_inset(name) => inset = inset.saturating_sub(1),
            Token::Open { name, attributes, .. } if name.eq_ignore_ascii_case("a") => {
                let at = link(attributes, fragments).filter(|_| points.len() < limits::TOC_ENTRIES);
                open = at.is_some();
                if open {
                    around.truncate(around.partition_point(|before| *before < inset));
                    let depth = u32::try_from(around.len()).unwrap_or(u32::MAX).min(limits::TOC_DEPTH);
                    around.push(inset);
                    points.push(Point { at, depth, ..Point::default() });
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

fn is_inset(name: &str) -> bool {
    ["blockquote", "ul", "ol", "dl"].iter().any(|inset| name.eq_ignore_ascii_case(inset))
}

/// Gives the entries of a navigation index without levels, as MOBI 6 books often have, those of the links that lead to
/// the same places.
pub fn level(points: &mut [Point], links: &[Point]) {
    let depths: HashMap<usize, u32> = links.iter().rev().filter_map(|link| Some((link.at?, link.depth))).collect();
    let depth = |point: &Point| point.at.and_then(|at| depths.get(&at)).copied();
    let known = points.iter().filter(|point| depth(point).is_some()).count();
    if points.iter().all(|point| point.depth == 0) && known * 10 >= points.len() * 9 {
        for point in points {
            point.depth = depth(point).unwrap_or_default();
        }
    }
}

/// Whether nearly all that a document says is said in links within the book, as on a page of contents.
pub fn is_links(markup: &str) -> bool {
    let (mut links, mut linked, mut all, mut open, mut depth) = (0, 0, 0, false, 0_usize);
    for token in Tokens::new(markup) {
        match token {
            Token::Open { name, .. } if is_head(name) => depth += 1,
            Token::Close { name } if is_head(name) => depth = depth.saturating_sub(1),
            Token::Open { name, attributes, .. } if name.eq_ignore_ascii_case("a") => {
                let href = || attributes.get("href").is_some_and(|href| href.starts_with("kindle:pos:"));
                open = attributes.get("filepos").is_some() || href();
                links += usize::from(open);
            }
            Token::Close { name } if name.eq_ignore_ascii_case("a") => open = false,
            Token::Text(text) if depth == 0 => {
                let letters = letters(text, usize::MAX);
                all += letters;
                linked += if open { letters } else { 0 };
            }
            _ => {}
        }
    }
    links >= LINKS && linked * 10 >= all * 6
}

fn is_head(name: &str) -> bool {
    ["title", "style"].iter().any(|head| name.eq_ignore_ascii_case(head))
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
