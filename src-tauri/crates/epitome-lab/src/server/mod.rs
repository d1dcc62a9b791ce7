//! LLM servers with known answers, as plain data under a virtual clock: no thread, no timer, no real time. Whoever
//! drives one asks when the next thing happens, moves its own clock there, and collects what happened.
//!
//! An instant is the time since the world began. A client that answers an event at the very instant it happened takes
//! no time: its next call is in the same step of the engine as if it had been there before.

mod batch;
mod card;
mod curve;
mod setup;
mod sharing;
#[cfg(test)]
mod tests;

use std::time::Duration;

use epitome_model::Usage;

pub use batch::Batch;
pub use card::Card;
pub use curve::Curve;
pub use setup::Setup;
pub use sharing::Sharing;

/// Chosen by the caller; unique among the calls that a server holds.
pub type CallId = u64;

/// What a call costs the server, in tokens. Either number counts as at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    pub prompt_tokens: u32,
    pub output_tokens: u32,
}

impl Request {
    /// The same with at least one token on each side, which is what any real server does.
    pub(crate) fn served(self) -> Self {
        Self { prompt_tokens: self.prompt_tokens.max(1), output_tokens: self.output_tokens.max(1) }
    }
}

/// Something that a client would see on its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emitted {
    /// The prompt has been read and the answer's first token is there: token number one.
    FirstToken { id: CallId, prompt_tokens: u32 },
    /// Further tokens since the last report, told together to save time (see each server).
    Tokens { id: CallId, count: u32 },
    /// The call is over and its slot free. As from Ollama, total less load, prompt and output is the time before the
    /// engine began with the call: waiting for a slot and for the end of the running step.
    Done { id: CallId, usage: Usage },
}

/// A server in virtual time. No method takes an instant earlier than one it was handed before.
pub trait Server {
    /// A call arrives at `now`.
    fn submit(&mut self, now: Duration, id: CallId, request: Request);
    /// The client closes the connection at `now`: nothing more is emitted for the call and its slot is free. Unknown
    /// calls, finished ones among them, are ignored.
    fn cancel(&mut self, now: Duration, id: CallId);
    /// Next instant at which something happens (perhaps nothing that is emitted); `None` when idle.
    fn next(&self) -> Option<Duration>;
    /// Moves on to `now` and appends what happened up to and including it, in time order.
    fn advance(&mut self, now: Duration, out: &mut Vec<(Duration, Emitted)>);
    /// Calls that hold a slot.
    fn in_service(&self) -> usize;
    /// Calls that wait for a slot, or for the end of the running step to take one.
    fn waiting(&self) -> usize;
}

/// A call and its instants so far.
#[derive(Clone, Copy, Debug)]
struct Ticket {
    id: CallId,
    request: Request,
    submitted: Duration,
    /// When the engine began with it.
    started: Duration,
    /// When its prompt had been read.
    first: Duration,
}

impl Ticket {
    fn new(now: Duration, id: CallId, request: Request) -> Self {
        Self { id, request: request.served(), submitted: now, started: now, first: now }
    }

    fn usage(&self, done: Duration) -> Usage {
        // Rounded as instants, so that the parts add up to the total to the millisecond.
        let since = |at: Duration| u32::try_from(at.saturating_sub(self.submitted).as_millis()).unwrap_or(u32::MAX);
        Usage {
            prompt_tokens: self.request.prompt_tokens,
            output_tokens: self.request.output_tokens,
            load_ms: 0,
            prompt_ms: since(self.first) - since(self.started),
            output_ms: since(done) - since(self.first),
            total_ms: since(done),
            estimated: false,
            untimed: false,
        }
    }
}

/// Seconds as a duration; the far future if they do not fit.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}
