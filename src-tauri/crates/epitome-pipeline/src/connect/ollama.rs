//! A pool of Ollama servers.

use std::sync::Arc;

use epitome_engine::ModelFacts;
use epitome_engine::budget;
use epitome_llm::{LlmError, Ollama, Server};
use epitome_model::{EventLevel, JobSettings, ServerState};
use futures_util::future::join_all;

use super::{Ground, Identity, Member, Opened, Tier};

/// Every server of the pool, one of which at least is ready. One that is not now joins when it is; one with another build
/// of the model would give other answers, so it is left out.
pub(super) async fn open(ground: &Ground<'_>) -> Result<Opened, LlmError> {
    let settings = &ground.settings;
    let looks = join_all(urls(settings).map(|url| look(url, &settings.model))).await;
    // The first server that answers tells what the model is like, and the first that is ready which build of it.
    let Some(facts) = looks.iter().find_map(|look| look.as_ref().ok()).copied() else {
        let error = looks.into_iter().find_map(Result::err);
        return Err(error.unwrap_or(LlmError::Unreachable { url: settings.url.clone() }));
    };
    let window = window(ground, facts);
    let pool = pool(ground, window, true)?;
    let made = join_all(pool.members.iter().zip(looks).map(|(member, look)| async move {
        look?;
        member.warm_up().await
    }));
    let made = made.await;
    if !made.iter().any(Result::is_ok) {
        let error = made.into_iter().find_map(Result::err);
        return Err(error.unwrap_or(LlmError::Unreachable { url: settings.url.clone() }));
    }
    let (mut lanes, mut notes, mut in_force) = (Vec::new(), Vec::new(), window);
    for ((member, url), prepared) in pool.members.into_iter().zip(urls(settings)).zip(made) {
        let up = match prepared {
            Ok(prepared) if member.take_in() => {
                in_force = in_force.min(prepared.window);
                true
            }
            Ok(_) => {
                let text = format!("{url} has another build of {} and is left out of the pool.", settings.model);
                notes.push((EventLevel::Warning, text));
                continue;
            }
            Err(error) => {
                notes.push((EventLevel::Warning, format!("{url} joins the pool when it can: {error}")));
                false
            }
        };
        lanes.push(ground.lane(Arc::new(member), url.clone(), window, up).await);
    }
    let room = ground.measure.room(in_force);
    Ok(Opened {
        tier: Tier { identity: pool.identity, lanes },
        window: Some(in_force),
        kv_bytes_per_token: facts.kv_bytes_per_token,
        room,
        notes,
    })
}

/// The same without asking any server: all of them join when they are there.
pub(super) async fn closed(ground: &Ground<'_>, loads_early: bool) -> Result<Opened, LlmError> {
    let window = window(ground, ModelFacts::default());
    let pool = pool(ground, window, loads_early)?;
    let mut lanes = Vec::new();
    for (member, url) in pool.members.into_iter().zip(urls(&ground.settings)) {
        lanes.push(ground.lane(Arc::new(member), url.clone(), window, false).await);
    }
    let room = ground.measure.room(window);
    Ok(Opened {
        tier: Tier { identity: pool.identity, lanes },
        window: Some(window),
        kv_bytes_per_token: None,
        room,
        notes: Vec::new(),
    })
}

fn urls(settings: &JobSettings) -> impl Iterator<Item = &String> {
    std::iter::once(&settings.url).chain(&settings.more_urls)
}

fn window(ground: &Ground<'_>, facts: ModelFacts) -> u32 {
    let chosen = || budget::window(&ground.settings, facts, ground.longest_chapter(), &ground.measure);
    ground.loaded.window.unwrap_or_else(chosen)
}

/// Servers that give the same answers.
struct Pool {
    identity: Identity,
    members: Vec<Member>,
}

fn pool(ground: &Ground<'_>, window: u32, loads_early: bool) -> Result<Pool, LlmError> {
    let identity = Identity::default();
    let members = urls(&ground.settings).map(|url| {
        let ollama = Ollama::new(&JobSettings { url: url.clone(), ..ground.settings.clone() }, window)?;
        let url = ollama.url().to_owned();
        Ok(Member::new(Arc::new(ollama), url, Arc::clone(&identity), loads_early))
    });
    let members = members.collect::<Result<_, LlmError>>()?;
    Ok(Pool { identity, members })
}

/// What a server tells of a model.
pub(super) async fn look(url: &str, model: &str) -> Result<ModelFacts, LlmError> {
    let server = Server::new(url)?;
    let look = server.look().await;
    match look.state {
        ServerState::NotFound => Err(LlmError::Unreachable { url: url.to_owned() }),
        ServerState::NotOllama => Err(LlmError::NotOllama { url: url.to_owned() }),
        ServerState::Ready | ServerState::NoModel => {
            let trained = look.models.iter().find(|known| known.name == model).and_then(|known| known.window);
            let (kv_bytes_per_token, loaded) =
                (server.kv_bytes_per_token(model).await, server.loaded_window(model).await);
            Ok(ModelFacts { trained, kv_bytes_per_token, loaded })
        }
    }
}
