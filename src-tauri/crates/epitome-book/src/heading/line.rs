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
    let text = text.trim_matches(|c| matches!(c, '_' | '*' | '=' | '~' | '#' | '\u{FEFF}')).trim();
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
    cjk(text).or_else(|| worded(text)).or_else(|| named(text)).or_else(|| numbered(text))
}

/// "* 1. Scope": an entry of a list. "* 1 *" and "- 7 -" are not.
fn is_bullet(text: &str) -> bool {
    let mut chars = text.chars();
    let mark = chars.next().filter(|mark| "*-+•·‣◦–".contains(*mark));
    mark.is_some_and(|mark| chars.next().is_some_and(char::is_whitespace) && !text.ends_with(mark))
}

/// `第十二章 标题`, `제3장`, `卷一`.
fn cjk(text: &str) -> Option<Line> {
    let after = text.strip_prefix(['第', '제']).or_else(|| text.strip_prefix("正文 第"));
    let korean = text.chars().next().is_some_and(|c| c.is_ascii_digit() || c == '제');
    let rest = after.unwrap_or(text).trim_start();
    let end = rest.find(|c: char| !(c.is_numeric() || "零〇一二三四五六七八九十百千两兩廿".contains(c)))?;
    let value = number::digits(&rest[..end]).or_else(|| number::chinese(&rest[..end]));
    let rest = rest[end..].trim_start();
    let counter = rest.chars().next()?;
    let level = words::cjk_counter(counter)?;
    // Without the ordinal mark only the Korean way, "1장", is common.
    if value.is_none() || (after.is_none() && !(korean && ('가'..='힣').contains(&counter))) {
        return None;
    }
    let rest = &rest[counter.len_utf8()..];
    let title = rest.trim_start_matches(|c: char| c.is_whitespace() || "：:、.．·—-".contains(c));
    let glued = title.len() == rest.len() && !title.is_empty();
    let continues = |c: char| {
        "里裡中的是说說讲講写寫内內后後前末时時は이가은는을를의에がのでにをもと分课課合宗者队隊，,。".contains(c)
    };
    let sentence = title.contains('。')
        || title.ends_with(['，', ',', '；', '、', '：'])
        || title.ends_with("다.")
        || (title.ends_with("다") && !rest.starts_with(['.', ':', '：']));
    if sentence
        || (glued && title.starts_with(continues))
        || (glued && title.contains('，'))
        || title.chars().count() > LONGEST_CJK
    {
        return None;
    }
    Some(Line { style: Style::Word(level), number: value, titled: !title.is_empty() })
}

/// "Chapter 12", "CHAPTER XII. Title", "Chapter the First", "Erstes Kapitel", "Глава первая".
fn worded(text: &str) -> Option<Line> {
    let start = text.chars().next()?;
    if start.is_lowercase() {
        return None;
    }
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
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
        if !closes(rest, capitals) || (small && capitals) {
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
    let title = rest.strip_prefix(['.', ')', ':', '、', '．', '：', '—', '–'])?;
    let title = title.trim_start_matches(['-', '—', '–', ' ']);
    // "1.2 Title" is a subsection; a list item ends as a sentence does or goes on.
    let plain = title.chars().next().is_some_and(|c| !c.is_lowercase() && !c.is_numeric());
    let short = title.chars().count() <= 80 && !title.ends_with([';', ',', ':']);
    let sentence = title.ends_with('.') && title.split_whitespace().count() > 4 && !title_case(title);
    (kind.0 != Style::BareWord && plain && short && !sentence).then_some(Line {
        style: kind.0,
        number: Some(value),
        titled: true,
    })
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

fn has_letters(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> Option<(Style, Option<u32>)> {
        line(text).map(|line| (line.style, line.number))
    }

    #[test]
    fn chapter_headings_of_many_languages_are_known() {
        let chapters = [
            ("Chapter 12", 12),
            ("CHAPTER XII.", 12),
            ("Chapter the First", 1),
            ("CHAPTER I. Down the Rabbit-Hole", 1),
            ("CHAPTER 56. Of the Less Erroneous Pictures of Whales, and the True Pictures of Whaling Scenes.", 56),
            ("Chapter Twenty-One: The Storm", 21),
            ("Kapitel 3", 3),
            ("Erstes Kapitel", 1),
            ("1. Kapitel", 1),
            ("CHAPITRE PREMIER", 1),
            ("Chapitre XXI — Le Départ", 21),
            ("Capítulo segundo", 2),
            ("CAPITOLO III", 3),
            ("Capítulo 4", 4),
            ("ГЛАВА V", 5),
            ("Глава первая", 1),
            ("第十二章 标题", 12),
            ("第3話", 3),
            ("第一回 甄士隐梦幻识通灵", 1),
            ("제1장 시작", 1),
            ("1장", 1),
            ("1장. 데비안에 오신 것을 환영합니다", 1),
            ("الفصل الأول", 1),
            ("الفصل ١٢", 12),
            ("Letter 4", 4),
            ("STAVE ONE", 1),
            ("第１章　はじまり", 1),
            ("**Chapter 7**", 7),
            ("Chapter 3 The Best", 3),
        ];
        for (text, number) in chapters {
            assert_eq!(style(text), Some((Style::Word(Level::Chapter), Some(number))), "{text}");
        }
        for (text, level) in [
            ("PART ONE", Level::Part),
            ("Zweiter Teil", Level::Part),
            ("BOOK II: 1805", Level::Book),
            ("第二卷 风起", Level::Volume),
            ("Часть первая", Level::Part),
            ("Première partie", Level::Part),
        ] {
            assert_eq!(style(text).map(|found| found.0), Some(Style::Word(level)), "{text}");
        }
    }

    #[test]
    fn names_and_numbers_alone_are_known() {
        for text in [
            "Prologue",
            "EPILOGUE",
            "Etymology.",
            "EXTRACTS (Supplied by a Sub-Sub-Librarian).",
            "Second Epilogue",
            "Appendix A",
            "Interlude: The Boy",
            "Appendix A. Installation Howto",
            "Interlude 2: Rain",
            "付録A インストール Howto",
            "付録B",
            "Appendix\u{A0}B.\u{A0}Random Bits",
            "Vorwort",
            "楔子",
            "Эпилог",
            "プロローグ",
            "프롤로그",
            "خاتمة",
        ] {
            assert_eq!(style(text).map(|found| found.0), Some(Style::Named), "{text}");
        }
        assert_eq!(style("XII"), Some((Style::BareRoman, Some(12))));
        assert_eq!(style("- 7 -"), Some((Style::BareDigits, Some(7))));
        assert_eq!(style("1. The Beginning"), Some((Style::Digits, Some(1))));
        assert_eq!(style("IV. A SCANDAL"), Some((Style::Roman, Some(4))));
        assert_eq!(style("CONTENTS."), Some((Style::LeftOut(LeftOutKey::Contents), None)));
    }

    #[test]
    fn sentences_that_begin_like_headings_are_none() {
        let decoys = [
            "Chapter 3 was the best.",
            "Chapter Two, which he had read twice, lay open.",
            "Part of the plan",
            "Part one of the plan failed.",
            "chapter by chapter",
            "Book two tickets",
            "第三章里，他终于明白了。",
            "第一节课开始了",
            "第二部分",
            "Глава 3 была лучшей.",
            "Chapter 5 of the book is missing.",
            "1.2 Scope",
            "Letter 4 came on Monday.",
            "One day he left.",
            "I am here.",
            "Kapitel 3 war das beste.",
            "In chapter 3 he dies.",
            "Chapter Two. That was where he had stopped reading the book.",
            "3. and then the eggs;",
            "Epilogue was never his word.",
            "3장을 읽었다",
            "제3장 그는 집으로 갔다.",
            "付録に書いた",
            "* 1. Scope of This Document",
            "- Chapter 3",
            "Abschnitt 1.6, „Unix-ähnliche Dateien“, sagt mehr.",
            "Section 9.4.15, “The kernel parameters”",
            "Appendix C, Partitioning for Debian. If you are unsure",
        ];
        for text in decoys {
            assert_eq!(line(text), None, "{text}");
        }
    }
}
