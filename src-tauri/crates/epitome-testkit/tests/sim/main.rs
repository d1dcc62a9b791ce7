//! The simulated Ollama keeps the rules F1 to F30 of its description, seen from outside over TCP.

#[cfg(test)]
mod client;
mod errors;
mod faults;
#[cfg(test)]
mod flavours;
mod listing;
mod loading;
mod program;
mod slots;
mod talking;
