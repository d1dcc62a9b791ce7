//! Simulated worlds for the engine: a virtual clock, servers with known answers, faults by seed, benchmarks. A
//! developer's tool; nothing a reader runs depends on it.

pub mod bench;
pub mod bound;
pub mod calls;
pub mod client;
pub mod corpus;
pub mod server;
pub mod world;
