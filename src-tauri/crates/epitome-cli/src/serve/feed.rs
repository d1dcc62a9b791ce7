//! The live feed as server-sent events. A browser that is slow misses messages, and is told to ask again; the work never
//! waits for it.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use epitome_model::FeedMessage;
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::Host;

/// So often something is sent, so that proxies and sleeping machines notice a connection that is gone.
const ALIVE: Duration = Duration::from_secs(15);

pub async fn feed(State(host): State<Host>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let feed = host.api.feed();
    // Who connects anew may have missed something.
    let mut first = vec![FeedMessage::Changed];
    first.extend(host.api.notice().map(|text| FeedMessage::Notice { text }));
    let told = stream::unfold((first.into_iter(), feed), next);
    let told = futures_util::StreamExt::map(told, |message| Ok(event(&message)));
    Sse::new(told).keep_alive(KeepAlive::new().interval(ALIVE))
}

type Messages = (std::vec::IntoIter<FeedMessage>, Receiver<FeedMessage>);

async fn next((mut first, mut feed): Messages) -> Option<(FeedMessage, Messages)> {
    if let Some(message) = first.next() {
        return Some((message, (first, feed)));
    }
    let message = match feed.recv().await {
        Ok(message) => message,
        Err(RecvError::Lagged(_)) => FeedMessage::Changed,
        Err(RecvError::Closed) => return None,
    };
    Some((message, (first, feed)))
}

fn event(message: &FeedMessage) -> Event {
    Event::default().json_data(message).unwrap_or_else(|error| {
        tracing::error!(%error, "a message of the feed could not be written");
        Event::default().comment("unreadable")
    })
}
