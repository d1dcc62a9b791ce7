//! What must hold with any Ollama: the one that a person names with `OLLAMA_HOST` (and a model of it with
//! `EPITOME_LIVE_MODEL`), else the simulated one.

use serde_json::Value;

use crate::support::{Home, Server, book, code, err, out, text};

/// Tokens; small, so that the long chapter does not fit.
const WINDOW: u64 = 2048;

/// The server the program is given.
struct Real {
    url: String,
    /// None where the program is to choose.
    model: Option<String>,
    /// Lives as long as this, where it is the simulated one.
    _simulated: Option<Server>,
}

impl Real {
    fn find() -> Self {
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        if let Some(url) = named("OLLAMA_HOST") {
            return Self { url, model: named("EPITOME_LIVE_MODEL"), _simulated: None };
        }
        let server = Server::fast();
        Self { url: server.url(), model: None, _simulated: Some(server) }
    }

    fn summarise<'a>(&'a self, file: &'a str, window: &'a str) -> Vec<&'a str> {
        let mut words =
            vec!["summarise", file, "--url", &self.url, "--set", window, "--export", "json", "--out", "out"];
        words.extend(self.model.iter().flat_map(|model| ["--model", model.as_str()]));
        words
    }
}

/// Three chapters that fit the window and one that is four times as large.
fn road() -> String {
    format!("{}Chapter 4\n\n{}", book(3, 20), &book(1, 320)["The Long Road\n\nby An Author\n\n\nChapter 1\n\n".len()..])
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn a_real_server_reads_everything_and_what_it_wrote_is_kept() {
    let (home, real) = (Home::new(), Real::find());
    let file = text(&home.file("road.txt", road()));
    let window = format!("llm.window={WINDOW}");
    let done = home.run(&real.summarise(&file, &window));
    assert_eq!(code(&done), 0, "{}", err(&done));

    let export = home.export();
    let coverage = &export["coverage"];
    let left = coverage["left_out"].as_array().unwrap().iter().map(|part| number(&part["chars"])).sum::<u64>();
    assert_eq!(number(&coverage["source_chars"]), number(&coverage["summarised_chars"]) + left);
    let chapters = export["chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), 4);
    for chapter in chapters {
        assert_eq!(
            (chapter["state"].as_str(), chapter["provider"].as_str()),
            (Some("done"), Some("ollama")),
            "{chapter}"
        );
        let summary = chapter["summary"].as_str().unwrap();
        assert!((40..number(&chapter["chars"])).contains(&(summary.chars().count() as u64)), "{summary}");
        assert!(!summary.contains("<think>") && !chapter["title"].as_str().unwrap().is_empty(), "{chapter}");
    }
    // Some 25,000 characters, of which each call reads two or three thousand.
    let pieces = number(&chapters[3]["pieces"]);
    assert!((5..20).contains(&pieces), "what does not fit the window is read in as few pieces as it takes: {pieces}");
    assert!(!export["synopsis"].as_str().unwrap().is_empty());

    let figures = home.path("run.json");
    let told = home.run(&["report", "The Long Road", "--out", &text(&figures)]);
    assert_eq!(code(&told), 0, "{}", err(&told));
    let figures: Value = serde_json::from_str(&std::fs::read_to_string(&figures).unwrap()).unwrap();
    assert_eq!(number(&figures["head"]["window"]), WINDOW, "the window that was asked for is in force");
    assert_eq!(number(&figures["vitals"]["errors"]), 0, "every prompt fits it");

    // The same again is paid by nobody.
    let again = home.run(&real.summarise(&file, &window));
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert_eq!(home.export()["chapters"], export["chapters"], "{}", out(&again));
}

#[test]
fn a_model_that_a_real_server_lacks_is_named_with_what_to_do() {
    let (home, real) = (Home::new(), Real::find());
    let file = text(&home.file("road.txt", book(2, 20)));
    let done = home.run(&["summarise", &file, "--url", &real.url, "--model", "no-such-model:1b"]);
    assert_eq!(code(&done), 2, "{}", err(&done));
    assert!(err(&done).contains("no-such-model:1b") && err(&done).contains("ollama pull"), "{}", err(&done));
}
