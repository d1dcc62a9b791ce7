//! Books in archives, and FB2.

use std::io::Write as _;

use epitome_testkit::{EpubBuilder, Toc};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::prose;
use crate::mutate::packed as zipped;

const FIXTURES: [&[u8]; 3] = [
    include_bytes!("../../../../../tests/fixtures/ncx.epub"),
    include_bytes!("../../../../../tests/fixtures/anchors.epub"),
    include_bytes!("../../../../../tests/fixtures/no-spine.epub"),
];

/// A picture as far as its first bytes go.
const PICTURE: &[u8] = b"\x89PNG\r\n\x1A\nthe rest of a picture";

fn items(list: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    list.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
}

pub fn epub() -> Vec<Vec<u8>> {
    let book = || {
        let chapters = (1..5).fold(EpubBuilder::new("The Long Road").author("Ann Walker"), |book, number| {
            book.chapter(&format!("Chapter {number}"), &format!("{}\n\n{}", prose(number, 30), prose(number + 7, 30)))
        });
        chapters.unlisted(&prose(20, 12))
    };
    let made = [
        book(),
        book().toc(Toc::Ncx),
        book().toc(Toc::Both).one_file(),
        book().toc(Toc::None),
        book().file("META-INF/encryption.xml", FONTS.as_bytes()),
    ];
    let mut seeds: Vec<Vec<u8>> = made.iter().filter_map(|book| book.bytes().ok()).collect();
    seeds.push(rich());
    seeds.extend(FIXTURES.iter().map(|seed| seed.to_vec()));
    seeds
}

const FONTS: &str = "<encryption xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData><enc:EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/></enc:EncryptedData></encryption>";

/// Parts, a guide, landmarks, a series, a cover, ruby, a picture with text, entities.
fn rich() -> Vec<u8> {
    let package = "<package version='3.0'><metadata><dc:title>Road</dc:title><dc:creator>Ann</dc:creator><dc:language>ja</dc:language><meta name='calibre:series' content='Ways'/><meta name='calibre:series_index' content='2'/><meta name='cover' content='pic'/></metadata><manifest><item id='nav' href='nav.xhtml' media-type='application/xhtml+xml' properties='nav'/><item id='a' href='t/a.xhtml' media-type='application/xhtml+xml'/><item id='b' href='t/b%20c.xhtml' media-type='application/xhtml+xml'/><item id='s' href='s.svg' media-type='image/svg+xml'/><item id='pic' href='c.png' media-type='image/png' properties='cover-image'/></manifest><spine><itemref idref='a'/><itemref idref='s' linear='no'/><itemref idref='b'/></spine><guide><reference type='cover' href='t/a.xhtml#t'/></guide></package>";
    let nav = "<html><body><nav epub:type='toc'><ol><li><span>Part I</span><ol><li><a href='t/a.xhtml#one'>One</a></li><li><a href='t/a.xhtml#two'>Two</a></li></ol></li><li><a href='t/b%20c.xhtml'>Three</a></li></ol></nav><nav epub:type='landmarks'><a epub:type='bodymatter' href='t/a.xhtml'>x</a></nav></body></html>";
    let first = format!(
        "<html><body><section epub:type='chapter' id='one'><h1>One</h1><p><ruby>道<rt>みち</rt></ruby> {}</p></section><section id='two'><h1>Two &amp; more</h1><p>{}&nbsp;&#8212;&hellip;</p><table><tr><td>1</td></tr></table></section></body></html>",
        prose(1, 40),
        prose(2, 40)
    );
    let second = format!(
        "<html><body><h1>Three</h1><p>{}</p><aside epub:type='footnote'>Note.</aside></body></html>",
        prose(3, 60)
    );
    let mut all = items(&[
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", "<container><rootfiles><rootfile full-path='O/p.opf'/></rootfiles></container>"),
        ("O/p.opf", package),
        ("O/nav.xhtml", nav),
        ("O/t/a.xhtml", &first),
        ("O/t/b c.xhtml", &second),
        ("O/s.svg", "<svg><title>Map</title><text>Here be dragons</text></svg>"),
    ]);
    all.push(("O/c.png".to_owned(), PICTURE.to_vec()));
    zipped(&all)
}

pub fn docx() -> Vec<Vec<u8>> {
    let paragraph = |style: &str, text: &str| {
        format!(
            "<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"
        )
    };
    let chapters: String = (1..4)
        .map(|number| paragraph("berschrift1", &format!("Chapter {number}")) + &paragraph("Normal", &prose(number, 40)))
        .collect();
    let extras = "<w:p><w:r><w:t>A note</w:t><w:footnoteReference w:id='2'/><w:tab/><w:br/></w:r><w:r><w:fldChar w:fldCharType='begin'/><w:instrText>TOC</w:instrText><w:fldChar w:fldCharType='end'/></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:sdt><w:sdtContent><w:p><w:pPr><w:outlineLvl w:val='1'/></w:pPr><w:r><w:t>Level</w:t></w:r></w:p></w:sdtContent></w:sdt>";
    let document =
        format!("<w:document><w:body>{}{chapters}{extras}</w:body></w:document>", paragraph("Title", "The Long Road"));
    let whole = items(&[
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", &document),
        (
            "word/styles.xml",
            "<w:styles><w:style w:styleId='berschrift1' w:type='paragraph'><w:name w:val='heading 1'/></w:style><w:style w:styleId='Title'><w:name w:val='Title'/></w:style></w:styles>",
        ),
        (
            "word/footnotes.xml",
            "<w:footnotes><w:footnote w:id='2'><w:p><w:r><w:t>Below the line.</w:t></w:r></w:p></w:footnote></w:footnotes>",
        ),
        (
            "word/_rels/document.xml.rels",
            "<Relationships><Relationship Id='r1' Type='http://x/footnotes' Target='footnotes.xml'/><Relationship Id='r2' Type='http://x/styles' Target='styles.xml'/></Relationships>",
        ),
        (
            "docProps/core.xml",
            "<cp:coreProperties><dc:title>The Long Road</dc:title><dc:creator>Ann Walker</dc:creator><dc:language>en</dc:language></cp:coreProperties>",
        ),
    ]);
    let small = items(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &document)]);
    vec![zipped(&whole), zipped(&small)]
}

pub fn fb2() -> Vec<Vec<u8>> {
    let section = |number: usize| {
        format!(
            "<section id='s{number}'><title><p>Chapter {number}</p></title><epigraph><p>Old saw.</p></epigraph><p>{}</p><poem><stanza><v>One</v><v>two</v></stanza></poem><subtitle>* * *</subtitle><p>{} <a l:href='#n1' type='note'>1</a></p></section>",
            prose(number, 30),
            prose(number + 4, 20)
        )
    };
    let sections: String = (1..4).map(section).collect();
    let whole = format!(
        "<?xml version='1.0' encoding='UTF-8'?><FictionBook xmlns:l='x'><description><title-info><author><first-name>Ann</first-name><last-name>Walker</last-name></author><book-title>The Long Road</book-title><coverpage><image l:href='#c.png'/></coverpage><lang>en</lang><sequence name='Ways' number='3'/></title-info></description><body><title><p>The Long Road</p></title><section><title><p>Part I</p></title>{sections}</section></body><body name='notes'><section id='n1'><p>A note.</p></section></body><binary id='c.png' content-type='image/png'>iVBORw0KGgo=</binary></FictionBook>"
    );
    let bare = format!("<FictionBook><body>{sections}<section><p>{}</p></section></body></FictionBook>", prose(9, 60));
    vec![whole.into_bytes(), bare.into_bytes()]
}

pub fn packed() -> Vec<Vec<u8>> {
    let gzip = |bytes: &[u8]| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        let _ = gzip.write_all(bytes);
        gzip.finish().unwrap_or_default()
    };
    let of = |list: &[(&str, &[u8])]| {
        zipped(&list.iter().map(|(name, content)| ((*name).to_owned(), content.to_vec())).collect::<Vec<_>>())
    };
    let (text, epub, fb2) = (super::text().swap_remove(0), epub().swap_remove(0), fb2().swap_remove(1));
    let page = |number: usize| {
        format!(
            "<html><head><title>Page {number}</title></head><body><h1>Chapter {number}</h1><p>{}</p></body></html>",
            prose(number, 50)
        )
    };
    let index = b"<html><body><ul><li><a href='2.html'>Two</a></li><li><a href='1.html'>One</a></li><li><a href='10.html#x'>Ten</a></li></ul></body></html>";
    let (one, two, ten) = (page(1), page(2), page(10));
    let pages: [(&str, &[u8]); 4] = [
        ("b/index.html", index),
        ("b/1.html", one.as_bytes()),
        ("b/2.html", two.as_bytes()),
        ("b/10.html", ten.as_bytes()),
    ];
    let zip = of(&[("readme.txt", b"Read me."), ("road.epub", &epub)]);
    vec![
        gzip(&text),
        gzip(&epub),
        of(&[("road.fb2", &fb2)]),
        of(&pages),
        of(&[("inner.zip", &zip), ("x.jpg", b"\xFF\xD8\xFF")]),
        of(&[("a.txt", &text), ("b.txt", &text)]),
        zip,
    ]
}
