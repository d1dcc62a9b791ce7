//! A table of contents seen as a tree: which entries are chapters, which are the parts around them. For `find`.

use super::Entry;
use crate::heading::{self, Style};

/// Share of all chapters from which on an outermost entry is the book itself and no part of it, in percent.
const WHOLE_BOOK: usize = 85;

/// Average bytes of the leaves below an entry, in its own document, under which they are its sections.
const SECTION: usize = 4_000;
/// Longest such entry in bytes; a longer one is rather a part.
const LONGEST: usize = 200_000;

/// An entry that stays, with its place in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    pub entry: &'a Entry,
    /// Titles of the entries around it, the book's own left aside; absent for none.
    pub part: Option<String>,
    /// Whether entries below it stay too.
    pub parent: bool,
}

/// The entries that a reader would call chapters or parts, in the order of the table. `position` is where in the text
/// an entry leads, `end` where the text ends; where no position is known, only titles tell.
pub fn places(entries: &[Entry], end: usize, position: impl Fn(&Entry) -> Option<usize>) -> Vec<Place<'_>> {
    let positions: Vec<Option<usize>> = entries.iter().map(position).chain([Some(end)]).collect();
    let kept = without_sections(entries, &positions);
    let leaves = leaves(&kept);
    let all = leaves.iter().filter(|below| **below == 0).count();
    let mut around: Vec<(u32, &str)> = Vec::new();
    let mut places = Vec::with_capacity(kept.len());
    for (entry, below) in kept.iter().zip(&leaves) {
        around.retain(|(depth, _)| *depth < entry.depth);
        let part = around.iter().map(|(_, title)| *title).collect::<Vec<_>>().join(", ");
        places.push(Place { entry, part: Some(part).filter(|part| !part.is_empty()), parent: *below > 0 });
        let is_book = around.is_empty() && *below * 100 >= all * WHOLE_BOOK;
        if *below > 0 && !is_book && !entry.title.is_empty() {
            around.push((entry.depth, &entry.title));
        }
    }
    places
}

/// For each entry, how many entries without children are below it.
fn leaves(entries: &[&Entry]) -> Vec<usize> {
    let mut leaves = vec![0; entries.len()];
    let mut open: Vec<usize> = Vec::new();
    for at in 0..entries.len() {
        open.retain(|above| entries[*above].depth < entries[at].depth);
        let leaf = entries.get(at + 1).is_none_or(|next| next.depth <= entries[at].depth);
        if leaf {
            for above in &open {
                leaves[*above] += 1;
            }
        }
        open.push(at);
    }
    leaves
}

/// Leaves aside what is below a chapter: entries meant not to be shown, and sections of an entry that is a chapter by
/// its own title, by how its sections are numbered, or by how short they are.
fn without_sections<'a>(entries: &'a [Entry], positions: &[Option<usize>]) -> Vec<&'a Entry> {
    let ends = ends(entries);
    let mut kept: Vec<&Entry> = Vec::with_capacity(entries.len());
    let mut within: Option<u32> = None;
    for (at, entry) in entries.iter().enumerate() {
        if within.is_some_and(|depth| entry.depth > depth) || entry.hidden {
            continue;
        }
        within = None;
        let below = entries.get(at + 1).filter(|next| next.depth > entry.depth);
        let chapter = |below: &Entry| {
            is_chapter(&entry.title, &below.title)
                || has_short_sections(&entries[at..ends[at]], positions.get(at..=ends[at]))
        };
        if below.is_some_and(chapter) && entry.target.is_some() {
            within = Some(entry.depth);
        }
        kept.push(entry);
    }
    kept
}

/// For each entry, the index of the next one that is not below it.
fn ends(entries: &[Entry]) -> Vec<usize> {
    let mut ends = vec![entries.len(); entries.len()];
    let mut open: Vec<usize> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        while let Some(above) = open.pop_if(|above| entries[*above].depth >= entry.depth) {
            ends[above] = at;
        }
        open.push(at);
    }
    ends
}

/// Whether the first of `branch` is a document that the others, all below it, divide into short sections; `positions`
/// are theirs, with that of the entry after them.
fn has_short_sections(branch: &[Entry], positions: Option<&[Option<usize>]>) -> bool {
    let Some(([Some(start), .., Some(end)], [first, below @ ..])) = positions.zip(Some(branch)) else { return false };
    let path = |entry: &Entry| entry.target.as_ref().map(|target| target.path.clone());
    let Some(length) = end.checked_sub(*start) else { return false };
    let named = |entry: &Entry| heading::line(&entry.title).is_some();
    // A section may be called "Introduction", as long as not most are called such things.
    let numbered = |entry: &Entry| heading::line(&entry.title).is_some_and(|line| line.style != Style::Named);
    length <= LONGEST
        && length < below.len() * SECTION
        && first.target.as_ref().is_some_and(|target| target.fragment.is_none())
        && !named(first)
        && below.iter().all(|entry| path(entry) == path(first) && !numbered(entry))
        && below.iter().filter(|entry| named(entry)).count() * 2 < below.len()
}

/// Whether an entry with that entry below it is a chapter with sections, such as "Chapter 3" or "3 Files" above "3.1 Names".
fn is_chapter(title: &str, below: &str) -> bool {
    let line = heading::line(title);
    if line.is_some_and(|line| line.is_chapter()) {
        // Only a part can have chapters in it, whatever it is called.
        return !heading::line(below).is_some_and(|line| line.is_chapter());
    }
    let number: String = title.chars().take_while(char::is_ascii_alphanumeric).collect();
    let numbered = number.chars().all(|c| c.is_ascii_digit()) || number.len() == 1;
    !number.is_empty()
        && numbered
        && below
            .strip_prefix(&number)
            .is_some_and(|rest| rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(table: &[(u32, &str)]) -> Vec<String> {
        let entries: Vec<Entry> = table
            .iter()
            .map(|(depth, title)| Entry {
                title: (*title).into(),
                target: Some(super::super::Target::default()),
                depth: *depth,
                hidden: false,
            })
            .collect();
        let part = |place: &Place<'_>| place.part.clone().map(|part| format!("{part} / ")).unwrap_or_default();
        places(&entries, 0, |_| None)
            .iter()
            .map(|place| format!("{}{}{}", part(place), place.entry.title, if place.parent { " +" } else { "" }))
            .collect()
    }

    #[test]
    fn parts_are_named_and_the_book_itself_is_none() {
        let table = [
            (0, "Preface"),
            (0, "The Book"),
            (1, "Book I"),
            (2, "Part I"),
            (3, "1"),
            (3, "2"),
            (1, "Book II"),
            (2, "3"),
            (2, "4"),
            (2, "5"),
            (2, "6"),
            (2, "7"),
        ];
        let expected = [
            "Preface",
            "The Book +",
            "Book I +",
            "Book I / Part I +",
            "Book I, Part I / 1",
            "Book I, Part I / 2",
            "Book II +",
            "Book II / 3",
            "Book II / 4",
            "Book II / 5",
            "Book II / 6",
            "Book II / 7",
        ];
        assert_eq!(shown(&table), expected);
    }

    #[test]
    fn short_sections_of_one_document_are_no_chapters_even_if_one_is_called_introduction() {
        let table = [(0, "Systems"), (1, "Introduction"), (1, "Users"), (1, "Services"), (0, "Files")];
        let file = |path: &str| Some(super::super::Target { path: path.into(), fragment: None });
        let entry = |(at, (depth, title)): (usize, &(u32, &str))| Entry {
            title: (*title).into(),
            target: file(if at < 4 { "one" } else { "two" }),
            depth: *depth,
            hidden: false,
        };
        let entries: Vec<Entry> = table.iter().enumerate().map(entry).collect();
        let titles = |length: usize| -> Vec<String> {
            let at = |wanted: &Entry| entries.iter().position(|entry| entry == wanted).map(|at| at * length);
            places(&entries, 5 * length, at).iter().map(|place| place.entry.title.clone()).collect()
        };
        assert_eq!(titles(1_000), ["Systems", "Files"]);
        assert_eq!(titles(30_000).len(), 5, "long ones are chapters");
    }

    #[test]
    fn sections_of_a_chapter_are_no_chapters() {
        let table = [
            (0, "Chapter 1: Files"),
            (1, "Names"),
            (1, "Links"),
            (0, "2. Users"),
            (1, "2.1. Groups"),
            (0, "A. Tables"),
            (1, "A.1. More"),
        ];
        assert_eq!(shown(&table), ["Chapter 1: Files", "2. Users", "A. Tables"]);
    }
}
