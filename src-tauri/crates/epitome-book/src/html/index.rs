//! Tables of contents made of the links of a page. For the reader of web pages.

use std::collections::{HashMap, HashSet};

use crate::limits;
use crate::markup::{self, Token, Tokens, decode_entities};
use crate::pages::{Entry, path};
use crate::sniff::{Kind, sniff};

/// Share of the other pages that an index names, in percent.
const MOST: usize = 60;
/// Letters between two links of a list at most, on average.
const BETWEEN: usize = 120;

/// A page whose links name the others in order.
pub struct Index {
    pub path: String,
    pub entries: Vec<Entry>,
    /// Whether it is little more than the list.
    pub is_list: bool,
}

/// The index among `files`, if there is one that names most of the others.
pub fn find(files: &[(String, Vec<u8>)]) -> Option<Index> {
    let named = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        matches!(stem, "index" | "toc" | "contents" | "default" | "main" | "start" | "home")
    };
    let known: HashSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let mut candidates: Vec<&(String, Vec<u8>)> = files.iter().filter(|(name, _)| named(name)).collect();
    candidates.sort_by_key(|(name, _)| name.matches('/').count());
    candidates.into_iter().filter(|(_, bytes)| sniff(bytes) == Kind::Html).find_map(|(name, bytes)| {
        let markup = markup::decode(bytes);
        let mut found = scan(&markup, name);
        found.entries.retain(|entry| {
            entry.target.as_ref().is_some_and(|to| known.contains(to.path.as_str()) && to.path != *name)
        });
        let mut seen = HashSet::new();
        found.entries.retain(|entry| entry.target.clone().is_some_and(|target| seen.insert(target)));
        let pages: HashSet<&str> =
            found.entries.iter().filter_map(|e| Some(e.target.as_ref()?.path.as_str())).collect();
        let enough = pages.len() * 100 >= (known.len() - 1) * MOST && !pages.is_empty();
        let is_list = found.letters <= found.entries.len() * BETWEEN;
        enough.then(|| Index { path: name.clone(), entries: found.entries, is_list })
    })
}

impl Index {
    /// Puts files in the order of the links: the index first, what it does not name last.
    pub fn sort(&self, files: &mut [(String, Vec<u8>)]) {
        let mut places: HashMap<&str, usize> = HashMap::from([(self.path.as_str(), 0)]);
        for (place, target) in (1..).zip(self.entries.iter().filter_map(|entry| entry.target.as_ref())) {
            places.entry(&target.path).or_insert(place);
        }
        files.sort_by_key(|(name, _)| places.get(name.as_str()).copied().unwrap_or(usize::MAX));
    }
}

/// The largest list of links into the page itself.
pub fn links(markup: &str, path: &str) -> Vec<Entry> {
    let mut entries = scan(markup, path).entries;
    let mut seen = HashSet::new();
    let within = |entry: &Entry| entry.target.clone().filter(|to| to.path == path && to.fragment.is_some());
    entries.retain(|entry| {
        let named = entry.title.chars().any(char::is_alphabetic);
        named && within(entry).is_some_and(|target| seen.insert(target))
    });
    entries
}

#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    /// Letters outside links.
    letters: usize,
}

/// The links of the page of that path.
fn scan(markup: &str, path: &str) -> Found {
    let folder = path::folder(path);
    let mut found = Found::default();
    let mut depth = 0_u32;
    let (mut open, mut in_head) = (false, false);
    let mut tokens = Tokens::new(markup);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open { name, attributes, empty } => {
                let name = name.to_ascii_lowercase();
                match name.as_str() {
                    "a" if !empty => {
                        let href = attributes.get("href");
                        open = href.is_some() && found.entries.len() < limits::TOC_ENTRIES;
                        if let Some(href) = href.filter(|_| open) {
                            let mut target = path::resolve(folder, &href);
                            // A link of only a fragment leads into the page itself.
                            if href.starts_with('#') {
                                path.clone_into(&mut target.path);
                            }
                            let depth = depth.saturating_sub(1).min(limits::TOC_DEPTH);
                            found.entries.push(Entry { target: Some(target), depth, ..Entry::default() });
                        }
                    }
                    "ul" | "ol" => depth += u32::from(!empty),
                    "title" => in_head = !empty,
                    _ => {}
                }
                if !empty {
                    tokens.skip_raw(&name);
                }
            }
            Token::Close { name } => match name.to_ascii_lowercase().as_str() {
                "a" => open = false,
                "ul" | "ol" => depth = depth.saturating_sub(1),
                "title" => in_head = false,
                _ => {}
            },
            Token::Text(_) | Token::Verbatim(_) if in_head => {}
            Token::Text(text) | Token::Verbatim(text) => match found.entries.last_mut().filter(|_| open) {
                Some(entry) if entry.title.len() < limits::TITLE_CHARS * 8 => {
                    entry.title.push_str(&decode_entities(text));
                }
                _ => found.letters += text.chars().filter(|c| c.is_alphanumeric()).count(),
            },
        }
    }
    for entry in &mut found.entries {
        entry.title = entry.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    found
}
