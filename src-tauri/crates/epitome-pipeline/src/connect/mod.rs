//! From a job's settings to providers that are ready to be called, or that join when they are. A provider is a file here
//! that makes a tier of it, with a row in [`open`] and one in [`closed`].

mod built_in;
mod member;
mod ollama;
mod openai;
mod trial;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use epitome_engine::ladder::Limit;
use epitome_engine::plan::Frame;
use epitome_engine::ratio::Ratio;
use epitome_engine::sched::LaneSpec;
use epitome_engine::{Measure, Room};
use epitome_llm::{LlmError, Policy, Provider, Secret, Tongue, chars_per_token, overhead_tokens};
use epitome_model::{Concurrency, EventLevel, JobSettings, ProviderKind};
use futures_util::future::join_all;
use tokio::time::timeout;

pub use trial::{Rehearsal, Trial, try_speed};

use crate::load::Loaded;
use crate::record::Recorder;
use member::Member;

/// How long providers that may take over are waited for at the start, beside the first choice: time enough for one that is
/// there to say which build of the model it has, so that its stored answers are found.
const INTRODUCED: Duration = Duration::from_secs(1);

/// Finds the key of a server by its address. Blocking: it may ask the system's keyring.
pub type FindKey = Arc<dyn Fn(&str) -> Option<Secret> + Send + Sync>;

/// A model on a server, as one job uses it.
pub(crate) struct LaneHandle {
    pub spec: LaneSpec,
    pub provider: Arc<dyn Provider>,
    /// Whether it answered just now.
    pub up: bool,
}

/// Everything besides a task that makes a tier's answer; not known before a server of it was seen.
pub(crate) type Identity = Arc<OnceLock<String>>;

/// Lanes that share the work and give the same answers.
pub(crate) struct Tier {
    pub identity: Identity,
    pub lanes: Vec<LaneHandle>,
}

/// Providers of a job, of which one works or may take over, and what they are like.
pub(crate) struct Connected {
    /// By preference. One that is away is among them and joins when it answers.
    pub tiers: Vec<Tier>,
    /// Window in force at the first; `None` where there is none.
    pub window: Option<u32>,
    /// Bytes of card memory a token of it takes, where the model tells.
    pub kv_bytes_per_token: Option<u64>,
    /// What a call may carry.
    pub room: Room,
    pub measure: Measure,
    /// Characters a token holds, as far as it was learned; learning goes on.
    pub ratio: Ratio,
    /// What the person is to know.
    pub notes: Vec<(EventLevel, String)>,
}

/// A tier on its way.
struct Opened {
    tier: Tier,
    window: Option<u32>,
    kv_bytes_per_token: Option<u64>,
    room: Room,
    notes: Vec<(EventLevel, String)>,
}

/// What a tier is made from.
struct Ground<'a> {
    loaded: &'a Loaded,
    settings: JobSettings,
    measure: Measure,
    recorder: &'a Recorder,
    keys: &'a FindKey,
}

impl Connected {
    /// Finds the providers, chooses the window, and makes one warm-up call at each server of the first choice. Where that
    /// is away and another may take over, it joins later.
    pub async fn open(loaded: &Loaded, recorder: &Recorder, keys: &FindKey) -> Result<Self, LlmError> {
        let (measure, ratio) = learned_measure(loaded, recorder).await;
        let ground = |settings: JobSettings| Ground { loaded, settings, measure, recorder, keys };
        let first = ground(loaded.settings.clone());
        let others = loaded.settings.fallback.iter().map(|fallback| {
            let settings = JobSettings {
                provider: fallback.provider,
                url: fallback.url.clone(),
                more_urls: Vec::new(),
                model: fallback.model.clone(),
                concurrency: Concurrency::Auto,
                ..loaded.settings.clone()
            };
            introduce(ground(settings))
        });
        let (opened, others) = tokio::join!(open(&first), join_all(others));
        let mut notes = Vec::new();
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) if others.is_empty() || error.policy() == Policy::Stop => return Err(error),
            Err(error) => {
                let text = format!("{error} Until it does, a provider that may take over works.");
                notes.push((EventLevel::Warning, text));
                closed(&first, true).await?
            }
        };
        let Opened { tier, window, kv_bytes_per_token, room, notes: more } = opened;
        notes.extend(more);
        let mut tiers = vec![tier];
        for other in others {
            match other {
                Ok(other) => {
                    tiers.push(other.tier);
                    notes.extend(other.notes);
                }
                Err(error) => notes.push((EventLevel::Warning, format!("{error} It cannot take over."))),
            }
        }
        Ok(Self { tiers, window, kv_bytes_per_token, room, measure, ratio, notes })
    }

    /// What is the same for all calls of the job.
    pub fn frame(&self, loaded: &Loaded) -> Frame {
        Frame {
            settings: loaded.settings.clone(),
            book_title: loaded.title.clone(),
            language: loaded.settings.language.clone().or_else(|| loaded.language.clone()),
            room: self.room,
            measure: self.measure,
        }
    }
}

/// A tier of which at least one server works.
async fn open(ground: &Ground<'_>) -> Result<Opened, LlmError> {
    match ground.settings.provider {
        ProviderKind::BuiltIn => Ok(built_in::tier(&ground.settings)),
        ProviderKind::Ollama => ollama::open(ground).await,
        ProviderKind::OpenAi => openai::open(ground).await,
    }
}

/// A tier that joins when a server of it answers. Asks no server anything. `loads_early`: a model is loaded as soon as its
/// server is there, and not with the first call.
async fn closed(ground: &Ground<'_>, loads_early: bool) -> Result<Opened, LlmError> {
    match ground.settings.provider {
        ProviderKind::BuiltIn => Ok(built_in::tier(&ground.settings)),
        ProviderKind::Ollama => ollama::closed(ground, loads_early).await,
        ProviderKind::OpenAi => openai::closed(ground, loads_early).await,
    }
}

/// A tier that may take over: it is greeted, and no model is loaded before it has to.
async fn introduce(ground: Ground<'_>) -> Result<Opened, LlmError> {
    let mut opened = closed(&ground, false).await?;
    for lane in &mut opened.tier.lanes {
        // Whether it works is seen when it is needed; until then nothing is held against it but that it is away.
        lane.up = true;
        if let Ok(Err(error)) = timeout(INTRODUCED, lane.provider.meet()).await {
            lane.up = error.policy() != Policy::WaitForServer;
            let text = format!("{error} As long as that is so, it cannot take over.");
            opened.notes.push((EventLevel::Warning, text));
        }
    }
    Ok(opened)
}

impl Ground<'_> {
    /// A lane of a server that has a window, with the number of calls that was found for it before.
    async fn lane(&self, provider: Arc<dyn Provider>, server: String, window: u32, up: bool) -> LaneHandle {
        let settings = &self.settings;
        let limit = match settings.concurrency {
            Concurrency::Fixed(limit) => Limit::Fixed(limit.max(1)),
            Concurrency::Auto => {
                Limit::Auto { remembered: self.recorder.remembered(&server, &settings.model, window).await }
            }
        };
        let spec = LaneSpec { kind: settings.provider, server, model: settings.model.clone(), window, limit };
        LaneHandle { spec, provider, up }
    }

    fn longest_chapter(&self) -> usize {
        self.loaded.chapters.iter().map(|chapter| chapter.chars).max().unwrap_or_default() as usize
    }
}

/// Sizes for a book in this language, by a sample of its text and what a job writes about it.
pub fn measure(language: Option<&str>, sample: &str, settings: &JobSettings) -> Measure {
    weighed(language, settings, chars_per_token(language, sample))
}

fn weighed(language: Option<&str>, settings: &JobSettings, per_token: f32) -> Measure {
    let written = settings.language.as_deref();
    let notes_per_token = written.map_or(per_token, |written| chars_per_token(Some(written), "").min(per_token));
    Measure {
        chars_per_token: per_token,
        notes_per_token,
        overhead_tokens: overhead_tokens(&settings.wording, per_token),
        tongue: Tongue::of(written.or(language)),
    }
}

/// The same with what was learned of model and language: what the job was planned with before, else what the servers
/// counted lately, else the guess.
async fn learned_measure(loaded: &Loaded, recorder: &Recorder) -> (Measure, Ratio) {
    let language = loaded.language.as_deref();
    let guess = chars_per_token(language, &loaded.sample);
    let ratio = recorder.ratio(language).await;
    let per_token = loaded.row.chars_per_token.unwrap_or_else(|| ratio.careful(guess).unwrap_or(guess));
    (weighed(language, &loaded.settings, per_token), ratio)
}
