//! `search`: where words are, in summaries and in the books' own text.

use std::io::IsTerminal;

use epitome_api::{Api, Request};
use epitome_model::{BookHits, Found, Hit, Place};
use serde_json::json;

use crate::args::{Args, Search};
use crate::{DONE, report, status};

/// Shows every place, the best book first.
pub async fn search(args: &Args, command: &Search) -> anyhow::Result<u8> {
    let api = status::open(args).await?;
    // What was just added is found too.
    api.indexed().await?;
    let found = ask(&api, command).await?;
    if args.json() {
        as_json(&found);
    } else if found.total == 0 {
        report::note(
            "Nothing was found. Every word must be in the same chapter; the last one may be its beginning only.",
        );
    } else {
        let look = if std::io::stdout().is_terminal() { BOLD } else { PLAIN };
        for book in &found.books {
            say(book, look);
        }
        let shown: usize = found.books.iter().map(|book| book.hits.len()).sum();
        let more = (found.total as usize).saturating_sub(shown);
        if more > 0 {
            report::note(&format!("{more} more; a further word or --book shows them."));
        }
    }
    Ok(DONE)
}

async fn ask(api: &Api, command: &Search) -> anyhow::Result<Found> {
    let mut book = None;
    if let Some(named) = &command.book {
        book = Some(api.find_book(named).await?.id);
    }
    let words = command.words.join(" ");
    let request = Request::Search { words, within: command.within.into(), book, until: command.until };
    Ok(serde_json::from_value(api.answer(request).await?)?)
}

fn as_json(found: &Found) {
    for book in &found.books {
        for hit in &book.hits {
            report::line(&json!({
                "book": book.book,
                "title": book.title,
                "chapter": hit.number,
                "chapter_title": hit.title,
                "place": hit.place,
                "text": hit.snippet,
                "marks": hit.marks,
                "at": hit.at,
                "times": hit.times,
            }));
        }
    }
    report::line(&json!({"event": "found", "total": found.total}));
}

/// What is written before and after a word that was looked for.
type Look = (&'static str, &'static str);

const PLAIN: Look = ("", "");
const BOLD: Look = ("\u{1b}[1m", "\u{1b}[0m");

fn say(book: &BookHits, look: Look) {
    let by = book.authors.join(", ");
    let places = if book.total == 1 { "1 place".to_owned() } else { format!("{} places", book.total) };
    report::say(&format!("{}{}{by} ({places})", book.title, if by.is_empty() { "" } else { ", by " }));
    for hit in &book.hits {
        let number = hit.number.map(|number| number.to_string()).unwrap_or_default();
        let title = if hit.section.is_some() { hit.title.as_str() } else { "The whole book" };
        report::say(&format!("{number:>5}  {title} ({})", place(hit.place)));
        report::say(&format!("       {}", marked(hit, look)));
    }
}

/// The snippet on one line, without what a terminal would take for an order of its own.
fn marked(hit: &Hit, (before, after): Look) -> String {
    let mut text = String::new();
    for (at, letter) in (0..).zip(hit.snippet.chars()) {
        if hit.marks.iter().any(|mark| mark.from == at) {
            text.push_str(before);
        }
        text.push(if letter.is_control() { ' ' } else { letter });
        if hit.marks.iter().any(|mark| mark.to == at + 1) {
            text.push_str(after);
        }
    }
    text
}

fn place(place: Place) -> &'static str {
    match place {
        Place::Book => "title or author",
        Place::Synopsis => "synopsis",
        Place::Title => "chapter title",
        Place::Preview => "preview",
        Place::Summary => "summary",
        Place::Source => "source",
    }
}
