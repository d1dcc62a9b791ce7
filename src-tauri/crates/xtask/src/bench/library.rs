//! G6c, G8 and G12: what a library with a book of ten thousand chapters costs.

use anyhow::Result;

use super::Wanted;
use super::row::{Report, Row, Target};
use crate::soak::{self, library, memory};

/// What is measured here.
pub const GOALS: &[&str] = &["G6c", "G8", "G12"];

/// Chapters of the long book, and of the one it is compared with for memory.
const CHAPTERS: usize = 10_000;
const FEW: usize = 1_000;

pub fn rows(wanted: &Wanted, report: &mut Report) -> Result<()> {
    if wanted.goal("G8") {
        let found = memory::measured(FEW, CHAPTERS)?;
        let what = format!("most memory of a run of {CHAPTERS} chapters");
        report.row(Row::new("G8", what, found.more / 1e6, "MB", Target::AtMost(memory::MOST)));
        let what = format!("another chapter, from the difference to {FEW}");
        report.row(Row::new("G8", what, found.a_chapter() / 1e3, "kB", Target::AtMost(memory::MOST_A_CHAPTER)));
        let what = format!("most memory of importing {} chapters", memory::IMPORTED);
        report.row(Row::new("G8", what, found.import / 1e6, "MB", Target::Shown));
    }
    if !wanted.goal("G6c") && !wanted.goal("G12") {
        return Ok(());
    }
    if !soak::counts() {
        report.leave_out("G6c and G12 are left out: valgrind, which counts instructions, is missing.".to_owned());
        return Ok(());
    }
    if wanted.goal("G6c") {
        let (fresh, half) = library::resumed(CHAPTERS)?;
        let what = format!("instructions to the first call, {CHAPTERS} chapters half done / nothing done");
        report.row(Row::new("G6c", what, half / fresh, "ratio", Target::AtMost(library::MOST_TIMES)));
    }
    if wanted.goal("G12") {
        let what = format!("instructions a second with a finished book of {CHAPTERS} chapters open");
        let idle = library::idled(CHAPTERS)? / 1e6;
        report.row(Row::new("G12", what, idle, "M", Target::AtMost(library::MOST_IDLE / 1e6)));
    }
    Ok(())
}
