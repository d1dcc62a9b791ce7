//! Bounds on what a file may make us do; a file above one is refused. Chosen with room above the largest real books
//! seen (a 6.4-million-character epic, 2,014 chapters, 383 MB of EPUBs); for the readers of this crate.

/// Entries of an archive.
pub const ARCHIVE_ENTRIES: usize = 20_000;
/// Unpacked bytes of one item of an archive.
pub const ITEM_BYTES: u64 = 32 << 20;
/// Unpacked bytes of everything read from an archive, repeats included.
pub const TOTAL_BYTES: u64 = 256 << 20;
/// Entries of a table of contents; the rest is left aside (their text stays).
pub const TOC_ENTRIES: usize = 20_000;
/// Levels of a table of contents; deeper ones count as this deep.
pub const TOC_DEPTH: u32 = 64;
/// Unicode scalar values of a book.
pub const TEXT_CHARS: usize = 50_000_000;
/// Sections of a book.
pub const SECTIONS: usize = 20_000;
/// Changes of the list of sections by the reader.
pub const EDITS: usize = 2_000;
/// Parts that a book names and does not hold, which are shown; the rest is left aside.
pub const MISSING: usize = 200;
/// Bytes of a cover picture.
pub const COVER_BYTES: usize = 8 << 20;
/// Unicode scalar values of a title.
pub const TITLE_CHARS: usize = 200;
/// Unicode scalar values of the titles of the parts around a chapter.
pub const PART_CHARS: usize = 2 * TITLE_CHARS;
/// Authors of a book; more are left aside.
pub const AUTHORS: usize = 100;
/// Letters and digits below which a file counts as having no text.
pub const LEAST_LETTERS: usize = 20;
