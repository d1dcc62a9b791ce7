//! PDF files with a text layer. For [`crate::read`], and for programs that run its steps in processes of their own.
//!
//! [`Book::text`](crate::Book) is the text without running headers, footers and page numbers, in paragraphs; the
//! sections partition that. [`read`] does all steps here and now; [`read_with`] and [`outline`] are the steps.

mod bookmarks;
mod chapters;
mod flow;
mod hyphen;
mod looks;
mod running;

use epitome_model::{BookMeta, Format};
use epitome_pdf::{Page, PdfError, Properties};

pub use epitome_pdf::{Engine, Outline, OutlineEntry};

use crate::outline::{clean_title, letters};
use crate::text::{gutenberg, title};
use crate::{Book, BookError, language, limits, sniff};

/// Letters and digits on a page below which it counts as a picture.
const PAGE_LETTERS: usize = 10;
/// Letters and digits below which a PDF has no text.
const LEAST_LETTERS: usize = 200;

/// Whether `bytes` are a PDF.
pub fn is(bytes: &[u8]) -> bool {
    sniff::sniff(&bytes[..bytes.len().min(1024)]) == sniff::Kind::Pdf
}

/// The book in a PDF: by the first engine, and where that fails or finds no text, by the second. An outline that cannot
/// be read costs only the outline.
pub fn read(bytes: &[u8], file_name: &str) -> Result<Book, BookError> {
    let outline = outline(bytes).unwrap_or_default();
    match read_with(bytes, file_name, Engine::First, &outline) {
        Err(error) if needs_second(&error) => read_with(bytes, file_name, Engine::Second, &outline).map_err(|second| {
            // The first engine's word is the better one, unless only the second could open the file.
            if needs_second(&second) { error } else { second }
        }),
        result => result,
    }
}

/// Whether the second engine may read what the first did not.
pub fn needs_second(error: &BookError) -> bool {
    matches!(error, BookError::Broken(_) | BookError::NoText | BookError::Scanned { .. } | BookError::TooLarge(_))
}

/// The outline of a PDF, and what it says of itself.
pub fn outline(bytes: &[u8]) -> Result<Outline, BookError> {
    Ok(epitome_pdf::outline(bytes)?)
}

/// The book in a PDF as one engine reads it, with the chapters of `outline` if they make sense.
pub fn read_with(bytes: &[u8], file_name: &str, engine: Engine, outline: &Outline) -> Result<Book, BookError> {
    let mut pdf = epitome_pdf::text(bytes, engine)?;
    check(&pdf.pages).map_err(|error| if cut_off(bytes) { without_end(error) } else { error })?;
    pdf.properties.fill(&outline.properties);
    let looks = looks::Looks::of(&pdf.pages);
    let running = running::running(&pdf.pages, &looks);
    let flow = flow::flow(&pdf.pages, &running, &looks);
    let frame = gutenberg::frame(&flow.text);
    let meta = meta(frame.meta, &pdf.properties, &flow, &looks, file_name);
    let marks = bookmarks::marks(&flow, outline, pdf.pages.len());
    let text = chapters::Text { flow: &flow, looks: &looks, body: frame.body, title: &meta.title };
    let (method, sections) = chapters::chapters(&text, marks);
    Book { format: Format::Pdf, meta, method, cover: None, text: flow.text, sections }.checked()
}

/// A line left out of the text because it runs through the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningLine {
    /// From 0.
    pub page: usize,
    pub text: String,
}

/// The headers, footers and page numbers that are not in the text that [`read_with`] gives, in order of the pages.
pub fn running_lines(bytes: &[u8], engine: Engine) -> Result<Vec<RunningLine>, BookError> {
    let pages = epitome_pdf::text(bytes, engine)?.pages;
    let running = running::running(&pages, &looks::Looks::of(&pages));
    let of_page = |(page, (lines, running)): (usize, (Page, Vec<bool>))| {
        let removed = lines.lines.into_iter().zip(running).filter(|(_, running)| *running);
        removed.map(move |(line, _)| RunningLine { page, text: line.text })
    };
    Ok(pages.into_iter().zip(running).enumerate().flat_map(of_page).collect())
}

/// Whether the mark is missing that stands at the end of every PDF (ISO 32000-2, 7.5.5).
fn cut_off(bytes: &[u8]) -> bool {
    let end = &bytes[bytes.len().saturating_sub(1024)..];
    !end.windows(5).any(|mark| mark == b"%%EOF")
}

/// Without its end, a file is more likely to have lost its text than never to have had any.
fn without_end(error: BookError) -> BookError {
    match error {
        BookError::Scanned { .. } | BookError::NoText => {
            BookError::Broken("its end is missing, and no text is before it, so it was probably cut off".to_owned())
        }
        other => other,
    }
}

/// Whether the pages hold text that can be read.
fn check(pages: &[Page]) -> Result<(), BookError> {
    let text = |page: &Page| page.lines.iter().map(|line| letters(&line.text, LEAST_LETTERS)).sum::<usize>();
    let counts: Vec<usize> = pages.iter().map(text).collect();
    let with_text = counts.iter().filter(|letters| **letters >= PAGE_LETTERS).count();
    if with_text * 5 < pages.len() {
        return Err(BookError::Scanned { pages: pages.len(), with_text });
    }
    if counts.iter().sum::<usize>() < LEAST_LETTERS {
        return Err(BookError::NoText);
    }
    let chars = || pages.iter().flat_map(|page| &page.lines).flat_map(|line| line.text.chars());
    let unread = |c: &char| *c == char::REPLACEMENT_CHARACTER || c.is_control() || ('\u{E000}'..'\u{F900}').contains(c);
    let (all, unread) = (chars().count(), chars().filter(unread).count());
    if unread * 20 > all {
        return Err(BookError::Broken("its fonts do not tell which letters they show".to_owned()));
    }
    if all > limits::TEXT_CHARS {
        return Err(BookError::TooLarge(format!("its text is longer than {} characters", limits::TEXT_CHARS)));
    }
    Ok(())
}

fn meta(
    frame: Option<BookMeta>,
    said: &Properties,
    flow: &flow::Flow,
    looks: &looks::Looks,
    file_name: &str,
) -> BookMeta {
    let printed = title::first_lines(&flow.text);
    let mut meta = frame.unwrap_or_default();
    let mut fill = |title: &str, authors: Vec<String>| {
        if meta.title.trim().is_empty() {
            title.trim().clone_into(&mut meta.title);
        }
        if meta.authors.is_empty() {
            meta.authors = authors;
        }
    };
    fill(real_title(&said.title), names(&said.author));
    fill(&printed.title, printed.authors);
    fill(largest(flow, looks).unwrap_or_default(), Vec::new());
    fill(&title::by_file(file_name), Vec::new());
    meta.title = clean_title(&meta.title);
    if meta.language.is_none() {
        meta.language = language::tag(&said.language).or_else(|| language::detect(&flow.text));
    }
    meta
}

/// A title that is not the name of a file, as many programs set it.
fn real_title(said: &str) -> &str {
    const FILES: &[&str] = &[
        ".doc", ".docx", ".odt", ".rtf", ".tex", ".dvi", ".indd", ".qxd", ".qxp", ".pdf", ".ps", ".txt", ".htm",
        ".html",
    ];
    const EMPTY: &[&str] = &["untitled", "unknown", "title", "document", "unbenannt", "sans titre"];
    let said = said.trim();
    let low = said.to_lowercase();
    let junk = low.starts_with("microsoft ")
        || low.starts_with("file:")
        || FILES.iter().any(|ending| low.ends_with(ending))
        || EMPTY.iter().any(|empty| low.trim_end_matches(|c: char| c.is_numeric() || c == ' ') == *empty);
    if junk { "" } else { said }
}

/// Names as programs list them; a comma may also stand between the parts of one name.
fn names(said: &str) -> Vec<String> {
    let list = said.replace(", and ", ";").replace(" and ", ";").replace(" & ", ";");
    let commas = list.contains(';') || list.split(',').filter(|name| name.trim().contains(' ')).count() > 1;
    let parts = list.split(|c| c == ';' || c == ',' && commas);
    parts.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What is set largest on the first pages.
fn largest<'a>(flow: &'a flow::Flow, looks: &looks::Looks) -> Option<&'a str> {
    let first = flow.blocks.iter().take_while(|block| block.page < 2).filter(|block| block.size > 1.3 * looks.body);
    let best = first.max_by(|a, b| a.size.total_cmp(&b.size))?;
    (best.text.chars().count() <= limits::TITLE_CHARS).then_some(best.text.as_str())
}

impl From<PdfError> for BookError {
    fn from(error: PdfError) -> Self {
        match error {
            PdfError::Password => Self::Locked,
            PdfError::TooLarge(what) => Self::TooLarge(what),
            PdfError::Incomplete { .. } | PdfError::NoPages | PdfError::Broken | PdfError::Panic => {
                Self::Broken(error.to_string())
            }
        }
    }
}
