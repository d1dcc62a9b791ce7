//! Something the engine was promised to be told. A task that panics breaks its promise, and what it was to tell is told
//! as a failure; the engine would wait for it for ever.

use tokio::runtime::Handle;
use tokio::sync::mpsc;

/// See the module. One that is dropped without being kept tells what is told then.
pub(super) struct Promise<T: Send + 'static> {
    tell: mpsc::Sender<T>,
    broken: Option<T>,
}

impl<T: Send + 'static> Promise<T> {
    /// `broken` is told if the promise is dropped while its thread panics. A task that is broken off has nobody who waits.
    pub fn new(tell: mpsc::Sender<T>, broken: T) -> Self {
        Self { tell, broken: Some(broken) }
    }

    /// Tells what was promised.
    pub async fn keep(mut self, told: T) {
        self.broken = None;
        // Who listens is gone only when the program ends.
        let _ = self.tell.send(told).await;
    }

    /// The same on a thread that may block.
    pub fn keep_blocking(mut self, told: T) {
        self.broken = None;
        let _ = self.tell.blocking_send(told);
    }
}

impl<T: Send + 'static> Drop for Promise<T> {
    fn drop(&mut self) {
        let Some(broken) = self.broken.take().filter(|_| std::thread::panicking()) else { return };
        tracing::error!("a task ended in a panic");
        match (self.tell.try_send(broken), Handle::try_current()) {
            (Err(mpsc::error::TrySendError::Full(broken)), Ok(runtime)) => {
                let tell = self.tell.clone();
                runtime.spawn(async move { tell.send(broken).await.is_ok() });
            }
            (Err(error), _) => tracing::error!(%error, "and nobody could be told"),
            (Ok(()), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_told_as_a_failure_also_when_the_channel_is_full() {
        let (tell, mut told) = mpsc::channel(1);
        let promise = Promise::new(tell.clone(), "async");
        assert!(tokio::spawn(async move { panicking(promise).await }).await.is_err());
        let promise = Promise::new(tell.clone(), "blocking");
        assert!(tokio::task::spawn_blocking(move || broken(&promise)).await.is_err());
        let mut heard = [told.recv().await, told.recv().await];
        heard.sort_unstable();
        assert_eq!(heard, [Some("async"), Some("blocking")]);
    }

    #[tokio::test]
    async fn what_was_kept_or_broken_off_is_not_told_as_a_failure() {
        let (tell, mut told) = mpsc::channel(4);
        Promise::new(tell.clone(), "broken").keep("kept").await;
        let promise = Promise::new(tell.clone(), "broken");
        let task = tokio::spawn(async move {
            std::future::pending::<()>().await;
            promise.keep("never").await;
        });
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        drop(tell);
        assert_eq!((told.recv().await, told.recv().await), (Some("kept"), None));
    }

    async fn panicking(promise: Promise<&'static str>) {
        broken(&promise);
        promise.keep("never").await;
    }

    #[allow(clippy::panic, reason = "that is what is tried")]
    fn broken(_: &Promise<&'static str>) {
        panic!("as planned");
    }
}
