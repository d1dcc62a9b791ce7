//! What the window's page may do is written down here once more: whoever changes it means to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::path::Path;

use serde_json::{Value, json};

fn config() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tauri.conf.json");
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

#[test]
fn the_page_may_do_this_and_nothing_else() {
    let config = config();
    let capabilities = config["app"]["security"]["capabilities"].as_array().unwrap();
    assert_eq!(capabilities.len(), 1);
    assert_eq!(capabilities[0]["windows"], json!(["main"]));
    assert!(capabilities[0].get("remote").is_none(), "pages of other origins have no rights at all");
    let permissions = json!([
        "allow-call",
        "core:event:allow-emit",
        "core:event:allow-listen",
        "core:event:allow-unlisten",
        "core:window:allow-hide",
        "core:window:allow-destroy",
        "dialog:allow-open",
        "dialog:allow-save",
        { "identifier": "opener:allow-open-url", "allow": [{ "url": "https://ollama.com/download" }] },
        "opener:allow-reveal-item-in-dir",
    ]);
    assert_eq!(capabilities[0]["permissions"], permissions);
    assert!(config["app"].get("withGlobalTauri").is_none(), "the pages import what they use");
}

#[test]
fn the_page_loads_nothing_but_its_own() {
    let config = config();
    let policy = config["app"]["security"]["csp"].as_str().unwrap();
    let rules: Vec<&str> = policy.split("; ").collect();
    let expected = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src ipc: http://ipc.localhost",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ];
    assert_eq!(rules, expected);
    assert!(config["app"]["security"].get("dangerousDisableAssetCspModification").is_none());
}
