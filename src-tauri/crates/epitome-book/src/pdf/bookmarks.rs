//! Chapters by the outline of a PDF: where in the text each of its entries leads. For `chapters`.

use std::collections::HashMap;

use super::flow::{Block, Flow};
use crate::heading;
use crate::outline::{Mark, Role};
use crate::pages::{self, Entry, Target};
use epitome_pdf::{Outline, OutlineEntry};

/// Letters of a title from which on it is known by its beginning.
const KNOWN: usize = 6;
/// Longest number of a chapter on a line of its own.
const NUMBER: usize = 40;

/// Marks of the entries that a reader would call chapters or parts; none for an outline that only counts pages.
pub fn marks(flow: &Flow, outline: &Outline, pages: usize) -> Vec<Mark> {
    if counts_pages(outline, pages) {
        return Vec::new();
    }
    let index = Index::of(flow);
    let placed: Vec<(&OutlineEntry, Option<Place>)> =
        outline.entries.iter().map(|entry| (entry, index.place(entry))).collect();
    let level = chapter_level(&placed);
    let kept: Vec<&(&OutlineEntry, Option<Place>)> = placed.iter().filter(|(entry, _)| entry.level <= level).collect();
    let entry = |(entry, place): &&(&OutlineEntry, Option<Place>)| Entry {
        title: entry.title.clone(),
        target: place.as_ref().map(|_| Target::default()),
        depth: entry.level,
        hidden: false,
    };
    let entries: Vec<Entry> = kept.iter().map(entry).collect();
    let at: HashMap<*const Entry, usize> = entries
        .iter()
        .zip(&kept)
        .filter_map(|(entry, (_, place))| Some((std::ptr::from_ref(entry), place.as_ref()?.at)))
        .collect();
    let position = |entry: &Entry| at.get(&std::ptr::from_ref(entry)).copied();
    let mut marks = Vec::new();
    for place in pages::places(&entries, flow.text.len(), position) {
        let Some(at) = position(place.entry) else { continue };
        let role = if place.parent { Role::Parent } else { Role::Chapter };
        marks.push(Mark { at, title: place.entry.title.clone(), part: place.part, role });
    }
    marks
}

/// The level of the entries that are printed as chapters, with the word and a number; what is below are their sections.
/// Where none are, no level is too deep.
fn chapter_level(placed: &[(&OutlineEntry, Option<Place>)]) -> u32 {
    let mut levels: HashMap<u32, usize> = HashMap::new();
    for (entry, place) in placed {
        let titled = heading::line(&entry.title).is_some_and(|line| line.is_chapter());
        if titled || place.as_ref().is_some_and(|place| place.chapter) {
            *levels.entry(entry.level).or_default() += 1;
        }
    }
    let most =
        levels.into_iter().filter(|(_, chapters)| *chapters > 1).max_by_key(|(level, chapters)| (*chapters, *level));
    most.map_or(u32::MAX, |(level, _)| level)
}

/// Whether the entries are one for each page, as scanning programs write them.
fn counts_pages(outline: &Outline, pages: usize) -> bool {
    let number = |entry: &&OutlineEntry| {
        let last = entry.title.split_whitespace().next_back().unwrap_or_default();
        let worded = heading::line(&entry.title).is_some_and(|line| line.is_chapter() || line.is_part());
        !worded && heading::digits(last).is_some() && entry.title.split_whitespace().count() <= 2
    };
    let counting = outline.entries.iter().filter(number).count();
    counting * 5 > outline.entries.len() * 4 && counting * 2 > pages && counting > 10
}

/// Where an entry leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Place {
    /// Byte of the text.
    at: usize,
    /// Whether the word for a chapter and a number are printed there.
    chapter: bool,
}

/// The paragraphs of a text by the page they begin on.
struct Index<'a> {
    flow: &'a Flow,
    by_page: HashMap<usize, Vec<usize>>,
}

impl<'a> Index<'a> {
    fn of(flow: &'a Flow) -> Self {
        let mut by_page: HashMap<usize, Vec<usize>> = HashMap::new();
        for (at, block) in flow.blocks.iter().enumerate() {
            by_page.entry(block.page).or_default().push(at);
        }
        Self { flow, by_page }
    }

    fn of_page(&self, page: usize) -> impl Iterator<Item = (usize, &'a Block)> {
        let blocks = self.by_page.get(&page).map(Vec::as_slice).unwrap_or_default();
        blocks.iter().filter_map(|at| Some((*at, self.flow.blocks.get(*at)?)))
    }

    fn place(&self, entry: &OutlineEntry) -> Option<Place> {
        let page = entry.page?;
        let height = |block: &Block| entry.top.map_or(0.0, |top| (top - block.base).abs());
        let titled = |(at, block): (usize, &Block)| Some((likeness(&entry.title, &block.text)?, at, height(block)));
        let best = self.of_page(page).filter_map(titled).max_by(|a, b| a.0.cmp(&b.0).then(b.2.total_cmp(&a.2)));
        // A title that was pushed to the next page is led to on the page before.
        let next =
            || self.of_page(page + 1).take(3).filter_map(titled).find(|(likeness, ..)| *likeness == Likeness::Same);
        if let Some((_, at, _)) = best.or_else(next) {
            let block = &self.flow.blocks[self.with_number(at)];
            let chapter = heading::line(&block.text).is_some_and(|line| line.is_chapter());
            return Some(Place { at: block.range.start, chapter });
        }
        let below = |(_, block): &(usize, &Block)| entry.top.is_none_or(|top| block.base <= top + 0.5 * block.size);
        let here = self.of_page(page).find(below).map(|(at, _)| at);
        let at = here.unwrap_or_else(|| self.flow.blocks.partition_point(|block| block.page <= page));
        Some(Place { at: self.flow.blocks.get(at)?.range.start, chapter: false })
    }

    /// The paragraph before `at` if it is the number of the chapter whose title `at` is.
    fn with_number(&self, at: usize) -> usize {
        let Some(before) = at.checked_sub(1) else { return at };
        let (this, number) = (&self.flow.blocks[at], &self.flow.blocks[before]);
        let line = heading::line(&number.text).filter(|line| !line.is_part() && line.number.is_some() && !line.titled);
        let own = heading::line(&this.text).is_some_and(|line| line.is_chapter());
        let belongs = line.is_some() && number.page == this.page && number.text.len() <= NUMBER && !own;
        if belongs { before } else { at }
    }
}

/// How a paragraph resembles the title of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    Part,
    Start,
    Unnumbered,
    Same,
}

fn likeness(title: &str, text: &str) -> Option<Likeness> {
    let key = |text: &str| -> String {
        text.chars().take(300).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let (title_key, text_key) = (key(title), key(text));
    if title_key.is_empty() || text_key.is_empty() {
        return None;
    }
    let unnumbered = key(title.trim_start_matches(|c: char| !c.is_alphabetic()));
    let bare = key(text.trim_start_matches(|c: char| !c.is_alphabetic()));
    let long = title_key.chars().count() >= KNOWN;
    if title_key == text_key {
        Some(Likeness::Same)
    } else if !unnumbered.is_empty() && unnumbered == bare {
        Some(Likeness::Unnumbered)
    } else if long && text_key.starts_with(&title_key)
        || text_key.ends_with(&title_key) && text_key.len() < 2 * title_key.len()
    {
        Some(Likeness::Start)
    } else if title_key.ends_with(&text_key) && text_key.len() * 2 > title_key.len() {
        Some(Likeness::Part)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_known_with_and_without_its_number() {
        assert_eq!(likeness("1 Grundbegriffe", "1 Grundbegriffe"), Some(Likeness::Same));
        assert_eq!(likeness("1 Grundbegriffe", "Grundbegriffe"), Some(Likeness::Unnumbered));
        assert_eq!(likeness("Grundbegriffe", "Kapitel 1 Grundbegriffe"), Some(Likeness::Start));
        assert_eq!(likeness("The Storm", "The storm had passed. He slept."), Some(Likeness::Start));
        assert_eq!(likeness("Chapter 1: The Storm", "The Storm"), None);
        assert_eq!(likeness("I. The Storm", "THE STORM"), Some(Likeness::Part));
        assert_eq!(likeness("One", "One day he left."), None);
    }
}
