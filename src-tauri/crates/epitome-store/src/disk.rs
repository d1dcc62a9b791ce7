//! What the library takes of the disk, and giving back what it does not need.

use std::path::{Path, PathBuf};

use epitome_model::{DiskUse, PutAside};
use rusqlite::{Connection, OpenFlags};

use crate::open::BUSY;
use crate::{Store, StoreError};

/// Beside a database: its log, and the index of that.
const BESIDE: [&str; 3] = ["", "-wal", "-shm"];

impl Store {
    /// How large the library is, what of it is unused, and what was put aside. Blocks.
    pub fn storage(&self) -> Result<DiskUse, StoreError> {
        let number = |conn: &Connection, pragma: &str| -> Result<u64, StoreError> {
            let number: i64 = conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))?;
            Ok(u64::try_from(number).unwrap_or_default())
        };
        let free = self.read(|conn| Ok(number(conn, "freelist_count")? * number(conn, "page_size")?))?;
        let aside = put_aside(self.file())
            .into_iter()
            .map(|path| PutAside { bytes: size(&path), path: path.to_string_lossy().into_owned() });
        Ok(DiskUse { library: size(self.file()), free, aside: aside.collect() })
    }

    /// Gives what is unused back to the disk. Writes the library anew, so it takes a while and as much room again; nothing
    /// else is written meanwhile. Blocks.
    pub fn compact(&self) -> Result<(), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(self.file(), flags)?;
        conn.busy_timeout(BUSY)?;
        // As durable as every other write: the new file counts only once it is whole.
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.execute_batch("VACUUM")?;
        // The log now holds the whole library; without this it would until the last connection closes.
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// Deletes the damaged libraries that were put aside. Blocks.
    pub fn forget_put_aside(&self) -> std::io::Result<()> {
        for path in put_aside(self.file()) {
            for suffix in BESIDE {
                match std::fs::remove_file(beside(&path, suffix)) {
                    Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Bytes of a database with what belongs to it.
fn size(file: &Path) -> u64 {
    BESIDE.iter().filter_map(|suffix| std::fs::metadata(beside(file, suffix)).ok()).map(|found| found.len()).sum()
}

/// Damaged libraries beside this one, as [`crate::salvage`] names them.
fn put_aside(file: &Path) -> Vec<PathBuf> {
    let (Some(folder), Some(stem)) = (file.parent(), file.file_stem()) else { return Vec::new() };
    let begins = format!("{}.damaged", stem.to_string_lossy());
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with(&begins) && path.extension().is_some_and(|ending| ending == "sqlite")
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_one).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_removed_is_given_back_and_what_is_there_stays() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let fill = |conn: &Connection| {
            conn.execute_batch("CREATE TABLE ballast (text TEXT); CREATE TABLE kept (text TEXT)")?;
            let text = "x".repeat(1 << 20);
            conn.execute("INSERT INTO ballast VALUES (?1)", [&text])?;
            conn.execute("INSERT INTO kept VALUES ('kept')", [])?;
            Ok(())
        };
        store.write_blocking(fill).unwrap();
        store.write_blocking(|conn| Ok(conn.execute_batch("DROP TABLE ballast")?)).unwrap();
        let before = store.storage().unwrap();
        assert!(before.free > 1 << 20 && before.library > before.free, "{before:?}");
        store.compact().unwrap();
        let after = store.storage().unwrap();
        assert!(after.free == 0 && after.library + (1 << 20) < before.library, "{after:?}");
        let kept: String =
            store.read(|conn| Ok(conn.query_row("SELECT text FROM kept", [], |row| row.get(0))?)).unwrap();
        assert_eq!(kept, "kept");
        store.write_blocking(|conn| Ok(conn.execute_batch("DROP TABLE kept")?)).unwrap();
    }

    #[test]
    fn what_was_put_aside_is_listed_and_goes_only_when_asked() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        for name in
            ["library.damaged-1.sqlite", "library.damaged-1.sqlite-wal", "my library.damaged.sqlite", "notes.txt"]
        {
            std::fs::write(home.path().join(name), "12345").unwrap();
        }
        let aside = store.storage().unwrap().aside;
        let [one] = &aside[..] else { panic!("{aside:?}") };
        assert!(one.bytes == 10 && one.path.ends_with("library.damaged-1.sqlite"), "{one:?}");
        store.forget_put_aside().unwrap();
        assert_eq!(store.storage().unwrap().aside, []);
        assert!(home.path().join("my library.damaged.sqlite").exists() && home.path().join("notes.txt").exists());
    }
}
