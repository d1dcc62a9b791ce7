//! The documents that the raw text of a Kindle book is made of, and places in them. Places in the indexes are bytes of
//! the raw text; here they become ids in the documents' markup. For the Kindle reader.

use std::collections::{BTreeSet, HashMap, HashSet};

use epitome_model::LeftOutReason;

use crate::limits;
use crate::markup::strip;
use crate::pages::Target;

/// Bytes before a place up to which they are looked through for text.
const BEGINNING: usize = 4_096;

/// One document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct File {
    /// Where it begins in the raw text.
    pub start: usize,
    pub markup: Vec<u8>,
    /// What the guide calls it.
    pub title: String,
    pub left_out: Option<LeftOutReason>,
}

impl File {
    pub fn new(start: usize, markup: &[u8]) -> Self {
        Self { start, markup: markup.to_vec(), ..Self::default() }
    }
}

/// Name of document `index`.
pub fn path(index: usize) -> String {
    format!("{index:05}.html")
}

/// Cuts the raw text before every `tag`, given in lower case with its `<`.
pub fn split(raw: &[u8], tag: &[u8]) -> Vec<File> {
    let mut files = Vec::new();
    let mut start = 0;
    let mut from = 1;
    while files.len() + 1 < limits::SECTIONS
        && let Some(at) = find(raw, from, b'<')
    {
        if raw.get(at..at + tag.len()).is_some_and(|found| found.eq_ignore_ascii_case(tag)) {
            files.push(File::new(start, &raw[start..at]));
            start = at;
        }
        from = at + 1;
    }
    files.push(File::new(start, &raw[start..]));
    files
}

fn find(bytes: &[u8], from: usize, byte: u8) -> Option<usize> {
    bytes.get(from..)?.iter().position(|this| *this == byte).map(|at| from + at)
}

/// Index of the document that holds byte `at` of the raw text.
pub fn holding(files: &[File], at: usize) -> usize {
    files.partition_point(|file| file.start <= at).saturating_sub(1)
}

/// Gives the places ids in the documents' markup, and returns what leads to each. `files` are in order of their starts.
pub fn mark(files: &mut [File], places: &BTreeSet<usize>) -> HashMap<usize, Target> {
    let mut targets = HashMap::with_capacity(places.len());
    for (index, file) in files.iter_mut().enumerate() {
        let within: Vec<usize> = places.range(file.start..file.start + file.markup.len()).copied().collect();
        mark_file(file, index, &within, &mut targets);
    }
    targets
}

fn mark_file(file: &mut File, index: usize, places: &[usize], targets: &mut HashMap<usize, Target>) {
    let markup = std::mem::take(&mut file.markup);
    let mut marked = Vec::with_capacity(markup.len() + places.len() * 24);
    let mut copied = 0;
    let mut boundaries = Boundaries { markup: &markup, at: 0, boundary: 0, in_tag: false };
    for place in places {
        let at = boundaries.before(place.saturating_sub(file.start));
        let mut target = Target { path: path(index), fragment: None };
        if !begins(&markup[..at]) {
            let id = format!("at-{place}");
            marked.extend_from_slice(&markup[copied..at]);
            marked.extend_from_slice(format!("<a id=\"{id}\"/>").as_bytes());
            copied = at;
            target.fragment = Some(id);
        }
        targets.insert(*place, target);
    }
    marked.extend_from_slice(&markup[copied..]);
    file.markup = marked;
}

/// Whether what stands `before` a place has no text, so that the place is the document's beginning.
fn begins(before: &[u8]) -> bool {
    let mut text = String::new();
    before.len() <= BEGINNING && {
        strip(&String::from_utf8_lossy(before), &HashSet::new(), &mut text);
        text.is_empty()
    }
}

/// Looks through markup once for the ends of tags.
struct Boundaries<'a> {
    markup: &'a [u8],
    at: usize,
    boundary: usize,
    in_tag: bool,
}

impl Boundaries<'_> {
    /// The last byte up to `place` that begins or follows a tag; places are asked for in order.
    fn before(&mut self, place: usize) -> usize {
        let place = place.min(self.markup.len());
        while self.at < place {
            match self.markup[self.at] {
                b'<' => (self.boundary, self.in_tag) = (self.at, true),
                b'>' if self.in_tag => (self.boundary, self.in_tag) = (self.at + 1, false),
                _ => {}
            }
            self.at += 1;
        }
        if !self.in_tag && self.markup.get(place) == Some(&b'<') { place } else { self.boundary }
    }
}
