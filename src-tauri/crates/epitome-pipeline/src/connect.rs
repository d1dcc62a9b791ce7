//! From a job's settings to a provider that is ready to be called.

use std::sync::Arc;

use epitome_llm::{BuiltIn, LlmError, Ollama, Provider, Server, chars_per_token, overhead_chars, predict_tokens};
use epitome_model::{Concurrency, JobSettings, ProviderKind, ServerState};

use crate::load::Loaded;
use epitome_engine::budget::{self, Measure};
use epitome_engine::plan::Frame;

/// Calls in flight under `auto` with Ollama: enough for a server set to four slots, and on one that serves a single
/// call at a time the others only wait in its queue.
const AUTO_OLLAMA: u32 = 4;

/// Characters the built-in summariser reads at once.
const BUILT_IN_CHARS: usize = 200_000;

/// Words of the longest answer asked for, of any kind.
const LONGEST_ANSWER_WORDS: u32 = 450;

/// A provider that has shown that it works, and what it is like.
pub struct Connected {
    pub provider: Arc<dyn Provider>,
    pub identity: String,
    /// `num_ctx` in force; `None` where there is no window.
    pub window: Option<u32>,
    /// Characters of text one call may carry.
    pub fits: usize,
}

impl Connected {
    /// Finds the provider, chooses the window, and makes one warm-up call.
    pub async fn open(loaded: &Loaded) -> Result<Self, LlmError> {
        match loaded.settings.provider {
            ProviderKind::BuiltIn => Ok(Self::built_in()),
            ProviderKind::Ollama => Self::ollama(loaded).await,
            ProviderKind::OpenAi => Err(LlmError::ModelNotChosen),
        }
    }

    fn built_in() -> Self {
        let provider = BuiltIn::new();
        let identity = provider.identity();
        Self { provider: Arc::new(provider), identity, window: None, fits: BUILT_IN_CHARS }
    }

    async fn ollama(loaded: &Loaded) -> Result<Self, LlmError> {
        let settings = &loaded.settings;
        let server = Server::new(&settings.url)?;
        let look = server.look().await;
        match look.state {
            ServerState::NotFound => return Err(LlmError::Unreachable { url: settings.url.clone() }),
            ServerState::NotOllama => return Err(LlmError::NotOllama { url: settings.url.clone() }),
            ServerState::Ready | ServerState::NoModel => {}
        }
        let trained = look.models.iter().find(|model| model.name == settings.model).and_then(|model| model.window);
        let measure = measure(loaded.language.as_deref(), &loaded.sample);
        let longest = loaded.chapters.iter().map(|chapter| chapter.chars).max().unwrap_or_default();
        let window = loaded.window.unwrap_or_else(|| budget::window(settings, trained, longest, &measure));
        let provider = Ollama::new(settings, window)?;
        let prepared = provider.prepare().await?;
        let window = prepared.window;
        let identity = provider.identity();
        Ok(Self { provider: Arc::new(provider), identity, window: Some(window), fits: measure.chars_within(window) })
    }

    /// What is the same for all calls of the job.
    pub(crate) fn frame(&self, loaded: &Loaded) -> Frame {
        Frame {
            settings: loaded.settings.clone(),
            book_title: loaded.title.clone(),
            language: loaded.settings.language.clone().or_else(|| loaded.language.clone()),
            fits: self.fits,
        }
    }
}

/// Most calls in flight.
pub(crate) fn concurrency(settings: &JobSettings) -> u32 {
    match (settings.concurrency, settings.provider) {
        (Concurrency::Fixed(limit), _) => limit.max(1),
        (Concurrency::Auto, ProviderKind::Ollama | ProviderKind::OpenAi) => AUTO_OLLAMA,
        (Concurrency::Auto, ProviderKind::BuiltIn) => {
            std::thread::available_parallelism().map_or(1, |cores| u32::try_from(cores.get()).unwrap_or(1))
        }
    }
}

/// Sizes for a book in this language, by a sample of its text.
pub fn measure(language: Option<&str>, sample: &str) -> Measure {
    Measure {
        chars_per_token: chars_per_token(language, sample),
        overhead_chars: overhead_chars(),
        answer_tokens: predict_tokens(LONGEST_ANSWER_WORDS, language),
    }
}
