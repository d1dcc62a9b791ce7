//! One Markdown file for a book. What comes from the book or a model is escaped: it can be read, not run.

use std::collections::BTreeSet;
use std::fmt::Write;

use epitome_model::ChapterState;

use crate::book::{BookExport, ChapterExport};

/// The book as Markdown.
pub fn markdown(book: &BookExport) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = write_book(&mut text, book);
    text
}

fn write_book(text: &mut String, book: &BookExport) -> std::fmt::Result {
    writeln!(text, "# {}\n", escape(&line(&book.title)))?;
    if !book.authors.is_empty() {
        writeln!(text, "By {}.\n", escape(&line(&book.authors.join(", "))))?;
    }
    writeln!(text, "{}\n", coverage(book))?;
    writeln!(text, "{}\n", written_by(book))?;
    if let Some(synopsis) = &book.synopsis {
        writeln!(text, "## Synopsis\n\n{}\n", prose(synopsis))?;
    }
    let mut within: Option<&str> = None;
    for (chapter, part) in book.chapters.iter().zip(&book.parts) {
        let part = part.as_deref();
        if part != within {
            match part {
                Some(part) => writeln!(text, "## {}\n", escape(&line(part)))?,
                // A chapter after the last part must not look like one of it.
                None => writeln!(text, "---\n")?,
            }
        }
        within = part;
        write_chapter(text, chapter)?;
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.push('\n');
    Ok(())
}

fn write_chapter(text: &mut String, chapter: &ChapterExport) -> std::fmt::Result {
    let source = line(&chapter.source_title);
    let title = chapter.title.as_deref().map(line).filter(|title| !title.is_empty());
    match title.filter(|title| *title != source) {
        Some(title) => writeln!(text, "### {}. {}\n\n{}\n", chapter.number, escape(&title), escape(&source))?,
        None => writeln!(text, "### {}. {}\n", chapter.number, escape(&source))?,
    }
    if let Some(preview) = &chapter.preview {
        let preview = escape(&line(preview));
        if !preview.is_empty() {
            writeln!(text, "*{preview}*\n")?;
        }
    }
    match (&chapter.summary, chapter.state, &chapter.error) {
        (Some(summary), ..) => writeln!(text, "{}\n", prose(summary)),
        (None, ChapterState::Failed, Some(error)) => {
            let reason = escape(&line(&format!("{} {}", error.message, error.hint)));
            writeln!(text, "> This chapter could not be summarised. {reason}\n")
        }
        _ => writeln!(text, "> This chapter is not summarised yet.\n"),
    }
}

fn coverage(book: &BookExport) -> String {
    let coverage = &book.coverage;
    let left: u32 = coverage.left_out.iter().map(|part| part.chars).sum();
    let chapters = coverage.source_chars - left.min(coverage.source_chars);
    let share = match chapters {
        0 => 100.0,
        _ => f64::from(coverage.summarised_chars) * 100.0 / f64::from(chapters),
    };
    // Rounding must not make a book look whole that is not.
    let share = if coverage.summarised_chars < chapters { share.min(99.9) } else { share };
    let share = if share >= 100.0 { "100".to_owned() } else { format!("{share:.1}") };
    let mut words = format!("{share} % of {} characters in {} chapters", grouped(chapters), book.chapters.len());
    if !coverage.left_out.is_empty() {
        let reasons: BTreeSet<&str> = coverage.left_out.iter().map(|part| part.reason).collect();
        let reasons = reasons.into_iter().collect::<Vec<_>>().join(", ");
        let _ =
            write!(words, "; {} left out ({reasons}, {} characters)", counted(coverage.left_out.len()), grouped(left));
    }
    words + "."
}

fn written_by(book: &BookExport) -> String {
    let who: BTreeSet<(&str, &str)> =
        book.chapters.iter().filter_map(|chapter| Some((chapter.provider?, chapter.model.as_deref()?))).collect();
    let names: Vec<String> = who
        .into_iter()
        .map(|(provider, model)| match provider {
            "built-in" => "the built-in summariser, which picks sentences of the book and uses no model".to_owned(),
            _ => escape(model),
        })
        .collect();
    if names.is_empty() { "Not summarised yet.".to_owned() } else { format!("Summarised by {}.", names.join(" and ")) }
}

fn counted(parts: usize) -> String {
    if parts == 1 { "1 part".to_owned() } else { format!("{parts} parts") }
}

/// 2435062 as 2,435,062.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Paragraphs and lists, escaped; emphasis is shown as the model wrote it.
fn prose(text: &str) -> String {
    let mut blocks: Vec<String> = Vec::new();
    let mut after: Option<Line> = None;
    for row in text.lines().map(line) {
        let (kind, written) = match (row.is_empty(), list_mark(&row)) {
            (true, _) => {
                after = None;
                continue;
            }
            (false, Some(mark)) => (Line::Item, format!("{mark} {}", escape(row[mark.len()..].trim_start()))),
            (false, None) => (Line::Plain, escape(&row)),
        };
        match blocks.last_mut().filter(|_| after == Some(kind)) {
            Some(block) => {
                block.push(if kind == Line::Item { '\n' } else { ' ' });
                block.push_str(&written);
            }
            None => blocks.push(written),
        }
        after = Some(kind);
    }
    blocks.join("\n\n")
}

#[derive(Clone, Copy, PartialEq)]
enum Line {
    Plain,
    Item,
}

/// The mark of a list item at the start of a line: `-`, `*`, `+`, `1.` or `1)`, with a space after it. Longer numbers
/// are years that end a sentence more often than marks.
fn list_mark(row: &str) -> Option<&str> {
    let (mark, _) = row.split_once(' ')?;
    let number = mark.strip_suffix(['.', ')']);
    let numbered =
        number.is_some_and(|digits| matches!(digits.len(), 1 | 2) && digits.bytes().all(|byte| byte.is_ascii_digit()));
    (numbered || matches!(mark, "-" | "*" | "+")).then_some(mark)
}

/// Takes the meaning from characters that Markdown or HTML would read.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(letter);
            }
            _ => escaped.push(letter),
        }
    }
    // `1. ` and `- ` begin lists only at a line's start.
    let digits = escaped.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let number = escaped.len() - digits.len();
    if number > 0 && digits.starts_with(['.', ')']) {
        escaped.insert(number, '\\');
    } else if escaped.starts_with(['-', '+', '=']) {
        escaped.insert(0, '\\');
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::{CoverageExport, LeftOutExport};
    use epitome_model::{ErrorCode, WireError};

    fn chapter(number: u32, title: &str) -> ChapterExport {
        ChapterExport {
            number,
            source_title: format!("Chapter {number}"),
            title: Some(title.into()),
            preview: Some("What happens.".into()),
            summary: Some("One paragraph.\n\nAnother one.".into()),
            chars: 1000,
            pieces: 1,
            state: ChapterState::Done,
            error: None,
            provider: Some("ollama"),
            model: Some("llama3.1:8b".into()),
        }
    }

    fn book() -> BookExport {
        let failed = ChapterExport {
            title: None,
            preview: None,
            summary: None,
            state: ChapterState::Failed,
            error: Some(WireError::new(ErrorCode::Looping, "The model repeated itself.", "Try another model.")),
            provider: None,
            model: None,
            ..chapter(2, "")
        };
        BookExport {
            title: "A <b>Book</b>".into(),
            authors: vec!["An Author".into(), "Another".into()],
            language: Some("en".into()),
            coverage: CoverageExport {
                source_chars: 2_100,
                summarised_chars: 1_000,
                left_out: vec![LeftOutExport { title: "Cover".into(), chars: 100, reason: "cover" }],
            },
            synopsis: Some("All of it.".into()),
            chapters: vec![chapter(1, "The *first* one"), failed],
            parts: vec![Some("Part One".into()), Some("Part One".into())],
        }
    }

    #[test]
    fn a_book_reads_as_a_book() {
        let expected = "\
# A &lt;b&gt;Book&lt;/b&gt;

By An Author, Another.

50.0 % of 2,000 characters in 2 chapters; 1 part left out (cover, 100 characters).

Summarised by llama3.1:8b.

## Synopsis

All of it.

## Part One

### 1. The \\*first\\* one

Chapter 1

*What happens.*

One paragraph.

Another one.

### 2. Chapter 2

> This chapter could not be summarised. The model repeated itself. Try another model.
";
        assert_eq!(markdown(&book()), expected);
    }

    #[test]
    fn a_book_is_whole_only_when_every_character_is_summarised() {
        let mut nearly = book();
        nearly.coverage.summarised_chars = 1_999;
        assert!(markdown(&nearly).contains("99.9 % of 2,000"));
        nearly.coverage.summarised_chars = 2_000;
        assert!(markdown(&nearly).contains("100 % of 2,000"));
    }

    #[test]
    fn the_built_in_summariser_is_named_for_what_it_is() {
        let mut plain = book();
        plain.chapters[0].provider = Some("built-in");
        assert!(markdown(&plain).contains("built-in summariser, which picks sentences"));
    }

    #[test]
    fn paragraphs_and_lists_stay_what_they_are() {
        for (text, written) in [
            ("One.\nStill one.\n\nTwo.", "One. Still one.\n\nTwo."),
            ("One.\r\n \r\nTwo.", "One.\n\nTwo."),
            ("Three things:\n- a <b>\n- c\nEnd.", "Three things:\n\n- a &lt;b&gt;\n- c\n\nEnd."),
            ("1. a\n2. b", "1. a\n2. b"),
            ("It was\n1984. A year.", "It was 1984\\. A year."),
            ("- - -", "- \\- -"),
            ("***", "\\*\\*\\*"),
            ("", ""),
        ] {
            assert_eq!(prose(text), written, "{text:?}");
        }
    }

    #[test]
    fn a_chapter_after_the_last_part_does_not_look_like_one_of_it() {
        let mut after = book();
        after.parts = vec![Some("Part One".into()), None];
        assert!(markdown(&after).contains("Another one.\n\n---\n\n### 2. Chapter 2"));
    }

    #[test]
    fn a_reason_cannot_leave_its_quotation() {
        let mut broken = book();
        if let Some(error) = &mut broken.chapters[1].error {
            error.message = "First.\n\n# Not a heading".into();
        }
        assert!(markdown(&broken).contains("summarised. First. \\# Not a heading Try another model.\n"));
    }

    #[test]
    fn nothing_in_a_summary_becomes_markup() {
        for (text, escaped) in [
            ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
            ("[link](javascript:x)", "\\[link\\](javascript:x)"),
            ("1. first", "1\\. first"),
            ("- item", "\\- item"),
            ("# heading", "\\# heading"),
            ("1984 was a year", "1984 was a year"),
        ] {
            assert_eq!(escape(text), escaped);
        }
    }
}
