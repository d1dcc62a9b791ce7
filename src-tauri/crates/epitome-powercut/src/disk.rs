//! What is on the disk for certain, and what was only written.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes a disk writes whole or not at all.
const SECTOR: usize = 512;

/// Called at a moment chosen before, while the disk stands still.
pub(crate) type AtOp = Box<dyn FnMut(&Cut<'_>) + Send>;

/// How often what was done in a watched folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Writes, truncations, deletions and syncs.
    pub ops: u64,
    /// Syncs of logs, that is of files whose name ends in `-wal`.
    pub log_syncs: u64,
    /// Syncs of all other files.
    pub other_syncs: u64,
    /// Greatest size a log had, in bytes.
    pub log_peak: u64,
}

/// A watched folder; it is watched until this goes.
pub struct Watch {
    folder: Arc<Mutex<Folder>>,
}

/// The disk at one moment.
pub struct Cut<'a> {
    folder: &'a Folder,
}

/// A folder and the files in it.
pub(crate) struct Folder {
    path: PathBuf,
    files: BTreeMap<PathBuf, Content>,
    counts: Counts,
    /// Bytes all files together may have, where the disk is not endless.
    room: Option<u64>,
    at_op: Option<AtOp>,
}

#[derive(Default)]
struct Content {
    /// As it was last synced; none where there was no such file.
    synced: Option<Vec<u8>>,
    /// What was done to it since.
    since: Vec<Op>,
    /// Bytes it has now.
    size: u64,
}

enum Op {
    Create,
    Write { at: usize, bytes: Vec<u8> },
    Truncate(usize),
    Delete,
}

static WATCHED: Mutex<Vec<Arc<Mutex<Folder>>>> = Mutex::new(Vec::new());

impl Watch {
    /// Watches a folder from now on. What is in it counts as synced; a file that is open already is not watched.
    pub fn new(path: &Path) -> io::Result<Self> {
        let path = path.canonicalize()?;
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(&path)? {
            let entry = entry?.path();
            if entry.is_file() {
                let bytes = std::fs::read(&entry)?;
                let size = bytes.len() as u64;
                files.insert(entry, Content { synced: Some(bytes), since: Vec::new(), size });
            }
        }
        let folder = Folder { path, files, counts: Counts::default(), room: None, at_op: None };
        let folder = Arc::new(Mutex::new(folder));
        held(&WATCHED).push(Arc::clone(&folder));
        Ok(Self { folder })
    }

    pub fn counts(&self) -> Counts {
        held(&self.folder).counts
    }

    /// Has `look` called before every operation, with the disk standing still. It must not use the watched files.
    pub fn at_every_op(&self, look: impl FnMut(&Cut<'_>) + Send + 'static) {
        held(&self.folder).at_op = Some(Box::new(look));
    }

    /// Lets the files grow by this many bytes all together and no further; without a number, as far as they like.
    pub fn set_room(&self, bytes: Option<u64>) {
        let mut folder = held(&self.folder);
        let used: u64 = folder.files.values().map(|file| file.size).sum();
        folder.room = bytes.map(|bytes| used + bytes);
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        held(&WATCHED).retain(|folder| !Arc::ptr_eq(folder, &self.folder));
    }
}

impl Cut<'_> {
    /// Number of this operation, from 1.
    pub fn op(&self) -> u64 {
        self.folder.counts.ops
    }

    /// The files by name as the disk may have them should the power go now. `seed` chooses what becomes of that which
    /// was not synced: nothing of it is there, or the beginning of it, or any sectors of it.
    pub fn files(&self, seed: u64) -> BTreeMap<String, Vec<u8>> {
        let mut chance = Chance(seed);
        let manner = chance.below(4);
        let left = self.folder.files.iter().filter_map(|(path, file)| {
            let name = path.file_name()?.to_string_lossy().into_owned();
            Some((name, file.after_cut(manner, &mut chance)?))
        });
        // Shared memory is no file to the disk.
        left.filter(|(name, _)| !name.ends_with("-shm")).collect()
    }
}

impl Content {
    fn after_cut(&self, manner: u64, chance: &mut Chance) -> Option<Vec<u8>> {
        let mut content = self.synced.clone();
        // Up to which operation all are there, and how likely in a hundred one behind it is.
        let kept = if manner == 1 { chance.below(self.since.len() as u64 + 1) } else { 0 };
        let likely = match manner {
            0 | 1 => 0,
            2 => 50,
            _ => 90,
        };
        for (place, op) in (0..).zip(&self.since) {
            match op {
                _ if place < kept => op.apply(&mut content),
                // A sector belongs to the disk's block, not to the write: each is written or not by itself.
                Op::Write { at, bytes } => {
                    let mut from = 0;
                    while from < bytes.len() {
                        let to = ((at + from) / SECTOR * SECTOR + SECTOR - at).min(bytes.len());
                        if chance.below(100) < likely {
                            Op::Write { at: at + from, bytes: bytes[from..to].to_vec() }.apply(&mut content);
                        }
                        from = to;
                    }
                }
                _ if chance.below(100) < likely => op.apply(&mut content),
                _ => {}
            }
        }
        content
    }
}

impl Op {
    fn apply(&self, content: &mut Option<Vec<u8>>) {
        match self {
            Self::Create => *content = Some(Vec::new()),
            Self::Delete => *content = None,
            Self::Truncate(size) => {
                if let Some(content) = content {
                    content.resize(*size, 0);
                }
            }
            Self::Write { at, bytes } => {
                let content = content.get_or_insert_default();
                let end = at + bytes.len();
                if content.len() < end {
                    content.resize(end, 0);
                }
                content[*at..end].copy_from_slice(bytes);
            }
        }
    }
}

impl Folder {
    fn count(&mut self) {
        self.counts.ops += 1;
        if let Some(mut look) = self.at_op.take() {
            look(&Cut { folder: self });
            self.at_op = Some(look);
        }
    }

    fn file(&mut self, path: &Path) -> &mut Content {
        self.files.entry(path.to_path_buf()).or_default()
    }

    /// Whether a file may be so long.
    fn has_room(&self, path: &Path, size: u64) -> bool {
        let Some(room) = self.room else { return true };
        let others: u64 = self.files.iter().filter(|(other, _)| *other != path).map(|(_, file)| file.size).sum();
        let own = self.files.get(path).map_or(0, |file| file.size);
        size <= own || others + size <= room
    }
}

/// A file of a watched folder, as the file system has it open.
pub(crate) struct Handle {
    folder: Arc<Mutex<Folder>>,
    path: PathBuf,
}

/// The handle of a file that is about to be opened; none where it is in no watched folder.
pub(crate) fn handle(path: &Path) -> Option<Handle> {
    let watched = held(&WATCHED);
    let folder = watched.iter().find(|folder| path.parent() == Some(held(folder).path.as_path()))?;
    Some(Handle { folder: Arc::clone(folder), path: path.to_path_buf() })
}

impl Handle {
    /// Notes that the file was opened, and so made where it was not there.
    pub(crate) fn opened(&self) {
        let mut folder = held(&self.folder);
        let file = folder.file(&self.path);
        if !file.exists() {
            file.since.push(Op::Create);
        }
    }

    /// Notes a write; false where there is no room for it.
    pub(crate) fn write(&self, at: usize, bytes: &[u8]) -> bool {
        let mut folder = held(&self.folder);
        let end = (at + bytes.len()) as u64;
        if !folder.has_room(&self.path, end) {
            return false;
        }
        folder.count();
        if is_log(&self.path) {
            folder.counts.log_peak = folder.counts.log_peak.max(end);
        }
        let file = folder.file(&self.path);
        file.size = file.size.max(end);
        file.since.push(Op::Write { at, bytes: bytes.to_vec() });
        true
    }

    pub(crate) fn truncate(&self, size: usize) {
        let mut folder = held(&self.folder);
        folder.count();
        let file = folder.file(&self.path);
        file.size = size as u64;
        file.since.push(Op::Truncate(size));
    }

    /// Notes a sync: what was written is there for certain.
    pub(crate) fn sync(&self) {
        let mut folder = held(&self.folder);
        folder.count();
        if is_log(&self.path) {
            folder.counts.log_syncs += 1;
        } else {
            folder.counts.other_syncs += 1;
        }
        let file = folder.file(&self.path);
        let new = file.since.iter().any(|op| matches!(op, Op::Create));
        file.settle(file.since.len());
        // SQLite syncs the folder with the first sync of a log or journal, and with it every name in it that went.
        if new && (is_log(&self.path) || self.path.to_string_lossy().ends_with("-journal")) {
            for file in folder.files.values_mut() {
                let gone = file.since.iter().rposition(|op| matches!(op, Op::Delete));
                file.settle(gone.map_or(0, |place| place + 1));
            }
        }
    }

    /// Notes a deletion; `durable` where the folder is synced too.
    pub(crate) fn delete(&self, durable: bool) {
        let mut folder = held(&self.folder);
        folder.count();
        let file = folder.file(&self.path);
        file.size = 0;
        file.since.push(Op::Delete);
        if durable {
            (file.synced, file.since) = (None, Vec::new());
        }
    }

    /// Notes that the file's shared memory reaches so far; false where there is no room for it.
    pub(crate) fn share(&self, end: u64) -> bool {
        let mut folder = held(&self.folder);
        let path = self.shared();
        let room = folder.has_room(&path, end);
        if room {
            let file = folder.file(&path);
            file.size = file.size.max(end);
        }
        room
    }

    /// Notes that the file's shared memory was given back.
    pub(crate) fn unshare(&self) {
        held(&self.folder).file(&self.shared()).size = 0;
    }

    fn shared(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push("-shm");
        PathBuf::from(name)
    }
}

impl Content {
    /// Makes the first operations durable.
    fn settle(&mut self, count: usize) {
        for op in self.since.drain(..count) {
            op.apply(&mut self.synced);
        }
    }

    fn exists(&self) -> bool {
        let last = self.since.iter().rev().find(|op| matches!(op, Op::Create | Op::Delete));
        last.map_or(self.synced.is_some(), |op| matches!(op, Op::Create))
    }
}

fn is_log(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-wal")
}

/// A panicking holder is a failing test; the others may go on.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Numbers that look like chance and are the same every time (splitmix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (number ^ (number >> 31)) % most.max(1)
    }
}
