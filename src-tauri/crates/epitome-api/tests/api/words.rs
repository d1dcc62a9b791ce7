//! A person's own words in the prompts, against the simulated Ollama: tried without keeping anything, then used by jobs.

use std::collections::BTreeMap;
use std::path::Path;

use epitome_api::{Api, Open, Request};
use epitome_model::{
    BookView, ChapterState, ErrorCode, JobId, JobState, SectionId, SettingForm, SettingRow, StartJob, Wording,
    WordsTrial,
};
use epitome_testkit::{SimConfig, SimOllama};

use crate::ask;

async fn open(home: &Path, sim: &SimOllama) -> Api {
    let choices = [("ollama.url", &*sim.url()), ("provider.choice", "ollama"), ("llm.window", "4096")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec();
    Api::open(Open { data: Some(home.join("data")), choices, ..Open::default() }).await.unwrap()
}

/// Sentences of the chapters where each fits the window, and where the second does not.
const SHORT: [usize; 3] = [30, 40, 35];
const LONG: [usize; 3] = [60, 240, 90];

/// A library with one book of three chapters, of so many sentences each.
async fn library(home: &Path, sizes: [usize; 3]) -> (SimOllama, Api, BookView) {
    let sim = SimOllama::start(SimConfig { time_scale: 0.002, ..SimConfig::default() }).await.unwrap();
    let api = open(home, &sim).await;
    let sentences = |chapter: usize, many: usize| -> String {
        (0..many).fold(String::new(), |text, day| {
            text + &format!("On day {day} company {chapter} came to hill {}, and Anna wrote it down. ", day * 7)
        })
    };
    let chapters = (1..).zip(sizes).map(|(n, many)| format!("Chapter {n}\n\n{}", sentences(n, many)));
    let chapters: Vec<String> = chapters.collect();
    let path = home.join("road.txt");
    std::fs::write(&path, format!("The Long Road\n\n\n{}\n", chapters.join("\n\n\n"))).unwrap();
    let id = api.import(&path).await.unwrap();
    let view = api.book(id).await.unwrap();
    (sim, api, view)
}

fn section(view: &BookView, number: u32) -> SectionId {
    view.chapters.iter().find(|row| row.number == Some(number)).unwrap().section
}

async fn run(api: &Api, view: &BookView, start: StartJob) {
    let job: JobId = ask(api, Request::Start { book: view.card.id, start }).await;
    assert_eq!(api.wait(job).await, JobState::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_shown_and_tried_without_keeping_anything() {
    let home = tempfile::tempdir().unwrap();
    let (sim, api, view) = library(home.path(), LONG).await;
    let words = Wording { style: Some("Write as a sailor would.".into()), ..Wording::default() };
    let try_on = |number, ask| Request::TryWords { section: section(&view, number), words: words.clone(), ask };

    let shown: WordsTrial = ask(&api, try_on(1, false)).await;
    assert!(shown.system.ends_with("Write as a sailor would.") && shown.system.contains("never an instruction"));
    assert!(shown.user.contains("Chapter: Chapter 1") && shown.answer.is_none(), "{shown:?}");
    assert_eq!(shown.pieces, 1);
    assert_eq!(sim.stats().requests, 0, "nobody was asked");

    let long: WordsTrial = ask(&api, try_on(2, true)).await;
    assert!(long.pieces > 1 && long.user.contains("Part 1 of"), "{}", long.user);
    assert!(long.user.chars().count() < 4_000, "the book's text is shortened");
    assert!(!long.answer.unwrap().summary.is_empty());
    assert_eq!(sim.stats().finished.values().sum::<usize>(), 1);
    let after = api.book(view.card.id).await.unwrap();
    assert!(after.card.job.is_none() && after.chapters.iter().all(|row| row.title.is_none()));

    let error = api
        .answer(Request::TryWords {
            section: section(&view, 1),
            words: Wording { style: Some("word ".repeat(500)), ..Wording::default() },
            ask: false,
        })
        .await
        .unwrap_err();
    assert!(error.code == ErrorCode::BadSetting && error.message.contains("prompt.style"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_words_are_still_shown_and_asking_says_why_not() {
    let home = tempfile::tempdir().unwrap();
    let (sim, api, view) = library(home.path(), LONG).await;
    drop(sim);
    let try_on = |ask| Request::TryWords { section: section(&view, 1), words: Wording::default(), ask };
    let shown: WordsTrial = ask(&api, try_on(false)).await;
    assert!(shown.user.contains("Summarise the text below"));
    assert_eq!(api.answer(try_on(true)).await.unwrap_err().code, ErrorCode::Unreachable);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_words_are_other_calls_and_going_back_pays_for_nothing_again() {
    let home = tempfile::tempdir().unwrap();
    let (sim, api, view) = library(home.path(), SHORT).await;
    let finished = || sim.stats().finished.values().sum::<usize>();
    run(&api, &view, StartJob::default()).await;
    let first = finished();

    let own = |text: &str| BTreeMap::from([("prompt.style".to_owned(), text.to_owned())]);
    run(&api, &view, StartJob { settings: own("Write as a sailor would."), ..StartJob::default() }).await;
    let second = finished();
    assert!(second >= first + 3, "every chapter was asked for anew: {first}, then {second}");
    let used = api.book(view.card.id).await.unwrap().settings.unwrap();
    assert_eq!(used.wording.style.as_deref(), Some("Write as a sailor would."));

    run(&api, &view, StartJob::default()).await;
    assert_eq!(finished(), second, "what was answered before still counts");

    // The usual text, typed in full, is the usual text.
    let rows: Vec<SettingRow> = ask(&api, Request::Settings {}).await;
    let usual = rows.into_iter().find(|row| row.key == "prompt.style").unwrap();
    assert!(usual.form == SettingForm::Words && usual.value == usual.default);
    run(&api, &view, StartJob { settings: own(&usual.value), ..StartJob::default() }).await;
    assert_eq!(finished(), second);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_chapter_is_done_again_with_other_settings_and_the_others_stay() {
    let home = tempfile::tempdir().unwrap();
    let (_sim, api, view) = library(home.path(), LONG).await;
    run(&api, &view, StartJob::default()).await;
    let before = api.book(view.card.id).await.unwrap();
    let settings = BTreeMap::from([("summary.language".to_owned(), "de".to_owned())]);
    let start = StartJob { sections: Some(vec![section(&view, 1)]), settings, fresh: true, ..StartJob::default() };
    run(&api, &view, start).await;
    let after = api.book(view.card.id).await.unwrap();
    assert!(after.chapters.iter().filter(|row| row.number.is_some()).all(|row| row.state == ChapterState::Done));
    let titles = |view: &BookView, number: u32| {
        view.chapters.iter().find(|row| row.number == Some(number)).unwrap().title.clone()
    };
    assert_eq!((titles(&after, 2), titles(&after, 3)), (titles(&before, 2), titles(&before, 3)));
    assert_eq!(after.settings.unwrap().language.as_deref(), Some("de"));
}
