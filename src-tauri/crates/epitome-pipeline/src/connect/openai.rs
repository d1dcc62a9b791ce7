//! An OpenAI-compatible server. One each: such servers do not tell whether two of them have the same build of a model,
//! so they are not pooled.

use std::sync::Arc;

use epitome_engine::ladder::Limit;
use epitome_llm::{LlmError, OpenAi, Provider};
use epitome_model::{Concurrency, EventLevel};

use super::{Ground, Opened, Tier};

pub(super) async fn tier(ground: &Ground<'_>) -> Result<Opened, LlmError> {
    let settings = &ground.settings;
    let (keys, url) = (Arc::clone(ground.keys), settings.url.clone());
    let key = tokio::task::spawn_blocking(move || keys(&url)).await.ok().flatten();
    // The window is the server's; what the person set is a bound.
    let wanted = ground.loaded.window.or(settings.window);
    let provider = OpenAi::for_job(settings, key, wanted)?;
    let prepared = provider.prepare().await?;
    let (identity, slots) = (provider.identity(), provider.slots());
    let mut lane = ground.lane(Arc::new(provider), settings.url.clone(), prepared.window, true).await;
    if let (Some(slots), Concurrency::Auto, Limit::Auto { remembered: None }) =
        (slots, settings.concurrency, lane.spec.limit)
    {
        lane.spec.limit = Limit::Auto { remembered: Some(slots) };
    }
    let mut notes = Vec::new();
    if !epitome_llm::is_local(&settings.url) {
        let text = format!("{} is not on this machine: the text of the book is sent there.", settings.url);
        notes.push((EventLevel::Warning, text));
    }
    let fits = ground.measure.chars_within(prepared.window);
    Ok(Opened { tier: Tier { identity, lanes: vec![lane] }, window: Some(prepared.window), fits, notes })
}
