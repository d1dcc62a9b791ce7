//! The program, and the simulator's own endpoints that tests of other programs use.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use epitome_testkit::{Fault, Faults, SimConfig};
use serde_json::json;

use crate::client::*;

#[tokio::test]
async fn its_own_endpoints_count_and_break_things() {
    let sim = plain().await;
    whole(&sim, "Hello.", json!({})).await;
    whole(&sim, "Hello.", json!({})).await;
    let stats = get_json(&sim, "/sim/stats").await;
    assert_eq!(
        (&stats["requests"]["done"], &stats["finished"], &stats["finished_again"]),
        (&json!(2), &json!(2), &json!(1))
    );
    let finished: Vec<u64> =
        stats["finished_prompts"].as_object().unwrap().values().filter_map(serde_json::Value::as_u64).collect();
    assert_eq!(finished, [2]);
    assert_eq!((&stats["max_in_flight"], &stats["max_slots_busy"]), (&json!(1), &json!(1)));
    let requests = get_json(&sim, "/sim/requests").await;
    assert_eq!(requests[1]["messages"][0]["content"], "Hello.");
    let mut set = Reply::of(send(&sim, "POST", "/sim/faults", "", "http_500=1").await).await.unwrap();
    assert_eq!((set.status, set.body().await.unwrap().as_str()), (200, r#"{"done":true}"#));
    assert_eq!(ask(&sim, "/api/chat", &chat("Hello.", json!({}))).await.0, 500);
    let refused = Reply::of(send(&sim, "POST", "/sim/faults", "", "fire=1").await).await.unwrap();
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn it_goes_away_for_a_while_when_told_to() {
    let sim = sim(SimConfig { faults: Faults::default().at(1, Fault::Stall), ..SimConfig::default() }).await;
    let mut stalled = post(&sim, "/api/chat", &chat("Hello there, all of you.", json!({}))).await;
    assert_eq!(Reply::of(send(&sim, "POST", "/sim/away?ms=5", "", "").await).await.unwrap().status, 200);
    assert!(stalled.chunks().await.is_err());
    let mut back = false;
    while !back {
        tokio::task::yield_now().await;
        back = tokio::net::TcpStream::connect(("127.0.0.1", sim.port())).await.is_ok();
    }
}

struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_program_prints_its_address_and_serves() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_epitome-sim"))
        .args([
            "--model",
            "qwen3:4b",
            "--model",
            "tiny",
            "--time-scale",
            "0.001",
            "--curve",
            "flat",
            "--faults",
            "cut=0.0",
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let program = Program(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap();
    let mut socket = std::net::TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut socket, b"GET /api/tags HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let reply = std::io::read_to_string(socket).unwrap();
    assert!(reply.contains("qwen3:4b") && reply.contains("tiny:latest"), "{reply}");
    drop(program);
}

#[test]
fn bad_use_of_the_program_is_explained() {
    let output = Command::new(env!("CARGO_BIN_EXE_epitome-sim")).args(["--faults", "fire=1"]).output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && words.contains("is no fault"), "{words}");
}
