//! OpenAI-compatible servers: looking at one, saying what is there and where its text goes, and its key.

use std::time::{Duration, Instant};

use epitome_llm::{LlmError, OpenAiError, OpenAiLook, OpenAiServer, Reach, Secret, normalise_openai_url, reach};
use epitome_model::{ErrorCode, JobSettings, ProviderKind, ProviderStatus, ServerState, WireError};

use crate::keys::{self, NewKey};
use crate::{Api, Settings};

/// llama.cpp's usual address.
const USUAL_URL: &str = "http://127.0.0.1:8080";

/// How long the keyring may take: it asks the person to unlock it.
const KEYRING: Duration = Duration::from_secs(60);

/// How long a server that loads its model is waited for where nobody said which model it is, and how often it is asked.
const LOADING: Duration = Duration::from_secs(60);
const LOADING_POLL: Duration = Duration::from_millis(500);

/// Most models named in a sentence.
const NAMED: usize = 12;

/// What a look found, for people and for jobs.
pub(crate) struct Looked {
    pub(crate) status: ProviderStatus,
    /// Why no job can start, if so.
    trouble: Option<WireError>,
    /// Nothing is wrong but that it is not yet loaded.
    loading: bool,
}

impl Api {
    /// Looks at the server of the settings.
    pub(crate) async fn look_at_openai(&self, settings: &Settings) -> Looked {
        self.look_for(&url(settings), model(settings)).await
    }

    async fn look_for(&self, url: &str, wanted: Option<String>) -> Looked {
        let (key, no_keyring) = self.openai_key(url).await;
        let with_key = key.is_some();
        let look = match OpenAiServer::new(url, key) {
            Ok(server) => server.look().await,
            Err(error) => OpenAiLook {
                state: ServerState::NotFound,
                kind: epitome_llm::ServerKind::Other,
                version: None,
                models: Vec::new(),
                slots: None,
                trouble: Some(error),
            },
        };
        let url = normalise_openai_url(url).unwrap_or_else(|_| url.to_owned());
        describe(&url, with_key, wanted, look, no_keyring)
    }

    /// What a job would run with on the server of the settings.
    pub(crate) async fn openai_job(&self, settings: &Settings, wanted: Option<&str>) -> Result<JobSettings, WireError> {
        let url = url(settings);
        let wanted = wanted.map(str::to_owned).or_else(|| model(settings));
        let began = Instant::now();
        let status = loop {
            let looked = self.look_for(&url, wanted.clone()).await;
            match looked.trouble {
                None => break looked.status,
                // The job waits for the rest by itself.
                Some(_) if looked.loading && looked.status.model.is_some() => break looked.status,
                Some(_) if looked.loading && began.elapsed() < LOADING => tokio::time::sleep(LOADING_POLL).await,
                Some(trouble) => return Err(trouble),
            }
        };
        let job = settings.job(ProviderKind::OpenAi, status.model.unwrap_or_default())?;
        Ok(JobSettings { url: status.url, ..job })
    }

    /// The key for a server, and what is wrong with the keyring. Most servers want none, so that alone is no error.
    pub(crate) async fn openai_key(&self, url: &str) -> (Option<Secret>, Option<WireError>) {
        let url = url.to_owned();
        match with_keyring(move || keys::find(&url)).await {
            Ok(key) => (key, None),
            Err(error) => (None, Some(error)),
        }
    }

    pub(crate) async fn set_key(&self, url: String, key: NewKey) -> Result<(), WireError> {
        with_keyring(move || keys::store(&url, &key.0)).await?;
        let api = self.clone();
        tokio::spawn(async move { api.look().await });
        Ok(())
    }

    #[allow(clippy::unused_self, reason = "commands are all of the application")]
    pub(crate) async fn has_key(&self, url: String) -> Result<bool, WireError> {
        with_keyring(move || keys::find(&url)).await.map(|key| key.is_some())
    }
}

/// Works with the keyring off the async threads, and not for ever.
async fn with_keyring<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WireError> + Send + 'static,
) -> Result<T, WireError> {
    let done = tokio::time::timeout(KEYRING, tokio::task::spawn_blocking(work)).await;
    let Ok(done) = done else {
        return Err(WireError::new(
            ErrorCode::NoKeyring,
            "The system's keyring waits for something.",
            format!("Unlock it, or set the environment variable {} to the key.", keys::KEY_VARIABLE),
        ));
    };
    done.map_err(crate::internal)?
}

/// The address in force.
fn url(settings: &Settings) -> String {
    Some(settings.value("openai.url")).filter(|url| !url.is_empty()).unwrap_or(USUAL_URL).to_owned()
}

/// The model that the person chose.
fn model(settings: &Settings) -> Option<String> {
    Some(settings.value("openai.model")).filter(|model| !model.is_empty()).map(str::to_owned)
}

/// Puts what was found into words. Pure.
fn describe(
    url: &str,
    with_key: bool,
    wanted: Option<String>,
    look: OpenAiLook,
    no_keyring: Option<WireError>,
) -> Looked {
    let OpenAiLook { state, kind, version, models, trouble, .. } = look;
    let loading = matches!(trouble, Some(LlmError::OpenAi(OpenAiError::Loading)));
    let model = wanted.or_else(|| models.first().map(|model| model.name.clone()));
    let known = model.as_ref().filter(|model| models.iter().any(|known| known.name == **model));
    let trouble = match (trouble, &model, known) {
        // Without the keyring, the key may be there all the same.
        (Some(LlmError::OpenAi(OpenAiError::KeyMissing { .. })), _, _) if no_keyring.is_some() => no_keyring
            .map(|error| WireError { message: format!("The server at {url} wants a key. {}", error.message), ..error }),
        (Some(trouble), _, _) => Some(WireError::from(trouble)),
        (None, Some(_), Some(_)) => None,
        (None, Some(model), None) => {
            let names: Vec<&str> = models.iter().take(NAMED).map(|model| model.name.as_str()).collect();
            let missing =
                OpenAiError::ModelMissing { url: url.to_owned(), model: model.clone(), known: names.join(", ") };
            Some(LlmError::from(missing).into())
        }
        (None, None, _) => Some(WireError::new(
            ErrorCode::ModelMissing,
            format!("{} answers at {url} but has no model.", kind.name()),
            "Load a model in it.",
        )),
    };
    let (sentence, hint) = match (&trouble, &model) {
        (Some(trouble), _) => (trouble.message.clone(), trouble.hint.clone()),
        (None, model) => {
            let model = model.as_deref().unwrap_or_default();
            let (where_to, hint) = whereabouts(url, with_key);
            (format!("{} answers at {url} with {model}.{where_to}", kind.name()), hint)
        }
    };
    let server = if trouble.is_some() && state == ServerState::Ready { ServerState::NoModel } else { state };
    let status = ProviderStatus {
        using: ProviderKind::OpenAi,
        server,
        url: url.to_owned(),
        version,
        models,
        model,
        card_mib: None,
        sentence,
        hint,
    };
    Looked { status, trouble, loading }
}

/// Where the text of a book goes with this address, and what to mind.
fn whereabouts(url: &str, with_key: bool) -> (&'static str, String) {
    let where_to = match reach(url) {
        Reach::ThisMachine => return ("", String::new()),
        Reach::OwnNetwork => " That is another machine of your network: the text of your books is sent there.",
        Reach::Elsewhere => " That is a machine outside your network: the text of your books leaves it.",
    };
    let open = url.starts_with("http://");
    let hint = match (open, with_key) {
        (true, true) => "Text and key travel unencrypted; use an address with https where the server has one.",
        (true, false) => "The text travels unencrypted; use an address with https where the server has one.",
        (false, _) => "",
    };
    (where_to, hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use epitome_llm::ServerKind;
    use epitome_model::ModelInfo;

    const URL: &str = "http://127.0.0.1:8080";

    fn model(name: &str) -> ModelInfo {
        ModelInfo {
            name: name.into(),
            digest: String::new(),
            size: 0,
            parameters: String::new(),
            quantization: String::new(),
            window: Some(8192),
            thinking: false,
            cloud: false,
            fits: None,
        }
    }

    fn look(state: ServerState, models: &[&str], trouble: Option<OpenAiError>) -> OpenAiLook {
        OpenAiLook {
            state,
            kind: ServerKind::LlamaCpp,
            version: None,
            models: models.iter().map(|name| model(name)).collect(),
            slots: Some(4),
            trouble: trouble.map(LlmError::from),
        }
    }

    #[test]
    fn who_answers_with_which_model_is_said() {
        let ready = || look(ServerState::Ready, &["gemma", "qwen"], None);
        let Looked { status, trouble, .. } = describe(URL, false, None, ready(), None);
        assert_eq!((trouble, status.using, status.server), (None, ProviderKind::OpenAi, ServerState::Ready));
        assert_eq!(status.sentence, "llama.cpp answers at http://127.0.0.1:8080 with gemma.");
        assert_eq!(status.hint, "");
        let Looked { status, .. } = describe(URL, false, Some("qwen".into()), ready(), None);
        assert_eq!(status.model.as_deref(), Some("qwen"));
        let Looked { status, trouble, .. } = describe(URL, false, Some("nope".into()), ready(), None);
        let trouble = trouble.unwrap();
        assert_eq!((trouble.code, trouble.hint.as_str()), (ErrorCode::ModelMissing, "Choose one of: gemma, qwen."));
        assert_eq!((status.server, status.sentence), (ServerState::NoModel, trouble.message));
        let none = describe(URL, false, None, look(ServerState::NoModel, &[], None), None);
        assert_eq!(none.trouble.map(|trouble| trouble.code), Some(ErrorCode::ModelMissing));
    }

    #[test]
    fn whoever_sends_text_to_another_machine_is_told() {
        let said = |url: &str, with_key| {
            let status = describe(url, with_key, None, look(ServerState::Ready, &["gemma"], None), None).status;
            (status.sentence, status.hint)
        };
        let (near, hint) = said("http://192.168.1.5:8000", false);
        assert!(near.contains("another machine of your network") && hint.contains("unencrypted"), "{near} {hint}");
        let (far, hint) = said("https://api.example.com", true);
        assert!(far.contains("outside your network") && hint.is_empty(), "{far} {hint}");
        assert!(said("http://api.example.com", true).1.contains("key"));
    }

    #[test]
    fn a_key_that_is_wanted_or_refused_is_told_with_what_to_do() {
        let url = || URL.to_owned();
        let refused = look(ServerState::NoModel, &[], Some(OpenAiError::KeyRefused { url: url() }));
        let Looked { status, trouble, .. } = describe(URL, true, None, refused, None);
        assert_eq!(trouble.map(|trouble| trouble.code), Some(ErrorCode::KeyRefused));
        assert!(status.sentence.contains("refuses the key") && status.hint.contains("EPITOME_OPENAI_KEY"));
        let wanted = look(ServerState::NoModel, &[], Some(OpenAiError::KeyMissing { url: url() }));
        let no_keyring = WireError::new(ErrorCode::NoKeyring, "The system's keyring does not answer.", "Start it.");
        let Looked { status, trouble, .. } = describe(URL, false, None, wanted, Some(no_keyring));
        assert_eq!(trouble.map(|trouble| trouble.code), Some(ErrorCode::NoKeyring));
        assert!(status.sentence.contains("wants a key") && status.sentence.contains("keyring"), "{}", status.sentence);
    }
}
