//! Commands in, feed out.

use std::sync::atomic::{AtomicBool, Ordering};

use epitome_api::{Api, Open, Reader, Request};
use epitome_model::{ErrorCode, FeedMessage, WireError};
use tauri::{AppHandle, Emitter, Manager, State};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

use crate::desk::Desk;
use crate::pace::Pace;

/// The one event the window listens to.
pub const FEED: &str = "feed";

/// What the window is told while the application is being opened, or why it could not be.
type Opened = Option<Result<Api, WireError>>;

/// The application behind the window. Opening it (a large library's check takes a moment) does not hold the window up.
pub struct Core {
    handle: AppHandle,
    opened: watch::Sender<Opened>,
    /// Whether the window was told what there is to know about opening; not before it asks for the first time.
    noticed: AtomicBool,
}

impl Core {
    pub fn start(handle: AppHandle) -> Self {
        let core = Self { handle, opened: watch::Sender::new(None), noticed: AtomicBool::new(false) };
        core.open();
        core
    }

    fn open(&self) {
        let (handle, opened) = (self.handle.clone(), self.opened.clone());
        tauri::async_runtime::spawn(async move {
            let reader = Some(Reader::this_program());
            let api = Api::open(Open { resume: true, reader, ..Open::default() }).await;
            if let Ok(api) = &api {
                tauri::async_runtime::spawn(forward(api.clone(), handle));
            }
            opened.send_replace(Some(api));
        });
    }

    /// Has everything stored that nobody waits for.
    pub async fn flush(&self) {
        if let Some(api) = self.opened() {
            api.flush().await;
        }
    }

    /// The application, where it is open by now.
    pub fn opened(&self) -> Option<Api> {
        self.opened.borrow().clone()?.ok()
    }

    fn notice(&self, api: &Api) {
        if !self.noticed.swap(true, Ordering::Relaxed)
            && let Some(text) = api.notice()
        {
            let _ = self.handle.emit(FEED, FeedMessage::Notice { text });
        }
    }

    /// The application once it is open. After a failure, asking again tries again.
    async fn api(&self) -> Result<Api, WireError> {
        let mut opened = self.opened.subscribe();
        if matches!(*opened.borrow_and_update(), Some(Err(_))) {
            self.opened.send_replace(None);
            self.open();
        }
        let state = opened.wait_for(Option::is_some).await.map(|state| state.clone());
        match state {
            Ok(Some(api)) => api,
            _ => Err(WireError::new(ErrorCode::Internal, "The program is closing.", "")),
        }
    }
}

/// Passes the feed on to the window. What a slow window misses it asks for again, told by the frames' numbers; one that
/// hears nothing is told no frames until it does.
async fn forward(api: Api, handle: AppHandle) {
    let mut feed = api.feed();
    loop {
        let message = match feed.recv().await {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => {
                handle.state::<Desk>().forget();
                FeedMessage::Changed
            }
            Err(RecvError::Closed) => return,
        };
        if let FeedMessage::Frames { frames } = &message {
            for frame in frames {
                handle.state::<Desk>().frame(&handle, &api, frame).await;
            }
            if !handle.state::<Pace>().may_tell() {
                continue;
            }
        }
        if let Err(error) = handle.emit(FEED, message) {
            tracing::warn!(%error, "window not told");
        }
    }
}

/// The one command of the window: a request of the one list.
#[tauri::command]
pub async fn call(request: Request, core: State<'_, Core>) -> Result<serde_json::Value, WireError> {
    let api = core.api().await?;
    core.notice(&api);
    api.answer(request).await
}
