//! From a request's method and path to what answers it.

mod completions;
mod control;
mod generate;
mod guard;
mod listing;
mod pull;
mod say;
mod v1;

use std::io;
use std::sync::Arc;

use super::call::{Fields, Refusal};
use super::http::{After, Outgoing, Request};
use super::model::{ModelName, SimModel};
use super::record::Endpoint;
use super::server::Sim;
use super::wire::error_body;
use super::{Flavour, locked};

/// Paths and the methods they take, as the `Allow` header names them.
const ROUTES: [(&str, &str); 17] = [
    ("/", "HEAD, GET"),
    ("/api/version", "HEAD, GET"),
    ("/api/tags", "HEAD, GET"),
    ("/api/ps", "GET"),
    ("/api/status", "GET"),
    ("/api/show", "POST"),
    ("/api/chat", "POST"),
    ("/api/generate", "POST"),
    ("/api/pull", "POST"),
    ("/api/embed", "POST"),
    ("/api/delete", "DELETE"),
    ("/sim/stats", "GET"),
    ("/sim/requests", "GET"),
    ("/sim/faults", "POST"),
    ("/sim/away", "POST"),
    ("/sim/kill", "POST"),
    ("/sim/models", "POST"),
];

/// Answers one request.
pub async fn answer(sim: &Arc<Sim>, request: &Request, out: &mut Outgoing<'_>) -> io::Result<After> {
    if sim.config.flavour != Flavour::Ollama && !request.path.starts_with("/sim/") {
        return Box::pin(v1::answer(sim, request, out)).await;
    }
    if !guard::host_allowed(request.header("host")) || !request.header("origin").is_none_or(guard::origin_allowed) {
        out.empty(403).await?;
        return Ok(After::Next);
    }
    let Some((path, methods)) = ROUTES.iter().find(|(path, _)| *path == request.path) else {
        out.text(404, "", "404 page not found").await?;
        return Ok(After::Next);
    };
    if !methods.split(", ").any(|method| method == request.method) {
        out.text(405, &format!("Allow: {methods}\r\n"), "405 method not allowed").await?;
        return Ok(After::Next);
    }
    match *path {
        "/" => out.text(200, "", "Ollama is running").await?,
        "/api/version" => out.json(200, &format!(r#"{{"version":"{}"}}"#, sim.config.version)).await?,
        "/api/tags" => out.json(200, &listing::tags(sim)).await?,
        "/api/ps" => out.json(200, &listing::ps(sim)).await?,
        "/api/status" => out.json(200, &listing::status(sim)).await?,
        "/api/show" => reply(out, listing::show(sim, &request.body)).await?,
        "/api/embed" => reply(out, listing::embed(sim, &request.body)).await?,
        "/api/delete" => reply(out, listing::delete(sim, &request.body)).await?,
        "/api/pull" => pull::pull(sim, &request.body, out).await?,
        "/api/chat" => return Box::pin(generate::call(sim, Endpoint::Chat, &request.body, out)).await,
        "/api/generate" => return Box::pin(generate::call(sim, Endpoint::Generate, &request.body, out)).await,
        _ => control::control(sim, request, out).await?,
    }
    Ok(After::Next)
}

async fn reply(out: &mut Outgoing<'_>, reply: Result<String, Refusal>) -> io::Result<()> {
    match reply {
        Ok(body) => out.json(200, &body).await,
        Err(Refusal { status, words }) => out.json(status, &error_body(&words)).await,
    }
}

/// The model that a request names, and whether it may be used. `missing` makes the words for one that is not there.
fn find(sim: &Sim, named: &str, missing: impl Fn(&str) -> String) -> Result<SimModel, Refusal> {
    let name = ModelName::read(named).ok_or_else(|| Refusal::new(400, "invalid model name"))?;
    let found = locked(&sim.models).iter().find(|model| name.is(model)).cloned();
    if (name.cloud || found.as_ref().is_some_and(|model| model.remote && !name.local)) && sim.config.no_cloud {
        return Err(Refusal::new(403, "ollama cloud is disabled: remote model is unavailable"));
    }
    match found {
        Some(model) if !(model.remote && name.local) => Ok(model),
        // Somebody else's account would be asked.
        None if name.cloud => Err(Refusal::new(401, "unauthorized")),
        _ => Err(Refusal::new(404, missing(&name.full))),
    }
}

/// The `model` field of a body that has little else.
fn named(body: &[u8], request: &'static str) -> Result<String, Refusal> {
    let fields = Fields::read(body, request)?;
    let model = fields.text("model")?;
    if model.is_empty() { fields.text("name") } else { Ok(model) }
}
