//! Drives a [`Batch`] in real time, with absolute deadlines so that the rounding of sleeps does not add up.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep, sleep_until};

use super::batch::{Batch, Next, Sampled};
use super::{GpuModel, locked};

/// Steps without a pause after which other tasks get their turn.
const TURN: u32 = 32;

#[derive(Debug)]
struct Shared {
    batch: Mutex<Batch>,
    joined: Notify,
    scale: f64,
}

/// The inference of one runner. Dropping it ends it.
#[derive(Debug)]
pub struct Engine {
    shared: Arc<Shared>,
    driver: AbortHandle,
}

/// One answer being made. Dropping it cancels the rest.
#[derive(Debug)]
pub struct Generation {
    pub sampled: mpsc::Receiver<Sampled>,
}

impl Engine {
    /// Must be called inside a runtime. `scale`: real seconds a simulated second.
    pub fn start(gpu: GpuModel, slots: usize, scale: f64) -> Self {
        let shared = Arc::new(Shared { batch: Mutex::new(Batch::new(gpu, slots)), joined: Notify::new(), scale });
        let driver = tokio::spawn(drive(Arc::clone(&shared))).abort_handle();
        Self { shared, driver }
    }

    /// Starts an answer of so many tokens.
    pub fn join(&self, prompt: &[u32], steps: usize) -> Generation {
        let (sampled, _) = locked(&self.shared.batch).join(prompt, steps, Instant::now());
        self.shared.joined.notify_one();
        Generation { sampled }
    }

    /// Ends all answers at once, as when the process dies.
    pub fn die(&self) {
        self.driver.abort();
        locked(&self.shared.batch).clear();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.die();
    }
}

async fn drive(shared: Arc<Shared>) {
    let mut clock = Instant::now();
    let mut in_a_row = 0;
    loop {
        let next = locked(&shared.batch).next(clock);
        match next {
            Next::Idle => {
                shared.joined.notified().await;
                clock = clock.max(Instant::now());
            }
            Next::Blocked => {
                sleep(Duration::from_millis(1)).await;
                clock = clock.max(Instant::now());
            }
            Next::Step(step) => {
                clock += Duration::from_secs_f64(step.seconds * shared.scale);
                in_a_row += 1;
                if clock > Instant::now() {
                    sleep_until(clock).await;
                    in_a_row = 0;
                } else if in_a_row >= TURN {
                    tokio::task::yield_now().await;
                    in_a_row = 0;
                }
                locked(&shared.batch).finish(&step, clock);
            }
        }
    }
}
