//! Opening the library's file: folder, checks, migrations.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::{StoreError, book, call, chapter, event, job, learned, live, measure, ratio, section, speed, summary};

/// Name of the library's file.
const FILE: &str = "library.sqlite";

/// Held while the file is made, checked and migrated, so that two processes do not do it at once.
const LOCK: &str = "library.lock";

/// How long a connection waits for another process's write.
const BUSY: Duration = Duration::from_secs(10);

/// Settings of a store.
#[derive(Clone, Copy, Debug)]
pub struct OpenOptions {
    /// Writes that may wait; further writers wait for room.
    pub write_capacity: usize,
    /// How long batched writes and those nobody waits for may be collected, in milliseconds.
    pub flush_ms: u64,
    /// How many of them are committed at once without waiting longer.
    pub flush_items: usize,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { write_capacity: 1000, flush_ms: 250, flush_items: 100 }
    }
}

/// Steps from an empty file to the present format; step n makes format n + 1. A step that was released never changes.
const MIGRATIONS: &[&[&str]] = &[
    &[
        book::TABLE,
        section::TABLE,
        job::TABLE,
        chapter::TABLE,
        call::TABLE,
        summary::TABLE,
        event::TABLE,
        live::TABLE,
        speed::TABLE,
    ],
    &[learned::TABLE, ratio::TABLE, measure::TABLE, job::UNFINISHED_INDEX, job::CHARS_PER_TOKEN, section::LIST_INDEX],
];

/// Makes the folder and the file where they are missing, checks them, and brings them to the present format. Gives the
/// file and the writer's connection to it.
pub(crate) fn prepare(folder: &Path) -> Result<(PathBuf, Connection), StoreError> {
    std::fs::create_dir_all(folder).map_err(|error| refused(&error, folder))?;
    // Switching a new file to WAL answers "locked" at once when two do it; SQLite's own wait does not cover that.
    // The lock goes with the file handle, also when the process is killed.
    let lock = File::create(folder.join(LOCK)).map_err(|error| refused(&error, folder))?;
    if let Err(error) = lock.lock() {
        // Some network folders know no locks; there only two first starts at the same moment are at risk.
        tracing::debug!(%error, "data folder not locked while opening");
    }
    let file = folder.join(FILE);
    let existed = file.metadata().is_ok_and(|meta| meta.len() > 0);
    let mut conn = match connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE) {
        Ok(conn) => conn,
        Err(error) => return Err(judge(error, folder, &file)),
    };
    let checked = check(&conn, existed).and_then(|()| migrate(&mut conn, &file, existed, MIGRATIONS));
    match checked {
        Ok(()) => Ok((file, conn)),
        Err(error) => {
            // Windows moves no open file.
            drop(conn);
            Err(judge(error, folder, &file))
        }
    }
}

/// A connection as every part of the store uses it.
pub(crate) fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// A connection that cannot write: everything written goes through the one writer.
pub(crate) fn connect_reader(file: &Path) -> Result<Connection, StoreError> {
    // Not opened read-only, because a reader of a WAL file may have to make the shared-memory file.
    let conn = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.pragma_update(None, "query_only", true)?;
    Ok(conn)
}

fn check(conn: &Connection, existed: bool) -> Result<(), StoreError> {
    // SQLite falls back to reading where it may not write; that would be noticed only after an hour's work.
    if conn.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::NotWritable(PathBuf::new()));
    }
    if !existed {
        return Ok(());
    }
    let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Unreadable(verdict)) }
}

fn migrate(conn: &mut Connection, file: &Path, existed: bool, steps: &[&[&str]]) -> Result<(), StoreError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let format = |conn: &Connection| conn.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
    let found = format(conn)?;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    if found == known {
        return Ok(());
    }
    if existed && found > 0 {
        back_up(conn, file, found)?;
    }
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found = format(&tx)?;
    for step in steps.iter().skip(usize::try_from(found).unwrap_or_default()) {
        for sql in *step {
            tx.execute_batch(sql)?;
        }
        crate::crash::point("migration.step");
    }
    tx.pragma_update(None, "user_version", known)?;
    tx.commit()?;
    Ok(())
}

/// Keeps the library as it was in a format, beside it; a copy from an earlier try is replaced, a half one never stays.
fn back_up(conn: &Connection, file: &Path, format: i64) -> Result<(), StoreError> {
    let backup = file.with_extension(format!("format-{format}.sqlite"));
    let half = file.with_extension(format!("format-{format}.part"));
    if half.exists() {
        std::fs::remove_file(&half).map_err(|error| refused(&error, &half))?;
    }
    conn.execute("VACUUM INTO ?1", [half.to_string_lossy()])?;
    std::fs::rename(&half, &backup).map_err(|error| refused(&error, &backup))
}

fn refused(error: &std::io::Error, path: &Path) -> StoreError {
    match error.kind() {
        std::io::ErrorKind::StorageFull => StoreError::DiskFull,
        _ => StoreError::NotWritable(path.to_path_buf()),
    }
}

/// Says what an error at opening means; a damaged file is put aside.
fn judge(error: StoreError, folder: &Path, file: &Path) -> StoreError {
    let damaged = match &error {
        StoreError::Sqlite(inner) => matches!(
            inner.sqlite_error_code(),
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::DatabaseCorrupt)
        ),
        StoreError::Unreadable(_) => true,
        StoreError::NotWritable(_) => return StoreError::NotWritable(folder.to_path_buf()),
        _ => false,
    };
    if damaged { put_aside(file) } else { error }
}

fn put_aside(file: &Path) -> StoreError {
    let aside = (1..u32::MAX)
        .map(|number| file.with_extension(format!("damaged-{number}.sqlite")))
        .find(|path| !path.exists())
        .unwrap_or_else(|| file.with_extension("damaged.sqlite"));
    for (suffix, must) in [("", true), ("-wal", false), ("-shm", false)] {
        let with = |path: &Path| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        };
        if std::fs::rename(with(file), with(&aside)).is_err() && must {
            return StoreError::NotWritable(file.to_path_buf());
        }
    }
    StoreError::Damaged(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &[&[&str]] = &[&["CREATE TABLE a (n INTEGER)"]];
    const NEW: &[&[&str]] = &[OLD[0], &["CREATE TABLE b (n INTEGER)", "INSERT INTO b SELECT n FROM a"]];
    const BROKEN: &[&[&str]] = &[OLD[0], &["CREATE TABLE b (n INTEGER)", "INSERT INTO nowhere VALUES (1)"]];

    fn count(conn: &Connection, table: &str) -> Option<i64> {
        conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).ok()
    }

    #[test]
    fn a_migration_is_whole_or_not_at_all_and_keeps_a_copy() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join(FILE);
        let mut conn = connect(&file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE).unwrap();
        migrate(&mut conn, &file, false, OLD).unwrap();
        conn.execute("INSERT INTO a VALUES (7)", []).unwrap();

        // A step that fails leaves the old format; its copy does not stand in the way of the next try.
        assert!(migrate(&mut conn, &file, true, BROKEN).is_err());
        assert_eq!((count(&conn, "a"), count(&conn, "b")), (Some(1), None));
        conn.execute("INSERT INTO a VALUES (8)", []).unwrap();
        migrate(&mut conn, &file, true, NEW).unwrap();
        assert_eq!(count(&conn, "b"), Some(2));
        migrate(&mut conn, &file, true, NEW).unwrap();

        let copy = Connection::open(home.path().join("library.format-1.sqlite")).unwrap();
        assert_eq!((count(&copy, "a"), count(&copy, "b")), (Some(2), None));
        assert!(!home.path().join("library.format-1.part").exists());
    }

    /// What a plan of SQLite's says it does.
    fn plan(conn: &Connection, sql: &str) -> String {
        let mut select = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let none = std::iter::repeat_n(1, select.parameter_count());
        let steps = select.query_map(rusqlite::params_from_iter(none), |row| row.get::<_, String>(3)).unwrap();
        steps.collect::<Result<Vec<_>, _>>().unwrap().join("; ")
    }

    #[test]
    fn a_start_reads_indexes_and_not_whole_books() {
        let home = tempfile::tempdir().unwrap();
        let (_, conn) = prepare(home.path()).unwrap();
        let list = plan(&conn, section::LIST);
        assert!(list.contains("COVERING INDEX section_list") && !list.contains("B-TREE"), "{list}");
        let jobs = plan(&conn, &job::unfinished_sql());
        assert!(jobs.contains("INDEX job_unfinished"), "{jobs}");
    }

    #[test]
    fn a_released_step_never_changes() {
        let released = [include_str!("../tests/store/format-1.sql")];
        for (step, released) in MIGRATIONS.iter().zip(released) {
            let now: String = step.iter().map(|sql| sql.strip_prefix('\n').unwrap_or(sql)).collect();
            assert_eq!(now, released, "libraries of the format before would become something else");
        }
    }
}
