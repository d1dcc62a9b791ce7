//! A data folder that lasts as long as a test.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A temporary folder, deleted when dropped.
#[derive(Debug)]
pub struct TempHome(TempDir);

impl TempHome {
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new().prefix("epitome-").tempdir().map(Self)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of a name inside, whether it exists or not.
    pub fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file, with the folders above it, and returns its path.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<PathBuf> {
        let path = self.at(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&path, bytes)?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_holds_files_and_goes_with_its_owner() {
        let home = TempHome::new().unwrap();
        let path = home.file("books/a.txt", "text").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "text");
        let folder = home.path().to_owned();
        drop(home);
        assert!(!folder.exists());
    }
}
