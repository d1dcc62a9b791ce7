//! A pool of Ollama servers.

use std::sync::Arc;

use epitome_engine::ModelFacts;
use epitome_engine::budget;
use epitome_llm::{LlmError, Ollama, Prepared, Provider, Server};
use epitome_model::{EventLevel, JobSettings, ServerState};
use futures_util::future::join_all;

use super::{Ground, Opened, Tier};

/// Every server of the pool. One that does not answer now joins when it does; one with another build of the model would
/// give other answers, so it is left out.
pub(super) async fn tier(ground: &Ground<'_>) -> Result<Opened, LlmError> {
    let settings = &ground.settings;
    let urls: Vec<&String> = std::iter::once(&settings.url).chain(&settings.more_urls).collect();
    let looks = join_all(urls.iter().map(|url| look(url, &settings.model))).await;
    // The first server that answers tells what the model is like.
    let Some(facts) = looks.iter().find_map(|look| look.as_ref().ok()).copied() else {
        let error = looks.into_iter().find_map(Result::err);
        return Err(error.unwrap_or(LlmError::Unreachable { url: settings.url.clone() }));
    };
    let chosen = ground.loaded.window;
    let window = chosen.unwrap_or_else(|| budget::window(settings, facts, ground.longest_chapter(), &ground.measure));
    let mut providers = Vec::new();
    for (url, look) in urls.iter().zip(looks) {
        let provider = Ollama::new(&JobSettings { url: (*url).clone(), ..settings.clone() }, window)?;
        providers.push((Arc::new(provider), look));
    }
    let prepared = join_all(providers.into_iter().map(prepare)).await;
    assemble(ground, prepared, window).await
}

/// A server, and how making it ready ended.
type Made = (Arc<Ollama>, Result<Prepared, LlmError>);

async fn prepare((provider, look): (Arc<Ollama>, Result<ModelFacts, LlmError>)) -> Made {
    let prepared = match look {
        Ok(_) => provider.prepare().await,
        Err(error) => Err(error),
    };
    (provider, prepared)
}

/// Makes a tier of those that are ready.
async fn assemble(ground: &Ground<'_>, made: Vec<Made>, window: u32) -> Result<Opened, LlmError> {
    let model = &ground.settings.model;
    let ready = made.iter().find(|(_, prepared)| prepared.is_ok());
    let Some(identity) = ready.map(|(provider, _)| provider.identity()) else {
        let error = made.into_iter().find_map(|(_, prepared)| prepared.err());
        return Err(error.unwrap_or(LlmError::Unreachable { url: ground.settings.url.clone() }));
    };
    let (mut lanes, mut notes, mut in_force) = (Vec::new(), Vec::new(), window);
    for (provider, prepared) in made {
        let url = provider.url().to_owned();
        let up = match prepared {
            Ok(prepared) if provider.identity() == identity => {
                in_force = in_force.min(prepared.window);
                true
            }
            Ok(_) => {
                let text = format!("{url} has another build of {model} and is left out of the pool.");
                notes.push((EventLevel::Warning, text));
                continue;
            }
            Err(LlmError::Unreachable { .. }) => {
                notes.push((EventLevel::Warning, format!("Ollama does not answer at {url}; it joins when it does.")));
                false
            }
            Err(error) => {
                notes.push((EventLevel::Warning, format!("{url} is left out of the pool: {error}")));
                continue;
            }
        };
        let joins = Arc::new(Member { ollama: provider, identity: identity.clone() });
        lanes.push(ground.lane(joins, url, window, up).await);
    }
    let fits = ground.measure.chars_within(in_force);
    Ok(Opened { tier: Tier { identity, lanes }, window: Some(in_force), fits, notes })
}

/// A server of a pool. It counts as reachable only when it is ready with the pool's build of the model.
struct Member {
    ollama: Arc<Ollama>,
    identity: String,
}

impl Provider for Member {
    fn kind(&self) -> epitome_model::ProviderKind {
        self.ollama.kind()
    }

    fn identity(&self) -> String {
        self.identity.clone()
    }

    fn prepare(&self) -> futures_util::future::BoxFuture<'_, Result<Prepared, LlmError>> {
        self.ollama.prepare()
    }

    fn call<'a>(
        &'a self,
        task: &'a epitome_llm::Task,
        listener: epitome_llm::Listener<'a>,
    ) -> futures_util::future::BoxFuture<'a, Result<epitome_llm::Answer, LlmError>> {
        self.ollama.call(task, listener)
    }

    fn reachable(&self) -> futures_util::future::BoxFuture<'_, bool> {
        Box::pin(async {
            if self.ollama.identity() == self.identity {
                return self.ollama.reachable().await;
            }
            self.ollama.reachable().await
                && self.ollama.prepare().await.is_ok()
                && self.ollama.identity() == self.identity
        })
    }

    fn let_go(&self) -> futures_util::future::BoxFuture<'_, ()> {
        self.ollama.let_go()
    }
}

/// What a server tells of a model.
async fn look(url: &str, model: &str) -> Result<ModelFacts, LlmError> {
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
