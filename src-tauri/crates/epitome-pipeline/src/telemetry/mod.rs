//! What a run is measured by, beside its counts: latencies, the machine, the calls on their slots, alerts.

mod alerts;
mod lanes;
mod latency;
mod machine;

pub(crate) use alerts::{Change, Watchman};
pub(crate) use lanes::Lanes;
pub(crate) use latency::Latencies;
pub(crate) use machine::Monitor;
pub use machine::card_mib;
