//! What a single line says it is: the rules that tell a heading from a sentence. For the finder, and for titles.

use super::number;
use super::words::{self, Level};
use crate::matter;
use epitome_model::LeftOutReason;

/// Longest heading line in Unicode scalar values.
const LONGEST: usize = 150;
/// Longest heading line where there are no spaces between words.
const LONGEST_CJK: usize = 40;

/// How a heading is written; headings of one style form a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Style {
    /// A heading word with a number.
    Word(Level),
    /// A heading that is a name, such as "Prologue".
    Named,
    /// Contents, index, licence and the like.
    LeftOut(LeftOutKey),
    /// "1. Title".
    Digits,
    /// "IV. Title".
    Roman,
    /// A number alone on its line.
    BareDigits,
    BareRoman,
    BareWord,
    /// A title that a printed list of contents names.
    Listed,
}

/// [`LeftOutReason`] as a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeftOutKey {
    Contents,
    Index,
    Licence,
    Notes,
}

/// A line that may be a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    pub style: Style,
    pub number: Option<u32>,
    /// Whether there is more than word and number.
    pub titled: bool,
}

impl Line {
    /// Whether a word says that it heads a chapter.
    pub fn is_chapter(&self) -> bool {
        self.style == Style::Word(Level::Chapter)
    }

    /// Whether it heads a part, book or volume rather than a chapter.
    pub fn is_part(&self) -> bool {
        matches!(self.style, Style::Word(level) if level < Level::Chapter)
    }
}

/// What `text`, one line, says it is; `None` for anything that reads like a sentence.
pub fn line(text: &str) -> Option<Line> {
    let text = text.trim();
    if is_bullet(text) {
        return None;
    }
    let text = undecorated(text);
    if text.is_empty() || text.len() > LONGEST * 4 || text.chars().count() > LONGEST {
        return None;
    }
    // Spaces that do not break, or are as wide as a letter, are spaces.
    if text.contains(|c: char| c.is_whitespace() && c != ' ') {
        let plain: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        return kind(&plain);
    }
    kind(text)
}

fn kind(text: &str) -> Option<Line> {
    let (inner, behind) = unbracketed(text);
    if behind.is_empty() || behind.starts_with(char::is_whitespace) {
        let found = cjk(inner).or_else(|| worded(inner)).or_else(|| named(inner)).or_else(|| numbered(inner))?;
        // "[1] A note" is one; "[Chapter 1] The Storm" is a heading.
        let counted = inner.len() == text.len() || matches!(found.style, Style::Word(_) | Style::Named);
        let titled = found.titled || has_letters(behind);
        return (counted || behind.is_empty()).then_some(Line { titled, ..found });
    }
    None
}

/// A line without the marks around it: "--- Chapter 1 ---", "~ 7 ~", "**Prologue**".
pub fn undecorated(text: &str) -> &str {
    let text = text.trim_matches(|c| matches!(c, '_' | '*' | '=' | '~' | '#' | '\u{FEFF}')).trim();
    let mark = |c: char| matches!(c, '-' | '–' | '—' | '─' | '━' | '·' | '•' | '+' | '◆' | '★' | '☆' | '※');
    if text.starts_with(mark) && text.ends_with(mark) { text.trim_matches(mark).trim() } else { text }
}

/// What stands in brackets at the start of a line, and what follows; the whole line where there are none.
fn unbracketed(text: &str) -> (&str, &str) {
    const PAIRS: [(char, char); 5] = [('[', ']'), ('【', '】'), ('〔', '〕'), ('<', '>'), ('「', '」')];
    let pair = PAIRS.iter().find_map(|(open, close)| text.strip_prefix(*open)?.split_once(*close));
    pair.map_or((text, ""), |(inner, behind)| (inner.trim(), behind))
}

/// "* 1. Scope": an entry of a list. "* 1 *" and "- 7 -" are not.
fn is_bullet(text: &str) -> bool {
    let mut chars = text.chars();
    let mark = chars.next().filter(|mark| "*-+•·‣◦–".contains(*mark));
    mark.is_some_and(|mark| chars.next().is_some_and(char::is_whitespace) && !text.ends_with(mark))
}

/// `第十二章 标题`, `제3장`, `卷一`, `上卷`.
fn cjk(text: &str) -> Option<Line> {
    if let Some(found) = volume(text) {
        return Some(found);
    }
    let after = text.strip_prefix(['第', '제']).or_else(|| text.strip_prefix("正文 第"));
    let digits = text.chars().next().is_some_and(|c| number::digits(c.encode_utf8(&mut [0; 4])).is_some());
    let rest = after.unwrap_or(text).trim_start();
    let end = rest.find(|c: char| !(c.is_numeric() || "零〇一二三四五六七八九十百千两兩廿".contains(c)))?;
    let value = number::digits(&rest[..end]).or_else(|| number::chinese(&rest[..end]));
    let rest = rest[end..].trim_start();
    let counter = rest.chars().next()?;
    let level = words::cjk_counter(counter)?;
    let mut rest = &rest[counter.len_utf8()..];
    // `第二部分` is a part as `第二部` is.
    let whole = rest.strip_prefix('分').filter(|_| counter == '部');
    rest = whole.unwrap_or(rest);
    // Without the ordinal mark only "1장", "12話" and "3章 标题" are common.
    let ends = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || "：:.".contains(c));
    let is_counted = digits && (('가'..='힣').contains(&counter) || "章話话回".contains(counter) && ends);
    if value.is_none() || (after.is_none() && !is_counted) {
        return None;
    }
    let title = rest.trim_start_matches(|c: char| c.is_whitespace() || "：:、.．·—-".contains(c));
    let glued = title.len() == rest.len() && !title.is_empty();
    let sentence = title.contains('。')
        || title.ends_with(['，', ',', '；', '、', '：'])
        || title.ends_with("다.")
        || (title.ends_with("다") && !rest.starts_with(['.', ':', '：']));
    if sentence || (glued && goes_on(title)) || title.chars().count() > LONGEST_CJK {
        return None;
    }
    Some(Line { style: Style::Word(level), number: value, titled: !title.is_empty() })
}

/// Whether a title without space before it is the rest of a sentence: `第三章里`, `第二章中他说`, `제1장은`.
fn goes_on(title: &str) -> bool {
    const ALWAYS: &str = "里裡的写寫はが이가은는을를의에がのでにをもと课課宗者队隊，,。";
    const MAYBE: &str = "中是说說讲講内內后後前末时時分合";
    let mut chars = title.chars();
    let (first, second) = (chars.next().unwrap_or(' '), chars.next());
    let marks = title.contains(['，', '？', '！', ',', '?', '!']);
    let pronoun = second.is_none_or(|c| "的他她它我你们們有也都就，".contains(c));
    ALWAYS.contains(first) || MAYBE.contains(first) && (marks || pronoun) || title.contains('，')
}

/// `卷一`, `卷三 风起`, `上卷`, `下巻`.
fn volume(text: &str) -> Option<Line> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || "：:".contains(c));
    let line = |level, value, rest: &str| {
        let fits = ends(rest) && rest.chars().count() <= LONGEST_CJK && !rest.contains(['。', '，']);
        fits.then(|| Line { style: Style::Word(level), number: value, titled: has_letters(rest) })
    };
    if let Some(rest) = text.strip_prefix(['卷', '巻']) {
        let rest = rest.strip_prefix('之').unwrap_or(rest).trim_start();
        let end = rest.find(|c: char| !c.is_numeric() && number::chinese(c.encode_utf8(&mut [0; 4])).is_none());
        let (value, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let value = number::digits(value).or_else(|| number::chinese(value))?;
        return line(Level::Volume, Some(value), rest);
    }
    let mut chars = text.chars();
    let place = (1..).zip("上下".chars()).find(|(_, c)| text.starts_with(*c)).map(|(place, _)| place);
    let place = place.or_else(|| text.starts_with('中').then_some(2))?;
    let counter = chars.nth(1).filter(|c| "卷巻冊册部篇編编".contains(*c))?;
    line(words::cjk_counter(counter)?, Some(place), chars.as_str())
}

/// "Chapter 12", "CHAPTER XII. Title", "Chapter the First", "Erstes Kapitel", "Глава первая".
fn worded(text: &str) -> Option<Line> {
    let start = text.chars().next()?;
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    if start.is_lowercase() {
        return uncapitalised(text, end);
    }
    if let Some(level) = words::level(&text[..end]) {
        let capitals = text[..end].chars().all(|c| !c.is_lowercase());
        let rest = text[end..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '.' | '#' | '№' | 'º'));
        let rest = strip_article(rest);
        let (value, used) = number::leading(rest)?;
        // "Part one of the plan" is a sentence, "Part One" is not.
        let small = rest.chars().next().is_some_and(char::is_lowercase) && number::digits(&rest[..used]).is_none();
        let rest = rest[used..].trim_start_matches(['º', 'ª', '°']);
        // "Section 1.6, "Files", says so": a reference.
        let dotted = rest.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        if dotted.len() < rest.len() && dotted.starts_with(',') {
            return None;
        }
        // "Scene II. A room in the castle." says where it plays.
        let scene = words::is_scene(&text[..end]) && rest.starts_with(['.', ':']);
        if !(closes(rest, capitals) || scene) || (small && capitals) {
            return None;
        }
        return Some(Line { style: Style::Word(level), number: Some(value), titled: has_letters(rest) });
    }
    // The number comes first: "Second Part", "Erstes Kapitel", "1. Kapitel".
    let (value, used) = number::leading(strip_article(text))?;
    let rest = strip_article(text)[used..].trim_start_matches(['.', ' ', 'º', 'ª', '\u{A0}']);
    let end = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
    let level = words::level(&rest[..end])?;
    let first_capital = rest.chars().next().is_some_and(|c| !c.is_lowercase());
    let capitals = rest[..end].chars().all(|c| !c.is_lowercase());
    let rest = &rest[end..];
    let alone = rest.trim().is_empty() || rest.trim_start().starts_with(['.', ':', '—', '–', '-']);
    (alone && closes(rest, capitals) && (first_capital || rest.trim_matches(['.', ' ']).is_empty())).then_some(Line {
        style: Style::Word(level),
        number: Some(value),
        titled: has_letters(rest),
    })
}

/// "chapter 1", "chapter iv: the storm": without capitals only a word of chapters with a number in signs, and a title
/// behind a mark.
fn uncapitalised(text: &str, end: usize) -> Option<Line> {
    let level = words::level(&text[..end]).filter(|_| words::heads_alone(&text[..end]))?;
    let (value, used) = number::leading(text[end..].strip_prefix(' ')?)?;
    let (word, rest) = text[end + 1..].split_at(used);
    let signs = number::digits(word).or_else(|| number::roman(word)).is_some();
    let rest = rest.trim();
    let marked = rest.is_empty() || rest.starts_with([':', '—', '–', '-', '.']);
    let fits = signs && marked && !rest.ends_with([',', ';', '?', '!']) && (rest.len() <= 1 || !rest.ends_with('.'));
    fits.then(|| Line { style: Style::Word(level), number: Some(value), titled: has_letters(rest) })
}

fn strip_article(text: &str) -> &str {
    ["the ", "The ", "THE ", "la ", "La ", "LA ", "le ", "Le ", "el ", "El ", "das ", "Das "]
        .iter()
        .find_map(|article| text.strip_prefix(article))
        .unwrap_or(text)
}

/// "Prologue", "EPILOGUE: 1813", "Second Epilogue", "Appendix A", "Etymology."
fn named(text: &str) -> Option<Line> {
    if text.chars().next()?.is_lowercase() {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || ".:;—–-*_[]【】「」".contains(c);
    let mut whole = text.trim_matches(ends);
    if let Some((before, inside)) = whole.split_once('(')
        && inside.ends_with(')')
    {
        whole = before.trim_matches(ends);
    }
    if let Some(key) = left_out(whole) {
        return Some(Line { style: Style::LeftOut(key), number: None, titled: false });
    }
    if words::is_named(whole) {
        return Some(Line { style: Style::Named, number: None, titled: false });
    }
    // With a number before or after, or a title after a mark.
    if let Some((value, used)) = number::leading(whole)
        && words::is_named(whole[used..].trim())
    {
        return Some(Line { style: Style::Named, number: Some(value), titled: false });
    }
    if let Some((name, rest)) = whole.rsplit_once(' ')
        && words::is_named(name.trim_matches(ends))
        && (rest.chars().count() == 1 && rest.chars().all(char::is_uppercase)
            || number::leading(rest).is_some_and(|(_, used)| used == rest.len()))
    {
        return Some(Line {
            style: Style::Named,
            number: number::leading(rest).map(|(value, _)| value),
            titled: false,
        });
    }
    // "付録A Tools".
    if let Some(at) = whole.find(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
        && whole[..at].chars().next_back().is_some_and(|c| !c.is_ascii())
        && words::is_named(&whole[..at])
        && whole[at + 1..].chars().next().is_none_or(char::is_whitespace)
        && whole.chars().count() <= LONGEST_CJK
    {
        return Some(Line { style: Style::Named, number: None, titled: at + 1 < whole.len() });
    }
    if let Some(found) = named_cjk(whole) {
        return Some(found);
    }
    let (name, title) = whole
        .split_once([':', '：', '—', '–'])
        .or_else(|| whole.split_once(". "))
        .or_else(|| whole.split_once(" - "))?;
    // "Appendix A. Tools", "Interlude 2: Rain".
    let ordinal = |word: &str| {
        word.chars().count() == 1 && word.chars().all(char::is_uppercase)
            || number::leading(word).is_some_and(|(_, used)| used == word.len())
    };
    let name = name.trim();
    let lettered = name.rsplit_once(' ').filter(|(_, last)| ordinal(last)).map_or(name, |(before, _)| before.trim());
    let fits = (words::is_named(name) || words::is_named(lettered)) && closes(&format!(": {}", title.trim()), false);
    fits.then_some(Line { style: Style::Named, number: None, titled: true })
}

/// `楔子 风雪`, `番外一`, `番外篇3 雪夜`.
fn named_cjk(whole: &str) -> Option<Line> {
    let (name, title) = whole.split_once(char::is_whitespace).unwrap_or((whole, ""));
    if !name.starts_with(|c: char| c >= '\u{2E80}') || whole.chars().count() > LONGEST_CJK {
        return None;
    }
    let stem = name.trim_end_matches(|c: char| c.is_numeric() || number::chinese(c.encode_utf8(&mut [0; 4])).is_some());
    let counter = &name[stem.len()..];
    let value = number::digits(counter).or_else(|| number::chinese(counter));
    let plain = !title.contains(['。', '，', '、', '？']) && !title.ends_with("다");
    let fits = words::is_named(stem) && plain && (counter.is_empty() || value.is_some());
    fits.then_some(Line { style: Style::Named, number: value, titled: !title.is_empty() })
}

fn left_out(whole: &str) -> Option<LeftOutKey> {
    match matter::by_title(whole)? {
        LeftOutReason::Contents => Some(LeftOutKey::Contents),
        LeftOutReason::Index => Some(LeftOutKey::Index),
        LeftOutReason::Licence => Some(LeftOutKey::Licence),
        LeftOutReason::Notes => Some(LeftOutKey::Notes),
        _ => None,
    }
}

/// "1. Title", "IV. TITLE", "XII", "12", "Twenty-One".
fn numbered(text: &str) -> Option<Line> {
    let text = text.trim_matches(|c: char| matches!(c, '-' | '–' | '—' | '[' | ']' | ' ' | '§'));
    let (value, used) = number::leading(text)?;
    let (word, rest) = text.split_at(used);
    let kind = if number::digits(word).is_some() {
        (Style::Digits, Style::BareDigits)
    } else if number::roman(word).is_some() && word.chars().all(|c| !c.is_lowercase()) {
        (Style::Roman, Style::BareRoman)
    } else {
        let capital = word.chars().next().is_some_and(|c| !c.is_lowercase());
        (Style::BareWord, if capital { Style::BareWord } else { return None })
    };
    if rest.trim_matches(['.', ' ', ')', '。', '、']).is_empty() {
        return Some(Line { style: kind.1, number: Some(value), titled: false });
    }
    let mark = |c: char| matches!(c, '.' | ')' | ':' | '、' | '．' | '：' | '—' | '–' | '|');
    let dashed = || rest.strip_prefix(' ')?.strip_prefix(['—', '–', '-', '|', ':'])?.strip_prefix(' ');
    if let Some(title) = rest.strip_prefix(mark).or_else(dashed) {
        let title = title.trim_start_matches(['-', '—', '–', ' ']);
        return is_title(title)
            .then_some(Line { style: han(word).unwrap_or(kind.0), number: Some(value), titled: true })
            .filter(|line| line.style != Style::BareWord);
    }
    // "1 The Boy": without a mark only digits, and a title that looks like one.
    let title = rest.strip_prefix(' ').filter(|title| {
        kind.0 == Style::Digits && is_title(title) && capitalised(title) && !title.ends_with(['.', '!', '?'])
    });
    title.map(|_| Line { style: Style::Digits, number: Some(value), titled: true })
}

/// Style of numbers in Chinese characters: `三、风起`.
fn han(word: &str) -> Option<Style> {
    number::chinese(word).filter(|_| number::digits(word).is_none()).map(|_| Style::Roman)
}

/// Whether what follows a number is a title: "1.2 Title" is a subsection; an item of a list ends as a sentence does or
/// goes on.
fn is_title(title: &str) -> bool {
    let plain = title.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_numeric());
    let short = title.chars().count() <= 80 && !title.ends_with([';', ',', ':', '，', '；', '。']);
    let sentence = title.ends_with('.') && title.split_whitespace().count() > 4 && !title_case(title);
    plain && short && !sentence && !title.contains('，')
}

/// Whether what follows word and number can end a heading: nothing, or a mark and a title, or a title in capitals.
fn closes(rest: &str, capitals: bool) -> bool {
    let trimmed = rest.trim();
    let Some(first) = trimmed.chars().next() else { return true };
    let marks = |c: char| ".:;—–-)]|·،、：．，,―".contains(c) || c.is_whitespace();
    let title = trimmed.trim_start_matches(marks);
    if title.is_empty() {
        return true;
    }
    if title.ends_with([',', ';']) {
        return false;
    }
    let words = title.split_whitespace().count();
    let ends = title.ends_with('.');
    if !marks(first) {
        let spaced = rest.starts_with(char::is_whitespace);
        let capital =
            !first.is_lowercase() && (first.is_alphabetic() || first.is_numeric() || "“\"«„‘'(¿¡".contains(first));
        return spaced && capital && !(ends && words > 3 && !capitals);
    }
    if first == ',' {
        return capitals && !ends;
    }
    if title.chars().next().is_some_and(char::is_lowercase) {
        return capitals || (!ends && words <= 8);
    }
    capitals || !ends || words <= 4 || title_case(title)
}

/// Whether most longer words begin with a capital.
fn title_case(title: &str) -> bool {
    let long = || title.split_whitespace().filter(|word| word.chars().count() > 3);
    let capital = long().filter(|word| {
        word.trim_start_matches(|c: char| !c.is_alphabetic()).chars().next().is_some_and(char::is_uppercase)
    });
    capital.count() * 2 > long().count()
}

/// Whether all longer words begin with a capital.
fn capitalised(title: &str) -> bool {
    title.split_whitespace().all(|word| word.chars().count() <= 3 || !word.starts_with(char::is_lowercase))
}

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests;
