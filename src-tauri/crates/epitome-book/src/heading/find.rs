//! Lines of a text that may be headings, with the title lines that belong to them. For `choose` and `listed`.

use std::ops::Range;

use super::line::{Line, Style, line, undecorated};
use crate::cut::ends_sentence;

/// Longest title on a line of its own, in Unicode scalar values.
const TITLE_LINE: usize = 70;
/// More lines that may be headings than this are none: a list, or a file made to exhaust memory.
const MOST: usize = 100_000;
/// Longest line that is looked at as a heading, in bytes.
const LONGEST_BYTES: usize = 600;
/// Fewest lines by whose ends paragraphs are told.
const PARAGRAPHS: usize = 10;
/// Most lines of a heading.
const HEADING_LINES: usize = 3;

/// A heading as far as its surroundings tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Bytes of the text, its title lines included.
    pub range: Range<usize>,
    pub line: Line,
    pub title: String,
    /// Whether the text before it ends as a paragraph does.
    pub after_sentence: bool,
    /// What it is underlined with.
    pub rule: Option<char>,
}

pub struct TextLine<'a> {
    /// Byte of its first character that is not white space.
    pub at: usize,
    pub text: &'a str,
}

impl TextLine<'_> {
    fn blank(&self) -> bool {
        self.text.is_empty()
    }

    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }
}

/// The lines of a text and what their look says of it.
pub struct Page<'a> {
    pub lines: Vec<TextLine<'a>>,
    /// Whether paragraphs are separated by blank lines (else each is one line).
    separated: bool,
}

impl<'a> Page<'a> {
    pub fn of(text: &'a str, body: Range<usize>) -> Self {
        let mut lines = Vec::new();
        let mut at = body.start;
        for whole in text[body].split_inclusive('\n') {
            let trimmed = whole.trim();
            lines.push(TextLine { at: at + whole.len() - whole.trim_start().len(), text: trimmed });
            at += whole.len();
        }
        let blank = lines.iter().filter(|line| line.blank()).count();
        let separated = blank * 25 >= lines.len() - blank && !are_paragraphs(&lines);
        Self { lines, separated }
    }

    pub fn blank(&self, at: usize) -> bool {
        self.lines.get(at).is_none_or(TextLine::blank)
    }

    /// Lines from `at` to the next blank one, counted up to one more than a heading can have.
    pub fn block(&self, at: usize) -> usize {
        (at..).take(HEADING_LINES + 1).take_while(|at| !self.blank(*at)).count()
    }

    pub fn text(&self, at: usize) -> &'a str {
        self.lines.get(at).map_or("", |line| line.text)
    }
}

/// Whether lines are whole paragraphs, as those that others follow end as sentences do; blank lines may still stand
/// around headings.
fn are_paragraphs(lines: &[TextLine<'_>]) -> bool {
    let (mut followed, mut ended) = (0, 0);
    for pair in lines.windows(2).filter(|pair| !pair[0].blank() && !pair[1].blank()) {
        followed += 1;
        ended += usize::from(ends_sentence(pair[0].text));
    }
    followed >= PARAGRAPHS && ended * 10 >= followed * 7
}

/// Lines of `body` that may be headings, in order; none where there are too many.
pub fn candidates(text: &str, body: Range<usize>) -> Vec<Candidate> {
    let page = Page::of(text, body);
    let mut found: Vec<Candidate> = Vec::new();
    let mut last_line = None;
    let mut before = "";
    for at in 0..page.lines.len() {
        let here = &page.lines[at];
        if here.blank() {
            continue;
        }
        let under_heading = last_line.is_some_and(|last| last + 1 == at);
        if last_line.is_none_or(|last| last < at)
            && let Some((candidate, last)) = candidate(&page, at, before, under_heading)
        {
            last_line = Some(last);
            found.push(candidate);
            if found.len() > MOST {
                return Vec::new();
            }
        }
        before = here.text;
    }
    found
}

fn candidate(page: &Page<'_>, at: usize, before: &str, under_heading: bool) -> Option<(Candidate, usize)> {
    let here = &page.lines[at];
    // Where it stands is told faster than what it says, and most lines stand in the middle of a paragraph.
    let cjk = is_cjk_heading(here.text);
    let apart = at == 0 || page.blank(at - 1) || under_heading;
    let after_sentence = before.is_empty() || ends_sentence(before);
    let starts = apart || (after_sentence && (cjk || !page.separated)) || (cjk && !page.separated);
    if !starts || here.text.len() > LONGEST_BYTES {
        return None;
    }
    let found = line(here.text)?;
    let block = page.block(at);
    let alone = block == 1 || !page.separated;
    let rule = rule(page, at);
    let small = here.text.starts_with(char::is_lowercase);
    let fits = match found.style {
        _ if rule.is_some() => true,
        Style::Word(_) if small => alone,
        Style::Word(_) => !found.titled || alone || cjk || ends_in_block(page, at, block),
        Style::Digits | Style::Roman => alone || block == 2 && ends_in_block(page, at, block),
        Style::BareDigits | Style::BareRoman | Style::BareWord => alone || is_titled_below(page, at, block),
        Style::Named | Style::LeftOut(_) | Style::Listed => alone,
    };
    if !fits {
        return None;
    }
    let last = if rule.is_some() { at + 1 } else { title_end(page, at, found, block) };
    let title = title(page, at, if rule.is_some() { at } else { last });
    let range = here.at..page.lines[last].end();
    Some((Candidate { range, line: found, title, after_sentence, rule }, last))
}

/// Whether the lines below a number, up to the next blank one, are its title.
fn is_titled_below(page: &Page<'_>, at: usize, block: usize) -> bool {
    (2..=HEADING_LINES).contains(&block) && is_title(page, at + 1, at + block)
}

/// What the line at `at` is underlined with: a line of one mark, about as long, right below.
fn rule(page: &Page<'_>, at: usize) -> Option<char> {
    let below = page.text(at + 1);
    let mark = below.chars().next().filter(|mark| "=-~*^\"'`#+:._—─━".contains(*mark))?;
    let (length, title) = (below.chars().count(), page.text(at).chars().count());
    // Wide characters take two columns.
    let fits = length >= 3 && length * 3 >= title * 2 && length <= title * 2 + 3;
    (fits && below.chars().all(|c| c == mark)).then_some(mark)
}

fn is_cjk_heading(text: &str) -> bool {
    text.starts_with(['第', '제', '【'])
}

/// Whether a heading with a title, followed by more lines, is one: the lines together still read like a heading, or
/// the first is clearly shorter than a wrapped line and what follows starts anew.
fn ends_in_block(page: &Page<'_>, at: usize, block: usize) -> bool {
    if block <= HEADING_LINES {
        let joined = (at..at + block).map(|at| page.text(at)).collect::<Vec<_>>().join(" ");
        if line(&joined).is_some() {
            return true;
        }
    }
    let (here, next) = (page.text(at), page.text(at + 1));
    let anew = next.chars().next().is_some_and(|c| !c.is_lowercase());
    anew && here.chars().count() <= 50 && here.chars().count() * 10 < next.chars().count() * 8
}

/// The last line of the heading at `at`: a title may go on, or stand below.
fn title_end(page: &Page<'_>, at: usize, found: Line, block: usize) -> usize {
    if !page.separated || matches!(found.style, Style::Named | Style::LeftOut(_)) {
        return at;
    }
    if (2..=HEADING_LINES).contains(&block) {
        let joined = (at..at + block).map(|at| page.text(at)).collect::<Vec<_>>().join(" ");
        let goes_on = if found.titled { line(&joined).is_some() } else { is_title(page, at + 1, at + block) };
        return if goes_on { at + block - 1 } else { at };
    }
    if found.titled || block != 1 {
        return at;
    }
    let next = (at + 1..at + 4).find(|next| !page.blank(*next));
    match next.map(|next| (next, page.block(next))) {
        Some((next, lines @ 1..=2)) if is_title(page, next, next + lines) => next + lines - 1,
        _ => at,
    }
}

/// Whether lines `from` to before `to` read like a title and not like prose.
fn is_title(page: &Page<'_>, from: usize, to: usize) -> bool {
    let joined = (from..to).map(|at| page.text(at)).collect::<Vec<_>>().join(" ");
    let Some(first) = joined.trim_start_matches(['_', '*', '(', '[', '¿', '¡']).chars().next() else { return false };
    let length = joined.chars().count();
    let capitals = joined.chars().any(char::is_uppercase) && !joined.chars().any(char::is_lowercase);
    let cased = joined.chars().any(|c| c.is_uppercase() || c.is_lowercase());
    let longest = if cased { TITLE_LINE * (to - from) } else { TITLE_LINE / 3 };
    // "I.", "Introduction": a number may well head a part that has a name.
    let heading = (from..to).any(|at| line(page.text(at)).is_some_and(|line| line.style != Style::Named));
    let speech =
        first.is_lowercase() || matches!(first, '"' | '“' | '«' | '„' | '—' | '–' | '-' | '「' | '『' | '‘' | '\'');
    let prose = ends_sentence(&joined) || joined.ends_with([',', ';', ':']);
    length <= longest && !heading && !speech && (capitals || !prose)
}

fn title(page: &Page<'_>, at: usize, last: usize) -> String {
    let mut title = String::new();
    for at in at..=last {
        let text = undecorated(page.text(at));
        if text.is_empty() {
            continue;
        }
        if !title.is_empty() {
            let below = page.blank(at - 1) || line(&title).is_some_and(|found| !found.titled);
            let mark = title.ends_with(|c: char| c.is_ascii_punctuation() || c == '—');
            title.push_str(if below && !mark { ": " } else { " " });
        }
        title.push_str(text);
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<String> {
        candidates(text, 0..text.len()).into_iter().map(|found| found.title).collect()
    }

    #[test]
    fn titles_below_and_wrapped_titles_belong_to_their_heading() {
        let text = "CHAPTER I\n\nThe Storm\n\nIt was dark and\nit rained.\n\nCHAPTER 56. Of the Less Erroneous Pictures of Whales, and the True\nPictures of Whaling Scenes.\n\nIn connexion with\n\nCHAPTER III\nTHE END OF IT\n\nHe died.\n";
        let expected = [
            "CHAPTER I: The Storm",
            "CHAPTER 56. Of the Less Erroneous Pictures of Whales, and the True Pictures of Whaling Scenes.",
            "CHAPTER III: THE END OF IT",
        ];
        assert_eq!(titles(text), expected);
    }

    #[test]
    fn a_number_may_have_its_title_on_the_next_line() {
        let text = "I.\nTHE EVE OF THE WAR.\n\nNo one would have believed it.\n\nII\nThe Falling Star\n\nThen came the night.\n\n3\nhe went and\nsaw.\n\n12\nHe went.\n";
        assert_eq!(titles(text), ["I. THE EVE OF THE WAR.", "II: The Falling Star"]);
    }

    #[test]
    fn wrapped_prose_that_begins_like_a_heading_is_none() {
        let text = "He wrote this book.\n\nBOOK I. (_Folio_), CHAPTER I. (_Sperm Whale_).—This whale, among the\nEnglish of old vaguely known as the Trumpa whale, and the Physeter\nwhale, is the present Cachalot of the French, and the Pottfich of the\nGermans, and the Macrocephalus.\n\nHe read\nChapter 3\nand wept.\n\nCHAPTER I\nIt was late, and the rain had not stopped since the morning of the day\nbefore.\n";
        assert_eq!(titles(text), ["CHAPTER I"]);
    }

    #[test]
    fn paragraphs_may_be_lines() {
        let text = "第一章 开始\n　　他走进了房间。\n　　“谁？”\n第二章里，他说。\n第二章 结束\n　　她走了。\n";
        assert_eq!(titles(text), ["第一章 开始", "第二章 结束"]);
    }
}
