//! Where data, settings and logs live: the system's usual places, or where the person says.

use std::path::{Path, PathBuf};

use epitome_model::{ErrorCode, WireError};

/// Environment variable that names the data folder.
pub const DATA_VARIABLE: &str = "EPITOME_DATA";

/// Environment variable that names the folder of the settings file.
pub const CONFIG_VARIABLE: &str = "EPITOME_CONFIG";

/// The folders in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    pub data: PathBuf,
    pub config: PathBuf,
    pub logs: PathBuf,
}

impl Folders {
    /// Explicit folders first, then the environment, then the system's usual places.
    pub fn find(data: Option<&Path>, variable: impl Fn(&str) -> Option<String>) -> Result<Self, WireError> {
        let usual = directories::ProjectDirs::from("app", "Epitome", "Epitome");
        let named = |name: &str| variable(name).filter(|path| !path.trim().is_empty()).map(PathBuf::from);
        let missing = || {
            WireError::new(
                ErrorCode::DataFolderNotWritable,
                "This system tells no home folder to keep the library in.",
                format!("Set {DATA_VARIABLE} to a folder that may be written to."),
            )
        };
        let data = data.map(Path::to_path_buf).or_else(|| named(DATA_VARIABLE));
        let data = data.or_else(|| usual.as_ref().map(|dirs| dirs.data_dir().to_path_buf())).ok_or_else(missing)?;
        let config = named(CONFIG_VARIABLE).or_else(|| usual.map(|dirs| dirs.config_dir().to_path_buf()));
        let config = config.unwrap_or_else(|| data.clone());
        let logs = data.join("logs");
        Ok(Self { data, config, logs })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_goes_before_the_environment_and_that_before_the_usual_place() {
        let variable = |name: &str| (name == DATA_VARIABLE).then(|| "from-environment".to_owned());
        let said = Folders::find(Some(Path::new("said")), variable).unwrap();
        assert_eq!((said.data.as_path(), said.logs), (Path::new("said"), PathBuf::from("said").join("logs")));
        assert_eq!(Folders::find(None, variable).unwrap().data, Path::new("from-environment"));
    }
}
