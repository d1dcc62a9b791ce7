//! Everything kept, in SQLite. The pipeline writes here and the api reads from here; only this crate knows SQL.
//! One file a table: its migration, its rows, its reads and writes, as functions over a [`Connection`].
//!
//! **Invariant:** [`Store::write`] returns only after its change is durable (WAL, `synchronous=FULL`).

pub mod alert;
pub mod book;
pub mod call;
pub mod chapter;
pub mod crash;
pub mod event;
pub mod job;
pub mod learned;
pub mod live;
pub mod measure;
pub mod ratio;
pub mod search;
pub mod section;
pub mod speed;
pub mod summary;
pub mod views;

mod checkpoint;
mod columns;
mod disk;
mod error;
mod open;
mod salvage;
mod seal;
mod standing;
mod store;
mod unit;
mod writer;

pub use error::StoreError;
pub use open::OpenOptions;
pub use rusqlite::Connection;
pub use salvage::{Lost, Salvaged};
pub use store::Store;
pub use writer::CommitStats;
