//! The targets: what is tried, what it begins with, and what is checked of it.

mod words;

use epitome_book::pdf::{self, Engine, Outline};
use epitome_book::{Book, BookError, Cut, Unpacked, cut, read, read_files, unpack};
use epitome_model::Format;
use epitome_reader::{Answer, Request};
use epitome_testkit::pdf::{Line, Pdf};

use crate::{check, mutate, seeds};
use words::{DOCX, EPUB, FB2, HTML, MARKDOWN, PDF, SNIFF, TEXT};

/// The outer form of a target's inputs, which most changes keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Bytes,
    Zip,
    /// An archive in which there may be more, or gzip.
    Packed,
    Pdf,
    Palm,
}

/// One thing that is tried.
pub struct Target {
    pub name: &'static str,
    pub shape: Shape,
    /// Words that its format is full of.
    pub words: &'static [&'static str],
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Tries the input; tells the outcome in words that are the same for outcomes of one kind. Fails by a panic.
    pub check: fn(&[u8]) -> String,
    /// The part of `check` that is an engine of others, which may take the process down: programs run it in a child.
    pub engine: Option<fn(&[u8])>,
}

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

const fn own(
    name: &'static str,
    shape: Shape,
    words: &'static [&'static str],
    seeds: fn() -> Vec<Vec<u8>>,
    check: fn(&[u8]) -> String,
) -> Target {
    Target { name, shape, words, seeds, check, engine: None }
}

const fn engine(name: &'static str, check: fn(&[u8]) -> String, engine: fn(&[u8])) -> Target {
    Target { name, shape: Shape::Pdf, words: PDF, seeds: seeds::pdf, check, engine: Some(engine) }
}

/// All of them.
pub const TARGETS: &[Target] = &[
    own("sniff", Shape::Bytes, SNIFF, seeds::all, sniff),
    own("text", Shape::Bytes, TEXT, seeds::text, text),
    own("markdown", Shape::Bytes, MARKDOWN, seeds::markdown, markdown),
    own("html", Shape::Bytes, HTML, seeds::html, html),
    own("epub", Shape::Zip, EPUB, seeds::epub, archive),
    own("docx", Shape::Zip, DOCX, seeds::docx, archive),
    own("fb2", Shape::Bytes, FB2, seeds::fb2, fb2),
    own("mobi", Shape::Palm, HTML, seeds::mobi, any),
    own("packed", Shape::Packed, EPUB, seeds::packed, any),
    own("pages", Shape::Bytes, HTML, seeds::pages, pages),
    own("cut", Shape::Bytes, TEXT, seeds::text, pieces),
    own(
        "wire",
        Shape::Bytes,
        &["EPITOME1", "\"Book\":", "{", "}", "null", "[]", ",", "\"range\":{\"start\":0,\"end\":9}"],
        seeds::wire,
        wire,
    ),
    own("pdf-layout", Shape::Bytes, TEXT, seeds::text, layout),
    engine("pdf-first", |data| pdf_text(data, Engine::First), |data| drop(epitome_pdf::text(data, Engine::First))),
    engine("pdf-second", |data| pdf_text(data, Engine::Second), |data| drop(epitome_pdf::text(data, Engine::Second))),
    engine("pdf-outline", pdf_outline, |data| drop(epitome_pdf::outline(data))),
];

/// Reads it as whatever it is.
fn any(data: &[u8]) -> String {
    twice(data, check::NAME).0
}

/// Reads it; one in eight inputs a second time, which must give the same.
fn twice(data: &[u8], name: &str) -> (String, Result<Book, BookError>) {
    // The engines are targets of their own.
    if let Ok(Unpacked::File { bytes, .. }) = unpack(data, name)
        && pdf::is(&bytes)
    {
        return ("a PDF".to_owned(), Err(BookError::Empty));
    }
    let book = read(data, name);
    if data.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte)) % 8 == 0 {
        assert!(read(data, name) == book, "two readings of one file differ");
    }
    (check::answer(&book), book)
}

/// The kind is told by content, whatever the name.
fn sniff(data: &[u8]) -> String {
    let (outcome, book) = twice(data, check::NAME);
    let kind = |book: &Result<Book, BookError>| book.as_ref().map(|book| book.format).map_err(BookError::code);
    for name in ["book.epub", "book.pdf", "book.mobi", "book"] {
        if outcome != "a PDF" {
            assert!(kind(&read(data, name)) == kind(&book), "the name {name:?} changes what the file is taken for");
        }
    }
    let _ = pdf::is(data);
    outcome
}

/// A text is kept to the letter.
fn text(data: &[u8]) -> String {
    let (outcome, book) = twice(data, check::NAME);
    exact(&book, data);
    outcome
}

fn exact(book: &Result<Book, BookError>, data: &[u8]) {
    let (Ok(book), Ok(source)) = (book, std::str::from_utf8(data)) else { return };
    if matches!(book.format, Format::Text | Format::Markdown) && !source.contains(['\0', '\u{1B}']) {
        let source = source.strip_prefix('\u{FEFF}').unwrap_or(source);
        let kept = if book.format == Format::Text {
            without_blanks(&book.text) == without_blanks(source)
        } else {
            book.text == source.replace("\r\n", "\n").replace('\r', "\n")
        };
        assert!(kept, "the text is not that of the file");
    }
}

/// Wrapped lines are joined, so that white space may change.
fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn markdown(data: &[u8]) -> String {
    let book = read(data, "book.md");
    exact(&book, data);
    check::answer(&book)
}

/// No letter comes from nowhere, as far as the file tells its letters plainly.
fn html(data: &[u8]) -> String {
    let (outcome, book) = twice(data, check::NAME);
    if let (Ok(book), Ok(source)) = (&book, std::str::from_utf8(data))
        && !source.contains("charset")
        && !source.contains("encoding")
        // It would be taken for UTF-16.
        && !source.contains('\0')
    {
        check::letters_are_from(&book.text, source);
    }
    outcome
}

fn fb2(data: &[u8]) -> String {
    html(data)
}

/// An EPUB or a Word document: the same over all of its items.
fn archive(data: &[u8]) -> String {
    let (outcome, book) = twice(data, check::NAME);
    // Without its first bytes an archive may pass for a text, which is then the source itself.
    let of_items = |book: &&Book| matches!(book.format, Format::Epub | Format::Docx);
    if let (Some(book), Some(items)) = (book.as_ref().ok().filter(of_items), mutate::items(data)) {
        let plain: Option<Vec<String>> =
            items.into_iter().map(|(_, content)| String::from_utf8(content).ok()).collect();
        if let Some(source) = plain.map(|plain| plain.concat())
            && !source.contains("charset")
            && !source.contains("encoding=")
            && !source.contains('\0')
            && book.text.len() < mutate::LARGEST
            // A note is read wherever it is referred to, even one that is the document itself.
            && !source.contains("footnotes")
        {
            check::letters_are_from(&book.text, &source);
        }
    }
    outcome
}

/// Files behind lines with their names: as a folder, and as the documents of an EPUB.
fn pages(data: &[u8]) -> String {
    let source = String::from_utf8_lossy(data);
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for part in source.split("=== ").take(200) {
        if let Some((name, content)) = part.split_once('\n') {
            files.push((name.chars().take(80).collect(), content.as_bytes().to_vec()));
        }
    }
    let folder = read_files(files.clone(), check::NAME);
    let mut outcome = check::answer(&folder);
    if let Ok(book) = &folder {
        let letters = without_blanks(&book.text);
        for (name, content) in &files {
            let text = String::from_utf8_lossy(content).replace("\r\n", "\n").replace('\r', "\n");
            let plain = !text.contains(['<', '\0', '\u{1B}', '\u{FEFF}', '\u{FFFD}']);
            assert!(!plain || letters.contains(&without_blanks(&text)), "the text of {name:?} is not in the book");
        }
    }
    outcome += &check::answer(&read(&epub_of(&files), check::NAME));
    outcome
}

/// An EPUB whose spine is those files, and whose navigation is the first of them.
fn epub_of(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let item = |(number, _): (usize, &(String, Vec<u8>))| {
        let nav = if number == 0 { " properties='nav'" } else { "" };
        format!("<item id='i{number}' href='{number}.html' media-type='application/xhtml+xml'{nav}/>")
    };
    let manifest: String = files.iter().enumerate().map(item).collect();
    let spine: String = (1..files.len()).map(|number| format!("<itemref idref='i{number}'/>")).collect();
    let package = format!("<package><manifest>{manifest}</manifest><spine>{spine}</spine></package>");
    let container = "<container><rootfile full-path='p.opf'/></container>".to_owned();
    let mut items =
        vec![("META-INF/container.xml".to_owned(), container.into_bytes()), ("p.opf".to_owned(), package.into_bytes())];
    items.extend(files.iter().enumerate().map(|(number, (_, content))| (format!("{number}.html"), content.clone())));
    mutate::packed(&items)
}

/// Pieces, what they repeat taken away, are the text; none is longer than it may be.
fn pieces(data: &[u8]) -> String {
    let (head, rest) = data.split_at(data.len().min(3));
    let number = |at: usize| head.get(at).copied().map_or(0, usize::from);
    let text = String::from_utf8_lossy(rest);
    // Every size from one character to more than any window has, small ones as often as large ones.
    let max_chars = (1 + number(0)) << (number(2) % 12);
    let overlap_chars = number(1) << (number(2) / 16 % 8);
    let ranges = cut(&text, Cut { max_chars, overlap_chars });
    let mut at = 0;
    for range in &ranges {
        assert!(range.start <= at && range.end > at, "a piece begins behind the one before it, or adds nothing");
        let piece = text.get(range.clone()).unwrap_or_else(|| check::fail("a piece ends within a character"));
        assert!(piece.chars().count() <= max_chars, "a piece is longer than it may be");
        at = range.end;
    }
    assert!(at == text.len(), "the pieces are not the text");
    format!("2^{} pieces of 2^{}", ranges.len().ilog2_or_zero(), max_chars.ilog2_or_zero())
}

trait Log {
    fn ilog2_or_zero(self) -> u32;
}

impl Log for usize {
    fn ilog2_or_zero(self) -> u32 {
        self.checked_ilog2().unwrap_or_default()
    }
}

/// What is taken for an answer is one, and says the same when it is written again.
fn wire(data: &[u8]) -> String {
    let mut input = data;
    let request = Request::read(&mut input).is_ok();
    let answer = Answer::of(data.to_vec());
    let outcome = match &answer {
        None => "none".to_owned(),
        Some(Answer::Outline(_)) => "an outline".to_owned(),
        Some(Answer::Refused { .. }) => "refused".to_owned(),
        Some(Answer::Book(book)) => {
            assert!(book.check_ledger().is_ok(), "a book whose ledger does not add up was taken");
            "a book".to_owned()
        }
    };
    if let Some(answer) = answer {
        let mut written = Vec::new();
        assert!(answer.clone().write(&mut written).is_ok(), "an answer cannot be written again");
        assert!(Answer::of(written) == Some(answer), "an answer written again is another");
    }
    format!("{outcome} {request}")
}

/// A PDF of lines whose places and sizes are the input's.
fn layout(data: &[u8]) -> String {
    let mut pages = vec![Vec::new()];
    for part in data.split(|byte| *byte == b'\n').take(600) {
        let (head, text) = part.split_at(part.len().min(4));
        let number = |at: usize| head.get(at).copied().map_or(0.0, f32::from);
        if head.first().is_some_and(|byte| byte % 16 == 0) {
            pages.push(Vec::new());
        }
        let text: String = text.iter().map(|byte| char::from(*byte)).filter(|c| !c.is_control()).collect();
        let line = Line {
            left: number(1) * 2.0 - 50.0,
            base: 620.0 - number(2) * 2.6,
            size: number(3) / 8.0,
            bold: head.first().is_some_and(|byte| byte % 2 == 0),
            text,
        };
        if let Some(page) = pages.last_mut() {
            page.push(line);
        }
    }
    let pdf = Pdf { pages, ..Pdf::default() }.bytes();
    check::answer(&pdf::read_with(&pdf, check::NAME, Engine::Second, &Outline::default()))
}

fn pdf_text(data: &[u8], engine: Engine) -> String {
    check::answer(&pdf::read_with(data, check::NAME, engine, &Outline::default()))
}

/// An outline, and the book whose chapters it gives.
fn pdf_outline(data: &[u8]) -> String {
    let outline = pdf::outline(data);
    if let Err(error) = &outline {
        check::sentence(&error.clone().for_file(check::NAME));
    }
    let outline = outline.unwrap_or_default();
    let entries = outline.entries.len();
    assert!(entries <= epitome_book::limits::TOC_ENTRIES, "an outline of {entries} entries");
    let book = pdf::read_with(data, check::NAME, Engine::Second, &outline);
    format!("2^{} entries, {}", entries.ilog2_or_zero(), check::answer(&book))
}
