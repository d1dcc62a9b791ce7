//! From a job's settings to providers that are ready to be called.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::budget::{self, Measure, ModelFacts};
use epitome_engine::ladder::Limit;
use epitome_engine::plan::Frame;
use epitome_engine::sched::LaneSpec;
use epitome_llm::{BuiltIn, LlmError, Ollama, Provider, Server, chars_per_token, overhead_chars, predict_tokens};
use epitome_model::{Concurrency, EventLevel, JobSettings, ProviderKind, ServerState};
use futures_util::future::join_all;

use crate::load::Loaded;
use crate::record::{Author, model_name};

/// Characters the built-in summariser reads at once.
const BUILT_IN_CHARS: usize = 200_000;

/// Words of the longest answer asked for, of any kind.
const LONGEST_ANSWER_WORDS: u32 = 450;

/// How long the first choice is waited for at the start before a provider that may take over does.
const TAKE_OVER: Duration = Duration::from_secs(5);

/// A model on a server, as one job uses it.
pub(crate) struct LaneHandle {
    pub spec: LaneSpec,
    pub author: Author,
    pub provider: Arc<dyn Provider>,
    /// Whether it answered just now.
    pub up: bool,
}

/// Lanes that share the work and give the same answers.
pub(crate) struct Tier {
    /// Everything besides a task that makes its answer.
    pub identity: String,
    pub lanes: Vec<LaneHandle>,
}

/// Providers that have shown that they work, and what they are like.
pub(crate) struct Connected {
    /// By preference; the first one works now.
    pub tiers: Vec<Tier>,
    /// Window in force at the first; `None` where there is none.
    pub window: Option<u32>,
    /// Characters of text one call may carry.
    pub fits: usize,
    pub measure: Measure,
    /// What the person is to know.
    pub notes: Vec<(EventLevel, String)>,
}

/// A tier on its way.
struct Opened {
    tier: Tier,
    window: Option<u32>,
    fits: usize,
    notes: Vec<(EventLevel, String)>,
}

impl Connected {
    /// Finds the providers, chooses the window, and makes one warm-up call at each server. `waited` is how long the
    /// first choice has been waited for.
    pub async fn open(loaded: &Loaded, waited: Duration) -> Result<Self, LlmError> {
        let measure = measure(loaded.language.as_deref(), &loaded.sample);
        let settings = &loaded.settings;
        let first = tier(loaded, settings, &measure).await;
        let mut notes = Vec::new();
        let mut others = Vec::new();
        for fallback in &settings.fallback {
            let settings = JobSettings {
                provider: fallback.provider,
                url: fallback.url.clone(),
                more_urls: Vec::new(),
                model: fallback.model.clone(),
                concurrency: Concurrency::Auto,
                ..settings.clone()
            };
            match tier(loaded, &settings, &measure).await {
                Ok(opened) => others.push(opened),
                Err(error) => notes.push((EventLevel::Warning, format!("It cannot take over: {error}"))),
            }
        }
        let first = match first {
            Ok(first) => first,
            Err(error) if others.is_empty() || waited < TAKE_OVER => return Err(error),
            Err(error) => {
                notes.push((EventLevel::Warning, format!("{error} A provider that may take over does.")));
                others.remove(0)
            }
        };
        notes.extend(first.notes);
        let mut tiers = vec![first.tier];
        tiers.extend(others.into_iter().map(|other| other.tier));
        Ok(Self { tiers, window: first.window, fits: first.fits, measure, notes })
    }

    /// What is the same for all calls of the job.
    pub fn frame(&self, loaded: &Loaded) -> Frame {
        Frame {
            settings: loaded.settings.clone(),
            book_title: loaded.title.clone(),
            language: loaded.settings.language.clone().or_else(|| loaded.language.clone()),
            fits: self.fits,
            measure: self.measure,
        }
    }
}

async fn tier(loaded: &Loaded, settings: &JobSettings, measure: &Measure) -> Result<Opened, LlmError> {
    match settings.provider {
        ProviderKind::BuiltIn => Ok(built_in(settings)),
        ProviderKind::Ollama => ollama(loaded, settings, measure).await,
        ProviderKind::OpenAi => Err(LlmError::ModelNotChosen),
    }
}

fn built_in(settings: &JobSettings) -> Opened {
    let provider = BuiltIn::new();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limit = match settings.concurrency {
        Concurrency::Fixed(limit) => limit.max(1),
        // Nothing to be found out: it works on the processor.
        Concurrency::Auto => u32::try_from(cores).unwrap_or(1),
    };
    let name = ProviderKind::BuiltIn.name().to_owned();
    let spec = LaneSpec {
        kind: ProviderKind::BuiltIn,
        server: name.clone(),
        model: name,
        window: 0,
        limit: Limit::Fixed(limit),
    };
    let author = author(settings);
    let identity = provider.identity();
    let lane = LaneHandle { spec, author, provider: Arc::new(provider), up: true };
    Opened { tier: Tier { identity, lanes: vec![lane] }, window: None, fits: BUILT_IN_CHARS, notes: Vec::new() }
}

/// Every Ollama of the pool. One that does not answer now joins when it does; one with another build of the model would
/// give other answers, so it is left out.
async fn ollama(loaded: &Loaded, settings: &JobSettings, measure: &Measure) -> Result<Opened, LlmError> {
    let urls: Vec<&String> = std::iter::once(&settings.url).chain(&settings.more_urls).collect();
    let mut facts = None;
    let mut error = None;
    // The first server that answers tells what the model is like.
    let mut looks = Vec::new();
    for look in join_all(urls.iter().map(|url| look(url, &settings.model))).await {
        match look {
            Ok(found) => {
                facts = facts.or(Some(found));
                looks.push(true);
            }
            Err(failed) => {
                error.get_or_insert(failed);
                looks.push(false);
            }
        }
    }
    if let Some(error) = error.filter(|_| !looks.contains(&true)) {
        return Err(error);
    }
    let longest = loaded.chapters.iter().map(|chapter| chapter.chars).max().unwrap_or_default();
    let window = loaded.window.unwrap_or_else(|| budget::window(settings, facts.unwrap_or_default(), longest, measure));
    let providers: Result<Vec<Ollama>, LlmError> =
        urls.iter().map(|url| Ollama::new(&JobSettings { url: (*url).clone(), ..settings.clone() }, window)).collect();
    let providers = providers?;
    let prepared = join_all(providers.iter().zip(&looks).map(async |(provider, there)| match there {
        true => Some(provider.prepare().await),
        false => None,
    }))
    .await;
    let (mut lanes, mut notes, mut known, mut in_force) = (Vec::new(), Vec::new(), None::<String>, window);
    let mut failed = None;
    for ((provider, prepared), url) in providers.into_iter().zip(prepared).zip(urls) {
        let up = match prepared {
            Some(Ok(prepared)) => {
                in_force = in_force.min(prepared.window);
                let identity = provider.identity();
                if known.get_or_insert_with(|| identity.clone()) != &identity {
                    let text = format!("{url} has another build of {} and is left out of the pool.", settings.model);
                    notes.push((EventLevel::Warning, text));
                    continue;
                }
                true
            }
            Some(Err(error)) => {
                notes.push((EventLevel::Warning, format!("{url} is left out of the pool: {error}")));
                failed.get_or_insert(error);
                continue;
            }
            None => {
                notes.push((EventLevel::Warning, format!("Ollama does not answer at {url}; it joins when it does.")));
                false
            }
        };
        let spec = LaneSpec {
            kind: ProviderKind::Ollama,
            server: provider.url().to_owned(),
            model: settings.model.clone(),
            window,
            limit: match settings.concurrency {
                Concurrency::Fixed(limit) => Limit::Fixed(limit.max(1)),
                Concurrency::Auto => Limit::Auto { remembered: None },
            },
        };
        lanes.push(LaneHandle { spec, author: author(settings), provider: Arc::new(provider), up });
    }
    let Some(identity) = known else {
        return Err(failed.unwrap_or(LlmError::Unreachable { url: settings.url.clone() }));
    };
    // A provider that was not made ready does not know its build yet, so it cannot vouch for its answers.
    lanes.retain(|lane| lane.up || lane.provider.identity() == identity);
    Ok(Opened { tier: Tier { identity, lanes }, window: Some(in_force), fits: measure.chars_within(in_force), notes })
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
            Ok(ModelFacts { trained, kv_bytes_per_token: server.kv_bytes_per_token(model).await })
        }
    }
}

fn author(settings: &JobSettings) -> Author {
    Author { provider: settings.provider, model: model_name(settings.provider, &settings.model) }
}

/// Sizes for a book in this language, by a sample of its text.
pub fn measure(language: Option<&str>, sample: &str) -> Measure {
    Measure {
        chars_per_token: chars_per_token(language, sample),
        overhead_chars: overhead_chars(),
        answer_tokens: predict_tokens(LONGEST_ANSWER_WORDS, language),
    }
}
