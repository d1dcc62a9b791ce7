//! The shell: the only Rust that names Tauri. It opens the application, passes the window's commands in and its feed
//! out, and holds no rule of its own.

mod bridge;
mod log;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub use epitome_api::worker;
use epitome_model::FeedMessage;
use tauri::{App, AppHandle, Emitter, Manager, RunEvent};

use bridge::{Core, FEED};

/// Starts the window and stays until it is closed.
pub fn run() -> ExitCode {
    log::start();
    let app = tauri::Builder::default()
        // First, so that a second start ends before it does anything else.
        .plugin(tauri_plugin_single_instance::init(|app, arguments, folder| {
            second_start(app, arguments, Path::new(&folder));
        }))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_opener::init())
        .invoke_handler(tauri::generate_handler![bridge::call])
        .setup(|app| {
            set_up(app);
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                // The process ends behind this without dropping anything.
                if matches!(event, RunEvent::Exit) {
                    tauri::async_runtime::block_on(app.state::<Core>().flush());
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

fn set_up(app: &App) {
    let here = std::env::current_dir().unwrap_or_default();
    let files = files(std::env::args().skip(1), &here);
    app.manage(Core::start(app.handle().clone(), files));
}

/// Another start of the program hands its files over and ends; the window comes to the front.
fn second_start(app: &AppHandle, arguments: Vec<String>, folder: &Path) {
    if let Some(window) = app.get_webview_window("main") {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
    let paths = files(arguments.into_iter().skip(1), folder);
    if !paths.is_empty() {
        let _ = app.emit(FEED, FeedMessage::Open { paths });
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
