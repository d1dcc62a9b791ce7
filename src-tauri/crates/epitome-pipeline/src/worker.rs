//! A worker: takes the next call when a permit is free, sends it, has the answer stored, reports. One permit is one
//! call; a call that waits before another try holds none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_llm::{Answer, LlmError, Policy, Progress, Provider, backoff};
use epitome_model::ErrorCode;
use epitome_store::{Store, StoreError};
use tokio::sync::{Semaphore, mpsc, watch};

use crate::gauges::Gauges;
use crate::queue::CallQueue;
use crate::record::Recorder;
use epitome_engine::plan::PlannedCall;

/// A call with its key, as it waits in the queue.
#[derive(Clone, Debug)]
pub struct QueuedCall {
    pub key: String,
    pub call: PlannedCall,
}

/// What a worker tells the run. Boxed because a call carries its text.
#[derive(Debug)]
pub enum Report {
    /// A call was sent.
    Began { chapter: Option<u32> },
    /// A call was answered and its answer is stored.
    Done { call: Box<QueuedCall>, answer: Answer },
    /// A call failed for good.
    Failed { call: Box<QueuedCall>, error: LlmError },
    /// A call failed and will be tried again.
    Retrying { chapter: Option<u32>, error: LlmError },
    /// The server does not answer; the worker waits for it.
    Away { error: LlmError },
    /// The disk takes nothing more; the worker keeps the answer and tries again.
    DiskFull,
    /// The answer could not be stored.
    NotStored { error: StoreError },
}

/// Everything a worker needs; cheap to clone.
#[derive(Clone)]
pub struct Worker {
    pub provider: Arc<dyn Provider>,
    pub queue: Arc<CallQueue<QueuedCall>>,
    pub permits: Arc<Semaphore>,
    pub gauges: Arc<Gauges>,
    pub recorder: Recorder,
    pub store: Store,
    pub reports: mpsc::Sender<Report>,
    /// False while the server is away.
    pub server_up: watch::Receiver<bool>,
    /// Tries of one call before its chapter fails.
    pub attempts: u32,
    /// Write-queue depth above which no new work is taken.
    pub backpressure_at: usize,
}

/// How often a worker looks again whether the database writer has caught up.
const BACKPRESSURE_POLL: Duration = Duration::from_millis(20);

/// How often a full disk is tried again.
const DISK_POLL: Duration = Duration::from_secs(2);

impl Worker {
    /// Works until the queue closes.
    pub async fn run(mut self) {
        loop {
            while self.store.write_depth() >= self.backpressure_at {
                tokio::time::sleep(BACKPRESSURE_POLL).await;
            }
            // Without a permit until there is work: a call that is to be tried again needs one too. With the permit
            // first and the call after it, what is taken is what is most urgent now.
            if !self.queue.ready().await {
                return;
            }
            let permits = Arc::clone(&self.permits);
            let Ok(permit) = permits.acquire_owned().await else { return };
            let Some(call) = self.queue.take() else { continue };
            let gauges = Arc::clone(&self.gauges);
            let busy = gauges.busy();
            let report = self.finish(call, permit).await;
            drop(busy);
            if self.reports.send(report).await.is_err() {
                return;
            }
        }
    }

    async fn finish(&mut self, queued: QueuedCall, permit: tokio::sync::OwnedSemaphorePermit) -> Report {
        let mut held = Some(permit);
        let mut queued = Box::new(queued);
        let chapter = queued.call.chapter;
        let mut tries = 0;
        loop {
            // Closed only when the run ends, and then this future is dropped too.
            let permit = match held.take() {
                Some(permit) => Some(permit),
                None => Arc::clone(&self.permits).acquire_owned().await.ok(),
            };
            let _ = self.reports.send(Report::Began { chapter }).await;
            let outcome = self.send(&queued.call).await;
            drop(permit);
            let error = match outcome {
                Ok(answer) => return self.store_answer(queued, answer, tries + 1).await,
                Err(error) => error,
            };
            let policy = error.policy();
            if policy == Policy::WaitForServer {
                let _ = self.reports.send(Report::Away { error }).await;
                // The run closes the gate when it hears this; until then the gate may still look open.
                tokio::time::sleep(Duration::from_millis(100)).await;
                let _ = self.server_up.wait_for(|up| *up).await;
                continue;
            }
            tries += 1;
            if tries >= self.attempts || !matches!(policy, Policy::Retry | Policy::AskAgain) {
                return Report::Failed { call: queued, error };
            }
            if policy == Policy::AskAgain {
                queued.call.task.sampling += 1;
            }
            self.gauges.retried();
            let _ = self.reports.send(Report::Retrying { chapter, error }).await;
            tokio::time::sleep(backoff(tries, jitter(&queued.key, tries))).await;
        }
    }

    async fn send(&self, call: &PlannedCall) -> Result<Answer, LlmError> {
        let flight = self.gauges.in_flight();
        let progress = |progress: Progress| {
            if let Progress::Tokens(count) = progress {
                self.gauges.tokens_out(Instant::now(), count);
            }
        };
        let outcome = self.provider.call(&call.task, &progress).await;
        drop(flight);
        match &outcome {
            Ok(answer) => self.gauges.answered(Instant::now(), answer.usage),
            Err(_) => self.gauges.failed(),
        }
        outcome
    }

    async fn store_answer(&self, call: Box<QueuedCall>, answer: Answer, attempts: u32) -> Report {
        loop {
            match self.recorder.record_call(&call, &answer, attempts).await {
                Ok(()) => return Report::Done { call, answer },
                Err(error) if error.code() == ErrorCode::DiskFull => {
                    let _ = self.reports.send(Report::DiskFull).await;
                    tokio::time::sleep(DISK_POLL).await;
                }
                Err(error) => return Report::NotStored { error },
            }
        }
    }
}

/// A number in 0..1 from the call itself, so that tries of different calls spread and a run can be repeated.
fn jitter(key: &str, tries: u32) -> f64 {
    let digits = key.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
    f64::from(digits.rotate_left(tries * 7)) / f64::from(u32::MAX)
}
