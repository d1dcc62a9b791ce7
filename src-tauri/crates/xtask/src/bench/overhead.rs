//! G4: what a call costs the processor, counted in instructions.

use anyhow::Result;

use super::Wanted;
use super::row::{Report, Row, Target};
use crate::soak::{self, FEW, MANY, MOST, MOST_TIMES};

/// What is measured here.
pub const GOALS: &[&str] = &["G4"];

/// Instructions of a call with everything that belongs to it, and how many times the bare client's they are.
pub fn rows(_: &Wanted, report: &mut Report) -> Result<()> {
    if !soak::counts() {
        report.leave_out("G4 is left out: valgrind, which counts instructions, is missing.".to_owned());
        return Ok(());
    }
    let found = soak::overhead(FEW, MANY)?;
    let what = format!("instructions of a call of {:.0} tokens, everything included", found.tokens);
    report.row(Row::new("G4", what, found.ours / 1e6, "M", Target::AtMost(MOST / 1e6)));
    report.row(Row::new("G4", "times those of the bare client", found.times(), "ratio", Target::AtMost(MOST_TIMES)));
    let what = "instructions of reading a chapter of the book, not counted above";
    report.row(Row::new("G4", what, found.reading / 1e6, "M", Target::Shown));
    Ok(())
}
