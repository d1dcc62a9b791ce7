//! `FictionBook` 2 (<http://www.fictionbook.org/index.php/Eng:XML_Schema_Fictionbook_2.1>). For [`crate::read`].

mod body;
mod description;

use epitome_model::Format;

use crate::markup::{self, Token, Tokens};
use crate::pages::{self, Reader};
use crate::{Book, BookError, Cover, base64, language, limits, outline, text};
use body::Bodies;
use description::Description;

/// The book in an FB2 file. Read as loosely as HTML, because many of these files are not well-formed.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let file = markup::decode(bytes);
    let (description, bodies, cover) = parse(&file)?;
    let mut reader = Reader::new(&[]);
    for part in bodies.parts {
        reader.add(&part.path, &part.markup, part.left_out)?;
    }
    let Reader { text, pages, .. } = reader;

    let mut meta = description.meta;
    if meta.title.is_empty() {
        meta.title = text::title_of_file(file_name);
    }
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(&text);
    }
    let (method, sections) = pages::find_by_headings(&text, pages, &meta.title);
    Book { format: Format::Fb2, meta, method, cover, text, sections }.checked()
}

/// Where in the file a token is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Outside,
    Description,
    Body,
    /// The picture of the cover.
    Cover,
}

fn parse(file: &str) -> Result<(Description, Bodies, Option<Cover>), BookError> {
    let mut description = Description::default();
    let mut bodies = Bodies::default();
    let mut picture = String::new();
    let mut place = Place::Outside;
    for token in Tokens::new(file) {
        match &token {
            Token::Open { name: "description", empty: false, .. } if place == Place::Outside => {
                place = Place::Description;
            }
            Token::Open { name: "body", empty: false, attributes } if place != Place::Body => {
                place = Place::Body;
                bodies.begin(attributes.get("name").as_deref());
            }
            Token::Open { name: "binary", empty: false, attributes } => {
                let is_cover = picture.is_empty() && attributes.get("id").as_deref() == description.cover.as_deref();
                place = if is_cover && description.cover.is_some() { Place::Cover } else { Place::Outside };
            }
            Token::Close { name: "description" | "binary" } => place = Place::Outside,
            Token::Close { name: "body" } => {
                bodies.end();
                place = Place::Outside;
            }
            _ => match place {
                Place::Description => description.token(&token),
                Place::Body => bodies.token(&token),
                Place::Cover => {
                    if let Token::Text(text) = token
                        && picture.len() + text.len() <= limits::COVER_BYTES * 2
                    {
                        picture.push_str(text);
                    }
                }
                Place::Outside => {}
            },
        }
    }
    if place == Place::Body {
        return Err(BookError::Broken("it ends in the middle of the text, so it was probably cut off".to_owned()));
    }
    Ok((description, bodies, base64::decode(&picture).and_then(Cover::of)))
}

#[cfg(test)]
mod tests {
    use epitome_model::LeftOutReason;

    use super::*;

    fn prose(word: &str) -> String {
        format!("<p>The {word} was seen again by those who had stayed behind in the village.</p>").repeat(4)
    }

    fn fb2(description: &str, rest: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?><FictionBook xmlns:x=\"l\"><description>{description}</description>{rest}</FictionBook>"
        )
    }

    fn shown(book: &Book) -> Vec<String> {
        let part = |part: &Option<String>| part.as_ref().map(|part| format!("{part} / ")).unwrap_or_default();
        let reason =
            |reason: Option<LeftOutReason>| reason.map(|reason| format!(" -{}", reason.words())).unwrap_or_default();
        book.sections.iter().map(|s| format!("{}{}{}", part(&s.part), s.title, reason(s.left_out))).collect()
    }

    #[test]
    fn nested_sections_are_parts_and_chapters_and_notes_are_left_out() {
        let chapter = |title: &str| {
            format!("<section><title><p>{title}</p></title>{0}<subtitle>* * *</subtitle>{0}</section>", prose("cat"))
        };
        let body = format!(
            "<body><title><p>Ann Author</p><p>The Book</p></title><epigraph><p>To know a thing is to have seen it once, and to say so afterwards to all those who ask for it.</p><text-author>Me</text-author></epigraph>
            <section><title><p>Part One</p></title><epigraph><p>Motto.</p></epigraph>{}{}</section>
            <section><title><p>Part Two</p></title>{}<section>{}</section></section></body>
            <body name=\"notes\"><section id=\"n1\"><title><p>1</p></title><p>A note that explains a word which nobody would have known before reading it.</p></section></body>",
            chapter("Chapter 1.</p><p>Dawn"),
            chapter("Chapter 2"),
            chapter("Chapter 3"),
            prose("dog")
        );
        let about = "<title-info><author><first-name>Ann</first-name><last-name>Author</last-name></author><book-title>The Book</book-title><lang>en</lang></title-info>";
        let book = read(fb2(about, &body).as_bytes(), "x.fb2").unwrap();
        assert_eq!(
            shown(&book),
            [
                "Title page -title page",
                "Epigraph",
                "Part One / Chapter 1. Dawn",
                "Part One / Chapter 2",
                "Part Two / Chapter 3",
                "Notes -notes and lists"
            ]
        );
        assert!(book.check_ledger().unwrap().adds_up());
        assert!(book.text.contains("Part One\n\nMotto.\n\nChapter 1.\nDawn\n\nThe cat"));
    }

    #[test]
    fn what_the_file_says_of_itself_is_taken() {
        let about = "<title-info><genre>sf</genre><author><first-name>Anna</first-name><middle-name>B.</middle-name><last-name>Cee</last-name></author><author><nickname>zed</nickname></author>
            <book-title>Long &amp; Short</book-title><coverpage><image x:href=\"#c.gif\"/></coverpage><lang>ru</lang><src-lang>en</src-lang>
            <translator><first-name>No</first-name><last-name>One</last-name></translator><sequence name=\"Cycle\" number=\"2\"/></title-info>
            <src-title-info><book-title>Other</book-title></src-title-info><document-info><author><nickname>scanner</nickname></author></document-info>";
        let rest = format!(
            "<body><section>{}</section></body><binary id=\"c.gif\" content-type=\"image/gif\">R0lG\nODlh</binary>",
            prose("hen")
        );
        let book = read(fb2(about, &rest).as_bytes(), "x.fb2").unwrap();
        assert_eq!(
            (book.meta.title.as_str(), book.meta.authors.join(", ").as_str()),
            ("Long & Short", "Anna B. Cee, zed")
        );
        let series = book.meta.series.unwrap();
        assert_eq!(
            (series.name.as_str(), series.number.as_deref(), book.meta.language.as_deref()),
            ("Cycle", Some("2"), Some("ru"))
        );
        assert_eq!(book.cover.unwrap().bytes, b"GIF89a");
    }

    #[test]
    fn sections_without_titles_go_by_their_bold_first_lines() {
        let section = |name: &str| {
            format!(
                "<section><empty-line/><p><strong>{name}</strong></p>{}<p><strong>Loud</strong> words.</p></section>",
                prose("owl")
            )
        };
        let body = format!("<body>{}{}{}</body>", section("I"), section("The Storm"), section("Imprint"));
        let book = read(fb2("", &body).as_bytes(), "my_book.fb2").unwrap();
        assert_eq!(shown(&book), ["I", "The Storm", "Imprint -imprint"]);
        assert_eq!(book.meta.title, "my book");
    }

    #[test]
    fn verses_tables_and_broken_markup_keep_their_words() {
        let body = format!(
            "<body><section><title><p>A</p></title>{0}<poem><title><p>Ode</p></title><stanza><v>one</v><v>two</v></stanza><stanza><v>three</v></stanza></poem>
            <cite><p>said</p><text-author>he</text-author></cite><table><tr><td>x</td><td>y</td></tr></table><p>5 < 6 & 7<sup>2</sup></emphasis></p></section>
            <section><title><p>B</p></title>{0}</section></body>",
            prose("fox")
        );
        let book = read(fb2("", &body).as_bytes(), "x.fb2").unwrap();
        assert!(book.text.contains("Ode\n\none\ntwo\n\nthree\n\nsaid\n\nhe\n\nx y\n\n5 < 6 & 72"), "{}", book.text);
        assert_eq!(shown(&book), ["A", "B"]);
    }

    #[test]
    fn encodings_are_declared() {
        let text = fb2(
            "",
            &format!(
                "<body><section><p>{}</p></section></body>",
                "Все счастливые семьи похожи друг на друга. ".repeat(5)
            ),
        );
        let bytes = encoding_rs::WINDOWS_1251.encode(&text.replace("utf-8", "windows-1251")).0.into_owned();
        assert!(read(&bytes, "x.fb2").unwrap().text.starts_with("Все счастливые"));
    }

    #[test]
    fn hostile_files_end() {
        let deep = format!("<body>{}{}", "<section><title><p>t".repeat(200_000), prose("elk"));
        assert!(matches!(read(fb2("", &deep).as_bytes(), "x.fb2"), Err(BookError::Broken(_))));
        let deep =
            format!("<body>{}{}{}</body>", "<section>".repeat(200_000), prose("elk"), "</section>".repeat(200_000));
        assert!(read(fb2("", &deep).as_bytes(), "x.fb2").is_ok());
        let laughs = "<?xml version='1.0'?><!DOCTYPE F [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'>]><FictionBook><body><section><p>&b; and the words that are in this book</p></section></body></FictionBook>";
        assert!(read(laughs.as_bytes(), "x.fb2").unwrap().text.starts_with("&b; and"));
    }
}
