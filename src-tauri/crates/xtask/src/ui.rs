//! The window's pages: packages and build, each only when something changed.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shell::{npm, root, succeed, target};

/// Fetches the packages where the lock file is not the one they came from.
pub fn packages() -> Result<()> {
    let ui = root().join("ui");
    let stamp = ui.join("node_modules").join(".epitome-lock");
    let lock = fs::read(ui.join("package-lock.json")).context("ui/package-lock.json is missing")?;
    let now = hashed(&lock).to_string();
    if fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
        return Ok(());
    }
    println!("Fetching the pages' packages (npm ci).");
    succeed(&mut npm(&["ci", "--no-audit", "--no-fund"]))?;
    fs::write(stamp, now).context("the stamp of the packages could not be written")
}

/// Builds the pages where their sources changed.
pub fn build() -> Result<()> {
    packages()?;
    let stamp = target().join("ui-stamp");
    let now = sources()?.to_string();
    let built = root().join("ui/dist/index.html").exists();
    if built && fs::read_to_string(&stamp).is_ok_and(|before| before == now) {
        return Ok(());
    }
    println!("Building the pages (npm run build).");
    succeed(&mut npm(&["run", "build"]))?;
    fs::create_dir_all(target())?;
    fs::write(stamp, now).context("the stamp of the pages could not be written")
}

/// A number that changes with any source of the pages.
fn sources() -> Result<u64> {
    let ui = root().join("ui");
    let mut files = Vec::new();
    collect(&ui, &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.strip_prefix(&ui).unwrap_or(&file).hash(&mut hasher);
        fs::read(&file)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() {
            if name != "node_modules" && name != "dist" {
                collect(&path, files)?;
            }
        } else {
            files.push(path);
        }
    }
    Ok(())
}

fn hashed(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}
