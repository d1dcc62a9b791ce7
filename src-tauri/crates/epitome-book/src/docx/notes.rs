//! Footnotes and endnotes by id. For the Word reader.

use std::collections::BTreeMap;

use super::body::Body;
use super::styles::Styles;
use crate::markup::{Token, Tokens};

/// Markup by id, in the order of the numbers.
pub type Notes = BTreeMap<u64, String>;

/// The notes of a part, without those that only separate.
pub fn parse(xml: &str) -> Notes {
    let mut notes = Notes::new();
    let styles = Styles::default();
    let mut open: Option<(Option<u64>, Body<'_>)> = None;
    for token in Tokens::new(xml) {
        match &token {
            Token::Open { name: "footnote" | "endnote", attributes, empty: false } => {
                let separates = attributes.local("type").is_some_and(|kind| kind != "normal");
                let id = attributes.local("id").and_then(|id| id.trim().parse().ok()).filter(|_| !separates);
                open = Some((id, Body::new(&styles)));
            }
            Token::Close { name: "footnote" | "endnote" } => {
                if let Some((Some(id), body)) = open.take() {
                    let markup: String = body.finish().into_iter().map(|stretch| stretch.markup).collect();
                    notes.entry(id).or_insert(markup);
                }
            }
            token => {
                if let Some((Some(_), body)) = &mut open {
                    body.token(token, &mut Notes::new());
                }
            }
        }
    }
    notes
}
