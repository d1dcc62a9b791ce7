//! F14-F16: the line before a model is loaded, reloading, and loads that are given up.

use epitome_testkit::{GpuModel, SimConfig, SimModel};
use serde_json::json;
use tokio::net::TcpStream;

use crate::client::*;

fn loading(load_ms: f64) -> SimConfig {
    SimConfig { gpu: GpuModel { load_ms, ..GpuModel::default() }, ..SimConfig::default() }
}

#[tokio::test]
async fn f14_while_a_model_loads_the_line_is_limited() {
    // A simulated load of so long that all sixty arrive during it.
    let sim = sim(SimConfig { max_queue: 3, ..loading(400_000.0) }).await;
    let mut sockets = Vec::new();
    for number in 0..60 {
        sockets
            .push(send(&sim, "POST", "/api/chat", "", &chat(&format!("Text {number}."), json!({})).to_string()).await);
    }
    let (mut served, mut refused) = (0, 0);
    for socket in sockets {
        let mut reply = Reply::of(socket).await.unwrap();
        if reply.status == 200 {
            served += 1;
            continue;
        }
        refused += 1;
        let words = r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#;
        assert_eq!((reply.status, reply.body().await.unwrap().as_str()), (503, words));
    }
    assert_eq!((served, refused), (4, 56));
    assert_eq!(sim.stats().loads, 1);
}

#[tokio::test]
async fn f15_other_options_reload_and_the_same_do_not() {
    let sim = sim(loading(10.0)).await;
    for (options, loads) in [
        (json!({"num_ctx": 4096}), 1),
        (json!({}), 1),
        (json!({"temperature": 0.1, "seed": 4, "num_predict": 3}), 1),
        (json!({"num_ctx": 8192}), 2),
        (json!({"num_ctx": 131_072}), 3),
        (json!({"num_ctx": 500_000}), 3),
        (json!({"num_ctx": 500_000, "num_batch": 64}), 4),
    ] {
        whole(&sim, "Hello.", json!({"options": options})).await;
        assert_eq!(sim.stats().loads, loads, "{options}");
    }
    // A ping without options goes back to the default, which reloads.
    ask(&sim, "/api/generate", &json!({"model": "llama3.1:8b"})).await;
    assert_eq!(sim.stats().loads, 5);
}

#[tokio::test]
async fn f15_a_reload_waits_for_those_with_the_old_options() {
    let gpu = GpuModel { decode_tps: 20.0, load_ms: 10.0, ..GpuModel::default() };
    let sim = sim(SimConfig { gpu, time_scale: 1.0, ..SimConfig::default() }).await;
    let mut running = post(&sim, "/api/chat", &endless(&epitome_testkit::prose(9_000, 1))).await;
    running.chunk().await.unwrap();
    let other = send(
        &sim,
        "POST",
        "/api/chat",
        "",
        &chat("Other.", json!({"options": {"num_ctx": 2048, "num_predict": 1}})).to_string(),
    )
    .await;
    until(|| sim.stats().in_flight == 2).await;
    // Same options: served meanwhile, by the old runner.
    let same = json!({"options": {"num_ctx": 131_072, "num_predict": 1}, "keep_alive": "100ms"});
    assert_eq!(whole(&sim, "Same.", same).await["done"], true);
    assert_eq!((sim.stats().loads, sim.stats().in_flight), (1, 2));
    drop(running);
    assert_eq!(Reply::of(other).await.unwrap().status, 200);
    assert_eq!(sim.stats().loads, 2);
}

#[tokio::test]
async fn f15_keep_alive_of_the_old_options_holds_up_the_reload() {
    let gpu = GpuModel { decode_tps: 20.0, load_ms: 10.0, ..GpuModel::default() };
    let sim = sim(SimConfig { gpu, time_scale: 1.0, ..SimConfig::default() }).await;
    let mut running = post(&sim, "/api/chat", &endless(&epitome_testkit::prose(9_000, 1))).await;
    running.chunk().await.unwrap();
    let body = chat("Other.", json!({"options": {"num_ctx": 2048, "num_predict": 1}})).to_string();
    let other = send(&sim, "POST", "/api/chat", "", &body).await;
    until(|| sim.stats().in_flight == 2).await;
    let same = json!({"options": {"num_ctx": 131_072, "num_predict": 1}, "keep_alive": -1});
    whole(&sim, "Same.", same).await;
    drop(running);
    until(|| sim.stats().slots_busy == 0).await;
    // Kept for ever, it is never unloaded by itself: the other waits until somebody unloads it.
    let ps = get_json(&sim, "/api/ps").await;
    assert!(ps["models"][0]["expires_at"].as_str().unwrap().starts_with("2319-"));
    assert_eq!((sim.stats().loads, sim.stats().in_flight), (1, 1));
    ask(&sim, "/api/generate", &json!({"model": "llama3.1:8b", "keep_alive": 0})).await;
    assert_eq!(Reply::of(other).await.unwrap().status, 200);
}

#[tokio::test]
async fn f16_who_leaves_during_the_load_takes_the_load_along() {
    let sim = sim(SimConfig { time_scale: 1.0, ..loading(60_000.0) }).await;
    let body = chat("Hello.", json!({})).to_string();
    let loading: TcpStream = send(&sim, "POST", "/api/chat", "", &body).await;
    until(|| sim.stats().in_flight == 1).await;
    drop(loading);
    until(|| sim.stats().in_flight == 0).await;
    assert_eq!((sim.stats().loads, sim.stats().ended("disconnected")), (0, 1));
    assert_eq!(get_json(&sim, "/api/ps").await["models"], json!([]), "listed only when loaded");
}

#[tokio::test]
async fn a_load_shows_in_its_own_duration() {
    let sim = sim(SimConfig { time_scale: 0.01, ..loading(3_000.0) }).await;
    let cold = whole(&sim, "Hello.", json!({})).await;
    assert!(cold["load_duration"].as_u64().unwrap() >= 30_000_000, "{cold}");
}

#[tokio::test]
async fn models_beyond_the_number_that_fits_push_out_the_idle() {
    let models = ["one", "two", "three"].map(SimModel::named).to_vec();
    let sim = sim(SimConfig { models, max_loaded: 2, ..loading(10.0) }).await;
    for model in ["one", "two", "three"] {
        whole(&sim, "Hello.", json!({"model": model})).await;
    }
    let ps = get(&sim, "/api/ps").await.body().await.unwrap();
    assert!(!ps.contains("one:latest") && ps.contains("two:latest") && ps.contains("three:latest"), "{ps}");
}
