//! The live feed: frames of the jobs that run here or that another process runs, and changes another process made to the
//! library.

mod boards;
mod elsewhere;

use std::sync::Arc;

use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::Api;

pub(crate) use elsewhere::Followed;

/// Starts the tasks behind the feed. They end when the last [`Api`] goes.
pub(crate) fn start(api: &Api) {
    let (feed, inner) = (api.inner.feed.clone(), Arc::downgrade(&api.inner));
    tokio::spawn(boards::tell(feed, move || Api::upgrade(&inner).map(|api| api.boards())));
    tokio::spawn(elsewhere::follow(Arc::downgrade(&api.inner)));
    watch_settings(api);
}

/// Reads the settings file again when it changes on disk.
fn watch_settings(api: &Api) {
    let (bell, mut rings) = mpsc::channel::<()>(1);
    let path = api.settings_path();
    let name = path.file_name().map(std::ffi::OsStr::to_owned);
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()).map(std::path::Path::to_path_buf) else { return };
    let on_event = move |event: notify::Result<notify::Event>| {
        let ours = event.is_ok_and(|event| event.paths.iter().any(|path| path.file_name() == name.as_deref()));
        if ours {
            // A full channel already says that there is something to read.
            let _ = bell.try_send(());
        }
    };
    let watcher: notify::Result<RecommendedWatcher> = notify::recommended_watcher(on_event);
    let Ok(mut watcher) = watcher else { return };
    if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
        tracing::warn!(%error, "settings folder is not watched");
        return;
    }
    let inner = Arc::downgrade(&api.inner);
    tokio::spawn(async move {
        // The watcher works as long as it is held.
        let _watcher = watcher;
        while rings.recv().await.is_some() {
            let Some(api) = Api::upgrade(&inner) else { return };
            if let Err(error) = api.reload_settings() {
                tracing::warn!(%error, "settings file not taken");
            }
        }
    });
}
