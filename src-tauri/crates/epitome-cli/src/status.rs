//! `chapters`, `status` and `export`: looking and writing, without running anything.

use epitome_api::{Api, Open, Reader, Request, inspect};
use epitome_model::{BookCard, ChapterMethod, JobState, Sureness};
use serde_json::json;

use crate::args::{Args, Chapters, Export};
use crate::report;
use crate::summarise;
use crate::{DONE, SOME_FAILED};

pub async fn open(args: &Args) -> anyhow::Result<Api> {
    opened(Open { data: args.common().data.clone(), ..Open::default() }).await
}

/// Opens the application and says what there is to know about that.
pub async fn opened(open: Open) -> anyhow::Result<Api> {
    let api = Api::open(Open { reader: Some(Reader::this_program()), ..open }).await?;
    if let Some(notice) = api.notice() {
        report::note(&notice);
    }
    Ok(api)
}

/// Shows what a file would be split into.
pub async fn chapters(args: &Args, command: &Chapters) -> anyhow::Result<u8> {
    let preview = inspect(&command.file, summarise::edits(command.pattern.as_deref()), &Reader::this_program()).await?;
    if args.json() {
        report::line(&serde_json::to_value(&preview)?);
        return Ok(DONE);
    }
    let by = preview.meta.authors.join(", ");
    report::say(&format!("{}{}{by}", preview.meta.title, if by.is_empty() { "" } else { ", by " }));
    let mut part = None;
    for section in &preview.sections {
        if section.part != part {
            part.clone_from(&section.part);
            if let Some(part) = &part {
                report::say(part);
            }
        }
        match (section.number, section.left_out) {
            (Some(number), _) => report::say(&format!("{number:>5}  {:>8}  {}", section.chars, section.title)),
            (None, Some(reason)) => {
                report::say(&format!("    -  {:>8}  {} (left out: {})", section.chars, section.title, reason.words()));
            }
            (None, None) => {}
        }
    }
    let coverage = &preview.coverage;
    let left: u32 = coverage.left_out.iter().map(|part| part.chars).sum();
    report::say(&format!(
        "{} chapters, {}: {} of {} characters in chapters, {left} left out by name",
        preview.sections.iter().filter(|section| section.number.is_some()).count(),
        method(preview.method),
        coverage.chapter_chars,
        coverage.source_chars,
    ));
    report::say(&format!("{}: {}", sureness(preview.certainty.sureness), preview.certainty.reason));
    Ok(DONE)
}

fn method(method: ChapterMethod) -> &'static str {
    match method {
        ChapterMethod::Navigation => "from the book's navigation",
        ChapterMethod::Ncx => "from the book's contents (NCX)",
        ChapterMethod::Outline => "from the PDF's bookmarks",
        ChapterMethod::Spine => "one for each file of the book",
        ChapterMethod::Headings => "by their headings",
        ChapterMethod::Sized => "cut to size, as no headings were found",
        ChapterMethod::Whole => "the text as a whole",
        ChapterMethod::Pattern => "by your pattern",
    }
}

fn sureness(sureness: Sureness) -> &'static str {
    match sureness {
        Sureness::Sure => "Sure",
        Sureness::Likely => "Likely",
        Sureness::Unsure => "Not sure",
    }
}

/// Shows the library.
pub async fn status(args: &Args) -> anyhow::Result<u8> {
    let api = open(args).await?;
    let cards: Vec<BookCard> = serde_json::from_value(api.answer(Request::Library {}).await?)?;
    if args.json() {
        for card in &cards {
            report::line(&json!({
                "book": card.id,
                "title": card.meta.title,
                "authors": card.meta.authors,
                "file": card.file_name,
                "state": card.state,
                "reason": card.reason,
                "chapters": card.chapters,
                "summarised": card.summarised,
                "failed": card.failed,
                "provider": card.provider.map(epitome_model::ProviderKind::name),
                "model": card.model,
            }));
        }
    } else if cards.is_empty() {
        report::say("The library is empty. Add a book with `epitome-cli summarise FILE`.");
    } else {
        for card in &cards {
            report::say(&format!(
                "{:>4}  {:<10} {:>4} of {:<4} {}",
                card.id.to_string(),
                card.state.map_or("added", words),
                card.summarised,
                card.chapters,
                card.meta.title
            ));
        }
    }
    Ok(if cards.iter().any(|card| card.failed > 0) { SOME_FAILED } else { DONE })
}

fn words(state: JobState) -> &'static str {
    match state {
        JobState::Waiting => "waiting",
        JobState::Running => "running",
        JobState::Unreachable => "no server",
        JobState::Paused => "paused",
        JobState::Stopped => "stopped",
        JobState::Done => "done",
        JobState::Incomplete => "incomplete",
    }
}

/// Writes one book to a folder.
pub async fn export(args: &Args, command: &Export) -> anyhow::Result<u8> {
    let api = open(args).await?;
    let card = api.find_book(&command.book).await?;
    let path = summarise::export(&api, card.id, command.format.into(), &command.out).await?;
    if args.json() {
        report::line(&json!({"event": "exported", "book": card.id, "path": path}));
    } else {
        report::say(&path);
    }
    Ok(DONE)
}
