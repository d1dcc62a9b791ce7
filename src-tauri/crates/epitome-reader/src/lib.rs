//! Book files read in a process of their own: a program that calls [`worker`] first in its `main` starts itself again for
//! each file, with limits on time, memory and output, without network and without leave to write. A crash, a hang or a
//! bomb ends that process and nothing else, and the person reads one sentence.
//!
//! The child gets the bytes and the name, never a path. See `limits` for what holds on which system.

mod answer;
mod child;
mod limits;
mod parent;

pub use child::worker;
pub use parent::Reader;
