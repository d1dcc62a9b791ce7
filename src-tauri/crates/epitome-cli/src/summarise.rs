//! `summarise` and `resume`: jobs, watched to their end.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use epitome_api::{Adding, Api, Imported, Open, Outcome, Request};
use epitome_model::{
    BookCard, BookId, Edit, ExportFormat, FeedMessage, Grown, JobId, JobState, ProviderKind, StartJob, WireError,
};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use indicatif::MultiProgress;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;

use crate::args::{Args, Resume, Running, Summarise};
use crate::report::{self, JobReport};
use crate::{BAD_USE, DONE, SOME_FAILED, status};

/// How long an unattended run waits for a server that is away, in seconds, unless the person says otherwise.
const OUTAGE_S: &str = "600";

/// Summarises the files side by side, as the window does: they share the card. One that cannot be read does not keep the
/// others waiting.
pub async fn summarise(args: &Args, command: &Summarise) -> anyhow::Result<u8> {
    let api = open(&command.running, command.builtin, command.model.as_deref()).await?;
    let mut worst = DONE;
    let mut books = Vec::new();
    if command.sample {
        books.push(api.import_sample().await?);
    }
    let adding = Adding { how: command.how.into(), edits: edits(command.pattern.as_deref()) };
    for imported in api.import_all(command.files.clone(), &adding).await? {
        match imported {
            Ok(Imported { book, grown }) => {
                if let Some(grown) = grown {
                    tell_grown(args, &grown);
                }
                books.push(book);
            }
            Err(error) => {
                report::wire_error(&error, args.json());
                worst = BAD_USE;
            }
        }
    }
    let start = StartJob { provider: command.builtin.then_some(ProviderKind::BuiltIn), ..StartJob::default() };
    let mut jobs = Vec::new();
    for book in books {
        jobs.push(begin(&api, book, &start).await?);
    }
    Ok(worst.max(watch(&api, args, &command.running, jobs).await?))
}

/// The changes that a pattern of the person's makes in the list of chapters.
pub fn edits(pattern: Option<&str>) -> Vec<Edit> {
    pattern.map(|pattern| Edit::Pattern { pattern: pattern.to_owned() }).into_iter().collect()
}

fn tell_grown(args: &Args, grown: &Grown) {
    if args.json() {
        report::line(&json!({"event": "grown", "grown": grown}));
        return;
    }
    let Grown { title, same, changed, new, gone, .. } = grown;
    let gone = if *gone > 0 { format!(", {gone} of the library's are not in the file") } else { String::new() };
    report::note(&format!(
        "{title} is in the library: {new} chapters are new, {changed} changed, {same} the same{gone}."
    ));
}

/// Goes on with what is unfinished.
pub async fn resume(args: &Args, command: &Resume) -> anyhow::Result<u8> {
    let api = open(&command.running, false, None).await?;
    let jobs = api.resume_unfinished().await?;
    if jobs.is_empty() {
        report::note("Nothing is unfinished.");
        return Ok(DONE);
    }
    let cards = library(&api).await?;
    let of = |job: JobId| cards.iter().find(|card| card.job == Some(job)).map(|card| Shown::new(job, card));
    watch(&api, args, &command.running, jobs.into_iter().filter_map(of).collect()).await
}

/// A job on its way.
struct Shown {
    job: JobId,
    book: BookId,
    title: String,
}

impl Shown {
    fn new(job: JobId, card: &BookCard) -> Self {
        Self { job, book: card.id, title: card.meta.title.clone() }
    }
}

async fn open(running: &Running, builtin: bool, model: Option<&str>) -> anyhow::Result<Api> {
    let mut choices = Vec::new();
    let mut choose = |key: &str, value: Option<&str>| {
        choices.extend(value.map(|value| (key.to_owned(), value.to_owned())));
    };
    choose("ollama.url", running.url.as_deref());
    choose("ollama.model", model);
    choose("profile", running.profile.as_deref());
    // Who names an address or a model means Ollama, and wants to hear it when it is not there.
    let ollama = running.url.is_some() || model.is_some();
    choose("provider.choice", if builtin { Some("built-in") } else { ollama.then_some("ollama") });
    choices.extend(running.set.iter().cloned());
    let usual = vec![("llm.outage_s".to_owned(), OUTAGE_S.to_owned())];
    status::opened(Open { data: running.common.data.clone(), choices, usual, ..Open::default() }).await
}

async fn library(api: &Api) -> anyhow::Result<Vec<BookCard>> {
    Ok(serde_json::from_value(api.answer(Request::Library {}).await?)?)
}

/// Has a book worked on.
async fn begin(api: &Api, book: BookId, start: &StartJob) -> anyhow::Result<Shown> {
    let cards = library(api).await?;
    let card = cards.iter().find(|card| card.id == book).context("the book left the library")?;
    let job = match going_on(card, start) {
        Some(job) => {
            api.answer(Request::Resume { job }).await?;
            job
        }
        None => serde_json::from_value(api.answer(Request::Start { book, start: start.clone() }).await?)?,
    };
    Ok(Shown::new(job, card))
}

/// A job of the book that was interrupted is gone on with rather than begun anew, unless another provider is asked for.
fn going_on(card: &BookCard, start: &StartJob) -> Option<JobId> {
    let same = start.provider.is_none() || start.provider == card.provider;
    card.job.filter(|_| same && card.state.is_some_and(JobState::resumes))
}

/// Shows jobs until all have ended, and of each what came of it as soon as it has.
async fn watch(api: &Api, args: &Args, running: &Running, jobs: Vec<Shown>) -> anyhow::Result<u8> {
    let mut feed = api.feed();
    let bars = MultiProgress::new();
    let report = |shown: &Shown| (shown.job, JobReport::new(&shown.title, args.json(), &bars));
    let mut reports: HashMap<JobId, JobReport> = jobs.iter().map(report).collect();
    let wait = |shown: Shown| async move {
        api.wait(shown.job).await;
        shown
    };
    let mut under_way: FuturesUnordered<_> = jobs.into_iter().map(wait).collect();
    let mut worst = DONE;
    loop {
        tokio::select! {
            message = feed.recv() => match message {
                Ok(message) => show(&mut reports, &message),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return Ok(worst),
            },
            ended = under_way.next() => {
                let Some(Shown { job, book, .. }) = ended else { return Ok(worst) };
                while let Ok(message) = feed.try_recv() {
                    show(&mut reports, &message);
                }
                if let Some(report) = reports.remove(&job) {
                    report.end();
                }
                worst = worst.max(finish(api, args, running, book).await?);
            },
        }
    }
}

fn show(reports: &mut HashMap<JobId, JobReport>, message: &FeedMessage) {
    let FeedMessage::Frames { frames } = message else { return };
    for frame in frames {
        if let Some(report) = reports.get_mut(&frame.job) {
            report.frame(frame);
        }
    }
}

/// Says what came of it, writes the exports, and gives the exit code.
async fn finish(api: &Api, args: &Args, running: &Running, book: BookId) -> anyhow::Result<u8> {
    let outcome = api.outcome(book).await?;
    let files = write_exports(api, running, book).await?;
    let why = |error: &Option<WireError>| error.as_ref().map_or("unknown".to_owned(), |error| error.message.clone());
    let failed: Vec<String> = outcome.failed.iter().map(|(title, error)| format!("{title}: {}", why(error))).collect();
    let Outcome { card, coverage, .. } = &outcome;
    let done = card.summarised == card.chapters && card.state == Some(JobState::Done);
    if args.json() {
        report::line(&json!({
            "event": "done",
            "book": book,
            "title": card.meta.title,
            "state": card.state,
            "reason": card.reason,
            "chapters": card.chapters,
            "summarised": card.summarised,
            "failed": failed,
            "coverage": coverage,
            "provider": card.provider.map(ProviderKind::name),
            "model": card.model,
            "files": files,
        }));
    } else {
        tell(&outcome, &failed, &files);
    }
    Ok(if done { DONE } else { SOME_FAILED })
}

fn tell(outcome: &Outcome, failed: &[String], files: &HashMap<&'static str, PathBuf>) {
    let Outcome { card, coverage, .. } = outcome;
    let who = match (card.provider, &card.model) {
        (Some(ProviderKind::BuiltIn), _) => "by the built-in extractive summariser, without a model".to_owned(),
        (_, Some(model)) => format!("by {model}"),
        _ => String::new(),
    };
    report::say(&format!("{}: {} of {} chapters summarised {who}", card.meta.title, card.summarised, card.chapters));
    let parts = match coverage.left_out.len() {
        1 => "1 part".to_owned(),
        parts => format!("{parts} parts"),
    };
    let (inside, all) = (coverage.chapter_chars, coverage.source_chars);
    report::say(&format!("  {inside} of {all} characters in chapters; {parts} left out by name"));
    for chapter in failed {
        report::note(&format!("  failed: {chapter}"));
    }
    if let Some(reason) = card.reason.as_deref().filter(|_| card.state != Some(JobState::Done)) {
        report::note(&format!("  {reason}"));
    }
    for path in files.values() {
        report::say(&format!("  written to {}", path.display()));
    }
}

async fn write_exports(
    api: &Api,
    running: &Running,
    book: BookId,
) -> Result<HashMap<&'static str, PathBuf>, WireError> {
    let mut files = HashMap::new();
    let out = running.out.clone().unwrap_or_else(|| PathBuf::from("."));
    for format in &running.export {
        let format = ExportFormat::from(*format);
        let exported = export(api, book, format, &out).await?;
        files.insert(format.ending(), PathBuf::from(exported));
    }
    Ok(files)
}

/// Writes one export into a folder, which is made where it is missing.
pub async fn export(api: &Api, book: BookId, format: ExportFormat, out: &Path) -> Result<String, WireError> {
    std::fs::create_dir_all(out).map_err(|error| {
        WireError::new(
            epitome_model::ErrorCode::WriteFailed,
            format!("The folder {} could not be made: {error}.", out.display()),
            "Choose another folder with --out.",
        )
    })?;
    Ok(api.export(book, format, out.to_string_lossy().into_owned()).await?.path)
}
