//! Kindle books written here: MOBI 6 and KF8, packed in each way there is.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "what is written here is small, and of our own making"
)]

pub mod book;
pub mod index;
pub mod pack;
pub mod palm;
