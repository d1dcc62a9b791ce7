//! `/v1/chat/completions`, from the body to a runner and a slot. What is said then is in `say`.

use std::io;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::say::{Answering, say};
use super::v1::runner_options;
use super::{After, Outgoing, Refusal, Sim};
use crate::sim::call::Call;
use crate::sim::clock::Keep;
use crate::sim::completion::CompletionVoice;
use crate::sim::model::SimModel;
use crate::sim::options::Options;
use crate::sim::record::{Ending, Endpoint, Entry};
use crate::sim::scheduler::{NoRunner, RunnerDied};
use crate::sim::window::{Message, PromptPath, TooLong, Window, fit_chat};
use crate::sim::{Fault, Flavour, locked};

const BUSY: &str = "the server is busy, please try again";
const CRASHED: &str = "the server has run into an error";

/// A chat, and whether it asks for counts of tokens.
struct Talk {
    call: Call,
    usage: bool,
}

pub async fn call(sim: &Arc<Sim>, body: &[u8], out: &mut Outgoing<'_>) -> io::Result<After> {
    let began = Instant::now();
    let flavour = sim.config.flavour;
    let (Talk { call, usage }, model, options) = match read(sim, body) {
        Ok(read) => read,
        Err(refusal) => return refuse(flavour, out, &refusal).await,
    };
    let mut entry =
        sim.record.enter(Endpoint::Completions, &call.model, &call.messages, Value::Object(call.options.clone()));
    match entry.fault {
        Some(Fault::Refuse) => {
            entry.end(Ending::Broken);
            return Ok(After::Reset);
        }
        Some(Fault::Http500) => return end(flavour, out, &mut entry, &Refusal::new(500, CRASHED)).await,
        Some(Fault::Http503) => return end(flavour, out, &mut entry, &Refusal::new(503, BUSY)).await,
        Some(Fault::Split) => out.dribble(),
        _ => {}
    }
    out.events();
    let lease = match sim.scheduler.lease(&model, &runner_options(sim, &model), Some(Keep::Forever)).await {
        Ok(lease) => lease,
        Err(NoRunner::Busy) => return end(flavour, out, &mut entry, &Refusal::new(503, BUSY)).await,
        Err(NoRunner::LoadFailed(words)) => {
            let words = format!("Failed to load model \"{}\". Error: {words}", model.name);
            return end(flavour, out, &mut entry, &Refusal::new(500, words)).await;
        }
    };
    let load = began.elapsed();
    let window = Window { num_ctx: lease.runner.options.num_ctx, num_keep: 0, truncate: false, shift: false };
    let answer = usize::try_from(options.num_predict).ok();
    let fitted = match fit_chat(PromptPath::Native, &call.messages, window) {
        // vLLM reserves the room of the answer as well.
        Ok(fitted) if flavour == Flavour::Vllm && fitted.ids.len() + answer.unwrap_or(0) > window.num_ctx => {
            let body = flavour.too_long(fitted.ids.len(), answer, window.num_ctx);
            return end_with(out, &mut entry, &body).await;
        }
        Ok(fitted) => fitted,
        Err(too_long) => {
            let (tokens, window) = match too_long {
                TooLong::Nested { tokens, window } => (tokens, window),
                TooLong::Plain => (window.num_ctx, window.num_ctx),
            };
            return end_with(out, &mut entry, &flavour.too_long(tokens, None, window)).await;
        }
    };
    let Ok(_slot) = lease.runner.slot().await.map_err(|RunnerDied| ()) else {
        return end(flavour, out, &mut entry, &Refusal::new(500, CRASHED)).await;
    };
    entry.got_slot();
    let voice = CompletionVoice {
        flavour,
        model: call.model.clone(),
        usage: usage && sim.config.tells_usage,
        timings: flavour == Flavour::LlamaCpp && sim.config.tells_usage,
        number: sim.stats().requests,
    };
    let answering = Answering {
        sim,
        call: &call,
        model: &model,
        options: &options,
        window,
        native: true,
        fitted,
        lease: &lease,
        began,
        load,
    };
    Box::pin(say(answering, &voice, entry, out)).await
}

fn read(sim: &Sim, body: &[u8]) -> Result<(Talk, SimModel, Options), Refusal> {
    let flavour = sim.config.flavour;
    let body: Value = serde_json::from_slice(body).map_err(|error| Refusal::new(400, error.to_string()))?;
    let messages = body["messages"].as_array().filter(|messages| !messages.is_empty());
    let messages = messages.ok_or_else(|| Refusal::new(400, "'messages' is required"))?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages =
        messages.iter().map(|message| Message { role: text(&message["role"]), content: text(&message["content"]) });
    let named = text(&body["model"]);
    let models = locked(&sim.models).clone();
    // llama.cpp has one model and does not look at the name.
    let found = match flavour {
        Flavour::LlamaCpp => models.first(),
        _ => models.iter().find(|model| model.name == named && model.completes),
    };
    let model = found.cloned().ok_or_else(|| Refusal::new(404, format!("The model `{named}` does not exist.")))?;
    let mut options = Map::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        if !matches!(name.as_str(), "messages" | "model" | "stream") {
            options.insert(name.clone(), value.clone());
        }
    }
    let most = &body["max_completion_tokens"];
    let most = if most.is_null() { &body["max_tokens"] } else { most };
    if let Some(most) = most.as_i64() {
        options.insert("num_predict".to_owned(), most.into());
    }
    let read = Options::read(&options).map_err(|words| Refusal::new(400, words))?;
    let call = Call {
        endpoint: Endpoint::Completions,
        model: named,
        messages: messages.collect(),
        stream: body["stream"].as_bool().unwrap_or(false),
        options,
        keep: None,
        think: body["chat_template_kwargs"]["enable_thinking"].as_bool().filter(|_| model.thinking),
        truncate: false,
        shift: Some(false),
        format: None,
        raw: false,
        debug: false,
    };
    let usage = body["stream_options"]["include_usage"].as_bool().unwrap_or(false);
    Ok((Talk { call, usage }, model, read))
}

async fn refuse(flavour: Flavour, out: &mut Outgoing<'_>, refusal: &Refusal) -> io::Result<After> {
    out.json(refusal.status, &flavour.error(refusal.status, &refusal.words).to_string()).await?;
    Ok(After::Next)
}

async fn end(flavour: Flavour, out: &mut Outgoing<'_>, entry: &mut Entry, refusal: &Refusal) -> io::Result<After> {
    entry.end(Ending::Error(refusal.status));
    refuse(flavour, out, refusal).await
}

async fn end_with(out: &mut Outgoing<'_>, entry: &mut Entry, body: &Value) -> io::Result<After> {
    entry.end(Ending::Error(400));
    out.json(400, &body.to_string()).await?;
    Ok(After::Next)
}
