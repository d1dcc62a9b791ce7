//! From a job's settings to providers that are ready to be called. A provider is a file here with a function that makes
//! a tier, and a row in [`tier`].

mod built_in;
mod ollama;
mod openai;

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::Measure;
use epitome_engine::ladder::Limit;
use epitome_engine::plan::Frame;
use epitome_engine::ratio::Ratio;
use epitome_engine::sched::LaneSpec;
use epitome_llm::{LlmError, Provider, Secret, chars_per_token, overhead_chars, predict_tokens};
use epitome_model::{Concurrency, EventLevel, JobSettings, ProviderKind};

use crate::load::Loaded;
use crate::record::{Author, Recorder, model_name};

/// Words of the longest answer asked for, of any kind.
const LONGEST_ANSWER_WORDS: u32 = 450;

/// How long the first choice is waited for at the start before a provider that may take over does.
const TAKE_OVER: Duration = Duration::from_secs(5);

/// Finds the key of a server by its address. Blocking: it may ask the system's keyring.
pub type FindKey = Arc<dyn Fn(&str) -> Option<Secret> + Send + Sync>;

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
    /// Characters a token holds, as far as it was learned; learning goes on.
    pub ratio: Ratio,
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

/// What a tier is made from.
struct Ground<'a> {
    loaded: &'a Loaded,
    settings: JobSettings,
    measure: Measure,
    recorder: &'a Recorder,
    keys: &'a FindKey,
}

impl Connected {
    /// Finds the providers, chooses the window, and makes one warm-up call at each server. `waited` is how long the
    /// first choice has been waited for.
    pub async fn open(
        loaded: &Loaded,
        recorder: &Recorder,
        keys: &FindKey,
        waited: Duration,
    ) -> Result<Self, LlmError> {
        let (measure, ratio) = learned_measure(loaded, recorder).await;
        let ground = |settings: JobSettings| Ground { loaded, settings, measure, recorder, keys };
        let first = tier(ground(loaded.settings.clone())).await;
        let mut notes = Vec::new();
        let mut others = Vec::new();
        for fallback in &loaded.settings.fallback {
            let settings = JobSettings {
                provider: fallback.provider,
                url: fallback.url.clone(),
                more_urls: Vec::new(),
                model: fallback.model.clone(),
                concurrency: Concurrency::Auto,
                ..loaded.settings.clone()
            };
            match tier(ground(settings)).await {
                Ok(opened) => others.push(opened),
                Err(error) => notes.push((EventLevel::Warning, format!("{error} It cannot take over."))),
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
        Ok(Self { tiers, window: first.window, fits: first.fits, measure, ratio, notes })
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

async fn tier(ground: Ground<'_>) -> Result<Opened, LlmError> {
    match ground.settings.provider {
        ProviderKind::BuiltIn => Ok(built_in::tier(&ground.settings)),
        ProviderKind::Ollama => ollama::tier(&ground).await,
        ProviderKind::OpenAi => openai::tier(&ground).await,
    }
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
        LaneHandle { spec, author: author(settings), provider, up }
    }

    fn longest_chapter(&self) -> usize {
        self.loaded.chapters.iter().map(|chapter| chapter.chars).max().unwrap_or_default() as usize
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

/// The same with what was learned of model and language: what the job was planned with before, else what the servers
/// counted lately, else the guess.
async fn learned_measure(loaded: &Loaded, recorder: &Recorder) -> (Measure, Ratio) {
    let guess = measure(loaded.language.as_deref(), &loaded.sample);
    let ratio = recorder.ratio(loaded.language.as_deref()).await;
    let learned = || ratio.careful(guess.chars_per_token).unwrap_or(guess.chars_per_token);
    let chars_per_token = loaded.row.chars_per_token.unwrap_or_else(learned);
    (Measure { chars_per_token, ..guess }, ratio)
}
