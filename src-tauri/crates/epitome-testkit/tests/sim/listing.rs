//! F1, F2, F8, F25-F27: what the server tells of itself, whom it lets in, loading and pulling.

use epitome_testkit::{GpuModel, SimConfig, SimModel};
use serde_json::{Value, json};

use crate::client::*;

#[tokio::test]
async fn f1_the_plain_endpoints() {
    let sim = plain().await;
    let mut root = get(&sim, "/").await;
    assert_eq!(root.header("Content-Type"), Some("text/plain; charset=utf-8"));
    assert_eq!(root.body().await.unwrap(), "Ollama is running");
    assert_eq!(get(&sim, "/api/version").await.body().await.unwrap(), r#"{"version":"0.33.0-rc2"}"#);
    let mut unknown = get(&sim, "/api/nothing").await;
    assert_eq!((unknown.status, unknown.body().await.unwrap().as_str()), (404, "404 page not found"));
    let mut wrong = post(&sim, "/api/tags", &json!({})).await;
    assert_eq!((wrong.status, wrong.header("Allow")), (405, Some("HEAD, GET")));
    assert_eq!(wrong.body().await.unwrap(), "405 method not allowed");
    let head = Reply::of(send(&sim, "HEAD", "/", "", "").await).await.unwrap();
    assert_eq!(head.status, 200);
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let sim = plain().await;
    let mut first = get(&sim, "/api/version").await;
    first.body().await.unwrap();
    let mut second = first.again("/api/tags").await.unwrap();
    assert!(second.body().await.unwrap().contains("llama3.1:8b"));
    assert_eq!(sim.stats().connections, 1);
}

#[tokio::test]
async fn f2_strange_hosts_and_origins_are_kept_out() {
    let sim = plain().await;
    for (headers, status) in [
        ("Host: evil.example\r\n", 403),
        ("Host: 127.0.0.1:99\r\n", 200),
        ("Origin: https://tauri.localhost\r\n", 403),
        ("Origin: tauri://localhost\r\n", 200),
    ] {
        let reply = Reply::of(send(&sim, "GET", "/api/tags", headers, "").await).await.unwrap();
        assert_eq!(reply.status, status, "{headers}");
        if status == 403 {
            assert_eq!(reply.header("Content-Length"), Some("0"));
        }
    }
}

#[tokio::test]
async fn f8_f26_a_model_is_loaded_listed_and_unloaded() {
    let sim = plain().await;
    assert_eq!(get(&sim, "/api/ps").await.body().await.unwrap(), r#"{"models":[]}"#);
    let (_, loaded) = ask(&sim, "/api/generate", &json!({"model": "llama3.1:8b", "keep_alive": -1})).await;
    assert!(loaded.ends_with(r#""response":"","done":true,"done_reason":"load"}"#), "{loaded}");
    let ps = get_json(&sim, "/api/ps").await;
    let running = &ps["models"][0];
    assert_eq!((running["context_length"].as_u64(), running["name"].as_str()), (Some(4096), Some("llama3.1:8b")));
    assert!(running["expires_at"].as_str().unwrap().starts_with("2319-"));
    assert_eq!(running["size"], running["size_vram"]);
    let empty = json!({"model": "llama3.1:8b", "messages": [], "keep_alive": 0});
    let (_, unloaded) = ask(&sim, "/api/chat", &empty).await;
    assert!(unloaded.ends_with(r#""message":{"role":"assistant","content":""},"done":true,"done_reason":"unload"}"#));
    assert_eq!(get_json(&sim, "/api/ps").await["models"], json!([]));
    assert_eq!((sim.stats().loads, sim.stats().unloads), (1, 1));
}

#[tokio::test]
async fn f26_what_does_not_fit_the_card_shows_as_spilt() {
    let gpu = GpuModel { memory: 1 << 30, ..GpuModel::default() };
    let sim = sim(SimConfig { gpu, ..SimConfig::default() }).await;
    whole(&sim, "Hello.", json!({"options": {"num_ctx": 999_999_999}})).await;
    let ps = get_json(&sim, "/api/ps").await;
    assert!(ps["models"][0]["size_vram"].as_u64() < ps["models"][0]["size"].as_u64());
    assert_eq!(ps["models"][0]["context_length"], 131_072, "clamped to what the model was trained for");
}

#[tokio::test]
async fn f25_tags_and_show_have_the_servers_shapes() {
    let models = vec![
        SimModel { own_ctx: Some(8192), ..SimModel::named("qwen3:4b") },
        SimModel::named("local-looking").remote(),
        SimModel::named("nomic-embed-text"),
    ];
    let sim = sim(SimConfig { models, no_cloud: false, ..SimConfig::default() }).await;
    let tags = get_json(&sim, "/api/tags").await;
    let find = |name: &str| tags["models"].as_array().unwrap().iter().find(|tag| tag["name"] == name).unwrap();
    let local = find("qwen3:4b");
    assert_eq!(local["details"]["context_length"], 131_072);
    assert_eq!(local["capabilities"], json!(["completion", "thinking"]));
    assert_eq!(find("nomic-embed-text:latest")["capabilities"], json!(["embedding"]));
    let remote = find("local-looking:latest");
    assert!(remote["remote_host"].is_string() && remote["details"]["families"].is_null());
    assert!(remote.get("capabilities").is_none() && remote["size"].as_u64() < Some(1_000));
    let (_, shown) = ask(&sim, "/api/show", &json!({"model": "qwen3:4b"})).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let family = shown["model_info"]["general.architecture"].as_str().unwrap();
    assert_eq!(shown["model_info"][format!("{family}.context_length")], 131_072);
    assert!(shown["parameters"].as_str().unwrap().contains("8192"));
}

#[tokio::test]
async fn f25_a_remote_stub_tells_where_text_goes_and_can_be_refused() {
    let models = vec![SimModel::named("local-looking").remote(), SimModel::named("big:120b-cloud")];
    let sim = sim(SimConfig { models: models.clone(), ..SimConfig::default() }).await;
    let answered = whole(&sim, "Hello.", json!({"model": "local-looking"})).await;
    assert!(answered["remote_host"].is_string() && answered["remote_model"].is_string());
    let (status, body) = ask(&sim, "/api/chat", &chat("Hello.", json!({"model": "local-looking:latest:local"}))).await;
    assert_eq!(status, 404, "{body}");
    assert_eq!(get_json(&sim, "/api/ps").await["models"], json!([]));
    let shut = self::sim(SimConfig { models, no_cloud: true, ..SimConfig::default() }).await;
    for model in ["local-looking", "big:120b-cloud", "other:cloud"] {
        let (status, body) = ask(&shut, "/api/chat", &chat("Hello.", json!({"model": model}))).await;
        let words = r#"{"error":"ollama cloud is disabled: remote model is unavailable"}"#;
        assert_eq!((status, body.as_str()), (403, words), "{model}");
    }
    assert_eq!(get(&shut, "/api/status").await.body().await.unwrap(), r#"{"cloud":{"disabled":true,"source":"env"}}"#);
}

#[tokio::test]
async fn f27_a_pull_tells_its_progress_and_the_model_is_there() {
    let sim = plain().await;
    let mut reply = post(&sim, "/api/pull", &json!({"model": "tinyllama:1b"})).await;
    let lines: Vec<Value> =
        reply.chunks().await.unwrap().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let statuses: Vec<&str> = lines.iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!(statuses[0], "pulling manifest");
    assert_eq!(statuses[statuses.len() - 3..], ["verifying sha256 digest", "writing manifest", "success"]);
    let progress = &lines[1..lines.len() - 3];
    assert!(progress[0].get("completed").is_none() && progress.len() > 5);
    assert!(progress.is_sorted_by_key(|line| line["completed"].as_u64().unwrap_or(0)));
    let last = progress.last().unwrap();
    assert_eq!(last["completed"], last["total"]);
    assert!(get(&sim, "/api/tags").await.body().await.unwrap().contains("tinyllama:1b"));
    let mut missing = post(&sim, "/api/pull", &json!({"model": "missing:7b"})).await;
    assert_eq!(missing.status, 200);
    let lines = missing.chunks().await.unwrap();
    assert_eq!(lines[1], "{\"error\":\"pull model manifest: file does not exist\"}\n");
}
