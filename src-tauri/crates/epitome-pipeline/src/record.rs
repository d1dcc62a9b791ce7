//! What a run writes down, and what it reads back. Every write here is one durable unit; a call counts as done only
//! after its write returned.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::plan::{Chapter, Written};
use epitome_engine::ratio::Ratio;
use epitome_engine::sched::{Author, Found, Kept, Learned, QueuedCall};
use epitome_engine::synopsis::Summaries;
use epitome_llm::Answer;
use epitome_model::{
    BookId, CellState, Commit, Event, EventLevel, JobId, JobState, ProviderKind, Sample, SectionId, Vitals, Wanted,
    WireError,
};
use epitome_store::{
    Connection, Store, StoreError, alert, call, chapter, crash, event, job, learned, live, measure, ratio, section,
    speed, summary,
};

use crate::RunError;
use crate::telemetry::Change;

/// Summaries read at once for the synopsis: some hundred kilobytes.
const SUMMARIES_AT_ONCE: u32 = 128;

/// Writes for one job; cheap to clone.
#[derive(Clone)]
pub struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    job: JobId,
    book: BookId,
    generation: i64,
    url: String,
    /// Whom the person chose.
    chosen: Author,
    commit: Commit,
    clock: fn() -> i64,
}

impl Recorder {
    pub(crate) fn new(store: Store, row: &job::JobRow, clock: fn() -> i64) -> Self {
        let inner = Inner {
            store,
            job: row.id,
            book: row.book,
            generation: row.generation,
            url: row.settings.url.clone(),
            chosen: Author {
                provider: row.settings.provider,
                model: model_name(row.settings.provider, &row.settings.model),
            },
            commit: row.settings.commit,
            clock,
        };
        Self { inner: Arc::new(inner) }
    }

    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub fn generation(&self) -> i64 {
        self.inner.generation
    }

    fn now(&self) -> i64 {
        (self.inner.clock)()
    }

    /// Stores an answer under its key and, in the same transaction, the chapter it completes. Storing it twice is harmless:
    /// the first answer of a key stays.
    pub async fn record(
        &self,
        queued: &QueuedCall,
        key: String,
        answer: &Answer,
        attempts: u32,
        author: &Author,
        completes: Option<(Box<Chapter>, Box<Written>)>,
    ) -> Result<(), RunError> {
        let (inner, author, now) = (Arc::clone(&self.inner), author.clone(), self.now());
        let new = call::NewCall {
            job: inner.job,
            chapter: queued.call.chapter,
            kind: queued.call.step.kind,
            place: queued.call.step.index,
            key,
            output: answer.text.clone(),
            attempts,
            usage: answer.usage,
            provider: author.provider,
            model: author.model.clone(),
            finished_ms: now,
        };
        let finishes = completes.is_some();
        let write = self.write_result(move |tx| {
            call::record(tx, &new)?;
            match completes {
                Some((chapter, written)) => finish(tx, &inner, &chapter, &written, &author, now),
                None => Ok(()),
            }
        });
        write.await?;
        if finishes {
            crash::point("chapter.written");
        }
        Ok(())
    }

    /// A write as results are written: at once, or by the batch in the older profiles.
    async fn write_result(
        &self,
        work: impl FnOnce(&Connection) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        match self.inner.commit {
            Commit::AtOnce => self.store().write(work).await,
            Commit::Batched => self.store().write_batched(work).await,
        }
    }

    /// Puts the stored answers to calls beside them, each with who gave it. Blocking.
    pub fn find(&self, calls: Vec<QueuedCall>) -> Result<Vec<Found>, RunError> {
        let keys: Vec<&str> = calls.iter().flat_map(|call| &call.keys).map(String::as_str).collect();
        let stored = self.store().read(|conn| call::find_outputs(conn, &keys))?.into_iter();
        let mut stored = stored.map(|stored| stored.map(kept));
        let found = calls.into_iter().map(|call| {
            let kept = stored.by_ref().take(call.keys.len()).collect();
            Found { call, kept }
        });
        Ok(found.collect())
    }

    /// A section's text. Blocking.
    pub fn text(&self, section: SectionId) -> Result<Arc<str>, RunError> {
        self.store().read(|conn| section::text(conn, section))?.ok_or(RunError::BookGone)
    }

    /// Stores a chapter's summary and marks it as done, together. Where there was nothing to read, nobody else wrote it
    /// than whom the person chose.
    pub async fn finish_chapter(
        &self,
        done: &Chapter,
        written: &Written,
        author: Option<&Author>,
    ) -> Result<(), RunError> {
        let (inner, now) = (Arc::clone(&self.inner), self.now());
        let author = author.unwrap_or(&inner.chosen).clone();
        let (done, written) = (done.clone(), written.clone());
        self.write_result(move |tx| finish(tx, &inner, &done, &written, &author, now)).await?;
        crash::point("chapter.written");
        Ok(())
    }

    /// Stores where a chapter stands.
    pub async fn set_chapter(&self, chapter: &Chapter, error: Option<&WireError>) -> Result<(), RunError> {
        let (job, section, error) = (self.inner.job, chapter.section, error.cloned());
        let progress = progress(chapter.cell(), chapter.pieces(), chapter.piece_chars, error);
        Ok(self.store().write(move |tx| chapter::set(tx, job, section, &progress)).await?)
    }

    /// Stores the synopsis of the book. One that is the summary of its one chapter is by whoever wrote that.
    pub async fn synopsis(&self, text: String, author: Option<&Author>) -> Result<(), RunError> {
        let (inner, author) = (Arc::clone(&self.inner), author.cloned());
        let now = self.now();
        let write = self.store().write(move |tx| {
            let author = match author {
                Some(author) => author,
                None => summary::author_of(tx, inner.book, &text)?
                    .map_or_else(|| inner.chosen.clone(), |(provider, model)| Author { provider, model }),
            };
            let synopsis = summary::NewSummary {
                book: inner.book,
                section: None,
                job: inner.job,
                title: "",
                preview: "",
                text: &text,
                pieces: 0,
                provider: author.provider,
                model: &author.model,
                written_ms: now,
            };
            summary::insert(tx, &synopsis).map(|_| ())
        });
        write.await?;
        crash::point("synopsis.written");
        Ok(())
    }

    /// The summaries of some chapters from a position on, for the synopsis. Blocking.
    pub fn summaries(&self, from: u32) -> Result<Summaries, RunError> {
        let rows = self.store().read(|conn| summary::of_chapters(conn, self.inner.book, from, SUMMARIES_AT_ONCE))?;
        let full = rows.len() >= SUMMARIES_AT_ONCE as usize;
        let next = rows.last().filter(|_| full).map(|(position, ..)| position + 1);
        Ok(Summaries { chapters: rows.into_iter().map(|(_, title, text)| (title, text)).collect(), next })
    }

    pub async fn set_state(&self, state: JobState, reason: Option<String>) -> Result<(), RunError> {
        let (job, now) = (self.inner.job, self.now());
        let write = self.store().write(move |tx| {
            job::set_state(tx, job, state, reason.as_deref())?;
            match state {
                JobState::Running => job::set_started(tx, job, now),
                state if state.is_final() => job::set_finished(tx, job, now),
                _ => Ok(()),
            }
        });
        Ok(write.await?)
    }

    /// Stores what the job was planned with.
    pub async fn set_plan(&self, window: Option<u32>, chars_per_token: f32) -> Result<(), RunError> {
        let job = self.inner.job;
        Ok(self.store().write(move |tx| job::set_plan(tx, job, window, chars_per_token)).await?)
    }

    /// The number of calls at a time that was found for a model on a server. A first guess, so a failure is only logged.
    pub async fn remembered(&self, server: &str, model: &str, window: u32) -> Option<u32> {
        let (store, server, model) = (self.store().clone(), server.to_owned(), model.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            store.read(|conn| match learned::find(conn, &server, &model, window)? {
                Some(row) => Ok(Some(row)),
                None => Ok(learned::of_model(conn, &server, &model)?.into_iter().next()),
            })
        });
        match read.await {
            Ok(Ok(row)) => row.map(|row| row.calls_at_a_time),
            Ok(Err(error)) => {
                tracing::warn!(%error, "what was learned not read");
                None
            }
            Err(_) => None,
        }
    }

    /// Keeps what was found out about a server.
    #[allow(clippy::cast_possible_truncation, reason = "tokens a second, for showing")]
    pub async fn learn(&self, found: Learned) {
        let row = learned::LearnedRow {
            host: found.server,
            model: found.model,
            window: found.window,
            calls_at_a_time: found.finding.limit,
            slots: found.slots,
            tokens_per_s: found.finding.tokens_per_s as f32,
            measured_ms: self.now(),
        };
        if let Err(error) = self.store().write(move |tx| learned::set(tx, &row)).await {
            tracing::warn!(%error, "finding not stored");
        }
    }

    /// What is known of the characters a token of the job's model holds in a language.
    pub async fn ratio(&self, language: Option<&str>) -> Ratio {
        let (store, model) = (self.store().clone(), self.inner.chosen.model.clone());
        let language = language.unwrap_or_default().to_owned();
        let read = tokio::task::spawn_blocking(move || store.read(|conn| ratio::find(conn, &model, &language)));
        read.await.ok().and_then(Result::ok).flatten().unwrap_or_default()
    }

    /// Keeps what was learned of it.
    pub async fn set_ratio(&self, language: Option<&str>, learned: Ratio) {
        let (model, now) = (self.inner.chosen.model.clone(), self.now());
        let language = language.unwrap_or_default().to_owned();
        let write = self.store().write(move |tx| ratio::set(tx, &model, &language, &learned, now));
        if let Err(error) = write.await {
            tracing::warn!(%error, "ratio not stored");
        }
    }

    /// What the person wants of the job, by this process or another. Blocking.
    pub fn wanted(&self) -> Result<Wanted, RunError> {
        let row = self.store().read(|conn| job::find(conn, self.inner.job))?;
        // A job that was removed with its book is not worked on.
        Ok(row.map_or(Wanted::Stop, |row| row.wanted))
    }

    /// Stores an event and gives it its number.
    pub async fn event(&self, level: EventLevel, text: String, section: Option<SectionId>) -> Result<Event, RunError> {
        let (job, at_ms) = (self.inner.job, self.now());
        let write = self.store().write(move |tx| {
            let id = event::insert(tx, job, at_ms, level, &text, section)?;
            Ok(Event { id, at_ms, level, text, section })
        });
        Ok(write.await?)
    }

    /// Stores the vital signs, for other processes and for the charts of the run. They are for looking at, so nobody waits
    /// for them.
    pub async fn live(&self, vitals: &Vitals) {
        let (job, now, vitals) = (self.inner.job, self.now(), vitals.clone());
        let write = self.store().write_later(move |tx| {
            live::write(tx, job, &vitals, now)?;
            measure::append(tx, job, &[(now, Sample::of(&vitals, now))])
        });
        if let Err(error) = write.await {
            tracing::debug!(%error, "vital signs not stored");
        }
    }

    /// Keeps an alert that begins until it is seen, or that one is over.
    pub(crate) async fn alert(&self, change: Change) {
        let (job, now) = (self.inner.job, self.now());
        let write = self.store().write_later(move |tx| match &change {
            Change::Begins(alert) => alert::begin(tx, job, alert),
            Change::Ends(alert) => alert::end(tx, job, alert, now),
        });
        if let Err(error) = write.await {
            tracing::warn!(%error, "alert not stored");
        }
    }

    /// A run begins, in which nothing of an earlier one stands.
    pub(crate) async fn no_alerts(&self) {
        let (job, now) = (self.inner.job, self.now());
        if let Err(error) = self.store().write_later(move |tx| alert::end_all(tx, job, now)).await {
            tracing::warn!(%error, "alerts not ended");
        }
    }

    /// Stores the speed of this run for later estimates, where it worked long enough to tell. `tokens` are read and
    /// written ones. An estimate's figure, so a failure is only logged.
    pub async fn speed(&self, window: u32, tokens: (u64, u64), worked: Duration) {
        let seconds = worked.as_secs_f32();
        if seconds < 1.0 || tokens.1 == 0 {
            return;
        }
        let inner = Arc::clone(&self.inner);
        let row = speed::SpeedRow {
            host: inner.url.clone(),
            model: inner.chosen.model.clone(),
            window,
            prompt_tps: tokens.0 as f32 / seconds,
            output_tps: tokens.1 as f32 / seconds,
            measured_ms: self.now(),
        };
        if let Err(error) = self.store().write(move |tx| speed::set(tx, &row)).await {
            tracing::warn!(%error, "speed not stored");
        }
    }
}

/// A stored answer as the engine takes it.
fn kept(stored: call::Stored) -> Kept {
    let author = Author { provider: stored.provider, model: stored.model };
    Kept { text: stored.output, author }
}

/// A chapter with its summary, as one change.
fn finish(
    tx: &Connection,
    inner: &Inner,
    done: &Chapter,
    written: &Written,
    author: &Author,
    now: i64,
) -> Result<(), StoreError> {
    let summary = summary::NewSummary {
        book: inner.book,
        section: Some(done.section),
        job: inner.job,
        title: &written.title,
        preview: &written.preview,
        text: &written.summary,
        pieces: written.pieces,
        provider: author.provider,
        model: &author.model,
        written_ms: now,
    };
    summary::insert(tx, &summary)?;
    chapter::set(tx, inner.job, done.section, &progress(done.cell(), written.pieces, None, None))
}

fn progress(cell: CellState, pieces: u32, piece_chars: Option<usize>, error: Option<WireError>) -> chapter::Progress {
    chapter::Progress {
        state: cell.state,
        pieces,
        planned: cell.planned,
        done: cell.done,
        piece_chars: piece_chars.and_then(|chars| u32::try_from(chars).ok()),
        error,
    }
}

/// As the summaries name it.
pub(crate) fn model_name(provider: ProviderKind, model: &str) -> String {
    match provider {
        ProviderKind::BuiltIn => provider.name().to_owned(),
        ProviderKind::Ollama | ProviderKind::OpenAi => model.to_owned(),
    }
}
