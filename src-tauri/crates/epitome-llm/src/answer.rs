//! From a raw answer to title, preview and summary. Forgiving about form, never at the cost of text.

use epitome_model::CallKind;

/// A title longer than this is no title but a sentence that got there by mistake.
const LONGEST_TITLE: usize = 120;

/// A preview longer than this is shortened by whoever shows it; beyond this it is no preview at all.
const LONGEST_PREVIEW: usize = 400;

/// The parts of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    pub title: Option<String>,
    pub preview: Option<String>,
    pub summary: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Title,
    Preview,
    Summary,
}

/// Splits an answer. `wants_title` says whether the form was asked for; without it the whole answer is the summary.
pub fn read_answer(kind: CallKind, wants_title: bool, raw: &str) -> Parts {
    let lines = broken_up(raw.trim());
    let raw = lines.as_str();
    if !wants_title && kind != CallKind::Title {
        return Parts { summary: without_label(raw), ..Parts::default() };
    }
    let (mut title, mut preview) = (None, None);
    let mut summary = String::new();
    let mut open = None;
    for line in raw.lines() {
        match label(line) {
            Some((Field::Title, rest)) if title.is_none() && open != Some(Field::Summary) => {
                title = Some(rest.to_owned());
                open = Some(Field::Title);
            }
            Some((Field::Preview, rest)) if preview.is_none() && open != Some(Field::Summary) => {
                preview = Some(rest.to_owned());
                open = Some(Field::Preview);
            }
            Some((Field::Summary, rest)) if open != Some(Field::Summary) => {
                summary.push_str(rest);
                open = Some(Field::Summary);
            }
            _ => match open {
                // A label may stand on a line of its own, with its text on the next.
                Some(Field::Title) if title.as_deref() == Some("") => title = Some(line.trim().to_owned()),
                Some(Field::Preview) if preview.as_deref() == Some("") => preview = Some(line.trim().to_owned()),
                Some(Field::Title | Field::Preview) if line.trim().is_empty() => {}
                _ => {
                    if !summary.is_empty() {
                        summary.push('\n');
                    }
                    summary.push_str(line);
                }
            },
        }
    }
    let title = title.map(|text| clean(&text)).filter(|text| fits(text, LONGEST_TITLE));
    let preview = preview.map(|text| clean(&text)).filter(|text| fits(text, LONGEST_PREVIEW));
    let summary = summary.trim().to_owned();
    if kind == CallKind::Title {
        return if title.is_none() { unlabelled(raw) } else { Parts { title, preview, summary } };
    }
    if summary.is_empty() {
        // The form without its summary: all of the text is kept, and the title is asked for separately.
        return Parts { title: None, preview: None, summary: raw.to_owned() };
    }
    Parts { title, preview, summary }
}

/// Small models like to put the whole form on one line: `TITLE: A PREVIEW: B SUMMARY: C`. Only labels in capitals
/// break it, because only those were asked for.
fn broken_up(raw: &str) -> String {
    let first = raw.lines().next().unwrap_or_default();
    if !matches!(label(first), Some((Field::Title, _))) || !first.contains(" PREVIEW:") {
        return raw.to_owned();
    }
    raw.replacen(" PREVIEW:", "\nPREVIEW:", 1).replacen(" SUMMARY:", "\nSUMMARY:", 1)
}

/// An answer to a title call that left the labels out: a title, and perhaps a line below it.
fn unlabelled(raw: &str) -> Parts {
    let mut lines = raw.lines().map(clean).filter(|line| !line.is_empty());
    let title = lines.next().filter(|line| fits(line, LONGEST_TITLE) && label(line).is_none());
    let preview = lines.next().filter(|line| title.is_some() && fits(line, LONGEST_PREVIEW));
    Parts { title, preview, summary: String::new() }
}

fn fits(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most
}

/// `**Title:** text`, `TITLE： text`, `## Summary`.
fn label(line: &str) -> Option<(Field, &str)> {
    let bare = line.trim_start().trim_start_matches(['*', '#', '_', '>', ' ', '-']);
    for (field, words) in [
        (Field::Title, ["title", "标题", "titel", "titre", "título", "заголовок"]),
        (Field::Preview, ["preview", "预览", "vorschau", "aperçu", "avance", "анонс"]),
        (Field::Summary, ["summary", "摘要", "zusammenfassung", "résumé", "resumen", "резюме"]),
    ] {
        for word in words {
            let Some(rest) = strip_prefix_ignoring_case(bare, word) else { continue };
            let rest = rest.trim_start_matches(['*', '_', ' ']);
            if let Some(rest) = rest.strip_prefix([':', '：']) {
                return Some((field, rest.trim_start_matches(['*', '_']).trim()));
            }
            if rest.is_empty() && field == Field::Summary {
                return Some((field, ""));
            }
        }
    }
    None
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let mut rest = text.chars();
    for wanted in prefix.chars() {
        let found = rest.next()?;
        if !found.to_lowercase().eq(wanted.to_lowercase()) {
            return None;
        }
    }
    Some(rest.as_str())
}

/// Takes emphasis from around a line, and quotation marks that enclose the whole of it.
fn clean(text: &str) -> String {
    let mut text = text.trim().trim_matches(['*', '_', '`', ' ']);
    for (open, close) in [
        ('"', '"'),
        ('\'', '\''),
        ('\u{201c}', '\u{201d}'),
        ('\u{201e}', '\u{201c}'),
        ('«', '»'),
        ('《', '》'),
        ('「', '」'),
    ] {
        let inner = text.strip_prefix(open).and_then(|text| text.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.contains([open, close])) {
            text = inner.trim();
        }
    }
    text.to_owned()
}

/// Models like to say once more that what follows is the summary.
fn without_label(raw: &str) -> String {
    match raw.split_once('\n') {
        Some((first, rest)) if matches!(label(first), Some((Field::Summary, ""))) => rest.trim().to_owned(),
        _ => match label(raw) {
            Some((Field::Summary, rest)) if !rest.is_empty() => {
                let at = raw.len() - raw.trim_start_matches(|letter| letter != ':' && letter != '：').len();
                raw[at..].trim_start_matches([':', '：', '*', '_']).trim().to_owned()
            }
            _ => raw.to_owned(),
        },
    }
}

/// Takes out what a model thought aloud: `<think>…</think>`, also when only its end is there.
pub fn without_reasoning(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    for (start, end) in [("<think>", "</think>"), ("<thinking>", "</thinking>")] {
        if let Some(at) = rest.find(end)
            && !rest[..at].contains(start)
        {
            rest = &rest[at + end.len()..];
        }
    }
    while let Some(at) = rest.find("<think") {
        kept.push_str(&rest[..at]);
        let Some(end) = rest[at..].find("</think") else { return kept.trim().to_owned() };
        let after = &rest[at + end..];
        rest = after.find('>').map_or("", |close| &after[close + 1..]);
    }
    kept.push_str(rest);
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(raw: &str) -> Parts {
        read_answer(CallKind::Map, true, raw)
    }

    #[test]
    fn the_form_is_read_however_it_is_dressed_up() {
        for raw in [
            "TITLE: The Ball\nPREVIEW: They dance.\nSUMMARY:\nThey danced all night.\n\nThen they slept.",
            "**Title:** \"The Ball\"\n\n**Preview:** They dance.\n\n**Summary:**\n\nThey danced all night.\n\nThen they slept.",
            "Here it is:\nTITLE： The Ball\nPREVIEW：They dance.\nSummary: They danced all night.\n\nThen they slept.",
            "TITLE: The Ball PREVIEW: They dance. SUMMARY: They danced all night.\n\nThen they slept.",
            "### Title: The Ball\nPREVIEW:\nThey dance.\n## Summary\nThey danced all night.\n\nThen they slept.",
        ] {
            let parts = parts(raw);
            assert_eq!(parts.title.as_deref(), Some("The Ball"), "{raw}");
            assert_eq!(parts.preview.as_deref(), Some("They dance."), "{raw}");
            assert!(parts.summary.ends_with("They danced all night.\n\nThen they slept."), "{raw}: {}", parts.summary);
        }
    }

    #[test]
    fn no_text_is_lost_when_the_form_is_not_followed() {
        for raw in ["They danced all night.", "TITLE: The Ball", "A title: of sorts.\nAnd more."] {
            let parts = parts(raw);
            for word in raw.split_whitespace() {
                assert!(parts.summary.contains(word), "{word} of {raw} in {parts:?}");
            }
        }
    }

    #[test]
    fn a_label_inside_the_summary_stays() {
        let parts = parts("TITLE: T\nPREVIEW: P\nSUMMARY:\nThe play had a name.\nTitle: Hamlet, it said.");
        assert_eq!(parts.title.as_deref(), Some("T"));
        assert!(parts.summary.ends_with("Title: Hamlet, it said."));
    }

    #[test]
    fn a_title_that_is_a_paragraph_is_no_title() {
        let long = "word ".repeat(60);
        assert_eq!(parts(&format!("TITLE: {long}\nPREVIEW: P\nSUMMARY: S")).title, None);
    }

    #[test]
    fn only_quotes_around_the_whole_are_taken_off() {
        for (text, cleaned) in [
            ("\"The Ball\"", "The Ball"),
            ("**\u{201c}The Ball\u{201d}**", "The Ball"),
            ("《风雪》", "风雪"),
            ("She says: \u{201c}Go.\u{201d}", "She says: \u{201c}Go.\u{201d}"),
            ("\u{201c}Go\u{201d} and \u{201c}Stay\u{201d}", "\u{201c}Go\u{201d} and \u{201c}Stay\u{201d}"),
        ] {
            assert_eq!(clean(text), cleaned);
        }
    }

    #[test]
    fn an_answer_to_a_title_call_has_no_summary_to_lose() {
        let parts = read_answer(CallKind::Title, true, "TITLE: The Ball\nPREVIEW: They dance.");
        assert_eq!((parts.title.as_deref(), parts.preview.as_deref()), (Some("The Ball"), Some("They dance.")));
        let parts = read_answer(CallKind::Title, true, "**The Ball**\n\nThey dance.");
        assert_eq!((parts.title.as_deref(), parts.preview.as_deref()), (Some("The Ball"), Some("They dance.")));
    }

    #[test]
    fn a_plain_answer_is_the_summary() {
        let read = |raw| read_answer(CallKind::Reduce, false, raw).summary;
        assert_eq!(read("They danced."), "They danced.");
        assert_eq!(read("Summary:\nThey danced."), "They danced.");
        assert_eq!(read("**Summary:** They danced: all night."), "They danced: all night.");
    }

    #[test]
    fn thoughts_are_taken_out() {
        for raw in ["<think>Hm.</think>Text", "Hm, so…</think>\n\nText", "<think>\n</think>\nText", "Text<think>and"]
        {
            assert_eq!(without_reasoning(raw), "Text", "{raw}");
        }
    }
}
