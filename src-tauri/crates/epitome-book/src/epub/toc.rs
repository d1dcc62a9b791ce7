//! Tables of contents of an EPUB: navigation document (EPUB 3) and NCX (EPUB 2). For the EPUB reader.

use crate::limits;
use crate::markup::xml::{Xml, scan};
use crate::markup::{Attributes, Token, Tokens, decode_entities};
use crate::pages::path;
use crate::pages::{Entry, Target};

/// A navigation document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Navigation {
    pub entries: Vec<Entry>,
    /// `epub:type` and target of each landmark.
    pub landmarks: Vec<(String, Target)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Contents,
    Landmarks,
    Other,
}

struct NavReader<'a> {
    folder: &'a str,
    found: Navigation,
    part: Option<Part>,
    /// Open lists; the number of the first hidden one.
    depth: u32,
    hidden_from: Option<u32>,
    /// Open entries, by index.
    open: Vec<usize>,
    ruby_reading: bool,
}

/// Reads a navigation document of that path.
pub fn navigation(text: &str, path: &str) -> Navigation {
    let mut reader = NavReader {
        folder: path::folder(path),
        found: Navigation::default(),
        part: None,
        depth: 0,
        hidden_from: None,
        open: Vec::new(),
        ruby_reading: false,
    };
    let mut tokens = Tokens::new(text);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open { name, attributes, empty } => {
                let name = name.to_ascii_lowercase();
                if Tokens::is_raw(&name) && !empty {
                    tokens.skip_raw(&name);
                }
                reader.open(&name, attributes, empty);
            }
            Token::Close { name } => reader.close(&name.to_ascii_lowercase()),
            Token::Text(text) => reader.text(&decode_entities(text)),
            Token::Verbatim(text) => reader.text(text),
        }
    }
    for entry in &mut reader.found.entries {
        entry.title = entry.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    reader.found
}

impl NavReader<'_> {
    fn open(&mut self, name: &str, attributes: Attributes<'_>, empty: bool) {
        match name {
            "nav" => {
                let types = attributes.get("epub:type").or_else(|| attributes.get("role")).unwrap_or_default();
                let is = |word: &str| types.split_ascii_whitespace().any(|this| this == word);
                self.part = Some(if is("toc") || is("doc-toc") {
                    Part::Contents
                } else if is("landmarks") {
                    Part::Landmarks
                } else {
                    Part::Other
                });
                (self.depth, self.hidden_from) = (0, None);
                self.open.clear();
            }
            "rt" | "rp" => self.ruby_reading = !empty,
            "ol" | "ul" if !empty => {
                self.depth += 1;
                if attributes.get("hidden").is_some() && self.depth > 1 {
                    self.hidden_from.get_or_insert(self.depth);
                }
            }
            "li" if self.part == Some(Part::Contents) && !empty => self.entry(),
            "a" => self.link(attributes),
            "br" => self.text(" "),
            _ => {}
        }
    }

    fn entry(&mut self) {
        let depth = self.depth.saturating_sub(1).min(limits::TOC_DEPTH);
        self.open.retain(|open| self.found.entries[*open].depth < depth);
        if self.found.entries.len() < limits::TOC_ENTRIES {
            let hidden = self.hidden_from.is_some();
            self.open.push(self.found.entries.len());
            self.found.entries.push(Entry { depth, hidden, ..Entry::default() });
        } else {
            self.open.clear();
        }
    }

    fn link(&mut self, attributes: Attributes<'_>) {
        let Some(href) = attributes.get("href") else { return };
        let target = path::resolve(self.folder, &href);
        match self.part {
            Some(Part::Contents) => {
                if let Some(entry) = self.open.last().and_then(|open| self.found.entries.get_mut(*open)) {
                    entry.target.get_or_insert(target);
                }
            }
            Some(Part::Landmarks) if self.found.landmarks.len() < limits::TOC_ENTRIES => {
                let types = attributes.get("epub:type").unwrap_or_default().into_owned();
                self.found.landmarks.push((types, target));
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.ruby_reading {
            return;
        }
        if let Some(entry) = self.open.last().and_then(|open| self.found.entries.get_mut(*open)) {
            // Text behind the list of a nested level names nothing.
            if entry.depth + 1 == self.depth && entry.title.len() < limits::TITLE_CHARS * 8 {
                entry.title.push_str(text);
            }
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "nav" => {
                self.part = None;
                self.open.clear();
            }
            "rt" | "rp" | "ruby" => self.ruby_reading = false,
            "ol" | "ul" => {
                self.depth = self.depth.saturating_sub(1);
                if self.hidden_from.is_some_and(|from| from > self.depth) {
                    self.hidden_from = None;
                }
                let depth = self.depth;
                self.open.retain(|open| self.found.entries[*open].depth < depth);
            }
            "li" => {
                self.open.pop();
            }
            _ => {}
        }
    }
}

/// Reads an NCX of that path.
pub fn ncx(text: &str, path: &str) -> Vec<Entry> {
    let folder = path::folder(path);
    let mut entries: Vec<Entry> = Vec::new();
    // Open points by index; `None` above the limit.
    let mut open: Vec<Option<usize>> = Vec::new();
    let mut label = false;
    scan(text, |event| match event {
        Xml::Open("navPoint", _) => {
            let fits = entries.len() < limits::TOC_ENTRIES && open.len() < limits::TOC_ENTRIES;
            let depth = u32::try_from(open.len()).unwrap_or(u32::MAX).min(limits::TOC_DEPTH);
            open.push(fits.then_some(entries.len()));
            if fits {
                entries.push(Entry { depth, ..Entry::default() });
            }
        }
        Xml::Close("navPoint") => {
            open.pop();
        }
        Xml::Open("navLabel", _) => label = true,
        Xml::Close("navLabel") => label = false,
        Xml::Open("content", attributes) => {
            if let Some(entry) = open.last().copied().flatten().and_then(|at| entries.get_mut(at)) {
                entry.target = attributes.get("src").map(|src| path::resolve(folder, src));
            }
        }
        Xml::Text(text) if label => {
            if let Some(entry) = open.last().copied().flatten().and_then(|at| entries.get_mut(at)) {
                entry.title.push_str(text);
            }
        }
        _ => {}
    });
    for entry in &mut entries {
        entry.title = entry.title.split_whitespace().collect::<Vec<_>>().join(" ");
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(entries: &[Entry]) -> Vec<String> {
        let target = |entry: &Entry| {
            entry.target.as_ref().map(|t| format!("{}#{}", t.path, t.fragment.clone().unwrap_or_default()))
        };
        entries
            .iter()
            .map(|e| {
                format!(
                    "{}{} {}{}",
                    "-".repeat(e.depth as usize),
                    e.title,
                    target(e).unwrap_or_default(),
                    if e.hidden { " hidden" } else { "" }
                )
            })
            .collect()
    }

    #[test]
    fn a_navigation_document_gives_titles_targets_and_levels() {
        let text = "<nav epub:type='landmarks'><ol><li><a epub:type='toc' href='nav.xhtml'>C</a></li></ol></nav>
            <nav epub:type='toc'><h2>Contents</h2><ol><li><span>Part <b>I</b></span><ol><li><a href='a.xhtml#c1'>One &amp;
            more</a><ol hidden=''><li><a href='a.xhtml#s1'>s</a></li></ol></li></ol></li><li><a href='b.xhtml'><ruby>草<rt>くさ</rt></ruby></a></li></ol></nav>
            <nav epub:type='page-list'><ol><li><a href='a.xhtml#p1'>1</a></li></ol></nav>";
        let found = navigation(text, "OPS/nav.xhtml");
        assert_eq!(
            shown(&found.entries),
            ["Part I ", "-One & more OPS/a.xhtml#c1", "--s OPS/a.xhtml#s1 hidden", "草 OPS/b.xhtml#"]
        );
        assert_eq!(found.landmarks[0].0, "toc");
    }

    #[test]
    fn an_ncx_gives_the_same() {
        let text = "<ncx><docTitle><text>T</text></docTitle><navMap><navPoint><navLabel><text>Part I</text></navLabel><content src='a.html'/>
            <navPoint><navLabel><text>One</text></navLabel><content src='a.html#c1'/></navPoint></navPoint></navMap>
            <pageList><pageTarget><navLabel><text>1</text></navLabel></pageTarget></pageList></ncx>";
        assert_eq!(shown(&ncx(text, "toc.ncx")), ["Part I a.html#", "-One a.html#c1"]);
    }

    #[test]
    fn deep_and_broken_tables_end() {
        let deep = format!("<nav epub:type='toc'>{}", "<ol><li><a href='x'>t</a>".repeat(50_000));
        assert!(navigation(&deep, "n").entries.iter().all(|entry| entry.depth <= limits::TOC_DEPTH));
        ncx(&"<navPoint><content src='x'/>".repeat(50_000), "n");
    }
}
