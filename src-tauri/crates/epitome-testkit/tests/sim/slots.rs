//! F13, F16, F28 and the GPU model: slots, their line, and who frees them.

use epitome_testkit::{Curve, Ending, GpuModel, SimConfig, SimModel, prose};
use serde_json::{Value, json};

use crate::client::*;

fn config(parallel: usize) -> SimConfig {
    SimConfig { parallel, ..SimConfig::default() }
}

/// Slow enough that nothing long ends by itself while a test looks.
fn slow(parallel: usize) -> SimConfig {
    let gpu = GpuModel { decode_tps: 20.0, load_ms: 10.0, ..GpuModel::default() };
    SimConfig { gpu, time_scale: 1.0, ..config(parallel) }
}

#[tokio::test]
async fn f13_slots_are_given_in_order_and_the_line_has_no_limit() {
    let sim = sim(SimConfig { parallel: 1, max_queue: 2, ..SimConfig::default() }).await;
    whole(&sim, "Warm up.", json!({})).await;
    let mut sockets = Vec::new();
    for number in 0..40 {
        sockets
            .push(send(&sim, "POST", "/api/chat", "", &chat(&format!("Text {number}."), json!({})).to_string()).await);
        // One after the other, so that the order of arrival is known.
        until(|| sim.requests().len() == number + 2).await;
    }
    for socket in sockets {
        // Read to the end, since leaving earlier is another ending.
        assert!(Reply::of(socket).await.unwrap().body().await.unwrap().contains("\"done\":true"));
    }
    until(|| sim.stats().ended("done") == 41).await;
    let mut by_end: Vec<(f64, usize)> =
        sim.requests().iter().map(|request| (request.ended_ms.unwrap(), request.number)).collect();
    by_end.sort_by(|one, other| one.0.total_cmp(&other.0));
    assert!(by_end.is_sorted_by_key(|(_, number)| *number), "{by_end:?}");
    assert_eq!(sim.stats().max_slots_busy, 1);
}

#[tokio::test]
async fn waiting_for_a_slot_shows_in_the_total_only() {
    let sim = sim(SimConfig { parallel: 1, time_scale: 0.01, ..SimConfig::default() }).await;
    whole(&sim, "Warm up.", json!({})).await;
    let mut sockets = Vec::new();
    for seed in 0..4 {
        let body = chat(&prose(3_000, seed), json!({"stream": false})).to_string();
        sockets.push(send(&sim, "POST", "/api/chat", "", &body).await);
        until(|| sim.stats().in_flight + sim.stats().ended("done") == sockets.len() + 1).await;
    }
    let mut waits = Vec::new();
    for socket in sockets {
        let body = Reply::of(socket).await.unwrap().body().await.unwrap();
        let reply: Value = serde_json::from_str(&body).unwrap();
        let number = |name: &str| reply[name].as_u64().unwrap_or(0);
        let own = number("prompt_eval_duration") + number("eval_duration");
        waits.push(((number("total_duration") - number("load_duration") - own) as f64, own as f64));
    }
    let (last_wait, own) = waits[3];
    assert!(last_wait > own && waits[0].0 < last_wait, "the fourth waits for three others: {waits:?}");
}

#[tokio::test]
async fn slots_work_side_by_side_and_gain_what_the_curve_says() {
    let curve = Curve::Points(vec![(4.0, 4.0)]);
    let gpu = GpuModel { curve, prefill_tps: 1e6, kv_per_token: 0.0, load_ms: 1.0, ..GpuModel::default() };
    let config = SimConfig { gpu, time_scale: 0.02, ..config(4) };
    let sim = sim(config).await;
    whole(&sim, "Warm up.", json!({})).await;
    let eval = async |count: usize| {
        let bodies: Vec<String> =
            (0..count).map(|seed| chat(&prose(3_000, seed as u64), json!({"stream": false})).to_string()).collect();
        let mut sockets = Vec::new();
        for body in &bodies {
            sockets.push(send(&sim, "POST", "/api/chat", "", body).await);
        }
        let mut each = Vec::new();
        for socket in sockets {
            let reply = Reply::of(socket).await.unwrap().body().await.unwrap();
            let reply: Value = serde_json::from_str(&reply).unwrap();
            each.push(reply["eval_duration"].as_f64().unwrap() / reply["eval_count"].as_f64().unwrap());
        }
        each.iter().sum::<f64>() / each.len() as f64
    };
    let (alone, four) = (eval(1).await, eval(4).await);
    assert_eq!(sim.stats().max_slots_busy, 4);
    assert!(four < alone * 1.7, "a perfect curve slows nobody: {alone} {four}");
}

#[tokio::test]
async fn f16_a_client_that_leaves_frees_its_slot_or_its_place() {
    let sim = sim(slow(1)).await;
    let mut running = post(&sim, "/api/chat", &endless(&prose(20_000, 1))).await;
    running.chunk().await.unwrap();
    let waiting = send(&sim, "POST", "/api/chat", "", &chat("Second.", json!({})).to_string()).await;
    until(|| sim.stats().in_flight == 2).await;
    drop(waiting);
    until(|| sim.requests()[1].ending == Ending::Disconnected).await;
    let third = send(
        &sim,
        "POST",
        "/api/chat",
        "",
        &chat("Third.", json!({"options": {"num_ctx": 131_072, "num_predict": 2}})).to_string(),
    )
    .await;
    until(|| sim.stats().in_flight == 2).await;
    assert_eq!(sim.stats().slots_busy, 1);
    drop(running);
    assert_eq!(Reply::of(third).await.unwrap().status, 200, "the slot went on to the next");
    assert_eq!(sim.requests()[0].ending, Ending::Disconnected);
}

#[tokio::test]
async fn f16_leaving_is_seen_without_streaming_too() {
    let sim = sim(slow(1)).await;
    let mut body = endless(&prose(20_000, 1));
    body["stream"] = false.into();
    let running = send(&sim, "POST", "/api/chat", "", &body.to_string()).await;
    until(|| sim.stats().slots_busy == 1).await;
    drop(running);
    until(|| sim.stats().slots_busy == 0).await;
}

#[tokio::test]
async fn f28_a_reader_that_stalls_keeps_its_slot_until_it_goes() {
    let mut looping = SimConfig { parallel: 2, ..SimConfig::default() };
    looping.faults = looping.faults.containing("Stalled reader", 1, epitome_testkit::Fault::Loop);
    looping.models = vec![SimModel::named("llama3.1:8b").train_ctx(1_000_000)];
    let sim = sim(looping).await;
    let options = json!({"options": {"num_ctx": 1_000_000, "num_predict": 5_000_000}});
    let unread = send(&sim, "POST", "/api/chat", "", &chat("Stalled reader.", options.clone()).to_string()).await;
    until(|| sim.stats().slots_busy == 1).await;
    for number in 0..3 {
        let answered = whole(&sim, &format!("Other {number}."), options.clone()).await;
        assert_eq!(answered["done"], true, "the other slot goes on");
    }
    assert_eq!(sim.stats().slots_busy, 1);
    drop(unread);
    until(|| sim.stats().slots_busy == 0).await;
}

#[tokio::test]
async fn some_families_have_one_slot_whatever_the_setting() {
    let models = vec![SimModel::named("llama3.1:8b").family("qwen3next")];
    let sim = sim(SimConfig { models, ..slow(8) }).await;
    let first = send(&sim, "POST", "/api/chat", "", &endless(&prose(9_000, 1)).to_string()).await;
    let second = send(&sim, "POST", "/api/chat", "", &endless(&prose(9_000, 2)).to_string()).await;
    until(|| sim.stats().in_flight == 2 && sim.stats().slots_busy == 1).await;
    drop(first);
    until(|| sim.stats().in_flight == 1 && sim.stats().slots_busy == 1).await;
    drop(second);
    assert_eq!(sim.stats().max_slots_busy, 1);
}
