//! The store as its users meet it: opening, writing, reading back, surviving a kill.

#![allow(clippy::unwrap_used, clippy::panic, reason = "clippy knows tests by their attribute; fixtures have none")]

mod crash;
mod fixture;
mod full;
mod grown;
mod known;
mod open;
mod removed;
mod repeat;
mod salvage;
mod search;
mod torn_log;
mod views;
mod write;
