//! The provider against a server that says exactly what a test tells it to.

use std::sync::Mutex;
use std::time::Duration;

use epitome_model::{ErrorCode, ServerState, Wording};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{OpenAi, OpenAiConfig, OpenAiServer, ServerKind};
use crate::provider::{Progress, Provider, Task};
use crate::scripted::{Asked, Ending, Reply, Scripted, nobody, stream, task};
use crate::{Answer, LlmError, Policy, Secret, prompt};

const MODELS: &str = r#"{"object":"list","data":[
    {"id":"gemma","object":"model","owned_by":"llamacpp","meta":{"n_ctx_train":131072,"n_params":8030261248,"size":4920734272}}
]}"#;
const PROPS: &str = r#"{"default_generation_settings":{"n_ctx":8192},"total_slots":4,"build_info":"b8681-abc"}"#;
const USAGE: &str =
    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":40,\"completion_tokens\":3,\"total_tokens\":43}}\n\n";
const STOP: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const END: &str = "data: [DONE]\n\n";
const KEY: &str = "sk-very-secret-1234";

fn piece(text: &str) -> String {
    let chunk = json!({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]});
    format!("data: {chunk}\n\n")
}

fn is_chat(asked: &Asked) -> bool {
    asked.path == "/v1/chat/completions"
}

/// A llama.cpp server with one scripted reply for each chat, in order; the last one stays.
async fn serving(replies: Vec<Reply>) -> Scripted {
    Scripted::start(move |asked| match asked.last().unwrap().path.as_str() {
        "/v1/models" => Reply::Status(200, MODELS),
        "/props" | "/props?model=gemma" => Reply::Status(200, PROPS),
        "/health" => Reply::Status(200, r#"{"status":"ok"}"#),
        "/v1/chat/completions" => {
            let chats = asked.iter().filter(|asked| is_chat(asked)).count();
            replies[(chats - 1).min(replies.len() - 1)].clone()
        }
        _ => Reply::Status(404, r#"{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}"#),
    })
    .await
}

fn chats(server: &Scripted) -> Vec<Value> {
    server.asked().into_iter().filter(is_chat).map(|asked| asked.body).collect()
}

fn config(url: &str) -> OpenAiConfig {
    OpenAiConfig {
        url: url.to_owned(),
        model: "gemma".to_owned(),
        key: None,
        window: None,
        temperature: 0.3,
        wording: Wording::default(),
        first_token: Duration::from_mins(2),
        stall: Duration::from_mins(1),
    }
}

fn openai(url: &str) -> OpenAi {
    OpenAi::new(config(url)).unwrap()
}

/// One call to a server that replies so.
async fn call(reply: Reply) -> Result<Answer, LlmError> {
    let server = serving(vec![reply]).await;
    openai(&server.url).call(&task(), &|_| {}).await
}

#[tokio::test]
async fn an_answer_is_streamed_and_counted() {
    let thought = "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}\n\n";
    let role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n";
    let comment = ": still here\n\n";
    let reply = stream(&[role, comment, thought, &piece("A dark "), &piece("night."), STOP, USAGE, END], Ending::Whole);
    let server = serving(vec![reply]).await;
    let heard = Mutex::new(Vec::new());
    let answer = openai(&server.url).call(&task(), &|progress| heard.lock().unwrap().push(progress)).await.unwrap();
    assert_eq!(answer.text, "A dark night.");
    assert_eq!((answer.usage.prompt_tokens, answer.usage.output_tokens, answer.usage.estimated), (40, 3, false));
    let heard = heard.into_inner().unwrap();
    assert!(matches!(heard[0], Progress::FirstToken { .. }), "{heard:?}");
    assert_eq!(
        heard.iter().filter(|progress| **progress == Progress::Tokens(1)).count(),
        3,
        "thoughts count, the rest not"
    );
}

#[tokio::test]
async fn the_prompt_is_that_of_every_other_provider() {
    let server = serving(vec![stream(&[&piece("A dark night."), STOP, USAGE, END], Ending::Whole)]).await;
    let openai = openai(&server.url);
    assert_eq!(openai.prepare().await.unwrap().window, 8192, "of one slot");
    assert_eq!(openai.slots(), Some(4));
    openai.call(&task(), &|_| {}).await.unwrap();
    openai.call(&Task { sampling: 2, ..task() }, &|_| {}).await.unwrap();
    let chats = chats(&server);
    let [warm_up, first, second] = chats.as_slice() else { panic!("{chats:?}") };
    assert_eq!((&warm_up["max_tokens"], &warm_up["stream"]), (&json!(1), &json!(false)));
    assert!(!warm_up.to_string().contains("dark night"), "no text of the book before it is known who answers");
    let prompt = prompt(&task(), &Wording::default());
    assert_eq!(first["messages"][0], json!({"role": "system", "content": prompt.system}));
    assert_eq!(first["messages"][1], json!({"role": "user", "content": prompt.user}));
    assert_eq!((&first["stream"], &first["stream_options"]["include_usage"]), (&json!(true), &json!(true)));
    assert_eq!((&first["temperature"], first.get("seed")), (&json!(0.3), None));
    assert_eq!((&second["temperature"], &second["seed"]), (&json!(0.8), &json!(2)));
    assert_eq!(first["chat_template_kwargs"]["enable_thinking"], false);
    assert!(first["max_tokens"].as_u64().unwrap() >= 100);
    let identity = openai.identity();
    for part in ["openai/llama.cpp/gemma/", "8030261248-4920734272", "/0.3/"] {
        assert!(identity.contains(part), "{identity}");
    }
}

#[tokio::test]
async fn counts_that_a_server_does_not_tell_are_counted_here_and_marked() {
    let answer = call(stream(&[&piece("A dark "), &piece("night."), STOP, END], Ending::Whole)).await.unwrap();
    assert!(
        answer.usage.estimated && answer.usage.output_tokens >= 2 && answer.usage.prompt_tokens > 100,
        "{answer:?}"
    );
    // The stream's end is missing as well.
    let answer = call(stream(&[&piece("A dark night."), STOP], Ending::Whole)).await.unwrap();
    assert!(answer.usage.estimated && answer.usage.output_tokens >= 1);
    // llama.cpp's own figures do as well.
    let timings = concat!(
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],",
        "\"timings\":{\"cache_n\":30,\"prompt_n\":10,\"prompt_ms\":12.5,\"predicted_n\":3,\"predicted_ms\":50.9}}\n\n"
    );
    let usage = call(stream(&[&piece("A dark night."), timings, END], Ending::Whole)).await.unwrap().usage;
    assert_eq!((usage.prompt_tokens, usage.output_tokens, usage.estimated), (40, 3, false));
    assert_eq!((usage.prompt_ms, usage.output_ms), (12, 50));
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_understood() {
    let body = json!({
        "choices": [{"message": {"role": "assistant", "content": "A dark night."}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 40, "completion_tokens": 4}
    });
    let body = serde_json::to_string_pretty(&body).unwrap();
    let answer = call(Reply::Headed(200, "Content-Type: application/json; charset=utf-8\r\n", body)).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.usage.output_tokens), ("A dark night.", 4));
}

#[tokio::test]
async fn reasoning_is_no_text() {
    let thinking = "data: {\"choices\":[{\"delta\":{\"reasoning\":\"Hm\",\"content\":null}}]}\n\n";
    let block = piece("<think>Hm, a night.</think>\n\n");
    let answer = call(stream(&[thinking, &block, &piece("A dark night."), STOP, USAGE, END], Ending::Whole)).await;
    assert_eq!(answer.unwrap().text, "A dark night.");
    // Seen to think, the model gets room for it when it is asked again.
    let length = STOP.replace("stop", "length");
    let server = serving(vec![stream(&[thinking, &length, END], Ending::Whole)]).await;
    let openai = openai(&server.url);
    for _ in 0..2 {
        assert_eq!(openai.call(&task(), &|_| {}).await.unwrap_err(), LlmError::Truncated);
    }
    let most: Vec<u64> = chats(&server).iter().map(|chat| chat["max_tokens"].as_u64().unwrap()).collect();
    assert!(most[1] > most[0] + 1_000, "{most:?}");
}

#[tokio::test]
async fn an_answer_that_did_not_end_well_is_no_answer() {
    let some = piece("A dark");
    let finish = |reason: &str| STOP.replace("stop", reason);
    let (length, filtered, tools) = (finish("length"), finish("content_filter"), finish("tool_calls"));
    let full = USAGE.replace("\"prompt_tokens\":40", "\"prompt_tokens\":4095");
    let error = "data: {\"error\":{\"code\":500,\"message\":\"slot broke\",\"type\":\"server_error\"}}\n\n";
    let field = "error: {\"code\":500,\"message\":\"slot broke\"}\n\n";
    let named = "event: error\ndata: {\"message\":\"the model crashed\"}\n\n";
    let bare = "{\"error\":\"the model crashed\"}\n";
    let memory = "data: {\"error\":{\"message\":\"CUDA out of memory\"}}\n\n";
    let loop_ = piece(&"and so on ".repeat(60));
    let declined = piece("I\u{2019}m sorry, but I can\u{2019}t help with that.");
    let field_of_refusal = "data: {\"choices\":[{\"delta\":{\"refusal\":\"No.\"}}]}\n\n";
    let endless = "x".repeat(5 * 1024 * 1024);
    for (parts, ending, code) in [
        (vec![some.as_str()], Ending::Whole, ErrorCode::CutStream),
        (vec![], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, "data: {\"choi"], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, "da"], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, END], Ending::Whole, ErrorCode::CutStream),
        (vec![&some], Ending::Cut, ErrorCode::CutStream),
        (vec![&some, error], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, field], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, named], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, bare], Ending::Whole, ErrorCode::CutStream),
        (vec![&some, memory], Ending::Whole, ErrorCode::OutOfMemory),
        (vec![&some, "data: {\"choices\":\n\n"], Ending::Whole, ErrorCode::Malformed),
        (vec![&some, "<html>\n"], Ending::Whole, ErrorCode::Malformed),
        (vec!["data: {\"greeting\":\"hello\"}\n\n"], Ending::Whole, ErrorCode::Malformed),
        (vec![&some, &endless], Ending::Silence, ErrorCode::Malformed),
        (vec![&some, &tools, END], Ending::Whole, ErrorCode::Malformed),
        (vec![&some, &length, USAGE, END], Ending::Whole, ErrorCode::Truncated),
        (vec![&some, STOP, &full, END], Ending::Whole, ErrorCode::ContextExceeded),
        (vec![STOP, USAGE, END], Ending::Whole, ErrorCode::EmptyAnswer),
        (vec![&some, &filtered, END], Ending::Whole, ErrorCode::Refused),
        (vec![&declined, STOP, END], Ending::Whole, ErrorCode::Refused),
        (vec![field_of_refusal, STOP, END], Ending::Whole, ErrorCode::Refused),
        // The loop is stopped while the model still writes.
        (vec![&loop_, &loop_], Ending::Silence, ErrorCode::Looping),
    ] {
        let error = call(stream(&parts, ending)).await.unwrap_err();
        let shown: Vec<_> = parts.iter().map(|part| part.chars().take(80).collect::<String>()).collect();
        assert_eq!(error.code(), code, "{error} of {shown:?}");
        assert!(!error.hint().is_empty(), "{error}");
    }
}

#[tokio::test]
async fn silence_is_waited_for_only_so_long() {
    let comments = ": ping\n\n".repeat(3);
    let replies = vec![
        Reply::Nothing,
        // Signs of life that are no tokens do not count as the first one.
        stream(&[&comments], Ending::Silence),
        stream(&[&piece("A")], Ending::Silence),
        // The end is missing, but not the answer.
        stream(&[&piece("A dark night."), STOP], Ending::Silence),
    ];
    let server = serving(replies).await;
    let mut openai = openai(&server.url);
    (openai.first_token, openai.stall) = (Duration::from_millis(30), Duration::from_millis(30));
    for _ in 0..2 {
        let error = openai.call(&task(), &|_| {}).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::FirstTokenTimeout);
    }
    // Long enough here that a busy machine does not run into it before the first word.
    openai.first_token = Duration::from_mins(1);
    assert_eq!(openai.call(&task(), &|_| {}).await.unwrap_err().code(), ErrorCode::Stalled);
    assert_eq!(openai.call(&task(), &|_| {}).await.unwrap().text, "A dark night.");
}

#[tokio::test]
async fn a_dropped_call_frees_its_slot() {
    let mut server = serving(vec![stream(&[&piece("A")], Ending::Silence)]).await;
    let openai = openai(&server.url);
    let task = task();
    let (tell, mut begun) = mpsc::channel(16);
    let listener = move |_| {
        let _ = tell.try_send(());
    };
    let mut call = openai.call(&task, &listener);
    tokio::select! {
        outcome = &mut call => panic!("{outcome:?}"),
        _ = begun.recv() => {}
    }
    drop(call);
    assert!(server.closed.recv().await.is_some());
}

#[tokio::test]
async fn a_prompt_that_does_not_fit_is_never_sent() {
    let server = serving(vec![Reply::Nothing]).await;
    let openai = OpenAi::new(OpenAiConfig { window: Some(2048), ..config(&server.url) }).unwrap();
    let error = openai.call(&Task { text: "word ".repeat(4_000).into(), ..task() }, &|_| {}).await.unwrap_err();
    let LlmError::ContextExceeded { prompt_tokens: Some(tokens), window: Some(2048) } = error else {
        panic!("{error}")
    };
    assert!(tokens > 4_000);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_field_that_is_not_taken_is_left_out_from_then_on() {
    let complaint = r#"{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error"}}"#;
    let pydantic =
        r#"{"detail":[{"type":"extra_forbidden","loc":["body","seed"],"msg":"Extra inputs are not permitted"}]}"#;
    let renamed = r#"{"error":{"message":"Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.","code":"unsupported_parameter"}}"#;
    let good = stream(&[&piece("A dark night."), STOP, END], Ending::Whole);
    let replies = vec![Reply::Status(400, complaint), Reply::Status(422, pydantic), Reply::Status(400, renamed), good];
    let server = serving(replies).await;
    let openai = openai(&server.url);
    let again = Task { sampling: 1, ..task() };
    openai.call(&again, &|_| {}).await.unwrap();
    openai.call(&again, &|_| {}).await.unwrap();
    let chats = chats(&server);
    assert_eq!(chats.len(), 5, "no complaint twice");
    for field in ["stream_options", "seed", "max_tokens"] {
        assert!(chats[0].get(field).is_some() && chats[4].get(field).is_none(), "{field}");
    }
    assert!(chats[4]["max_completion_tokens"].as_u64().unwrap() > 1);
}

#[tokio::test]
async fn a_key_is_sent_and_never_told() {
    let echo = format!("{{\"error\":{{\"message\":\"Bad request with {KEY}\",\"type\":\"invalid_request_error\"}}}}");
    let broken = format!("data: {{\"error\":{{\"message\":\"crash near {KEY}\"}}}}\n\n");
    let garbage = format!("<{KEY}>\n");
    let replies = vec![
        Reply::Headed(400, "", echo),
        stream(&[&broken], Ending::Whole),
        stream(&[&garbage], Ending::Whole),
        Reply::Status(
            401,
            r#"{"error":{"code":401,"message":"Invalid API Key: sk-very-secret-1234","type":"authentication_error"}}"#,
        ),
        Reply::Status(403, ""),
    ];
    let server = serving(replies).await;
    let config = OpenAiConfig { key: Some(Secret::new(format!("{KEY}\n"))), ..config(&server.url) };
    let shown = format!("{config:?}");
    let openai = OpenAi::new(config).unwrap();
    let mut told = vec![shown, format!("{openai:?}"), openai.identity()];
    let mut codes = Vec::new();
    for _ in 0..5 {
        let error = openai.call(&task(), &|_| {}).await.unwrap_err();
        told.extend([error.to_string(), error.hint(), format!("{error:?}")]);
        codes.push((error.code(), error.policy()));
    }
    assert!(told.iter().all(|words| !words.contains(KEY)), "{told:?}");
    assert_eq!(codes[3..], [(ErrorCode::KeyRefused, Policy::Stop); 2]);
    let sent = server.asked();
    assert!(sent.iter().all(|asked| asked.head.contains(&format!("authorization: bearer {KEY}\r\n"))));
    let unusable =
        OpenAi::new(OpenAiConfig { key: Some(Secret::new("two\nlines".into())), ..self::config(&server.url) });
    assert_eq!(unusable.unwrap_err().code(), ErrorCode::KeyRefused);
}

#[tokio::test]
async fn a_missing_key_is_told_from_a_wrong_one() {
    let wants = r#"{"error":"Unauthorized"}"#;
    let server = Scripted::start(move |_| Reply::Status(401, wants)).await;
    let error = openai(&server.url).prepare().await.unwrap_err();
    assert_eq!(error.to_string(), format!("The server at {} wants a key.", server.url));
    assert!(openai(&server.url).reachable().await, "waiting would not help");
    let look = OpenAiServer::new(&server.url, None).unwrap().look().await;
    assert_eq!((look.state, look.trouble), (ServerState::NoModel, Some(error)));
}

#[tokio::test]
async fn a_server_that_loads_its_model_is_waited_for() {
    const LOADING: &str = r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#;
    let server = Scripted::start(|asked| {
        let loading = asked.len() < 3;
        match asked.last().unwrap().path.as_str() {
            _ if loading => Reply::Status(503, LOADING),
            "/v1/models" => Reply::Status(200, MODELS),
            "/props?model=gemma" => Reply::Status(200, PROPS),
            _ => Reply::Status(200, "{}"),
        }
    })
    .await;
    let openai = openai(&server.url);
    assert!(!openai.reachable().await);
    let error = openai.call(&task(), &|_| {}).await.unwrap_err();
    assert_eq!((error.code(), error.policy()), (ErrorCode::Busy, Policy::WaitForServer));
    assert_eq!(openai.prepare().await.unwrap().window, 8192);
    assert!(openai.reachable().await);
}

/// What a server answers at which path, and what is to be seen of it.
struct Case {
    answers: Vec<(&'static str, &'static str)>,
    kind: ServerKind,
    models: Vec<(&'static str, Option<u32>)>,
    version: Option<&'static str>,
}

#[tokio::test]
async fn a_llama_cpp_server_of_several_models_tells_the_window_once_one_is_loaded() {
    let server = Scripted::start(|asked| {
        let loaded = asked.iter().any(is_chat);
        match asked.last().unwrap().path.as_str() {
            "/v1/models" => {
                Reply::Status(200, r#"{"data":[{"id":"a b","owned_by":"llamacpp"},{"id":"c","owned_by":"llamacpp"}]}"#)
            }
            "/props?model=a+b" if loaded => Reply::Status(200, PROPS),
            "/props" | "/props?model=a+b" => {
                Reply::Status(200, r#"{"default_generation_settings":{"n_ctx":0},"total_slots":0}"#)
            }
            _ => Reply::Status(200, "{}"),
        }
    })
    .await;
    let openai = OpenAi::new(OpenAiConfig { model: "a b".into(), ..config(&server.url) }).unwrap();
    assert_eq!(openai.prepare().await.unwrap().window, 8192);
    assert_eq!(openai.slots(), Some(4));
}

#[tokio::test]
async fn who_answers_is_told() {
    let vllm = r#"{"data":[{"id":"qwen","owned_by":"vllm","root":"Qwen/Qwen2.5","max_model_len":16384}]}"#;
    let studio = r#"{"data":[{"id":"near","type":"llm","arch":"llama","quantization":"Q4_K_M","state":"not-loaded","max_context_length":131072},
        {"id":"here","type":"vlm","state":"loaded","max_context_length":131072,"loaded_context_length":4096},
        {"id":"nomic","type":"embeddings","state":"loaded"}]}"#;
    let ids = r#"{"data":[{"id":"near","owned_by":"organization_owner"},{"id":"here"},{"id":"nomic-embed"}]}"#;
    let other = r#"{"error":"Unexpected endpoint or method."}"#;
    let case = |answers: &[(&'static str, &'static str)], kind, models: &[(&'static str, Option<u32>)], version| Case {
        answers: answers.to_vec(),
        kind,
        models: models.to_vec(),
        version,
    };
    for Case { answers, kind, models, version } in [
        case(
            &[("/v1/models", vllm), ("/version", r#"{"version":"0.15.0"}"#)],
            ServerKind::Vllm,
            &[("qwen", Some(16_384))],
            Some("0.15.0"),
        ),
        case(
            &[("/v1/models", ids), ("/api/v0/models", studio)],
            ServerKind::LmStudio,
            &[("here", Some(4096)), ("near", Some(131_072))],
            None,
        ),
        case(
            &[("/v1/models", MODELS), ("/props", PROPS)],
            ServerKind::LlamaCpp,
            &[("gemma", Some(8192))],
            Some("b8681-abc"),
        ),
        case(&[("/v1/models", ids)], ServerKind::Other, &[("near", None), ("here", None)], None),
        case(&[("/v1/models", r#"{"data":null}"#)], ServerKind::Other, &[], None),
    ] {
        // As LM Studio does, which answers everything with 200.
        let server = Scripted::start(move |asked| {
            let path = asked.last().unwrap().path.as_str();
            let found = answers.iter().find(|(known, _)| *known == path);
            Reply::Status(200, found.map_or(other, |(_, body)| body))
        })
        .await;
        let look = OpenAiServer::new(&server.url, None).unwrap().look().await;
        let seen: Vec<_> = look.models.iter().map(|model| (model.name.as_str(), model.window)).collect();
        assert_eq!((look.kind, seen, look.version.as_deref()), (kind, models, version));
        assert_eq!(look.state == ServerState::Ready, !look.models.is_empty());
    }
    let server = Scripted::start(|asked| match asked.last().unwrap().path.as_str() {
        "/v1/models" => Reply::Status(200, r#"{"data":[{"id":"llama3.1:8b","owned_by":"library"}]}"#),
        "/api/version" => Reply::Status(200, r#"{"version":"0.33.0"}"#),
        _ => Reply::Status(404, "404 page not found"),
    })
    .await;
    let error = openai(&server.url).prepare().await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotAServer);
    assert!(error.to_string().contains("is Ollama") && error.hint().contains("Choose Ollama"), "{error}");
}

#[tokio::test]
async fn what_cannot_be_used_is_told_before_any_text_is_sent() {
    let server = serving(vec![Reply::Nothing]).await;
    let nope = OpenAi::new(OpenAiConfig { model: "nope".into(), ..config(&server.url) }).unwrap();
    let error = nope.prepare().await.unwrap_err();
    assert_eq!((error.code(), error.policy()), (ErrorCode::ModelMissing, Policy::Stop));
    assert_eq!(error.hint(), "Choose one of: gemma.");
    assert!(chats(&server).is_empty());
    let unchosen = OpenAi::new(OpenAiConfig { model: String::new(), ..config(&server.url) });
    assert_eq!(unchosen.unwrap_err(), LlmError::ModelNotChosen);

    let nobody = nobody().await;
    assert_eq!(OpenAiServer::new(&nobody, None).unwrap().look().await.state, ServerState::NotFound);
    let error = openai(&nobody).call(&task(), &|_| {}).await.unwrap_err();
    assert_eq!((error.code(), error.policy()), (ErrorCode::Unreachable, Policy::WaitForServer));
    assert!(!openai(&nobody).reachable().await);
    for reply in [
        Reply::Status(200, "<html>"),
        Reply::Status(404, "404 page not found"),
        Reply::Headed(302, "Location: http://127.0.0.1:1/\r\n", String::new()),
    ] {
        let server = Scripted::start(move |_| reply.clone()).await;
        let error = openai(&server.url).prepare().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::NotAServer, "{error}");
        assert_eq!(OpenAiServer::new(&server.url, None).unwrap().look().await.state, ServerState::NotOllama);
    }
}
