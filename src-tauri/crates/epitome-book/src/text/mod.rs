//! Plain text and Markdown files. For [`crate::read`].

pub mod decode;
pub mod gutenberg;
mod markdown;
pub mod title;
mod unwrap;

use epitome_model::{BookMeta, ChapterMethod, Format, LeftOutReason};

pub use gutenberg::frame;
pub use markdown::is_named as is_markdown;
pub use title::by_file as title_of_file;
pub use unwrap::unwrap;

use crate::outline::{self, Mark, Quality, Role};
use crate::{Book, BookError, heading, language, sized};

/// The book in a text file; `file_name` tells Markdown from text and names a book that does not name itself.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let text = decode::decode(bytes)?;
    if !text.chars().any(char::is_alphanumeric) {
        return Err(BookError::NoText);
    }
    let format =
        if markdown::is_named(file_name) || markdown::looks_so(&text) { Format::Markdown } else { Format::Text };
    let front = (format == Format::Markdown).then(|| markdown::front_matter(&text)).flatten();
    let frame = frame(&text);
    let start = front.as_ref().map_or(0, |front| front.end).max(frame.body.start);
    let body = start..frame.body.end.max(start);
    let said = front.map(|front| front.meta).or_else(|| frame.meta.clone());
    let mut meta = said.unwrap_or_else(|| match format {
        Format::Text => title::first_lines(&text[body.clone()]),
        _ => BookMeta::default(),
    });

    let mut around = Vec::new();
    if start > 0 {
        around.push(left_out(0, "Header", LeftOutReason::Imprint));
    }
    if body.end < text.len() {
        around.push(left_out(body.end, "Licence", LeftOutReason::Licence));
    }
    let marked = (format == Format::Markdown).then(|| markdown::marks(&text, body.clone(), &mut meta));
    fill(&mut meta, &text[body.clone()], file_name);

    let mut found = heading::marks(&text, body.clone());
    let (mut text, mut body) = (text, body);
    if format == Format::Text {
        let places = [&mut body.start, &mut body.end].into_iter();
        let places = places.chain(around.iter_mut().chain(&mut found).map(|mark| &mut mark.at));
        text = without_wraps(text, places.collect());
    }
    let by_headings = marked.into_iter().flatten().chain([found]);
    for marks in by_headings.filter(|marks| !marks.is_empty()) {
        let sections = outline::sections(&text, [around.clone(), marks].concat());
        if Quality::of(&sections).usable() {
            return Book { format, meta, method: ChapterMethod::Headings, cover: None, text, sections }.checked();
        }
    }
    let (method, marks) = sized::marks(&text, body, &meta.title);
    let sections = outline::sections(&text, [around, marks].concat());
    Book { format, meta, method, cover: None, text, sections }.checked()
}

/// `text` with its wrapped lines joined, but for those at `places`, which are moved with it.
fn without_wraps(text: String, places: Vec<&mut usize>) -> String {
    let mut starts: Vec<usize> = places.iter().map(|place| **place).collect();
    starts.sort_unstable();
    let Some(unwrapped) = unwrap(&text, &starts) else { return text };
    for place in places {
        *place = unwrapped.place(*place);
    }
    unwrapped.text
}

fn left_out(at: usize, title: &str, reason: LeftOutReason) -> Mark {
    Mark { at, title: title.to_owned(), part: None, role: Role::Boilerplate(reason) }
}

/// What the file does not say: title by its name, language by its words.
fn fill(meta: &mut BookMeta, body: &str, file_name: &str) {
    if meta.title.trim().is_empty() {
        meta.title = title::by_file(file_name);
    }
    meta.title = outline::clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::detect(body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(book: &Book) -> Vec<&str> {
        book.chapters().map(|(_, _, section)| section.title.as_str()).collect()
    }

    fn prose(words: usize) -> String {
        "She read the letter again and folded it. ".repeat(words / 8)
    }

    #[test]
    fn a_gutenberg_text_loses_its_frame_and_keeps_its_words() {
        let text = format!(
            "\u{FEFF}The Project Gutenberg EBook of Emma\r\n\r\nTitle: Emma\r\n\r\nAuthor: Jane Austen\r\n\r\nLanguage: English\r\n\r\n*** START OF THIS PROJECT GUTENBERG EBOOK EMMA ***\r\n\r\nEMMA\r\n\r\nCHAPTER I\r\n\r\n{0}\r\n\r\nCHAPTER II\r\n\r\n{0}\r\n\r\nEnd of Project Gutenberg's Emma\r\n\r\n*** END OF THIS PROJECT GUTENBERG EBOOK EMMA ***\r\n\r\nSection 1. Chapter 3 of the licence.\r\n",
            prose(200)
        );
        let book = read(text.as_bytes(), "1.txt").unwrap();
        assert_eq!((book.meta.title.as_str(), book.meta.authors.as_slice()), ("Emma", &["Jane Austen".to_owned()][..]));
        assert_eq!(book.meta.language.as_deref(), Some("en"));
        assert_eq!(titles(&book), ["CHAPTER I", "CHAPTER II"]);
        let reasons: Vec<_> = book.check_ledger().unwrap().left_out.iter().map(|part| part.reason).collect();
        assert_eq!(reasons, [LeftOutReason::Imprint, LeftOutReason::TitlePage, LeftOutReason::Licence]);
    }

    #[test]
    fn a_text_without_headings_is_cut_by_size_or_left_whole() {
        let long = read(format!("{}\n\n", prose(200)).repeat(40).as_bytes(), "diary.txt").unwrap();
        assert_eq!(long.method, ChapterMethod::Sized);
        assert!(long.sections.iter().all(|section| section.chars <= 12_000));
        let short = read(prose(100).as_bytes(), "my_diary.txt").unwrap();
        assert_eq!((short.method, titles(&short)), (ChapterMethod::Whole, vec!["my diary"]));
    }

    #[test]
    fn one_chapter_above_a_third_of_a_long_book_is_not_believed() {
        let text = format!("Chapter 1\n\n{}\n\nChapter 2\n\n{}", prose(100), format!("{}\n\n", prose(200)).repeat(80));
        assert_eq!(read(text.as_bytes(), "x.txt").unwrap().method, ChapterMethod::Sized);
    }

    #[test]
    fn hard_wrapped_lines_are_joined_and_chapters_stay_where_they_begin() {
        let paragraph = "She read the letter again and folded it, and laid it on the table by the\nwindow, where the light was best in the hours of the afternoon, and took\nit up again when he had gone, for she did not believe a single word of\nit.\n\n";
        let chapter = |number| format!("CHAPTER {number}\n\n{}", paragraph.repeat(9));
        let text: String = (1..=3).map(chapter).collect();
        let book = read(text.as_bytes(), "x.txt").unwrap();
        assert_eq!(titles(&book), ["CHAPTER 1", "CHAPTER 2", "CHAPTER 3"]);
        let second = book.section_text(1);
        assert!(second.starts_with("CHAPTER 2\n\nShe read the letter") && !second.contains("\nwindow"), "{second}");
        assert_eq!(second.matches("single word of it.\n\n").count(), 9);
    }

    #[test]
    fn nothing_and_blanks_are_no_book() {
        assert_eq!(read(b" \n\n ", "x.txt"), Err(BookError::NoText));
        assert_eq!(read(&[0x81, 0x00, 0x02, 0x99].repeat(100), "x.txt"), Err(BookError::NotABook));
    }
}
