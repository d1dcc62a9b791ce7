//! Servers with the `OpenAI` interface, as they look from outside.

use epitome_testkit::{Fault, Faults, Flavour, SimConfig, SimModel, SimOllama, marker};
use serde_json::{Value, json};

use crate::client::{Reply, ask, get, get_json, post, send, sim};

async fn of(flavour: Flavour) -> SimOllama {
    with(flavour, SimConfig::default()).await
}

async fn with(flavour: Flavour, config: SimConfig) -> SimOllama {
    let sim = sim(SimConfig { flavour, ..config }).await;
    // llama.cpp answers while it loads.
    while get(&sim, "/v1/models").await.status == 503 {
        tokio::task::yield_now().await;
    }
    sim
}

fn chat(text: &str, more: Value) -> Value {
    let mut body = json!({"model": "llama3.1:8b", "messages": [{"role": "user", "content": text}], "max_tokens": 200});
    let (Value::Object(fields), Value::Object(more)) = (&mut body, more) else { unreachable!() };
    fields.extend(more);
    body
}

/// The data of the events of a stream.
async fn events(sim: &SimOllama, body: &Value) -> Vec<String> {
    let mut reply = post(sim, "/v1/chat/completions", body).await;
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("text/event-stream")));
    let text = reply.chunks().await.unwrap().concat();
    text.split("\n\n").filter(|event| !event.is_empty()).map(str::to_owned).collect()
}

fn data(event: &str) -> Value {
    serde_json::from_str(event.strip_prefix("data: ").unwrap()).unwrap()
}

#[tokio::test]
async fn an_answer_comes_as_events_with_counts_only_where_asked_for() {
    for flavour in [Flavour::LlamaCpp, Flavour::Vllm, Flavour::LmStudio] {
        let sim = of(flavour).await;
        let asked =
            events(&sim, &chat("It rained.", json!({"stream": true, "stream_options": {"include_usage": true}}))).await;
        assert_eq!(asked.last().map(String::as_str), Some("data: [DONE]"));
        let objects: Vec<Value> = asked[..asked.len() - 1].iter().map(|event| data(event)).collect();
        let text: String =
            objects.iter().filter_map(|object| object["choices"][0]["delta"]["content"].as_str()).collect();
        assert!(text.contains(&marker("It rained.")), "{text}");
        let (usage, closing) = (&objects[objects.len() - 1], &objects[objects.len() - 2]);
        assert_eq!((closing["choices"][0]["finish_reason"].as_str(), &usage["choices"]), (Some("stop"), &json!([])));
        assert_eq!(closing["timings"].is_object(), flavour == Flavour::LlamaCpp);
        let request = sim.requests().pop().unwrap();
        assert_eq!(usage["usage"]["prompt_tokens"], request.prompt_tokens);
        assert_eq!(usage["usage"]["completion_tokens"], request.output_tokens);
        let plain = events(&sim, &chat("It rained.", json!({"stream": true}))).await;
        assert!(plain.iter().all(|event| !event.contains("usage")));
    }
}

#[tokio::test]
async fn a_whole_answer_is_one_object_and_is_the_default() {
    let sim = of(Flavour::Vllm).await;
    let (status, body) = ask(&sim, "/v1/chat/completions", &chat("It rained.", json!({"max_tokens": 2}))).await;
    let reply: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &reply["choices"][0]["finish_reason"]), (200, &json!("length")));
    assert_eq!(reply["usage"]["completion_tokens"], 2);
}

#[tokio::test]
async fn each_has_its_own_words_for_what_does_not_fit() {
    let long = "word ".repeat(6_000);
    for (flavour, words) in [
        (Flavour::LlamaCpp, "exceed_context_size_error"),
        (Flavour::Vllm, "maximum context length is 4096 tokens"),
        (Flavour::LmStudio, "context length of only 4096 tokens"),
    ] {
        let (status, body) = ask(&of(flavour).await, "/v1/chat/completions", &chat(&long, json!({}))).await;
        assert!(status == 400 && body.contains(words), "{status} {body}");
    }
    // vLLM wants room for the answer too.
    let (status, body) =
        ask(&of(Flavour::Vllm).await, "/v1/chat/completions", &chat("It rained.", json!({"max_tokens": 4095}))).await;
    assert!(status == 400 && body.contains("max_tokens"), "{status} {body}");
}

#[tokio::test]
async fn each_tells_what_it_is() {
    let llama = of(Flavour::LlamaCpp).await;
    let props = get_json(&llama, "/props").await;
    assert_eq!((&props["default_generation_settings"]["n_ctx"], &props["total_slots"]), (&json!(4096), &json!(4)));
    assert_eq!(get_json(&llama, "/health").await, json!({"status": "ok"}));
    assert_eq!(get(&llama, "/api/tags").await.status, 404);

    let vllm = of(Flavour::Vllm).await;
    assert_eq!(get_json(&vllm, "/v1/models").await["data"][0]["max_model_len"], 4096);
    let missing = chat("It rained.", json!({"model": "nope"}));
    assert_eq!(ask(&vllm, "/v1/chat/completions", &missing).await.0, 404);

    let studio = of(Flavour::LmStudio).await;
    let model = |all: Value| (all["data"][0]["state"].clone(), all["data"][0]["loaded_context_length"].clone());
    assert_eq!(model(get_json(&studio, "/api/v0/models").await), (json!("not-loaded"), Value::Null));
    ask(&studio, "/v1/chat/completions", &chat("It rained.", json!({}))).await;
    assert_eq!(model(get_json(&studio, "/api/v0/models").await), (json!("loaded"), json!(4096)));
    assert!(get_json(&studio, "/props").await["error"].as_str().unwrap().contains("200 anyway"));
}

#[tokio::test]
async fn llama_cpp_says_that_it_loads() {
    let sim = sim(SimConfig { flavour: Flavour::LlamaCpp, time_scale: 0.05, ..SimConfig::default() }).await;
    let mut reply = get(&sim, "/health").await;
    assert_eq!(reply.status, 503);
    assert!(reply.body().await.unwrap().contains("Loading model"));
    while get(&sim, "/health").await.status == 503 {
        tokio::task::yield_now().await;
    }
    assert_eq!(sim.stats().loads, 1, "however often it was asked");
}

#[tokio::test]
async fn a_key_closes_it() {
    let closed = || SimConfig { key: Some("sk-1".into()), ..SimConfig::default() };
    for (flavour, open) in
        [(Flavour::LlamaCpp, "/v1/models"), (Flavour::Vllm, "/version"), (Flavour::LmStudio, "/nothing")]
    {
        let sim = with(flavour, closed()).await;
        let of = async |headers: &str, path: &str| {
            Reply::of(send(&sim, "GET", path, headers, "").await).await.unwrap().status
        };
        assert_eq!(of("", open).await == 200, flavour != Flavour::LmStudio);
        let shut = if flavour == Flavour::LlamaCpp { "/props" } else { "/v1/models" };
        assert_eq!(of("", shut).await, 401);
        assert_eq!(of("Authorization: Bearer sk-2\r\n", shut).await, 401);
        assert_eq!(of("Authorization: Bearer sk-1\r\n", shut).await, 200);
    }
}

#[tokio::test]
async fn errors_in_a_stream_are_events() {
    for (flavour, begin) in [(Flavour::LlamaCpp, "data: {\"error\""), (Flavour::LmStudio, "event: error\ndata: ")] {
        let sim = of(flavour).await;
        sim.set_faults(Faults::default().rate(Fault::ErrorLine, 1.0));
        let events = events(&sim, &chat("It rained all day.", json!({"stream": true}))).await;
        assert!(events.last().unwrap().starts_with(begin), "{events:?}");
    }
}

#[tokio::test]
async fn thoughts_have_a_field_of_their_own() {
    for (flavour, field) in [(Flavour::LlamaCpp, "reasoning_content"), (Flavour::Vllm, "reasoning")] {
        let models = vec![SimModel::named("llama3.1:8b").thinking()];
        let sim = with(flavour, SimConfig { models, ..SimConfig::default() }).await;
        let stream = events(&sim, &chat("It rained.", json!({"stream": true}))).await;
        assert!(stream.iter().any(|event| event.contains(&format!("\"{field}\""))), "{stream:?}");
        let told = json!({"stream": true, "chat_template_kwargs": {"enable_thinking": false}});
        let stream = events(&sim, &chat("It rained.", told)).await;
        assert!(stream.iter().all(|event| !event.contains("reasoning")));
    }
}
