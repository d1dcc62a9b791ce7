//! The provider for OpenAI-compatible servers against simulated ones: llama.cpp, vLLM, LM Studio.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

use std::time::Duration;

use epitome_llm::{Answer, LlmError, OpenAi, OpenAiConfig, OpenAiServer, Policy, Provider, Secret, ServerKind, Task};
use epitome_model::{CallKind, ErrorCode, ServerState, Wording};
use epitome_testkit::{Fault, Faults, Flavour, SimConfig, SimModel, SimOllama, marker, prose};

const FLAVOURS: [Flavour; 3] = [Flavour::LlamaCpp, Flavour::Vllm, Flavour::LmStudio];
const MODEL: &str = "llama3.1:8b";
const KEY: &str = "sk-simulated-secret";

async fn sim(flavour: Flavour, config: SimConfig) -> SimOllama {
    SimOllama::start(SimConfig { flavour, default_ctx: 8192, ..config }).await.unwrap()
}

fn config(sim: &SimOllama) -> OpenAiConfig {
    OpenAiConfig {
        url: sim.url(),
        model: MODEL.to_owned(),
        key: None,
        window: None,
        temperature: 0.3,
        wording: Wording::default(),
        first_token: Duration::from_secs(60),
        stall: Duration::from_secs(60),
    }
}

fn openai(sim: &SimOllama) -> OpenAi {
    OpenAi::new(config(sim)).unwrap()
}

fn task(text: String) -> Task {
    Task {
        kind: CallKind::Map,
        book_title: "Book".into(),
        chapter_title: Some("Chapter 1".into()),
        language: Some("en".into()),
        piece: 1,
        pieces: 1,
        carried: None,
        text: text.into(),
        target_words: 80,
        wants_title: true,
        sampling: 0,
    }
}

async fn call(openai: &OpenAi) -> Result<Answer, LlmError> {
    openai.call(&task(prose(4_000, 7)), &|_| {}).await
}

#[tokio::test]
async fn a_summary_is_written_by_each_kind_of_server() {
    for (flavour, kind) in FLAVOURS.into_iter().zip([ServerKind::LlamaCpp, ServerKind::Vllm, ServerKind::LmStudio]) {
        let sim = sim(flavour, SimConfig::default()).await;
        let openai = openai(&sim);
        assert_eq!(openai.prepare().await.unwrap().window, 8192, "{flavour:?}");
        assert_eq!(openai.slots(), (flavour == Flavour::LlamaCpp).then_some(4));
        let answer = call(&openai).await.unwrap();
        let request = sim.requests().pop().unwrap();
        let prompt = &request.messages.last().unwrap().content;
        assert!(answer.text.contains(&marker(prompt)) && answer.text.contains("SUMMARY:"), "{}", answer.text);
        let counted = (answer.usage.prompt_tokens as usize, answer.usage.output_tokens as usize);
        assert_eq!(counted, (request.prompt_tokens, request.output_tokens), "{flavour:?}");
        assert!(!answer.usage.estimated);
        assert!(openai.identity().contains(kind.name()));
        let look = OpenAiServer::new(&sim.url(), None).unwrap().look().await;
        assert_eq!((look.state, look.kind), (ServerState::Ready, kind));
        assert_eq!(look.models[0].name, MODEL);
    }
}

#[tokio::test]
async fn without_counts_of_the_server_they_are_estimated_and_never_too_low() {
    for flavour in FLAVOURS {
        let sim = sim(flavour, SimConfig { tells_usage: false, ..SimConfig::default() }).await;
        let usage = call(&openai(&sim)).await;
        // llama.cpp is asked while it loads.
        let usage = match usage {
            Err(error) => {
                assert_eq!(error.policy(), Policy::WaitForServer, "{error}");
                let openai = openai(&sim);
                openai.prepare().await.unwrap();
                call(&openai).await.unwrap().usage
            }
            Ok(answer) => answer.usage,
        };
        let request = sim.requests().pop().unwrap();
        assert!(usage.estimated, "{flavour:?}");
        assert!(usage.prompt_tokens as usize >= request.prompt_tokens, "{usage:?} {request:?}");
        // The token that ends a text is not seen.
        assert!(usage.output_tokens as usize + 1 >= request.output_tokens, "{usage:?} {request:?}");
    }
}

#[tokio::test]
async fn what_goes_wrong_is_classified() {
    for flavour in FLAVOURS {
        let sim = sim(flavour, SimConfig::default()).await;
        let mut openai = openai(&sim);
        openai.prepare().await.unwrap();
        for (fault, code) in [
            (Fault::Refuse, ErrorCode::CutStream),
            (Fault::Http500, ErrorCode::CutStream),
            (Fault::Http503, ErrorCode::Busy),
            (Fault::Cut, ErrorCode::CutStream),
            (Fault::ErrorLine, ErrorCode::CutStream),
            (Fault::EndWithoutDone, ErrorCode::CutStream),
            (Fault::Garbage, ErrorCode::Malformed),
            (Fault::Length, ErrorCode::Truncated),
            (Fault::Empty, ErrorCode::EmptyAnswer),
            (Fault::Loop, ErrorCode::Looping),
            (Fault::Refusal, ErrorCode::Refused),
        ] {
            sim.set_faults(Faults::default().rate(fault, 1.0));
            let error = call(&openai).await.unwrap_err();
            assert_eq!(error.code(), code, "{flavour:?} {fault:?}: {error}");
            assert!(
                !error.to_string().contains("Ollama") && !error.hint().contains("ollama"),
                "{error} {}",
                error.hint()
            );
        }
        // Packets cut anywhere, and a connection that is closed without a word, are no faults.
        for fault in [Fault::Split, Fault::CloseAfter] {
            sim.set_faults(Faults::default().rate(fault, 1.0));
            assert!(call(&openai).await.unwrap().text.contains("SUMMARY:"), "{flavour:?} {fault:?}");
        }
        sim.set_faults(Faults::default().rate(Fault::Stall, 1.0));
        openai = OpenAi::new(OpenAiConfig { stall: Duration::from_millis(50), ..config(&sim) }).unwrap();
        assert_eq!(call(&openai).await.unwrap_err().code(), ErrorCode::Stalled, "{flavour:?}");
    }
}

#[tokio::test]
async fn a_prompt_that_the_server_finds_too_long_is_cut_finer() {
    for flavour in FLAVOURS {
        let sim = sim(flavour, SimConfig::default()).await;
        let first = openai(&sim);
        first.prepare().await.unwrap();
        let long = task(prose(60_000, 7));
        let refused = first.call(&long, &|_| {}).await.unwrap_err();
        assert!(sim.requests().iter().all(|request| request.messages.len() < 2), "it was not even sent");
        assert_eq!(refused.policy(), Policy::CutFiner);
        // Believed to have a larger window, it is sent, and the server's own words count.
        let blind = OpenAi::new(OpenAiConfig { window: Some(100_000), ..config(&sim) }).unwrap();
        let error = blind.call(&long, &|_| {}).await.unwrap_err();
        let LlmError::ContextExceeded { prompt_tokens: Some(tokens), window: Some(8192) } = error else {
            panic!("{flavour:?}: {error:?}")
        };
        assert!(tokens > 8192, "{tokens}");
    }
}

#[tokio::test]
async fn a_model_that_thinks_is_heard_only_when_it_answers() {
    for flavour in FLAVOURS {
        let models = vec![SimModel { name: MODEL.into(), ..SimModel::named(MODEL).thinking() }];
        let sim = sim(flavour, SimConfig { models, ..SimConfig::default() }).await;
        let openai = openai(&sim);
        openai.prepare().await.unwrap();
        let answer = call(&openai).await.unwrap();
        assert!(answer.text.starts_with("TITLE:") && !answer.text.contains("told in order"), "{}", answer.text);
        // Those that can be told not to think are told so.
        let told = sim.requests().pop().unwrap().options["chat_template_kwargs"]["enable_thinking"] == false;
        assert_eq!(told, flavour != Flavour::LmStudio);
    }
}

#[tokio::test]
async fn a_key_opens_the_server_and_shows_nowhere() {
    for flavour in FLAVOURS {
        let closed = SimConfig { key: Some(KEY.to_owned()), ..SimConfig::default() };
        let sim = sim(flavour, closed).await;
        let with = |key: Option<&str>| {
            let key = key.map(|key| Secret::new(key.to_owned()));
            OpenAi::new(OpenAiConfig { key, ..config(&sim) }).unwrap()
        };
        for (key, words) in [(None, "wants a key"), (Some("sk-wrong"), "refuses the key")] {
            let error = with(key).prepare().await.unwrap_err();
            assert_eq!((error.code(), error.policy()), (ErrorCode::KeyRefused, Policy::Stop), "{flavour:?}");
            let told = format!("{error} {} {error:?}", error.hint());
            assert!(told.contains(words) && told.contains("EPITOME_OPENAI_KEY") && !told.contains("sk-"), "{told}");
        }
        let openai = with(Some(KEY));
        openai.prepare().await.unwrap();
        assert!(call(&openai).await.is_ok() && !format!("{openai:?}{}", openai.identity()).contains(KEY));
        assert_eq!(sim.requests().iter().filter(|request| request.messages.len() > 1).count(), 1);
    }
}

#[tokio::test]
async fn a_server_that_goes_away_and_comes_back_is_waited_for() {
    for flavour in FLAVOURS {
        let sim = sim(flavour, SimConfig::default()).await;
        let openai = openai(&sim);
        openai.prepare().await.unwrap();
        assert!(openai.reachable().await);
        sim.go_away().await;
        assert!(!openai.reachable().await);
        assert_eq!(call(&openai).await.unwrap_err().policy(), Policy::WaitForServer, "{flavour:?}");
        sim.come_back().await.unwrap();
        while !openai.reachable().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert!(call(&openai).await.is_ok(), "{flavour:?}");
    }
}

#[tokio::test]
async fn a_model_that_is_not_there_is_told_with_those_that_are() {
    for flavour in FLAVOURS {
        let sim = sim(flavour, SimConfig::default()).await;
        let openai = OpenAi::new(OpenAiConfig { model: "nope".into(), ..config(&sim) }).unwrap();
        let error = openai.prepare().await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::ModelMissing, "{flavour:?}");
        assert!(error.hint().contains(MODEL), "{}", error.hint());
    }
}
