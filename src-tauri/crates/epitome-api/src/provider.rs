//! Who writes the summaries: looking, choosing, fetching a model.

use std::time::{Duration, Instant};

use epitome_llm::{Reach, choose_model, reach};
use epitome_model::{
    ErrorCode, FeedMessage, ModelInfo, ProviderChoice, ProviderKind, ProviderStatus, PullProgress, ServerState,
    WireError,
};
use epitome_pipeline::card_mib;

use crate::{Api, Settings};

/// How long a look at the server is good for.
const FRESH: Duration = Duration::from_secs(5);

/// The last look.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    at: Instant,
    /// Whom the person allowed then.
    choice: ProviderChoice,
    status: ProviderStatus,
}

impl Api {
    /// What a look at the provider found lately.
    pub(crate) async fn status(&self) -> ProviderStatus {
        let looked = self.looked().clone();
        let choice = self.settings_now().provider();
        match looked {
            Some(looked) if looked.at.elapsed() < FRESH && looked.choice == choice => looked.status,
            _ => self.look().await,
        }
    }

    pub(crate) async fn provider(&self) -> Result<ProviderStatus, WireError> {
        Ok(self.look().await)
    }

    /// Asks the server and tells everyone what it found.
    pub(crate) async fn look(&self) -> ProviderStatus {
        let settings = self.settings_now();
        let choice = settings.provider();
        let status = match choice {
            ProviderChoice::OpenAi => self.look_at_openai(&settings).await.status,
            _ => self.look_at_ollama(&settings).await,
        };
        *self.looked() = Some(Looked { at: Instant::now(), choice, status: status.clone() });
        self.send(FeedMessage::Provider { status: status.clone() });
        status
    }

    /// What is known of Ollama, also where another provider is the usual one.
    pub(crate) async fn ollama_status(&self, settings: &Settings) -> ProviderStatus {
        match settings.provider() {
            ProviderChoice::OpenAi => self.look_at_ollama(settings).await,
            _ => self.status().await,
        }
    }

    async fn look_at_ollama(&self, settings: &Settings) -> ProviderStatus {
        let url = settings.value("ollama.url").to_owned();
        let wanted = Some(settings.value("ollama.model").to_owned()).filter(|model| !model.is_empty());
        let (state, version, models) = match self.server() {
            Ok(server) => {
                let look = server.look().await;
                (look.state, look.version, look.models)
            }
            Err(_) => (ServerState::NotFound, None, Vec::new()),
        };
        // The cards of this machine say nothing about another one's server.
        let card = if reach(&url) == Reach::ThisMachine { card().await } else { None };
        describe(settings.provider(), url, wanted, state, version, weighed(models, card), card)
    }

    pub(crate) async fn pull(&self, model: String) -> Result<(), WireError> {
        let model = model.trim().to_owned();
        if model.is_empty() {
            return Err(WireError::new(ErrorCode::BadUse, "No model was named.", "Type a name such as llama3.1:8b."));
        }
        let server = self.server()?;
        self.cancel_pull().await?;
        let api = self.clone();
        let task = tokio::spawn(async move {
            let feed = api.clone();
            let outcome = server.pull(&model, move |progress| feed.send(FeedMessage::Pull { progress })).await;
            if let Err(error) = outcome {
                let error = WireError::from(error);
                let progress = PullProgress {
                    model,
                    status: String::new(),
                    completed: 0,
                    total: 0,
                    done: true,
                    error: Some(format!("{} {}", error.message, error.hint).trim().to_owned()),
                };
                api.send(FeedMessage::Pull { progress });
            }
            api.look().await;
        });
        *self.pulling() = Some(task.abort_handle());
        Ok(())
    }

    /// Stops fetching; the server keeps what it has and goes on from there next time.
    #[allow(clippy::unused_async, reason = "commands are all asynchronous")]
    pub(crate) async fn cancel_pull(&self) -> Result<(), WireError> {
        if let Some(task) = self.pulling().take() {
            task.abort();
        }
        Ok(())
    }
}

/// Memory of this machine's cards in MiB; asked for once, because it does not change.
async fn card() -> Option<u32> {
    static CARD: tokio::sync::OnceCell<Option<u32>> = tokio::sync::OnceCell::const_new();
    *CARD.get_or_init(|| async { tokio::task::spawn_blocking(card_mib).await.ok().flatten() }).await
}

/// Share of the card's memory that Ollama gives a model by its own prediction before it moves layers to the processor.
const CARD_SHARE: f32 = 0.8;

/// Memory of one window of 4,096 tokens of a model of eight billion parameters (128 KiB a token), in bytes.
const WINDOW: u64 = 512 << 20;

/// Says of each model whether it fits the card, with one window.
fn weighed(models: Vec<ModelInfo>, card_mib: Option<u32>) -> Vec<ModelInfo> {
    let Some(mib) = card_mib else { return models };
    let room = (u64::from(mib) << 20) as f32 * CARD_SHARE;
    let fits = |model: &ModelInfo| (!model.cloud).then_some((model.size + WINDOW) as f32 <= room);
    models.into_iter().map(|model| ModelInfo { fits: fits(&model), ..model }).collect()
}

/// The model to propose: of those that fit the card where there are such.
fn proposed(models: &[ModelInfo]) -> Option<String> {
    let fitting: Vec<ModelInfo> = models.iter().filter(|model| model.fits != Some(false)).cloned().collect();
    choose_model(&fitting).or_else(|| choose_model(models)).map(|model| model.name.clone())
}

/// Puts what was found into words, and decides who would write. Pure.
fn describe(
    choice: ProviderChoice,
    url: String,
    wanted: Option<String>,
    server: ServerState,
    version: Option<String>,
    models: Vec<ModelInfo>,
    card_mib: Option<u32>,
) -> ProviderStatus {
    let model = wanted.or_else(|| proposed(&models));
    let using = match (choice, server) {
        (ProviderChoice::BuiltIn, _) => ProviderKind::BuiltIn,
        (ProviderChoice::Ollama, _) | (_, ServerState::Ready) => ProviderKind::Ollama,
        _ => ProviderKind::BuiltIn,
    };
    let fallback = if using == ProviderKind::BuiltIn { " Using the built-in summariser." } else { "" };
    let (sentence, hint) = match (choice, server) {
        (ProviderChoice::BuiltIn, _) => (
            "The built-in summariser picks the most telling sentences; no model is used.".to_owned(),
            "Choose Ollama in the settings for summaries in a model's own words.".to_owned(),
        ),
        (_, ServerState::Ready) => {
            let model = model.as_deref().unwrap_or("no model chosen");
            (format!("Ollama answers at {url} with {model}."), String::new())
        }
        (_, ServerState::NoModel) => (
            format!("Ollama answers at {url} but has no model.{fallback}"),
            "Fetch a model: \u{201c}ollama pull llama3.1:8b\u{201d}, or use the button in the settings.".to_owned(),
        ),
        (_, ServerState::NotFound) => (
            format!("Ollama does not answer at {url}.{fallback}"),
            "Start it with \u{201c}ollama serve\u{201d}, get it from https://ollama.com/download, or correct its address in the settings."
                .to_owned(),
        ),
        (_, ServerState::NotOllama) => (
            format!("What answers at {url} is not Ollama.{fallback}"),
            "Correct the address in the settings; Ollama's usual one is http://127.0.0.1:11434.".to_owned(),
        ),
    };
    ProviderStatus { using, server, url, version, models, model, card_mib, sentence, hint }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(choice: ProviderChoice, server: ServerState) -> ProviderStatus {
        describe(choice, "http://127.0.0.1:1".into(), None, server, None, Vec::new(), None)
    }

    #[test]
    fn the_built_in_summariser_is_named_wherever_it_is_used() {
        for server in [ServerState::NotFound, ServerState::NotOllama, ServerState::NoModel] {
            let status = status(ProviderChoice::Auto, server);
            assert_eq!(status.using, ProviderKind::BuiltIn);
            assert!(status.sentence.contains("built-in summariser") && !status.hint.is_empty(), "{status:?}");
        }
        assert_eq!(status(ProviderChoice::BuiltIn, ServerState::Ready).using, ProviderKind::BuiltIn);
    }

    #[test]
    fn who_insists_on_ollama_is_not_given_something_else() {
        let status = status(ProviderChoice::Ollama, ServerState::NotFound);
        assert_eq!(status.using, ProviderKind::Ollama);
        assert!(!status.sentence.contains("built-in"));
    }

    #[test]
    fn a_model_that_fits_the_card_is_proposed_before_a_larger_one() {
        let model = |name: &str, gigabytes: u64| ModelInfo {
            name: name.to_owned(),
            digest: String::new(),
            size: gigabytes << 30,
            parameters: format!("{}B", gigabytes * 2),
            quantization: String::new(),
            window: None,
            thinking: false,
            cloud: false,
            fits: None,
        };
        let models = vec![model("small", 4), model("large", 7)];
        assert_eq!(proposed(&weighed(models.clone(), None)).as_deref(), Some("large"), "no card is known");
        let weighed_at = |mib| weighed(models.clone(), Some(mib));
        assert_eq!(weighed_at(8_192).iter().map(|model| model.fits).collect::<Vec<_>>(), [Some(true), Some(false)]);
        assert_eq!(proposed(&weighed_at(8_192)).as_deref(), Some("small"));
        assert_eq!(proposed(&weighed_at(2_048)).as_deref(), Some("large"), "none fits, so the choice is as usual");
    }
}
