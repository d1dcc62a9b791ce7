//! How sure it is that the chapters of a book are what a reader would call its chapters. Pure; for the preview and for
//! the command line.

use epitome_model::{Certainty, ChapterMethod, Sureness};

use crate::Section;
use crate::heading;

/// Share of the text of all chapters above which one alone looks like several, in percent.
const LARGEST: u64 = 30;
/// Fewest chapters of which one may be told to be much longer than the others.
const FEWEST: usize = 4;
/// Share of the chapters that have a number for these to say something, in percent.
const NUMBERED: usize = 80;
/// A text without headings up to this length may well be one chapter, in Unicode scalar values.
const SHORT: u32 = 30_000;

const UNBROKEN: &str = "They are numbered without a gap.";

/// What speaks for the chapters, or against them.
pub fn certainty(method: ChapterMethod, sections: &[Section]) -> Certainty {
    let chapters: Vec<&Section> = sections.iter().filter(|section| section.left_out.is_none()).collect();
    if method == ChapterMethod::Pattern {
        return said(Sureness::Sure, "As you chose.");
    }
    if let Some(large) = too_large(&chapters) {
        return said(Sureness::Unsure, &large);
    }
    let numbers = Numbers::of(&chapters);
    let jump =
        numbers.jump.map(|(before, after)| format!("The numbers of the chapters jump from {before} to {after}."));
    match method {
        ChapterMethod::Sized => said(
            Sureness::Unsure,
            "No headings were found, so the text was cut into parts of a sensible size. A pattern may find its chapters.",
        ),
        ChapterMethod::Whole if chapters.iter().all(|chapter| chapter.chars <= SHORT) => {
            said(Sureness::Likely, "A short text without headings.")
        }
        ChapterMethod::Whole => said(Sureness::Unsure, "No headings were found in a long text."),
        ChapterMethod::Spine => said(Sureness::Likely, "The book lists no chapters, so each of its files is one."),
        ChapterMethod::Navigation | ChapterMethod::Ncx | ChapterMethod::Outline => match jump {
            Some(jump) => said(Sureness::Likely, &jump),
            None if numbers.most => said(Sureness::Sure, UNBROKEN),
            None => said(Sureness::Sure, "Nothing in their titles and lengths speaks against them."),
        },
        ChapterMethod::Headings | ChapterMethod::Pattern => match jump {
            Some(jump) => said(Sureness::Likely, &jump),
            None if numbers.most => said(Sureness::Sure, UNBROKEN),
            None => said(Sureness::Likely, "They begin at lines that look like headings."),
        },
    }
}

fn said(sureness: Sureness, reason: &str) -> Certainty {
    Certainty { sureness, reason: reason.to_owned() }
}

/// A sentence about a chapter that is too long to be one.
fn too_large(chapters: &[&Section]) -> Option<String> {
    let all: u64 = chapters.iter().map(|chapter| u64::from(chapter.chars)).sum();
    let largest = chapters.iter().max_by_key(|chapter| chapter.chars)?;
    let share = u64::from(largest.chars) * 100 / all.max(1);
    let odd = chapters.len() >= FEWEST && share > LARGEST;
    odd.then(|| format!("“{}” alone is {share} % of the text; it may be several chapters.", largest.title))
}

/// What the numbers in the titles say.
struct Numbers {
    /// Most chapters have one.
    most: bool,
    /// The first two that do not follow each other.
    jump: Option<(u32, u32)>,
}

impl Numbers {
    fn of(chapters: &[&Section]) -> Self {
        let numbers: Vec<u32> = chapters.iter().filter_map(|chapter| heading::line(&chapter.title)?.number).collect();
        let most = !numbers.is_empty() && numbers.len() * 100 >= chapters.len() * NUMBERED;
        let follows = |pair: &&[u32]| pair[1] == pair[0].saturating_add(1) || pair[1] == 1;
        let jump = numbers.windows(2).find(|pair| !follows(pair)).map(|pair| (pair[0], pair[1]));
        Self { most, jump: jump.filter(|_| most) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: ChapterMethod, chapters: &[(&str, u32)]) -> (Sureness, String) {
        let section = |(title, chars): &(&str, u32)| Section {
            title: (*title).to_owned(),
            part: None,
            range: 0..0,
            chars: *chars,
            left_out: None,
        };
        let found = certainty(method, &chapters.iter().map(section).collect::<Vec<_>>());
        (found.sureness, found.reason)
    }

    #[test]
    fn numbers_without_a_gap_are_sure_also_where_each_part_begins_anew() {
        let numbered = [("Chapter 1", 9), ("Chapter 2", 9), ("Chapter 3", 9), ("Chapter 1", 9), ("Chapter 2", 9)];
        assert_eq!(of(ChapterMethod::Headings, &numbered).0, Sureness::Sure);
        assert_eq!(
            of(ChapterMethod::Headings, &[("Rain", 9), ("Sun", 9), ("Snow", 9), ("Hail", 9)]).0,
            Sureness::Likely
        );
    }

    #[test]
    fn a_gap_is_named() {
        let gap = [("Chapter 1", 9), ("Chapter 2", 9), ("Chapter 5", 9), ("Chapter 6", 9)];
        for method in [ChapterMethod::Headings, ChapterMethod::Navigation] {
            let (sureness, reason) = of(method, &gap);
            assert_eq!(sureness, Sureness::Likely);
            assert!(reason.contains("from 2 to 5"), "{reason}");
        }
        let few = [("Chapter 1", 9), ("Chapter 5", 9), ("Rain", 9), ("Sun", 9), ("Snow", 9)];
        assert_eq!(of(ChapterMethod::Navigation, &few).0, Sureness::Sure, "two numbers are not the book's numbering");
    }

    #[test]
    fn a_chapter_of_a_third_of_the_book_is_named() {
        let chapters = [("Chapter 1", 10), ("Chapter 2", 40), ("Chapter 3", 10), ("Chapter 4", 10)];
        let (sureness, reason) = of(ChapterMethod::Headings, &chapters);
        assert_eq!(sureness, Sureness::Unsure);
        assert!(reason.contains("“Chapter 2” alone is 57 %"), "{reason}");
    }

    #[test]
    fn what_was_cut_by_size_is_a_guess() {
        assert_eq!(of(ChapterMethod::Sized, &[("Part 1", 9), ("Part 2", 9)]).0, Sureness::Unsure);
        assert_eq!(of(ChapterMethod::Whole, &[("A note", 9)]).0, Sureness::Likely);
        assert_eq!(of(ChapterMethod::Whole, &[("A book", 90_000)]).0, Sureness::Unsure);
        assert_eq!(of(ChapterMethod::Pattern, &[("A", 9)]).0, Sureness::Sure);
    }
}
