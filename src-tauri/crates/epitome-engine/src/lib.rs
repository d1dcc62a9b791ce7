//! What to do next, without doing it: the plan of a book and the schedule of its calls. Pure: no clock, no I/O, no
//! randomness of its own; the time is passed in with every event. The real driver (`epitome-pipeline`) and the
//! simulated one (`epitome-lab`) run this same code.

pub mod breaker;
pub mod budget;
mod estimate;
mod fold;
pub mod key;
pub mod ladder;
pub mod patience;
pub mod plan;
#[cfg(test)]
mod plan_tests;
pub mod ratio;
pub mod retry;
pub mod sched;
pub mod synopsis;
#[cfg(test)]
mod testing;

pub use budget::{Measure, ModelFacts, Room};
pub use estimate::{Speed, estimate};
pub use plan::first_words;
