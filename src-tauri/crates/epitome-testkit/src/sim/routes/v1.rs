//! A server with the `OpenAI` interface: who it is, what it has, and its chats (see `completions`).

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::completions;
use super::{After, Outgoing, Request, Sim};
use crate::sim::clock::Keep;
use crate::sim::model::SimModel;
use crate::sim::options::{Options, RunnerOptions};
use crate::sim::{Flavour, locked};

/// Build that the simulated llama.cpp says it is.
const BUILD: &str = "b8681-simulated";

/// Answers one request.
pub async fn answer(sim: &Arc<Sim>, request: &Request, out: &mut Outgoing<'_>) -> io::Result<After> {
    let flavour = sim.config.flavour;
    let path = request.path.as_str();
    if flavour == Flavour::LlamaCpp && !is_loaded(sim) {
        load(sim);
        out.json(503, &flavour.error(503, "Loading model").to_string()).await?;
        return Ok(After::Next);
    }
    if !has_key(sim, request) && !is_public(flavour, path) {
        let body = flavour.error(401, "Invalid API Key");
        out.json(401, &body.to_string()).await?;
        return Ok(After::Next);
    }
    match (request.method.as_str(), path, flavour) {
        ("GET", "/health", Flavour::Vllm) => out.text(200, "", "").await?,
        ("GET", "/health", Flavour::LlamaCpp) => out.json(200, r#"{"status":"ok"}"#).await?,
        ("GET", "/v1/models", _) => out.json(200, &models(sim).to_string()).await?,
        ("GET", "/props", Flavour::LlamaCpp) => out.json(200, &props(sim).to_string()).await?,
        ("GET", "/version", Flavour::Vllm) => {
            out.json(200, &json!({"version": sim.config.version}).to_string()).await?;
        }
        ("GET", "/api/v0/models", Flavour::LmStudio) => out.json(200, &studio_models(sim).to_string()).await?,
        ("POST", "/v1/chat/completions", _) => return Box::pin(completions::call(sim, &request.body, out)).await,
        (method, path, Flavour::LmStudio) => {
            let words = format!("Unexpected endpoint or method. ({method} {path}). Returning 200 anyway");
            out.json(200, &json!({"error": words}).to_string()).await?;
        }
        (_, _, Flavour::Vllm) => out.json(404, r#"{"detail":"Not Found"}"#).await?,
        _ => out.json(404, &flavour.error(404, "File Not Found").to_string()).await?,
    }
    Ok(After::Next)
}

fn has_key(sim: &Sim, request: &Request) -> bool {
    sim.config.key.as_ref().is_none_or(|key| request.header("authorization") == Some(format!("Bearer {key}").as_str()))
}

/// What is open to everybody: llama.cpp lists its models, vLLM closes only its interface.
fn is_public(flavour: Flavour, path: &str) -> bool {
    match flavour {
        Flavour::LlamaCpp => matches!(path, "/health" | "/v1/models"),
        Flavour::Vllm => !path.starts_with("/v1/"),
        Flavour::LmStudio | Flavour::Ollama => false,
    }
}

/// Options with which every call finds the model.
pub fn runner_options(sim: &Sim, model: &SimModel) -> RunnerOptions {
    Options::default().runner(model.own_ctx, sim.config.default_ctx, model.train_ctx, false)
}

fn first_model(sim: &Sim) -> Option<SimModel> {
    locked(&sim.models).first().cloned()
}

/// Whether the one model of a llama.cpp server is in memory.
fn is_loaded(sim: &Sim) -> bool {
    let model = first_model(sim);
    sim.scheduler
        .list()
        .iter()
        .any(|listed| Some(&listed.runner.model.digest) == model.as_ref().map(|model| &model.digest))
}

/// llama.cpp answers while it loads; here the first request begins that.
fn load(sim: &Arc<Sim>) {
    let Some(model) = first_model(sim) else { return };
    if sim.loading.swap(true, Ordering::Relaxed) {
        return;
    }
    let sim = Arc::clone(sim);
    tokio::spawn(async move {
        // One that fails stays unloaded, as a server that does not come up does.
        let _ = sim.scheduler.lease(&model, &runner_options(&sim, &model), Some(Keep::Forever)).await;
        sim.loading.store(false, Ordering::Relaxed);
    });
}

fn models(sim: &Sim) -> Value {
    let flavour = sim.config.flavour;
    let models = locked(&sim.models).clone();
    let entry = |model: &SimModel| {
        let mut entry = json!({"id": model.name, "object": "model", "owned_by": flavour.owner()});
        match flavour {
            Flavour::LlamaCpp => {
                entry["meta"] = json!({"n_ctx_train": model.train_ctx, "n_params": model.size_bytes * 10 / 6, "size": model.size_bytes});
            }
            Flavour::Vllm => {
                entry["root"] = format!("simulated/{}", model.name).into();
                entry["max_model_len"] = runner_options(sim, model).num_ctx.into();
            }
            Flavour::Ollama | Flavour::LmStudio => {}
        }
        entry
    };
    // A llama.cpp server has the one it was started with.
    let most = if flavour == Flavour::LlamaCpp { 1 } else { usize::MAX };
    json!({"object": "list", "data": models.iter().take(most).map(entry).collect::<Vec<_>>()})
}

fn props(sim: &Sim) -> Value {
    let window = first_model(sim).map_or(0, |model| runner_options(sim, &model).num_ctx);
    json!({
        "default_generation_settings": {"id": 0, "n_ctx": window},
        "total_slots": sim.config.parallel,
        "model_path": first_model(sim).map(|model| model.name),
        "build_info": BUILD,
    })
}

fn studio_models(sim: &Sim) -> Value {
    let loaded: Vec<(String, usize)> = sim
        .scheduler
        .list()
        .iter()
        .map(|listed| (listed.runner.model.digest.clone(), listed.runner.options.num_ctx))
        .collect();
    let models = locked(&sim.models).clone();
    let entry = |model: &SimModel| {
        let window = loaded.iter().find(|(digest, _)| *digest == model.digest).map(|(_, window)| *window);
        let mut entry = json!({
            "id": model.name,
            "object": "model",
            "type": if model.completes { "llm" } else { "embeddings" },
            "publisher": "simulated",
            "arch": model.family,
            "compatibility_type": "gguf",
            "quantization": model.quantization,
            "state": if window.is_some() { "loaded" } else { "not-loaded" },
            "max_context_length": model.train_ctx,
        });
        if let Some(window) = window {
            entry["loaded_context_length"] = window.into();
        }
        entry
    };
    json!({"object": "list", "data": models.iter().map(entry).collect::<Vec<_>>()})
}
