//! Lines of a hard-wrapped text joined to paragraphs. For the readers of texts.
//!
//! Only the white space between two lines is changed: what was a line end becomes a space, or nothing behind a hyphen
//! and between characters that are written without spaces.

use std::ops::Range;

use crate::cut::ends_sentence;

/// Characters of a line above which a text is not wrapped at all.
const UNWRAPPED: usize = 200;
/// Widths that texts are wrapped at, in Unicode scalar values; the lower bound is that of scripts with wide characters.
const WIDTHS: Range<usize> = 20..141;
/// The narrowest a text of letters is wrapped at.
const NARROWEST: usize = 40;
/// Fewest lines that a width can be told from.
const LINES: usize = 5;
/// Spaces in a row that set columns of a table apart.
const COLUMNS: &str = "    ";
/// Longest stretch of lines that is judged as one: a poem, an address, a paragraph.
const STANZA: usize = 60;

/// A text without its hard line ends.
#[derive(Debug)]
pub struct Unwrapped {
    pub text: String,
    /// Of each joint: the byte behind it in the source, and in `text`.
    joints: Vec<(usize, usize)>,
}

impl Unwrapped {
    /// The place in the new text of byte `at` of the source.
    pub fn place(&self, at: usize) -> usize {
        let next = self.joints.partition_point(|(source, _)| *source <= at);
        let (source, text) = next.checked_sub(1).map_or((0, 0), |before| self.joints[before]);
        let moved = text + (at - source);
        self.joints.get(next).map_or(moved, |(_, text)| moved.min(*text)).min(self.text.len())
    }
}

struct Line<'a> {
    at: usize,
    text: &'a str,
    indent: usize,
    /// Unicode scalar values of `text`.
    length: usize,
}

impl Line<'_> {
    fn blank(&self) -> bool {
        self.text.is_empty()
    }

    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn first_letter(&self) -> Option<char> {
        self.text.chars().find(|c| c.is_alphabetic())
    }

    /// Whether its white space or its marks mean something, as in a table, or it is no words at all.
    fn is_set(&self) -> bool {
        self.text.contains(COLUMNS)
            || self.text.contains('\t')
            || self.text.contains("....") && self.text.ends_with(|c: char| c.is_numeric())
            || self.text.matches('|').count() > 1
            || !self.text.contains(char::is_alphanumeric)
    }

    fn is_item(&self) -> bool {
        let (mark, rest) = self.text.split_once(' ').unwrap_or((self.text, ""));
        let counted = mark.trim_start_matches('(').strip_suffix(['.', ')']).is_some_and(|number| {
            number.len() <= 3 && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                || number.len() == 1 && number.bytes().all(|byte| byte.is_ascii_lowercase())
        });
        !rest.is_empty() && (counted || matches!(mark, "*" | "-" | "+" | "•" | "◦" | "·"))
    }
}

/// How a text is set.
struct Layout {
    width: usize,
    /// White space that all its lines begin with.
    margin: usize,
    /// Whether paragraphs are separated by blank lines.
    separated: bool,
    /// Whether its script has capitals.
    cased: bool,
}

/// `text` with the lines of its paragraphs joined; `None` where it is not hard-wrapped. No line is joined to one that
/// begins at or behind one of `starts`, which are in order: headings stand on lines of their own.
pub fn unwrap(text: &str, starts: &[usize]) -> Option<Unwrapped> {
    let lines = lines(text);
    let layout = Layout::of(&lines)?;
    let mut out = Unwrapped { text: String::with_capacity(text.len()), joints: Vec::new() };
    let mut written = 0;
    let mut starts = starts.iter().peekable();
    for block in lines.split(Line::blank).filter(|block| block.len() > 1) {
        if !layout.is_prose(block) {
            continue;
        }
        for pair in block.windows(2) {
            let (line, next) = (&pair[0], &pair[1]);
            while starts.next_if(|start| **start < next.at).is_some() {}
            if starts.peek() == Some(&&next.at) || !layout.goes_on(line, next, block[0].is_item()) {
                continue;
            }
            out.text.push_str(&text[written..line.end()]);
            out.text.push_str(glue(line.text, next.text));
            out.joints.push((next.at, out.text.len()));
            written = next.at;
        }
    }
    out.text.push_str(&text[written..]);
    (!out.joints.is_empty()).then_some(out)
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for whole in text.split_inclusive('\n') {
        let trimmed = whole.trim();
        let indent = whole.len() - whole.trim_start().len();
        let length = if trimmed.is_ascii() { trimmed.len() } else { trimmed.chars().count() };
        let columns = if trimmed.is_empty() { 0 } else { whole[..indent].chars().count() };
        lines.push(Line { at: start + indent, text: trimmed, indent: columns, length });
        start += whole.len();
    }
    lines
}

impl Layout {
    /// The layout of a text most of whose lines are about as long as the longest; `None` for any other.
    fn of(lines: &[Line<'_>]) -> Option<Self> {
        let inner = || lines.windows(2).filter(|pair| !pair[0].blank() && !pair[1].blank());
        let (mut lengths, mut margins) = (vec![0_usize; UNWRAPPED + 1], vec![0_usize; UNWRAPPED]);
        let mut long = 0;
        for line in lines.iter().filter(|line| !line.blank()) {
            long += usize::from(line.length >= UNWRAPPED);
            margins[line.indent.min(UNWRAPPED - 1)] += 1;
        }
        for pair in inner() {
            lengths[pair[0].length.min(UNWRAPPED)] += 1;
        }
        let count: usize = lengths.iter().sum();
        let blank = lines.iter().filter(|line| line.blank()).count();
        let width = percentile(&lengths, count * 97 / 100);
        if count < LINES || long * 50 > lines.len() - blank || !WIDTHS.contains(&width) {
            return None;
        }
        let margin = (0..UNWRAPPED).max_by_key(|margin| margins[*margin]).unwrap_or_default();
        let (mut full, mut small, mut capital, mut ended) = (0, 0, 0, 0);
        for pair in inner().filter(|pair| pair[0].length * 4 >= width * 3) {
            full += 1;
            small += usize::from(pair[1].first_letter().is_some_and(char::is_lowercase));
            capital += usize::from(pair[1].first_letter().is_some_and(char::is_uppercase));
            ended += usize::from(ends_sentence(pair[0].text));
        }
        let cased = (small + capital) * 2 > full;
        // Verse begins every line with a capital; what is not wrapped ends its lines with its sentences.
        let wrapped = if cased { small > capital && width >= NARROWEST } else { ended * 5 < full * 2 };
        let separated = blank * 25 >= lines.len() - blank;
        (full * 2 >= count && wrapped).then_some(Self { width, margin, separated, cased })
    }

    /// Whether lines without a blank one between them are prose, and not verse, an address or a list of names.
    fn is_prose(&self, block: &[Line<'_>]) -> bool {
        if block.len() > STANZA || !self.separated {
            return true;
        }
        let following = || block[1..].iter().filter(|line| line.indent == self.margin);
        let verse =
            self.cased && block.len() > 3 && following().all(|line| line.first_letter().is_none_or(char::is_uppercase));
        let filled = block.windows(2).filter(|pair| self.fills(&pair[0], &pair[1])).count();
        !verse && filled * 2 >= block.len() - 1
    }

    /// Whether `line` ends where it does because nothing of `next` had room on it.
    fn fills(&self, line: &Line<'_>, next: &Line<'_>) -> bool {
        let word = if next.text.starts_with(is_unspaced) {
            1
        } else {
            next.text.split_whitespace().next().unwrap_or_default().chars().count() + 1
        };
        // Texts are not wrapped exactly; without blank lines, the short line is all that ends a paragraph.
        let least = if self.separated {
            80
        } else if ends_sentence(line.text) {
            100
        } else {
            92
        };
        (line.indent.saturating_sub(self.margin) + line.length + word) * 100 > self.width * least
    }

    fn goes_on(&self, line: &Line<'_>, next: &Line<'_>, in_list: bool) -> bool {
        let speech = next.text.starts_with(['"', '“', '«', '„', '—', '–', '-', '「', '『']);
        let anew = next.is_item() && (in_list || ends_sentence(line.text) || line.text.ends_with(':'));
        next.indent == self.margin
            && self.fills(line, next)
            && !anew
            && !(speech && !self.separated && ends_sentence(line.text))
            && !line.is_set()
            && !next.is_set()
    }
}

/// The value below which so many of those counted lie.
fn percentile(counted: &[usize], most: usize) -> usize {
    let mut sum = 0;
    counted
        .iter()
        .take_while(|count| {
            sum += **count;
            sum <= most
        })
        .count()
}

/// What stands between two lines that are one.
fn glue(line: &str, next: &str) -> &'static str {
    let mut ends = line.chars().rev();
    let (last, before) = (ends.next().unwrap_or(' '), ends.next().unwrap_or(' '));
    let mut begins = next.chars();
    let (first, second) = (begins.next().unwrap_or(' '), begins.next().unwrap_or(' '));
    let hyphen = matches!(last, '-' | '—' | '‐') && !before.is_whitespace();
    let dash = first == '—' && !second.is_whitespace();
    if hyphen || dash || is_unspaced(last) && is_unspaced(first) { "" } else { " " }
}

/// Characters of Chinese and Japanese, which have no spaces between words, with their punctuation.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{2E80}'..='\u{312F}' | '\u{31A0}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(text: &str) -> String {
        unwrap(text, &[]).map_or(text.to_owned(), |unwrapped| unwrapped.text)
    }

    /// Enough of a text for its width to be told.
    const PROSE: &str = "It was a bright cold day in the spring of the year, and the clocks of the
town were striking nine when he came down to the river, where the boats
lay side by side in the thin grey light and nobody was yet awake to see
how slowly he went, or that he had taken the well-worn path by the long-
abandoned mill, whose wheel had not turned since his father was a boy.
";

    #[test]
    fn a_paragraph_is_one_line_and_hyphens_stay() {
        let text = joined(&format!("{PROSE}\n{PROSE}"));
        let paragraphs: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 2);
        assert_eq!(paragraphs[0].trim().lines().count(), 1);
        assert!(text.contains("of the town were") && text.contains("by the long-abandoned mill"), "{text}");
    }

    #[test]
    fn verse_lists_tables_letters_and_headings_stay() {
        for kept in [
            "How doth the little crocodile\nImprove his shining tail,\nAnd pour the waters of the Nile\nOn every golden scale!\n",
            "    How doth the little crocodile improve his shining golden tail, and\n    pour the waters of the great old Nile on every single golden scale it\n",
            "Sing, goddess, of the anger of the son of Peleus, which brought upon\nThe host of all the Greeks so many thousand sorrows, and to the house\nOf Hades sent the souls of many heroes before their day was come, but\nTheir bodies made the prey of dogs and all the birds; and so was done\n",
            "Eggs            four of them, which should be very fresh or from the day\nButter          half a pound at most and never salted, as some others say\n",
            "1. Take the eggs out of the basket and break them into a bowl of stone.\n2. Beat the eggs with the butter until the whole is thin and very white.\n",
            "CHAPTER I\nTHE EVE OF THE WAR\n",
            "Mr. John Smith\n12, Long Street\nLondon\n",
            "*       *       *       *       *       *       *       *       *\n",
        ] {
            let text = format!("{PROSE}\n{kept}\n{PROSE}\n{PROSE}");
            let found = joined(&text);
            assert!(found.contains(kept), "{kept}\n-> {found}");
            assert!(found.contains("clocks of the town"), "{found}");
        }
    }

    #[test]
    fn short_lines_and_quotes_end_paragraphs_where_no_blank_line_does() {
        let dialogue =
            "He stopped.\n\"Who is there?\" he asked, and he put out the light which he had carried.\n\"It is I.\"\n";
        let found = joined(&[PROSE, dialogue].concat().repeat(9));
        assert!(found.contains("\nHe stopped.\n\"Who is there?\""), "{found}");
        assert!(found.contains("carried.\n\"It is I.\"\nIt was a bright"), "{found}");
    }

    #[test]
    fn wide_scripts_are_joined_without_a_space() {
        let line = "国境の長いトンネルを抜けると雪国であった夜の底が白くなった信号所に汽車が止まった";
        let text = format!("　{line}\n{line}\n{line}\n{line}。\n").repeat(4);
        assert!(joined(&text).contains(&format!("{line}{line}{line}{line}。\n　国")));
    }

    #[test]
    fn what_is_not_wrapped_is_left_alone() {
        let verse = "How doth the little crocodile\nImprove his shining tail,\nAnd pour the waters\n".repeat(30);
        let paragraphs =
            "A paragraph of this text stands on a single line, however long it is, as editors do it. ".repeat(4) + "\n";
        for text in [verse, paragraphs.repeat(30), "第一章\n他走进了房间。\n她说话。\n".repeat(30), String::new()]
        {
            assert!(unwrap(&text, &[]).is_none(), "{text}");
        }
    }

    #[test]
    fn nothing_is_joined_to_a_heading() {
        let text = PROSE.repeat(4);
        let start = text.find("lay side").unwrap();
        let unwrapped = unwrap(&text, &[start]).unwrap();
        assert!(unwrapped.text.contains("boats\nlay side"));
        assert!(unwrapped.text[unwrapped.place(start)..].starts_with("lay side"));
    }

    proptest! {
        #[test]
        fn every_letter_stays_in_its_place(parts in prop::collection::vec("([a-z]{1,9}[ -]?|[A-Z][a-z]|\n| |天|—|\\PC){0,40}", 0..40), seed in 0_usize..1000) {
            let text = parts.iter().fold(String::new(), |text, part| text + PROSE + part + "\n");
            let plain = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            if let Some(unwrapped) = unwrap(&text, &[]) {
                prop_assert_eq!(plain(&unwrapped.text), plain(&text));
                let at = (0..=seed * 7 % (text.len() + 1)).rev().find(|at| text.is_char_boundary(*at)).unwrap();
                let place = unwrapped.place(at);
                prop_assert!(unwrapped.text.is_char_boundary(place));
                prop_assert_eq!(plain(&unwrapped.text[place..]), plain(&text[at..]));
            }
        }
    }
}
