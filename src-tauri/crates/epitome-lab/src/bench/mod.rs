//! The goals of PERFORMANCE.md section 3 that a virtual clock can measure, as rows of a table.

mod efficiency;
mod ladder;
mod progress;
mod trouble;
mod work;
pub mod worlds;

use serde::Serialize;

use crate::world::Failure;

/// One measured goal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Such as `G1`.
    pub goal: String,
    pub what: String,
    pub measured: f64,
    pub unit: &'static str,
    pub target: String,
    pub met: bool,
}

/// What a goal asks of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing is asked: a figure to compare with.
    Shown,
}

impl Row {
    fn new(goal: &str, what: impl Into<String>, measured: f64, unit: &'static str, target: Target) -> Self {
        let (words, met) = match target {
            Target::AtLeast(least) => (format!(">= {least}"), measured >= least),
            Target::AtMost(most) => (format!("<= {most}"), measured <= most),
            Target::Shown => (String::new(), true),
        };
        // Figures are compared as they are, and shown to six digits.
        let measured = (measured * 1e6).round() / 1e6;
        Self { goal: goal.to_owned(), what: what.into(), measured, unit, target: words, met }
    }
}

/// A part of the bench, told row by row.
pub type Part = fn(&mut dyn FnMut(Row)) -> Result<(), Failure>;

/// All parts, with the goals each measures.
pub const PARTS: &[(&str, Part)] = &[
    ("G1", efficiency::rows),
    ("G2", ladder::rows),
    ("G3", work::rows),
    ("G5 G5b", progress::rows),
    ("G5c", progress::priority),
    ("G10", trouble::outages),
    ("G11", trouble::amplification),
    ("S", work::sensitivity),
];
