//! Files to books: reading, previewing, what the reader changes in a preview, and putting them into the library.

mod describe;
mod folder;
mod kept;
mod older;
mod read;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_book::{Section, edit, ledger};
use epitome_model::{
    AddAs, AddPreview, Added, BookId, ChapterMethod, Edit, ErrorCode, Estimate, Grown, JobId, JobSettings,
    PreviewOutcome, SectionParagraphs, StartJob, WireError,
};
use epitome_pipeline::{JobLock, ModelFacts, Trial, estimate, measure, try_speed};
use epitome_reader::Reader;
use epitome_store::{Connection, StoreError, book, crash, job, section};
use futures_util::stream::{self, StreamExt};

use crate::{Api, internal, jobs, keys};

pub use describe::Inspected;
pub(crate) use kept::Previews;
pub(crate) use read::file_name;

use describe::inspected;
use kept::{Kept, List};
use older::Older;
use read::Read;

/// Longest search for a reader's pattern.
const PATTERN_PATIENCE: Duration = Duration::from_secs(5);

/// How a file is put into the library, beyond what it says itself.
#[derive(Clone, Debug, Default)]
pub struct Adding {
    pub how: AddAs,
    pub edits: Vec<Edit>,
}

/// What came of a file that was put into the library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    pub book: BookId,
    /// The book was there, and got what is new in the file.
    pub grown: Option<Grown>,
}

/// Reads a file's chapters, with the reader's changes; needs no library and keeps nothing.
pub async fn inspect(path: &Path, edits: Vec<Edit>, reader: &Reader) -> Result<Inspected, WireError> {
    let read = Arc::new(read::file(path, reader).await?);
    let base: Arc<[Section]> = read.book.sections.clone().into();
    let (sections, by_pattern) = edited(Arc::clone(&read), base, edits).await?;
    inspected(&read, &sections, method(by_pattern, read.book.method))
}

/// The sections after the reader's changes, and whether a pattern set them.
async fn edited(read: Arc<Read>, base: Arc<[Section]>, edits: Vec<Edit>) -> Result<(Arc<[Section]>, bool), WireError> {
    let work = move || {
        let until = Instant::now() + PATTERN_PATIENCE;
        let edited = edit::edited(&read.book.text, &base, &edits, &mut || Instant::now() < until)?;
        Ok((edited.sections.into(), edited.by_pattern))
    };
    tokio::task::spawn_blocking(work).await.map_err(internal)?
}

fn method(by_pattern: bool, found: ChapterMethod) -> ChapterMethod {
    if by_pattern { ChapterMethod::Pattern } else { found }
}

/// Files that `paths` stand for: a folder stands for the books in it, unless its pages are one book.
pub async fn files(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, WireError> {
    tokio::task::spawn_blocking(move || folder::files(paths)).await.map_err(internal)?
}

impl Api {
    pub(crate) async fn files(&self, paths: Vec<String>) -> Result<Vec<String>, WireError> {
        let found = files(paths.into_iter().map(PathBuf::from).collect()).await?;
        Ok(found.into_iter().map(|path| path.to_string_lossy().into_owned()).collect())
    }

    pub(crate) async fn preview(&self, paths: Vec<String>) -> Result<Vec<PreviewOutcome>, WireError> {
        let paths = paths.into_iter().map(PathBuf::from).collect();
        let read = self.each_file(paths, |path| async move { Box::pin(self.preview_file(&path)).await }).await?;
        let outcomes = read.into_iter().map(|(path, outcome)| match outcome {
            Ok(preview) => PreviewOutcome::Book { preview: Box::new(preview) },
            Err(error) => PreviewOutcome::Refused { file_name: file_name(&path), error },
        });
        Ok(outcomes.collect())
    }

    /// Does `what` with each file that `paths` stand for, as many at a time as are read at a time; gives the outcomes in
    /// the files' order.
    async fn each_file<T, O: Future<Output = Result<T, WireError>>>(
        &self,
        paths: Vec<PathBuf>,
        what: impl Fn(PathBuf) -> O,
    ) -> Result<Vec<(PathBuf, Result<T, WireError>)>, WireError> {
        let what = |path: PathBuf| {
            let done = what(path.clone());
            async move { (path, done.await) }
        };
        let at_a_time = self.reader().at_a_time();
        let mut outcomes = Vec::new();
        let mut first = stream::iter(files(paths).await?.into_iter().map(what)).buffered(at_a_time);
        while let Some((path, outcome)) = first.next().await {
            match outcome {
                // Pages that turned out to be books of their own, or to be too much for one.
                Err(error)
                    if matches!(error.code, ErrorCode::SeveralBooks | ErrorCode::BookTooLarge) && path.is_dir() =>
                {
                    let mut books = stream::iter(inside(path).await?.into_iter().map(what)).buffered(at_a_time);
                    while let Some(outcome) = books.next().await {
                        outcomes.push(outcome);
                    }
                }
                outcome => outcomes.push((path, outcome)),
            }
        }
        Ok(outcomes)
    }

    async fn preview_file(&self, path: &Path) -> Result<AddPreview, WireError> {
        let read = Arc::new(read::file(path, self.reader()).await?);
        let list = self.list(&read).await?;
        let preview = self.describe(&read, &list).await?;
        let (token, hash, path) = (read.token.clone(), read.hash.clone(), path.to_path_buf());
        self.previews().keep(Kept { token, hash, path, list, read: Some(read) });
        Ok(preview)
    }

    /// The sections a preview begins with: as they were read, and as the library has them where it knows them.
    async fn list(&self, read: &Arc<Read>) -> Result<List, WireError> {
        let source = Arc::clone(read);
        let known = move |conn: &Connection| {
            let book = &source.book;
            if let Some(id) = book::by_hash(conn, &source.hash)? {
                let stored =
                    Older::load(conn, id)?.map(|older| older.as_stored(conn, &book.text)).transpose()?.flatten();
                let method = book::find(conn, id)?.map_or(book.method, |row| row.method);
                return Ok((Some(id), stored.map(|stored| (stored, method))));
            }
            let found = older::find(conn, book)?;
            Ok(match found {
                Some((older, comparison)) => {
                    let inherited = older.inherit(&book.sections, &comparison);
                    (Some(older.id), Some((inherited, book.method)))
                }
                None => (None, None),
            })
        };
        let (older, known) = self.read_store(known).await?;
        let (base, method) = known.unwrap_or_else(|| (read.book.sections.clone(), read.book.method));
        let base: Arc<[Section]> = base.into();
        Ok(List { sections: Arc::clone(&base), base, base_method: method, edits: Vec::new(), method, older })
    }

    /// Puts a file into the library as it was read.
    pub async fn import(&self, path: &Path) -> Result<BookId, WireError> {
        Ok(self.import_with(path, &Adding::default()).await?.book)
    }

    /// Puts a file into the library, as the command line does.
    pub async fn import_with(&self, path: &Path, adding: &Adding) -> Result<Imported, WireError> {
        let read = Arc::new(read::file(path, self.reader()).await?);
        let mut list = self.list(&read).await?;
        self.change(&read, &mut list, adding.edits.clone()).await?;
        self.store_book(read, &list, adding.how).await
    }

    /// Puts files and the books of folders into the library, several at a time; gives what became of each, in their order.
    pub async fn import_all(
        &self,
        paths: Vec<PathBuf>,
        adding: &Adding,
    ) -> Result<Vec<Result<Imported, WireError>>, WireError> {
        let import = |path: PathBuf| async move { Box::pin(self.import_with(&path, adding)).await };
        Ok(self.each_file(paths, import).await?.into_iter().map(|(_, imported)| imported).collect())
    }

    /// Puts the sample book into the library.
    pub async fn import_sample(&self) -> Result<BookId, WireError> {
        let (bytes, name) = (epitome_book::SAMPLE.to_vec(), epitome_book::SAMPLE_NAME.to_owned());
        let read = Arc::new(read::bytes(bytes, name, self.reader()).await?);
        let list = self.list(&read).await?;
        Ok(self.store_book(read, &list, AddAs::Update).await?.book)
    }

    pub(crate) async fn try_sample(&self) -> Result<Added, WireError> {
        let book = self.import_sample().await?;
        let job = self.start(book, StartJob::default()).await?;
        Ok(Added { book, job: Some(job) })
    }

    /// Changes the list of sections of a preview: all of the reader's changes, each time, so that the last is taken back
    /// by leaving it out.
    pub(crate) async fn edit_preview(&self, token: String, edits: Vec<Edit>) -> Result<AddPreview, WireError> {
        let mut kept = self.kept(&token).await?;
        let read = self.text_of(&kept).await?;
        self.change(&read, &mut kept.list, edits).await?;
        let preview = self.describe(&read, &kept.list).await?;
        self.previews().keep(Kept { read: Some(read), ..kept });
        Ok(preview)
    }

    /// Has the model that would be used make a short call over the beginning of the first chapter.
    pub(crate) async fn try_speed(&self, token: String, start: StartJob) -> Result<Estimate, WireError> {
        let kept = self.kept(&token).await?;
        let read = self.text_of(&kept).await?;
        let settings = self.job_settings(&start).await?;
        let chapters = || kept.list.sections.iter().filter(|section| section.left_out.is_none());
        let text = chapters().next().and_then(|section| read.book.text.get(section.range.clone())).unwrap_or_default();
        let language = read.book.meta.language.as_deref();
        let trial = Trial {
            book_title: &read.book.meta.title,
            text,
            language,
            longest_chapter: chapters().map(|section| section.chars as usize).max().unwrap_or_default(),
            measure: measure(language, jobs::sample(&read.book.text), &settings),
        };
        let found = try_speed(&settings, &trial, &keys::finder()).await.map_err(WireError::from)?;
        if let Some(speed) = found {
            self.tried().insert((settings.url.clone(), settings.model.clone()), speed);
        }
        self.estimate_of(&read, &kept.list, &settings).await
    }

    async fn change(&self, read: &Arc<Read>, list: &mut List, edits: Vec<Edit>) -> Result<(), WireError> {
        let (sections, by_pattern) = edited(Arc::clone(read), Arc::clone(&list.base), edits.clone()).await?;
        *list = List { sections, edits, method: method(by_pattern, list.base_method), ..list.clone() };
        Ok(())
    }

    /// Paragraphs of a section of a preview, for choosing where to split it.
    pub(crate) async fn preview_text(
        &self,
        token: String,
        section: u32,
        from: u32,
    ) -> Result<SectionParagraphs, WireError> {
        let kept = self.kept(&token).await?;
        let read = self.text_of(&kept).await?;
        let found = kept.list.sections.get(section as usize).ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, "This section is no longer in the list.", "Look at the list again.")
        })?;
        Ok(edit::paragraphs(read.book.text.get(found.range.clone()).unwrap_or_default(), from))
    }

    #[allow(clippy::unused_async, reason = "the lock is not held over a wait")]
    async fn kept(&self, token: &str) -> Result<Kept, WireError> {
        let kept = self.previews().find(token);
        kept.ok_or_else(|| {
            WireError::new(ErrorCode::NotFound, "This preview is no longer there.", "Add the file again.")
        })
    }

    /// What was read, from memory or from the file, if that is still the same.
    async fn text_of(&self, kept: &Kept) -> Result<Arc<Read>, WireError> {
        if let Some(read) = &kept.read {
            return Ok(Arc::clone(read));
        }
        let read = read::file(&kept.path, self.reader()).await?;
        if read.hash == kept.hash {
            return Ok(Arc::new(read));
        }
        let name = file_name(&kept.path);
        Err(WireError::new(
            ErrorCode::NotFound,
            format!("{name} was changed since it was looked at."),
            "Add the file again.",
        ))
    }

    pub(crate) async fn add(&self, token: String, start: Option<StartJob>, how: AddAs) -> Result<Added, WireError> {
        let kept = self.kept(&token).await?;
        let read = self.text_of(&kept).await?;
        if let Some(start) = &start {
            // A start that will be refused leaves the preview as it was, so that the person can choose otherwise.
            self.job_settings(start).await?;
        }
        let book = self.store_book(read, &kept.list, how).await?.book;
        self.discard(token).await?;
        let mut job: Option<JobId> = None;
        if let Some(start) = start {
            job = Some(self.start(book, start).await?);
        }
        Ok(Added { book, job })
    }

    #[allow(clippy::unused_async, reason = "commands are all asynchronous")]
    pub(crate) async fn discard(&self, token: String) -> Result<(), WireError> {
        self.previews().forget(&token);
        Ok(())
    }

    async fn describe(&self, read: &Arc<Read>, list: &List) -> Result<AddPreview, WireError> {
        let mut inspected = inspected(read, &list.sections, list.method)?;
        let (source, sections, older) = (Arc::clone(read), Arc::clone(&list.sections), list.older);
        let compared = move |conn: &Connection| {
            let known = book::by_hash(conn, &source.hash)?;
            let older = older.map(|id| Older::load(conn, id)).transpose()?.flatten();
            let grown = older.and_then(|older| {
                let comparison = older.compare(conn, &source.book.text, &sections)?;
                Some(older.grown(&sections, &comparison))
            });
            Ok((known, grown))
        };
        let (known, grown) = self.read_store(compared).await?;
        let (grown, kinship) = grown.unzip();
        for (section, kinship) in inspected.sections.iter_mut().zip(kinship.into_iter().flatten()) {
            section.kinship = Some(kinship);
        }
        let status = self.status().await;
        let settings = self.settings_now().job(status.using, status.model.clone().unwrap_or_default())?;
        let estimate = self.estimate_of(read, list, &settings).await?;
        Ok(AddPreview {
            token: read.token.clone(),
            file_name: inspected.file_name,
            meta: inspected.meta,
            format: inspected.format,
            method: inspected.method,
            certainty: inspected.certainty,
            sections: inspected.sections,
            coverage: inspected.coverage,
            estimate,
            known,
            grown: grown.filter(|_| known.is_none()),
            edits: list.edits.clone(),
        })
    }

    /// What a job with these settings would be for a preview.
    async fn estimate_of(&self, read: &Arc<Read>, list: &List, settings: &JobSettings) -> Result<Estimate, WireError> {
        let status = self.status().await;
        let chapters = list.sections.iter().filter(|section| section.left_out.is_none());
        let lengths: Vec<usize> = chapters.map(|section| section.chars as usize).collect();
        let language = read.book.meta.language.as_deref();
        let measure = measure(language, jobs::sample(&read.book.text), settings);
        let trained = status.models.iter().find(|model| model.name == settings.model);
        let facts = ModelFacts { trained: trained.and_then(|model| model.window), ..ModelFacts::default() };
        let speed = self.speed(settings).await?;
        Ok(estimate(settings, &lengths, &measure, facts, speed))
    }

    /// What a preview would cost with other settings than those in force.
    pub(crate) async fn estimate(&self, token: String, start: StartJob) -> Result<Estimate, WireError> {
        let kept = self.kept(&token).await?;
        let read = self.text_of(&kept).await?;
        let settings = self.job_settings(&start).await?;
        self.estimate_of(&read, &kept.list, &settings).await
    }

    /// Stores a book once: the same file again is the book that is there, and a newer version of one takes its place.
    async fn store_book(&self, read: Arc<Read>, list: &List, how: AddAs) -> Result<Imported, WireError> {
        let coverage = ledger(&read.book.text, &list.sections).map_err(|error| error.for_file(&read.file_name))?;
        let held = match list.older {
            Some(older) if how != AddAs::NewBook => self.hold(older).await?,
            _ => Vec::new(),
        };
        let (list, added_ms) = (list.clone(), self.now_ms());
        let imported = self
            .store()
            .write(move |tx| {
                stored(tx, &Source { read: &read, list: &list, chars: coverage.source_chars, added_ms }, how)
            })
            .await?;
        drop(held);
        self.changed();
        self.index();
        Ok(imported)
    }

    /// Keeps every job of a book from running for as long as the locks are held; refuses where one runs.
    async fn hold(&self, id: BookId) -> Result<Vec<JobLock>, WireError> {
        let jobs = self.read_store(move |conn| Ok((job::of_book(conn, id)?, book::find(conn, id)?))).await?;
        let (jobs, found) = jobs;
        let mut held = Vec::new();
        for job in jobs.iter().filter(|job| job.state.resumes()) {
            let Some(lock) = JobLock::take(self.store().folder(), job.id).map_err(internal)? else {
                let title = found.map(|found| found.meta.title).unwrap_or_default();
                return Err(WireError::new(
                    ErrorCode::AlreadyRunning,
                    format!("\u{201c}{title}\u{201d} is being summarised, so its chapters cannot be changed now."),
                    "Pause or stop it, or wait until it is done; then add the file again.",
                ));
            };
            held.push(lock);
        }
        Ok(held)
    }
}

/// Files that may be books, in a folder and in those within it.
pub(crate) async fn inside(folder: PathBuf) -> Result<Vec<PathBuf>, WireError> {
    tokio::task::spawn_blocking(move || folder::inside(&folder)).await.map_err(internal)?
}

/// A file with the sections it is stored with.
struct Source<'a> {
    read: &'a Read,
    list: &'a List,
    /// Unicode scalar values of its text, as the ledger counted them.
    chars: u32,
    added_ms: i64,
}

impl Source<'_> {
    /// The book's row; `stays` counts the characters of an older version that the file does not hold.
    fn row(&self, stays: u32) -> book::NewBook<'_> {
        let source = &self.read.book;
        book::NewBook {
            meta: &source.meta,
            format: source.format,
            method: self.list.method,
            file_name: &self.read.file_name,
            source_hash: &self.read.hash,
            source_chars: self.chars.saturating_add(stays),
            cover: source.cover.as_ref().map(|cover| (cover.media_type.as_str(), cover.bytes.as_slice())),
            added_ms: self.added_ms,
        }
    }
}

fn stored(tx: &Connection, source: &Source<'_>, how: AddAs) -> Result<Imported, StoreError> {
    let Source { read, list, .. } = source;
    let known = book::by_hash(tx, &read.hash)?;
    if let Some(book) = known
        && list.edits.is_empty()
    {
        return Ok(Imported { book, grown: None });
    }
    // A file is stored once, so changes of one that is there are changes of that book; nothing of its text can be gone.
    let how = if known.is_some() { AddAs::Replace } else { how };
    let wanted = known.or(list.older.filter(|_| how != AddAs::NewBook));
    let older = wanted.map(|id| Older::load(tx, id)).transpose()?.flatten();
    let (text, sections) = (&read.book.text, &list.sections);
    if let Some(older) = older {
        let comparison = older.compare(tx, text, sections);
        if comparison.is_some() || known.is_some() {
            let stays = older.replace(tx, text, sections, comparison.as_ref(), how)?;
            crash::point("import.replaced");
            book::set_source(tx, older.id, &source.row(stays))?;
            let grown = comparison.map(|comparison| older.grown(sections, &comparison).0);
            return Ok(Imported { book: older.id, grown });
        }
    }
    let id = book::insert(tx, &source.row(0))?;
    let mut number = 0;
    for (position, part) in (0..).zip(sections.iter()) {
        number += u32::from(part.left_out.is_none());
        section::insert(
            tx,
            &section::NewSection {
                book: id,
                position,
                number: part.left_out.is_none().then_some(number),
                title: &part.title,
                part: part.part.as_deref(),
                chars: part.chars,
                left_out: part.left_out,
                text: text.get(part.range.clone()).unwrap_or_default(),
            },
        )?;
        crash::point("import.section");
    }
    Ok(Imported { book: id, grown: None })
}
