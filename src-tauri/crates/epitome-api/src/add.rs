//! Files to books: reading, previewing, and putting them into the library.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use epitome_book::Book;
use epitome_model::{
    AddPreview, Added, BookId, BookMeta, ChapterMethod, Coverage, ErrorCode, Format, JobId, PreviewChapter,
    PreviewOutcome, StartJob, WireError,
};
use epitome_pipeline::{ModelFacts, estimate, measure};
use epitome_reader::Reader;
use epitome_store::{book, crash, section};
use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use crate::{Api, internal, jobs};

/// Largest file that is read, in bytes.
const LARGEST_FILE: u64 = 256 * 1024 * 1024;

/// Previews kept; the oldest gives way.
const PREVIEWS_KEPT: usize = 64;

/// Characters of a chapter's opening in the preview.
const OPENING_CHARS: usize = 120;

/// A file that was read and waits for the person's word.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) token: String,
    pub(crate) hash: String,
    pub(crate) file_name: String,
    pub(crate) book: Book,
}

/// What a file holds, whoever asks.
#[derive(Clone, Debug, Serialize)]
pub struct Inspected {
    pub file_name: String,
    pub meta: BookMeta,
    pub format: Format,
    pub method: ChapterMethod,
    pub sections: Vec<PreviewChapter>,
    pub coverage: Coverage,
}

/// Reads a file's chapters; needs no library and keeps nothing.
pub async fn inspect(path: &Path, reader: &Reader) -> Result<Inspected, WireError> {
    inspected(&read_file(path, reader).await?)
}

/// The first words after the heading.
fn opening(text: &str, title: &str) -> String {
    let after = behind(text, title).unwrap_or(text);
    epitome_pipeline::first_words(if after.trim().is_empty() { text } else { after }, OPENING_CHARS)
}

/// What stands behind a title at the start of a text, however its words are spaced there.
fn behind<'a>(text: &'a str, title: &str) -> Option<&'a str> {
    let mut found = text.char_indices().filter(|(_, c)| !c.is_whitespace());
    let mut end = 0;
    for wanted in title.chars().filter(|c| !c.is_whitespace()) {
        let (at, c) = found.next()?;
        if c != wanted {
            return None;
        }
        end = at + c.len_utf8();
    }
    text.get(end..)
}

fn inspected(read: &Read) -> Result<Inspected, WireError> {
    let book = &read.book;
    let coverage = book.check_ledger().map_err(|error| error.for_file(&read.file_name))?;
    let mut number = 0;
    let sections = book.sections.iter().enumerate().map(|(index, section)| {
        number += u32::from(section.left_out.is_none());
        PreviewChapter {
            number: section.left_out.is_none().then_some(number),
            title: section.title.clone(),
            part: section.part.clone(),
            chars: section.chars,
            left_out: section.left_out,
            opening: opening(book.section_text(index), &section.title),
        }
    });
    Ok(Inspected {
        file_name: read.file_name.clone(),
        meta: book.meta.clone(),
        format: book.format,
        method: book.method,
        sections: sections.collect(),
        coverage,
    })
}

impl Api {
    pub(crate) async fn preview(&self, paths: Vec<String>) -> Result<Vec<PreviewOutcome>, WireError> {
        let outcome = |path: String| async move {
            let path = Path::new(&path);
            match Box::pin(self.preview_file(path)).await {
                Ok(preview) => PreviewOutcome::Book { preview: Box::new(preview) },
                Err(error) => PreviewOutcome::Refused { file_name: file_name(path), error },
            }
        };
        Ok(self.each(paths, outcome).await)
    }

    /// Does `what` with each file, as many at a time as are read at a time; gives the outcomes in the files' order.
    async fn each<F, T, O: Future<Output = T>>(
        &self,
        files: impl IntoIterator<Item = F>,
        what: impl FnMut(F) -> O,
    ) -> Vec<T> {
        stream::iter(files.into_iter().map(what)).buffered(self.reader().at_a_time()).collect().await
    }

    async fn preview_file(&self, path: &Path) -> Result<AddPreview, WireError> {
        let read = read_file(path, self.reader()).await?;
        let preview = self.describe(&read).await?;
        self.keep(read);
        Ok(preview)
    }

    /// Puts a file into the library, as the command line does.
    pub async fn import(&self, path: &Path) -> Result<BookId, WireError> {
        let read = read_file(path, self.reader()).await?;
        self.store_book(Arc::new(read)).await
    }

    /// Puts files into the library, several at a time; gives what became of each, in their order.
    pub async fn import_all(&self, paths: &[PathBuf]) -> Vec<Result<BookId, WireError>> {
        self.each(paths, |path| Box::pin(self.import(path))).await
    }

    /// Puts the sample book into the library.
    pub async fn import_sample(&self) -> Result<BookId, WireError> {
        let read =
            read_bytes(epitome_book::SAMPLE.to_vec(), epitome_book::SAMPLE_NAME.to_owned(), self.reader()).await?;
        self.store_book(Arc::new(read)).await
    }

    pub(crate) async fn try_sample(&self) -> Result<Added, WireError> {
        let book = self.import_sample().await?;
        let job = self.start(book, StartJob::default()).await?;
        Ok(Added { book, job: Some(job) })
    }

    pub(crate) async fn add(&self, token: String, start: Option<StartJob>) -> Result<Added, WireError> {
        let read = self.previews().iter().find(|read| read.token == token).map(Arc::clone);
        let read = read.ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, "This preview is no longer there.", "Add the file again.")
        })?;
        if let Some(start) = &start {
            // A start that will be refused leaves the preview as it was, so that the person can choose otherwise.
            self.job_settings(start).await?;
        }
        let book = self.store_book(read).await?;
        self.discard(token).await?;
        let mut job: Option<JobId> = None;
        if let Some(start) = start {
            job = Some(self.start(book, start).await?);
        }
        Ok(Added { book, job })
    }

    #[allow(clippy::unused_async, reason = "commands are all asynchronous")]
    pub(crate) async fn discard(&self, token: String) -> Result<(), WireError> {
        self.previews().retain(|read| read.token != token);
        Ok(())
    }

    fn keep(&self, read: Read) {
        let mut previews = self.previews();
        previews.retain(|kept| kept.token != read.token);
        previews.push(Arc::new(read));
        let surplus = previews.len().saturating_sub(PREVIEWS_KEPT);
        previews.drain(..surplus);
    }

    async fn describe(&self, read: &Read) -> Result<AddPreview, WireError> {
        let inspected = inspected(read)?;
        let hash = read.hash.clone();
        let known = self.read_store(move |conn| book::by_hash(conn, &hash)).await?;
        let status = self.status().await;
        let settings = self.settings_now().job(status.using, status.model.clone().unwrap_or_default())?;
        let lengths: Vec<usize> = read.book.chapters().map(|(_, _, section)| section.chars as usize).collect();
        let measure = measure(read.book.meta.language.as_deref(), jobs::sample(&read.book.text));
        let trained = status.models.iter().find(|model| Some(&model.name) == status.model.as_ref());
        let facts = ModelFacts { trained: trained.and_then(|model| model.window), ..ModelFacts::default() };
        let speed = self.speed(&settings).await?;
        Ok(AddPreview {
            token: read.token.clone(),
            file_name: inspected.file_name,
            meta: inspected.meta,
            format: inspected.format,
            method: inspected.method,
            sections: inspected.sections,
            coverage: inspected.coverage,
            estimate: estimate(&settings, &lengths, &measure, facts, speed),
            known,
        })
    }

    /// Stores a book once: the same file again is the book that is there.
    async fn store_book(&self, read: Arc<Read>) -> Result<BookId, WireError> {
        let added_ms = self.now_ms();
        let source_chars = read.book.check_ledger().map_err(|error| error.for_file(&read.file_name))?.source_chars;
        let id = self
            .store()
            .write(move |tx| {
                if let Some(known) = book::by_hash(tx, &read.hash)? {
                    return Ok(known);
                }
                let source = &read.book;
                let id = book::insert(
                    tx,
                    &book::NewBook {
                        meta: &source.meta,
                        format: source.format,
                        method: source.method,
                        file_name: &read.file_name,
                        source_hash: &read.hash,
                        source_chars,
                        cover: source.cover.as_ref().map(|cover| (cover.media_type.as_str(), cover.bytes.as_slice())),
                        added_ms,
                    },
                )?;
                let mut number = 0;
                for (position, part) in source.sections.iter().enumerate() {
                    number += u32::from(part.left_out.is_none());
                    section::insert(
                        tx,
                        &section::NewSection {
                            book: id,
                            position: u32::try_from(position).unwrap_or(u32::MAX),
                            number: part.left_out.is_none().then_some(number),
                            title: &part.title,
                            part: part.part.as_deref(),
                            chars: part.chars,
                            left_out: part.left_out,
                            text: source.section_text(position),
                        },
                    )?;
                    crash::point("import.section");
                }
                Ok(id)
            })
            .await?;
        self.changed();
        Ok(id)
    }
}

async fn read_file(path: &Path, reader: &Reader) -> Result<Read, WireError> {
    let path = path.to_path_buf();
    let name = file_name(&path);
    let bytes = tokio::task::spawn_blocking(move || bytes_of(&path)).await.map_err(internal)??;
    read_bytes(bytes, name, reader).await
}

async fn read_bytes(bytes: Vec<u8>, file_name: String, reader: &Reader) -> Result<Read, WireError> {
    let hashing = move || (blake3::hash(&bytes).to_hex().to_string(), bytes);
    let (hash, bytes) = tokio::task::spawn_blocking(hashing).await.map_err(internal)?;
    let book = reader.read(bytes, &file_name).await?;
    Ok(Read { token: hash[..16].to_owned(), hash, file_name, book })
}

/// The file's content, or a sentence about why there is none.
fn bytes_of(path: &Path) -> Result<Vec<u8>, WireError> {
    let name = file_name(path);
    let refuse = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => WireError::new(
            ErrorCode::FileMissing,
            format!("{name} is not there."),
            "Check the name and whether the file was moved.",
        ),
        std::io::ErrorKind::PermissionDenied => WireError::new(
            ErrorCode::FileNotReadable,
            format!("{name} may not be read."),
            "Change the file's permissions, or copy it to a folder of yours.",
        ),
        _ => WireError::new(
            ErrorCode::FileNotReadable,
            format!("{name} could not be read: {error}."),
            "Check the disk or the network drive it is on.",
        ),
    };
    let meta = std::fs::metadata(path).map_err(|error| refuse(&error))?;
    if meta.is_dir() {
        return Err(WireError::new(
            ErrorCode::FileIsFolder,
            format!("{name} is a folder."),
            "Add the books inside it instead; several can be added at once.",
        ));
    }
    if meta.len() > LARGEST_FILE {
        return Err(WireError::new(
            ErrorCode::BookTooLarge,
            format!("{name} is larger than {} MB.", LARGEST_FILE / 1024 / 1024),
            "Split it, or save it without its pictures.",
        ));
    }
    std::fs::read(path).map_err(|error| refuse(&error))
}

/// A path's last part, for people.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opening_begins_behind_the_heading_however_that_is_spaced() {
        for (text, title, expected) in [
            ("\n Chapter\u{a0}1.\u{a0}The\n Storm\n\nIt rained.", "Chapter 1. The Storm", "It rained."),
            ("It rained.", "Chapter 1", "It rained."),
            ("Chapter 1", "Chapter 1", "Chapter 1"),
            ("", "Chapter 1", ""),
        ] {
            assert_eq!(opening(text, title), expected, "{text:?}");
        }
    }
}
