//! The watched inbox: books that are put into a folder come into the library by themselves.
//!
//! **Invariant:** nothing in the folder is ever changed. A file is taken once it has not grown for a moment, and once
//! only: what was taken or refused is remembered by its path, size and time, also over restarts, so that a book that the
//! person removes from the library does not come back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant, SystemTime};

use epitome_model::{FeedMessage, StartJob, WireError};
use epitome_pipeline::JobLock;
use epitome_store::job;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use crate::add::{Adding, file_name, inside};
use crate::{Api, Inner};

/// A file that has not changed for so long is whole.
const SETTLED: Duration = Duration::from_secs(2);

/// How often the folder is looked at where nobody rings: some folders, such as those of other machines, tell nothing.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);

/// How often a folder is looked for that is not there.
const MISSING: Duration = Duration::from_secs(4);

/// What was taken or refused, in the data folder.
const SEEN: &str = "inbox.json";

/// Watches the folder of the settings, whichever it is, until the last [`Api`] goes.
pub(crate) fn start(api: &Api) {
    let (inner, bell) = (Arc::downgrade(&api.inner), Arc::clone(&api.inner.inbox));
    tokio::spawn(watch(inner, bell));
}

async fn watch(inner: Weak<Inner>, bell: Arc<Notify>) {
    let mut inbox: Option<Inbox> = None;
    // The start of the program goes first, and by then a window listens.
    tokio::time::sleep(SETTLED).await;
    loop {
        let wait = {
            let Some(api) = Api::upgrade(&inner) else { return };
            let wanted = PathBuf::from(api.setting("inbox.folder"));
            if inbox.as_ref().is_none_or(|inbox| inbox.folder != wanted) {
                inbox = (!wanted.as_os_str().is_empty()).then(|| Inbox::at(wanted, api.store().folder(), &bell));
            }
            match &mut inbox {
                Some(inbox) => {
                    let wait = Box::pin(inbox.look(&api)).await;
                    if inbox.tell(&api) { wait } else { wait.min(SETTLED) }
                }
                None => LOOK_ANYWAY,
            }
        };
        let _ = tokio::time::timeout(wait, bell.notified()).await;
    }
}

/// What tells one state of a file from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stamp {
    bytes: u64,
    /// Unix time in milliseconds.
    changed_ms: u128,
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let changed = found.modified().ok()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Some(Self { bytes: found.len(), changed_ms: changed.as_millis() })
    }
}

struct Inbox {
    folder: PathBuf,
    /// Rings as long as it is held; none where the folder cannot be watched.
    watcher: Option<RecommendedWatcher>,
    bell: Arc<Notify>,
    /// Files that may still grow, and since when they are as they are.
    growing: HashMap<PathBuf, (Stamp, Instant)>,
    seen: Seen,
    /// The folder cannot be read, and that was said.
    missing: bool,
    /// What the person is still to be told, once somebody listens.
    untold: Vec<String>,
    /// One process watches.
    lock: Option<JobLock>,
}

impl Inbox {
    fn at(folder: PathBuf, data: &Path, bell: &Arc<Notify>) -> Self {
        let seen = Seen::read(data.join(SEEN));
        let (bell, growing, untold) = (Arc::clone(bell), HashMap::new(), Vec::new());
        Self { folder, watcher: None, bell, growing, seen, missing: false, untold, lock: None }
    }

    /// Says what is to be said; false where nobody is there to hear it.
    fn tell(&mut self, api: &Api) -> bool {
        if self.untold.is_empty() {
            return true;
        }
        if api.inner.feed.receiver_count() == 0 {
            return false;
        }
        self.untold.drain(..).for_each(|text| api.send(FeedMessage::Notice { text }));
        true
    }

    /// Takes what is new and whole; gives how long to wait for the next look.
    async fn look(&mut self, api: &Api) -> Duration {
        if self.lock.is_none() {
            self.lock = JobLock::named(api.store().folder(), "inbox").unwrap_or_default();
        }
        if self.lock.is_none() {
            return LOOK_ANYWAY;
        }
        let folder = self.folder.clone();
        let found = match inside(folder).await {
            Ok(found) => found,
            Err(error) => {
                self.complain(&error);
                return MISSING;
            }
        };
        self.missing = false;
        self.listen();
        let whole = self.whole(found);
        if !whole.is_empty() {
            self.take(api, whole).await;
        }
        if self.growing.is_empty() { LOOK_ANYWAY } else { SETTLED }
    }

    /// Has the system ring when something changes.
    fn listen(&mut self) {
        if self.watcher.is_some() {
            return;
        }
        let bell = Arc::clone(&self.bell);
        let watcher = notify::recommended_watcher(move |_: notify::Result<notify::Event>| bell.notify_one());
        let watching = watcher.and_then(|mut watcher| {
            watcher.watch(&self.folder, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        match watching {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => tracing::info!(%error, "the inbox is looked at now and then instead of watched"),
        }
    }

    /// Files that are new and have not grown for a moment.
    fn whole(&mut self, found: Vec<PathBuf>) -> Vec<(PathBuf, Stamp)> {
        let now = Instant::now();
        let stamped: Vec<_> = found.into_iter().filter_map(|path| Some((Stamp::of(&path)?, path))).collect();
        self.seen.keep_only(&self.folder, &stamped);
        self.growing.retain(|path, _| stamped.iter().any(|(_, there)| there == path));
        let mut whole = Vec::new();
        for (stamp, path) in stamped {
            // An empty file is one that is about to be written.
            if stamp.bytes == 0 || self.seen.has(&path, stamp) {
                self.growing.remove(&path);
                continue;
            }
            let (before, since) = self.growing.entry(path.clone()).or_insert((stamp, now));
            if *before != stamp {
                (*before, *since) = (stamp, now);
            } else if now.duration_since(*since) >= SETTLED {
                self.growing.remove(&path);
                whole.push((path, stamp));
            }
        }
        whole
    }

    async fn take(&mut self, api: &Api, whole: Vec<(PathBuf, Stamp)>) {
        let mut refused = Vec::new();
        for (path, stamp) in whole {
            if let Err(error) = api.take_in(&path).await {
                refused.push((file_name(&path), error));
            }
            self.seen.add(&path, stamp);
        }
        self.seen.write();
        self.untold.extend(refusals(&refused));
    }

    fn complain(&mut self, error: &WireError) {
        self.watcher = None;
        if !std::mem::replace(&mut self.missing, true) {
            let text = format!("The inbox folder cannot be looked at. {} {}", error.message, error.hint);
            self.untold.push(text.trim().to_owned());
        }
    }
}

impl Api {
    /// Puts a file of the inbox into the library and, as the settings say, starts on what is new.
    async fn take_in(&self, path: &Path) -> Result<(), WireError> {
        let imported = Box::pin(self.import_with(path, &Adding::default())).await?;
        let book = imported.book;
        let jobs = self.read_store(move |conn| job::of_book(conn, book)).await?;
        let is_new = jobs.is_empty() || imported.grown.is_some_and(|grown| grown.new > 0);
        if is_new && self.setting("inbox.start") == "summarise" {
            self.start(book, StartJob::default()).await?;
        }
        Ok(())
    }
}

/// What is said of files that were not taken: the first by its reason, the others by their number.
fn refusals(refused: &[(String, WireError)]) -> Option<String> {
    let ((_, error), others) = refused.split_first()?;
    let first = format!("From the inbox folder: {} {}", error.message, error.hint);
    let more = match others {
        [] => String::new(),
        [(name, _)] => format!(" {name} had trouble too."),
        [..] => format!(" {} more files had trouble too; add them by hand to see why.", others.len()),
    };
    Some(format!("{}{more}", first.trim()))
}

/// What was taken or refused before.
struct Seen {
    file: PathBuf,
    stamps: HashMap<String, Stamp>,
}

impl Seen {
    /// What cannot be read counts as nothing: the files are read once more, and none is stored twice.
    fn read(file: PathBuf) -> Self {
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        Self { stamps: serde_json::from_str(&text).unwrap_or_default(), file }
    }

    fn has(&self, path: &Path, stamp: Stamp) -> bool {
        self.stamps.get(&*path.to_string_lossy()) == Some(&stamp)
    }

    fn add(&mut self, path: &Path, stamp: Stamp) {
        self.stamps.insert(path.to_string_lossy().into_owned(), stamp);
    }

    /// Forgets files of the folder that are gone from it.
    fn keep_only(&mut self, folder: &Path, there: &[(Stamp, PathBuf)]) {
        let here: std::collections::HashSet<_> = there.iter().map(|(_, path)| path.to_string_lossy()).collect();
        self.stamps.retain(|path, _| !Path::new(path).starts_with(folder) || here.contains(path.as_str()));
    }

    fn write(&self) {
        let fresh = self.file.with_extension("json.new");
        let text = serde_json::to_vec(&self.stamps).unwrap_or_default();
        if let Err(error) = std::fs::write(&fresh, text).and_then(|()| std::fs::rename(&fresh, &self.file)) {
            tracing::warn!(%error, "what came in by the inbox is not remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use epitome_model::ErrorCode;

    use super::*;

    #[test]
    fn what_was_seen_is_remembered_until_the_file_changes_or_goes() {
        let home = tempfile::tempdir().unwrap();
        let (file, inbox) = (home.path().join(SEEN), home.path().join("in"));
        let (one, two) = (inbox.join("one.epub"), inbox.join("two.epub"));
        let stamp = Stamp { bytes: 5, changed_ms: 7 };
        let mut seen = Seen::read(file.clone());
        seen.add(&one, stamp);
        seen.add(&two, stamp);
        seen.write();
        let mut seen = Seen::read(file.clone());
        assert!(seen.has(&one, stamp) && !seen.has(&one, Stamp { bytes: 6, ..stamp }));
        seen.keep_only(&inbox, &[(stamp, two.clone())]);
        assert!(!seen.has(&one, stamp) && seen.has(&two, stamp));
        seen.keep_only(&home.path().join("elsewhere"), &[]);
        assert!(seen.has(&two, stamp), "another folder says nothing about this one");
        std::fs::write(&file, "{ not json").unwrap();
        assert!(!Seen::read(file).has(&two, stamp));
    }

    #[test]
    fn many_refusals_are_one_sentence_more() {
        let refused = |count: usize| -> Vec<_> {
            let error = WireError::new(ErrorCode::NotABook, "a.bin is no book.", "Add an EPUB.");
            (0..count).map(|n| (format!("{n}.bin"), error.clone())).collect()
        };
        assert_eq!(refusals(&refused(0)), None);
        assert_eq!(refusals(&refused(1)).unwrap(), "From the inbox folder: a.bin is no book. Add an EPUB.");
        assert!(refusals(&refused(2)).unwrap().ends_with("1.bin had trouble too."));
        assert!(refusals(&refused(9)).unwrap().contains("8 more files"));
    }
}
