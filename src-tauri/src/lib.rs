//! The shell: the only Rust that names Tauri. It opens the application, passes the window's commands in and its feed
//! out, and holds no rule of its own.

mod bridge;
mod desk;
mod handover;
mod pace;
mod tray;
mod works;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use epitome_api::Folders;
pub use epitome_api::worker;
use epitome_model::FeedMessage;
use tauri::webview::PageLoadEvent;
use tauri::{App, AppHandle, Emitter, Listener, Manager, RunEvent, WindowEvent};
use tauri_plugin_window_state::StateFlags;

use bridge::{Core, FEED};
use desk::Desk;
use handover::Handover;
use pace::Pace;

/// The event by which the page tells that it hears the feed.
const LISTENS: &str = "listens";

/// The event by which it tells that it has heard the frames it was told.
const HEARD: &str = "heard";

/// The event by which the page tells that it asks the person about closing.
const ASKS: &str = "asks";

/// Starts the window and stays until it is closed.
pub fn run() -> ExitCode {
    // A system that tells no folder is told of where the library is to be opened.
    let folders = Folders::find(None, |name| std::env::var(name).ok()).ok();
    epitome_api::log::start("warn", folders.as_ref());
    let app = tauri::Builder::default()
        // First, so that a second start ends before it does anything else.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            second_start(app, arguments, Path::new(&folder));
        }))
        // Hidden is no state to begin with: the window may have been in the tray when the program ended.
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(kept()).build())
        .plugin(tauri_plugin_notification::init())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .manage(Handover::default())
        .manage(Pace::default())
        .on_page_load(|page, load| {
            if load.event() == PageLoadEvent::Started {
                page.state::<Handover>().is_loading();
            }
        })
        .invoke_handler(tauri::generate_handler![bridge::call])
        .setup(|app| {
            set_up(app);
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::WindowEvent { event: WindowEvent::CloseRequested { api, .. }, .. } => {
                    app.state::<Desk>().closing(app, &api);
                }
                // The process ends behind this without dropping anything.
                RunEvent::Exit => tauri::async_runtime::block_on(app.state::<Core>().flush()),
                #[cfg(target_os = "macos")]
                RunEvent::Reopen { .. } => desk::show(app),
                // "Open with": elsewhere the files are arguments.
                #[cfg(target_os = "macos")]
                RunEvent::Opened { urls } => {
                    let named = urls.iter().filter_map(|url| url.to_file_path().ok());
                    let paths: Vec<String> = named.map(|path| path.to_string_lossy().into_owned()).collect();
                    hand_over(app, paths);
                }
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

/// What of the window is the same at the next start.
fn kept() -> StateFlags {
    StateFlags::all().difference(StateFlags::VISIBLE)
}

fn set_up(app: &App) {
    let here = std::env::current_dir().unwrap_or_default();
    hand_over(app.handle(), files(std::env::args().skip(1), &here));
    app.manage(Desk::default());
    let desk = app.handle().clone();
    app.listen(ASKS, move |_| desk.state::<Desk>().asks());
    let page = app.handle().clone();
    app.listen(LISTENS, move |_| open(&page, page.state::<Handover>().listens()));
    let page = app.handle().clone();
    app.listen(HEARD, move |_| {
        if page.state::<Pace>().heard() {
            let _ = page.emit(FEED, FeedMessage::Changed);
        }
    });
    app.state::<Desk>().set_up(app.handle());
    app.manage(Core::start(app.handle().clone()));
}

/// Another start of the program hands its files over and ends; the window comes to the front.
fn second_start(app: &AppHandle, arguments: Vec<String>, folder: &Path) {
    desk::show(app);
    hand_over(app, files(arguments.into_iter().skip(1), folder));
}

/// Has the page offer files: at once, or as soon as it listens.
fn hand_over(app: &AppHandle, paths: Vec<String>) {
    open(app, app.state::<Handover>().put(paths));
}

fn open(app: &AppHandle, paths: Vec<String>) {
    if paths.is_empty() {
        return;
    }
    if let Err(error) = app.emit(FEED, FeedMessage::Open { paths }) {
        tracing::warn!(%error, "window not told of files");
    }
}

/// The files among the arguments, as whole paths.
fn files(arguments: impl Iterator<Item = String>, folder: &Path) -> Vec<String> {
    let whole = |argument: String| {
        let path = PathBuf::from(&argument);
        if path.is_absolute() { argument } else { folder.join(path).to_string_lossy().into_owned() }
    };
    arguments.filter(|argument| !argument.starts_with('-')).map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_whole_paths_and_switches_are_no_files() {
        let folder = std::env::temp_dir();
        let given = ["--quiet".to_owned(), "a b.epub".to_owned()];
        assert_eq!(files(given.into_iter(), &folder), [folder.join("a b.epub").to_string_lossy()]);
    }
}
