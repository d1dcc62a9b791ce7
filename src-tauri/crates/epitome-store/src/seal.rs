//! The seal of a library that was closed in order: it was sound then, and what nobody has touched since need not be looked
//! through at the next start. Looking reads the whole file, which for a few hundred books takes longer than everything
//! else a start does.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

const SEAL: &str = "library.seal";

/// How long a library may go without being looked through: disks forget, too.
const LOOKED_THROUGH_EVERY: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How far a sealed file's time is set back, so that a write in the same tick of the file system's clock shows: more than
/// the 2 s of FAT.
const SET_BACK: Duration = Duration::from_secs(5);

/// Bytes of SQLite's header.
const HEADER: usize = 100;

/// What a sealed library looked like.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
struct Mark {
    /// Bytes of the file, its time of change since 1970, and its header.
    size: u64,
    changed: Duration,
    header: Vec<u8>,
    /// When it was last looked through, since 1970.
    looked_through: Duration,
}

/// Breaks the seal of a library. Tells when the library was last looked through if that still holds.
pub(crate) fn break_open(file: &Path) -> Option<SystemTime> {
    let path = file.with_file_name(SEAL);
    let text = std::fs::read_to_string(&path).ok()?;
    // One that cannot be taken away would vouch for what comes now.
    std::fs::remove_file(&path).ok()?;
    let mark: Mark = serde_json::from_str(&text).ok()?;
    if mark != self::mark(file, mark.looked_through)? {
        return None;
    }
    let looked_through = UNIX_EPOCH + mark.looked_through;
    let fresh = SystemTime::now().duration_since(looked_through).is_ok_and(|age| age < LOOKED_THROUGH_EVERY);
    fresh.then_some(looked_through)
}

/// None where there is a log: then some program did not close the library, or has it open.
fn mark(file: &Path, looked_through: Duration) -> Option<Mark> {
    let log = PathBuf::from(format!("{}-wal", file.to_str()?));
    if log.exists() {
        return None;
    }
    let meta = file.metadata().ok()?;
    let mut header = vec![0; HEADER];
    File::open(file).ok()?.read_exact(&mut header).ok()?;
    let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Mark { size: meta.len(), changed, header, looked_through })
}

/// Seals a library when it is dropped, which has to be after the last connection.
pub(crate) struct Seal {
    pub file: PathBuf,
    pub looked_through: SystemTime,
}

impl Drop for Seal {
    fn drop(&mut self) {
        // Without a seal the library is looked through at the next start, and nothing else.
        if self.put().is_none() {
            tracing::debug!("library not sealed");
        }
    }
}

impl Seal {
    fn put(&self) -> Option<()> {
        let looked_through = self.looked_through.duration_since(UNIX_EPOCH).ok()?;
        mark(&self.file, looked_through)?;
        File::options().write(true).open(&self.file).ok()?.set_modified(SystemTime::now() - SET_BACK).ok()?;
        let text = serde_json::to_string(&mark(&self.file, looked_through)?).ok()?;
        std::fs::write(self.file.with_file_name(SEAL), text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("library.sqlite");
        std::fs::write(&file, [7; 4096]).unwrap();
        (home, file)
    }

    fn seal(file: &Path, looked_through: SystemTime) {
        drop(Seal { file: file.to_path_buf(), looked_through });
    }

    #[test]
    fn a_seal_holds_once_and_for_what_it_was_put_on() {
        let (_home, file) = library();
        assert_eq!(break_open(&file), None, "never sealed");
        let now = SystemTime::now();
        seal(&file, now);
        assert_eq!(break_open(&file), Some(now));
        assert_eq!(break_open(&file), None, "broken");
        seal(&file, now - LOOKED_THROUGH_EVERY);
        assert_eq!(break_open(&file), None, "a week has gone");
        seal(&file, now + Duration::from_secs(3600));
        assert_eq!(break_open(&file), None, "a clock that was wrong vouches for nothing");
    }

    #[test]
    fn what_was_changed_since_is_not_sealed() {
        type Change = fn(&Path);
        let same_size: Change = |file| {
            let mut bytes = std::fs::read(file).unwrap();
            bytes[3000] = 8;
            std::fs::write(file, bytes).unwrap();
        };
        let longer: Change = |file| std::fs::write(file, [7; 4097]).unwrap();
        let logged: Change = |file| std::fs::write(file.with_file_name("library.sqlite-wal"), "").unwrap();
        let gone: Change = |file| std::fs::remove_file(file).unwrap();
        for change in [same_size, longer, logged, gone] {
            let (_home, file) = library();
            seal(&file, SystemTime::now());
            change(&file);
            assert_eq!(break_open(&file), None);
        }
        let (_home, file) = library();
        logged(&file);
        seal(&file, SystemTime::now());
        assert!(!file.with_file_name(SEAL).exists(), "a log says that somebody is still at it");
    }
}
