//! Making a server ready for a job: there, let in, its model loaded and its window known.

use std::time::Duration;

use epitome_model::{ModelInfo, ServerState};
use serde_json::json;
use tokio::time::{Instant, sleep, timeout};

use super::look::{OpenAiLook, ServerKind, look};
use super::{OpenAi, OpenAiError, Ready, USUAL_WINDOW, held};
use crate::LlmError;
use crate::provider::Prepared;

/// How often a server that loads its model is asked whether it is done.
const LOADING_POLL: Duration = Duration::from_millis(500);

/// Most models named in an error.
const NAMED: usize = 12;

impl OpenAi {
    /// Waits for a load as long as for a first token.
    pub(super) async fn get_ready(&self) -> Result<Prepared, LlmError> {
        let began = Instant::now();
        let seen = loop {
            let seen = look(&self.client, Some(&self.model)).await;
            let loading = matches!(&seen.trouble, Some(LlmError::OpenAi(OpenAiError::Loading)));
            if !loading || began.elapsed() >= self.first_token {
                break seen;
            }
            sleep(LOADING_POLL).await;
        };
        let model = self.find(&seen)?;
        self.note(&seen, &model);
        self.warm_up().await?;
        // These may load a model only when it is asked for, and say only then how large its window is.
        if matches!(seen.kind, ServerKind::LmStudio | ServerKind::LlamaCpp) {
            let again = look(&self.client, Some(&self.model)).await;
            if let Ok(model) = self.find(&again) {
                self.note(&again, &model);
            }
        }
        Ok(Prepared { window: held(&self.ready).window })
    }

    /// The model is found; it may have to be loaded yet.
    pub(super) async fn get_to_know(&self) -> Result<(), LlmError> {
        let seen = look(&self.client, Some(&self.model)).await;
        let model = self.find(&seen)?;
        self.note(&seen, &model);
        Ok(())
    }

    fn find(&self, seen: &OpenAiLook) -> Result<ModelInfo, LlmError> {
        if let Some(trouble) = &seen.trouble {
            return Err(trouble.clone());
        }
        let named = seen.models.iter().find(|model| model.name == self.model);
        match named {
            Some(model) if seen.state == ServerState::Ready => Ok(model.clone()),
            _ => {
                let known: Vec<&str> = seen.models.iter().take(NAMED).map(|model| model.name.as_str()).collect();
                let (url, model) = (self.client.url().to_owned(), self.model.clone());
                Err(OpenAiError::ModelMissing { url, model, known: known.join(", ") }.into())
            }
        }
    }

    fn note(&self, seen: &OpenAiLook, model: &ModelInfo) {
        let told = [model.window, self.wanted_window].into_iter().flatten().min();
        let fingerprint = if model.digest.is_empty() { self.client.url().to_owned() } else { model.digest.clone() };
        let window = told.unwrap_or(USUAL_WINDOW);
        *held(&self.ready) = Ready { kind: seen.kind, fingerprint, window, slots: seen.slots };
    }

    /// One token about nothing: loads the model where that is done on demand, and shows whether the key is good, which
    /// the list of models does not everywhere.
    async fn warm_up(&self) -> Result<(), LlmError> {
        let mut request = self.body(json!([{"role": "user", "content": "Say yes."}]), 1, 0);
        request.insert("stream".into(), false.into());
        request.remove("stream_options");
        let whole = async { self.send(request).await?.bytes().await.map_err(|_| LlmError::CutStream) };
        let seconds = u32::try_from(self.first_token.as_secs()).unwrap_or(u32::MAX);
        timeout(self.first_token, whole).await.map_err(|_| LlmError::FirstTokenTimeout { seconds })??;
        Ok(())
    }

    /// A key that is refused is an answer: the next call tells, while a wait for the server would never end.
    pub(super) async fn would_answer(&self) -> bool {
        use OpenAiError::{KeyMissing, KeyRefused};
        match self.client.get::<serde_json::Value>("/v1/models", None).await {
            Ok(_) => !self.client.is_loading().await,
            Err(LlmError::OpenAi(KeyMissing { .. } | KeyRefused { .. })) => true,
            Err(_) => false,
        }
    }
}
