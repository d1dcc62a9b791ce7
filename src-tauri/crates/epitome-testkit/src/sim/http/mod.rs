//! HTTP/1.1 by hand, for control that no server library gives: no status line before the first byte of a reply exists,
//! one chunk for each object, resets in the middle of a chunk, and a client's leaving seen while nothing is sent.

mod incoming;
mod outgoing;

pub use incoming::{Incoming, Request};
pub use outgoing::Outgoing;

/// What becomes of the connection after a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// The next request may come.
    Next,
    Close,
    /// Cut off with a reset, so that the client sees an error rather than an end.
    Reset,
}
