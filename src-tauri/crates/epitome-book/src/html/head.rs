//! What a web page says of itself. For the reader of web pages.

use epitome_model::BookMeta;

use crate::language;
use crate::markup::{Token, Tokens, decode_entities};

/// Longest title read, in bytes.
const LONGEST: usize = 2_000;

/// Title, authors and language by the head of a page.
pub fn parse(markup: &str) -> BookMeta {
    let mut meta = BookMeta::default();
    let mut in_title = false;
    let mut tokens = Tokens::new(markup);
    while let Some(token) = tokens.next() {
        match token {
            Token::Open { name, attributes, empty } => {
                let name = name.to_ascii_lowercase();
                in_title = name == "title" && meta.title.is_empty();
                match name.as_str() {
                    "html" => {
                        let said = attributes.get("lang").or_else(|| attributes.get("xml:lang"));
                        meta.language = said.as_deref().and_then(language::tag);
                    }
                    "meta" => {
                        let name = attributes.get("name").or_else(|| attributes.get("property")).unwrap_or_default();
                        let content = attributes.get("content").unwrap_or_default();
                        named(&mut meta, &name.to_ascii_lowercase(), content.trim());
                    }
                    // The head ends where the text begins.
                    "body" | "h1" | "h2" | "p" | "div" => break,
                    _ => {}
                }
                if !empty {
                    tokens.skip_raw(&name);
                }
            }
            Token::Close { name } => {
                in_title = false;
                if name.eq_ignore_ascii_case("head") {
                    break;
                }
            }
            Token::Text(text) if in_title && meta.title.len() < LONGEST => meta.title.push_str(&decode_entities(text)),
            Token::Text(_) | Token::Verbatim(_) => {}
        }
    }
    meta.title = meta.title.split_whitespace().collect::<Vec<_>>().join(" ");
    meta
}

/// A `meta` of that name.
fn named(meta: &mut BookMeta, name: &str, content: &str) {
    if content.is_empty() {
        return;
    }
    match name {
        "author" | "dc.creator" | "dcterms.creator" | "citation_author" | "book:author"
            if !meta.authors.iter().any(|author| author == content) =>
        {
            meta.authors.push(content.to_owned());
        }
        "dc.title" | "dcterms.title" => content.clone_into(&mut meta.title),
        "dc.language" | "dcterms.language" if meta.language.is_none() => meta.language = language::tag(content),
        _ => {}
    }
}
