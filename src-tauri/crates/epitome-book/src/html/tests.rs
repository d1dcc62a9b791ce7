//! Pages made here.

use super::*;

fn prose(word: &str) -> String {
    format!("<p>The {word} was seen again by those who had stayed behind in the village. </p>").repeat(4)
}

fn shown(book: &Book) -> Vec<String> {
    let part = |part: &Option<String>| part.as_ref().map(|part| format!("{part} / ")).unwrap_or_default();
    let reason =
        |reason: Option<LeftOutReason>| reason.map(|reason| format!(" -{}", reason.words())).unwrap_or_default();
    book.sections.iter().map(|s| format!("{}{}{}", part(&s.part), s.title, reason(s.left_out))).collect()
}

fn files(files: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    files.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
}

#[test]
fn a_page_goes_by_its_headings() {
    let page = format!(
        "<!DOCTYPE html><html lang='de'><head><title>Das Buch</title><meta name='author' content='Ann A'></head><body><h1>Das Buch</h1><h2>Inhalt</h2><ul><li><a href='#a'>Eins</a></li></ul>
        <h2>Teil I</h2><h3 id='a'>1. Eins</h3>{0}<h3>2. Zwei</h3>{0}<h2>Teil II</h2><h3>3. Drei</h3>{0}</body></html>",
        prose("Hut")
    );
    let book = crate::read(page.as_bytes(), "x.html").unwrap();
    assert_eq!(
        (book.format, book.meta.title.as_str(), book.meta.authors.join("").as_str(), book.meta.language.as_deref()),
        (Format::Html, "Das Buch", "Ann A", Some("de"))
    );
    assert_eq!(
        shown(&book),
        ["Das Buch -title page", "Inhalt -contents", "Teil I / 1. Eins", "Teil I / 2. Zwei", "Teil II / 3. Drei"]
    );
}

#[test]
fn gutenbergs_frame_is_left_out_of_pages_too() {
    let page = format!(
        "<html><head><title>The Project Gutenberg eBook of Emma</title></head><body><h2>The Project Gutenberg eBook of Emma</h2><p>Title: Emma</p><p>Author: Jane Austen</p><p>*** START OF THE PROJECT GUTENBERG EBOOK EMMA ***</p>
        <h1>Emma</h1><h2>CHAPTER I</h2>{0}<h2>CHAPTER II</h2>{0}<p>*** END OF THE PROJECT GUTENBERG EBOOK EMMA ***</p><h2>Section 1.</h2>{0}</body>",
        prose("cat")
    );
    let book = crate::read(page.as_bytes(), "158-h.htm").unwrap();
    assert_eq!((book.meta.title.as_str(), book.meta.authors.join("").as_str()), ("Emma", "Jane Austen"));
    assert_eq!(shown(&book), ["Header -imprint", "Emma -title page", "CHAPTER I", "CHAPTER II", "Licence -licence"]);
}

#[test]
fn a_page_without_headings_goes_by_its_links() {
    let list = ["one", "two", "three"].map(|name| format!("<a href='#{name}'>The {name}</a><br>")).concat();
    let text = ["one", "two", "three"]
        .map(|name| format!("<a name='{name}'></a><p><b>The {name}</b></p>{}", prose(name)))
        .concat();
    let book = crate::read(format!("<html><title>T</title><body>{list}{text}").as_bytes(), "x.htm").unwrap();
    assert_eq!(shown(&book)[shown(&book).len() - 3..], ["The one", "The two", "The three"]);
}

#[test]
fn files_are_in_natural_order_or_in_that_of_the_index() {
    let chapter = |title: &str| {
        format!("<html><head><title>{title}</title></head><body><h1>{title}</h1>{}</body></html>", prose("cow"))
    };
    let (one, two, ten) = (chapter("First"), chapter("Second"), chapter("Tenth"));
    let pages = [("b/chapter-10.html", ten.as_str()), ("b/chapter-2.html", &two), ("b/chapter-1.html", &one)];
    let book = read_files(files(&pages), "Tales.zip").unwrap();
    assert_eq!(
        (shown(&book), book.meta.title.as_str()),
        (vec!["First".to_owned(), "Second".into(), "Tenth".into()], "Tales")
    );
    let index = "<html lang=fr><head><title>Contes</title></head><body><ul><li><a href='chapter-10.html'>Dix</a></li><li><a href='chapter-1.html'>Un</a></li></ul><a href='http://x.org/'>x</a></body></html>";
    let book = read_files(files(&[&pages[..], &[("b/index.html", index)]].concat()), "x.zip").unwrap();
    assert_eq!(shown(&book), ["Contes -contents", "Dix", "Un", "Second"]);
    assert_eq!((book.meta.title.as_str(), book.meta.language.as_deref()), ("Contes", Some("fr")));
}

#[test]
fn texts_and_markdown_files_are_chapters() {
    let text = "She read the letter again and folded it. ".repeat(8);
    let (one, two) = (format!("# One *more*\n\n{text}"), format!("Chapter 2\n\n{text}"));
    let book = read_files(files(&[("2.txt", two.as_str()), ("1.md", &one), ("3.txt", &text)]), "x.zip").unwrap();
    assert_eq!(shown(&book), ["One *more*", "Chapter 2", "3"]);
    assert!(book.check_ledger().unwrap().adds_up());
}

#[test]
fn hostile_pages_end() {
    let deep = format!("<html>{}{}", "<ul><li><a href='#a'>".repeat(100_000), prose("elk"));
    assert!(crate::read(deep.as_bytes(), "x.html").unwrap().text.contains("The elk"));
    let headings = "<h1>a</h1><h2>b</h2>".repeat(50_000);
    let many = crate::read(format!("<html>{headings}{}", prose("elk")).as_bytes(), "x.html");
    assert!(many.is_ok_and(|book| book.check_ledger().unwrap().adds_up()));
}
