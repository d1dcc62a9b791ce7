//! Files that come and go through the browser: uploads, each in a folder of its own, and exports to be fetched. All of
//! them lie in one folder that goes when the server ends.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path as Parts, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use epitome_model::{ErrorCode, WireError};
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

use super::Host;

/// Largest upload, in bytes: what our readers take, and room for what turns out to be none of their formats.
const UPLOAD: u64 = 512 << 20;

/// Longest name kept of an uploaded file, in characters.
const NAME: usize = 120;

const PREFIX: &str = ".serve-";

/// Folders of servers that were killed are removed when they are so old.
const LEFT_BEHIND: Duration = Duration::from_secs(24 * 60 * 60);

pub struct Files {
    folder: TempDir,
}

impl Files {
    /// Within the data folder, whose disk has room for books.
    pub fn new(data: &Path) -> anyhow::Result<Self> {
        remove_left_behind(data);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(data);
        Ok(Self { folder: folder.with_context(|| format!("{} cannot be written to", data.display()))? })
    }

    /// The paths, if all of them are files that were uploaded here.
    pub fn uploaded(&self, paths: Vec<String>) -> Result<Vec<String>, WireError> {
        let ours = self.folder.path().canonicalize().unwrap_or_else(|_| self.folder.path().to_path_buf());
        for path in &paths {
            let found = Path::new(path).canonicalize();
            if !found.is_ok_and(|path| path.starts_with(&ours) && path.is_file()) {
                return Err(WireError::new(
                    ErrorCode::FileMissing,
                    format!("{} was not uploaded here.", name_of(path)),
                    "Drop the file on the page. Files of the machine itself are added with epitome-cli summarise.",
                ));
            }
        }
        Ok(paths)
    }

    /// A new folder for one export, and its name.
    pub fn export_folder(&self) -> Result<(String, PathBuf), WireError> {
        let folder = tempfile::Builder::new()
            .prefix("export-")
            .tempdir_in(self.folder.path())
            .map_err(|error| not_written(&error))?;
        let path = folder.keep();
        Ok((name_of(&path.to_string_lossy()), path))
    }
}

/// Whether a part of an address is no more than a name.
fn plain(part: &str) -> bool {
    !part.is_empty() && part != ".." && part != "." && !part.contains(['/', '\\'])
}

/// The name a browser wishes for a file, where it is no more than a name.
pub fn plain_name(path: &str, otherwise: &str) -> String {
    let name = name_of(path);
    if plain(&name) { name } else { otherwise.to_owned() }
}

/// Where the browser fetches an export.
pub fn link(folder: &str, path: &str) -> String {
    let name: String = name_of(path).bytes().map(escaped).collect();
    format!("/api/download/{folder}/{name}")
}

fn escaped(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).into()
    } else {
        format!("%{byte:02X}")
    }
}

fn not_written(error: &std::io::Error) -> WireError {
    WireError::new(
        ErrorCode::DataFolderNotWritable,
        format!("The data folder cannot be written to: {error}."),
        "Free some space, or change the folder's permissions.",
    )
}

/// The last part of a path, whatever system wrote it.
fn name_of(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned()
}

/// A name that is one, and no way out of the folder.
fn safe(name: &str) -> String {
    let plain = |letter: &char| !letter.is_control() && !"<>:\"|?*".contains(*letter);
    let name: String = name_of(name).chars().filter(plain).collect();
    let name = name.trim_matches([' ', '.']);
    // The end tells the kind; the beginning tells which.
    let surplus = name.chars().count().saturating_sub(NAME);
    let name: String = name.chars().skip(surplus).collect();
    if name.is_empty() { "book".to_owned() } else { name }
}

#[derive(Deserialize)]
pub struct Named {
    name: String,
}

/// Takes a file, and answers with the path by which commands name it.
pub async fn upload(State(host): State<Host>, Query(Named { name }): Query<Named>, body: Body) -> Response {
    match take(&host.files, &safe(&name), body).await {
        Ok(path) => Json(json!({ "path": path })).into_response(),
        Err(error) => (StatusCode::BAD_REQUEST, Json(error)).into_response(),
    }
}

async fn take(files: &Files, name: &str, body: Body) -> Result<String, WireError> {
    let folder = tempfile::Builder::new()
        .prefix("upload-")
        .tempdir_in(files.folder.path())
        .map_err(|error| not_written(&error))?;
    let path = folder.path().join(name);
    let mut file = tokio::fs::File::create(&path).await.map_err(|error| not_written(&error))?;
    let (mut pieces, mut size) = (body.into_data_stream(), 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| {
            WireError::new(
                ErrorCode::FileNotReadable,
                format!("The upload of {name} broke off: {error}."),
                "Drop the file again.",
            )
        })?;
        size += piece.len() as u64;
        if size > UPLOAD {
            return Err(WireError::new(
                ErrorCode::BookTooLarge,
                format!("{name} is larger than {} MB.", UPLOAD >> 20),
                "Books are seldom larger. A part of it, or the text without pictures, can be read.",
            ));
        }
        file.write_all(&piece).await.map_err(|error| not_written(&error))?;
    }
    file.flush().await.map_err(|error| not_written(&error))?;
    // From here on it stays until the server ends.
    let _kept = folder.keep();
    Ok(path.to_string_lossy().into_owned())
}

/// Hands an export over as a file to be saved.
pub async fn download(State(host): State<Host>, Parts((folder, name)): Parts<(String, String)>) -> Response {
    let gone = (StatusCode::NOT_FOUND, "This file is gone. Export the book again.");
    if !folder.starts_with("export-") || !plain(&folder) || !plain(&name) {
        return gone.into_response();
    }
    let path = host.files.folder.path().join(folder).join(&name);
    match tokio::fs::read(path).await {
        Ok(bytes) => {
            let kind = mime_guess::from_path(&name).first_or_octet_stream().to_string();
            let encoded: String = name.bytes().map(escaped).collect();
            let saved = format!("attachment; filename*=UTF-8''{encoded}");
            ([(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, saved)], bytes).into_response()
        }
        Err(_) => gone.into_response(),
    }
}

fn remove_left_behind(data: &Path) {
    let old = |path: &Path| {
        let changed = path.metadata().and_then(|found| found.modified());
        let age = changed.ok().and_then(|changed| SystemTime::now().duration_since(changed).ok());
        age.is_some_and(|age| age > LEFT_BEHIND)
    };
    for entry in std::fs::read_dir(data).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && old(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere_else() {
        assert_eq!(safe("../../etc/passwd"), "passwd");
        assert_eq!(safe("..\\..\\boot.ini"), "boot.ini");
        assert_eq!(safe(".."), "book");
        assert_eq!(safe("a\u{0}b\n.epub"), "ab.epub");
        assert_eq!(safe("War and Peace.epub"), "War and Peace.epub");
        assert!(
            safe(&"長".repeat(500)).len() <= NAME * 3 && safe(&format!("{}.epub", "a".repeat(500))).ends_with("a.epub")
        );
    }

    #[test]
    fn only_what_was_uploaded_is_read() {
        let data = tempfile::tempdir().unwrap();
        let files = Files::new(data.path()).unwrap();
        let inside = files.folder.path().join("book.txt");
        std::fs::write(&inside, "text").unwrap();
        std::fs::write(data.path().join("library.sqlite"), "secret").unwrap();
        let word = |path: &Path| vec![path.to_string_lossy().into_owned()];
        assert!(files.uploaded(word(&inside)).is_ok());
        let climbing = files.folder.path().join("../library.sqlite");
        for path in [data.path().join("library.sqlite"), climbing, files.folder.path().to_path_buf(), "nowhere".into()]
        {
            let error = files.uploaded(word(&path)).unwrap_err();
            assert_eq!(error.code, ErrorCode::FileMissing, "{}", path.display());
        }
        #[cfg(unix)]
        {
            let link = files.folder.path().join("link.txt");
            std::os::unix::fs::symlink(data.path().join("library.sqlite"), &link).unwrap();
            assert!(files.uploaded(word(&link)).is_err(), "a link leads out");
        }
        let folder = files.folder.path().to_path_buf();
        drop(files);
        assert!(!folder.exists(), "uploads go with the server");
    }
}
