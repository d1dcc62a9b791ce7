//! F29: what can be made to go wrong does, exactly there, and is counted.

use std::io::ErrorKind;

use epitome_testkit::{Ending, Fault, Faults, SimConfig, SimOllama, prose};
use serde_json::json;

use crate::client::*;

async fn first_fails(fault: Fault) -> SimOllama {
    sim(SimConfig { faults: Faults::default().at(1, fault), ..SimConfig::default() }).await
}

#[tokio::test]
async fn errors_before_the_first_byte() {
    for (fault, status) in [(Fault::Http500, 500), (Fault::Http503, 503)] {
        let sim = first_fails(fault).await;
        let (got, body) = ask(&sim, "/api/chat", &chat("Hello.", json!({}))).await;
        assert!(got == status && body.starts_with(r#"{"error":""#));
        assert_eq!(sim.requests()[0].ending, Ending::Error(status));
        assert_eq!(whole(&sim, "Hello.", json!({})).await["done"], true, "the next is fine");
    }
}

#[tokio::test]
async fn a_refused_and_a_cut_connection_are_reset() {
    let sim = first_fails(Fault::Refuse).await;
    let refused = Reply::of(send(&sim, "POST", "/api/chat", "", &chat("Hello.", json!({})).to_string()).await).await;
    assert!(matches!(refused.err().map(|error| error.kind()), Some(ErrorKind::ConnectionReset)));
    for streams in [true, false] {
        let sim = first_fails(Fault::Cut).await;
        let mut reply = post(&sim, "/api/chat", &chat(&prose(2_000, 1), json!({"stream": streams}))).await;
        let error = reply.chunks().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "in the middle of a chunk");
        assert_eq!(sim.requests()[0].ending, Ending::Broken);
    }
}

#[tokio::test]
async fn breaks_in_the_middle_of_a_stream() {
    let text = prose(2_000, 1);
    for (fault, last) in [
        (Fault::ErrorLine, "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n"),
        (Fault::Crash, "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n"),
        (Fault::EndWithoutDone, "\"done\":false}\n"),
    ] {
        let sim = first_fails(fault).await;
        let chunks = post(&sim, "/api/chat", &chat(&text, json!({}))).await.chunks().await.unwrap();
        assert!(chunks.last().unwrap().ends_with(last), "{fault:?}: {:?}", chunks.last());
        assert!(chunks.len() > 1 && !chunks.concat().contains("\"done\":true"));
        assert_eq!(sim.stats().ended("broken"), 1);
        assert_eq!(sim.stats().finished.len(), 0);
    }
}

#[tokio::test]
async fn a_garbage_line_stands_among_good_ones() {
    let sim = first_fails(Fault::Garbage).await;
    let chunks = post(&sim, "/api/chat", &chat(&prose(2_000, 1), json!({}))).await.chunks().await.unwrap();
    let bad = chunks.iter().filter(|chunk| serde_json::from_str::<serde_json::Value>(chunk).is_err()).count();
    assert_eq!(bad, 1);
}

#[tokio::test]
async fn a_stall_lasts_until_the_client_leaves() {
    let sim = first_fails(Fault::Stall).await;
    let mut reply = post(&sim, "/api/chat", &chat(&prose(2_000, 1), json!({}))).await;
    assert!(reply.chunk().await.unwrap().is_some());
    for number in 0..5 {
        whole(&sim, &format!("Other {number}."), json!({})).await;
    }
    assert_eq!(sim.requests()[0].ending, Ending::Running);
    drop(reply);
    until(|| sim.requests()[0].ending == Ending::Disconnected).await;
}

#[tokio::test]
async fn answers_that_are_no_good() {
    let text = prose(2_000, 1);
    for (fault, reason, says) in [
        (Fault::Length, "length", ""),
        (Fault::Empty, "stop", ""),
        (Fault::Refusal, "stop", "I'm sorry, but I can't"),
        (Fault::Loop, "length", "And then he went back to the house by the river. And then he went back"),
    ] {
        let sim = first_fails(fault).await;
        let object = whole(&sim, &text, json!({"options": {"num_predict": 300}})).await;
        let content = object["message"]["content"].as_str().unwrap();
        assert!(object["done_reason"] == reason && content.contains(says), "{fault:?}: {object}");
        assert_eq!(content.is_empty(), fault == Fault::Empty);
        assert_eq!(sim.stats().faults[fault.name()], 1);
        assert!(sim.stats().finished.is_empty(), "{fault:?} is no answer that need not be asked for again");
    }
}

#[tokio::test]
async fn dribbling_bytes_and_closed_connections_lose_nothing() {
    let text = "他来了。她走了！ ".repeat(40);
    let sim = sim(SimConfig {
        faults: Faults::default().at(1, Fault::Split).at(2, Fault::CloseAfter),
        ..SimConfig::default()
    })
    .await;
    let dribbled = stream(&sim, &text, json!({})).await;
    let mut closed = post(&sim, "/api/chat", &chat(&text, json!({}))).await;
    let lines = closed.chunks().await.unwrap();
    assert_eq!(lines.len(), dribbled.len());
    assert!(closed.again("/api/version").await.is_err());
    assert_eq!(sim.stats().finished_again(), 1, "the same prompt, twice to the end");
}

#[tokio::test]
async fn a_slow_first_byte_still_comes() {
    let sim = first_fails(Fault::SlowFirstByte).await;
    let object = whole(&sim, "Hello.", json!({})).await;
    // A minute at a thousandth.
    assert!(object["total_duration"].as_u64().unwrap() >= 60_000_000);
}

#[tokio::test]
async fn a_server_goes_away_and_comes_back_on_its_port() {
    let sim = sim(SimConfig { faults: Faults::default().at(1, Fault::Stall), ..SimConfig::default() }).await;
    let mut reply = post(&sim, "/api/chat", &chat(&prose(2_000, 1), json!({}))).await;
    assert!(reply.chunk().await.unwrap().is_some());
    sim.go_away().await;
    assert!(reply.chunks().await.is_err(), "what was under way is cut");
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", sim.port())).await.is_err());
    sim.come_back().await.unwrap();
    assert_eq!(whole(&sim, "Hello.", json!({})).await["done"], true);
    assert_eq!(sim.stats().loads, 2, "nothing was loaded any more");
    let port = sim.port();
    sim.stop().await;
    assert!(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err());
}

#[tokio::test]
async fn the_same_seed_breaks_the_same_calls() {
    let faults = || Faults::default().rate(Fault::Http500, 0.3);
    let mut histories = Vec::new();
    for _ in 0..2 {
        let sim = sim(SimConfig { faults: faults(), seed: 7, ..SimConfig::default() }).await;
        let mut history = Vec::new();
        for number in 0..30 {
            history.push(ask(&sim, "/api/chat", &chat(&format!("Text {number}."), json!({}))).await.0);
        }
        histories.push(history);
    }
    assert_eq!(histories[0], histories[1]);
    assert!(histories[0].contains(&500) && histories[0].contains(&200));
}
