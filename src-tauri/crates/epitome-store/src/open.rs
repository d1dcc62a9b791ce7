//! Opening the library's file: folder, checks, migrations.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use epitome_model::ErrorCode;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::error::{full_or, says_full};
use crate::salvage::{self, Salvaged};
use crate::seal;
use crate::{
    StoreError, alert, book, call, chapter, event, job, learned, live, measure, ratio, search, section, speed, summary,
};

/// Name of the library's file.
const FILE: &str = "library.sqlite";

/// Held while the file is made, checked and migrated, so that two processes do not do it at once.
const LOCK: &str = "library.lock";

/// There when something in the library could not be read: the next start looks through all of it.
const DOUBT: &str = "library.doubt";

/// Held by everyone who has the library open, so that nobody puts it aside under another's hands.
const USE: &str = "library.use";

/// How long a connection waits for another process's write.
pub(crate) const BUSY: Duration = Duration::from_secs(10);

/// Settings of a store.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Writes that may wait; further writers wait for room.
    pub write_capacity: usize,
    /// How long batched writes and those nobody waits for may be collected, in milliseconds.
    pub flush_ms: u64,
    /// How many of them are committed at once without waiting longer.
    pub flush_items: usize,
    /// For tests of whole runs: while there is such a file, the disk counts as full and every write fails. A release
    /// build takes no notice of it.
    pub full_while: Option<PathBuf>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self { write_capacity: 1000, flush_ms: 250, flush_items: 100, full_while: None }
    }
}

/// Steps from an empty file to the present format; step n makes format n + 1. A step that was released never changes.
pub(crate) const MIGRATIONS: &[&[&str]] = &[
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
    &[book::SERIES],
    &[book::REMOVED, alert::TABLE],
    &[search::TABLES, search::TRIGGERS],
];

/// Bytes the log keeps for its next use once it was emptied into the file. SQLite tries that at 1,000 pages, 4 MB.
const LOG_KEPT: u32 = 4 << 20;

/// Kibibytes of pages the writer keeps: half of SQLite's usual 2 MB. Answers are written once, at the end of their table.
const WRITER_CACHE: i32 = 1024;

/// Kibibytes of pages a reader keeps: enough for the upper pages of every index. Texts are read once, and several readers
/// with SQLite's usual 2 MB each would hold more of them than the run itself.
const READER_CACHE: i32 = 512;

/// A number of a format that no version will ever have: what says so is damage.
const ABSURD: i64 = 10_000;

/// An opened library.
pub(crate) struct Opened {
    pub file: PathBuf,
    /// The writer's.
    pub conn: Connection,
    /// What was saved, where the library was damaged.
    pub salvaged: Option<Salvaged>,
    /// When it was last looked through for damage.
    pub looked_through: SystemTime,
    /// Says that the library is in use for as long as this lives.
    pub in_use: File,
}

/// Makes the folder and the file where they are missing, checks them, and brings them to the present format. A damaged
/// library is put aside, and a new one made of what can be read of it.
pub(crate) fn prepare(folder: &Path) -> Result<Opened, StoreError> {
    std::fs::create_dir_all(folder).map_err(|error| refused(&error, folder))?;
    // Switching a new file to WAL answers "locked" at once when two do it; SQLite's own wait does not cover that.
    // The lock goes with the file handle, also when the process is killed.
    let lock = File::create(folder.join(LOCK)).map_err(|error| refused(&error, folder))?;
    if let Err(error) = lock.lock() {
        // Some network folders know no locks; there only two first starts at the same moment are at risk.
        tracing::debug!(%error, "data folder not locked while opening");
    }
    let in_use = File::create(folder.join(USE)).map_err(|error| refused(&error, folder))?;
    let alone = !matches!(in_use.try_lock(), Err(TryLockError::WouldBlock));
    let file = folder.join(FILE);
    if alone {
        salvage::finish(&file)?;
    }
    // Whoever comes second breaks no seal: there is none.
    let sealed = seal::break_open(&file).filter(|_| alone && !folder.join(DOUBT).exists());
    let looked_through = sealed.unwrap_or_else(SystemTime::now);
    let mut salvaged = None;
    let conn = match open(folder, &file, alone, sealed.is_some()) {
        Err(error @ StoreError::Damaged(_)) if !alone => {
            // The other program knows nothing of it, and would vouch for the file when it closes it.
            doubt(folder, &error);
            return Err(StoreError::DamagedInUse);
        }
        Err(StoreError::Damaged(damage)) => {
            tracing::warn!(damage, "library damaged, being rebuilt");
            salvaged = Some(salvage::salvage(&file)?);
            open(folder, &file, alone, false)?
        }
        opened => opened?,
    };
    let in_doubt = folder.join(DOUBT);
    if in_doubt.exists()
        && let Err(error) = std::fs::remove_file(&in_doubt)
    {
        tracing::debug!(%error, "the library will be looked through again");
    }
    // Only openers take this lock, and they take turns, so nobody can come between letting go and taking.
    let shared = if alone { in_use.unlock() } else { Ok(()) }.and_then(|()| in_use.lock_shared());
    if let Err(error) = shared {
        tracing::debug!(%error, "library not marked as in use");
    }
    Ok(Opened { file, conn, salvaged, looked_through, in_use })
}

/// `sealed` says that the file is as a sound library was left.
fn open(folder: &Path, file: &Path, alone: bool, sealed: bool) -> Result<Connection, StoreError> {
    let existed = file.metadata().is_ok_and(|meta| meta.len() > 0);
    if existed && alone {
        check_log(file)?;
    }
    let doubt = folder.join(DOUBT);
    let opened = || {
        let mut conn = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        // A file that turns out to be damaged or another version's is left as it is, its log included.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        check(&conn, existed, sealed)?;
        migrate(&mut conn, file, existed, MIGRATIONS)?;
        if doubt.exists() && !salvage::is_understood(&conn)? {
            return Err(StoreError::Damaged("some of what it holds makes no sense".into()));
        }
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)?;
        Ok(conn)
    };
    opened().map_err(|error| match error {
        StoreError::NotWritable(_) => StoreError::NotWritable(folder.to_path_buf()),
        error => full_or(error, folder),
    })
}

/// Looks for damage in the log that SQLite passes over in silence. Only for who is alone with the library.
fn check_log(file: &Path) -> Result<(), StoreError> {
    let breaks_at = || salvage::log_breaks_at(file).map_err(|error| refused(&error, file));
    match breaks_at()? {
        // A second look, because a program that knows nothing of our locks could just have been writing.
        Some(place) if breaks_at()? == Some(place) => {
            Err(StoreError::Damaged(format!("the log is broken at byte {place}")))
        }
        _ => Ok(()),
    }
}

/// Has the next start look through the whole library.
pub(crate) fn doubt(folder: &Path, error: &StoreError) {
    if error.code() != ErrorCode::DataDamaged {
        return;
    }
    tracing::error!(%error, "library in doubt");
    if let Err(error) = File::create(folder.join(DOUBT)) {
        tracing::debug!(%error, "doubt not noted");
    }
}

/// A connection as every part of the store uses it.
pub(crate) fn connect(file: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let conn = Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    // On macOS a plain sync leaves data in the disk's own memory; elsewhere these do nothing.
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.pragma_update(None, "journal_size_limit", LOG_KEPT)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "cache_size", -WRITER_CACHE)?;
    conn.set_prepared_statement_cache_capacity(64);
    Ok(conn)
}

/// A connection that cannot write: everything written goes through the one writer.
pub(crate) fn connect_reader(file: &Path) -> Result<Connection, StoreError> {
    // Not opened read-only, because a reader of a WAL file may have to make the shared-memory file.
    let conn = connect(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    conn.pragma_update(None, "query_only", true)?;
    conn.pragma_update(None, "cache_size", -READER_CACHE)?;
    Ok(conn)
}

fn check(conn: &Connection, existed: bool, sealed: bool) -> Result<(), StoreError> {
    // SQLite falls back to reading where it may not write; that would be noticed only after an hour's work.
    if conn.is_readonly(rusqlite::MAIN_DB)? {
        return Err(StoreError::NotWritable(PathBuf::new()));
    }
    if !existed {
        return Ok(());
    }
    // A newer version's file is not this one's to rebuild, sound or not.
    let (found, known) = (format(conn)?, steps(MIGRATIONS));
    if found > known && found < ABSURD {
        return Err(StoreError::TooNew { found, known });
    }
    if !sealed {
        let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(verdict));
        }
    }
    if belongs(conn, found)? { Ok(()) } else { Err(StoreError::Damaged(format!("its format is given as {found}"))) }
}

/// Whether the tables of a format are there, and none of a later one; otherwise its number is wrong.
fn belongs(conn: &Connection, format: i64) -> rusqlite::Result<bool> {
    let Some(steps) = usize::try_from(format).ok().and_then(|format| MIGRATIONS.get(..format)) else {
        return Ok(false);
    };
    let there = tables(conn)?;
    let (own, all) = (tables_after(steps)?, tables_after(MIGRATIONS)?);
    Ok(own.is_subset(&there) && all.difference(&own).all(|table| !there.contains(table)))
}

fn tables(conn: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    let mut select = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    select.query_map([], |row| row.get(0))?.collect()
}

fn tables_after(steps: &[&[&str]]) -> rusqlite::Result<BTreeSet<String>> {
    let conn = Connection::open_in_memory()?;
    for sql in steps.iter().copied().flatten() {
        conn.execute_batch(sql)?;
    }
    tables(&conn)
}

fn format(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0))
}

fn steps(steps: &[&[&str]]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}

pub(crate) fn migrate(
    conn: &mut Connection,
    file: &Path,
    existed: bool,
    migrations: &[&[&str]],
) -> Result<(), StoreError> {
    let known = steps(migrations);
    let found = format(conn)?;
    if found == known {
        return Ok(());
    }
    if existed && found > 0 {
        back_up(conn, file, found)?;
    }
    let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let found = format(&tx)?;
    for step in migrations.iter().skip(usize::try_from(found).unwrap_or_default()) {
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

pub(crate) fn refused(error: &std::io::Error, path: &Path) -> StoreError {
    if says_full(error) { StoreError::DiskFull } else { StoreError::NotWritable(path.to_path_buf()) }
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
        let conn = prepare(home.path()).unwrap().conn;
        let list = plan(&conn, section::LIST);
        assert!(list.contains("COVERING INDEX section_list") && !list.contains("B-TREE"), "{list}");
        let jobs = plan(&conn, &job::unfinished_sql());
        assert!(jobs.contains("INDEX job_unfinished"), "{jobs}");
    }

    #[test]
    fn every_connection_makes_its_writes_durable_and_keeps_what_belongs_together() {
        let home = tempfile::tempdir().unwrap();
        let opened = prepare(home.path()).unwrap();
        for conn in [&opened.conn, &connect_reader(&opened.file).unwrap()] {
            for (pragma, value) in [
                ("synchronous", 2),
                ("fullfsync", 1),
                ("checkpoint_fullfsync", 1),
                ("foreign_keys", 1),
                ("journal_size_limit", i64::from(LOG_KEPT)),
            ] {
                let found: i64 = conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0)).unwrap();
                assert_eq!(found, value, "{pragma}");
            }
            let mode: String = conn.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
            assert_eq!(mode, "wal");
        }
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
