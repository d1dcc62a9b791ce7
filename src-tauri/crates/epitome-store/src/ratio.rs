//! Characters per token, learned from the servers' own counts, for each model and language.

use rusqlite::{Connection, OptionalExtension};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;
use crate::columns::{json, to_json};

pub(crate) const TABLE: &str = "
CREATE TABLE ratio (
    model TEXT NOT NULL,
    language TEXT NOT NULL,
    state TEXT NOT NULL,
    measured_ms INTEGER NOT NULL,
    PRIMARY KEY (model, language)
) STRICT, WITHOUT ROWID;
";

/// Stores what was learned in place of what was known. `state` is the learner's own, kept as JSON; `language` is empty
/// where the book tells none; `measured_ms` is a Unix time.
pub fn set<T: Serialize>(
    conn: &Connection,
    model: &str,
    language: &str,
    state: &T,
    measured_ms: i64,
) -> Result<(), StoreError> {
    conn.prepare_cached("INSERT OR REPLACE INTO ratio (model, language, state, measured_ms) VALUES (?1, ?2, ?3, ?4)")?
        .execute((model, language, to_json(state)?, measured_ms))?;
    Ok(())
}

/// What was learned; none when nothing was, or when another version wrote it otherwise: then it is learned again.
pub fn find<T: DeserializeOwned>(conn: &Connection, model: &str, language: &str) -> Result<Option<T>, StoreError> {
    let mut select = conn.prepare_cached("SELECT state FROM ratio WHERE model = ?1 AND language = ?2")?;
    let found = select.query_row((model, language), |row| Ok(json(row, "state").ok())).optional()?;
    Ok(found.flatten())
}
