//! A tokenizer that takes any text for markup: tags, texts, nothing else. Linear in the input whatever it holds,
//! because a search that found nothing once is never repeated.

use std::borrow::Cow;

use super::entity;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token<'a> {
    /// Start of an element; `empty` when it ends with `/>`.
    Open {
        name: &'a str,
        attributes: Attributes<'a>,
        empty: bool,
    },
    Close {
        name: &'a str,
    },
    /// Text with its references still in it.
    Text(&'a str),
    /// Text of a CDATA section, to be taken as it is.
    Verbatim(&'a str),
}

/// Attributes of a tag, parsed when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes<'a>(&'a str);

impl<'a> Attributes<'a> {
    /// Value of the first attribute of that name (prefix included, case ignored), decoded.
    pub fn get(&self, name: &str) -> Option<Cow<'a, str>> {
        self.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| entity::decode(value))
    }

    /// Value of the first attribute of that name without its prefix (case ignored), decoded.
    pub fn local(&self, name: &str) -> Option<Cow<'a, str>> {
        let is = |key: &str| key.rsplit(':').next().is_some_and(|local| local.eq_ignore_ascii_case(name));
        self.iter().find(|(key, _)| is(key)).map(|(_, value)| entity::decode(value))
    }

    fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/' || c == '=');
            if rest.is_empty() {
                return None;
            }
            let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=' || c == '/').unwrap_or(rest.len());
            let key = &rest[..end];
            rest = rest[end..].trim_ascii_start();
            let Some(after) = rest.strip_prefix('=') else { return Some((key, "")) };
            let after = after.trim_ascii_start();
            let quoted = after.strip_prefix(['"', '\'']).and_then(|inner| {
                let end = inner.find(&after[..1])?;
                Some((&inner[..end], &inner[end + 1..]))
            });
            let (value, left) = quoted.unwrap_or_else(|| {
                let after = after.trim_start_matches(['"', '\'']);
                after.split_at(after.find(|c: char| c.is_ascii_whitespace()).unwrap_or(after.len()))
            });
            rest = left;
            Some((key, value))
        })
    }
}

/// Reads tokens from `text`, front to back.
pub struct Tokens<'a> {
    text: &'a str,
    at: usize,
    /// Ends that are known not to occur again after `at`.
    absent: Vec<&'static str>,
}

enum Special<'a> {
    Skipped,
    Text(&'a str),
}

/// Elements whose content is skipped as a whole, with their end tags.
const RAW: &[(&str, &str)] = &[
    ("script", "</script"),
    ("style", "</style"),
    ("template", "</template"),
    ("annotation", "</annotation"),
    ("annotation-xml", "</annotation-xml"),
    ("desc", "</desc"),
    ("metadata", "</metadata"),
];

impl<'a> Tokens<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, absent: Vec::new() }
    }

    /// Whether the content of `name` is code or data, not text.
    pub fn is_raw(name: &str) -> bool {
        RAW.iter().any(|(raw, _)| name.eq_ignore_ascii_case(raw))
    }

    /// Skips the content of an element just opened, if its end tag is ahead.
    pub fn skip_raw(&mut self, name: &str) {
        if let Some((_, end)) = RAW.iter().find(|(raw, _)| name.eq_ignore_ascii_case(raw))
            && let Some(to) = self.find_tag(end)
        {
            self.at = to;
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn find(&mut self, end: &'static str) -> Option<usize> {
        if self.absent.contains(&end) {
            return None;
        }
        let found = self.rest().find(end).map(|at| self.at + at);
        if found.is_none() {
            self.absent.push(end);
        }
        found
    }

    /// As `find`, letter case ignored.
    fn find_tag(&mut self, end: &'static str) -> Option<usize> {
        if self.absent.contains(&end) {
            return None;
        }
        let mut from = self.at;
        while let Some(at) = self.text[from..].find('<').map(|at| from + at) {
            let bytes = self.text.as_bytes();
            if bytes.get(at..at + end.len()).is_some_and(|tag| tag.eq_ignore_ascii_case(end.as_bytes())) {
                return Some(at);
            }
            from = at + 1;
        }
        self.absent.push(end);
        None
    }

    /// End of a tag that begins at `at`: the place of its `>`, quotes respected where they are closed.
    fn tag_end(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut at = self.at;
        let mut after_equals = false;
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'>' => return Some(at),
                b'"' | b'\'' if after_equals => {
                    let quote = if byte == b'"' { "\"" } else { "'" };
                    let from = std::mem::replace(&mut self.at, at + 1);
                    let close = self.find(quote);
                    self.at = from;
                    at = close.unwrap_or(at);
                    after_equals = false;
                }
                b'=' => after_equals = true,
                _ if byte.is_ascii_whitespace() => {}
                _ => after_equals = false,
            }
            at += 1;
        }
        None
    }

    /// A comment, declaration, instruction or CDATA section at `at`: skipped, with its text if it is CDATA; `None` for
    /// anything else.
    fn special(&mut self) -> Option<Special<'a>> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            let end = self.find("-->");
            self.at = end.map_or(self.at + 4, |end| end + 3);
            return Some(Special::Skipped);
        }
        if let Some(inner) = rest.strip_prefix("<![CDATA[") {
            let start = self.at + 9;
            let end = self.find("]]>");
            self.at = end.map_or(self.text.len(), |end| end + 3);
            return Some(Special::Text(end.map_or(inner, |end| &self.text[start..end])));
        }
        if rest.starts_with("<!") || rest.starts_with("<?") {
            let end = self.find(">")?;
            // An internal subset of a DOCTYPE holds tags of its own.
            let subset = rest.starts_with("<!") && self.text[self.at..end].contains('[');
            let end = if subset { self.find("]>").map_or(end, |end| end + 1) } else { end };
            self.at = end + 1;
            return Some(Special::Skipped);
        }
        None
    }

    fn tag(&mut self) -> Option<Token<'a>> {
        let after = self.text.as_bytes().get(self.at + 1).copied()?;
        let closing = after == b'/';
        let start = self.at + 1 + usize::from(closing);
        let first = self.text[start..].chars().next()?;
        if !(first.is_alphabetic() || first == '_') || self.absent.contains(&">") {
            return None;
        }
        let Some(end) = self.tag_end() else {
            self.absent.push(">");
            return None;
        };
        let inner = &self.text[start..end];
        self.at = end + 1;
        let name_end = inner.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(inner.len());
        let (name, attributes) = inner.split_at(name_end);
        let name = name.rsplit(':').next().unwrap_or(name);
        if closing {
            return Some(Token::Close { name });
        }
        Some(Token::Open { name, attributes: Attributes(attributes), empty: inner.ends_with('/') })
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = self.rest();
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                let end = rest.find('<').unwrap_or(rest.len());
                self.at += end;
                return Some(Token::Text(&rest[..end]));
            }
            match self.special() {
                Some(Special::Text(text)) => return Some(Token::Verbatim(text)),
                Some(Special::Skipped) => continue,
                None => {}
            }
            if let Some(token) = self.tag() {
                return Some(token);
            }
            // A `<` that opens nothing is text.
            self.at += 1;
            return Some(Token::Text(&rest[..1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let show = |token| match token {
            Token::Open { name, attributes, empty } => {
                format!(
                    "+{name}{}{}",
                    attributes.get("id").map(|id| format!("#{id}")).unwrap_or_default(),
                    if empty { "/" } else { "" }
                )
            }
            Token::Close { name } => format!("-{name}"),
            Token::Text(text) | Token::Verbatim(text) => format!("'{text}'"),
        };
        Tokens::new(text).map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn tags_texts_and_specials_are_told_apart() {
        let text = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a \"b\">]><svg:p id='1'>a<!-- > --><br/><![CDATA[<i>]]></svg:p>";
        assert_eq!(shown(text), "+p#1 'a' +br/ '<i>' -p");
        assert_eq!(shown("<a title=\"x > y\" id=z>t</a>"), "+a#z 't' -a");
    }

    #[test]
    fn broken_markup_stays_text() {
        assert_eq!(shown("1 < 2 <3 <p"), "'1 ' '<' ' 2 ' '<' '3 ' '<' 'p'");
        assert_eq!(shown("<p id=\"a>b"), "+p#a 'b'");
        assert_eq!(shown("a<!-- b"), "'a' ' b'");
    }

    #[test]
    fn hostile_repeats_end_in_time() {
        for unit in ["<a \"", "<!--", "<![CDATA[", "<", "<script>", "<a b='", "<a b=\"'"] {
            let text = unit.repeat(100_000);
            let mut tokens = Tokens::new(&text);
            while let Some(token) = tokens.next() {
                if let Token::Open { name, .. } = token {
                    tokens.skip_raw(name);
                }
            }
        }
    }
}
