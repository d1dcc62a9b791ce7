//! A test call against the simulated Ollama: the time is known before anything has run.

use std::collections::BTreeMap;

use epitome_api::{Api, Open, Request};
use epitome_model::{ErrorCode, Estimate, PreviewOutcome, StartJob};
use epitome_testkit::{SimConfig, SimOllama};

use crate::ask;

#[tokio::test(flavor = "multi_thread")]
async fn a_test_call_tells_the_time_where_none_was_known() {
    let home = tempfile::tempdir().unwrap();
    let sim = SimOllama::start(SimConfig { time_scale: 0.01, ..SimConfig::default() }).await.unwrap();
    let choices = vec![("ollama.url".to_owned(), sim.url()), ("provider.choice".to_owned(), "ollama".to_owned())];
    let data = Some(home.path().join("data"));
    let api = Api::open(Open { data, choices, ..Open::default() }).await.unwrap();
    let sentence = "The road went on over the hills, and nobody knew where it would end that year. ".repeat(60);
    let chapters: Vec<String> = (1..=600).map(|n| format!("Chapter {n}\n\n{sentence}")).collect();
    let path = home.path().join("road.txt");
    std::fs::write(&path, format!("The Long Road\n\n\n{}", chapters.join("\n\n\n"))).unwrap();
    let paths = vec![path.to_string_lossy().into_owned()];
    let found: Vec<PreviewOutcome> = ask(&api, Request::Preview { paths: paths.clone() }).await;
    let [PreviewOutcome::Book { preview }] = &found[..] else { unreachable!("{found:?}") };
    assert_eq!(preview.estimate.time, None);
    let token = preview.token.clone();
    let start = StartJob::default();
    let tried: Estimate = ask(&api, Request::TrySpeed { token: token.clone(), start: start.clone() }).await;
    let time = tried.time.unwrap();
    assert!(time.low_s < time.likely_s && time.likely_s < time.high_s, "{time:?}");
    assert!(tried.basis.contains("test call"), "{}", tried.basis);
    assert_eq!(sim.stats().finished.values().sum::<usize>(), 1, "one call, no more");
    // What is known holds for the next book too.
    let again: Vec<PreviewOutcome> = ask(&api, Request::Preview { paths }).await;
    let [PreviewOutcome::Book { preview }] = &again[..] else { unreachable!("{again:?}") };
    assert_eq!(preview.estimate.time, Some(time));
    // Other settings of one job show in what it would cost.
    let shorter = BTreeMap::from([("llm.window".to_owned(), "2048".to_owned())]);
    let other = StartJob { settings: shorter, ..StartJob::default() };
    let finer: Estimate = ask(&api, Request::Estimate { token: token.clone(), start: other }).await;
    assert!(finer.calls > preview.estimate.calls, "{} and {}", finer.calls, preview.estimate.calls);
    let shared = BTreeMap::from([("llm.concurrency".to_owned(), "2".to_owned())]);
    let other = StartJob { settings: shared, ..StartJob::default() };
    let error = api.answer(Request::Estimate { token: token.clone(), start: other }).await.unwrap_err();
    assert!(error.message.contains("belongs to all jobs"), "{error}");
    drop(sim);
    let error = api.answer(Request::TrySpeed { token, start }).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Unreachable);
}
