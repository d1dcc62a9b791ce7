//! The settings file: TOML, only what differs from the profile, comments and order kept as the person left them.

use std::path::{Path, PathBuf};

use epitome_model::{ErrorCode, WireError};
use toml_edit::{DocumentMut, Item, Value};

use super::{Chosen, KNOBS, known, value};

/// The file and how it is changed.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
}

impl SettingsFile {
    /// `settings.toml` in a folder; it need not exist.
    pub fn in_folder(folder: &Path) -> Self {
        Self { path: folder.join("settings.toml") }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file chooses. An unknown key or a bad value is an error that names the file.
    pub fn read(&self) -> Result<Chosen, WireError> {
        let mut chosen = Chosen::new();
        flatten(self.document()?.as_item(), "", &mut |key, text| {
            let knob = known(key)?;
            chosen.insert(knob.key, value::check(knob, text)?);
            Ok(())
        })
        .map_err(|error| self.named(error))?;
        Ok(chosen)
    }

    /// Writes one choice into the file, or takes it out. The value must be checked already.
    pub fn change(&self, key: &'static str, choice: Option<&str>) -> Result<(), WireError> {
        let mut document = self.document()?;
        set(document.as_table_mut(), key, choice);
        let mut text = document.to_string();
        if !self.path.exists() {
            text = format!("{text}\n{}", reference());
        }
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| self.not_written(&error))?;
        }
        let fresh = self.path.with_extension("toml.new");
        std::fs::write(&fresh, text)
            .and_then(|()| std::fs::rename(&fresh, &self.path))
            .map_err(|error| self.not_written(&error))
    }

    fn document(&self) -> Result<DocumentMut, WireError> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => {
                let message = format!("The settings file {} cannot be read: {error}.", self.path.display());
                return Err(WireError::new(ErrorCode::BadSetting, message, "Check its permissions."));
            }
        };
        text.parse().map_err(|error: toml_edit::TomlError| {
            let message = format!("The settings file {} is not valid TOML: {}", self.path.display(), error.message());
            WireError::new(
                ErrorCode::BadSetting,
                message,
                "Mend that line, or delete the file to start from the defaults.",
            )
        })
    }

    fn named(&self, error: WireError) -> WireError {
        WireError { message: format!("{} It was read from {}.", error.message, self.path.display()), ..error }
    }

    fn not_written(&self, error: &std::io::Error) -> WireError {
        let message = format!("The settings file {} cannot be written: {error}.", self.path.display());
        WireError::new(ErrorCode::WriteFailed, message, "Check its folder's permissions and the free space.")
    }
}

fn flatten(
    item: &Item,
    key: &str,
    take: &mut impl FnMut(&str, &str) -> Result<(), WireError>,
) -> Result<(), WireError> {
    if let Some(table) = item.as_table_like() {
        for (name, inner) in table.iter() {
            let key = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
            flatten(inner, &key, take)?;
        }
        return Ok(());
    }
    let text = match item.as_value() {
        Some(Value::Array(list)) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Some(other) => plain(other),
        None => String::new(),
    };
    take(key, &text)
}

/// A value as a person would type it elsewhere.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string().trim().to_owned(), str::to_owned)
}

fn set(table: &mut toml_edit::Table, key: &str, choice: Option<&str>) {
    let mut table: &mut dyn toml_edit::TableLike = table;
    let mut parts = key.split('.').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_some() {
            let mut group = toml_edit::Table::new();
            group.set_implicit(false);
            let inner = table.entry(part).or_insert(Item::Table(group));
            let Some(inner) = inner.as_table_like_mut() else { return };
            table = inner;
            continue;
        }
        match choice {
            Some(text) => {
                let value = text.parse::<i64>().map(Value::from);
                let value =
                    value.or_else(|_| text.parse::<f64>().map(Value::from)).unwrap_or_else(|_| Value::from(text));
                table.insert(part, Item::Value(value));
            }
            None => {
                table.remove(part);
            }
        }
    }
}

/// Every setting as comments, for whoever opens the file.
pub fn reference() -> String {
    let mut text = String::from("# Every setting, with the value of the profile auto:\n");
    for knob in KNOBS {
        let value = knob.default(epitome_model::Profile::Auto);
        let quoted = if value.parse::<f64>().is_ok() { value.to_owned() } else { format!("\"{value}\"") };
        text.push_str("#\n# ");
        text.push_str(knob.help);
        text.push_str("\n# Allowed: ");
        text.push_str(&value::range(knob));
        text.push_str(". Environment: ");
        text.push_str(knob.environment);
        text.push_str("\n# ");
        text.push_str(knob.key);
        text.push_str(" = ");
        text.push_str(&quoted);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, SettingsFile) {
        let home = tempfile::tempdir().unwrap();
        let file = SettingsFile::in_folder(home.path());
        (home, file)
    }

    #[test]
    fn a_missing_file_chooses_nothing() {
        assert!(home().1.read().unwrap().is_empty());
    }

    #[test]
    fn choices_are_written_read_and_taken_back() {
        let (_home, file) = home();
        file.change("llm.concurrency", Some("6")).unwrap();
        file.change("ollama.model", Some("qwen3:8b")).unwrap();
        file.change("llm.keep_alive", Some("-1")).unwrap();
        let chosen = file.read().unwrap();
        assert_eq!(chosen["llm.concurrency"], "6");
        assert_eq!(chosen["ollama.model"], "qwen3:8b");
        assert_eq!(chosen["llm.keep_alive"], "-1");
        file.change("llm.concurrency", None).unwrap();
        assert!(!file.read().unwrap().contains_key("llm.concurrency"));
    }

    #[test]
    fn what_the_person_wrote_around_a_choice_stays() {
        let (_home, file) = home();
        std::fs::write(file.path(), "# mine\nprofile = \"track1\"\n\n[llm]\n# fast card\nconcurrency = 8\n").unwrap();
        file.change("llm.stall_s", Some("30")).unwrap();
        let text = std::fs::read_to_string(file.path()).unwrap();
        assert!(text.starts_with("# mine\nprofile = \"track1\"") && text.contains("# fast card"), "{text}");
        assert_eq!(file.read().unwrap().len(), 3);
    }

    #[test]
    fn a_list_may_be_written_as_a_list() {
        let (_home, file) = home();
        std::fs::write(file.path(), "[ollama]\nmore_urls = [\"box\", 'http://other:1']\n").unwrap();
        assert_eq!(file.read().unwrap()["ollama.more_urls"], "http://box:11434, http://other:1");
        file.change("provider.fallback", Some("openai, built-in")).unwrap();
        assert_eq!(file.read().unwrap()["provider.fallback"], "openai, built-in");
    }

    #[test]
    fn a_bad_file_is_named() {
        let (_home, file) = home();
        for text in ["llm = [", "[llm]\nconcurrency = 0", "[llm]\nspeed = 9", "profile = true"] {
            std::fs::write(file.path(), text).unwrap();
            let error = file.read().unwrap_err();
            assert!(error.message.contains("settings.toml"), "{text}: {error:?}");
        }
    }

    #[test]
    fn the_reference_is_itself_a_valid_file_once_uncommented() {
        let (_home, file) = home();
        let lines = reference();
        let values: Vec<&str> =
            lines.lines().filter_map(|line| line.strip_prefix("# ")).filter(|line| line.contains(" = ")).collect();
        std::fs::write(file.path(), values.join("\n")).unwrap();
        assert_eq!(file.read().unwrap().len(), KNOBS.len());
    }
}
