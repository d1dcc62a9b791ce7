//! Folders: the books in one, or the one book that its pages are.

use std::collections::VecDeque;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use epitome_book::{compare_paths, may_be_book};
use epitome_model::{ErrorCode, WireError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::read::{LARGEST_FILE, file_name, unreadable};
use crate::internal;

/// Files looked at in a folder and those within it.
const MOST_FILES: usize = 20_000;
/// Folders within folders that are looked into.
const DEEPEST: usize = 16;
/// Endings of pages, which may be one book together.
const PAGES: &[&str] = &["html", "htm", "xhtml", "txt", "md"];

/// The files that `paths` stand for: a folder of books stands for each of them; one whose pages are one book stays.
pub fn files(paths: Vec<PathBuf>) -> Result<Vec<PathBuf>, WireError> {
    let mut all = Vec::with_capacity(paths.len());
    for path in paths {
        // What is not there or may not be read is said when it is read.
        if !path.is_dir() {
            all.push(path);
            continue;
        }
        let inside = inside(&path)?;
        if inside.is_empty() || are_pages(&inside) {
            all.push(path);
        } else {
            all.extend(inside);
        }
    }
    Ok(all)
}

/// Files that may be books, in a folder and in those within it, by name. Links are not followed.
pub fn inside(folder: &Path) -> Result<Vec<PathBuf>, WireError> {
    let mut found = Vec::new();
    let mut folders = VecDeque::from([(folder.to_path_buf(), 0)]);
    while let Some((at, depth)) = folders.pop_front() {
        for entry in std::fs::read_dir(&at).map_err(|error| unreadable(&at, &error))? {
            let entry = entry.map_err(|error| unreadable(&at, &error))?;
            let kind = entry.file_type().map_err(|error| unreadable(&entry.path(), &error))?;
            if !may_be_book(&entry.file_name().to_string_lossy()) {
                continue;
            }
            if kind.is_dir() && depth < DEEPEST {
                folders.push_back((entry.path(), depth + 1));
            } else if kind.is_file() {
                found.push(entry.path());
            }
            if found.len() > MOST_FILES {
                return Err(WireError::new(
                    ErrorCode::BookTooLarge,
                    format!("{} holds more than {MOST_FILES} files.", file_name(folder)),
                    "Add the folders inside it one after the other.",
                ));
            }
        }
    }
    found.sort_by(|one, two| compare_paths(&slashed(one), &slashed(two)));
    Ok(found)
}

/// Whether files may be one book together.
fn are_pages(files: &[PathBuf]) -> bool {
    let ending = |file: &PathBuf| file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    files.len() > 1 && files.iter().all(|file| ending(file).is_some_and(|ending| PAGES.contains(&ending.as_str())))
}

/// The pages of a folder as the archive they could have come in, so that one set of rules reads both.
pub fn packed(folder: &Path) -> Result<Vec<u8>, WireError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let files = inside(folder)?;
    if files.is_empty() {
        return Err(WireError::new(
            ErrorCode::FileIsFolder,
            format!("{} is a folder without a book in it.", file_name(folder)),
            "Choose a folder with books, or the books themselves.",
        ));
    }
    let mut size = 0;
    for file in files {
        let content = std::fs::read(&file).map_err(|error| unreadable(&file, &error))?;
        size += content.len() as u64;
        if size > LARGEST_FILE {
            return Err(WireError::new(
                ErrorCode::BookTooLarge,
                format!("The pages in {} are larger than {} MB.", file_name(folder), LARGEST_FILE / 1024 / 1024),
                "Add the files inside it one by one.",
            ));
        }
        archive.start_file(slashed(file.strip_prefix(folder).unwrap_or(&file)), options).map_err(internal)?;
        archive.write_all(&content).map_err(internal)?;
    }
    Ok(archive.finish().map_err(internal)?.into_inner())
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for file in files {
            let path = home.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "words").unwrap();
        }
        home
    }

    fn names(home: &tempfile::TempDir) -> Vec<String> {
        let all = files(vec![home.path().to_path_buf()]).unwrap();
        all.iter().map(|file| file.strip_prefix(home.path()).unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn a_folder_stands_for_its_books_in_the_order_of_their_numbers() {
        let home = folder(&["b 10.epub", "b 9.epub", "in/c.txt", "in/cover.jpg", ".hidden/d.epub", "metadata.opf"]);
        assert_eq!(names(&home), ["b 9.epub", "b 10.epub", "in/c.txt"]);
    }

    #[test]
    fn a_folder_of_pages_stays_one() {
        assert_eq!(names(&folder(&["1.html", "2.html", "style.css"])), [""]);
        assert_eq!(names(&folder(&["one.html"])), ["one.html"]);
    }

    #[test]
    fn a_folder_without_books_says_so() {
        let home = folder(&["cover.jpg"]);
        assert_eq!(names(&home), [""]);
        assert_eq!(packed(home.path()).unwrap_err().code, ErrorCode::FileIsFolder);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let home = folder(&["a.epub", "b.epub"]);
        std::os::unix::fs::symlink(home.path(), home.path().join("again")).unwrap();
        assert_eq!(names(&home), ["a.epub", "b.epub"]);
    }
}
