//! What the engines tell: pages of lines. For this crate's callers and engines.

use serde::{Deserialize, Serialize};

/// Lines of all pages together above which a file is refused.
const LINES: usize = 4_000_000;
/// Bytes of text of all pages together above which a file is refused.
const BYTES: usize = 200 << 20;

/// The text of a PDF.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    pub pages: Vec<Page>,
    pub properties: Properties,
}

/// What a PDF says of itself; empty for what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Properties {
    pub title: String,
    pub author: String,
    /// A language tag as written.
    pub language: String,
}

impl Properties {
    /// Takes what `other` says and this does not.
    pub fn fill(&mut self, other: &Self) {
        let pairs =
            [(&mut self.title, &other.title), (&mut self.author, &other.author), (&mut self.language, &other.language)];
        for (mine, theirs) in pairs {
            if mine.trim().is_empty() {
                mine.clone_from(theirs);
            }
        }
    }
}

/// A page, in points (1/72 inch).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub width: f32,
    pub height: f32,
    /// In reading order, as far as the engine can tell.
    pub lines: Vec<Line>,
}

/// A line of text, in points from the lower left corner of its page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    pub text: String,
    pub left: f32,
    pub right: f32,
    /// The line on which the letters stand.
    pub base: f32,
    /// Size of its letters.
    pub size: f32,
    /// Whether all of it is set bold.
    pub bold: bool,
}

impl Line {
    /// Whether it has a place that can be reckoned with.
    pub(crate) fn is_sound(&self) -> bool {
        let finite = [self.left, self.right, self.base, self.size].iter().all(|number| number.is_finite());
        finite && !self.text.trim().is_empty()
    }
}

/// Counts what the pages hold against the limits of this crate.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    lines: usize,
    bytes: usize,
}

impl Meter {
    pub fn add(&mut self, page: &Page) -> Result<(), crate::PdfError> {
        self.lines += page.lines.len();
        self.bytes += page.lines.iter().map(|line| line.text.len()).sum::<usize>();
        if self.lines > LINES || self.bytes > BYTES {
            return Err(crate::PdfError::TooLarge(format!("it has more than {LINES} lines or {BYTES} bytes of text")));
        }
        Ok(())
    }
}

/// The text with joined letters as letters and one space where there are several, without characters of no meaning.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'ﬀ' => out.push_str("ff"),
            'ﬁ' => out.push_str("fi"),
            'ﬂ' => out.push_str("fl"),
            'ﬃ' => out.push_str("ffi"),
            'ﬄ' => out.push_str("ffl"),
            'ﬅ' | 'ﬆ' => out.push_str("st"),
            ' ' | '\t' | '\n' | '\r' | '\u{A0}' if out.ends_with(' ') => {}
            '\t' | '\n' | '\r' | '\u{A0}' => out.push(' '),
            '\0' => out.push(char::REPLACEMENT_CHARACTER),
            '\u{FEFF}' | '\u{200B}' => {}
            c => out.push(c),
        }
    }
    out
}
