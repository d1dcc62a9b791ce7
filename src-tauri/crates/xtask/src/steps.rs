//! A row of steps: each named, timed and counted; a failing one does not keep the others from running.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;

use crate::shell::listen;

/// What came of the steps so far.
#[derive(Default)]
pub struct Steps {
    passed: u64,
    failed: u64,
    lines: Vec<String>,
}

impl Steps {
    /// A step that counts as one.
    pub fn one(&mut self, name: &str, step: impl FnOnce() -> Result<bool>) -> bool {
        let begun = Instant::now();
        println!("\n== {name}");
        let fine = step().unwrap_or_else(|error| {
            println!("{error:#}");
            false
        });
        self.count(name, begun, u64::from(fine), u64::from(!fine));
        fine
    }

    /// A command that counts as one.
    pub fn command(&mut self, name: &str, command: &mut Command) -> bool {
        self.one(name, || Ok(command.status()?.success()))
    }

    /// A test runner: counts its tests. One that fails without saying how many counts as one failure.
    pub fn runner(&mut self, name: &str, command: &mut Command) -> bool {
        let begun = Instant::now();
        println!("\n== {name}");
        let (fine, lines) = listen(command).unwrap_or_else(|error| {
            println!("{error:#}");
            (false, Vec::new())
        });
        let (passed, failed) =
            lines.iter().filter_map(|line| counts(line)).fold((0, 0), |sum, found| (sum.0 + found.0, sum.1 + found.1));
        // A runner that tested nothing did not pass.
        let failed = if (fine && passed > 0) || failed > 0 { failed } else { 1 };
        self.count(name, begun, passed, failed);
        failed == 0
    }

    fn count(&mut self, name: &str, begun: Instant, passed: u64, failed: u64) {
        self.passed += passed;
        self.failed += failed;
        let verdict = if failed == 0 { "ok" } else { "FAILED" };
        self.lines.push(format!(
            "{verdict:<7} {:>4} s  {passed:>4} passed  {failed:>3} failed  {name}",
            begun.elapsed().as_secs()
        ));
    }

    /// The list, the closing line, and the exit code.
    pub fn end(self) -> ExitCode {
        println!();
        for line in &self.lines {
            println!("{line}");
        }
        println!("\n{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// Counts in the closing lines of cargo's tests, vitest and the window tests.
fn counts(line: &str) -> Option<(u64, u64)> {
    let plain = without_colours(line);
    let line = plain.trim();
    let ours =
        line.starts_with("test result:") || line.starts_with("Tests ") || line.split(' ').nth(1) == Some("passed,");
    if !ours {
        return None;
    }
    let before = |word: &str| {
        let at = line.find(word)?;
        line[..at].trim_end().rsplit([' ', '.']).next()?.parse().ok()
    };
    Some((before(" passed").unwrap_or(0), before(" failed").unwrap_or(0)))
}

fn without_colours(line: &str) -> String {
    let mut plain = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::counts;

    #[test]
    fn closing_lines_are_counted() {
        for (line, expected) in [
            ("test result: ok. 35 passed; 0 failed; 0 ignored; 0 measured", Some((35, 0))),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored", Some((3, 2))),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m81 passed\u{1b}[39m (82)",
                Some((81, 1)),
            ),
            ("      Tests  82 passed (82)", Some((82, 0))),
            ("7 passed, 1 failed", Some((7, 1))),
            ("test plan::tests::passed ... ok", None),
            (" Test Files  4 passed (4)", None),
        ] {
            assert_eq!(counts(line), expected, "{line}");
        }
    }
}
