//! Everything a shell may ask. A shell (the window, the command line, later the browser host) opens one [`Api`], sends
//! it [`Request`]s, and listens to its feed; it holds no rule of its own. Nothing here knows Tauri or clap.

mod add;
mod command;
mod feed;
mod figures;
mod folders;
mod inbox;
mod jobs;
pub mod keys;
pub mod log;
mod openai;
mod provider;
mod remembered;
mod removal;
mod search;
mod settings;
mod shelf;
mod storage;
mod words;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use epitome_model::{ErrorCode, FeedMessage, JobId, WireError};
use epitome_pipeline::{Conductor, Speed};
use epitome_store::{OpenOptions, Store, StoreError};
use tokio::sync::{Notify, Semaphore, broadcast};

pub use add::{Adding, Imported, Inspected, files, inspect};
pub use command::{Request, typescript};
pub use epitome_reader::{Reader, worker};
pub use epitome_store::views::Outcome;
pub use folders::{CONFIG_VARIABLE, DATA_VARIABLE, Folders};
pub use settings::{KNOBS, Settings, SettingsFile};

use add::Previews;
use feed::Followed;
use jobs::Running;
use provider::Looked;
use remembered::Remembered;

/// Messages a slow listener may lag behind, about three seconds of a full feed and a megabyte at the most; what it misses
/// it asks for again.
const FEED_CAPACITY: usize = 32;

/// Books that share the card at the same time: enough to keep it full while one of them waits or ends, few enough that
/// the first of a library is soon done.
const BOOKS_AT_A_TIME: usize = 3;

/// Names a file to tests of whole programs: while it is there, the disk counts as full. See [`OpenOptions::full_while`].
pub const FULL_VARIABLE: &str = "EPITOME_TEST_FULL_WHILE";

/// How an [`Api`] is opened.
#[derive(Clone, Debug, Default)]
pub struct Open {
    /// Data folder; the environment's or the system's usual one when absent.
    pub data: Option<PathBuf>,
    /// `KEY=VALUE` choices of the command line.
    pub choices: Vec<(String, String)>,
    /// `KEY=VALUE` that hold where nobody chose, in place of the profile's value.
    pub usual: Vec<(String, String)>,
    /// Go on with unfinished jobs at once, as the window does.
    pub resume: bool,
    /// What reads book files; this process where nothing is said, as in tests.
    pub reader: Option<Reader>,
}

/// The application. Cheap to clone.
#[derive(Clone)]
pub struct Api {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    folders: Folders,
    file: SettingsFile,
    remembered: Remembered,
    settings: Mutex<Settings>,
    /// Files that were read and wait for the person's word.
    previews: Mutex<Previews>,
    /// Jobs this process runs or ran.
    runs: Mutex<HashMap<JobId, Running>>,
    /// Jobs that other processes run.
    followed: Mutex<Followed>,
    conductor: Conductor,
    /// Books of a library that are worked on at the same time; the others wait for their turn. What the reader waits
    /// for needs none.
    turns: Semaphore,
    looked: Mutex<Option<Looked>>,
    /// What test calls told of a model on a server.
    tried: Mutex<HashMap<(String, String), Speed>>,
    pulling: Mutex<Option<tokio::task::AbortHandle>>,
    /// Rung when the watched folder may hold something new, or is another one.
    inbox: Arc<Notify>,
    /// Rung when there may be something to put into the index.
    index: Arc<Notify>,
    feed: broadcast::Sender<FeedMessage>,
    clock: fn() -> i64,
    /// Jobs that other processes leave behind are taken over, as the window does.
    adopts: bool,
    reader: Reader,
}

impl Api {
    /// Opens library and settings. Must be called within a tokio runtime.
    pub async fn open(open: Open) -> Result<Self, WireError> {
        let variable = |name: &str| std::env::var(name).ok();
        let folders = Folders::find(open.data.as_deref(), variable)?;
        let file = SettingsFile::in_folder(&folders.config);
        let mut settings = Settings { file: file.read()?, ..Settings::default() };
        settings.set_environment(variable)?;
        settings.set_command_line(words(&open.choices))?;
        settings.set_usual(words(&open.usual))?;
        let write_capacity = settings.value("queue.write_capacity").parse().unwrap_or(1000);
        let data = folders.data.clone();
        let options = OpenOptions {
            write_capacity,
            flush_ms: settings.value("writer.flush_ms").parse().unwrap_or(250),
            full_while: variable(FULL_VARIABLE).map(PathBuf::from),
            flush_items: settings.value("writer.flush_items").parse().unwrap_or(100),
        };
        let store = tokio::task::spawn_blocking(move || Store::open_with(&data, options)).await.map_err(internal)??;
        let inner = Inner {
            conductor: Conductor::start(store.clone(), unix_ms, keys::finder()),
            store,
            remembered: Remembered::in_folder(&folders.data),
            folders,
            file,
            settings: Mutex::new(settings),
            previews: Mutex::default(),
            runs: Mutex::default(),
            followed: Mutex::default(),
            turns: Semaphore::new(BOOKS_AT_A_TIME),
            looked: Mutex::default(),
            tried: Mutex::default(),
            pulling: Mutex::default(),
            inbox: Arc::default(),
            index: Arc::default(),
            feed: broadcast::Sender::new(FEED_CAPACITY),
            clock: unix_ms,
            adopts: open.resume,
            reader: open.reader.unwrap_or_else(Reader::in_process),
        };
        let api = Self { inner: Arc::new(inner) };
        feed::start(&api);
        removal::start(&api);
        search::start(&api);
        if open.resume {
            inbox::start(&api);
            api.index();
            api.resume_unfinished().await?;
        }
        Ok(api)
    }

    /// The application, for a task of its own that ends when everybody else has let go of it.
    fn upgrade(inner: &Weak<Inner>) -> Option<Self> {
        inner.upgrade().map(|inner| Self { inner })
    }

    /// Listens to the feed. A listener that lags behind asks for what it shows again.
    pub fn feed(&self) -> broadcast::Receiver<FeedMessage> {
        self.inner.feed.subscribe()
    }

    /// Where data, settings and logs live.
    pub fn folders(&self) -> &Folders {
        &self.inner.folders
    }

    /// The value of a setting that is in force; empty for one that there is not.
    pub fn setting(&self, key: &str) -> String {
        held(&self.inner.settings).value(key).to_owned()
    }

    /// What the person should know about opening: that the library was damaged, and what of it was saved.
    pub fn notice(&self) -> Option<String> {
        self.store().salvaged().map(ToString::to_string)
    }

    /// Has everything stored that nobody waits for, such as figures. For a shell whose process ends without dropping this.
    pub async fn flush(&self) {
        if let Err(error) = self.store().flush().await {
            tracing::warn!(%error, "the last figures were not stored");
        }
    }

    fn store(&self) -> &Store {
        &self.inner.store
    }

    fn reader(&self) -> &Reader {
        &self.inner.reader
    }

    fn now_ms(&self) -> i64 {
        (self.inner.clock)()
    }

    fn conductor(&self) -> &Conductor {
        &self.inner.conductor
    }

    fn turns(&self) -> &Semaphore {
        &self.inner.turns
    }

    fn settings_now(&self) -> Settings {
        held(&self.inner.settings).clone()
    }

    fn settings_path(&self) -> PathBuf {
        self.inner.file.path().to_path_buf()
    }

    fn change_setting(&self, key: &'static str, choice: Option<&str>) -> Result<(), WireError> {
        self.inner.file.change(key, choice)?;
        self.reload_settings()
    }

    fn reload_settings(&self) -> Result<(), WireError> {
        let file = self.inner.file.read()?;
        let rows = {
            let mut settings = held(&self.inner.settings);
            settings.set_file(file);
            settings.rows()
        };
        self.send(FeedMessage::Settings { rows });
        self.inner.inbox.notify_one();
        let api = self.clone();
        tokio::spawn(async move { api.retune().await });
        Ok(())
    }

    fn previews(&self) -> MutexGuard<'_, Previews> {
        held(&self.inner.previews)
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        held(&self.inner.runs)
    }

    fn followed(&self) -> MutexGuard<'_, Followed> {
        held(&self.inner.followed)
    }

    fn looked(&self) -> MutexGuard<'_, Option<Looked>> {
        held(&self.inner.looked)
    }

    fn tried(&self) -> MutexGuard<'_, HashMap<(String, String), Speed>> {
        held(&self.inner.tried)
    }

    fn pulling(&self) -> MutexGuard<'_, Option<tokio::task::AbortHandle>> {
        held(&self.inner.pulling)
    }

    /// Nobody listening is fine: a screen that opens asks for the whole state.
    fn send(&self, message: FeedMessage) {
        let _ = self.inner.feed.send(message);
    }

    fn changed(&self) {
        self.send(FeedMessage::Changed);
    }

    /// Reads the store off the async threads.
    async fn read_store<T: Send + 'static>(
        &self,
        work: impl FnOnce(&epitome_store::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, WireError> {
        let store = self.store().clone();
        Ok(tokio::task::spawn_blocking(move || store.read(work)).await.map_err(internal)??)
    }
}

fn words(pairs: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()))
}

/// A panicking holder cannot leave these half changed, so a poisoned lock is still good.
fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unix_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// For what should not happen; the words still help whoever reads the report.
fn internal(error: impl std::fmt::Display) -> WireError {
    tracing::error!(%error, "internal");
    WireError::new(
        ErrorCode::Internal,
        format!("Something broke inside Epitome: {error}."),
        "Try again; nothing stored is lost.",
    )
}
