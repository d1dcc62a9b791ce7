//! The log: to stderr, and for programs that stay, to files in the folder that the window shows. It never holds texts of
//! books, prompts, answers or keys: no line of ours is given one.

use std::path::Path;

use tracing_appender::rolling::{InitError, RollingFileAppender, Rotation};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::Folders;

/// Files that are kept, one a day.
const DAYS: usize = 7;

/// What is written to files where `RUST_LOG` says nothing.
const TO_FILE: &str = "warn,epitome=info";

/// Starts logging to stderr at a level such as `warn`, where `RUST_LOG` does not say otherwise; with folders also to a file
/// of the day. A second start is harmless.
pub fn start(usual: &str, folders: Option<&Folders>) {
    let filter = |usual: &str| EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let (file, error) = match folders.map(|folders| appender(&folders.logs)) {
        Some(Ok(file)) => (Some(file), None),
        Some(Err(error)) => (None, Some(error)),
        None => (None, None),
    };
    let file = file.map(|file| fmt::layer().with_ansi(false).with_writer(file).with_filter(filter(TO_FILE)));
    let screen = fmt::layer().with_writer(std::io::stderr).with_filter(filter(usual));
    let _ = Registry::default().with(screen).with(file).try_init();
    if let Some(error) = error {
        tracing::warn!(%error, "no log file");
    }
    tracing::info!(version = env!("CARGO_PKG_VERSION"), system = std::env::consts::OS, "epitome begins");
}

/// A file a day; the oldest go.
fn appender(folder: &Path) -> Result<RollingFileAppender, InitError> {
    let daily = RollingFileAppender::builder().rotation(Rotation::DAILY).max_log_files(DAYS);
    daily.filename_prefix("epitome").filename_suffix("log").build(folder)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_week_of_files_is_kept_and_nothing_that_is_not_ours_is_deleted() {
        let home = tempfile::tempdir().unwrap();
        for day in 1..=20 {
            std::fs::write(home.path().join(format!("epitome.2020-01-{day:02}.log")), "old").unwrap();
        }
        std::fs::write(home.path().join("notes.txt"), "mine").unwrap();
        appender(home.path()).unwrap().write_all(b"a line\n").unwrap();
        let names =
            || std::fs::read_dir(home.path()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let logs: Vec<String> = names().filter(|name| name.starts_with("epitome.")).collect();
        assert_eq!(logs.len(), DAYS, "{logs:?}");
        assert!(names().any(|name| name == "notes.txt"));
        let today = logs.iter().find(|name| !name.contains("2020")).unwrap();
        assert_eq!(std::fs::read_to_string(home.path().join(today)).unwrap(), "a line\n");
    }
}
