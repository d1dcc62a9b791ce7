//! Having the server fetch a model.

use std::time::Duration;

use epitome_model::PullProgress;
use futures_util::StreamExt;
use tokio::time::timeout;

use super::look::Server;
use super::wire::PullLine;
use crate::LlmError;

/// A registry may be silent for a while, but not for ever.
const SILENCE: Duration = Duration::from_secs(120);

impl Server {
    /// Fetches a model, telling how far it is. Dropping the future stops it; the server keeps what it has.
    pub async fn pull(&self, model: &str, tell: impl Fn(PullProgress) + Send + Sync) -> Result<(), LlmError> {
        let response = self.client.pull(model).await?;
        let mut bytes = response.bytes_stream();
        let mut buffer: Vec<u8> = Vec::new();
        loop {
            let silent = LlmError::Stalled { seconds: u32::try_from(SILENCE.as_secs()).unwrap_or(u32::MAX) };
            let chunk = timeout(SILENCE, bytes.next()).await.map_err(|_| silent)?;
            let Some(chunk) = chunk else { return Err(LlmError::CutStream) };
            buffer.extend_from_slice(&chunk.map_err(|_| LlmError::CutStream)?);
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let Ok(line) = serde_json::from_slice::<PullLine>(&line) else { continue };
                if let Some(words) = line.error {
                    return Err(LlmError::ServerError { words: words.trim_end_matches('.').to_owned() });
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
