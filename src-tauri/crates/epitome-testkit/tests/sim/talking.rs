//! F5-F7, F9-F12, F17-F20, F23, F24, F30: what is said, how it is framed, where it ends.

use epitome_testkit::{Fault, Faults};
use epitome_testkit::{PromptPath, RepeatGuard, SimConfig, SimModel, marker, prose, token_count};
use serde_json::{Value, json};

use crate::client::*;

fn with_model(model: SimModel) -> SimConfig {
    SimConfig { models: vec![model], ..SimConfig::default() }
}

fn text_of(lines: &[Value]) -> String {
    lines.iter().filter_map(|line| line["message"]["content"].as_str()).collect()
}

#[tokio::test]
async fn f5_a_chat_streams_an_object_a_chunk() {
    let sim = plain().await;
    let mut reply = post(&sim, "/api/chat", &chat("Tell me: a <b> & c.", json!({}))).await;
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("application/x-ndjson")));
    assert!(reply.is_chunked());
    let chunks = reply.chunks().await.unwrap();
    assert!(chunks.len() > 3);
    for chunk in &chunks {
        assert_eq!(chunk.matches('\n').count(), 1, "{chunk}");
        assert!(chunk.ends_with("}\n") && chunk.starts_with(r#"{"model":"llama3.1:8b","created_at":""#), "{chunk}");
    }
    let joined = chunks.concat();
    assert!(joined.contains("\\u003c") && joined.contains("\\u0026") && !joined.contains('<'));
    let last = chunks.last().unwrap();
    let order = [
        "\"model\"",
        "\"created_at\"",
        "\"message\":{\"role\":\"assistant\",\"content\":\"\"}",
        "\"done\":true",
        "\"done_reason\":\"stop\"",
        "\"total_duration\"",
        "\"load_duration\"",
        "\"prompt_eval_count\"",
        "\"prompt_eval_duration\"",
        "\"eval_count\"",
        "\"eval_duration\"",
    ];
    let places: Vec<usize> = order.iter().map(|field| last.find(field).expect(field)).collect();
    assert!(places.is_sorted(), "{last}");
    assert!(chunks[..chunks.len() - 1].iter().all(|chunk| chunk.contains(r#""done":false}"#)));
}

#[tokio::test]
async fn f6_without_streaming_it_is_one_object_of_the_same_text() {
    let sim = plain().await;
    let text = prose(2_000, 1);
    let mut reply = post(&sim, "/api/chat", &chat(&text, json!({"stream": false}))).await;
    assert_eq!(reply.header("Content-Type"), Some("application/json; charset=utf-8"));
    let body = reply.body().await.unwrap();
    assert!(!body.ends_with('\n'));
    let object: Value = serde_json::from_str(&body).unwrap();
    let streamed = stream(&sim, &text, json!({})).await;
    assert_eq!(object["message"]["content"], text_of(&streamed));
    assert!(object["message"]["content"].as_str().unwrap().contains(&marker(&text)));
}

#[tokio::test]
async fn f7_generate_answers_in_response_with_its_context() {
    let sim = plain().await;
    let body = json!({"model": "llama3.1:8b", "prompt": "Hello there.", "stream": false});
    let (status, reply) = ask(&sim, "/api/generate", &body).await;
    let object: Value = serde_json::from_str(&reply).unwrap();
    assert_eq!(status, 200);
    assert!(object["response"].as_str().unwrap().contains(&marker("Hello there.")) && object["message"].is_null());
    let tokens = object["context"].as_array().unwrap().len() as u64;
    assert_eq!(tokens + 1, object["prompt_eval_count"].as_u64().unwrap() + object["eval_count"].as_u64().unwrap());
    let raw = json!({"model": "llama3.1:8b", "prompt": "Hello there.", "stream": false, "raw": true});
    assert!(!ask(&sim, "/api/generate", &raw).await.1.contains("\"context\""));
}

#[tokio::test]
async fn f9_durations_add_up() {
    let sim = plain().await;
    for seed in 0..8 {
        let object = whole(&sim, &prose(3_000, seed), json!({})).await;
        let number = |name: &str| object[name].as_u64().unwrap();
        let parts = number("load_duration") + number("prompt_eval_duration") + number("eval_duration");
        assert!(number("total_duration") >= parts, "{object}");
        assert_eq!((number("prompt_eval_duration") % 1_000, number("eval_duration") % 1_000), (0, 0));
    }
}

#[tokio::test]
async fn f10_a_prompt_is_counted_whole_also_when_it_is_cached() {
    let sim = sim(SimConfig { parallel: 1, time_scale: 0.02, ..SimConfig::default() }).await;
    let text = prose(20_000, 1);
    let options = json!({"options": {"num_ctx": 16_384, "num_predict": 1}});
    let first = whole(&sim, &text, options.clone()).await;
    let again = whole(&sim, &text, options).await;
    let tokens = token_count(&format!("[user] {text}\n[assistant]")) + 1;
    assert_eq!(first["prompt_eval_count"], tokens);
    assert_eq!(again["prompt_eval_count"], tokens);
    let took = |reply: &Value| reply["prompt_eval_duration"].as_u64().unwrap();
    assert!(took(&again) * 10 < took(&first), "{} {}", took(&first), took(&again));
}

#[tokio::test]
async fn f11_f12_the_count_has_the_end_token_and_a_limit_is_exact() {
    let sim = plain().await;
    let object = whole(&sim, "Hello there.", json!({})).await;
    let text = object["message"]["content"].as_str().unwrap();
    assert_eq!(object["eval_count"], token_count(text) + 1);
    assert_eq!(object["done_reason"], "stop");
    let cut = stream(&sim, "Hello there.", json!({"options": {"num_predict": 5}})).await;
    let last = cut.last().unwrap();
    assert_eq!((last["eval_count"].as_u64(), last["done_reason"].as_str()), (Some(5), Some("length")));
    assert_eq!(text_of(&cut).len(), text.char_indices().nth(token_prefix(text, 5)).unwrap().0);
}

/// Characters of the first tokens.
fn token_prefix(text: &str, tokens: usize) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let more = |end: &usize| token_count(&chars[..=*end].iter().collect::<String>()) > tokens;
    (0..chars.len()).find(more).unwrap_or(chars.len())
}

#[tokio::test]
async fn f17_what_is_too_long_is_refused_or_cut_as_the_table_says() {
    let sim = sim(SimConfig {
        models: vec![SimModel::named("rendered"), SimModel::named("native").native()],
        ..SimConfig::default()
    })
    .await;
    let long = prose(30_000, 1);
    let nested = |body: &str| {
        let outer: Value = serde_json::from_str(body).unwrap();
        let inner: Value = serde_json::from_str(outer["error"].as_str().unwrap()).unwrap();
        assert_eq!(inner["error"]["type"], "exceed_context_size_error");
        (inner["error"]["n_prompt_tokens"].as_u64().unwrap(), inner["error"]["n_ctx"].as_u64().unwrap())
    };
    for model in ["rendered", "native"] {
        for streams in [true, false] {
            let more = json!({"model": model, "truncate": false, "stream": streams});
            let mut reply = post(&sim, "/api/chat", &chat(&long, more)).await;
            assert_eq!(reply.status, 400);
            let body = reply.body().await.unwrap();
            let (tokens, window) = nested(&body);
            assert!(tokens > 6_000 && window == 4096, "{body}");
            // F22: what would have begun a stream has another type, and is chunked.
            let kind = if streams { "application/json" } else { "application/json; charset=utf-8" };
            assert_eq!((reply.header("Content-Type"), reply.is_chunked()), (Some(kind), streams));
            assert!(!body.ends_with('\n'));
        }
    }
    assert_eq!(ask(&sim, "/api/chat", &chat(&long, json!({"model": "native"}))).await.0, 400);
    let cut = whole(&sim, &long, json!({"model": "rendered"})).await;
    assert_eq!(cut["prompt_eval_count"], 2051);
    assert!(!cut["message"]["content"].as_str().unwrap().contains(&marker(&long)), "the text was lost");
    let (status, body) = ask(&sim, "/api/chat", &chat(&long, json!({"model": "rendered", "shift": false}))).await;
    assert!(status == 400 && body.contains("the prompt is longer than the context length"), "{body}");
    let dropped = json!({"model": "native", "messages": [
        {"role": "user", "content": long}, {"role": "user", "content": "Hello."}
    ]});
    let kept = whole(&sim, "", dropped).await;
    assert!(kept["prompt_eval_count"].as_u64().unwrap() < 30, "{kept}");
}

#[tokio::test]
async fn f18_the_number_of_tokens_is_bounded_by_the_rules() {
    let looping = |model: SimModel| SimConfig { faults: Faults::default().rate(Fault::Loop, 1.0), ..with_model(model) };
    let rendered = sim(looping(SimModel::named("m"))).await;
    let unset = whole(&rendered, "Hello.", json!({"model": "m", "options": {"num_ctx": 64}})).await;
    assert_eq!((unset["eval_count"].as_u64(), unset["done_reason"].as_str()), (Some(640), Some("length")));
    let native = sim(looping(SimModel::named("m").native())).await;
    let zero = whole(&native, "Hello.", json!({"model": "m", "options": {"num_predict": 0}})).await;
    assert_eq!(zero["eval_count"], 1);
    let mut endless =
        post(&rendered, "/api/chat", &chat("Hello.", json!({"model": "m", "options": {"num_predict": 0}}))).await;
    for _ in 0..2_000 {
        assert!(endless.chunk().await.unwrap().is_some());
    }
}

#[tokio::test]
async fn f19_without_a_shifting_window_an_answer_ends_with_it() {
    let config = SimConfig { faults: Faults::default().rate(Fault::Loop, 1.0), ..SimConfig::default() };
    let sim = sim(config).await;
    let options = json!({"num_ctx": 256, "num_predict": 1_000});
    let still = whole(&sim, "Hello.", json!({"options": options, "shift": false})).await;
    let sum = still["prompt_eval_count"].as_u64().unwrap() + still["eval_count"].as_u64().unwrap();
    assert_eq!((sum, still["done_reason"].as_str()), (256, Some("length")));
    let shifting = whole(&sim, "Hello.", json!({"options": options})).await;
    assert_eq!(shifting["eval_count"], 1_000);
}

#[tokio::test]
async fn f20_a_repeating_model_ends_without_a_word_or_with_one() {
    let config = |guard| SimConfig {
        repeat_guard: guard,
        faults: Faults::default().rate(Fault::RepeatToken, 1.0),
        ..SimConfig::default()
    };
    let silent = sim(config(RepeatGuard::Silent30)).await;
    let lines = stream(&silent, "Hello.", json!({})).await;
    assert!(lines.iter().all(|line| line["done"] == false) && lines.len() > 20);
    let object = whole(&silent, "Hello.", json!({})).await;
    assert!(object["done"] == false && object["eval_count"].is_null());
    let telling = sim(config(RepeatGuard::Error100)).await;
    let lines = stream(&telling, "Hello.", json!({})).await;
    assert_eq!(lines.last().unwrap()["error"], "prediction aborted, token repeat limit reached");
}

#[tokio::test]
async fn f23_a_thinking_model_thinks_unless_told_not_to() {
    let sim = sim(SimConfig {
        models: vec![SimModel::named("thinker").thinking(), SimModel::named("llama3.1:8b").native()],
        ..SimConfig::default()
    })
    .await;
    let thinking = stream(&sim, "Hello.", json!({"model": "thinker"})).await;
    let first = &thinking[0]["message"];
    assert!(first["content"] == "" && first["thinking"].is_string());
    let plain = stream(&sim, "Hello.", json!({"model": "thinker", "think": false})).await;
    assert!(plain.iter().all(|line| line["message"]["thinking"].is_null()));
    assert_eq!(text_of(&thinking), text_of(&plain));
    let short = json!({"model": "thinker", "options": {"num_predict": 5}});
    let eaten = whole(&sim, "Hello.", short).await;
    assert!(eaten["message"]["content"] == "" && eaten["done_reason"] == "length");
    let (status, body) = ask(&sim, "/api/chat", &chat("Hello.", json!({"think": true}))).await;
    assert_eq!((status, body.as_str()), (400, r#"{"error":"\"llama3.1:8b\" does not support thinking"}"#));
}

#[tokio::test]
async fn f24_options_of_a_wrong_type_are_refused_and_unknown_ones_ignored() {
    let sim = plain().await;
    let (status, body) = ask(&sim, "/api/chat", &chat("Hi.", json!({"options": {"num_ctx": "big"}}))).await;
    assert_eq!((status, body.as_str()), (500, r#"{"error":"option \"num_ctx\" must be of type integer"}"#));
    let fine = whole(&sim, "Hi.", json!({"options": {"mirostat": "x"}})).await;
    assert_eq!(fine["done"], true);
}

#[tokio::test]
async fn f30_the_rendered_prompt_can_be_seen_without_a_slot() {
    let sim = plain().await;
    let (_, body) = ask(&sim, "/api/chat", &chat("hello <b>", json!({"_debug_render_only": true}))).await;
    assert!(body.contains(r#""message":{"role":"","content":""},"done":false,"_debug_info":{"rendered_template":"[user] hello \u003cb\u003e\n[assistant]"}"#), "{body}");
}

#[tokio::test]
async fn answers_are_the_same_on_both_paths_and_again() {
    let text = prose(1_500, 3);
    let mut seen = Vec::new();
    for path in [PromptPath::Native, PromptPath::Rendered] {
        let sim = sim(with_model(SimModel { path, ..SimModel::named("llama3.1:8b") })).await;
        for _ in 0..2 {
            seen.push(whole(&sim, &text, json!({})).await["message"]["content"].clone());
        }
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]));
}

#[tokio::test]
async fn a_stop_text_ends_an_answer_and_a_format_makes_it_json() {
    let sim = plain().await;
    let stopped = whole(&sim, "One two. Three four.", json!({"options": {"stop": ["Three"]}})).await;
    assert_eq!(stopped["message"]["content"], "One two. ");
    let shaped = whole(&sim, "One two.", json!({"format": {"type": "object", "properties": {"summary": {}}}})).await;
    let inner: Value = serde_json::from_str(shaped["message"]["content"].as_str().unwrap()).unwrap();
    assert!(inner["summary"].is_string());
}
