//! Taking books out of the library, and bringing them back.

use std::sync::Weak;
use std::time::Duration;

use epitome_model::{BookId, WireError};
use epitome_store::{book, job};

use crate::shelf::no_book;
use crate::{Api, Inner};

/// How long a removed book can be brought back, also by the next start: long enough to notice what was done.
const GRACE: Duration = Duration::from_secs(10 * 60);

/// How often it is looked for books whose time is over.
const LOOK_EVERY: Duration = Duration::from_secs(60);

/// Deletes what was removed long enough ago, as long as the application lives.
pub(crate) fn start(api: &Api) {
    tokio::spawn(delete(std::sync::Arc::downgrade(&api.inner)));
}

async fn delete(inner: Weak<Inner>) {
    let mut tick = tokio::time::interval(LOOK_EVERY);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let Some(api) = Api::upgrade(&inner) else { return };
        if let Err(error) = api.delete_removed().await {
            tracing::warn!(error = error.message, "removed books not deleted");
        }
    }
}

impl Api {
    /// The book is gone at once and for good, should nobody want it back: there is nothing left to be done that an end of
    /// the program could prevent.
    pub(crate) async fn remove(&self, id: BookId) -> Result<(), WireError> {
        let at_ms = self.now_ms();
        let jobs = self
            .store()
            .write(move |tx| {
                book::put_away(tx, id, at_ms)?;
                job::of_book(tx, id)
            })
            .await?;
        for job in jobs.into_iter().filter(|job| self.is_running(job.id)) {
            self.conductor().heed(job.id).await;
        }
        self.changed();
        Ok(())
    }

    pub(crate) async fn restore(&self, id: BookId) -> Result<(), WireError> {
        let goes_on = self.store().write(move |tx| book::restore(tx, id)).await?.ok_or_else(no_book)?;
        if let Some(job) = goes_on {
            if self.is_running(job) {
                // It is just being stopped.
                self.wait(job).await;
            }
            self.resume(job).await?;
        }
        self.changed();
        Ok(())
    }

    async fn delete_removed(&self) -> Result<(), WireError> {
        let before_ms = self.now_ms() - i64::try_from(GRACE.as_millis()).unwrap_or(i64::MAX);
        // Most times there is nothing, and a write costs the disk a sync.
        if self.read_store(move |conn| book::any_removed(conn, before_ms)).await? {
            self.store().write(move |tx| book::delete_removed(tx, before_ms)).await?;
        }
        Ok(())
    }
}
