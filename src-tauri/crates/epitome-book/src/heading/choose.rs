//! Which of the lines that may be headings are the chapters. For the format readers.

use std::collections::HashMap;
use std::ops::Range;

use epitome_model::LeftOutReason;

use super::chain::{CHAIN, chain};
use super::contents::{Contents, tables};
use super::find::{Candidate, candidates};
use super::line::{LeftOutKey, Style};
use super::listed::listed;
use super::words::{self, Level};
use crate::outline::{Mark, Role, UNTITLED, letters};

/// A name that is a heading this often is none.
const REFRAIN: usize = 3;
/// Front matter with fewer letters than this, before the first chapter, is a title page.
const TITLE_PAGE_LETTERS: usize = 800;
/// A part named by a word, such as an epilogue, has its chapters closer behind it than this many bytes.
const CLOSE: usize = 120;

/// Marks of the chapters in `body`, with printed contents and title page left out; no chapter when no headings make
/// sense.
pub fn marks(text: &str, body: Range<usize>) -> Vec<Mark> {
    let found = candidates(text, body.clone());
    let mut tables = tables(&found);
    let inside = |at: usize| tables.iter().any(|table| table.lines.contains(&at));
    let real: Vec<&Candidate> = found.iter().enumerate().filter(|(at, _)| !inside(*at)).map(|(_, c)| c).collect();
    let mut chosen = choose(&without_refrains(&without_inner_contents(&real)), body.end);
    let numbered = |c: &&Candidate| !matches!(c.line.style, Style::Named | Style::LeftOut(_)) && !c.line.is_part();
    let by_list = if chosen.iter().any(numbered) { None } else { listed(text, body.clone()) };
    if let Some(list) = by_list.as_ref().filter(|list| list.chapters.len() > chosen.len() / 2) {
        let aside = |at: usize| list.range.contains(&at) || list.chapters.iter().any(|c| c.range.contains(&at));
        chosen.retain(|candidate| !aside(candidate.range.start));
        chosen.extend(&list.chapters);
        chosen.sort_by_key(|candidate| candidate.range.start);
        tables = vec![Contents { lines: 0..0, range: list.range.clone() }];
    }
    if !chosen.iter().any(|candidate| !matches!(candidate.line.style, Style::LeftOut(_))) {
        return Vec::new();
    }
    let mut marks = label(&chosen);
    let first = chosen.first().map_or(body.end, |candidate| candidate.range.start);
    marks.extend(front(text, body.start, &tables, first));
    marks.extend(tables.iter().filter(|table| table.range.start > first).filter_map(|table| {
        // A run of headings inside a chapter is a list of it; the chapter's text goes on behind it.
        let next = chosen.iter().map(|candidate| candidate.range.start).find(|at| *at >= table.range.end);
        let behind = &text[table.range.end..next.unwrap_or(body.end).max(table.range.end)];
        (letters(behind, TITLE_PAGE_LETTERS) < TITLE_PAGE_LETTERS).then(|| table.mark())
    }));
    marks
}

/// Leaves aside contents that stand under a heading, or that come again and again: those of a single chapter, in a manual.
/// What follows them is the chapter's text.
fn without_inner_contents<'a>(found: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let is_contents = |candidate: &Candidate| candidate.line.style == Style::LeftOut(LeftOutKey::Contents);
    let mut times: HashMap<&str, usize> = HashMap::new();
    let mut kept: Vec<&Candidate> = Vec::with_capacity(found.len());
    for candidate in found.iter().copied() {
        if is_contents(candidate) {
            let times = times.entry(&candidate.title).or_default();
            *times += 1;
            let under = kept.last().is_some_and(|before| {
                matches!(before.line.style, Style::Word(_) | Style::Named)
                    && candidate.range.start.saturating_sub(before.range.end) < CLOSE
            });
            if under || *times > 1 {
                continue;
            }
        }
        kept.push(candidate);
    }
    kept
}

/// Leaves aside names that come again and again, such as "Note" in a manual.
fn without_refrains<'a>(found: &[&'a Candidate]) -> Vec<&'a Candidate> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    let named = |candidate: &&&Candidate| candidate.line.style == Style::Named && candidate.line.number.is_none();
    for candidate in found.iter().filter(named) {
        *times.entry(&candidate.title).or_default() += 1;
    }
    let refrain = |candidate: &&Candidate| {
        named(&candidate)
            && times.get(candidate.title.as_str()).is_some_and(|times| *times >= REFRAIN)
            && !words::may_repeat(&candidate.title)
    };
    found.iter().copied().filter(|candidate| !refrain(candidate)).collect()
}

/// Marks for printed contents before the first chapter, and for what stands before, between and after them.
fn front(text: &str, start: usize, tables: &[Contents], first: usize) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut at = start;
    let mut rest = |range: Range<usize>| {
        let own = text[range.clone()].trim();
        if own.is_empty() {
            return;
        }
        let page = range.end <= first && letters(own, TITLE_PAGE_LETTERS) < TITLE_PAGE_LETTERS;
        let role = if page { Role::LeftOut(LeftOutReason::TitlePage) } else { Role::Chapter };
        let line = own.lines().next().unwrap_or_default().trim();
        let title = if page && range.start == start {
            "Title page"
        } else if line.chars().count() <= 60 {
            line
        } else {
            UNTITLED
        };
        marks.push(Mark { at: range.start, title: title.to_owned(), part: None, role });
    };
    let before: Vec<&Contents> = tables.iter().filter(|table| table.range.end <= first).collect();
    for table in &before {
        rest(at..table.range.start);
        at = table.range.end;
    }
    rest(at..first);
    marks.extend(before.into_iter().map(Contents::mark));
    marks
}

/// The candidates that are headings: words with numbers if there are some, else a chain of plain numbers, else parts.
fn choose<'a>(found: &[&'a Candidate], end: usize) -> Vec<&'a Candidate> {
    let count = |wanted: fn(Style) -> bool| found.iter().filter(|c| wanted(c.line.style)).count();
    let chapters = count(|style| style == Style::Word(Level::Chapter));
    let parts = count(|style| matches!(style, Style::Word(level) if level < Level::Chapter));
    let mut chosen = Vec::new();
    if chapters < 2 || parts < 2 {
        let styles = [Style::Digits, Style::Roman, Style::BareDigits, Style::BareRoman, Style::BareWord];
        chosen = styles.into_iter().map(|style| chain(found, style, end)).max_by_key(Vec::len).unwrap_or_default();
    }
    if chapters >= 2 && chosen.len() < chapters * 3 || chosen.len() < CHAIN {
        chosen.clear();
    }
    let numbered: Vec<usize> = chosen.iter().map(|c| c.range.start).collect();
    // Chapters have sections in them, which are no chapters beside them.
    let divided = chapters > 0 || !numbered.is_empty();
    let keep = |candidate: &&Candidate| match candidate.line.style {
        Style::Word(Level::Chapter) => numbered.is_empty(),
        Style::Word(Level::Section) => !divided,
        Style::Word(_) | Style::Named | Style::LeftOut(_) => true,
        _ => numbered.binary_search(&candidate.range.start).is_ok(),
    };
    without_echoes(found.iter().copied().filter(keep).collect())
}

/// Leaves aside a name that the heading before it gave already: a title page of "Extracts", then "Extracts" again above
/// the text.
fn without_echoes(mut chosen: Vec<&Candidate>) -> Vec<&Candidate> {
    let name = |candidate: &Candidate| {
        let title = candidate.title.split(['(', ':', '.']).next().unwrap_or_default();
        (candidate.line.style == Style::Named).then(|| title.trim().to_lowercase())
    };
    chosen.dedup_by(|candidate, before| {
        let again = !candidate.line.titled && !words::may_repeat(&candidate.title);
        again && name(candidate).is_some_and(|own| Some(own) == name(before))
    });
    chosen
}

/// Marks with roles and parts for the chosen headings.
fn label(chosen: &[&Candidate]) -> Vec<Mark> {
    let below = |style: Style| match style {
        Style::Word(level) => Some(level),
        Style::Named | Style::LeftOut(_) => None,
        _ => Some(Level::Chapter),
    };
    let chapters = chosen.iter().any(|c| below(c.line.style) >= Some(Level::Chapter));
    // Without chapters the lowest level of parts takes their place.
    let lowest = chosen.iter().filter_map(|c| below(c.line.style)).max().unwrap_or(Level::Chapter);
    let mut parts: Vec<(Level, String)> = Vec::new();
    let mut marks = Vec::with_capacity(chosen.len());
    for (at, candidate) in chosen.iter().enumerate() {
        let mut role = Role::Chapter;
        let next = chosen.get(at + 1);
        let leads = next.is_some_and(|next| {
            next.range.start.saturating_sub(candidate.range.end) < CLOSE
                && below(next.line.style) >= Some(Level::Chapter)
        });
        match candidate.line.style {
            Style::LeftOut(key) => {
                role = Role::LeftOut(match key {
                    LeftOutKey::Contents => LeftOutReason::Contents,
                    LeftOutKey::Index => LeftOutReason::Index,
                    LeftOutKey::Licence => LeftOutReason::Licence,
                    LeftOutKey::Notes => LeftOutReason::Notes,
                });
                parts.clear();
            }
            Style::Named if leads && chapters => {
                parts = vec![(Level::Volume, candidate.title.clone())];
                role = Role::Parent;
            }
            Style::Named if words::is_closing(&candidate.title) => parts.clear(),
            style => {
                if let Some(level) = below(style)
                    && level < lowest
                {
                    parts.retain(|(above, _)| *above < level);
                    parts.push((level, candidate.title.clone()));
                    role = Role::Parent;
                }
            }
        }
        let around = if role == Role::Parent { &parts[..parts.len() - 1] } else { &parts[..] };
        let part = around.iter().map(|(_, title)| title.as_str()).collect::<Vec<_>>().join(", ");
        let part = Some(part).filter(|part| !part.is_empty());
        marks.push(Mark { at: candidate.range.start, title: candidate.title.clone(), part, role });
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(words: usize) -> String {
        "He walked on and on through the rain. ".repeat(words / 8)
    }

    fn titles(text: &str) -> Vec<String> {
        let mut marks = marks(text, 0..text.len());
        marks.sort_by_key(|mark| mark.at);
        let part = |part: Option<String>| part.map(|part| format!("{part} / ")).unwrap_or_default();
        marks.into_iter().filter(|mark| mark.role == Role::Chapter).map(|mark| part(mark.part) + &mark.title).collect()
    }

    #[test]
    fn a_printed_table_of_contents_is_left_out() {
        let mut text =
            "THE BOOK\n\nCONTENTS\n\nPART ONE\n\nCHAPTER I\n\nCHAPTER II\n\nPART TWO\n\nCHAPTER I\n\nEPILOGUE\n\n"
                .to_owned();
        for heading in ["PART ONE\n\nCHAPTER I", "CHAPTER II", "PART TWO\n\nCHAPTER I", "EPILOGUE"] {
            text.extend([heading, "\n\n", &prose(200), "\n\n"]);
        }
        assert_eq!(
            titles(&text),
            ["PART ONE / CHAPTER I", "PART ONE / CHAPTER II", "PART TWO / CHAPTER I", "EPILOGUE"]
        );
        let left_out: Vec<_> = marks(&text, 0..text.len())
            .into_iter()
            .filter_map(|mark| match mark.role {
                Role::LeftOut(reason) | Role::Boilerplate(reason) => Some(reason),
                _ => None,
            })
            .collect();
        assert_eq!(left_out, [LeftOutReason::TitlePage, LeftOutReason::Contents]);
    }

    #[test]
    fn a_list_inside_a_chapter_is_no_chapter() {
        let mut text = String::new();
        for number in 1..=4 {
            let (heading, rest) = (format!("{number}. The {number}th Thing\n\n"), prose(600));
            text.extend([&heading, &rest, "\n\n1. Eggs\n\n2. Milk\n\n3. Bread\n\n", &rest, "\n\n"]);
        }
        assert_eq!(titles(&text), ["1. The 1th Thing", "2. The 2th Thing", "3. The 3th Thing", "4. The 4th Thing"]);
    }

    #[test]
    fn bare_numbers_may_begin_anew_in_each_part() {
        let mut text = String::new();
        for part in ["PART ONE", "PART TWO"] {
            text.extend([part, "\n\n"]);
            for number in ["I", "II", "III"] {
                text.extend([number, "\n\n", &prose(700), "\n\n"]);
            }
        }
        let expected =
            ["PART ONE / I", "PART ONE / II", "PART ONE / III", "PART TWO / I", "PART TWO / II", "PART TWO / III"];
        assert_eq!(titles(&text), expected);
    }

    #[test]
    fn underlined_headings_are_told_from_lists_and_from_contents_with_bullets() {
        let mut text = "The Manual\n**********\n\n* 1. Scope\n\n  * 1.1. Aim\n\n* 2. Use\n\n* 3. End\n\n".to_owned();
        for heading in ["1. Scope\n********", "2. Use\n******", "3. End\n******", "1. Tools\n********"] {
            let list = "\n\n1. Take one.\n\n2. Take two\n\n3. Put it\n\n1.1. Aim\n========\n\n";
            text.extend([heading, "\n\n", &prose(100), list, &prose(600), "\n\n"]);
        }
        let found = titles(&text);
        assert_eq!(found[found.len() - 4..], ["1. Scope", "2. Use", "3. End", "1. Tools"], "{found:?}");
        assert!(found.len() <= 5, "{found:?}");
    }

    #[test]
    fn a_list_of_many_lines_takes_nothing_of_its_chapter() {
        let list = (1..=12).map(|number| format!("{number}. Thing\n\n")).collect::<Vec<_>>().concat();
        let chapter = |number| format!("Chapter {number}\n\n{}\n\n{list}{}\n\n", prose(300), prose(300));
        let text: String = (1..=4).map(chapter).collect();
        assert_eq!(titles(&text), ["Chapter 1", "Chapter 2", "Chapter 3", "Chapter 4"]);
        assert_eq!(marks(&text, 0..text.len()).len(), 4, "nothing is left out");
    }

    #[test]
    fn contents_behind_the_last_chapter_are_left_out() {
        let chapter = |number| format!("Chapitre {number}\n\n{}\n\n", prose(300));
        let mut text: String = (1..=4).map(chapter).collect();
        text.push_str("Table des matières\n\nChapitre 1\n\nChapitre 2\n\nChapitre 3\n\nChapitre 4\n");
        let mut marks = marks(&text, 0..text.len());
        marks.sort_by_key(|mark| mark.at);
        let last = marks.last().unwrap();
        assert!(matches!(
            last.role,
            Role::LeftOut(LeftOutReason::Contents) | Role::Boilerplate(LeftOutReason::Contents)
        ));
        assert_eq!(titles(&text).len(), 4);
    }

    #[test]
    fn a_name_that_comes_twice_in_a_row_is_one_heading() {
        let (short, long) = (prose(40), prose(300));
        let text = format!(
            "EXTRACTS (Supplied by a Librarian).\n\n{short}\n\nEXTRACTS.\n\n{long}\n\nCHAPTER 1\n\n{long}\n\nCHAPTER 2\n\n{long}"
        );
        assert_eq!(titles(&text), ["EXTRACTS (Supplied by a Librarian).", "CHAPTER 1", "CHAPTER 2"]);
    }

    #[test]
    fn the_contents_of_a_chapter_take_nothing_of_its_text() {
        let mut text = "Table of Contents\n\nScope\n\nUse\n\n".to_owned();
        for number in 1..=4 {
            let heading = format!("Chapter {number}. The Thing\n\nTable of Contents\n\n{number}.1. Aim\n\n");
            text.extend([&heading, &prose(400), "\n\n"]);
        }
        text.extend(["Appendix A. More of It\n\nTable of Contents\n\n", &prose(400)]);
        let expected = [
            "Chapter 1. The Thing",
            "Chapter 2. The Thing",
            "Chapter 3. The Thing",
            "Chapter 4. The Thing",
            "Appendix A. More of It",
        ];
        assert_eq!(titles(&text), expected);
        let left_out = |mark: &Mark| matches!(mark.role, Role::LeftOut(_) | Role::Boilerplate(_));
        assert_eq!(marks(&text, 0..text.len()).iter().filter(|mark| left_out(mark)).count(), 1);
    }

    #[test]
    fn page_numbers_are_no_chapters() {
        let page = |page| format!("{}\nand then he went\n\n{page}\n\nhome. ", prose(300));
        let text = (1..30).map(page).collect::<Vec<_>>().concat();
        assert_eq!(titles(&text), [""; 0]);
    }

    #[test]
    fn parts_are_the_chapters_where_there_are_no_others() {
        let book = |book| format!("{book}\n\n{}\n\n", prose(100));
        let text = ["BOOK I", "BOOK II", "BOOK III"].map(book).concat();
        assert_eq!(titles(&text), ["BOOK I", "BOOK II", "BOOK III"]);
    }
}
