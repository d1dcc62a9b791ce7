//! Tells what changed on the boards: one message for all of them, at most every [`FRAME_INTERVAL_MS`].

use std::sync::Arc;
use std::time::Duration;

use epitome_model::{BoardFrame, FRAME_INTERVAL_MS, FeedMessage, JobId};
use epitome_pipeline::LiveBoard;
use tokio::sync::broadcast;

use crate::Api;

/// Frames in one message. More boards than this change at a time only while a reader asks for single chapters of many
/// books; they take turns then.
const FRAMES_A_MESSAGE: usize = 4;

/// Frames that are told of a job that ended. Where more are left, the window asks for the board, as it does after every
/// end of a job.
const LAST_FRAMES: usize = 16;

/// Tells until there are no boards any more. Nobody is waited for: a listener that lags misses messages.
pub(super) async fn tell(
    feed: broadcast::Sender<FeedMessage>,
    mut boards: impl FnMut() -> Option<Vec<Arc<LiveBoard>>>,
) {
    let mut tick = tokio::time::interval(Duration::from_millis(FRAME_INTERVAL_MS));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut turn = 0;
    loop {
        tick.tick().await;
        let Some(boards) = boards() else { return };
        tell_once(&feed, &boards, &mut turn);
    }
}

/// One message with what changed since the last, if anything did.
fn tell_once(feed: &broadcast::Sender<FeedMessage>, boards: &[Arc<LiveBoard>], turn: &mut usize) {
    let frames = take(boards, turn);
    if !frames.is_empty() {
        // Nobody listening is fine: a screen that opens asks for the whole board.
        let _ = feed.send(FeedMessage::Frames { frames });
    }
}

/// A frame of each board that changed, beginning behind the one that came last in the message before.
fn take(boards: &[Arc<LiveBoard>], turn: &mut usize) -> Vec<BoardFrame> {
    let mut frames = Vec::new();
    let first = *turn % boards.len().max(1);
    for (place, board) in boards.iter().enumerate().cycle().skip(first).take(boards.len()) {
        if let Some(frame) = board.take_frame() {
            frames.push(frame);
            *turn = place + 1;
        }
        if frames.len() == FRAMES_A_MESSAGE {
            break;
        }
    }
    frames
}

impl Api {
    /// The boards that are told of, in the order of their jobs.
    pub(super) fn boards(&self) -> Vec<Arc<LiveBoard>> {
        let own = self.runs();
        let own = own.iter().filter_map(|(job, running)| Some((*job, running.board.clone()?)));
        let mut boards: Vec<(JobId, Arc<LiveBoard>)> = own.collect();
        boards.extend(self.followed().boards());
        boards.sort_by_key(|(job, _)| *job);
        boards.into_iter().map(|(_, board)| board).collect()
    }

    /// Sends what is left to tell of a job that ended, so that the last frame is never missing.
    pub(crate) fn last_frame(&self, job: JobId) {
        let board = self.runs().get(&job).and_then(|running| running.board.clone());
        let left = std::iter::from_fn(|| board.as_ref()?.take_frame());
        let frames: Vec<BoardFrame> = left.take(LAST_FRAMES).collect();
        if !frames.is_empty() {
            self.send(FeedMessage::Frames { frames });
        }
    }
}

#[cfg(test)]
mod tests {
    use epitome_model::{
        Board, BookId, CallKind, Cell, CellState, ChapterState, HostVitals, JobHead, JobState, LaneCall, Profile,
        ProviderKind, SectionId, Vitals,
    };
    use tokio::sync::broadcast::Receiver;
    use tokio::sync::broadcast::error::TryRecvError;

    use super::*;
    use crate::FEED_CAPACITY;

    const JOBS: i64 = 3;
    const STREAMS: u64 = 16;
    const TOKENS_A_SECOND: u64 = 150;
    const SECONDS: u64 = 60;

    fn board(job: i64) -> Arc<LiveBoard> {
        let head = JobHead {
            job: JobId(job),
            book: BookId(job),
            book_title: "War and Peace".into(),
            state: JobState::Running,
            reason: None,
            profile: Profile::Auto,
            provider: ProviderKind::Ollama,
            model: "llama3.1:8b".into(),
            window: Some(8192),
            started_ms: Some(0),
            source_chars: 0,
            accounted_chars: 0,
        };
        let cell = |at: u32| Cell {
            section: SectionId(at.into()),
            number: Some(at + 1),
            title: String::new(),
            cell: CellState::default(),
        };
        let host = HostVitals { name: "http://127.0.0.1:11434".into(), ..HostVitals::default() };
        Arc::new(LiveBoard::new(Board {
            head,
            vitals: Vitals { hosts: vec![host; 2], ..Vitals::default() },
            cells: (0..10_000).map(cell).collect(),
            events: Vec::new(),
            calls: Vec::new(),
            seq: 0,
        }))
    }

    /// What one token changes: the vital signs, and each fiftieth a call and a cell.
    fn token(board: &LiveBoard, number: u64, now_ms: u64) {
        board.set_vitals(|vitals| {
            vitals.calls += 1;
            vitals.elapsed_ms = now_ms;
        });
        if !number.is_multiple_of(50) {
            return;
        }
        let place = u32::try_from(number % 10_000).unwrap();
        board.set_cell(place, CellState { state: ChapterState::Mapping, done: 1, planned: 3 + place });
        board.put_call(LaneCall {
            id: number,
            host: 0,
            slot: 15,
            kind: CallKind::Reduce,
            number: Some(place),
            section: None,
            ours: true,
            sent_ms: 0,
            first_ms: None,
            end_ms: None,
            end: None,
        });
    }

    /// What a window that keeps up was told.
    #[derive(Debug, Default)]
    struct Heard {
        messages: u64,
        /// Milliseconds between a change and the message that told of it, the longest.
        staleness: u64,
        /// Bytes of the largest frame and of the largest message, as JSON.
        frame: usize,
        message: usize,
    }

    impl Heard {
        fn take(&mut self, message: &FeedMessage, now_ms: u64, oldest: &[Option<u64>]) {
            self.messages += 1;
            self.message = self.message.max(serde_json::to_string(message).unwrap().len());
            let FeedMessage::Frames { frames } = message else { panic!("{message:?}") };
            for frame in frames {
                self.frame = self.frame.max(serde_json::to_string(frame).unwrap().len());
                let changed = oldest[usize::try_from(frame.job.0 - 1).unwrap()].unwrap_or(now_ms);
                self.staleness = self.staleness.max(now_ms - changed);
            }
        }
    }

    /// A minute of virtual time, millisecond by millisecond; also gives the feed of a listener that took nothing.
    fn run() -> (Heard, Receiver<FeedMessage>) {
        let boards: Vec<_> = (1..=JOBS).map(board).collect();
        let feed = broadcast::Sender::new(FEED_CAPACITY);
        let (mut listener, stalled) = (feed.subscribe(), feed.subscribe());
        let (mut heard, mut turn, mut tokens) = (Heard::default(), 0, 0);
        let mut oldest = vec![None; boards.len()];
        for now_ms in 1..=SECONDS * 1000 {
            while tokens < now_ms * STREAMS * TOKENS_A_SECOND / 1000 {
                let at = usize::try_from(tokens).unwrap() % boards.len();
                token(&boards[at], tokens, now_ms);
                oldest[at].get_or_insert(now_ms);
                tokens += 1;
            }
            if now_ms.is_multiple_of(FRAME_INTERVAL_MS) {
                tell_once(&feed, &boards, &mut turn);
            }
            while let Ok(message) = listener.try_recv() {
                heard.take(&message, now_ms, &oldest);
                oldest.fill(None);
            }
        }
        (heard, stalled)
    }

    #[test]
    fn three_jobs_of_sixteen_streams_are_told_in_ten_messages_a_second_and_none_late() {
        let (heard, _) = run();
        assert_eq!(heard.messages, 10 * SECONDS, "{heard:?}");
        assert!(heard.staleness <= FRAME_INTERVAL_MS && heard.frame < 8_192, "{heard:?}");
    }

    #[test]
    fn a_listener_that_stalls_holds_nobody_up_and_costs_a_megabyte_at_most() {
        let (heard, mut stalled) = run();
        let Err(TryRecvError::Lagged(missed)) = stalled.try_recv() else { panic!("it missed nothing") };
        let (mut kept, mut bytes) = (0, 0);
        while let Ok(message) = stalled.try_recv() {
            kept += 1;
            bytes += serde_json::to_string(&message).unwrap().len();
        }
        // The other one was told everything meanwhile.
        assert_eq!(missed + kept, heard.messages);
        assert!(bytes <= 1 << 20, "{bytes} bytes wait for who does not come");
        assert!(FEED_CAPACITY * heard.message <= 1 << 20, "a message of {} bytes", heard.message);
    }

    #[test]
    fn more_boards_than_a_message_holds_take_turns() {
        let boards: Vec<_> = (1..=6).map(board).collect();
        let mut turn = 0;
        let mut told = || {
            for board in &boards {
                board.set_vitals(|vitals| vitals.calls += 1);
            }
            take(&boards, &mut turn).iter().map(|frame| frame.job.0).collect::<Vec<_>>()
        };
        assert_eq!([told(), told(), told()], [[1, 2, 3, 4], [5, 6, 1, 2], [3, 4, 5, 6]]);
    }
}
