//! Titles and previews without a model.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::flow::one_line;
use super::sentences::{is_dense, split, words};

/// Characters of a preview.
const PREVIEW: usize = 160;

/// Words of a title.
const TITLE_WORDS: usize = 8;

/// Names in a title.
const NAMES: usize = 3;

/// Forms of address, which stand before half the names of a novel.
const ADDRESSES: [&str; 22] = [
    "Mrs",
    "Miss",
    "Mister",
    "Master",
    "Sir",
    "Lady",
    "Lord",
    "Madam",
    "Madame",
    "Monsieur",
    "Mademoiselle",
    "Herr",
    "Frau",
    "Señor",
    "Señora",
    "Don",
    "Doña",
    "Doctor",
    "Captain",
    "Professor",
    "Chapter",
    "God",
];

/// Words that name a chapter without saying anything about it.
const NAMELESS: [&str; 30] = [
    "chapter",
    "chap",
    "book",
    "part",
    "volume",
    "section",
    "letter",
    "canto",
    "act",
    "scene",
    "kapitel",
    "teil",
    "buch",
    "chapitre",
    "partie",
    "livre",
    "capítulo",
    "capitulo",
    "parte",
    "libro",
    "capitolo",
    "глава",
    "часть",
    "том",
    "книга",
    "hoofdstuk",
    "rozdział",
    "one",
    "two",
    "first",
];

/// A title and a one-line preview, from the source's heading, the text and its summary.
pub fn of(heading: Option<&str>, text: &str, summary: &str) -> (String, String) {
    let title = heading.and_then(telling).or_else(|| names(text)).unwrap_or_else(|| opening(summary));
    (title, preview(summary))
}

/// The part of a heading that says what the chapter is about: "Chapter 3: The Ball" is "The Ball", "XII." is nothing.
fn telling(heading: &str) -> Option<String> {
    let kept: Vec<&str> = heading.split_whitespace().collect();
    let start = kept.iter().position(|word| !is_label(word))?;
    let rest = kept[start..].join(" ");
    let rest = rest.trim_matches(|letter: char| letter.is_whitespace() || ".:-–—,".contains(letter));
    let says =
        rest.chars().filter(|letter| letter.is_alphabetic()).count() >= if rest.chars().any(is_dense) { 2 } else { 3 };
    says.then(|| rest.to_owned()).filter(|rest| rest.chars().count() <= 100)
}

fn is_label(word: &str) -> bool {
    let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    let roman = !bare.is_empty() && bare.chars().all(|letter| "ivxlcdm".contains(letter));
    let digits = !bare.is_empty() && bare.chars().all(char::is_numeric);
    let chinese = bare.starts_with('第') && bare.ends_with(['章', '回', '节', '節', '卷', '部', '话', '話']);
    let counted =
        !bare.is_empty() && bare.chars().all(|letter| "一二三四五六七八九十百千零〇两廿卅上中下".contains(letter));
    bare.is_empty() || counted || roman || digits || chinese || NAMELESS.contains(&bare.as_str())
}

/// The names that occur most, where a text has such: words in capitals that do not only begin sentences, neighbours
/// taken together. No word joins them, because it would have to be one of the text's language.
fn names(text: &str) -> Option<String> {
    let lower: HashSet<String> = text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().next().is_some_and(char::is_lowercase))
        .map(str::to_lowercase)
        .collect();
    let mut counts: HashMap<String, (u32, usize)> = HashMap::new();
    let mut place = 0;
    for sentence in split(text) {
        let mut open: Vec<&str> = Vec::new();
        for word in sentence.split_whitespace().skip(1) {
            place += 1;
            let bare = bare(word);
            if is_name(bare) && !lower.contains(&bare.to_lowercase()) {
                open.push(bare);
                // A comma or a possessive ends a name.
                if word.ends_with(bare) {
                    continue;
                }
            }
            if !open.is_empty() {
                counts.entry(open.join(" ")).or_insert((0, place)).0 += 1;
                open.clear();
            }
        }
        if !open.is_empty() {
            counts.entry(open.join(" ")).or_insert((0, place)).0 += 1;
        }
    }
    let mut names: Vec<(String, (u32, usize))> = counts.into_iter().filter(|(_, (count, _))| *count >= 2).collect();
    names.sort_by_key(|(_, (count, first))| (Reverse(*count), *first));
    let mut chosen: Vec<String> = Vec::new();
    for (name, _) in names {
        // "Anna" and "Anna Karenina" are one.
        let known = |other: &String| other.split(' ').any(|word| name.split(' ').any(|part| part == word));
        if chosen.len() < NAMES && !chosen.iter().any(known) {
            chosen.push(name);
        }
    }
    (!chosen.is_empty()).then(|| chosen.join(", "))
}

/// A word without the marks around it, and without a possessive ending.
fn bare(word: &str) -> &str {
    let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
    bare.strip_suffix("'s").or_else(|| bare.strip_suffix("\u{2019}s")).unwrap_or(bare)
}

/// Whether it is written as names are, and is no form of address.
fn is_name(word: &str) -> bool {
    let mut letters = word.chars();
    let capital = letters.next().is_some_and(char::is_uppercase);
    let small = letters.clone().next().is_some() && letters.all(char::is_lowercase);
    capital && small && word.chars().count() > 2 && !ADDRESSES.contains(&word)
}

/// The first words of a summary.
fn opening(summary: &str) -> String {
    let first = split(summary).first().copied().unwrap_or(summary);
    if first.chars().any(is_dense) {
        let until = first.find(['，', '。', '、', '；', '！', '？']).unwrap_or(first.len());
        return first[..until].chars().take(24).collect();
    }
    let all: Vec<&str> = first.split_whitespace().collect();
    let title = all.iter().take(TITLE_WORDS).copied().collect::<Vec<_>>().join(" ");
    let title = title.trim_end_matches(|letter: char| ".,;:!?\"\u{201d}\u{2019}".contains(letter));
    if all.len() > TITLE_WORDS { format!("{title}…") } else { title.to_owned() }
}

/// The first sentence that says something in one line, else the beginning.
fn preview(summary: &str) -> String {
    let sentences = split(summary);
    let fits = |sentence: &&&str| {
        words(sentence) >= 5
            && sentence.chars().count() <= PREVIEW
            && !sentence.starts_with(|letter: char| "([{（".contains(letter))
    };
    let line = sentences.iter().find(fits).or(sentences.first()).copied().unwrap_or(summary);
    let line = one_line(line);
    let Some((end, _)) = line.char_indices().nth(PREVIEW) else { return line };
    let cut = line[..end].rfind(' ').filter(|at| *at > end / 2).unwrap_or(end);
    format!("{}…", line[..cut].trim_end_matches([',', ';', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_that_says_something_is_the_title() {
        for (heading, title) in [
            ("Chapter 3: The Ball", Some("The Ball")),
            ("CHAPTER XII. Down the Rabbit-Hole", Some("Down the Rabbit-Hole")),
            ("第十二章 风雪", Some("风雪")),
            ("Chapter 3", None),
            ("XIV.", None),
            ("第十二章", None),
            ("十二", None),
            ("Loomings", Some("Loomings")),
        ] {
            assert_eq!(telling(heading).as_deref(), title, "{heading}");
        }
    }

    #[test]
    fn names_make_a_title_where_the_heading_makes_none() {
        let text = "That day Anna met Boris. Then Anna left with Boris, and Anna laughed. However, Carl stayed. However it was.";
        assert_eq!(names(text).as_deref(), Some("Anna, Boris"));
        let text = "She saw Mr. Holmes there. Then Sherlock Holmes left, and Watson saw Sherlock Holmes leave. With Watson, he ran.";
        assert_eq!(names(text).as_deref(), Some("Sherlock Holmes, Watson"));
        assert_eq!(names("nothing here has a name"), None);
    }

    #[test]
    fn a_preview_is_one_line() {
        let long = "word ".repeat(80);
        let preview = preview(&long);
        assert!(preview.ends_with('…') && preview.chars().count() <= PREVIEW + 1);
    }
}
