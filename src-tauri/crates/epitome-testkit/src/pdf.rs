//! PDF files written here: pages of lines, with an outline and whatever else a test asks for.

#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what is written here is small, and of our own making"
)]

use std::fmt::Write as _;

/// Width of a letter of the font used, Courier, as a share of its size.
pub const LETTER: f32 = 0.6;

/// A line on a page: left edge and base in points, size, bold, text.
#[derive(Clone, Debug)]
pub struct Line {
    pub left: f32,
    pub base: f32,
    pub size: f32,
    pub bold: bool,
    pub text: String,
}

/// An entry of the outline: level from 0, title, page from 0, height.
pub type Entry = (usize, &'static str, usize, f32);

/// A document in the making.
#[derive(Default)]
pub struct Pdf {
    pub pages: Vec<Vec<Line>>,
    pub outline: Vec<Entry>,
    /// More entries for the trailer, such as `/Encrypt`.
    pub trailer: String,
    /// More entries for the catalog.
    pub catalog: String,
    /// Drawing operators after the lines of each page.
    pub extra: String,
    /// Objects after all others, whose numbers begin at [`Pdf::EXTRA`].
    pub objects: Vec<String>,
    /// More entries for the resources of each page.
    pub resources: String,
}

impl Pdf {
    /// Number of the first of [`Pdf::objects`].
    pub const EXTRA: usize = 10_000;

    /// The bytes of the file (ISO 32000-2, 7.5).
    pub fn bytes(&self) -> Vec<u8> {
        let mut objects: Vec<(usize, String)> = Vec::new();
        let page = |number: usize| 10 + 2 * number;
        let kids: Vec<String> = (0..self.pages.len()).map(|number| format!("{} 0 R", page(number))).collect();
        let kids = kids.join(" ");
        let first = page(self.pages.len()) + 10;
        let outlines =
            if self.outline.is_empty() { String::new() } else { format!("/Outlines {first} 0 R /Names 5 0 R") };
        objects.push((1, format!("<</Type/Catalog/Pages 2 0 R/Lang(en-GB){outlines}{}>>", self.catalog)));
        objects.push((2, format!("<</Type/Pages/Count {}/Kids[{kids}]>>", self.pages.len())));
        objects.push((3, "<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>".into()));
        objects.push((4, "<</Type/Font/Subtype/Type1/BaseFont/Courier-Bold/Encoding/WinAnsiEncoding>>".into()));
        for (number, lines) in self.pages.iter().enumerate() {
            let content = lines.iter().map(drawn).collect::<String>() + &self.extra;
            objects.push((
                page(number),
                format!(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 600]/Contents {} 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R>>{}>>>>",
                    page(number) + 1,
                    self.resources
                ),
            ));
            objects.push((page(number) + 1, format!("<</Length {}>>stream\n{content}\nendstream", content.len())));
        }
        self.add_outline(first, &mut objects);
        objects.extend(self.objects.iter().enumerate().map(|(at, object)| (Self::EXTRA + at, object.clone())));
        self.assemble(&objects)
    }

    /// The outline's items, which lead to named destinations in a tree of two levels.
    fn add_outline(&self, first: usize, objects: &mut Vec<(usize, String)>) {
        if self.outline.is_empty() {
            return;
        }
        let item = |at: usize| first + 1 + at;
        let next = |at: usize| {
            let level = self.outline[at].0;
            let later = self.outline.iter().enumerate().skip(at + 1);
            later.take_while(|(_, entry)| entry.0 >= level).find(|(_, entry)| entry.0 == level).map(|(at, _)| at)
        };
        let mut names = String::new();
        for (at, (level, title, page, height)) in self.outline.iter().enumerate() {
            let mut links = String::new();
            if let Some(next) = next(at) {
                write!(links, "/Next {} 0 R", item(next)).unwrap();
            }
            if self.outline.get(at + 1).is_some_and(|below| below.0 > *level) {
                write!(links, "/First {} 0 R", item(at + 1)).unwrap();
            }
            objects.push((item(at), format!("<</Title({title})/A<</S/GoTo/D(place{at:04})>>{links}>>")));
            write!(names, "(place{at:04})[{} 0 R/XYZ 0 {height} 0]", 10 + 2 * page).unwrap();
        }
        objects.push((first, format!("<</Type/Outlines/First {} 0 R>>", item(0))));
        objects.push((5, "<</Dests 6 0 R>>".into()));
        objects.push((6, "<</Kids[7 0 R]>>".into()));
        objects.push((7, format!("<</Names[{names}]>>")));
    }

    fn assemble(&self, objects: &[(usize, String)]) -> Vec<u8> {
        let mut out = b"%PDF-1.7\n".to_vec();
        let mut table = String::from("xref\n0 1\n0000000000 65535 f \n");
        let mut sorted: Vec<&(usize, String)> = objects.iter().collect();
        sorted.sort_by_key(|(number, _)| *number);
        for (number, body) in sorted {
            write!(table, "{number} 1\n{:010} 00000 n \n", out.len()).unwrap();
            // The tests write Latin letters only, one byte each.
            out.extend(format!("{number} 0 obj\n").bytes());
            out.extend(body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()));
            out.extend(b"\nendobj\n");
        }
        let start = out.len();
        let size = objects.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        out.extend(table.bytes());
        out.extend(format!("trailer<</Size {size}/Root 1 0 R{}>>\nstartxref\n{start}\n%%EOF\n", self.trailer).bytes());
        out
    }
}

fn drawn(line: &Line) -> String {
    let font = if line.bold { "F2" } else { "F1" };
    let text = line.text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
    format!("BT /{font} {} Tf {} {} Td ({text}) Tj ET\n", line.size, line.left, line.base)
}

/// A line of the text's own size.
pub fn line(left: f32, base: f32, text: &str) -> Line {
    Line { left, base, size: 10.0, bold: false, text: text.to_owned() }
}

/// Pages being filled with paragraphs from top to bottom.
pub struct Setter {
    pub pages: Vec<Vec<Line>>,
    base: f32,
}

impl Default for Setter {
    fn default() -> Self {
        Self::new()
    }
}

impl Setter {
    const TOP: f32 = 530.0;
    const FOOT: f32 = 60.0;
    const LEFT: f32 = 40.0;
    /// Letters of a line.
    const WIDTH: usize = 56;

    pub fn new() -> Self {
        Self { pages: vec![Vec::new()], base: Self::TOP }
    }

    pub fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.base = Self::TOP;
    }

    fn put(&mut self, left: f32, size: f32, bold: bool, text: &str) {
        if self.base < Self::FOOT {
            self.new_page();
        }
        let line = Line { left, base: self.base, size, bold, text: text.to_owned() };
        self.pages.last_mut().unwrap().push(line);
    }

    /// A heading in the middle of its line; page from 0 and height.
    pub fn heading(&mut self, size: f32, bold: bool, text: &str) -> (usize, f32) {
        self.base -= 20.0;
        let width = LETTER * size * text.chars().count() as f32;
        self.put((420.0 - width) / 2.0, size, bold, text);
        let place = (self.pages.len() - 1, self.base + size);
        self.base -= 30.0;
        place
    }

    /// A paragraph with an indented first line; long words are divided at the end of a line.
    pub fn paragraph(&mut self, text: &str) {
        let mut line = String::new();
        let mut indent = 2;
        let mut words: Vec<String> = text.split(' ').rev().map(str::to_owned).collect();
        while let Some(word) = words.pop() {
            let room = (Self::WIDTH - indent).saturating_sub(line.len() + usize::from(!line.is_empty()));
            if word.len() <= room {
                line.push_str(if line.is_empty() { "" } else { " " });
                line.push_str(&word);
                continue;
            }
            if word.len() > 7 && room > 4 && word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                let (head, tail) = word.split_at((room - 1).min(word.len() - 3));
                line.extend([" ", head, "-"]);
                words.push(tail.to_owned());
            } else {
                words.push(word);
            }
            self.line(&mut indent, &mut line);
        }
        self.line(&mut indent, &mut line);
    }

    fn line(&mut self, indent: &mut usize, line: &mut String) {
        self.put(Self::LEFT + *indent as f32 * 10.0 * LETTER, 10.0, false, line);
        self.base -= 12.0;
        *indent = 0;
        line.clear();
    }
}

/// A paragraph of `words` words that no other number gives.
pub fn prose(number: usize, words: usize) -> String {
    const WORDS: &[&str] = &[
        "the",
        "considerable",
        "evening",
        "of",
        "remembered",
        "strangers",
        "in",
        "a",
        "neighbouring",
        "village",
        "was",
        "therefore",
        "understanding",
        "to",
        "her",
        "misfortune",
        "and",
        "by",
        "uncommonly",
        "pleasant",
        "conversation",
    ];
    let mut state = number * 7 + 3;
    let mut out = format!("Paragraph{number} began");
    for _ in 0..words {
        state = (state * 1_103 + 12_345) % 65_536;
        out.push(' ');
        out.push_str(WORDS[state / 7 % WORDS.len()]);
    }
    out.push('.');
    out
}
