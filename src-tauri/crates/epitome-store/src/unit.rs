//! What is handed to the writer: a change, how soon it is to be durable, and the way back to whoever asked for it.

use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

/// How soon a change is to be durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// With the next transaction, which is made at once.
    Now,
    /// With the next transaction, which may wait until it is worth its while.
    Batched,
    /// As [`Lane::Batched`]; nobody waits for it, and it is tried again where its transaction failed.
    Later,
}

/// Runs inside the transaction and keeps its outcome; told afterwards whether the transaction became durable.
pub(crate) trait Unit: Send {
    fn lane(&self) -> Lane;
    /// Makes the change. When this is false, what was done is to be undone.
    fn run(&mut self, conn: &Connection) -> bool;
    /// The error `run` ended with, if any.
    fn take_error(&mut self) -> Option<StoreError>;
    fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>);
}

/// Way back to whoever asked.
pub(crate) type Answer<T> = oneshot::Receiver<Result<T, StoreError>>;

/// A change somebody waits for.
struct Work<T, F> {
    lane: Lane,
    change: Option<F>,
    outcome: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

/// A change with the way back to whoever asked for it.
pub(crate) fn answered<T: Send + 'static>(
    lane: Lane,
    change: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Box<dyn Unit>, Answer<T>) {
    let (answer, answered) = oneshot::channel();
    (Box::new(Work { lane, change: Some(change), outcome: None, answer }), answered)
}

/// A change nobody waits for.
pub(crate) fn later(change: impl FnMut(&Connection) -> Result<(), StoreError> + Send + 'static) -> Box<dyn Unit> {
    Box::new(Later { change, error: None })
}

impl<T: Send, F: FnOnce(&Connection) -> Result<T, StoreError> + Send> Unit for Work<T, F> {
    fn lane(&self) -> Lane {
        self.lane
    }

    fn run(&mut self, conn: &Connection) -> bool {
        let Some(change) = self.change.take() else { return false };
        self.outcome.insert(change(conn)).is_ok()
    }

    fn take_error(&mut self) -> Option<StoreError> {
        self.outcome.take()?.err()
    }

    fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>) {
        let outcome = match (committed, self.outcome) {
            (Ok(()), Some(outcome)) => outcome,
            (Err(error), _) => Err(StoreError::Transaction(error)),
            (Ok(()), None) => Err(StoreError::Closed),
        };
        // Whoever asked may have gone; the change is made either way.
        let _ = self.answer.send(outcome);
    }
}

struct Later<F> {
    change: F,
    error: Option<StoreError>,
}

impl<F: FnMut(&Connection) -> Result<(), StoreError> + Send> Unit for Later<F> {
    fn lane(&self) -> Lane {
        Lane::Later
    }

    fn run(&mut self, conn: &Connection) -> bool {
        self.error = (self.change)(conn).err();
        self.error.is_none()
    }

    fn take_error(&mut self) -> Option<StoreError> {
        self.error.take()
    }

    fn settle(self: Box<Self>, committed: Result<(), Arc<StoreError>>) {
        // A failed transaction does not get here: the writer keeps the unit for another try.
        if let (Ok(()), Some(error)) = (committed, self.error) {
            tracing::warn!(%error, "figures or event not stored");
        }
    }
}
