//! Searching the library, and putting into the index what is due.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use epitome_model::{BookId, ChapterMarks, Found, SearchIn, SectionId, WireError};
use epitome_store::search::{self, AT_ONCE, Ask};

use crate::{Api, Inner};

/// Starts the task that puts books into the index whenever the bell rings. It ends when the last [`Api`] goes.
pub(crate) fn start(api: &Api) {
    tokio::spawn(follow(Arc::downgrade(&api.inner), Arc::clone(&api.inner.index)));
}

async fn follow(inner: Weak<Inner>, bell: Arc<tokio::sync::Notify>) {
    loop {
        bell.notified().await;
        let Some(api) = Api::upgrade(&inner) else { return };
        match api.indexed().await {
            Ok(true) => api.changed(),
            Ok(false) => {}
            // It is due until it is done, and the next import or search rings again.
            Err(error) => tracing::warn!(error = error.message, "not all could be put into the index"),
        }
    }
}

impl Api {
    /// Looks for words in all books or one, up to a chapter of it where asked.
    pub(crate) async fn search(
        &self,
        words: String,
        within: SearchIn,
        book: Option<BookId>,
        until: Option<u32>,
    ) -> Result<Found, WireError> {
        let ask = Ask { words, within, book, until };
        let waits = StopsWhenDropped::default();
        let wanted = Arc::clone(&waits.wanted);
        let goes_on = move || wanted.load(Ordering::Relaxed);
        let found = self.read_store(move |conn| search::search(conn, &ask, goes_on)).await?;
        drop(waits);
        if found.unindexed > 0 {
            self.index();
        }
        Ok(found)
    }

    /// Where words are in the texts of a chapter, or of the whole book.
    pub(crate) async fn marks(
        &self,
        book: BookId,
        section: Option<SectionId>,
        words: String,
    ) -> Result<ChapterMarks, WireError> {
        let found = self.read_store(move |conn| match section {
            Some(section) => search::chapter_marks(conn, section, &words),
            None => search::synopsis_marks(conn, book, &words),
        });
        found.await
    }

    /// Resolves once everything there is can be found; tells whether there was something to do. Other writes come in
    /// between: it is done a little at a time.
    pub async fn indexed(&self) -> Result<bool, WireError> {
        let mut worked = false;
        loop {
            let (before, more) = self
                .store()
                .write(|tx| {
                    let before = search::is_due(tx)?;
                    Ok((before, before && search::index_some(tx, AT_ONCE)?))
                })
                .await?;
            worked |= before;
            if !more {
                return Ok(worked);
            }
        }
    }

    /// Has the index brought up to date soon.
    pub(crate) fn index(&self) {
        self.inner.index.notify_one();
    }
}

/// Ends a search that nobody waits for any more: the request it was for has gone.
struct StopsWhenDropped {
    wanted: Arc<AtomicBool>,
}

impl Default for StopsWhenDropped {
    fn default() -> Self {
        Self { wanted: Arc::new(AtomicBool::new(true)) }
    }
}

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.wanted.store(false, Ordering::Relaxed);
    }
}
