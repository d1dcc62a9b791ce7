//! The run of one job: opens chapters in reading order, keeps the queue filled, takes the workers' reports, and
//! follows what the person wants. All decisions are made here, in one task; everything slow happens elsewhere.

mod follow;
mod show;
mod trouble;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_model::{EventLevel, JobState, Wanted, WireError};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::connect::{Connected, concurrency};
use crate::gauges::Gauges;
use crate::load::Loaded;
use crate::meter::Pace;
use crate::queue::{CallQueue, Priority};
use crate::record::Recorder;
use crate::worker::{QueuedCall, Report, Worker};
use crate::{LiveBoard, RunError};
use epitome_engine::plan::{Chapter, Frame};
use epitome_engine::synopsis::Synopsis;

/// How often figures are brought up to date and wishes looked for.
const TICK: Duration = Duration::from_millis(100);

/// A job while it runs.
pub struct Run {
    pub(crate) recorder: Recorder,
    pub(crate) board: Arc<LiveBoard>,
    connected: Connected,
    frame: Arc<Frame>,
    chapters: Vec<Chapter>,
    /// Cell of each chapter on the board.
    cells: Vec<u32>,
    /// Texts of the chapters that are open; dropped when a chapter is over.
    texts: HashMap<u32, Arc<str>>,
    synopsis: Option<Synopsis>,
    synopsis_begun: bool,
    synopsis_error: Option<WireError>,
    /// Planned calls the queue had no room for; at most those of the chapters that are open.
    backlog: BTreeMap<(Priority, u64), QueuedCall>,
    arrivals: u64,
    queue: Arc<CallQueue<QueuedCall>>,
    gauges: Arc<Gauges>,
    pace: Pace,
    /// Calls in the queue or with a worker.
    out: usize,
    next_chapter: usize,
    reused: u32,
    server_up: watch::Sender<bool>,
    away_since: Option<Instant>,
    disk_full: bool,
    wanted: Wanted,
    ended: Option<JobState>,
    reason: Option<String>,
}

impl Run {
    pub(crate) fn new(loaded: Loaded, connected: Connected, recorder: Recorder, board: Arc<LiveBoard>) -> Self {
        let frame = Arc::new(connected.frame(&loaded));
        let queue = Arc::new(CallQueue::new(frame.settings.summary_capacity as usize));
        let mut pace = Pace::default();
        let open = loaded.chapters.iter().filter(|chapter| !chapter.is_over());
        pace.set_left(open.map(|chapter| chapter.chars as u64).sum());
        Self {
            recorder,
            board,
            connected,
            frame,
            chapters: loaded.chapters,
            cells: loaded.cells,
            texts: HashMap::new(),
            synopsis: None,
            synopsis_begun: false,
            synopsis_error: None,
            backlog: BTreeMap::new(),
            arrivals: 0,
            queue,
            gauges: Arc::new(Gauges::new(Instant::now())),
            pace,
            out: 0,
            next_chapter: 0,
            reused: 0,
            server_up: watch::Sender::new(true),
            away_since: None,
            disk_full: false,
            wanted: Wanted::Run,
            ended: None,
            reason: None,
        }
    }

    /// Runs to the end, or until the person or an error stops it.
    pub(crate) async fn go(mut self) -> Result<JobState, RunError> {
        let permits = concurrency(&self.frame.settings);
        let workers = permits.max(self.frame.settings.workers_max).max(1);
        let (reports, mut inbox) = mpsc::channel(workers as usize * 4);
        let worker = Worker {
            provider: Arc::clone(&self.connected.provider),
            queue: Arc::clone(&self.queue),
            permits: Arc::new(tokio::sync::Semaphore::new(permits as usize)),
            gauges: Arc::clone(&self.gauges),
            recorder: self.recorder.clone(),
            store: self.recorder.store().clone(),
            reports,
            server_up: self.server_up.subscribe(),
            attempts: self.frame.settings.attempts.max(1),
            backpressure_at: self.frame.settings.backpressure_at.max(1) as usize,
        };
        self.board.set_vitals(|vitals| {
            vitals.workers.bound = workers;
            vitals.in_flight.bound = permits;
        });
        let mut crew = JoinSet::new();
        for _ in 0..workers {
            crew.spawn(worker.clone().run());
        }
        drop(worker);
        self.pace.go(Instant::now());
        let outcome = self.turn(&mut inbox).await;
        self.queue.close();
        // Calls still in flight here are those of a stopped run: dropping them closes their connections.
        crew.shutdown().await;
        outcome?;
        self.end().await
    }

    async fn turn(&mut self, inbox: &mut mpsc::Receiver<Report>) -> Result<(), RunError> {
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
        let mut ticks = 0u32;
        loop {
            if self.wanted == Wanted::Run {
                self.fill().await?;
            }
            self.rest();
            if self.ended.is_some() || self.is_finished() {
                return Ok(());
            }
            tokio::select! {
                report = inbox.recv() => match report {
                    Some(report) => {
                        self.take(report).await?;
                        // What has arrived meanwhile is taken before the queue is filled again.
                        while let Ok(report) = inbox.try_recv() {
                            self.take(report).await?;
                        }
                    }
                    None => return Err(RunError::WorkersGone),
                },
                _ = tick.tick() => {
                    ticks = ticks.wrapping_add(1);
                    self.tick(ticks).await?;
                }
            }
        }
    }

    fn is_finished(&self) -> bool {
        self.out == 0
            && self.backlog.is_empty()
            && self.next_chapter >= self.chapters.len()
            && self.synopsis_begun
            && self.synopsis.is_none()
    }

    /// Opens chapters and moves calls into the queue while there is room.
    async fn fill(&mut self) -> Result<(), RunError> {
        loop {
            while self.queue.room() > 0
                && let Some(((priority, _), call)) = self.backlog.pop_first()
            {
                if let Err(call) = self.queue.push(priority, call) {
                    self.keep(call);
                    break;
                }
                self.out += 1;
            }
            if self.queue.room() == 0 || !self.backlog.is_empty() {
                return Ok(());
            }
            if self.next_chapter < self.chapters.len() {
                let place = self.next_chapter;
                self.next_chapter += 1;
                if self.chapters[place].is_waiting() {
                    self.open(place).await?;
                }
            } else if !self.synopsis_begun && self.out == 0 && self.chapters.iter().all(Chapter::is_over) {
                self.begin_synopsis().await?;
            } else {
                return Ok(());
            }
        }
    }

    async fn take(&mut self, report: Report) -> Result<(), RunError> {
        match report {
            Report::Began { chapter: Some(place) } => {
                if let Some(chapter) = self.chapters.get_mut(place as usize) {
                    chapter.begin();
                    self.show(place as usize);
                }
            }
            Report::Began { chapter: None } => {}
            Report::Done { call, answer } => {
                self.out -= 1;
                self.pace.did(call.call.task.text.chars().count() as u64);
                self.came_back().await?;
                match call.call.chapter {
                    Some(place) => {
                        let progress = self.answer(&call.call, &answer.text);
                        self.follow(Some(place as usize), progress).await?;
                    }
                    None => {
                        if let Some(synopsis) = &mut self.synopsis {
                            let merged = synopsis.answer(&call.call, &answer.text, &self.frame);
                            self.merged(merged).await?;
                        }
                    }
                }
            }
            Report::Failed { call, error } => {
                self.out -= 1;
                self.failed(*call, error).await?;
            }
            Report::Retrying { chapter, error } => {
                let place = chapter.map(|place| place as usize);
                self.event(EventLevel::Info, format!("{error} It is asked again."), place).await?;
            }
            Report::Away { error } => self.went_away(&error).await?,
            Report::DiskFull => {
                if !self.disk_full {
                    self.disk_full = true;
                    let text = "The disk is full. Free some space: the run goes on by itself and nothing is lost.";
                    self.say(JobState::Unreachable, Some(text.to_owned()));
                }
            }
            Report::NotStored { error } => {
                self.reason = Some(WireError::from(error).message);
                self.ended = Some(JobState::Stopped);
            }
        }
        Ok(())
    }
}
