//! The provider against a server that says exactly what a test tells it to.

use std::sync::Mutex;
use std::time::Duration;

use epitome_model::{ErrorCode, JobSettings, ServerState};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::{Ollama, Server};
use crate::provider::{Progress, Provider, Task};
use crate::scripted::{Asked, Ending, Reply, Scripted, nobody, request, stream, task};
use crate::{Answer, LlmError, Policy};

const TAGS: &str = r#"{"models":[
    {"name":"llama3.1:latest","model":"llama3.1:latest","size":5,"digest":"d1","details":{"context_length":131072},"capabilities":["completion"]},
    {"name":"near:latest","model":"near:latest","size":195,"digest":"d2","remote_host":"https://ollama.com","details":{"format":"","families":null}},
    {"name":"nomic-embed-text:latest","model":"nomic-embed-text:latest","size":5,"digest":"d3","details":{}}
]}"#;
const LOADED: &str = r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"load"}"#;
const DONE: &str = concat!(
    r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","#,
    r#""total_duration":9000000,"prompt_eval_count":40,"eval_count":3}"#,
    "\n"
);

/// A server with one scripted reply for each chat, in order; the last one stays.
async fn serving(replies: Vec<Reply>) -> Scripted {
    Scripted::start(move |asked| {
        let now = asked.last().unwrap();
        match now.path.as_str() {
            "/api/version" => Reply::Status(200, r#"{"version":"0.33.0"}"#),
            "/api/tags" => Reply::Status(200, TAGS),
            "/api/ps" => {
                Reply::Status(200, r#"{"models":[{"name":"llama3.1:latest","digest":"d1","context_length":2048}]}"#)
            }
            _ if loads(now) => Reply::Status(200, LOADED),
            _ => {
                let chats = asked.iter().filter(|asked| !asked.body.is_null() && !loads(asked)).count();
                replies[(chats - 1).min(replies.len() - 1)].clone()
            }
        }
    })
    .await
}

fn loads(asked: &Asked) -> bool {
    asked.body["messages"] == Value::Array(Vec::new())
}

/// Bodies of the chats, the load first where there was one.
fn requests(server: &Scripted) -> Vec<Value> {
    server.asked().into_iter().map(|asked| asked.body).filter(|body| !body.is_null()).collect()
}

fn piece(text: &str) -> String {
    format!(
        "{}\n",
        serde_json::json!({ "model": "m", "message": { "role": "assistant", "content": text }, "done": false })
    )
}

fn settings(url: &str, model: &str) -> JobSettings {
    JobSettings { url: url.into(), model: model.into(), ..JobSettings::default() }
}

fn ollama(url: &str) -> Ollama {
    Ollama::new(&settings(url, "llama3.1"), 4096).unwrap()
}

/// One call to a server that replies so.
async fn call(reply: Reply) -> Result<Answer, LlmError> {
    let server = serving(vec![reply]).await;
    ollama(&server.url).call(&task(), &|_| {}).await
}

#[tokio::test]
async fn an_answer_is_streamed_and_counted() {
    let thought = "{\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n";
    let reply = stream(&[thought, &piece("A dark "), &piece("night."), DONE], Ending::Whole);
    let server = serving(vec![reply]).await;
    let heard = Mutex::new(Vec::new());
    let answer = ollama(&server.url).call(&task(), &|progress| heard.lock().unwrap().push(progress)).await.unwrap();
    assert_eq!(answer.text, "A dark night.");
    assert_eq!((answer.usage.prompt_tokens, answer.usage.output_tokens, answer.usage.total_ms), (40, 3, 9));
    let heard = heard.into_inner().unwrap();
    assert!(matches!(heard[0], Progress::FirstToken { .. }), "{heard:?}");
    assert_eq!(heard.iter().filter(|progress| **progress == Progress::Tokens(1)).count(), 3);
}

#[tokio::test]
async fn every_request_of_a_job_has_the_same_options_and_forbids_truncation() {
    let reply = stream(&[&piece("A dark night."), DONE], Ending::Whole);
    let server = serving(vec![reply]).await;
    let ollama = ollama(&server.url);
    let prepared = ollama.prepare().await.unwrap();
    assert_eq!(prepared.window, 2048, "what the server has in force");
    ollama.call(&task(), &|_| {}).await.unwrap();
    ollama.call(&Task { sampling: 2, ..task() }, &|_| {}).await.unwrap();
    let requests = requests(&server);
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request["options"]["num_ctx"], 4096);
        assert_eq!(request["truncate"], false);
        assert_eq!(request["think"], false);
        assert_eq!(request["keep_alive"], "10m");
        assert!(request["options"]["num_predict"].as_u64().unwrap() >= 1);
    }
    assert_eq!(requests[1]["messages"][0], requests[2]["messages"][0], "the constant part comes first");
    assert_ne!(requests[1]["options"]["temperature"], requests[2]["options"]["temperature"]);
}

#[tokio::test]
async fn an_answer_that_did_not_end_well_is_no_answer() {
    let some = piece("A dark");
    let length = DONE.replace("stop", "length");
    let full = DONE.replace("\"prompt_eval_count\":40", "\"prompt_eval_count\":4095");
    let away = piece("A dark night.").replace("\"model\"", "\"remote_host\":\"https://ollama.com\",\"model\"");
    let error = "{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n";
    let loop_ = piece(&"and so on ".repeat(60));
    let refusal = piece("I\u{2019}m sorry, but I can\u{2019}t help with that.");
    for (reply, code) in [
        (stream(&[&some], Ending::Whole), ErrorCode::CutStream),
        (stream(&[], Ending::Whole), ErrorCode::CutStream),
        (stream(&[&some], Ending::Cut), ErrorCode::CutStream),
        (stream(&[&some, error], Ending::Whole), ErrorCode::CutStream),
        (stream(&[&some, "<html>\n"], Ending::Whole), ErrorCode::Malformed),
        (stream(&[&some, &length], Ending::Whole), ErrorCode::Truncated),
        (stream(&[&some, &full], Ending::Whole), ErrorCode::ContextExceeded),
        (stream(&[DONE], Ending::Whole), ErrorCode::EmptyAnswer),
        (stream(&[&piece("<think>Hm.</think>"), DONE], Ending::Whole), ErrorCode::EmptyAnswer),
        (stream(&[&refusal, DONE], Ending::Whole), ErrorCode::Refused),
        // The loop is stopped while the model still writes.
        (stream(&[&loop_, &loop_], Ending::Silence), ErrorCode::Looping),
        (stream(&[&away], Ending::Silence), ErrorCode::CloudModel),
        (Reply::Status(404, r#"{"error":"model 'llama3.1' not found"}"#), ErrorCode::ModelMissing),
        (
            Reply::Status(503, r#"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#),
            ErrorCode::Busy,
        ),
        (Reply::Status(500, r#"{"error":"unable to load full model on GPU"}"#), ErrorCode::OutOfMemory),
        (Reply::Status(403, ""), ErrorCode::BadRequest),
    ] {
        let error = call(reply).await.unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.hint().is_empty(), "{error}");
    }
}

#[tokio::test]
async fn silence_is_waited_for_only_so_long() {
    let server = serving(vec![Reply::Nothing, stream(&[&piece("A")], Ending::Silence)]).await;
    let mut ollama = ollama(&server.url);
    (ollama.first_token, ollama.stall) = (Duration::from_millis(30), Duration::from_millis(30));
    let error = ollama.call(&task(), &|_| {}).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::FirstTokenTimeout);
    // Long enough here that a busy machine does not run into it before the first word.
    ollama.first_token = Duration::from_mins(1);
    let error = ollama.call(&task(), &|_| {}).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Stalled);
}

#[tokio::test]
async fn a_dropped_call_frees_its_slot() {
    let mut server = serving(vec![stream(&[&piece("A")], Ending::Silence)]).await;
    let ollama = ollama(&server.url);
    let task = task();
    let (tell, mut begun) = mpsc::channel(16);
    let listener = move |_| {
        let _ = tell.try_send(());
    };
    let mut call = ollama.call(&task, &listener);
    tokio::select! {
        outcome = &mut call => panic!("{outcome:?}"),
        _ = begun.recv() => {}
    }
    drop(call);
    assert!(server.closed.recv().await.is_some());
}

#[tokio::test]
async fn models_that_are_missing_or_not_of_this_machine_are_refused_before_any_text_is_sent() {
    let server = serving(vec![Reply::Nothing]).await;
    for (model, code) in [
        ("nope", ErrorCode::ModelMissing),
        ("near", ErrorCode::CloudModel),
        ("gpt-oss:120b-cloud", ErrorCode::CloudModel),
        ("deepseek:cloud", ErrorCode::CloudModel),
    ] {
        let error = Ollama::new(&settings(&server.url, model), 4096).unwrap().prepare().await.unwrap_err();
        assert_eq!((error.code(), error.policy()), (code, Policy::Stop), "{model}");
    }
    assert!(requests(&server).is_empty());
    assert_eq!(Ollama::new(&settings(&server.url, ""), 4096).unwrap_err(), LlmError::ModelNotChosen);
}

#[tokio::test]
async fn a_look_tells_what_is_there() {
    let server = serving(vec![Reply::Nothing]).await;
    let look = Server::new(&server.url).unwrap().look().await;
    assert_eq!((look.state, look.version.as_deref()), (ServerState::Ready, Some("0.33.0")));
    let names: Vec<_> = look.models.iter().map(|model| (model.name.as_str(), model.cloud)).collect();
    assert_eq!(names, [("llama3.1:latest", false), ("near:latest", true)]);

    let nobody = nobody().await;
    assert_eq!(Server::new(&nobody).unwrap().look().await.state, ServerState::NotFound);
    let error = ollama(&nobody).call(&task(), &|_| {}).await.unwrap_err();
    assert_eq!((error.code(), error.policy()), (ErrorCode::Unreachable, Policy::WaitForServer));
    assert!(!ollama(&nobody).reachable().await);
    assert!(ollama(&server.url).reachable().await);
}

#[tokio::test]
async fn what_is_not_ollama_is_told_from_what_is_away() {
    for banner in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
        "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let _ = request(&mut stream).await;
                let _ = stream.write_all(banner.as_bytes()).await;
            }
        });
        assert_eq!(Server::new(&url).unwrap().look().await.state, ServerState::NotOllama, "{banner}");
        assert_eq!(ollama(&url).prepare().await.unwrap_err().code(), ErrorCode::NotAServer, "{banner}");
    }
}

#[tokio::test]
async fn fetching_a_model_tells_how_far_it_is_and_why_it_failed() {
    let lines = concat!(
        "{\"status\":\"pulling manifest\"}\n",
        "{\"status\":\"pulling 8eeb52dfb3bb\",\"digest\":\"sha256:8e\",\"total\":4661211424,\"completed\":241970}\n",
        "{\"status\":\"verifying sha256 digest\"}\n{\"status\":\"success\"}\n",
    );
    let told = Mutex::new(Vec::new());
    let server = serving(vec![stream(&[lines], Ending::Whole)]).await;
    let pulled =
        Server::new(&server.url).unwrap().pull("llama3.1", |progress| told.lock().unwrap().push(progress)).await;
    assert_eq!(pulled, Ok(()));
    let told = told.into_inner().unwrap();
    assert_eq!((told[1].completed, told[1].total, told[1].done), (241_970, 4_661_211_424, false));
    assert!(told.last().unwrap().done);

    for (reply, words) in [
        (
            "{\"status\":\"pulling manifest\"}\n{\"error\":\"pull model manifest: file does not exist\"}\n",
            "no model named",
        ),
        ("{\"error\":\"dial tcp: lookup registry.ollama.ai: no such host\"}\n", "no such host"),
        ("{\"status\":\"pulling manifest\"}\n", "broke off"),
    ] {
        let server = serving(vec![stream(&[reply], Ending::Whole)]).await;
        let error = Server::new(&server.url).unwrap().pull("nope", |_| {}).await.unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }
}
