//! XHTML or HTML to plain text in one pass, with what is needed to cut it into chapters: where ids begin, headings,
//! and stretches whose `epub:type` says that they are no chapter. For the format readers.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use epitome_model::LeftOutReason;

use super::entity;
use super::token::{Attributes, Token, Tokens};
use crate::{limits, matter};

/// Most blanks kept at the start of a preformatted line.
const INDENT: usize = 80;

/// What one document of a book contributed to its text. Offsets are bytes of the book's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    pub range: Range<usize>,
    /// Where the line begins that holds, or follows, an id that was asked for.
    pub anchors: HashMap<String, usize>,
    pub headings: Vec<HeadingPlace>,
    /// Stretches left out by their `epub:type`.
    pub left_out: Vec<(Range<usize>, LeftOutReason)>,
    /// Content of `<title>`.
    pub title: String,
}

impl Document {
    /// Takes the text from `at` on away as a document of its own, with its headings; ids stay behind.
    pub fn split_off(&mut self, at: usize) -> Self {
        let headings = self.headings.split_off(self.headings.partition_point(|heading| heading.range.start < at));
        let left_out = self.left_out.split_off(self.left_out.partition_point(|(range, _)| range.start < at));
        let range = at..self.range.end;
        self.range.end = at;
        Self { range, anchors: HashMap::new(), headings, left_out, title: self.title.clone() }
    }
}

/// An `h1` to `h6`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadingPlace {
    pub level: u8,
    pub range: Range<usize>,
}

/// Appends the text of `markup` to `out`: white space collapsed as a browser does, paragraphs separated by a blank
/// line, ruby readings left aside. `wanted` are the ids to look for.
pub fn strip(markup: &str, wanted: &HashSet<&str>, out: &mut String) -> Document {
    let mut writer = Writer::new(wanted, out);
    let mut tokens = Tokens::new(markup);
    let mut in_title = false;
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(text) if in_title => writer.document.title.push_str(&entity::decode(text)),
            Token::Text(text) => writer.text(&entity::decode(text)),
            Token::Verbatim(text) => writer.text(text),
            Token::Open { name, .. } if name.eq_ignore_ascii_case("title") => in_title = true,
            Token::Open { name, attributes, empty } => {
                in_title = false;
                writer.open(&name.to_ascii_lowercase(), attributes, empty);
                if !empty {
                    tokens.skip_raw(name);
                }
            }
            Token::Close { name } => {
                in_title = false;
                writer.close(&name.to_ascii_lowercase());
            }
        }
    }
    writer.finish()
}

struct Writer<'a> {
    out: &'a mut String,
    wanted: &'a HashSet<&'a str>,
    document: Document,
    start: usize,
    /// Line ends owed before the next text.
    breaks: usize,
    /// A space owed before the next text.
    space: bool,
    /// Where the present line begins.
    line: usize,
    preformatted: u32,
    /// Blanks owed at the start of a preformatted line.
    indent: usize,
    ruby_reading: bool,
    heading: Option<(u8, Option<usize>)>,
    /// Ids met since the last text.
    waiting: Vec<String>,
    /// Outermost open element that is left out: name, depth of that name, start, reason.
    open_left_out: Option<(String, u32, usize, LeftOutReason)>,
}

impl<'a> Writer<'a> {
    fn new(wanted: &'a HashSet<&'a str>, out: &'a mut String) -> Self {
        let start = out.len();
        Self {
            out,
            wanted,
            document: Document::default(),
            start,
            breaks: 2,
            space: false,
            line: start,
            preformatted: 0,
            indent: 0,
            ruby_reading: false,
            heading: None,
            waiting: Vec::new(),
            open_left_out: None,
        }
    }

    fn text(&mut self, text: &str) {
        if self.ruby_reading {
            return;
        }
        let mut rest = text;
        while !rest.is_empty() {
            let end = match plain(rest) {
                0 => rest.find(blank).unwrap_or(rest.len()),
                _ if self.preformatted > 0 => rest.find(blank).unwrap_or(rest.len()),
                end => end,
            };
            if end > 0 {
                self.word(&rest[..end]);
            }
            let after = rest[end..].trim_start_matches(blank);
            let blanks = &rest[end..rest.len() - after.len()];
            if self.preformatted > 0 {
                self.keep(blanks);
            } else {
                self.space |= !blanks.is_empty();
            }
            rest = after;
        }
    }

    /// Blanks of preformatted text.
    fn keep(&mut self, blanks: &str) {
        for c in blanks.chars() {
            if c == '\n' {
                self.breaks += 1;
                self.indent = 0;
            } else if self.breaks == 0 {
                self.out.push(' ');
            } else {
                self.indent = (self.indent + 1).min(INDENT);
            }
        }
    }

    fn word(&mut self, word: &str) {
        if self.breaks > 0 {
            if !self.out.is_empty() {
                let breaks = self.breaks.min(2);
                self.out.extend(std::iter::repeat_n('\n', breaks));
            }
            self.line = self.out.len();
            self.out.extend(std::iter::repeat_n(' ', self.indent));
        } else if self.space {
            self.out.push(' ');
        }
        (self.breaks, self.space, self.indent) = (0, false, 0);
        let mut at = self.line;
        if let Some((_, start)) = &mut self.heading {
            at = *start.get_or_insert(self.out.len().max(self.line));
        }
        for id in self.waiting.drain(..) {
            self.document.anchors.entry(id).or_insert(at);
        }
        // Soft hyphens only say where a line may be broken.
        for part in word.split('\u{AD}') {
            self.out.push_str(part);
        }
    }

    fn lines(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    fn open(&mut self, name: &str, attributes: Attributes<'_>, empty: bool) {
        match name {
            "br" => self.breaks += 1,
            "rt" | "rp" | "rtc" => self.ruby_reading = !empty,
            "rb" | "ruby" => self.ruby_reading = false,
            "td" | "th" => self.space = true,
            "pre" if !empty => self.preformatted += 1,
            _ => {}
        }
        if let Some(breaks) = block(name) {
            self.ruby_reading = false;
            self.lines(breaks);
        }
        if let Some(level) = heading_level(name) {
            self.end_heading();
            self.heading = (!empty).then_some((level, None));
        }
        self.note_ids(name, attributes);
        if !empty {
            self.note_left_out(name, attributes);
        }
    }

    fn note_ids(&mut self, name: &str, attributes: Attributes<'_>) {
        if self.wanted.is_empty() {
            return;
        }
        let named = (name == "a").then(|| attributes.get("name")).flatten();
        for id in attributes.get("id").into_iter().chain(named) {
            if self.wanted.contains(&*id) && !self.document.anchors.contains_key(&*id) {
                self.waiting.push(id.into_owned());
            }
        }
    }

    fn note_left_out(&mut self, name: &str, attributes: Attributes<'_>) {
        if let Some((open, depth, ..)) = &mut self.open_left_out {
            *depth += u32::from(open == name);
            return;
        }
        if !matches!(name, "body" | "section" | "div" | "article" | "nav" | "aside") {
            return;
        }
        // Kindle books have `epub:type` without its prefix.
        let types = ["epub:type", "role", "type"].iter().find_map(|name| attributes.get(name));
        if let Some(reason) = types.and_then(|types| matter::by_type(&types)) {
            self.open_left_out = Some((name.to_owned(), 1, self.out.len(), reason));
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "rt" | "rp" | "rtc" | "ruby" => self.ruby_reading = false,
            "pre" => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.indent = 0;
            }
            "td" | "th" => self.space = true,
            _ => {}
        }
        if let Some(breaks) = block(name) {
            self.ruby_reading = false;
            self.lines(breaks);
        }
        if heading_level(name).is_some() {
            self.end_heading();
        }
        if let Some((open, depth, start, reason)) = &mut self.open_left_out
            && open == name
        {
            *depth -= 1;
            if *depth == 0 {
                self.document.left_out.push((*start..self.out.len(), *reason));
                self.open_left_out = None;
            }
        }
    }

    fn end_heading(&mut self) {
        if let Some((level, Some(start))) = self.heading.take()
            && self.document.headings.len() < limits::TOC_ENTRIES
        {
            self.document.headings.push(HeadingPlace { level, range: start..self.out.len() });
        }
    }

    fn finish(mut self) -> Document {
        self.end_heading();
        let end = self.out.len();
        for id in self.waiting.drain(..) {
            self.document.anchors.entry(id).or_insert(end);
        }
        if let Some((_, _, start, reason)) = self.open_left_out.take() {
            self.document.left_out.push((start..end, reason));
        }
        self.document.range = self.start..end;
        self.document
    }
}

/// Bytes of words at the start of `text` that stay as they are, with one space between them and without a soft hyphen.
fn plain(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut end = 0;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' => {
                end = at;
                // A blank behind a space, or nothing behind it, ends the words before it.
                if !bytes.get(at + 1).is_some_and(|next| matches!(next, b'!'..=b'~' | 0x80..)) || at == 0 {
                    return end;
                }
                at += 1;
            }
            0xC2 if bytes.get(at + 1) == Some(&0xAD) => return end,
            b'!'..=b'~' | 0x80.. => at += 1,
            _ => return at,
        }
    }
    at
}

/// White space that a browser collapses, and control characters, which no text needs.
fn blank(c: char) -> bool {
    c == ' ' || c.is_ascii_control()
}

/// Line ends that an element asks for around it; `None` for one that flows in its line.
fn block(name: &str) -> Option<usize> {
    match name {
        "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center" | "details" | "dialog"
        | "dir" | "div" | "dl" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "h1" | "h2" | "h3"
        | "h4" | "h5" | "h6" | "head" | "header" | "hr" | "html" | "main" | "menu" | "nav" | "ol" | "p" | "pre"
        | "section" | "summary" | "svg" | "table" | "ul" => Some(2),
        "dd" | "dt" | "li" | "option" | "text" | "tr" => Some(1),
        _ => None,
    }
}

fn heading_level(name: &str) -> Option<u8> {
    match name.as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(markup: &str) -> String {
        let mut out = String::new();
        strip(markup, &HashSet::new(), &mut out);
        out
    }

    #[test]
    fn white_space_is_a_browsers() {
        assert_eq!(text("<head><title>T</title></head><body><p> a\n  <b>b</b>c </p><p>d<br/>e</p>"), "a bc\n\nd\ne");
        assert_eq!(text("<pre>a\n  b</pre><ul><li>x</li><li>y</li></ul>"), "a\n  b\n\nx\ny");
        assert_eq!(text("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>"), "1 2\n3");
    }

    #[test]
    fn code_and_ruby_are_left_aside_and_svg_text_is_kept() {
        assert_eq!(text("<style>p{}</style><p>a<script>if (a < b) c()</script>b</p><script/>c"), "ab\n\nc");
        assert_eq!(text("<p><ruby>草<rp>(</rp><rt>くさ</rt><rp>)</rp>枕<rt>まくら</ruby>を</p>"), "草枕を");
        assert_eq!(text("<svg><title>no</title><text>one</text><text>two</text></svg>"), "one\ntwo");
        assert_eq!(text("a\u{AD}b &amp; c<rt>unclosed<p>kept</p>"), "ab & c\n\nkept");
    }

    #[test]
    fn ids_and_headings_have_their_places() {
        let mut out = "before".to_owned();
        let wanted = HashSet::from(["a", "b", "c", "end"]);
        let markup =
            "<body><h2>One<br/><a id='a'/>more</h2><p>x</p><p>tail<a id='b'></a></p><h2 id='c'>Two</h2><i id='end'/>";
        let document = strip(markup, &wanted, &mut out);
        assert_eq!(out, "before\n\nOne\nmore\n\nx\n\ntail\n\nTwo");
        let at = |id: &str| &out[document.anchors[id]..];
        assert!(at("a").starts_with("One"));
        assert!(at("b").starts_with("Two"));
        assert!(at("c").starts_with("Two"));
        assert_eq!(at("end"), "");
        let headings: Vec<_> = document.headings.iter().map(|h| (h.level, &out[h.range.clone()])).collect();
        assert_eq!(headings, [(2, "One\nmore"), (2, "Two")]);
    }

    #[test]
    fn left_out_stretches_are_known_by_type() {
        let mut out = String::new();
        let markup = "<body><section epub:type='titlepage'><section><p>T</p></section></section><p>text</p>";
        let document = strip(markup, &HashSet::new(), &mut out);
        assert_eq!(document.left_out, [(0..1, LeftOutReason::TitlePage)]);
    }
}
