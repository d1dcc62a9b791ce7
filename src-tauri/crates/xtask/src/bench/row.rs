//! A measured figure with its goal, and the table of them.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

/// One line of the table; the lab prints the same as JSON.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub struct Row {
    /// Such as `G1`.
    pub goal: String,
    pub what: String,
    pub measured: f64,
    pub unit: String,
    /// Empty where nothing is asked.
    pub target: String,
    pub met: bool,
}

/// What a goal asks of a figure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    AtLeast(f64),
    AtMost(f64),
    Above(f64),
    /// Nothing is asked: a figure to compare with.
    Shown,
}

impl Row {
    pub fn new(goal: &str, what: impl Into<String>, measured: f64, unit: &str, target: Target) -> Self {
        let (target, met) = match target {
            Target::AtLeast(least) => (format!(">= {least}"), measured >= least),
            Target::AtMost(most) => (format!("<= {most}"), measured <= most),
            Target::Above(least) => (format!("> {least}"), measured > least),
            Target::Shown => (String::new(), true),
        };
        // Figures are compared as they are, and shown to six digits.
        let measured = (measured * 1e6).round() / 1e6;
        Self { goal: goal.to_owned(), what: what.into(), measured, unit: unit.to_owned(), target, met }
    }

    fn verdict(&self) -> &'static str {
        match (self.target.is_empty(), self.met) {
            (true, _) => "shown",
            (false, true) => "met",
            (false, false) => "MISSED",
        }
    }

    fn cells(&self) -> [String; 5] {
        let measured = format!("{:.3} {}", self.measured, self.unit);
        [&self.goal, &self.what, &measured, &self.target, self.verdict()].map(str::to_owned)
    }
}

/// What has been measured so far.
#[derive(Debug, Default)]
pub struct Report {
    pub rows: Vec<Row>,
    /// Sentences on what could not be measured here.
    pub left_out: Vec<String>,
}

impl Report {
    /// Takes a row, and shows it at once.
    pub fn row(&mut self, row: Row) {
        eprintln!("   {:<4} {}: {:.3} {}", row.goal, row.what, row.measured, row.unit);
        self.rows.push(row);
    }

    /// Says what is going on.
    #[expect(clippy::unused_self, reason = "whoever has the report may speak")]
    pub fn step(&self, words: &str) {
        eprintln!("   {words}");
    }

    /// What this machine has not got the means to measure is no miss.
    pub fn leave_out(&mut self, sentence: String) {
        eprintln!("   {sentence}");
        self.left_out.push(sentence);
    }
}

/// The rows under a heading, in columns as wide as they need, and how many goals were missed.
pub fn table(rows: &[Row]) -> String {
    let heading = ["goal", "what", "measured", "target", "verdict"].map(str::to_owned);
    let lines: Vec<[String; 5]> = std::iter::once(heading).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or_default();
    let widths: [usize; 5] = std::array::from_fn(width);
    let mut text = String::new();
    for line in &lines {
        for (column, (cell, width)) in line.iter().zip(widths).enumerate() {
            let gap = " ".repeat(width - cell.chars().count());
            // Figures stand under each other by their ends.
            let cell = if column == 2 { format!("{gap}{cell}  ") } else { format!("{cell}{gap}  ") };
            text.push_str(&cell);
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    let missed = rows.iter().filter(|row| !row.met).count();
    let asked = rows.iter().filter(|row| !row.target.is_empty()).count();
    let _ = write!(text, "\n{} met, {missed} missed, {} shown", asked - missed, rows.len() - asked);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_decides_the_verdict() {
        for (target, words, verdict) in [
            (Target::AtLeast(0.5), ">= 0.5", "met"),
            (Target::AtLeast(0.51), ">= 0.51", "MISSED"),
            (Target::AtMost(0.5), "<= 0.5", "met"),
            (Target::AtMost(0.49), "<= 0.49", "MISSED"),
            (Target::Above(0.5), "> 0.5", "MISSED"),
            (Target::Shown, "", "shown"),
        ] {
            let row = Row::new("G1", "a ratio", 0.5, "ratio", target);
            assert_eq!((row.target.as_str(), row.verdict()), (words, verdict));
        }
        assert!(!Row::new("G1", "not measured", f64::NAN, "ratio", Target::AtLeast(0.5)).met);
    }

    #[test]
    fn columns_line_up_and_misses_are_counted() {
        let rows = [
            Row::new("G1", "A × FIFO4", 0.987, "ratio", Target::AtLeast(0.98)),
            Row::new("G10", "looks", 12.5, "calls", Target::AtMost(3.0)),
            Row::new("S", "minutes", 7.0, "min", Target::Shown),
        ];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().collect();
        let ends = |line: &str, cell: &str| line.chars().count() - line.split_once(cell).unwrap().1.chars().count();
        assert_eq!(ends(lines[1], "ratio"), ends(lines[2], "calls"), "{table}");
        let heading: Vec<&str> = lines[0].split_whitespace().collect();
        assert_eq!(heading, ["goal", "what", "measured", "target", "verdict"]);
        assert!(lines[2].ends_with("MISSED") && lines[3].ends_with("shown"));
        assert_eq!(lines.last(), Some(&"1 met, 1 missed, 1 shown"));
    }

    #[test]
    fn a_row_of_the_lab_is_read() {
        let line = r#"{"goal":"G3","what":"A","measured":0.25,"unit":"ratio","target":"<= 0.35","met":true}"#;
        let row: Row = serde_json::from_str(line).unwrap();
        assert_eq!(row, Row::new("G3", "A", 0.25, "ratio", Target::AtMost(0.35)));
    }
}
