//! Which file of an archive is the book, or which files are it together. For `unpack`.

use crate::BookError;
use crate::archive::Archive;
use crate::error::quoted;
use crate::sniff::{Kind, sniff};

/// Bytes of a text beside a book of another format that only says something about it.
const REMARK: usize = 4_000;
/// Bytes from which on texts without numbers in their names are books and no chapters.
const BOOK: usize = 150_000;
/// Bytes from which on texts are books and no chapters, whatever their names: no chapter is as long.
const LONG_BOOK: usize = 300_000;
/// Web pages for each file of another kind that make them the book.
const MANUAL: usize = 10;
/// Names shown of several books.
const SHOWN: usize = 3;

/// Endings of files that are no books, whatever they hold.
const ASIDE: &[&str] = &[
    "jpg", "jpeg", "png", "gif", "webp", "svg", "bmp", "tif", "tiff", "ico", "css", "c", "h", "cpp", "py", "sh", "js",
    "ttf", "otf", "woff", "woff2", "mp3", "m4a", "ogg", "wav", "mp4", "opf", "ncx", "json", "xml", "ini", "url", "db",
    "nfo", "diz", "sfv", "md5", "sha1", "bak", "log", "yaml", "yml",
];
/// Names of files that come with a book.
const REMARKS: &[&str] = &["readme", "read me", "license", "licence", "copying", "changelog", "notice", "credits"];

pub enum Choice {
    /// The archive itself is a document, though none that can be read.
    Document,
    File(String, Vec<u8>),
    Files(Vec<(String, Vec<u8>)>),
}

/// The book in an archive that is no document itself.
pub fn book(archive: &mut Archive<'_>) -> Result<Choice, BookError> {
    let names: Vec<String> = archive.names().into_iter().filter(|name| may_be_book(name)).collect();
    let mut files: Vec<(String, Vec<u8>, Kind)> = Vec::new();
    for name in names {
        let Some(bytes) = archive.read_book(&name)?.filter(|bytes| !bytes.is_empty()) else { continue };
        let kind = sniff(&bytes);
        if !matches!(kind, Kind::Other("a picture" | "a sound file" | "a program" | "a database")) {
            files.push((name, bytes, kind));
        }
    }
    let only_remarks = files.iter().all(|(name, ..)| is_remark(name));
    files.retain(|(name, ..)| only_remarks || !is_remark(name));
    let is_page = |kind: &Kind| matches!(kind, Kind::Html | Kind::Text);
    // A manual's examples and its other formats are no books beside it.
    let pages = files.iter().filter(|(_, _, kind)| *kind == Kind::Html).count();
    if pages >= MANUAL * files.iter().filter(|(_, _, kind)| !is_page(kind)).count().max(1) {
        files.retain(|(_, _, kind)| is_page(kind));
    }
    if files.iter().any(|(_, _, kind)| !is_page(kind)) {
        files.retain(|(_, bytes, kind)| !is_page(kind) || bytes.len() > REMARK);
    }
    same_in_other_formats(&mut files);
    match &files[..] {
        [] if archive.holds("content.xml") || archive.holds("[Content_Types].xml") => return Ok(Choice::Document),
        [] => return Err(BookError::Unsupported("a ZIP archive without a book in it")),
        [_] => {}
        several => {
            let pages = several.iter().all(|(_, _, kind)| is_page(kind));
            if !pages || are_books(several) {
                return Err(BookError::SeveralBooks(shown(several)));
            }
            return Ok(Choice::Files(files.into_iter().map(|(name, bytes, _)| (name, bytes)).collect()));
        }
    }
    let only = files.pop().map(|(name, bytes, _)| Choice::File(name, bytes));
    only.ok_or(BookError::Unsupported("a ZIP archive without a book in it"))
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn stem(name: &str) -> String {
    let name = last(name);
    name.split_once('.').map_or(name, |(stem, _)| stem).to_lowercase()
}

/// Whether a file of this name may be a book or a part of one: not hidden, and none of the kinds that lie beside books.
pub fn may_be_book(name: &str) -> bool {
    let hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    let ending = last(name).rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    !hidden && !ASIDE.contains(&ending.as_str())
}

fn is_remark(name: &str) -> bool {
    REMARKS.contains(&stem(name).as_str())
}

/// Of one book in several formats, the one that says most about its chapters stays.
fn same_in_other_formats(files: &mut Vec<(String, Vec<u8>, Kind)>) {
    let Some(first) = files.first().map(|(name, ..)| stem(name)) else { return };
    let rank = |kind: &Kind| match kind {
        Kind::Zip => 0,
        Kind::Fb2 => 1,
        Kind::Html => 3,
        Kind::Text => 4,
        _ => 2,
    };
    let mut ranks: Vec<_> = files.iter().map(|(_, _, kind)| rank(kind)).collect();
    ranks.sort_unstable();
    ranks.dedup();
    if files.iter().all(|(name, ..)| stem(name) == first) && ranks.len() == files.len() {
        files.sort_by_key(|(_, _, kind)| rank(kind));
        files.truncate(1);
    }
}

/// Whether texts are books of their own rather than chapters: long, and not counted, or longer than any chapter.
fn are_books(files: &[(String, Vec<u8>, Kind)]) -> bool {
    let counted = |name: &str| stem(name).contains(|c: char| c.is_ascii_digit());
    files
        .iter()
        .all(|(name, bytes, kind)| *kind == Kind::Text && bytes.len() >= if counted(name) { LONG_BOOK } else { BOOK })
}

fn shown(files: &[(String, Vec<u8>, Kind)]) -> String {
    let names: Vec<String> = files.iter().take(SHOWN).map(|(name, ..)| quoted(last(name))).collect();
    let more = files.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &more
}
