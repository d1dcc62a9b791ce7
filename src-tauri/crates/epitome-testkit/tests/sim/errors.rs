//! F3, F4, F21, F22: what is refused and with which words.

use std::time::Duration;

use epitome_testkit::{Fault, Faults, GpuModel, SimConfig, SimModel};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::client::*;

/// Nothing here takes so long, unless it takes for ever.
const LONG: Duration = Duration::from_secs(20);

/// Loads and writes at once.
fn quick() -> GpuModel {
    GpuModel { load_ms: 1.0, prefill_tps: 1e6, decode_tps: 1e6, ..GpuModel::default() }
}

#[tokio::test]
async fn f3_bodies_that_cannot_be_read() {
    let sim = plain().await;
    for (path, body, status, words) in [
        ("/api/chat", "", 400, "missing request body"),
        ("/api/chat", "{", 400, "unexpected EOF"),
        ("/api/chat", "{}", 400, "model is required"),
        ("/api/show", "{}", 400, "model is required"),
        ("/api/generate", "{}", 404, "model '' not found"),
        ("/api/chat", r#"{"model":"a:b:c"}"#, 400, "invalid model name"),
        ("/api/chat", r#"{"model":"llama3.1:8b","keep_alive":"zzz"}"#, 400, r#"time: invalid duration "zzz""#),
    ] {
        let mut reply = Reply::of(send(&sim, "POST", path, "", body).await).await.unwrap();
        let object: Value = serde_json::from_str(&reply.body().await.unwrap()).unwrap();
        assert_eq!((reply.status, object["error"].as_str()), (status, Some(words)), "{path} {body}");
        assert_eq!(reply.header("Content-Type"), Some("application/json; charset=utf-8"));
    }
}

#[tokio::test]
async fn f4_an_unknown_model_is_named_in_three_ways() {
    let sim = plain().await;
    for (path, words) in [
        ("/api/chat", "model 'nope' not found"),
        ("/api/generate", "model 'nope' not found"),
        ("/api/show", "model 'nope:latest' not found"),
        ("/api/embed", "model \"nope\" not found, try pulling it first"),
    ] {
        let (status, body) = ask(&sim, path, &json!({"model": "nope", "prompt": "x", "messages": []})).await;
        let object: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((status, object["error"].as_str()), (404, Some(words)), "{path}");
    }
    sim.remove_model("llama3.1:8b");
    assert_eq!(ask(&sim, "/api/chat", &chat("Hello.", json!({}))).await.0, 404);
}

#[tokio::test]
async fn embedding_models_do_not_chat_and_writing_models_do_not_embed() {
    let models = vec![SimModel::named("m"), SimModel::named("nomic-embed-text")];
    let sim = sim(SimConfig { models, ..SimConfig::default() }).await;
    let (status, body) = ask(&sim, "/api/chat", &chat("x", json!({"model": "nomic-embed-text"}))).await;
    assert_eq!((status, body.as_str()), (400, r#"{"error":"\"nomic-embed-text\" does not support chat"}"#));
    assert_eq!(ask(&sim, "/api/embed", &json!({"model": "m", "input": "x"})).await.0, 501);
}

#[tokio::test]
async fn a_load_that_fails_says_why_each_time() {
    let model = SimModel::named("m").load_fails("unable to load full model on GPU");
    let sim = sim(SimConfig { models: vec![model], ..SimConfig::default() }).await;
    for _ in 0..2 {
        let (status, body) = ask(&sim, "/api/chat", &chat("x", json!({"model": "m"}))).await;
        assert_eq!((status, body.as_str()), (500, r#"{"error":"unable to load full model on GPU"}"#));
    }
    assert_eq!(get_json(&sim, "/api/ps").await["models"], json!([]));
}

#[tokio::test]
async fn f21_a_crash_breaks_the_running_and_the_waiting_and_is_over() {
    let sim = sim(SimConfig { parallel: 1, time_scale: 0.05, ..SimConfig::default() }).await;
    let mut running = post(&sim, "/api/chat", &chat(&epitome_testkit::prose(4_000, 1), json!({}))).await;
    running.chunk().await.unwrap();
    let streaming = send(&sim, "POST", "/api/chat", "", &chat("Second.", json!({})).to_string()).await;
    let waiting = send(&sim, "POST", "/api/chat", "", &chat("Third.", json!({"stream": false})).to_string()).await;
    until(|| sim.stats().in_flight == 3).await;
    sim.kill_runner();
    let rest = running.chunks().await.unwrap();
    let words = "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n";
    assert_eq!(rest.last().map(String::as_str), Some(words));
    for (socket, kind) in [(streaming, "application/json"), (waiting, "application/json; charset=utf-8")] {
        let mut reply = Reply::of(socket).await.unwrap();
        assert_eq!((reply.status, reply.header("Content-Type")), (500, Some(kind)));
        let words = r#"{"error":"llama-server process no longer running: unknown "}"#;
        assert_eq!(reply.body().await.unwrap(), words);
    }
    assert_eq!(whole(&sim, "Next.", json!({})).await["done"], true);
    assert_eq!(sim.stats().loads, 2);
}

/// The moment between getting a slot and the first step: the slow first byte stretches it.
#[tokio::test]
async fn f21_a_crash_reaches_who_has_a_slot_and_has_not_begun() {
    let faults = Faults::default().at(1, Fault::SlowFirstByte).at(2, Fault::SlowFirstByte);
    // The slow first byte alone would last for longer than this test waits.
    let sim = sim(SimConfig { faults, time_scale: 1.0, gpu: quick(), ..SimConfig::default() }).await;
    let streaming = send(&sim, "POST", "/api/chat", "", &chat("First.", json!({})).to_string()).await;
    let whole_one = send(&sim, "POST", "/api/chat", "", &chat("Second.", json!({"stream": false})).to_string()).await;
    until(|| sim.stats().slots_busy == 2).await;
    sim.kill_runner();
    for socket in [streaming, whole_one] {
        let reply = timeout(LONG, Reply::of(socket)).await.expect("nobody waits for a dead runner");
        let mut reply = reply.unwrap();
        assert_eq!(reply.status, 500);
        let words = r#"{"error":"an error was encountered while running the model: unexpected EOF"}"#;
        assert_eq!(reply.body().await.unwrap(), words);
    }
    until(|| sim.stats().slots_busy == 0).await;
    assert_eq!(whole(&sim, "Next.", json!({})).await["done"], true);
}

#[tokio::test]
async fn f21_a_crash_ends_a_stall_too() {
    let sim = sim(SimConfig { faults: Faults::default().at(1, Fault::Stall), ..SimConfig::default() }).await;
    let mut stalled = post(&sim, "/api/chat", &chat("Hello there, all of you.", json!({}))).await;
    stalled.chunk().await.unwrap();
    sim.kill_runner();
    let rest = timeout(LONG, stalled.chunks()).await.expect("nobody waits for a dead runner").unwrap();
    assert!(rest.last().unwrap().contains("unexpected EOF"), "{rest:?}");
    assert_eq!(sim.stats().ended("broken"), 1);
}
