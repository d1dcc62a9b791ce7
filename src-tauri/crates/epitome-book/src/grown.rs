//! Which chapters of a new version of a book are in the version that is there: a serial of which more has appeared, or
//! the same book read or cut otherwise. Pure; for the preview and for the update of a book.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::ops::Range;

use epitome_model::BookMeta;

/// Share of the chapters that are there which the new version must hold in order, in percent.
const SAME_LEAST: usize = 50;
/// Share of the words of two titles that are the same for them to be nearly the same, in percent.
const WORDS_LEAST: usize = 60;
/// Letters of a text that are looked for elsewhere.
const PROBE: usize = 80;
/// Texts looked for at most; where there are more, no text is taken for one that has moved.
const PROBED: usize = 500;

/// A section as it is compared.
#[derive(Clone, Debug)]
pub struct Known<F> {
    /// Stands for its [`words`]: two sections with the same are the same.
    pub fingerprint: F,
    pub title: String,
    pub is_chapter: bool,
}

/// What of the old version becomes of a section of the new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It is section so-and-so of the old version.
    Same(usize),
    /// It takes the place of that section of the old version.
    Changed(usize),
    New,
}

/// How two versions of a book go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// For each section of the new version.
    pub origins: Vec<Origin>,
    /// Sections of the old version that are not in the new one, rising.
    pub gone: Vec<usize>,
}

/// Whether two books may be versions of one: titles that are nearly the same, and an author in common where both have
/// some.
pub fn may_be_versions(one: &BookMeta, two: &BookMeta) -> bool {
    let names = |meta: &BookMeta| meta.authors.iter().map(|name| words(name)).collect::<HashSet<_>>();
    let (names_one, names_two) = (names(one), names(two));
    let same_author = names_one.is_empty() || names_two.is_empty() || !names_one.is_disjoint(&names_two);
    same_author && near(&one.title, &two.title)
}

/// Whether two titles are nearly the same: their numbers, which tell how far a serial has come, count only where there is
/// nothing else.
fn near(one: &str, two: &str) -> bool {
    if words(one) == words(two) {
        return true;
    }
    let (one, two) = (title_words(one), title_words(two));
    let same = one.intersection(&two).count();
    same > 0 && same * 200 >= (one.len() + two.len()) * WORDS_LEAST
}

fn title_words(title: &str) -> HashSet<String> {
    let words = title.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !word.is_empty() && !word.chars().all(char::is_numeric)).collect()
}

/// The letters and digits of a text, which stay the same where only layout or punctuation was changed; of a text without
/// any, all but its white space.
pub fn words(text: &str) -> String {
    let letters: String = text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    if letters.is_empty() { text.split_whitespace().collect() } else { letters }
}

/// Compares two versions by the fingerprints of their sections, in order; `None` where less than half of the old chapters
/// are found again, so that they are different books.
///
/// Of what is not the same between two sections that are, sections with the same title belong together, then the others
/// in their order. `text_of_old` and `text_of_new` give the [`words`] of a section.
pub fn compare<F: Clone + Eq + Hash>(
    old: &[Known<F>],
    new: &[Known<F>],
    text_of_old: &mut dyn FnMut(usize) -> String,
    text_of_new: &mut dyn FnMut(usize) -> String,
) -> Option<Comparison> {
    let same = same(old, new);
    let chapters = old.iter().filter(|section| section.is_chapter).count();
    let found = same.iter().filter(|(place, _)| old[*place].is_chapter).count();
    if chapters == 0 || found * 100 < chapters * SAME_LEAST {
        return None;
    }
    let mut origins = vec![Origin::New; new.len()];
    let mut left: Vec<usize> = Vec::new();
    let (mut at_old, mut at_new) = (0, 0);
    for (place_old, place_new) in same.into_iter().chain([(old.len(), new.len())]) {
        let changed = changed(old, new, at_old..place_old, at_new..place_new);
        let taken: HashSet<usize> = changed.iter().map(|(old, _)| *old).collect();
        let gap = (at_old..place_old).filter(|place| !taken.contains(place));
        left.extend(gap);
        for (old, new) in changed {
            origins[new] = Origin::Changed(old);
        }
        if let Some(origin) = origins.get_mut(place_new) {
            *origin = Origin::Same(place_old);
        }
        (at_old, at_new) = (place_old + 1, place_new + 1);
    }
    let gone = gone(left, &origins, text_of_old, text_of_new);
    Some(Comparison { origins, gone })
}

/// Pairs of sections with the same fingerprint, in order in both versions: the longest row of those that are there only
/// once, and what goes on from them in both directions.
fn same<F: Eq + Hash>(old: &[Known<F>], new: &[Known<F>]) -> Vec<(usize, usize)> {
    let (in_old, in_new) = (once(old), once(new));
    let mut pairs: Vec<(usize, usize)> =
        in_old.iter().filter_map(|(print, old)| Some(((*old)?, (*in_new.get(print)?)?))).collect();
    pairs.sort_unstable();
    let mut matched = rising(&pairs);
    let equal = |one: usize, two: usize| old[one].fingerprint == new[two].fingerprint;
    // Between two pairs: on from the first, then back from the second.
    let mut all = Vec::with_capacity(matched.len());
    matched.push((old.len(), new.len()));
    let (mut at_old, mut at_new) = (0, 0);
    for (to_old, to_new) in matched {
        while at_old < to_old && at_new < to_new && equal(at_old, at_new) {
            all.push((at_old, at_new));
            (at_old, at_new) = (at_old + 1, at_new + 1);
        }
        let (mut back_old, mut back_new) = (to_old, to_new);
        while back_old > at_old && back_new > at_new && equal(back_old - 1, back_new - 1) {
            (back_old, back_new) = (back_old - 1, back_new - 1);
        }
        all.extend((back_old..to_old).zip(back_new..to_new));
        if to_old < old.len() {
            all.push((to_old, to_new));
        }
        (at_old, at_new) = (to_old + 1, to_new + 1);
    }
    all
}

/// The place of each fingerprint; `None` for one that is there more than once.
fn once<F: Eq + Hash>(sections: &[Known<F>]) -> HashMap<&F, Option<usize>> {
    let mut places = HashMap::with_capacity(sections.len());
    for (place, section) in sections.iter().enumerate() {
        places.entry(&section.fingerprint).and_modify(|place| *place = None).or_insert(Some(place));
    }
    places
}

/// A longest row of `pairs`, which rise in their first number, that rises in the second too (patience sorting).
fn rising(pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    // For each length, the pair that ends the row with the smallest second number; for each pair, the one before it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
    for (at, (_, new)) in pairs.iter().enumerate() {
        let length = ends.partition_point(|end| pairs[*end].1 < *new);
        before.push(length.checked_sub(1).map(|length| ends[length]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut row: Vec<(usize, usize)> =
        std::iter::successors(ends.last().copied(), |at| before[*at]).map(|at| pairs[at]).collect();
    row.reverse();
    row
}

/// Which old section each new one takes the place of, between two that are the same.
fn changed<F>(old: &[Known<F>], new: &[Known<F>], in_old: Range<usize>, in_new: Range<usize>) -> Vec<(usize, usize)> {
    let mut pairs: Vec<(usize, usize)> = Vec::new();
    let mut by_title: HashMap<(String, bool), Vec<usize>> = HashMap::new();
    for place in in_old.clone().rev() {
        by_title.entry((words(&old[place].title), old[place].is_chapter)).or_default().push(place);
    }
    for place in in_new.clone() {
        let titled = by_title.get_mut(&(words(&new[place].title), new[place].is_chapter)).and_then(Vec::pop);
        pairs.extend(titled.map(|old| (old, place)));
    }
    let (taken_old, taken_new): (HashSet<usize>, HashSet<usize>) = pairs.iter().copied().unzip();
    for is_chapter in [true, false] {
        let of_old = in_old.clone().filter(|place| !taken_old.contains(place) && old[*place].is_chapter == is_chapter);
        let of_new = in_new.clone().filter(|place| !taken_new.contains(place) && new[*place].is_chapter == is_chapter);
        pairs.extend(of_old.zip(of_new));
    }
    pairs
}

/// Of old sections that nothing takes the place of, those whose text is not in a changed or new section either: a
/// chapter that was joined with another is not gone.
fn gone(
    left: Vec<usize>,
    origins: &[Origin],
    text_of_old: &mut dyn FnMut(usize) -> String,
    text_of_new: &mut dyn FnMut(usize) -> String,
) -> Vec<usize> {
    if left.is_empty() || left.len() > PROBED {
        return left;
    }
    let fresh = origins.iter().enumerate().filter(|(_, origin)| !matches!(origin, Origin::Same(_)));
    let mut haystack = String::new();
    for (place, _) in fresh {
        haystack.push_str(&text_of_new(place));
        haystack.push('\n');
    }
    left.into_iter().filter(|place| !holds(&haystack, &text_of_old(*place))).collect()
}

/// Whether most of some places of a text are in another; both as [`words`] gives them.
fn holds(haystack: &str, text: &str) -> bool {
    let letters = text.chars().count();
    let probe = |at: usize| {
        let start = letters.saturating_sub(PROBE) * at / 4;
        let probe: String = text.chars().skip(start).take(PROBE).collect();
        haystack.contains(&probe)
    };
    (1..=3).filter(|at| probe(*at)).count() >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(sections: &[&str]) -> Vec<Known<String>> {
        let known = |text: &&str| {
            let (title, inner) = text.split_once(':').unwrap_or((text, text));
            Known { fingerprint: words(inner), title: title.to_owned(), is_chapter: !title.starts_with('-') }
        };
        sections.iter().map(known).collect()
    }

    fn compared(old: &[&str], new: &[&str]) -> Option<Comparison> {
        let (old, new) = (version(old), version(new));
        let (texts_old, texts_new) = (old.clone(), new.clone());
        compare(&old, &new, &mut |at| texts_old[at].fingerprint.clone(), &mut |at| texts_new[at].fingerprint.clone())
    }

    use Origin::{Changed, New, Same};

    #[test]
    fn more_chapters_at_the_end_are_new() {
        let found = compared(&["-cover", "a", "b"], &["-cover", "a", "b", "c", "d"]).unwrap();
        assert_eq!(found, Comparison { origins: vec![Same(0), Same(1), Same(2), New, New], gone: vec![] });
    }

    #[test]
    fn a_contents_page_that_grew_is_changed_and_a_note_is_gone() {
        let old = ["-contents:a b", "a", "b", "Note:Back in May"];
        let new = ["-contents:a b c", "a", "b"];
        let found = compared(&old, &new).unwrap();
        assert_eq!(found, Comparison { origins: vec![Changed(0), Same(1), Same(2)], gone: vec![3] });
    }

    #[test]
    fn a_chapter_written_anew_takes_the_place_of_the_old_one() {
        let found = compared(&["a", "b", "Third:draft", "d"], &["a", "b", "Third:final", "Extra:more", "d"]).unwrap();
        assert_eq!(found.origins, [Same(0), Same(1), Changed(2), New, Same(3)]);
        let found = compared(&["a", "b", "Old name:draft"], &["a", "b", "New name:final", "e"]).unwrap();
        assert_eq!(found.origins, [Same(0), Same(1), Changed(2), New]);
    }

    #[test]
    fn chapters_that_are_there_twice_are_told_by_their_neighbours() {
        let old = ["a", "* * *", "b", "* * *", "c"];
        let found = compared(&old, &["a", "* * *", "b", "* * *", "c", "* * *", "d"]).unwrap();
        assert_eq!(found.origins, [Same(0), Same(1), Same(2), Same(3), Same(4), New, New]);
        assert_eq!(
            compared(&["x", "x", "x"], &["x", "x", "x", "x"]).unwrap().origins[..3],
            [Same(0), Same(1), Same(2)]
        );
    }

    #[test]
    fn joined_chapters_are_not_gone() {
        let (one, two) = ("first words that go on and on ".repeat(9), "second words of another kind ".repeat(9));
        let (first, second, both) = (format!("4:{one}"), format!("5:{two}"), format!("4:{one}{two}"));
        let old = ["a", "b", "c", &first, &second];
        let found = compared(&old, &["a", "b", "c", &both]).unwrap();
        assert_eq!(found, Comparison { origins: vec![Same(0), Same(1), Same(2), Changed(3)], gone: vec![] });
        assert_eq!(compared(&old, &["a", "b", "c", &first]).unwrap().gone, [4]);
    }

    #[test]
    fn other_books_and_other_orders_are_not_versions() {
        assert_eq!(compared(&["a", "b", "c", "d"], &["a", "x", "y", "z"]), None);
        assert_eq!(compared(&["a", "b", "c", "d"], &["d", "c", "b", "a"]), None);
        assert!(compared(&["a", "b", "c", "d"], &["c", "d"]).is_some(), "half of them is enough");
        assert_eq!(compared(&["-cover"], &["-cover", "a"]), None);
        assert_eq!(compared(&[], &["a"]), None);
    }

    #[test]
    fn titles_of_versions_may_differ_in_their_numbers() {
        let meta = |title: &str, authors: &[&str]| BookMeta {
            title: title.to_owned(),
            authors: authors.iter().map(|name| (*name).to_owned()).collect(),
            ..BookMeta::default()
        };
        let versions =
            |one: (&str, &[&str]), two: (&str, &[&str])| may_be_versions(&meta(one.0, one.1), &meta(two.0, two.1));
        assert!(versions(("The Long Road (1-10)", &["A. Author"]), ("The Long Road: 1-13", &["A Author"])));
        assert!(versions(("1984", &[]), ("1984", &["Orwell"])));
        assert!(versions(("道诡异仙", &[]), ("道诡异仙", &[])));
        assert!(versions(("The Long Road", &[]), ("The Long Road, complete", &[])));
        for two in [("1985", [].as_slice()), ("The Short Day", &[]), ("1984", &["Huxley"])] {
            assert!(!versions(("1984", &["Orwell"]), two), "{two:?}");
        }
        assert!(!versions(("The Long Road", &[]), ("The Wide Sea", &[])));
    }
}
