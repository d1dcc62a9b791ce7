//! The live feed: frames of the jobs that run here, and changes another process made to the library.

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use epitome_model::{BoardFrame, CellState, FRAME_INTERVAL_MS, FeedMessage, JobId, JobState};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;

use crate::{Api, Inner};

/// How often the store is asked whether another process changed it.
const ELSEWHERE_EVERY: Duration = Duration::from_millis(400);

/// Starts the tasks behind the feed. They end when the last [`Api`] goes.
pub(crate) fn start(api: &Api) {
    tokio::spawn(frames(Arc::downgrade(&api.inner)));
    tokio::spawn(elsewhere(Arc::downgrade(&api.inner)));
    watch_settings(api);
}

fn upgrade(inner: &Weak<Inner>) -> Option<Api> {
    inner.upgrade().map(|inner| Api { inner })
}

/// At most one frame a job in [`FRAME_INTERVAL_MS`].
async fn frames(inner: Weak<Inner>) {
    let mut tick = tokio::time::interval(Duration::from_millis(FRAME_INTERVAL_MS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let Some(api) = upgrade(&inner) else { return };
        let boards: Vec<_> = api.runs().values().filter_map(|running| running.board.clone()).collect();
        for board in boards {
            if let Some(frame) = board.take_frame() {
                api.send(FeedMessage::Frame { frame });
            }
        }
    }
}

impl Api {
    /// Sends what is left to tell of a job that ended, so that the last frame is never missing.
    pub(crate) fn last_frame(&self, job: JobId) {
        let board = self.runs().get(&job).and_then(|running| running.board.clone());
        while let Some(frame) = board.as_ref().and_then(|board| board.take_frame()) {
            self.send(FeedMessage::Frame { frame });
        }
    }
}

/// Follows jobs that another process runs, by what it commits.
async fn elsewhere(inner: Weak<Inner>) {
    let mut seen = None;
    let mut followed: HashMap<JobId, Followed> = HashMap::new();
    let mut tick = tokio::time::interval(ELSEWHERE_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let Some(api) = upgrade(&inner) else { return };
        let store = api.store().clone();
        let version = tokio::task::spawn_blocking(move || store.changes_elsewhere()).await;
        let Ok(Ok(version)) = version else { continue };
        let before = seen.replace(version);
        if before == Some(version) {
            continue;
        }
        api.changed();
        let jobs = api.read_store(epitome_store::job::unfinished).await.unwrap_or_default();
        if api.inner.adopts {
            // Only what has begun: a job that waits belongs to the process that is about to take it.
            jobs.iter().filter(|row| row.state != JobState::Waiting).for_each(|row| api.run(row.id));
        }
        // At the start nobody was told of a board yet, and unfinished jobs are about to be run here; one that another
        // process runs is read when that writes the next time.
        if before.is_none() {
            continue;
        }
        let mut ids: Vec<JobId> = jobs.into_iter().map(|row| row.id).filter(|id| !api.is_running(*id)).collect();
        // A job that was followed and is not unfinished any more has a last state to tell.
        ids.extend(followed.keys().copied().filter(|id| !api.is_running(*id)).collect::<Vec<_>>());
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            let Ok(board) = api.stored_board(id).await else { continue };
            let over = board.head.state.is_final();
            let follow = followed.entry(id).or_default();
            for frame in follow.frames(&board) {
                api.send(FeedMessage::Frame { frame });
            }
            if over {
                followed.remove(&id);
            }
        }
    }
}

/// What was last told of a job that another process runs.
#[derive(Default)]
struct Followed {
    cells: Vec<CellState>,
    last_event: i64,
    state: Option<JobState>,
}

impl Followed {
    /// The difference to what was told, in frames of bounded size. Their `seq` is 0: a window takes them as they come,
    /// because each stored board is complete in itself.
    fn frames(&mut self, board: &epitome_model::Board) -> Vec<BoardFrame> {
        let now: Vec<CellState> = board.cells.iter().map(|cell| cell.cell).collect();
        let changed: Vec<(u32, CellState)> = (0u32..)
            .zip(&now)
            .filter(|(place, cell)| self.cells.get(*place as usize) != Some(cell))
            .map(|(place, cell)| (place, *cell))
            .collect();
        let last_event = self.last_event;
        let events: Vec<_> = board.events.iter().filter(|event| event.id > last_event).cloned().collect();
        self.last_event = events.last().map_or(last_event, |event| event.id);
        self.cells = now;
        self.state = Some(board.head.state);
        let frame = |cells: Vec<(u32, CellState)>| BoardFrame {
            job: board.head.job,
            seq: 0,
            state: board.head.state,
            reason: board.head.reason.clone(),
            vitals: board.vitals.clone(),
            cells,
            events: Vec::new(),
        };
        let mut frames: Vec<BoardFrame> = changed.chunks(90).map(|cells| frame(cells.to_vec())).collect();
        if frames.is_empty() {
            frames.push(frame(Vec::new()));
        }
        if let Some(first) = frames.first_mut() {
            first.events = events.into_iter().rev().take(12).rev().collect();
        }
        frames
    }
}

/// Reads the settings file again when it changes on disk.
fn watch_settings(api: &Api) {
    let (bell, mut rings) = mpsc::channel::<()>(1);
    let path = api.settings_path();
    let name = path.file_name().map(std::ffi::OsStr::to_owned);
    let Some(folder) = path.parent().filter(|folder| folder.is_dir()).map(std::path::Path::to_path_buf) else { return };
    let on_event = move |event: notify::Result<notify::Event>| {
        let ours = event.is_ok_and(|event| event.paths.iter().any(|path| path.file_name() == name.as_deref()));
        if ours {
            // A full channel already says that there is something to read.
            let _ = bell.try_send(());
        }
    };
    let watcher: notify::Result<RecommendedWatcher> = notify::recommended_watcher(on_event);
    let Ok(mut watcher) = watcher else { return };
    if let Err(error) = watcher.watch(&folder, RecursiveMode::NonRecursive) {
        tracing::warn!(%error, "settings folder is not watched");
        return;
    }
    let inner = Arc::downgrade(&api.inner);
    tokio::spawn(async move {
        // The watcher works as long as it is held.
        let _watcher = watcher;
        while rings.recv().await.is_some() {
            let Some(api) = upgrade(&inner) else { return };
            if let Err(error) = api.reload_settings() {
                tracing::warn!(%error, "settings file not taken");
            }
        }
    });
}
