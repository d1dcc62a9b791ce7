//! EPUBs made here: awkward, hostile, and random ones.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::io::{Cursor, Write};

use epitome_book::{Book, BookError, Cut, SAMPLE, cut, limits, read};
use epitome_model::{ChapterMethod, LeftOutReason};
use proptest::prelude::*;
use zip::write::{SimpleFileOptions, ZipWriter};

const CONTAINER: &str = "<container><rootfiles><rootfile full-path='o/p.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";

fn zipped(items: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in items {
        writer.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// An EPUB of those documents (name, body), in order, with a navigation list of (target, title) if there is one.
fn epub(pages: &[(&str, &str)], nav: &[(&str, &str)], more: &[(&str, &str)]) -> Vec<u8> {
    let item = |(at, (name, _)): (usize, &(&str, &str))| {
        let kind = match name.rsplit('.').next() {
            Some("svg") => "image/svg+xml",
            Some("jpg") => "image/jpeg",
            _ => "application/xhtml+xml",
        };
        format!("<item id='i{at}' href='{name}' media-type='{kind}'/>")
    };
    let manifest: Vec<String> = pages.iter().enumerate().map(item).collect();
    let spine: Vec<String> = (0..pages.len()).map(|at| format!("<itemref idref='i{at}'/>")).collect();
    let (manifest, spine) = (manifest.concat(), spine.concat());
    let opf = format!(
        "<package><metadata><dc:title>T</dc:title></metadata><manifest>{manifest}<item id='nav' href='nav.xhtml' properties='nav'/></manifest><spine>{spine}</spine></package>"
    );
    let list: Vec<String> = nav.iter().map(|(to, title)| format!("<li><a href='{to}'>{title}</a></li>")).collect();
    let mut items =
        vec![("META-INF/container.xml".to_owned(), CONTAINER.into()), ("o/p.opf".to_owned(), opf.into_bytes())];
    items.push((
        "o/nav.xhtml".to_owned(),
        format!("<nav epub:type='toc'><ol>{}</ol></nav>", list.concat()).into_bytes(),
    ));
    items.extend(
        pages
            .iter()
            .map(|(name, body)| (format!("o/{name}"), format!("<html><body>{body}</body></html>").into_bytes())),
    );
    items.extend(more.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())));
    zipped(&items)
}

fn prose(word: &str, times: usize) -> String {
    format!("<p>The {word} was seen again by those who had stayed behind in the village. </p>").repeat(times)
}

fn titles(book: &Book) -> Vec<&str> {
    book.chapters().map(|(_, _, section)| section.title.as_str()).collect()
}

/// An EPUB of that manifest and spine, and those files.
fn packaged(manifest: &str, spine: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
    let opf = format!(
        "<package><metadata><dc:title>T</dc:title></metadata><manifest>{manifest}</manifest><spine>{spine}</spine><guide><reference type='cover' href='front.xhtml'/></guide></package>"
    );
    let mut items =
        vec![("META-INF/container.xml".to_owned(), CONTAINER.into()), ("o/p.opf".to_owned(), opf.into_bytes())];
    items.extend(files.iter().map(|(name, content)| (format!("o/{name}"), content.to_vec())));
    zipped(&items)
}

#[test]
fn nothing_that_the_spine_names_is_lost_in_silence() {
    let page = |title: &str| format!("<html><body><h1>{title}</h1>{}</body></html>", prose("cat", 5));
    let (one, two, three) = (page("One"), page("Two"), page("Three"));
    let manifest = "<item id='a' href='a.xhtml' media-type='application/xhtml+xml'/><item id='gone' href='gone.xhtml' media-type='application/xhtml+xml'/>
        <item id='odd' href='odd.bin' media-type='application/x-odd'/><item id='book' href='b.dtbook' media-type='application/x-dtbook+xml' fallback='c'/>
        <item id='c' href='c.xhtml' media-type='application/xhtml+xml'/><item id='p' href='p.jpg' media-type='image/jpeg'/>";
    let refs: String =
        ["a", "gone", "odd", "nobody", "p", "book"].map(|id| format!("<itemref idref='{id}'/>")).concat();
    let files: [(&str, &[u8]); 5] = [
        ("a.xhtml", one.as_bytes()),
        ("odd.bin", two.as_bytes()),
        ("b.dtbook", b"\0\x01\x02"),
        ("c.xhtml", three.as_bytes()),
        ("p.jpg", b"\xFF\xD8\xFF"),
    ];
    let book = read(&packaged(manifest, &refs, &files), "b.epub").unwrap();
    assert_eq!(titles(&book), ["One", "Two", "Three"]);
    let all: Vec<_> = book.sections.iter().map(|section| (section.title.as_str(), section.left_out)).collect();
    let missing = Some(LeftOutReason::Missing);
    assert_eq!(
        all,
        [("One", None), ("gone.xhtml", missing), ("Two", None), ("nobody", missing), ("Three", None)],
        "each where it would be"
    );
    assert_eq!(book.check_ledger().unwrap().left_out.len(), 2);
}

#[test]
fn headings_of_two_levels_are_parts_and_chapters_where_there_is_no_table() {
    let part = |part: &str, chapters: [&str; 2]| {
        let chapters = chapters.map(|title| format!("<h2>{title}</h2>{}", prose("cat", 9))).concat();
        format!("<h1>{part}</h1>{chapters}")
    };
    let (first, second) = (part("Part One", ["Rain", "Sun"]), part("Part Two", ["Snow", "Hail"]));
    let book = read(&epub(&[("a.xhtml", &first), ("b.xhtml", &second)], &[], &[]), "b.epub").unwrap();
    let found: Vec<_> =
        book.chapters().map(|(_, _, s)| (s.part.clone().unwrap_or_default(), s.title.as_str())).collect();
    let expected = [("Part One", "Rain"), ("Part One", "Sun"), ("Part Two", "Snow"), ("Part Two", "Hail")];
    assert_eq!(found, expected.map(|(part, title)| (part.to_owned(), title)));
}

#[test]
fn the_picture_on_the_cover_page_is_the_cover() {
    let text = format!("<html><body><h1>One</h1>{}</body></html>", prose("cat", 5));
    let manifest = "<item id='f' href='front.xhtml' media-type='application/xhtml+xml'/><item id='a' href='a.xhtml' media-type='application/xhtml+xml'/>";
    let picture = [b"\x89PNG\r\n\x1A\n".as_slice(), &vec![7; 3_000_000]].concat();
    let files: [(&str, &[u8]); 3] = [
        ("front.xhtml", b"<html><body><svg><image xlink:href='art/x1.png'/></svg></body></html>"),
        ("a.xhtml", text.as_bytes()),
        ("art/x1.png", &picture),
    ];
    let book = read(&packaged(manifest, "<itemref idref='f'/><itemref idref='a'/>", &files), "b.epub").unwrap();
    assert_eq!(book.cover.map(|cover| cover.bytes.len()), Some(picture.len()), "a large one too");
}

#[test]
fn pages_of_the_publisher_are_left_out_by_their_shape() {
    let one = format!("<h1>One</h1>{}", prose("cat", 9));
    let two = format!("<h1>Two</h1>{}", prose("dog", 9));
    let pages = [
        ("p1.xhtml", "<p>Published by Small Press.</p><p>All rights reserved. ISBN 978-3-16-148410-0</p>"),
        ("p2.xhtml", one.as_str()),
        ("p3.xhtml", two.as_str()),
        (
            "p4.xhtml",
            "<h1>Also by Jane Doe</h1><p>The Road, a novel in three books</p><p>The River, and other tales of those who stayed behind in the village</p>",
        ),
    ];
    let book = read(&epub(&pages, &[("p2.xhtml", "One"), ("p3.xhtml", "Two")], &[]), "b.epub").unwrap();
    assert_eq!(titles(&book), ["One", "Two"]);
    let left_out = book.check_ledger().unwrap().left_out;
    assert_eq!(left_out.iter().map(|part| part.reason).collect::<Vec<_>>(), [LeftOutReason::Imprint; 2]);
}

#[test]
fn a_table_with_one_entry_for_everything_is_not_believed() {
    let chapters: Vec<(String, String)> =
        (1..=8).map(|n| (format!("c{n}.xhtml"), format!("<h2>Day {n}</h2>{}", prose("ship", 120)))).collect();
    let pages: Vec<(&str, &str)> = chapters.iter().map(|(name, body)| (name.as_str(), body.as_str())).collect();
    let book = read(&epub(&pages, &[("c1.xhtml", "Start")], &[]), "b.epub").unwrap();
    assert_eq!(titles(&book).len(), 8);
    assert_eq!(titles(&book)[7], "Day 8");
}

#[test]
fn without_any_table_documents_then_headings_then_sizes_serve() {
    let two = [
        ("a.xhtml", &*format!("<h1>One</h1>{}", prose("cat", 5))),
        ("b.xhtml", &*format!("<h1>Two</h1>{}", prose("dog", 5))),
    ];
    let book = read(&epub(&two, &[], &[]), "b.epub").unwrap();
    assert_eq!((book.method, titles(&book)), (ChapterMethod::Spine, vec!["One", "Two"]));
    let one: String =
        ["One", "Two", "Three", "Four"].map(|title| format!("<h2>{title}</h2>{}", prose("cow", 300))).concat();
    let book = read(&epub(&[("all.xhtml", &one)], &[], &[]), "b.epub").unwrap();
    assert_eq!((book.method, titles(&book)), (ChapterMethod::Headings, vec!["One", "Two", "Three", "Four"]));
    let book = read(&epub(&[("all.xhtml", &prose("fox", 900))], &[], &[]), "b.epub").unwrap();
    assert_eq!(book.method, ChapterMethod::Sized);
    assert!(titles(&book).len() > 4);
}

#[test]
fn front_and_back_matter_is_left_out_with_its_reason() {
    let text = prose("hen", 5);
    let pages = [
        ("cover.xhtml", "<p>Cover words</p>"),
        ("front.xhtml", "<section epub:type='titlepage'><h1>T</h1><p>by someone</p></section>"),
        (
            "dedication.xhtml",
            "<h2>Dedication</h2><p>To all who asked for this book to be written down at last, and to those who did not.</p>",
        ),
        ("c1.xhtml", &*format!("<h2>One</h2>{text}")),
        ("c1b.xhtml", &*text),
        ("end.xhtml", "<section epub:type='backmatter colophon'><p>Made with care.</p></section>"),
    ];
    let nav =
        [("front.xhtml", "Title"), ("dedication.xhtml", "Dedication"), ("c1.xhtml", "One"), ("end.xhtml", "Colophon")];
    let book = read(&epub(&pages, &nav, &[]), "b.epub").unwrap();
    assert_eq!(titles(&book), ["Dedication", "One"]);
    let reasons: Vec<_> = book.sections.iter().filter_map(|section| section.left_out).collect();
    assert_eq!(reasons, [LeftOutReason::Cover, LeftOutReason::TitlePage, LeftOutReason::Imprint]);
}

#[test]
fn media_types_are_obeyed_and_svg_text_is_read() {
    let pages = [
        ("a.svg", "<svg><text>Words inside a picture, which are read like all the others in the book.</text></svg>"),
        ("b.jpg", "<p>binary that must not be read</p>"),
        ("c.xhtml", "<p>日本語の<ruby>本<rt>ほん</rt></ruby>を読む。これはとても短い本ですが、本です。終わり。</p>"),
    ];
    let book = read(&epub(&pages, &[], &[]), "b.epub").unwrap();
    assert!(book.text.contains("Words inside") && book.text.contains("の本を") && !book.text.contains("binary"));
}

#[test]
fn the_first_package_the_navigation_and_every_file_count() {
    let page = |name: &str| format!("<html><body><h2>{name}</h2>{}</body></html>", prose(name, 5));
    let package = |title: &str, spine: &str| {
        let item = |name: &str| format!("<item id='{name}' href='{name}.xhtml' media-type='application/xhtml+xml'/>");
        format!(
            "<package><metadata><dc:title>{title}</dc:title></metadata><manifest>{}<item id='nav' href='nav.xhtml' properties='nav' media-type='application/xhtml+xml'/>
            <item id='ncx' href='toc.ncx' media-type='application/x-dtbncx+xml'/></manifest><spine toc='ncx'>{spine}</spine></package>",
            ["one", "two", "three"].map(item).concat()
        )
    };
    let container = "<container><rootfiles><rootfile full-path='braille.opf' media-type='application/x-braille+xml'/><rootfile full-path='a.opf' media-type='application/oebps-package+xml'/>
        <rootfile full-path='b.opf' media-type='application/oebps-package+xml'/></rootfiles></container>";
    let nav = "<nav epub:type='toc'><ol><li><a href='one.xhtml'>First</a></li><li><a href='three.xhtml'>Last</a></li></ol></nav>";
    let point = |name: &str| {
        format!("<navPoint><navLabel><text>N {name}</text></navLabel><content src='{name}.xhtml'/></navPoint>")
    };
    let all = "<itemref idref='one'/><itemref idref='two'/><itemref idref='three'/>";
    let items = [
        ("META-INF/container.xml", container.to_owned()),
        ("a.opf", package("A", all)),
        ("b.opf", package("B", "<itemref idref='three'/>")),
        ("nav.xhtml", nav.to_owned()),
        ("toc.ncx", format!("<ncx><navMap>{}</navMap></ncx>", ["one", "two", "three"].map(point).concat())),
        ("one.xhtml", page("one")),
        ("two.xhtml", page("two")),
        ("three.xhtml", page("three")),
    ];
    let items: Vec<_> = items.into_iter().map(|(name, content)| (name.to_owned(), content.into_bytes())).collect();
    let book = read(&zipped(&items), "b.epub").unwrap();
    assert_eq!((book.meta.title.as_str(), book.method), ("A", ChapterMethod::Navigation));
    assert_eq!(titles(&book), ["First", "two", "Last"]);
}

#[test]
fn protection_is_told_from_hidden_fonts() {
    let encryption = |algorithm: &str| {
        format!("<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/></EncryptedData></encryption>")
    };
    let text = prose("owl", 5);
    let made =
        |algorithm: &str| epub(&[("a.xhtml", &text)], &[], &[("META-INF/encryption.xml", &encryption(algorithm))]);
    assert_eq!(read(&made("http://www.w3.org/2001/04/xmlenc#aes128-cbc"), "b.epub"), Err(BookError::Protected));
    assert!(read(&made("http://www.idpf.org/2008/embedding"), "b.epub").is_ok());
}

#[test]
fn bombs_and_other_archives_are_refused() {
    let bomb = " ".repeat(usize::try_from(limits::ITEM_BYTES).unwrap() + 1);
    assert!(matches!(read(&epub(&[("a.xhtml", &bomb)], &[], &[]), "b.epub"), Err(BookError::TooLarge(_))));
    let many: Vec<_> = (0..=limits::ARCHIVE_ENTRIES).map(|at| (format!("f{at}"), Vec::new())).collect();
    assert!(matches!(read(&zipped(&many), "b.epub"), Err(BookError::TooLarge(_))));
    let sheet = zipped(&[("[Content_Types].xml".into(), Vec::new()), ("xl/workbook.xml".into(), Vec::new())]);
    assert_eq!(read(&sheet, "x.epub"), Err(BookError::Unsupported("an office document")));
    assert_eq!(read(&epub(&[("a.xhtml", "<img/>")], &[], &[]), "b.epub"), Err(BookError::NoText));
}

#[test]
fn deep_nesting_and_strange_names_do_no_harm() {
    let deep = format!("{}{}", "<div>".repeat(200_000), prose("elk", 5));
    let book = read(&epub(&[("../../deep.xhtml", &deep)], &[("../../deep.xhtml#none", "Deep")], &[]), "b.epub");
    assert!(book.is_err() || book.is_ok_and(|book| titles(&book) == ["Deep"]));
}

#[test]
fn of_several_tables_of_contents_the_first_counts_and_a_document_is_read_once() {
    let names = ["One", "Two", "Three", "Four", "Five", "Six"];
    let nav = |title: &str| format!("<nav epub:type='toc'><ol><li><a href='a.xhtml'>{title}</a></li></ol></nav>");
    let item = |name: &&str| {
        format!("<item id='{name}' href='{name}.xhtml' media-type='application/xhtml+xml' properties='nav'/>")
    };
    // Names that differ in their case only lead to the same document.
    let pages = "<item id='a' href='a.xhtml' media-type='application/xhtml+xml'/><item id='b' href='A.XHTML' media-type='application/xhtml+xml'/>";
    let package = format!(
        "<package><manifest>{}{pages}</manifest><spine><itemref idref='a'/><itemref idref='b'/></spine></package>",
        names.iter().map(item).collect::<String>()
    );
    let container = "<container><rootfile full-path='p.opf'/></container>".to_owned();
    let text = prose("fox", 3);
    let mut items = vec![("META-INF/container.xml".to_owned(), container), ("p.opf".to_owned(), package)];
    items.extend(names.iter().map(|name| (format!("{name}.xhtml"), nav(name))));
    items.push(("a.xhtml".to_owned(), format!("<p>{text}</p>")));
    let items: Vec<_> = items.into_iter().map(|(name, content)| (name, content.into_bytes())).collect();
    for _ in 0..8 {
        let book = read(&zipped(&items), "b.epub").unwrap();
        assert_eq!(titles(&book), ["One"]);
        assert_eq!(book.text.matches("fox").count(), text.matches("fox").count());
    }
}

/// Bits of markup that a random document is made of.
fn fragment() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<h1>".to_owned()),
        Just("</h1>".into()),
        Just("<h2 id='a'>Chapter 1</h2>".into()),
        Just("<p>".into()),
        Just("</p>".into()),
        Just("<div epub:type='colophon'>".into()),
        Just("</div>".into()),
        Just("<a id='b'/>".into()),
        Just("<br/>".into()),
        Just("<ruby>x<rt>".into()),
        Just("<script>".into()),
        Just("<![CDATA[".into()),
        Just("<!--".into()),
        Just("&nbsp;&#x;&amp".into()),
        Just("<pre>\n  ".into()),
        Just("<title>".into()),
        Just("<p a=\"".into()),
        "[a-z.é中\n ]{1,80}",
        "\\PC{0,20}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_markup_gives_a_ledger_that_adds_up(one in proptest::collection::vec(fragment(), 0..60), two in proptest::collection::vec(fragment(), 0..60)) {
        let pages = [("a.xhtml", &*one.concat()), ("b.xhtml", &*two.concat()), ("c.xhtml", "<p>Some words that are always here.</p>")];
        let nav = [("a.xhtml#a", "A"), ("a.xhtml#b", "B"), ("b.xhtml#b", "C"), ("b.xhtml", "D")];
        match read(&epub(&pages, &nav, &[]), "b.epub") {
            Ok(book) => prop_assert!(book.check_ledger().unwrap().adds_up()),
            Err(error) => prop_assert!(matches!(error, BookError::NoText), "{error}"),
        }
    }

    #[test]
    fn any_text_gives_a_ledger_that_adds_up(blocks in proptest::collection::vec(prop_oneof![
        Just("CHAPTER I. One".to_owned()), Just("Chapter 2".into()), Just("CONTENTS".into()), Just("1. List".into()), Just("III".into()), Just("# H".into()),
        Just("---".into()), Just("第一章 开始".into()), Just("*** START OF PROJECT GUTENBERG".into()), Just("*** END OF PROJECT GUTENBERG".into()),
        Just("Epilogue".into()), "[A-Za-z ,.]{0,300}", "\\PC{0,60}",
    ], 0..40), gap in "\n{1,3}", ending in "md|txt") {
        let text = blocks.join(&gap);
        if let Ok(book) = read(text.as_bytes(), &format!("b.{ending}")) {
            let sum: usize = book.sections.iter().map(|section| section.range.len()).sum();
            prop_assert_eq!(sum, book.text.len());
            prop_assert!(book.check_ledger().unwrap().adds_up());
            for (_, index, _) in book.chapters() {
                let text = book.section_text(index);
                let pieces = cut(text, Cut { max_chars: 100, overlap_chars: 0 });
                prop_assert_eq!(pieces.iter().map(|piece| &text[piece.clone()]).collect::<String>(), text);
            }
        }
    }

    #[test]
    fn damaged_files_never_panic(at in proptest::collection::vec((0..SAMPLE.len(), any::<u8>()), 1..30), end in 0..SAMPLE.len(), noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut bytes = SAMPLE.to_vec();
        for (at, byte) in at {
            bytes[at] = byte;
        }
        let _ = read(&bytes, "b.epub");
        let _ = read(&bytes[..end], "b.epub");
        let _ = read(&noise, "b.txt");
    }
}
