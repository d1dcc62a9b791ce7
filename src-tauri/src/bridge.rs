//! Commands in, feed out.

use std::sync::atomic::{AtomicBool, Ordering};

use epitome_api::{Api, Open, Reader, Request};
use epitome_model::{ErrorCode, FeedMessage, WireError};
use tauri::{AppHandle, Emitter, State};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Mutex, watch};

/// The one event the window listens to.
pub const FEED: &str = "feed";

/// What the window is told while the application is being opened, or why it could not be.
type Opened = Option<Result<Api, WireError>>;

/// The application behind the window. Opening it (a large library's check takes a moment) does not hold the window up.
pub struct Core {
    handle: AppHandle,
    opened: watch::Sender<Opened>,
    /// Files named on the command line; handed over once the window asks for the first time.
    files: Mutex<Vec<String>>,
    /// Whether the window was told what there is to know about opening; not before it asks for the first time either.
    noticed: AtomicBool,
}

impl Core {
    pub fn start(handle: AppHandle, files: Vec<String>) -> Self {
        let core = Self {
            handle,
            opened: watch::Sender::new(None),
            files: Mutex::new(files),
            noticed: AtomicBool::new(false),
        };
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
        let api = self.opened.borrow().clone();
        if let Some(Ok(api)) = api {
            api.flush().await;
        }
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

/// Passes the feed on to the window. What a slow window misses it asks for again, told by the frames' numbers.
async fn forward(api: Api, handle: AppHandle) {
    let mut feed = api.feed();
    loop {
        let message = match feed.recv().await {
            Ok(message) => message,
            Err(RecvError::Lagged(_)) => FeedMessage::Changed,
            Err(RecvError::Closed) => return,
        };
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
    let files = std::mem::take(&mut *core.files.lock().await);
    if !files.is_empty() {
        let _ = core.handle.emit(FEED, FeedMessage::Open { paths: files });
    }
    api.answer(request).await
}
