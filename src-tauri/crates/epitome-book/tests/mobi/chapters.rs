//! Text and chapters.

use epitome_model::{ChapterMethod, LeftOutReason};

use super::book::{File, both, kf8, kf8_records, mobi6, mobi6_records};
use super::pack::Packing;
use super::palm::Head;
use super::{parsed, prose, read_prose, titles};

const BREAK: &str = "<mbp:pagebreak/>";

#[test]
fn every_packing_gives_the_same_text() {
    // 160 kB, so that characters of two and three bytes stand at the ends of records.
    let raw = format!("<html><body><h1>One</h1>{}</body></html>", prose("ship", 1_600));
    let expected = format!("One\n\n{}", read_prose("ship", 1_600));
    for packing in [Packing::Plain, Packing::PalmDoc, Packing::Huffman] {
        let made = mobi6(raw.as_bytes(), &[], Head { packing, ..Head::default() });
        assert!(packing == Packing::Plain || made.len() * 2 < raw.len(), "{packing:?} packs nothing");
        assert!(parsed(&made).text == expected, "{packing:?}");
    }
}

#[test]
fn a_navigation_index_gives_chapters_in_parts() {
    let (one, two, three) = (prose("cat", 20), prose("dog", 20), prose("hen", 20));
    let raw = format!(
        "<html><head><guide></guide></head><body><p>Title page</p>{BREAK}<p id='p1'>PART I</p>{BREAK}<p><b>1</b></p>{one}\
         <div id='c2'><p><b>2</b></p></div>{two}<p>PART II</p>{BREAK}<p><font size='5'>3</font></p>{three}</body></html>"
    );
    // Level by level, as they stand in books; places at a page break, at a tag, within a tag and within text.
    let points = [
        ("Part I", "<mbp:pagebreak/><p id='p1'>", None),
        ("Part &amp; II", "ART II<", None),
        ("Chapter 1", "<p><b>1<", Some(0)),
        ("Chapter 2", "'c2'>", Some(0)),
        ("Chapter 3", "<font size='5'>3", Some(1)),
    ];
    let book = parsed(&mobi6(raw.as_bytes(), &points, Head::default()));
    assert_eq!(book.method, ChapterMethod::Ncx);
    assert_eq!(titles(&book), ["Part I / Chapter 1", "Part I / Chapter 2", "Part & II / Chapter 3"]);
    let texts: Vec<&str> = book.chapters().map(|(_, index, _)| book.section_text(index)).collect();
    assert_eq!(texts[1].trim(), format!("2\n\n{}", read_prose("dog", 20)));
    assert_eq!(texts[2].trim(), format!("PART II\n\n3\n\n{}", read_prose("hen", 20)));
}

#[test]
fn a_flat_index_takes_its_levels_from_the_contents_page() {
    let page = |title: &str| format!("{BREAK}<p>{title}</p>{}", prose(title, 20));
    let make = |at: [usize; 5]| {
        let link = |number: usize, title: &str| format!("<a filepos={:010}>{title}</a>", at[number]);
        format!(
            "<html><head><guide><reference type=\"toc\" title=\"Where it is\" filepos={:010} /></guide></head>\
             <body><p>PART</p>{}{}{}{BREAK}<p>Contents</p>{}<ul>{}</ul><ul>{}</ul>{}</body></html>",
            at[4],
            page("One"),
            page("Two"),
            page("End"),
            link(0, "Part"),
            link(1, "One"),
            link(2, "Two"),
            link(3, "End"),
        )
    };
    let raw = make([0; 5]);
    let marks = ["<p>PART", "<mbp:pagebreak/><p>One", "<mbp:pagebreak/><p>Two", "<mbp:pagebreak/><p>End"];
    let at = |mark: &str| raw.find(mark).unwrap();
    let raw = make([at(marks[0]), at(marks[1]), at(marks[2]), at(marks[3]), at("<mbp:pagebreak/><p>Contents")]);
    let points = [("Part", marks[0], None), ("One", marks[1], None), ("Two", marks[2], None), ("End", marks[3], None)];
    let expected = ["Part / One", "Part / Two", "End"];
    let book = parsed(&mobi6(raw.as_bytes(), &points, Head::default()));
    assert_eq!(titles(&book), expected);
    let last = book.sections.last().unwrap();
    assert_eq!((last.title.as_str(), last.left_out), ("Where it is", Some(LeftOutReason::Contents)));
    // Without an index the links themselves lead to the chapters.
    let book = parsed(&mobi6(raw.as_bytes(), &[], Head::default()));
    assert_eq!(book.method, ChapterMethod::Ncx);
    assert_eq!(titles(&book), expected);
}

#[test]
fn without_an_index_page_breaks_or_headings_serve() {
    let page = |title: &str| format!("<h2>{title}</h2>{}", prose(title, 30));
    let broken = format!("<html><body>{}{BREAK}{}<MBP:PAGEBREAK>{}</body></html>", page("A"), page("B"), page("C"));
    let book = parsed(&mobi6(broken.as_bytes(), &[], Head::default()));
    assert_eq!((book.method, titles(&book).join(" ")), (ChapterMethod::Spine, "A B C".to_owned()));
    let headed = format!("<html><body>{}</body></html>", ["A", "B", "C", "D"].map(page).concat().repeat(5));
    let book = parsed(&mobi6(headed.as_bytes(), &[], Head::default()));
    assert_eq!((book.method, titles(&book).len()), (ChapterMethod::Headings, 20));
}

fn files() -> Vec<File> {
    let (one, two, three) = (prose("owl", 20), prose("elk", 20), prose("fox", 20));
    vec![
        File::new("Cover", &["<p>A lamp</p>"]),
        File::new("", &["<section type='titlepage'><h1>The Lamp</h1></section>"]),
        File::new("One", &["<section id='c1'><h2>One</h2>", &one, "<h2 id='c2'>Two</h2>", &two, "</section>"]),
        File::new("Three", &["<h2>Three</h2>", &three]),
    ]
}

const POINTS: [(&str, &str, Option<usize>); 3] =
    [("The first", "<section id='c1'", None), ("The second", "<h2 id='c2'", None), ("The third", "<h2>Three", None)];

#[test]
fn kf8_documents_are_put_together_from_their_fragments() {
    let guide = [("cover", "<p>A lamp", None)];
    for packing in [Packing::PalmDoc, Packing::Huffman] {
        let book = parsed(&kf8(&files(), &POINTS, &guide, Head { packing, ..Head::default() }));
        let (one, two, three) = (read_prose("owl", 20), read_prose("elk", 20), read_prose("fox", 20));
        let expected = format!("A lamp\n\nThe Lamp\n\nOne\n\n{one}\n\nTwo\n\n{two}\n\nThree\n\n{three}");
        assert_eq!(book.text, expected);
        assert_eq!(
            (book.method, titles(&book)),
            (ChapterMethod::Ncx, POINTS.map(|(title, ..)| title.to_owned()).to_vec())
        );
        assert!(book.chapters().nth(1).is_some_and(|(_, index, _)| book.section_text(index).starts_with("Two\n")));
        let left_out: Vec<_> = book.sections.iter().filter_map(|section| section.left_out).collect();
        assert_eq!(left_out, [LeftOutReason::Cover, LeftOutReason::TitlePage]);
    }
}

#[test]
fn a_file_that_holds_both_is_read_as_kf8() {
    let raw = format!("<html><body><p>The poorer text</p>{}</body></html>", prose("ant", 20));
    let mut outer = Head::default();
    outer.said.push((121, 0_u32.to_be_bytes().to_vec()));
    let part = mobi6_records(raw.as_bytes(), &[], outer).len() + 1;
    let mut outer = Head::default();
    outer.said.push((121, u32::try_from(part).unwrap().to_be_bytes().to_vec()));
    outer.said.push((201, 1_u32.to_be_bytes().to_vec()));
    let mut inner = Head::default();
    inner.said.push((201, 1_u32.to_be_bytes().to_vec()));
    let mobi6 = mobi6_records(raw.as_bytes(), &[], outer);
    let whole = both(mobi6, kf8_records(&files(), &POINTS, &[], inner));
    let book = parsed(&whole);
    assert!(book.text.starts_with("A lamp") && titles(&book).len() == 3, "{:?}", titles(&book));
    assert_eq!(book.cover.unwrap().media_type, "image/png");
    // Cut off within its KF8 part, the file still holds the whole of the other.
    let book = parsed(&whole[..whole.len() - 2_000]);
    assert_eq!(book.text, format!("The poorer text\n\n{}", read_prose("ant", 20)));
}

#[test]
fn nothing_is_lost_where_the_tables_of_kf8_lie() {
    // The skeletons claim more than there is, so the text is read as it lies.
    let mut records = kf8_records(&files(), &POINTS, &[], Head { packing: Packing::Plain, ..Head::default() });
    let table = records.iter().position(|record| record.windows(4).any(|label| label == b"SKEL")).unwrap();
    records[table][4 + 16] ^= 0xFF;
    let book = parsed(&super::palm::palm("BOOKMOBI", &records));
    for word in ["A lamp", "owl", "elk", "fox", "Three"] {
        assert!(book.text.contains(word), "{word}");
    }
}
