//! Having the server fetch a model.

use std::time::Duration;

use epitome_model::PullProgress;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::look::Server;
use super::wire::{PullLine, names_cloud};
use crate::LlmError;
use crate::lines::Lines;

/// A registry may be silent for a while, but not for ever.
const SILENCE: Duration = Duration::from_secs(120);

impl Server {
    /// Fetches a model, telling how far it is. Dropping the future stops it; the server keeps what it has.
    pub async fn pull(&self, model: &str, tell: impl Fn(PullProgress) + Send + Sync) -> Result<(), LlmError> {
        let model = model.trim();
        if model.is_empty() {
            return Err(LlmError::ModelNotChosen);
        }
        if names_cloud(model) {
            return Err(LlmError::CloudModel { model: model.to_owned() });
        }
        let silent = || LlmError::Stalled { seconds: u32::try_from(SILENCE.as_secs()).unwrap_or(u32::MAX) };
        let sent = timeout(SILENCE, self.client.pull(model)).await;
        let mut bytes = sent.map_err(|_| silent())??.bytes_stream();
        let mut lines = Lines::default();
        loop {
            let chunk = timeout(SILENCE, bytes.next()).await.map_err(|_| silent())?;
            let Some(chunk) = chunk else { return Err(LlmError::CutStream) };
            lines.push(&chunk.map_err(|_| LlmError::CutStream)?)?;
            while let Some(line) = lines.take() {
                let Ok(line) = serde_json::from_slice::<PullLine>(line) else { continue };
                if let Some(words) = line.error {
                    return Err(failure(&words, model));
                }
                let done = line.status == "success";
                tell(PullProgress {
                    model: model.to_owned(),
                    status: line.status,
                    completed: line.completed,
                    total: line.total,
                    done,
                    error: None,
                });
                if done {
                    return Ok(());
                }
            }
        }
    }
}

/// What the server says when the library has no such model is `pull model manifest: file does not exist`.
fn failure(words: &str, model: &str) -> LlmError {
    if words.contains("manifest") && words.contains("does not exist") {
        return LlmError::BadRequest { words: format!("its library has no model named \u{201c}{model}\u{201d}") };
    }
    LlmError::ServerError { words: words.trim_end_matches('.').to_owned() }
}
