//! The simulator's own endpoints, for tests in another process and for trials by hand:
//! `GET /sim/stats`, `GET /sim/requests`, `POST /sim/faults` with `error=0.05,cut=0.02`, `POST /sim/away?ms=2000`,
//! `POST /sim/kill`, `POST /sim/models` with a name.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::{Outgoing, Request, Sim};
use crate::sim::model::SimModel;
use crate::sim::wire::{error_body, go_json};
use crate::sim::{Faults, locked};

const DONE: &str = r#"{"done":true}"#;

pub async fn control(sim: &Arc<Sim>, request: &Request, out: &mut Outgoing<'_>) -> io::Result<()> {
    let body = String::from_utf8_lossy(&request.body);
    match request.path.as_str() {
        "/sim/stats" => out.json(200, &go_json(&sim.stats())).await,
        "/sim/requests" => out.json(200, &go_json(&sim.record.requests())).await,
        "/sim/faults" => match body.parse::<Faults>() {
            Ok(faults) => {
                sim.record.set_faults(faults);
                out.json(200, DONE).await
            }
            Err(error) => out.json(400, &error_body(&error.to_string())).await,
        },
        "/sim/kill" => {
            sim.scheduler.kill_all();
            out.json(200, DONE).await
        }
        "/sim/models" => {
            locked(&sim.models).push(SimModel::named(body.trim()));
            out.json(200, DONE).await
        }
        _ => {
            let ms = request.query.split('&').find_map(|pair| pair.strip_prefix("ms=")?.parse().ok()).unwrap_or(2_000);
            out.json(200, DONE).await?;
            let sim = Arc::clone(sim);
            // Its own task, since this connection is among those that are cut.
            tokio::spawn(async move {
                sim.go_away().await;
                sleep(Duration::from_millis(ms)).await;
                // The port may be taken meanwhile; then the server stays away, which is what whoever took it sees.
                let _ = sim.come_back().await;
            });
            Ok(())
        }
    }
}
