//! What a window remembers of itself from one start to the next: its colours, the order of the shelf, what was put away.
//! It is about a screen and not about books, so it lies in a small file beside the library. A page's own storage does
//! not do: the web view writes it some time later, and a window that is closed at once forgets.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use epitome_model::{ErrorCode, WireError};

use crate::{Api, held, internal};

/// Longest name of a thing, in bytes.
const NAME_MOST: usize = 64;

/// Longest value, in bytes: five hundred paths.
const VALUE_MOST: usize = 512 * 1024;

/// Most things; a page has a handful.
const THINGS_MOST: usize = 64;

type Things = BTreeMap<String, String>;

/// The file. One at a time reads or changes it.
pub(crate) struct Remembered {
    path: Mutex<PathBuf>,
}

impl Remembered {
    /// `window.json` in a folder; it need not exist.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { path: Mutex::new(folder.join("window.json")) }
    }

    fn all(&self) -> Result<Things, WireError> {
        read(&held(&self.path))
    }

    fn set(&self, name: String, value: String) -> Result<(), WireError> {
        let path = held(&self.path);
        let mut things = read(&path)?;
        things.insert(name, value);
        if things.len() > THINGS_MOST {
            return Err(refused(format!("A window may remember {THINGS_MOST} things, and this would be one more.")));
        }
        write(&path, &things).map_err(|error| {
            let message = format!("{} cannot be written: {error}.", path.display());
            let hint =
                "What the window shows stays until it is closed. Check the folder's permissions and the free space.";
            WireError::new(ErrorCode::WriteFailed, message, hint)
        })
    }
}

/// A file that holds something else is put aside and begun anew: it is no reason not to open the window.
fn read(path: &Path) -> Result<Things, WireError> {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Things::new()),
        Err(error) => {
            let message = format!("{} cannot be read: {error}.", path.display());
            return Err(WireError::new(ErrorCode::BadSetting, message, "Check its permissions."));
        }
    };
    Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
        let aside = path.with_extension("damaged.json");
        tracing::warn!(%error, path = %path.display(), aside = %aside.display(), "what the window remembered is damaged");
        let _ = std::fs::rename(path, aside);
        Things::new()
    }))
}

/// Whole or not at all, also where the power fails.
fn write(path: &Path, things: &Things) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let fresh = path.with_extension("json.new");
    let mut file = std::fs::File::create(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(things)?)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

fn refused(message: String) -> WireError {
    WireError::new(ErrorCode::BadSetting, message, "")
}

fn checked(name: &str, value: &str) -> Result<(), WireError> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-';
    if name.is_empty() || name.len() > NAME_MOST || !name.chars().all(plain) {
        return Err(refused(format!("A window may remember things named by small letters, but not {name:?}.")));
    }
    if value.len() > VALUE_MOST {
        return Err(refused(format!("{name} is too long to be remembered: {} bytes.", value.len())));
    }
    Ok(())
}

impl Api {
    pub(crate) async fn remembered(&self) -> Result<Things, WireError> {
        let api = self.clone();
        tokio::task::spawn_blocking(move || api.inner.remembered.all()).await.map_err(internal)?
    }

    pub(crate) async fn remember(&self, name: String, value: String) -> Result<(), WireError> {
        checked(&name, &value)?;
        let api = self.clone();
        tokio::task::spawn_blocking(move || api.inner.remembered.set(name, value)).await.map_err(internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Remembered) {
        let home = tempfile::tempdir().unwrap();
        let remembered = Remembered::in_folder(&home.path().join("not-yet-there"));
        (home, remembered)
    }

    fn set(remembered: &Remembered, name: &str, value: &str) {
        remembered.set(name.to_owned(), value.to_owned()).unwrap();
    }

    #[test]
    fn what_is_remembered_is_there_for_the_next_start_and_the_last_word_holds() {
        let (home, remembered) = home();
        assert!(remembered.all().unwrap().is_empty());
        set(&remembered, "theme", "dark");
        set(&remembered, "shelf", "{\"order\":\"title\"}");
        set(&remembered, "theme", "light");
        let next = Remembered::in_folder(&home.path().join("not-yet-there")).all().unwrap();
        let pairs: Vec<_> = next.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("shelf", "{\"order\":\"title\"}"), ("theme", "light")]);
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_begun_anew() {
        let (home, remembered) = home();
        set(&remembered, "theme", "dark");
        let folder = home.path().join("not-yet-there");
        std::fs::write(folder.join("window.json"), "{\"theme\": \"da").unwrap();
        assert!(remembered.all().unwrap().is_empty());
        assert_eq!(std::fs::read(folder.join("window.damaged.json")).unwrap(), b"{\"theme\": \"da");
        set(&remembered, "theme", "dark");
        assert_eq!(remembered.all().unwrap()["theme"], "dark");
    }

    #[test]
    fn a_file_that_cannot_be_written_is_named() {
        let (home, remembered) = home();
        std::fs::write(home.path().join("not-yet-there"), "a file where the folder should be").unwrap();
        let error = remembered.set("theme".to_owned(), "dark".to_owned()).unwrap_err();
        assert!(error.message.contains("window.json"), "{}", error.message);
    }

    #[test]
    fn names_lengths_and_numbers_are_bounded() {
        let (_home, remembered) = home();
        for name in ["", "../theme", "Theme", "th eme", &"a".repeat(NAME_MOST + 1)] {
            assert_eq!(checked(name, "").unwrap_err().code, ErrorCode::BadSetting, "{name}");
        }
        assert!(checked("theme", &"x".repeat(VALUE_MOST + 1)).is_err());
        assert!(checked("all-charts", "yes").is_ok());
        for n in 0..THINGS_MOST {
            set(&remembered, &format!("thing-{n}"), "");
        }
        assert!(remembered.set("one-more".to_owned(), String::new()).is_err());
        set(&remembered, "thing-0", "can still change");
    }
}
