//! Chapters that have titles and no numbers, by the printed list of them at the start of the book. For `choose`.

use std::collections::HashMap;
use std::ops::Range;

use epitome_model::LeftOutReason;

use super::find::{Candidate, Page};
use super::line::{Line, Style, line, undecorated};
use crate::matter;

/// Longest title in a list, in Unicode scalar values.
const TITLE: usize = 90;
/// Most titles of a list.
const MOST: usize = 3_000;
/// Fewest titles that are a list.
const FEWEST: usize = 3;
/// Titles of the list that may be missing before the next that is found.
const MISSING: usize = 5;
/// Share of the titles that must be found, in percent.
const ENOUGH: usize = 80;

/// A printed list of titles, and the lines that begin what it names.
#[derive(Debug)]
pub struct Listed {
    /// Bytes of the list.
    pub range: Range<usize>,
    pub chapters: Vec<Candidate>,
}

/// The chapters of `body` by the first list of contents whose titles stand alone in it, in their order.
pub fn listed(text: &str, body: Range<usize>) -> Option<Listed> {
    let page = Page::of(text, body);
    let is_contents = |at: &usize| matter::by_title(page.text(*at)) == Some(LeftOutReason::Contents);
    (0..page.lines.len()).filter(is_contents).take(FEWEST).find_map(|heading| by_list(&page, heading))
}

fn by_list(page: &Page<'_>, heading: usize) -> Option<Listed> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut entries = 0;
    let mut end = heading + 1;
    for at in heading + 1..page.lines.len() {
        let shown = page.text(at);
        let title = plain(without_page(shown));
        if shown.chars().count() > TITLE || entries == MOST || !title.is_empty() && places.contains_key(&title) {
            break;
        }
        end = at;
        // Parts are known by their own words, in the list as in the book.
        if title.is_empty() || line(shown).is_some_and(|line| line.is_part()) {
            continue;
        }
        let short = without_page(shown).split([',', ':', '(', '—']).next().map(plain).unwrap_or_default();
        if !short.is_empty() {
            places.entry(short).or_insert(entries);
        }
        places.insert(title, entries);
        entries += 1;
    }
    let chapters = found(page, end, &places);
    let enough = chapters.len() >= FEWEST && chapters.len() * 100 >= entries * ENOUGH;
    let last = (heading..=end).rev().find(|at| !page.blank(*at) && *at < chapters_start(page, &chapters, end))?;
    enough.then(|| Listed { range: page.lines[heading].at..page.lines[last].end(), chapters })
}

/// The line before which a list ends at the latest.
fn chapters_start(page: &Page<'_>, chapters: &[Candidate], end: usize) -> usize {
    let first = chapters.first().map_or(0, |chapter| chapter.range.start);
    page.lines.partition_point(|line| line.at < first).min(end + 1)
}

/// The lines from `from` on that are titles of the list, each alone and in their order.
fn found(page: &Page<'_>, from: usize, places: &HashMap<String, usize>) -> Vec<Candidate> {
    let mut chapters = Vec::new();
    let mut next = 0;
    for at in from..page.lines.len() {
        if page.blank(at) || (at > 0 && !page.blank(at - 1)) {
            continue;
        }
        let block = page.block(at);
        let joined = (at..at + block).map(|at| page.text(at)).collect::<Vec<_>>().join(" ");
        let place = (joined.len() <= TITLE * 4).then(|| places.get(&plain(&joined))).flatten().copied();
        let Some(place) = place.filter(|place| (next..=next + MISSING).contains(place)) else { continue };
        next = place + 1;
        chapters.push(Candidate {
            range: page.lines[at].at..page.lines[at + block - 1].end(),
            line: Line { style: Style::Listed, number: None, titled: true },
            title: undecorated(&joined).to_owned(),
            after_sentence: true,
            rule: None,
        });
    }
    chapters
}

/// A line of a list without the number of the page and what leads to it.
fn without_page(text: &str) -> &str {
    let bare = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let led = bare.ends_with(['.', ' ', '\t', '…']) && bare.trim_end_matches(['.', ' ', '\t', '…']).len() < bare.len();
    if led && bare.len() < text.len() { bare.trim_end_matches(['.', ' ', '\t', '…']) } else { text }
}

/// The letters and digits of a title, in small letters.
fn plain(title: &str) -> String {
    title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        let found = listed(text, 0..text.len()).map(|listed| listed.chapters).unwrap_or_default();
        found.into_iter().map(|chapter| chapter.title).collect()
    }

    fn book(list: &str, titles: &[&str]) -> String {
        let prose = "There was no hope for him this time: it was the third stroke.\n\n".repeat(9);
        let chapters = titles.iter().fold(String::new(), |text, title| text + &format!("{title}\n\n{prose}"));
        format!("A BOOK\n\nContents\n\n{list}\n\n\n{chapters}")
    }

    #[test]
    fn titles_of_the_list_are_found_where_they_stand_alone() {
        let list = "The Sisters\nAn Encounter ..... 12\nHands, concerning a man\nThe Dead";
        let chapters = ["THE SISTERS", "AN ENCOUNTER", "HANDS", "THE DEAD"];
        assert_eq!(titles(&book(list, &chapters)), chapters);
    }

    #[test]
    fn a_list_of_something_else_is_not_believed() {
        assert_eq!(
            titles(&book("The Sisters\n\nAn Encounter\n\nAraby\n\nEveline\n\nThe Dead", &["The Sisters", "The Dead"])),
            [""; 0]
        );
    }
}
