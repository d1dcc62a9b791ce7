//! Pulling a model (OLLAMA.md 1.6, F27). Any name can be pulled but those that begin with `missing`.

use std::io;
use std::sync::Arc;

use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::{Outgoing, Sim};
use crate::sim::call::{Fields, Refusal};
use crate::sim::locked;
use crate::sim::model::{ModelName, SimModel};
use crate::sim::wire::{error_body, go_json};

/// Bytes a simulated second: a good line.
const BYTES_A_SECOND: f64 = 100e6;

/// Simulated milliseconds between two lines.
const EVERY_MS: f64 = 60.0;

#[allow(clippy::trivially_copy_pass_by_ref)] // The signature that serde asks for.
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[derive(Serialize, Default)]
struct Line<'a> {
    status: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    digest: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    total: u64,
    #[serde(skip_serializing_if = "is_zero")]
    completed: u64,
}

fn line(status: &str) -> String {
    go_json(&Line { status, ..Line::default() })
}

pub async fn pull(sim: &Arc<Sim>, body: &[u8], out: &mut Outgoing<'_>) -> io::Result<()> {
    let (name, stream) = match read(body) {
        Ok(read) => read,
        Err(Refusal { status, words }) => return out.json(status, &error_body(&words)).await,
    };
    if name.full.starts_with("missing") {
        let error = error_body("pull model manifest: file does not exist");
        if !stream {
            return out.json(500, &error).await;
        }
        out.lines(&[line("pulling manifest"), error]).await?;
        return out.end().await;
    }
    let model = locked(&sim.models).iter().find(|model| name.is(model)).cloned();
    let there = model.is_some();
    let model = model.unwrap_or_else(|| SimModel::named(&name.full));
    if stream {
        out.lines(&[line("pulling manifest")]).await?;
    }
    download(sim, &model, there, stream, out).await?;
    if !there {
        locked(&sim.models).push(SimModel { modified: std::time::SystemTime::now(), ..model });
    }
    if !stream {
        return out.json(200, &line("success")).await;
    }
    out.lines(&["verifying sha256 digest", "writing manifest", "success"].map(line)).await?;
    out.end().await
}

async fn download(sim: &Sim, model: &SimModel, there: bool, stream: bool, out: &mut Outgoing<'_>) -> io::Result<()> {
    let digest = format!("sha256:{}", model.digest);
    let status = format!("pulling {}", &model.digest[..12.min(model.digest.len())]);
    let total = model.size_bytes;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A positive constant.
    let step = (BYTES_A_SECOND * EVERY_MS / 1_000.0) as u64;
    let mut completed = if there { total } else { 0 };
    let mut at = Instant::now();
    loop {
        if stream {
            out.lines(&[go_json(&Line { status: &status, digest: &digest, total, completed })]).await?;
        }
        if completed >= total {
            return Ok(());
        }
        completed = (completed + step).min(total);
        at += sim.scaled(EVERY_MS);
        sleep_until(at).await;
    }
}

fn read(body: &[u8]) -> Result<(ModelName, bool), Refusal> {
    let fields = Fields::read(body, "PullRequest")?;
    let mut named = fields.text("model")?;
    if named.is_empty() {
        named = fields.text("name")?;
    }
    let name = ModelName::read(&named).filter(|_| !named.is_empty());
    let name = name.ok_or_else(|| Refusal::new(400, "invalid model name"))?;
    Ok((name, fields.flag("stream")?.unwrap_or(true)))
}
