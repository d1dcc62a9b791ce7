//! Chat and generate, from the body to a runner and a slot. What is said then is in `say`.

use std::io;
use std::sync::Arc;

use serde_json::Value;
use tokio::time::Instant;

use super::listing::REMOTE_HOST;
use super::say::{Answering, say, say_remotely};
use super::{After, Outgoing, Refusal, Sim, find};
use crate::sim::Fault;
use crate::sim::call::Call;
use crate::sim::clock::Keep;
use crate::sim::model::SimModel;
use crate::sim::options::Options;
use crate::sim::record::{Ending, Endpoint, Entry};
use crate::sim::scheduler::{NoRunner, RunnerDied};
use crate::sim::window::{Fitted, PromptPath, TooLong, Window, fit_chat, fit_prompt, last_user, render};
use crate::sim::wire::{Voice, error_body};

const BUSY: &str = "server busy, please try again.  maximum pending requests exceeded";
const STOPPED: &str = "model runner has unexpectedly stopped, this may be due to resource limitations or an internal error, check ollama server logs for details";
const NO_LONGER_RUNNING: &str = "llama-server process no longer running: unknown ";
const TOO_LONG: &str = "the prompt is longer than the context length currently available to the model; shorten the prompt, adjust the context length in settings, or use a model with a longer context length";

/// The families whose window does not shift by default (`sched.go:137`).
const STILL: &str = "deepseek2";

pub async fn call(sim: &Arc<Sim>, endpoint: Endpoint, body: &[u8], out: &mut Outgoing<'_>) -> io::Result<After> {
    let began = Instant::now();
    let (call, model, options) = match read(sim, endpoint, body) {
        Ok(read) => read,
        Err(refusal) => return refuse(out, &refusal).await,
    };
    let remote = model.remote.then(|| (model.name.clone(), REMOTE_HOST));
    let voice = Voice { endpoint, model: call.model.clone(), remote };
    if call.is_idle() {
        return idle(sim, &call, &model, &options, &voice, out).await;
    }
    let mut entry = sim.record.enter(endpoint, &call.model, &call.messages, Value::Object(call.options.clone()));
    match entry.fault {
        Some(Fault::Refuse) => {
            entry.end(Ending::Broken);
            return Ok(After::Reset);
        }
        Some(Fault::Http500) => return refuse_entered(out, &mut entry, &Refusal::new(500, STOPPED)).await,
        Some(Fault::Http503) => return refuse_entered(out, &mut entry, &Refusal::new(503, BUSY)).await,
        Some(Fault::Split) => out.dribble(),
        _ => {}
    }
    if model.remote {
        return say_remotely(sim, &call, &voice, entry, out).await;
    }
    let shift = call.shift.unwrap_or(model.family != STILL);
    let runner_options = options.runner(model.own_ctx, sim.config.default_ctx, model.train_ctx, shift);
    let lease = match sim.scheduler.lease(&model, &runner_options, call.keep).await {
        Ok(lease) => lease,
        Err(no_runner) => return refuse_entered(out, &mut entry, &refusal_of(no_runner)).await,
    };
    let load = began.elapsed();
    if call.debug {
        entry.end(Ending::Done);
        out.json(200, &voice.rendered(&render(&call.messages))).await?;
        return Ok(After::Next);
    }
    let num_keep = usize::try_from(options.num_keep).unwrap_or(0);
    let window = Window { num_ctx: runner_options.num_ctx, num_keep, truncate: call.truncate, shift };
    // Ollama's own refusal comes before the slot, llama-server's after it.
    let fitted = match fit(&call, &model, window) {
        Err(TooLong::Plain) => return fail(&call, out, &mut entry, 400, TOO_LONG).await,
        fitted => fitted,
    };
    let Ok(_slot) = lease.runner.slot().await.map_err(|RunnerDied| ()) else {
        return fail(&call, out, &mut entry, 500, NO_LONGER_RUNNING).await;
    };
    entry.got_slot();
    let fitted = match fitted {
        Ok(fitted) => fitted,
        Err(TooLong::Nested { tokens, window }) => {
            return fail(&call, out, &mut entry, 400, &nested(tokens, window)).await;
        }
        Err(TooLong::Plain) => return fail(&call, out, &mut entry, 400, TOO_LONG).await,
    };
    let native = model.path == PromptPath::Native && endpoint == Endpoint::Chat;
    let answering = Answering {
        sim,
        call: &call,
        model: &model,
        options: &options,
        window,
        native,
        fitted,
        lease: &lease,
        began,
        load,
    };
    Box::pin(say(answering, &voice, entry, out)).await
}

fn read(sim: &Sim, endpoint: Endpoint, body: &[u8]) -> Result<(Call, SimModel, Options), Refusal> {
    let call = Call::read(endpoint, body)?;
    if endpoint == Endpoint::Chat && call.model.is_empty() {
        return Err(Refusal::new(400, "model is required"));
    }
    let not_found = || format!("model '{}' not found", call.model);
    if call.model.is_empty() {
        return Err(Refusal::new(404, not_found()));
    }
    let model = find(sim, &call.model, |_| not_found())?;
    if !model.completes {
        let what = if endpoint == Endpoint::Chat { "chat" } else { "generate" };
        return Err(Refusal::new(400, format!("\"{}\" does not support {what}", call.model)));
    }
    if call.think == Some(true) && !model.thinking {
        return Err(Refusal::new(400, format!("\"{}\" does not support thinking", call.model)));
    }
    let options = Options::read(&call.options).map_err(|words| Refusal::new(500, words))?;
    call.check_format()?;
    Ok((call, model, options))
}

/// Loading, and unloading, which returns before it is done (F8).
async fn idle(
    sim: &Arc<Sim>,
    call: &Call,
    model: &SimModel,
    options: &Options,
    voice: &Voice,
    out: &mut Outgoing<'_>,
) -> io::Result<After> {
    let reason = if call.keep == Some(Keep::UNLOAD) {
        sim.scheduler.unload(&model.digest);
        "unload"
    } else if model.remote {
        "load"
    } else {
        let shift = call.shift.unwrap_or(model.family != STILL);
        let runner_options = options.runner(model.own_ctx, sim.config.default_ctx, model.train_ctx, shift);
        if let Err(no_runner) = sim.scheduler.lease(model, &runner_options, call.keep).await {
            return refuse(out, &refusal_of(no_runner)).await;
        }
        "load"
    };
    out.json(200, &voice.idle(reason)).await?;
    Ok(After::Next)
}

fn fit(call: &Call, model: &SimModel, window: Window) -> Result<Fitted, TooLong> {
    match call.endpoint {
        Endpoint::Chat | Endpoint::Completions => fit_chat(model.path, &call.messages, window),
        Endpoint::Generate => {
            let user = last_user(&call.messages);
            let rendered = if call.raw { user.clone() } else { render(&call.messages) };
            fit_prompt(rendered, user, window)
        }
    }
}

/// llama-server's error, which Ollama hands on as a text (OLLAMA.md section 3).
fn nested(tokens: usize, window: usize) -> String {
    format!(
        r#"{{"error":{{"code":400,"message":"request ({tokens} tokens) exceeds the available context size ({window} tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":{tokens},"n_ctx":{window}}}}}"#
    )
}

fn refusal_of(no_runner: NoRunner) -> Refusal {
    match no_runner {
        NoRunner::Busy => Refusal::new(503, BUSY),
        NoRunner::LoadFailed(words) => Refusal::new(500, words),
    }
}

async fn refuse(out: &mut Outgoing<'_>, refusal: &Refusal) -> io::Result<After> {
    let body = match refusal.status {
        401 => format!(r#"{{"error":"{}","signin_url":"https://ollama.com/connect"}}"#, refusal.words),
        _ => error_body(&refusal.words),
    };
    out.json(refusal.status, &body).await?;
    Ok(After::Next)
}

async fn refuse_entered(out: &mut Outgoing<'_>, entry: &mut Entry, refusal: &Refusal) -> io::Result<After> {
    entry.end(Ending::Error(refusal.status));
    refuse(out, refusal).await
}

/// An error after the request was accepted, in the form that streams or whole replies have.
async fn fail(call: &Call, out: &mut Outgoing<'_>, entry: &mut Entry, status: u16, words: &str) -> io::Result<After> {
    entry.end(Ending::Error(status));
    if call.stream {
        out.stream_error(status, &error_body(words)).await?;
    } else {
        out.json(status, &error_body(words)).await?;
    }
    Ok(After::Next)
}
