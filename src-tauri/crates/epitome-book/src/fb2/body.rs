//! The bodies of an FB2 file as documents in HTML. For the FB2 reader.

use epitome_model::LeftOutReason;

use crate::limits;
use crate::markup::Token;

/// Longest bold first line that stands for a title, in bytes.
const BOLD_TITLE: usize = 300;
/// Names of bodies that hold notes begin with these.
const NOTES: [&str; 4] = ["note", "comment", "footnote", "endnote"];

/// A document made of an FB2 file: a section of the outermost level, what stands before the first of them, or notes.
#[derive(Default)]
pub struct Part {
    pub path: String,
    pub markup: String,
    pub left_out: Option<LeftOutReason>,
}

/// The documents as they grow.
#[derive(Default)]
pub struct Bodies {
    pub parts: Vec<Part>,
    part: Part,
    in_notes: bool,
    /// Bodies of text begun.
    texts: usize,
    /// Open sections.
    depth: usize,
    /// The title being read: what it becomes, and whether it has had a paragraph.
    title: Option<(&'static str, bool)>,
    /// Whether the section has had no words yet, so that a bold line would be its title.
    fresh: bool,
    paragraph: Option<Paragraph>,
    /// Open elements of strong words.
    strong: usize,
}

/// A paragraph that may turn out to be a title.
struct Paragraph {
    /// Byte of the markup.
    at: usize,
    words: bool,
    plain_words: bool,
}

impl Bodies {
    /// A body begins; `name` is what it calls itself.
    pub fn begin(&mut self, name: Option<&str>) {
        let name = name.unwrap_or_default().to_ascii_lowercase();
        self.in_notes = !self.parts.is_empty() && NOTES.iter().any(|start| name.starts_with(start));
        self.texts += usize::from(!self.in_notes);
        (self.depth, self.title, self.fresh, self.paragraph, self.strong) = (0, None, false, None, 0);
        if self.in_notes {
            self.part.left_out = Some(LeftOutReason::Notes);
            self.push("<title>Notes</title>");
        }
    }

    pub fn end(&mut self) {
        self.flush();
    }

    /// Ends the document.
    fn flush(&mut self) {
        let path = format!("part {}", self.parts.len());
        let part = std::mem::take(&mut self.part);
        if !part.markup.is_empty() {
            self.parts.push(Part { path, ..part });
        }
    }

    pub fn token(&mut self, token: &Token<'_>) {
        match token {
            Token::Open { name, empty, .. } => {
                self.open(name);
                if *empty {
                    self.close(name);
                }
            }
            Token::Close { name } => self.close(name),
            Token::Text("<") => self.text("&lt;"),
            Token::Text(text) => self.text(text),
            Token::Verbatim(text) => self.text(&text.replace('&', "&amp;").replace('<', "&lt;")),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(paragraph) = &mut self.paragraph {
            let words = text.contains(|c: char| !c.is_whitespace());
            paragraph.words |= words;
            paragraph.plain_words |= words && self.strong == 0;
        }
        self.part.markup.push_str(text);
    }

    fn open(&mut self, name: &str) {
        // A paragraph that these stand in never was one; its place may be gone.
        if matches!(name, "section" | "title" | "p") {
            self.paragraph = None;
        }
        match name {
            "section" => {
                self.depth += 1;
                self.fresh = true;
                if self.in_notes {
                    self.push("<div>");
                } else if self.depth == 1 && self.parts.len() < limits::SECTIONS {
                    self.flush();
                } else {
                    self.push("<section>");
                }
            }
            "title" => {
                let tag = self.title_tag();
                self.title = Some((tag, false));
                self.push("<");
                self.push(tag);
                self.push(">");
                self.fresh = false;
            }
            "p" => match &mut self.title {
                Some((_, true)) => self.push("<br/>"),
                Some((_, begun)) => *begun = true,
                None => {
                    self.paragraph = Some(Paragraph { at: self.part.markup.len(), words: false, plain_words: false });
                    self.push("<p>");
                }
            },
            "strong" => self.strong += 1,
            "epigraph" if self.depth == 0 && self.part.markup.is_empty() => self.push("<title>Epigraph</title><div>"),
            other => self.push(tag(other).0),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "section" => {
                self.depth = self.depth.saturating_sub(1);
                self.push("</section>");
            }
            "title" => {
                if let Some((tag, _)) = self.title.take() {
                    self.push("</");
                    self.push(tag);
                    self.push(">");
                    // What follows the book's title before its first section is no part of the title page.
                    if self.part.left_out == Some(LeftOutReason::TitlePage) {
                        self.flush();
                    }
                }
            }
            "p" => self.end_paragraph(),
            "strong" => self.strong = self.strong.saturating_sub(1),
            other => self.push(tag(other).1),
        }
    }

    /// What the title that begins here is: a heading where it heads a section, and the title page in the first body.
    fn title_tag(&mut self) -> &'static str {
        const LEVELS: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
        if self.depth == 0 && !self.in_notes && self.texts == 1 {
            self.part.left_out = Some(LeftOutReason::TitlePage);
            self.part.markup.insert_str(0, "<title>Title page</title>");
            return "div";
        }
        // Each note has a title too, which is its number; a poem's title is none of the book's.
        if self.depth > 0 && (self.in_notes || !self.fresh) {
            return "div";
        }
        let above = usize::from(self.texts > 1);
        LEVELS[(self.depth + above).saturating_sub(1).min(LEVELS.len() - 1)]
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraph.take() else { return };
        let length = self.part.markup.len() - paragraph.at;
        let bold = paragraph.words && !paragraph.plain_words && length <= BOLD_TITLE;
        if bold && self.fresh && !self.in_notes && self.depth > 0 {
            let tag = self.title_tag();
            self.part.markup.replace_range(paragraph.at + 1..paragraph.at + 2, tag);
            self.push("</");
            self.push(tag);
            self.push(">");
        } else {
            self.push("</p>");
        }
        self.fresh &= !paragraph.words;
    }

    fn push(&mut self, markup: &str) {
        self.part.markup.push_str(markup);
    }
}

/// What opens and closes an element in HTML; nothing for those that flow in their line.
fn tag(name: &str) -> (&'static str, &'static str) {
    match name {
        "subtitle" | "text-author" | "date" | "stanza" => ("<p>", "</p>"),
        "v" => ("", "<br/>"),
        "epigraph" | "cite" | "poem" | "annotation" => ("<div>", "</div>"),
        "empty-line" => ("<hr/>", ""),
        "table" => ("<table>", "</table>"),
        "tr" => ("<tr>", "</tr>"),
        "td" | "th" => ("<td>", "</td>"),
        _ => ("", ""),
    }
}
