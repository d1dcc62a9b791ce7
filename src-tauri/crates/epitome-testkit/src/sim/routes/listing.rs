//! What the server has and runs: tags, show, ps, status, and what it cannot do.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Refusal, Sim, find, named};
use crate::sim::clock::{FOREVER, rfc3339};
use crate::sim::locked;
use crate::sim::model::SimModel;
use crate::sim::wire::go_json;

/// Where remote stubs say their text goes.
pub const REMOTE_HOST: &str = "https://ollama.com:443";

#[derive(Serialize)]
struct Details<'a> {
    parent_model: &'a str,
    format: &'a str,
    family: &'a str,
    families: Option<[&'a str; 1]>,
    parameter_size: &'a str,
    quantization_level: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_length: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    embedding_length: Option<usize>,
}

fn details(model: &SimModel, lengths: bool) -> Details<'_> {
    if model.remote {
        return Details {
            parent_model: "",
            format: "",
            family: "",
            families: None,
            parameter_size: "",
            quantization_level: "",
            context_length: None,
            embedding_length: None,
        };
    }
    Details {
        parent_model: "",
        format: "gguf",
        family: &model.family,
        families: Some([&model.family]),
        parameter_size: &model.parameter_size,
        quantization_level: &model.quantization,
        context_length: lengths.then_some(model.train_ctx),
        embedding_length: lengths.then_some(4096),
    }
}

#[derive(Serialize)]
struct Tag<'a> {
    name: &'a str,
    model: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_host: Option<&'a str>,
    modified_at: String,
    size: u64,
    digest: &'a str,
    details: Details<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities: Option<Vec<&'static str>>,
}

#[derive(Serialize)]
struct Models<T> {
    models: Vec<T>,
}

pub fn tags(sim: &Sim) -> String {
    let mut models = locked(&sim.models).clone();
    models.sort_by(|one, other| other.modified.cmp(&one.modified).then_with(|| one.name.cmp(&other.name)));
    let tags = models.iter().map(|model| Tag {
        name: &model.name,
        model: &model.name,
        remote_model: model.remote.then_some(&model.name),
        remote_host: model.remote.then_some(REMOTE_HOST),
        modified_at: rfc3339(model.modified),
        size: model.size_bytes,
        digest: &model.digest,
        details: details(model, true),
        capabilities: (!model.remote).then(|| model.capabilities()),
    });
    go_json(&Models { models: tags.collect() })
}

#[derive(Serialize)]
struct Running {
    name: String,
    model: String,
    size: u64,
    digest: String,
    details: Value,
    expires_at: String,
    size_vram: u64,
    context_length: usize,
}

pub fn ps(sim: &Sim) -> String {
    let running = sim.scheduler.list().into_iter().map(|listed| {
        let model = &listed.runner.model;
        let num_ctx = listed.runner.options.num_ctx;
        let size = model.loaded_bytes(num_ctx * listed.runner.parallel);
        Running {
            name: model.name.clone(),
            model: model.name.clone(),
            size,
            digest: model.digest.clone(),
            details: serde_json::to_value(details(model, false)).unwrap_or_default(),
            expires_at: listed.expires.map_or_else(|| FOREVER.to_owned(), rfc3339),
            size_vram: size.min(sim.config.gpu.memory),
            context_length: num_ctx,
        }
    });
    go_json(&Models { models: running.collect() })
}

pub fn status(sim: &Sim) -> String {
    let disabled = sim.config.no_cloud;
    let source = if disabled { "env" } else { "none" };
    format!(r#"{{"cloud":{{"disabled":{disabled},"source":"{source}"}}}}"#)
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<&'a str>,
    modelfile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<String>,
    template: &'a str,
    details: Details<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote_host: Option<&'a str>,
    model_info: Value,
    tensors: Vec<Value>,
    capabilities: Vec<&'static str>,
    modified_at: String,
}

pub fn show(sim: &Sim, body: &[u8]) -> Result<String, Refusal> {
    let asked = named(body, "ShowRequest")?;
    if asked.is_empty() {
        return Err(Refusal::new(400, "model is required"));
    }
    let model = find(sim, &asked, |full| format!("model '{full}' not found"))?;
    let family = &model.family;
    let info = json!({
        "general.architecture": family,
        "general.parameter_count": model.size_bytes * 10 / 6,
        format!("{family}.attention.head_count"): 32,
        format!("{family}.attention.head_count_kv"): 8,
        format!("{family}.block_count"): 32,
        format!("{family}.context_length"): model.train_ctx,
        format!("{family}.embedding_length"): 4096,
        "tokenizer.ggml.tokens": null,
    });
    Ok(go_json(&Shown {
        license: None,
        modelfile: format!("# Modelfile generated by \"ollama show\"\nFROM {}\n", model.name),
        parameters: model.own_ctx.map(|tokens| format!("{:<30} {tokens}", "num_ctx")),
        template: "{{ .Prompt }}",
        details: details(&model, false),
        remote_model: model.remote.then_some(&model.name),
        remote_host: model.remote.then_some(REMOTE_HOST),
        model_info: if model.remote { json!({}) } else { info },
        tensors: Vec::new(),
        capabilities: model.capabilities(),
        modified_at: rfc3339(model.modified),
    }))
}

/// Embeddings are not simulated; the words are those for a model that writes.
pub fn embed(sim: &Sim, body: &[u8]) -> Result<String, Refusal> {
    let asked = named(body, "EmbedRequest")?;
    find(sim, &asked, |_| format!("model \"{asked}\" not found, try pulling it first"))?;
    Err(Refusal::new(501, "This server does not support embeddings. Start it with `--embeddings`"))
}

pub fn delete(sim: &Sim, body: &[u8]) -> Result<String, Refusal> {
    let asked = named(body, "DeleteRequest")?;
    let model = find(sim, &asked, |_| format!("model '{asked}' not found"))?;
    locked(&sim.models).retain(|known| known.name != model.name);
    sim.scheduler.unload(&model.digest);
    Ok(String::new())
}
