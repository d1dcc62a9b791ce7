//! An OpenAI-compatible server. One each: such servers do not tell whether two of them have the same build of a model,
//! so they are not pooled.

use std::sync::Arc;

use epitome_engine::ladder::Limit;
use epitome_llm::{LlmError, OpenAi, Provider};
use epitome_model::{Concurrency, EventLevel};

use super::{Ground, Identity, Member, Opened, Tier};

/// Tokens of the window of a server that was not asked yet: what such servers start with by themselves.
const UNTOLD_WINDOW: u32 = 4096;

/// A server that is ready.
pub(super) async fn open(ground: &Ground<'_>) -> Result<Opened, LlmError> {
    let (provider, member, identity) = member(ground, true).await?;
    let window = member.prepare().await?.window;
    let mut opened = alone(ground, member, identity, window, true).await;
    if let Some(lane) = opened.tier.lanes.first_mut()
        && let (Some(slots), Concurrency::Auto, Limit::Auto { remembered: None }) =
            (provider.slots(), ground.settings.concurrency, lane.spec.limit)
    {
        lane.spec.limit = Limit::Auto { remembered: Some(slots) };
    }
    Ok(opened)
}

/// The same without asking it: it joins when it is there. Until then the window is what the person allows.
pub(super) async fn closed(ground: &Ground<'_>, loads_early: bool) -> Result<Opened, LlmError> {
    let (_, member, identity) = member(ground, loads_early).await?;
    let window = wanted(ground).unwrap_or(UNTOLD_WINDOW);
    Ok(alone(ground, member, identity, window, false).await)
}

/// The window is the server's; what the person set is a bound.
fn wanted(ground: &Ground<'_>) -> Option<u32> {
    ground.loaded.window.or(ground.settings.window)
}

async fn member(ground: &Ground<'_>, loads_early: bool) -> Result<(Arc<OpenAi>, Member, Identity), LlmError> {
    let settings = &ground.settings;
    let (keys, url) = (Arc::clone(ground.keys), settings.url.clone());
    let key = tokio::task::spawn_blocking(move || keys(&url)).await.ok().flatten();
    let provider = Arc::new(OpenAi::for_job(settings, key, wanted(ground))?);
    let (inner, identity) = (Arc::clone(&provider) as Arc<dyn Provider>, Identity::default());
    let member = Member::new(inner, settings.url.clone(), Arc::clone(&identity), loads_early);
    Ok((provider, member, identity))
}

/// A tier of one server.
async fn alone(ground: &Ground<'_>, member: Member, identity: Identity, window: u32, up: bool) -> Opened {
    let url = &ground.settings.url;
    let lane = ground.lane(Arc::new(member), url.clone(), window, up).await;
    let mut notes = Vec::new();
    if !epitome_llm::is_local(url) {
        let text = format!("{url} is not on this machine: the text of the book is sent there.");
        notes.push((EventLevel::Warning, text));
    }
    let room = ground.measure.room(window);
    Opened { tier: Tier { identity, lanes: vec![lane] }, window: Some(window), kv_bytes_per_token: None, room, notes }
}
