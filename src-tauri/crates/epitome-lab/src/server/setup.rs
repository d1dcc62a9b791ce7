//! Which server a world has.

use std::fmt;

use super::{Batch, Card, Curve, Server, Sharing};

/// A kind of server and its size (PERFORMANCE.md 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setup {
    /// `cap` calls at full speed, all slowed above that.
    ProcessorSharing { cap: usize },
    /// `slots` calls at full speed, the rest wait in order.
    Fifo { slots: usize },
    /// `slots` calls in one batch, the rest wait in order.
    Batch { slots: usize, curve: Curve },
}

impl Setup {
    /// The six servers of PERFORMANCE.md 1.10, each with the best fixed number of calls in flight given there.
    pub const REFERENCE: [(Self, usize); 6] = [
        (Self::ProcessorSharing { cap: 4 }, 4),
        (Self::Fifo { slots: 4 }, 4),
        (Self::Fifo { slots: 1 }, 1),
        (Self::Batch { slots: 4, curve: Curve::Cuda }, 4),
        (Self::Batch { slots: 16, curve: Curve::Cuda }, 16),
        (Self::Batch { slots: 16, curve: Curve::Flat }, 1),
    ];

    /// An idle server of this kind.
    pub fn server(self, card: Card) -> Box<dyn Server> {
        match self {
            Self::ProcessorSharing { cap } => Box::new(Sharing::processor(card, cap)),
            Self::Fifo { slots } => Box::new(Sharing::fifo(card, slots)),
            Self::Batch { slots, curve } => Box::new(Batch::new(card, slots, curve)),
        }
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProcessorSharing { cap } => write!(out, "PS {cap}"),
            Self::Fifo { slots } => write!(out, "FIFO {slots}"),
            Self::Batch { slots, curve } => write!(out, "Batch {slots} {curve}"),
        }
    }
}
