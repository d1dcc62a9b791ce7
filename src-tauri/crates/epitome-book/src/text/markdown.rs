//! Headings and front matter of Markdown files. For the text reader.

use std::ops::Range;

use epitome_model::BookMeta;

use crate::heading;
use crate::language;
use crate::matter;
use crate::outline::{Mark, Role};

/// The YAML block at the start of a file.
pub struct FrontMatter {
    /// Byte after it.
    pub end: usize,
    pub meta: BookMeta,
}

/// Whether a file's name says that it is Markdown.
pub fn is_named(file_name: &str) -> bool {
    let ending = file_name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    matches!(ending.as_str(), "md" | "markdown" | "mdown" | "mkd" | "mkdn")
}

/// Fewest headings by which a text is Markdown, whatever its name.
const HEADINGS: usize = 3;

/// Whether a text is Markdown by its shape: it has headings marked as Markdown marks them, apart from other text.
pub fn looks_so(text: &str) -> bool {
    let mut blank = true;
    let mut headings = 0;
    for line in text.lines() {
        let rest = line.trim_start_matches('#');
        let marks = line.len() - rest.len();
        let title = rest.strip_prefix(' ').is_some_and(|title| title.contains(char::is_alphabetic));
        headings += usize::from((1..=6).contains(&marks) && blank && title);
        if headings == HEADINGS {
            return true;
        }
        blank = line.trim().is_empty();
    }
    false
}

/// The YAML block between `---` lines at the start of `text`, if there is one.
pub fn front_matter(text: &str) -> Option<FrontMatter> {
    let inner = text.strip_prefix("---\n")?;
    let mut at = 4;
    let mut meta = BookMeta::default();
    for line in inner.split_inclusive('\n') {
        at += line.len();
        let line = line.trim_end();
        if line == "---" || line == "..." {
            return Some(FrontMatter { end: at, meta });
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        let value = value.trim().trim_matches(['"', '\'', '[', ']']).trim();
        match key.trim().to_ascii_lowercase().as_str() {
            _ if value.is_empty() => {}
            "title" => value.clone_into(&mut meta.title),
            "author" | "authors" | "creator" => {
                meta.authors = value.split(',').map(|name| name.trim().trim_matches(['"', '\'']).to_owned()).collect();
            }
            "lang" | "language" => meta.language = language::tag(value),
            _ => {}
        }
    }
    None
}

struct Heading {
    at: usize,
    level: u8,
    title: String,
}

/// Marks of the headings of `body`, by the level that carries the chapters: several tries, the best first. A single
/// heading above all others is the book's title.
pub fn marks(text: &str, body: Range<usize>, meta: &mut BookMeta) -> Vec<Vec<Mark>> {
    let mut headings = headings(text, body);
    let top = headings.iter().map(|heading| heading.level).min();
    let count = |level| headings.iter().filter(|heading| heading.level == level).count();
    if let Some(top) = top
        && count(top) == 1
        && headings.len() > 1
        && headings[0].level == top
    {
        let first = headings.remove(0);
        if meta.title.is_empty() {
            meta.title = first.title;
        }
    }
    let mut levels: Vec<u8> = headings.iter().map(|heading| heading.level).collect();
    levels.sort_unstable();
    levels.dedup();
    // Parts above chapters: where the upper level says that it is parts, the level below comes first.
    if let [upper, lower, ..] = levels[..]
        && headings.iter().filter(|heading| heading.level == upper).all(|heading| is_part(&heading.title))
    {
        levels.swap(0, 1);
        debug_assert!(upper < lower, "levels are sorted");
    }
    levels.into_iter().take(3).map(|level| by_level(&headings, level)).collect()
}

fn is_part(title: &str) -> bool {
    heading::line(title).is_some_and(|line| line.is_part()) || matter::by_title(title).is_some()
}

fn by_level(headings: &[Heading], level: u8) -> Vec<Mark> {
    let mut parts: Vec<(u8, &str)> = Vec::new();
    let mut marks = Vec::new();
    for heading in headings.iter().filter(|heading| heading.level <= level) {
        parts.retain(|(above, _)| *above < heading.level);
        let part = parts.iter().map(|(_, title)| *title).collect::<Vec<_>>().join(", ");
        let role = match matter::by_title(&heading.title) {
            Some(reason) => Role::LeftOut(reason),
            _ if heading.level < level => Role::Parent,
            _ => Role::Chapter,
        };
        parts.push((heading.level, &heading.title));
        marks.push(Mark {
            at: heading.at,
            title: heading.title.clone(),
            part: Some(part).filter(|part| !part.is_empty()),
            role,
        });
    }
    marks
}

/// ATX and setext headings outside fenced code (<https://spec.commonmark.org/0.31.2/#atx-headings>).
fn headings(text: &str, body: Range<usize>) -> Vec<Heading> {
    let mut found = Vec::new();
    let mut at = body.start;
    let mut fence: Option<char> = None;
    let mut before: Option<(usize, &str)> = None;
    for whole in text[body].split_inclusive('\n') {
        let line = whole.trim();
        let start = at;
        at += whole.len();
        let opens = ["```", "~~~"].iter().any(|mark| line.starts_with(mark)).then(|| line.chars().next()).flatten();
        if let Some(mark) = opens {
            fence = match fence {
                Some(open) if open == mark => None,
                None => Some(mark),
                other => other,
            };
        }
        let indented = whole.starts_with("    ") || whole.starts_with('\t');
        if fence.is_some() || opens.is_some() || indented {
            before = None;
            continue;
        }
        let hashes = line.len() - line.trim_start_matches('#').len();
        let rest = &line[hashes..];
        if (1..=6).contains(&hashes) && rest.starts_with([' ', '\t']) && !rest.trim().is_empty() {
            let level = u8::try_from(hashes).unwrap_or(6);
            found.push(Heading { at: start, level, title: plain(rest.trim().trim_end_matches('#')) });
            before = None;
            continue;
        }
        let underline = |mark: char| line.len() >= 2 && line.chars().all(|c| c == mark);
        if let Some((start, title)) = before
            && (underline('=') || underline('-'))
        {
            found.push(Heading { at: start, level: if underline('=') { 1 } else { 2 }, title: plain(title) });
            before = None;
            continue;
        }
        before = (!line.is_empty() && before.is_none())
            .then_some((start, line))
            .filter(|_| !line.starts_with(['-', '>', '|']));
    }
    found
}

/// A title without marks of emphasis, links and attributes.
fn plain(title: &str) -> String {
    let title = title.trim();
    let title = title.rsplit_once(" {#").filter(|(_, rest)| rest.ends_with('}')).map_or(title, |(title, _)| title);
    title.replace(['*', '`'], "").replace("__", "").trim_matches(['_', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::text::read;

    fn words() -> String {
        "Plain words of a chapter, enough to stand alone on a page of their own. ".repeat(3)
    }

    #[test]
    fn the_single_top_heading_is_the_title_and_code_holds_no_headings() {
        let text = format!("# My *Book*\n\n## One\n\n{0}\n\n```\n# not a heading\n```\n\nTwo\n---\n\n{0}\n", words());
        let book = read(text.as_bytes(), "b.md").unwrap();
        assert_eq!(book.meta.title, "My Book");
        let titles: Vec<_> = book.chapters().map(|(_, _, section)| section.title.clone()).collect();
        assert_eq!(titles, ["One", "Two"]);
    }

    #[test]
    fn a_text_of_another_name_is_markdown_by_its_headings() {
        let text = format!("# One\n\n{0}\n\n# Two\n\n{0}\n\n# Three\n\n{0}\n\n# Index\n\nRain, 3\n", words());
        let book = read(text.as_bytes(), "b.txt").unwrap();
        let titles: Vec<_> = book.chapters().map(|(_, _, section)| section.title.clone()).collect();
        assert_eq!(
            (book.format, titles),
            (epitome_model::Format::Markdown, vec!["One".into(), "Two".into(), "Three".into()])
        );
        assert!(!super::looks_so("#1\n\n#2\n\n#3\n\n# 4\n\n# 5\n\n# 6\n"));
    }

    #[test]
    fn parts_stand_above_chapters() {
        let text = format!(
            "---\ntitle: \"T\"\nauthor: A, B\nlang: de\n---\n# Part One\n## Chapter 1\n\n{0}\n## Chapter 2\n\n{0}\n# Part Two\n## Chapter 3\n\n{0}\n",
            words()
        );
        let book = read(text.as_bytes(), "b.md").unwrap();
        assert_eq!(
            (book.meta.title.as_str(), book.meta.authors.len(), book.meta.language.as_deref()),
            ("T", 2, Some("de"))
        );
        let parts: Vec<_> = book.chapters().map(|(_, _, section)| section.part.clone().unwrap_or_default()).collect();
        assert_eq!(parts, ["Part One", "Part One", "Part Two"]);
    }
}
