//! A damaged library: a new one is made of what can be read of it, and the damaged file is put aside as it is.

mod build;
mod log;
mod mend;
mod pages;
mod table;
mod tree;

pub(crate) use mend::is_understood;

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use crate::StoreError;
use crate::open::refused;

/// What was saved from a damaged library.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Salvaged {
    /// Where the damaged file is now.
    pub aside: PathBuf,
    pub books: u32,
    /// Chapters and parts left out, with their text.
    pub sections: u32,
    pub summaries: u32,
    /// Stored answers, which need not be paid for again.
    pub calls: u32,
    pub lost: Lost,
}

/// What could not be saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Pages of the file of which all or something could not be read; what was on them is not known.
    pub pages: u32,
    /// Rows that were read but are of no use: what they belong to is gone, or they make no sense.
    pub rows: u32,
    /// Books that miss a part of their text or what is known about them. Their files can be added again.
    pub incomplete_books: u32,
}

impl fmt::Display for Salvaged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aside = self.aside.display();
        if self.books == 0 {
            return write!(
                out,
                "The library file was damaged and no book in it could be read. Epitome begins with an empty library; \
                 the damaged file is kept as {aside}."
            );
        }
        write!(
            out,
            "The library file was damaged. What could be read was put into a new one: {}, {}, {}. ",
            counted(self.books, "book"),
            if self.summaries == 1 { "1 summary".to_owned() } else { format!("{} summaries", self.summaries) },
            counted(self.calls, "stored answer"),
        )?;
        let lost = self.lost;
        if lost.pages + lost.rows > 0 {
            let (pages, rows) = (counted(lost.pages, "page"), counted(lost.rows, "entry"));
            write!(out, "{pages} of the file and {} could not be read. ", rows.replace("entrys", "entries"))?;
        }
        if lost.incomplete_books > 0 {
            let books = counted(lost.incomplete_books, "book");
            write!(out, "{books} lost text: add the file again, what is stored of it is not done again. ")?;
        }
        write!(out, "The damaged file is kept as {aside}.")
    }
}

fn counted(number: u32, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// Puts a new library, made of what can be read of a damaged one, in its place. Killed at any moment, the next start
/// finds either the damaged library as it was or the finished new one, and [`finish`] goes on from there.
pub(crate) fn salvage(file: &Path) -> Result<Salvaged, StoreError> {
    let part = file.with_extension("rebuilt.part");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let left = beside(&part, suffix);
        if left.exists() {
            std::fs::remove_file(&left).map_err(|error| refused(&error, &left))?;
        }
    }
    let made = build::build(file, &part)?;
    // On the disk before it has its name: a name is a promise that it is whole.
    let synced = File::options().write(true).open(&part).and_then(|made| made.sync_all());
    synced.map_err(|error| refused(&error, &part))?;
    rename(&part, &rebuilt(file))?;
    let aside = exchange(file)?;
    Ok(Salvaged { aside, ..made })
}

/// Goes on where an earlier start was ended between making the new library and putting it in its place.
pub(crate) fn finish(file: &Path) -> Result<(), StoreError> {
    if rebuilt(file).exists() {
        let aside = exchange(file)?;
        tracing::warn!(aside = %aside.display(), "rebuilt library put in place of the damaged one");
    }
    Ok(())
}

/// Where the log of a library is broken with transactions behind the break that were durable; none where it is not.
pub(crate) fn log_breaks_at(file: &Path) -> std::io::Result<Option<u64>> {
    let size = pages::page_size(&mut File::open(file)?)?;
    Ok(log::read(&beside(file, "-wal"), size)?.breaks_at)
}

fn rebuilt(file: &Path) -> PathBuf {
    file.with_extension("rebuilt.sqlite")
}

/// Puts the damaged library aside and the rebuilt one in its place; gives the name the damaged one has now.
fn exchange(file: &Path) -> Result<PathBuf, StoreError> {
    let aside = (1..u32::MAX)
        .map(|number| file.with_extension(format!("damaged-{number}.sqlite")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| file.with_extension("damaged.sqlite"));
    // The log first: found beside the new file, SQLite would take it for that one's.
    for suffix in ["-wal", "-shm", ""] {
        let from = beside(file, suffix);
        if from.exists() {
            rename(&from, &beside(&aside, suffix))?;
        }
    }
    rename(&rebuilt(file), file)?;
    sync_folder(file);
    Ok(aside)
}

fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    std::fs::rename(from, to).map_err(|error| refused(&error, from))
}

/// Makes names durable where the system knows how to.
fn sync_folder(file: &Path) {
    if cfg!(unix)
        && let Some(folder) = file.parent()
        && let Err(error) = File::open(folder).and_then(|folder| folder.sync_all())
    {
        tracing::debug!(%error, "data folder not synced");
    }
}

/// A path with something behind its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
