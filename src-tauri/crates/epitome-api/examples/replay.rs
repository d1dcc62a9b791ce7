//! A bare client to compare with: `replay REQUESTS AT_A_TIME URL` sends the chat requests of a JSON file in their order,
//! so many at a time, reads each line of the answers as JSON and does nothing else. `cargo xtask bench` runs it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a measurement that fails should stop")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, at_a_time, url] = words.as_slice() else { panic!("replay REQUESTS AT_A_TIME URL") };
    let requests: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(replay(requests, at_a_time.parse().unwrap(), format!("{url}/api/chat")));
}

async fn replay(requests: Vec<Value>, at_a_time: usize, url: String) {
    // Fails only when it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap();
    let (requests, next) = (Arc::new(requests), Arc::new(AtomicUsize::new(0)));
    let workers: Vec<_> = (0..at_a_time)
        .map(|_| {
            let (client, url) = (client.clone(), url.clone());
            let (requests, next) = (Arc::clone(&requests), Arc::clone(&next));
            tokio::spawn(async move {
                while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one(&client, &url, request).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
}

async fn one(client: &reqwest::Client, url: &str, request: &Value) {
    let mut response = client.post(url).json(request).send().await.unwrap();
    assert!(response.status().is_success(), "{}", response.status());
    let (mut buffer, mut over) = (Vec::new(), false);
    while let Some(bytes) = response.chunk().await.unwrap() {
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Value = serde_json::from_slice(&buffer[..end]).unwrap();
            buffer.drain(..=end);
            over |= line["done"] == true;
        }
    }
    assert!(over, "the answer was cut off");
}
