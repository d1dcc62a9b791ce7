//! The headless program as a person uses it: books in, summaries out, against the simulated Ollama; killed and resumed;
//! given what is not a book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says what is wrong by failing")]

mod bad_input;
mod crash;
mod engine;
mod full;
mod hostile;
mod key;
mod killed;
mod openai;
mod real;
mod rough;
mod search;
mod serial;
mod serve;
mod support;
mod trouble;
mod whole;
