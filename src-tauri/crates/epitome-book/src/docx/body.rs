//! The text of a Word document as HTML. For the Word reader.

use epitome_model::LeftOutReason;

use super::notes::Notes;
use super::styles::{self, Kind, Styles};
use crate::markup::{Token, Tokens};
use crate::matter;

/// Level of headings in the style for titles; those of other headings follow.
pub const TITLE: u8 = 1;
const LOWEST: u8 = 6;

/// A run of paragraphs that is a document of the book.
#[derive(Default)]
pub struct Stretch {
    pub markup: String,
    pub left_out: Option<LeftOutReason>,
}

/// A paragraph being read. Those of a text box are inside another one.
#[derive(Default)]
struct Paragraph {
    kind: Kind,
    markup: String,
    /// Text boxes and notes, which follow it.
    after: String,
    contents: bool,
}

/// The text as it grows.
pub struct Body<'a> {
    styles: &'a Styles,
    stretches: Vec<Stretch>,
    now: Stretch,
    /// Where a heading that says that contents follow begins, if nothing has come after it.
    contents_heading: Option<usize>,
    paragraphs: Vec<Paragraph>,
    /// Inside `w:t`.
    in_text: bool,
    in_instruction: bool,
    /// Open elements whose content is no text: name, and how many of that name.
    skipped: Option<(&'static str, usize)>,
    /// Open fields, and whether each is a table of contents; how many are.
    fields: Vec<bool>,
    contents_fields: usize,
    /// Open content controls, and the number of the first that is a table of contents.
    controls: usize,
    contents_control: Option<usize>,
}

/// Elements whose content is no text of the book: deleted, moved away, the older form of what was just read, the
/// reading of ruby.
const SKIPPED: [&str; 4] = ["del", "moveFrom", "Fallback", "rt"];
/// Most open fields and paragraphs that are told apart.
const DEEP: usize = 10_000;

impl<'a> Body<'a> {
    pub fn new(styles: &'a Styles) -> Self {
        Self {
            styles,
            stretches: Vec::new(),
            now: Stretch::default(),
            contents_heading: None,
            paragraphs: Vec::new(),
            in_text: false,
            in_instruction: false,
            skipped: None,
            fields: Vec::new(),
            contents_fields: 0,
            controls: 0,
            contents_control: None,
        }
    }

    /// The text of a main part; the notes that it calls are taken out of `notes`.
    pub fn of(xml: &str, styles: &'a Styles, notes: &mut Notes) -> Vec<Stretch> {
        let mut body = Self::new(styles);
        for token in Tokens::new(xml) {
            body.token(&token, notes);
        }
        body.finish()
    }

    pub fn finish(mut self) -> Vec<Stretch> {
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        self.end_stretch();
        self.stretches
    }

    pub fn token(&mut self, token: &Token<'_>, notes: &mut Notes) {
        match token {
            Token::Open { name, empty, .. } if self.skips(name, *empty) => {}
            Token::Close { name } if self.skips_end(name) => {}
            _ if self.skipped.is_some() => {}
            Token::Open { name, attributes, empty } => {
                let value = |key| attributes.local(key);
                match *name {
                    "pStyle" => self.style(value("val").as_deref()),
                    "outlineLvl" => {
                        let level = value("val").and_then(|level| level.trim().parse().ok());
                        if let Some((paragraph, level)) = self.paragraphs.last_mut().zip(level)
                            && paragraph.kind == Kind::Body
                        {
                            paragraph.kind = styles::by_outline(level);
                        }
                    }
                    "fldChar" => self.field(value("fldCharType").as_deref()),
                    "docPartGallery" if value("val").as_deref() == Some("Table of Contents") => {
                        self.contents_control.get_or_insert(self.controls);
                    }
                    "footnoteReference" => {
                        let id = value("id").and_then(|id| id.trim().parse().ok());
                        if let Some((paragraph, note)) =
                            self.paragraphs.last_mut().zip(id.and_then(|id: u64| notes.remove(&id)))
                        {
                            paragraph.after.push_str(&note);
                        }
                    }
                    name => self.open(name, *empty),
                }
            }
            Token::Close { name } => self.close(name),
            Token::Text("<") => self.text("&lt;"),
            Token::Text(text) => self.text(text),
            Token::Verbatim(text) => self.text(&text.replace('&', "&amp;").replace('<', "&lt;")),
        }
    }

    /// Whether an element that opens is skipped.
    fn skips(&mut self, name: &str, empty: bool) -> bool {
        if let Some((skipped, open)) = &mut self.skipped {
            *open += usize::from(!empty && *skipped == name);
        } else {
            let skipped = SKIPPED.iter().find(|skipped| **skipped == name && !empty);
            self.skipped = skipped.map(|skipped| (*skipped, 1));
        }
        self.skipped.is_some()
    }

    fn skips_end(&mut self, name: &str) -> bool {
        let Some((skipped, open)) = &mut self.skipped else { return false };
        *open -= usize::from(*skipped == name);
        if *open == 0 {
            self.skipped = None;
        }
        true
    }

    fn style(&mut self, id: Option<&str>) {
        if let Some((paragraph, id)) = self.paragraphs.last_mut().zip(id) {
            let kind = self.styles.kind(id);
            paragraph.contents |= kind == Kind::Contents;
            // An outline level of its own was said before only by mistake.
            paragraph.kind = if kind == Kind::Body { paragraph.kind } else { kind };
        }
    }

    fn field(&mut self, kind: Option<&str>) {
        match kind {
            Some("begin") if self.fields.len() < DEEP => self.fields.push(false),
            Some("end") => self.contents_fields -= usize::from(self.fields.pop() == Some(true)),
            _ => {}
        }
    }

    fn open(&mut self, name: &str, empty: bool) {
        match name {
            // Beyond all reason, paragraphs inside paragraphs are one.
            "p" if !empty && self.paragraphs.len() < DEEP => {
                let contents = self.in_contents();
                self.paragraphs.push(Paragraph { contents, ..Paragraph::default() });
            }
            "t" => self.in_text = !empty,
            "instrText" => self.in_instruction = !empty,
            "sdt" if !empty => self.controls += 1,
            "tab" | "ptab" => self.push(" "),
            "br" | "cr" => self.push("<br/>"),
            "noBreakHyphen" => self.push("-"),
            "tbl" if !empty => self.block("<table>"),
            "tr" if !empty => self.block("<tr>"),
            "tc" if !empty => self.block("<td>"),
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "t" => self.in_text = false,
            "instrText" => self.in_instruction = false,
            "sdt" => {
                if self.contents_control == Some(self.controls) {
                    self.contents_control = None;
                }
                self.controls = self.controls.saturating_sub(1);
            }
            "tbl" => self.block("</table>"),
            "tr" => self.block("</tr>"),
            "tc" => self.block("</td>"),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text {
            self.push(text);
        } else if self.in_instruction
            && let Some(field) = self.fields.last_mut()
        {
            let word = text.split_whitespace().next().unwrap_or_default();
            if !*field && word.eq_ignore_ascii_case("TOC") {
                *field = true;
                self.contents_fields += 1;
            }
        }
        // The first line of contents begins before its field says what it is.
        if self.contents_fields > 0
            && let Some(paragraph) = self.paragraphs.last_mut()
        {
            paragraph.contents = true;
        }
    }

    fn in_contents(&self) -> bool {
        self.contents_control.is_some() || self.contents_fields > 0
    }

    /// Text or a line break, which belong to the paragraph that is open.
    fn push(&mut self, markup: &str) {
        match self.paragraphs.last_mut() {
            Some(paragraph) => paragraph.markup.push_str(markup),
            None => self.now.markup.push_str(markup),
        }
    }

    /// A part of a table, between paragraphs.
    fn block(&mut self, markup: &str) {
        match self.paragraphs.last_mut() {
            Some(paragraph) => paragraph.after.push_str(markup),
            None => self.now.markup.push_str(markup),
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        let Paragraph { kind, markup, after, contents } = paragraph;
        let whole = match kind {
            Kind::Heading(level) => {
                let level = level.saturating_add(TITLE).min(LOWEST);
                format!("<h{level}>{markup}</h{level}>{after}")
            }
            Kind::Title => format!("<h{TITLE}>{markup}</h{TITLE}>{after}"),
            Kind::Body | Kind::Contents => format!("<p>{markup}</p>{after}"),
        };
        if let Some(around) = self.paragraphs.last_mut() {
            around.after.push_str(&whole);
            return;
        }
        let contents = contents && !matches!(kind, Kind::Heading(_) | Kind::Title);
        if !markup.is_empty() && contents != (self.now.left_out == Some(LeftOutReason::Contents)) {
            let heading = self.contents_heading.filter(|_| contents);
            let heading = heading.map(|at| self.now.markup.split_off(at)).unwrap_or_default();
            self.end_stretch();
            self.now.markup = heading;
            if contents {
                self.now.left_out = Some(LeftOutReason::Contents);
                self.now.markup.push_str("<title>Contents</title>");
            }
        }
        if !contents && matches!(kind, Kind::Heading(_)) {
            // A field that never ends ends here.
            self.fields.clear();
            self.contents_fields = 0;
        }
        let named = matter::by_title(&markup) == Some(LeftOutReason::Contents);
        self.contents_heading = named.then_some(self.now.markup.len());
        self.now.markup.push_str(&whole);
    }

    fn end_stretch(&mut self) {
        let stretch = std::mem::take(&mut self.now);
        if !stretch.markup.is_empty() {
            self.stretches.push(stretch);
        }
    }
}
