//! Files made to do harm, or that cannot be read for a reason a person should hear: bombs, endless nesting, cycles, lies
//! about lengths, names that lead out of an archive, locks. All of them are ours, and small until something unpacks
//! them; each with what must come of it.
#![allow(clippy::format_collect, clippy::format_push_string, reason = "what is written here need not be fast")]

mod archives;
mod epub;
mod kindle;
mod markup;
mod pdf;
mod plain;
mod write;

pub use write::{Content, zip};

/// What must come of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It is read.
    Reads,
    /// It is refused with a sentence that has these words.
    Says(&'static str),
    /// It is refused with a sentence that has the one or the other, which may depend on the speed of the machine.
    SaysOr(&'static str, &'static str),
}

/// A file, the name it would come under, and what must come of it.
pub struct Hostile {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub ends: Ends,
}

/// Name, what must come of it, and how it is made.
type Row = (&'static str, Ends, fn() -> Vec<u8>);

/// Makes them one by one, so that one at a time is in memory.
pub fn all() -> impl Iterator<Item = Hostile> {
    let rows = [epub::ROWS, archives::ROWS, markup::ROWS, kindle::ROWS, pdf::ROWS, plain::ROWS];
    rows.into_iter().flatten().map(|(name, ends, make)| Hostile { name, bytes: make(), ends: *ends })
}

/// Words that are enough for a chapter.
fn prose() -> String {
    crate::pdf::prose(7, 120)
}

/// Sentences that stand for a cause; no two causes share one.
const DRM: Ends = Ends::Says("is copy-protected (DRM)");
const LOCKED: Ends = Ends::Says("is locked with a password");
const NO_TEXT: Ends = Ends::Says("has no text to summarise");
const CUT_OFF: Ends = Ends::Says("cut off");
const PART_TOO_LARGE: Ends = Ends::Says("unpacks to more than 32 MB");
const ALL_TOO_LARGE: Ends = Ends::Says("unpacks to more than 256 MB");
const BINARY: Ends = Ends::Says("is not a book: it holds binary data");
