//! Making a model ready for a job: found, not of the cloud, loaded, and its window known.

use super::wire::{ChatRequest, Tag, names_cloud};
use super::{Ollama, Ready};
use crate::LlmError;
use crate::provider::Prepared;

impl Ollama {
    /// Waits for a load however long it takes: the request that triggers one owns it, so leaving would end the load,
    /// and anything else sent meanwhile would only queue behind it.
    pub(super) async fn get_ready(&self) -> Result<Prepared, LlmError> {
        let found = self.find().await?;
        let request = ChatRequest { messages: Vec::new(), ..self.request(1, 0) };
        let reply = self.client.load(&request).await?;
        if reply.remote_model.is_some() || reply.remote_host.is_some() {
            return Err(LlmError::CloudModel { model: self.model.clone() });
        }
        let window = self.window_in_force(&found.digest, found.details.context_length).await;
        *self.ready() = Ready { digest: found.digest, window };
        Ok(Prepared { window })
    }

    /// The model is found; it may have to be loaded yet.
    pub(super) async fn get_to_know(&self) -> Result<(), LlmError> {
        let Tag { digest, details, .. } = self.find().await?;
        let window = details.context_length.filter(|trained| *trained > 0).map_or(self.window, |t| t.min(self.window));
        *self.ready() = Ready { digest, window };
        Ok(())
    }

    async fn find(&self) -> Result<Tag, LlmError> {
        let cloud = || LlmError::CloudModel { model: self.model.clone() };
        if names_cloud(&self.model) {
            return Err(cloud());
        }
        let found = self.client.models().await?.into_iter().find(|tag| tag.is_named(&self.model));
        let found = found.ok_or_else(|| LlmError::ModelMissing { model: self.model.clone() })?;
        if found.is_cloud() { Err(cloud()) } else { Ok(found) }
    }

    /// The server clamps a window to the trained one and says so only where it lists what is loaded.
    async fn window_in_force(&self, digest: &str, trained: Option<u32>) -> u32 {
        let loaded = self.client.loaded().await.unwrap_or_default();
        let told = loaded.into_iter().find(|model| model.digest == digest).map(|model| model.context_length);
        let limits = [told, trained].into_iter().flatten().filter(|tokens| *tokens > 0);
        limits.fold(self.window, u32::min)
    }
}
