//! What an FB2 file says of itself. For the FB2 reader.

use epitome_model::{BookMeta, Series};

use crate::language;
use crate::markup::{Token, decode_entities};

/// Longest name or title read, in bytes.
const LONGEST: usize = 2_000;

#[derive(Default)]
pub struct Description {
    pub meta: BookMeta,
    /// Id of the picture of the cover.
    pub cover: Option<String>,
    /// Whether the part about this very text is open; the original's and the file's own are left aside.
    in_title_info: bool,
    author: Option<Author>,
    in_cover: bool,
    text: String,
}

#[derive(Default)]
struct Author {
    /// First, middle and last name.
    names: [String; 3],
    nickname: String,
}

impl Author {
    fn name(self) -> String {
        let name = self.names.iter().filter(|name| !name.is_empty()).map(String::as_str).collect::<Vec<_>>().join(" ");
        if name.is_empty() { self.nickname } else { name }
    }
}

impl Description {
    pub fn token(&mut self, token: &Token<'_>) {
        match token {
            Token::Open { name: "title-info", .. } => self.in_title_info = true,
            Token::Close { name: "title-info" } => self.in_title_info = false,
            _ if !self.in_title_info => {}
            Token::Open { name, attributes, .. } => {
                self.text.clear();
                match *name {
                    "author" => self.author = Some(Author::default()),
                    "coverpage" => self.in_cover = true,
                    "image" if self.in_cover && self.cover.is_none() => {
                        self.cover = attributes.local("href").map(|id| id.trim_start_matches('#').to_owned());
                    }
                    "sequence" if self.meta.series.is_none() => {
                        let said =
                            |key| attributes.get(key).map(|value| tidy(&value)).filter(|value| !value.is_empty());
                        self.meta.series = said("name").map(|name| Series { name, number: said("number") });
                    }
                    _ => {}
                }
            }
            Token::Close { name } => self.close(name),
            Token::Text(text) if self.text.len() < LONGEST => self.text.push_str(&decode_entities(text)),
            Token::Verbatim(text) if self.text.len() < LONGEST => self.text.push_str(text),
            Token::Text(_) | Token::Verbatim(_) => {}
        }
    }

    fn close(&mut self, name: &str) {
        let text = tidy(&std::mem::take(&mut self.text));
        match (name, &mut self.author) {
            ("first-name", Some(author)) => author.names[0] = text,
            ("middle-name", Some(author)) => author.names[1] = text,
            ("last-name", Some(author)) => author.names[2] = text,
            ("nickname", Some(author)) => author.nickname = text,
            ("author", author) => {
                let name = author.take().map(Author::name);
                self.meta.authors.extend(name.filter(|name| !name.is_empty()));
            }
            ("book-title", _) if self.meta.title.is_empty() => self.meta.title = text,
            ("lang", _) if self.meta.language.is_none() => self.meta.language = language::tag(&text),
            ("coverpage", _) => self.in_cover = false,
            _ => {}
        }
    }
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
