//! Word documents made here.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::read as read_any;

fn docx(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

const RELS: &str = "<Relationships><Relationship Id='r' Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' Target='word/document.xml'/></Relationships>";
const STYLES: &str = "<w:styles><w:style w:type='paragraph' w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style><w:style w:type='paragraph' w:styleId='Ue2'><w:name w:val='heading 2'/></w:style>
    <w:style w:type='paragraph' w:styleId='Titel'><w:name w:val='Title'/></w:style><w:style w:type='paragraph' w:styleId='V1'><w:name w:val='toc 1'/></w:style></w:styles>";

/// A document of that body with the styles above, and more parts.
fn document(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let body = format!("<w:document xmlns:w='w'><w:body>{body}</w:body></w:document>");
    docx(
        &[
            &[
                ("[Content_Types].xml", ""),
                ("_rels/.rels", RELS),
                ("word/document.xml", body.as_str()),
                ("word/styles.xml", STYLES),
            ],
            more,
        ]
        .concat(),
    )
}

fn p(style: &str, text: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>")
}

fn prose(word: &str) -> String {
    p("Standard", &format!("The {word} was seen again by those who had stayed behind in the village. ")).repeat(4)
}

fn shown(book: &Book) -> Vec<String> {
    let part = |part: &Option<String>| part.as_ref().map(|part| format!("{part} / ")).unwrap_or_default();
    let reason =
        |reason: Option<LeftOutReason>| reason.map(|reason| format!(" -{}", reason.words())).unwrap_or_default();
    book.sections.iter().map(|s| format!("{}{}{}", part(&s.part), s.title, reason(s.left_out))).collect()
}

#[test]
fn three_parts_are_enough() {
    let body = format!(
        "<w:document><w:body>{}{}{}{}</w:body></w:document>",
        p("Heading1", "One"),
        prose("cat"),
        p("Heading1", "Two"),
        prose("dog")
    );
    let book = read_any(
        &docx(&[("[Content_Types].xml", ""), ("_rels/.rels", RELS), ("word/document.xml", &body)]),
        "my_book.docx",
    )
    .unwrap();
    assert_eq!(
        (book.format, book.meta.title.as_str(), shown(&book)),
        (Format::Docx, "my book", vec!["One".to_owned(), "Two".into()])
    );
}

#[test]
fn headings_go_by_style_and_contents_are_left_out() {
    let core = "<cp:coreProperties><dc:title>Microsoft Word - x.doc</dc:title><dc:creator>Ann A; Bob B</dc:creator><dc:language>de-DE</dc:language></cp:coreProperties>";
    let field = |kind: &str| format!("<w:r><w:fldChar w:fldCharType='{kind}'/></w:r>");
    let contents = format!(
        "{}<w:p>{}<w:r><w:instrText> TOC \\h </w:instrText></w:r>{}<w:hyperlink><w:r><w:t>Erstes</w:t></w:r></w:hyperlink></w:p>{}<w:p>{}</w:p>",
        p("berschrift1", "Inhalt"),
        field("begin"),
        field("separate"),
        p("Standard", "Zweites"),
        field("end")
    );
    let body = [
        p("Titel", "Das Buch"),
        p("Standard", "von Ann"),
        contents,
        p("berschrift1", "Teil I"),
        p("Ue2", "Erstes"),
        prose("Hut"),
        p("Ue2", "Zweites"),
        prose("Ast"),
        p("berschrift1", "Teil II"),
        p("Ue2", "Drittes"),
        prose("Arm"),
    ];
    let book = read_any(&document(&body.concat(), &[("docProps/core.xml", core)]), "x.docx").unwrap();
    assert_eq!(
        (book.meta.title.as_str(), book.meta.authors.len(), book.meta.language.as_deref()),
        ("Das Buch", 2, Some("de-DE"))
    );
    assert_eq!(
        shown(&book),
        ["Title page -title page", "Inhalt -contents", "Teil I / Erstes", "Teil I / Zweites", "Teil II / Drittes"]
    );
    let contents = book.sections.iter().position(|section| section.left_out == Some(LeftOutReason::Contents)).unwrap();
    assert_eq!(book.section_text(contents).trim(), "Inhalt\n\nErstes\n\nZweites");
}

#[test]
fn every_word_is_in_its_place_and_deleted_ones_are_not() {
    let rels = "<Relationships><Relationship Type='x/footnotes' Target='footnotes.xml'/><Relationship Type='x/endnotes' Target='endnotes.xml'/></Relationships>";
    let foot = "<w:footnotes><w:footnote w:type='separator' w:id='-1'><w:p><w:r><w:t>sep</w:t></w:r></w:p></w:footnote><w:footnote w:id='2'><w:p><w:r><w:t>Foot words.</w:t></w:r></w:p></w:footnote>
        <w:footnote w:id='3'><w:p><w:r><w:t>Nobody calls this.</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let end = "<w:endnotes><w:endnote w:id='1'><w:p><w:r><w:t>End words.</w:t></w:r></w:p></w:endnote></w:endnotes>";
    let body = format!(
        "{}{}<w:p><w:r><w:t>A</w:t><w:tab/><w:t>b</w:t><w:br/><w:t xml:space='preserve'>c </w:t></w:r><w:ins><w:r><w:t>new &amp; </w:t></w:r></w:ins><w:del><w:r><w:delText>old</w:delText></w:r></w:del>
        <w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:hyperlink><w:r><w:t>link</w:t></w:r></w:hyperlink><w:r><w:footnoteReference w:id='2'/></w:r><w:r><w:endnoteReference w:id='1'/></w:r><w:r><w:t>.</w:t></w:r></w:p>
        <w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl><w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>
        <w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>{}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>{}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>around</w:t></w:r></w:p>{}{}",
        p("berschrift1", "One"),
        prose("cat"),
        p("S", "cell 1"),
        p("S", "cell 2"),
        p("S", "control"),
        p("S", "box"),
        p("S", "box"),
        p("berschrift1", "Two"),
        prose("dog")
    );
    let more = [("word/_rels/document.xml.rels", rels), ("word/footnotes.xml", foot), ("word/endnotes.xml", end)];
    let book = read_any(&document(&body, &more), "x.docx").unwrap();
    let text = book.section_text(0);
    assert!(
        text.trim_end().ends_with("A b\nc new & link.\n\nFoot words.\n\ncell 1\n\ncell 2\n\ncontrol\n\naround\n\nbox"),
        "{text}"
    );
    assert_eq!(shown(&book), ["One", "Two", "Notes -notes and lists"]);
    assert_eq!(book.section_text(2), "Nobody calls this.\n\nEnd words.");
}

#[test]
fn text_without_styles_goes_by_the_rules_of_texts() {
    let chapters = [1, 2, 3, 4, 5].map(|number| format!("Chapter {number}"));
    let body = chapters.each_ref().map(|title| p("", title) + &prose("elk")).concat();
    assert_eq!(shown(&read_any(&document(&body, &[]), "x.docx").unwrap()), chapters);
}

#[test]
fn titles_used_for_chapters_are_chapters() {
    let body = ["One", "Two", "Three"].map(|title| p("Titel", title) + &prose("gnu")).concat();
    assert_eq!(shown(&read_any(&document(&body, &[]), "x.docx").unwrap()), ["One", "Two", "Three"]);
}

#[test]
fn hostile_documents_end() {
    let deep = [
        format!("{}{}", "<w:p><w:r><w:txbxContent>".repeat(100_000), prose("elk")),
        format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(100_000), prose("elk")),
    ];
    for body in deep {
        assert!(read_any(&document(&body, &[]), "x.docx").unwrap().text.contains("The elk"));
    }
    let field = "<w:p><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>TOC</w:instrText></w:r></w:p>".repeat(20_000);
    let book =
        read_any(&document(&format!("{field}{}{}", p("berschrift1", "One"), prose("ape")), &[]), "x.docx").unwrap();
    assert_eq!(shown(&book), ["One"]);
    let lost = docx(&[("[Content_Types].xml", ""), ("word/styles.xml", STYLES)]);
    assert!(matches!(read_any(&lost, "x.docx"), Err(BookError::Broken(_))));
}
