//! FB2, Word and HTML files, and archives around them, made at random: never a panic, and a ledger that adds up.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::io::{Cursor, Write};

use epitome_book::{Book, BookError, read, read_files};
use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

fn zipped(items: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in items {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const PROSE: &str = "Some words that are always here, and always the same.";

/// One of `tags`, opened or closed, or text.
fn fragment(tags: &'static [&'static str]) -> impl Strategy<Value = String> {
    let tag = || proptest::sample::select(tags);
    prop_oneof![
        4 => tag().prop_map(|tag| format!("<{tag}>")),
        3 => tag().prop_map(|tag| format!("</{}>", tag.split(' ').next().unwrap_or(tag))),
        1 => tag().prop_map(|tag| format!("<{tag}/>")),
        3 => "[a-z.é中\n ]{1,80}",
        1 => "\\PC{0,20}",
        1 => Just("<![CDATA[<i>]]><!-- -->&amp;&x;".to_owned()),
        1 => Just("Chapter 1".to_owned()),
        1 => Just("*** START OF THE PROJECT GUTENBERG EBOOK".to_owned()),
    ]
}

const FB2: &[&str] = &[
    "section",
    "title",
    "p",
    "strong",
    "body",
    "body name='notes'",
    "poem",
    "stanza",
    "v",
    "epigraph",
    "subtitle",
    "empty-line",
    "binary id='c'",
    "description",
    "title-info",
    "author",
    "first-name",
    "book-title",
    "table",
    "td",
];
const WORD: &[&str] = &[
    "w:p",
    "w:r",
    "w:t",
    "w:pPr",
    "w:pStyle w:val='Heading1'",
    "w:pStyle w:val='TOC1'",
    "w:pStyle w:val='Title'",
    "w:outlineLvl w:val='0'",
    "w:tbl",
    "w:tr",
    "w:tc",
    "w:del",
    "w:sdt",
    "w:docPartGallery w:val='Table of Contents'",
    "w:fldChar w:fldCharType='begin'",
    "w:fldChar w:fldCharType='end'",
    "w:instrText",
    "w:txbxContent",
    "w:footnoteReference w:id='1'",
    "mc:Fallback",
    "w:br",
];
const HTML: &[&str] = &[
    "h1",
    "h2",
    "h3",
    "p",
    "a href='#a'",
    "a id='a'",
    "a href='2.html'",
    "ul",
    "li",
    "title",
    "body",
    "head",
    "script",
    "div",
    "nav",
    "br",
];

fn adds_up(found: Result<Book, BookError>) -> Result<(), TestCaseError> {
    match found {
        Ok(book) => prop_assert!(book.check_ledger().unwrap().adds_up()),
        Err(error) => prop_assert!(!matches!(error, BookError::Ledger { .. }), "{error}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_fb2_gives_a_ledger_that_adds_up(parts in proptest::collection::vec(fragment(FB2), 0..80)) {
        adds_up(read(format!("<FictionBook><body><section><p>{PROSE}</p>{}</body>", parts.concat()).as_bytes(), "b.fb2"))?;
    }

    #[test]
    fn any_word_document_gives_a_ledger_that_adds_up(parts in proptest::collection::vec(fragment(WORD), 0..80), notes in proptest::collection::vec(fragment(WORD), 0..20)) {
        let document = format!("<w:document><w:body><w:p><w:r><w:t>{PROSE}</w:t></w:r></w:p>{}", parts.concat());
        let notes = format!("<w:footnotes><w:footnote w:id='1'>{}</w:footnote>", notes.concat());
        let rels = "<Relationships><Relationship Type='footnotes' Target='footnotes.xml'/></Relationships>";
        let items: [(&str, &[u8]); 4] = [
            ("[Content_Types].xml", b""), ("word/document.xml", document.as_bytes()), ("word/footnotes.xml", notes.as_bytes()),
            ("word/_rels/document.xml.rels", rels.as_bytes()),
        ];
        adds_up(read(&zipped(&items), "b.docx"))?;
    }

    #[test]
    fn any_page_gives_a_ledger_that_adds_up(parts in proptest::collection::vec(fragment(HTML), 0..80), text in "\\PC{0,80}") {
        let page = format!("<html><p>{PROSE}</p>{}", parts.concat());
        adds_up(read(page.as_bytes(), "b.html"))?;
        let files = [("1.html", page.as_bytes()), ("2.html", page.as_bytes()), ("index.html", page.as_bytes()), ("a/b.txt", text.as_bytes())];
        adds_up(read_files(files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect(), "b.zip"))?;
        let packed = zipped(&files);
        adds_up(read(&packed, "b.zip"))?;
        adds_up(read(&packed[..packed.len() / 2], "b.zip"))?;
    }
}
