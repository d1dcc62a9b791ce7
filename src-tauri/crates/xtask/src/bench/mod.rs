//! `cargo xtask bench`: the goals, each with its figure and a verdict.

mod bare;
mod books;
mod contest;
mod lab;
mod library;
mod overhead;
mod peers;
mod row;
mod safety;
mod window;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::setup;
use row::Report;

const HELP: &str = "cargo xtask bench [OPTIONS]

  books          the readers of books instead (--help for its options)
  window         the real window instead: frames, blocks, memory, start (--help for its options)

  --only G1,G5   only these goals
  --quick        the short form, about a minute once everything is built
  --json         a line of JSON for each row instead of the table
  --help         this

It fails where a goal is missed. The goals:";

/// Measures some goals.
type Measure = fn(&Wanted, &mut Report) -> Result<()>;

/// Something that is measured at once.
struct Part {
    name: &'static str,
    goals: &'static [&'static str],
    /// Of them, those that the short form has.
    quick: &'static [&'static str],
    measure: Measure,
}

/// All parts in the order of the table. A new one is a file and a row here.
fn parts() -> Vec<Part> {
    vec![
        Part { name: "worlds under a virtual clock", goals: lab::GOALS, quick: lab::QUICK, measure: lab::rows },
        Part {
            name: "real HTTP and SQLite against a bare client",
            goals: bare::GOALS,
            quick: bare::GOALS,
            measure: bare::rows,
        },
        Part { name: "peers on the same book", goals: peers::GOALS, quick: peers::GOALS, measure: peers::rows },
        Part { name: "instructions of a call", goals: overhead::GOALS, quick: &[], measure: overhead::rows },
        Part { name: "killed, and without power", goals: safety::GOALS, quick: &[], measure: safety::rows },
        Part { name: "a book of ten thousand chapters", goals: library::GOALS, quick: &[], measure: library::rows },
    ]
}

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// All when empty.
    only: Vec<String>,
    pub quick: bool,
    json: bool,
    help: bool,
}

impl Wanted {
    /// `known` are the goals there are.
    fn read(words: &[String], known: &[&str]) -> Result<Self> {
        let mut wanted = Self::default();
        let mut words = words.iter().map(String::as_str);
        while let Some(word) = words.next() {
            let (name, joined) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
            match (name, joined) {
                ("--only", joined) => {
                    let goals = joined.or_else(|| words.next()).filter(|goals| !goals.starts_with('-'));
                    let goals = goals.context("--only needs goals after it, such as --only G1,G5.")?;
                    for goal in goals.split(',').map(str::trim).filter(|goal| !goal.is_empty()) {
                        let found = known.iter().find(|name| name.eq_ignore_ascii_case(goal));
                        let Some(found) = found else {
                            bail!("There is no goal \u{201c}{goal}\u{201d}; there are {}.", known.join(", "));
                        };
                        wanted.only.push((*found).to_owned());
                    }
                }
                ("--quick", None) => wanted.quick = true,
                ("--json", None) => wanted.json = true,
                ("--help" | "-h", None) => wanted.help = true,
                _ => {
                    bail!("There is no option \u{201c}{word}\u{201d}; there are --only GOALS, --quick, --json, --help.")
                }
            }
        }
        Ok(wanted)
    }

    /// Whether a goal is to be measured.
    pub fn goal(&self, goal: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == goal)
    }
}

/// `cargo xtask bench`
pub fn bench(words: &[String]) -> Result<ExitCode> {
    match words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
        Some(("books", rest)) => return books::bench(rest),
        Some(("window", rest)) => return window::bench(rest),
        _ => {}
    }
    let parts = parts();
    let known: Vec<&str> = parts.iter().flat_map(|part| part.goals).copied().collect();
    let wanted = match Wanted::read(words, &known) {
        Ok(wanted) => wanted,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(2));
        }
    };
    if wanted.help {
        println!("{HELP}");
        for part in &parts {
            println!("  {:<32} {}", part.goals.join(" "), part.name);
        }
        println!("Not with --quick: {}.", long(&parts, &wanted).join(", "));
        return Ok(ExitCode::SUCCESS);
    }
    setup::compiler()?;
    let mut report = Report::default();
    let mut broken = 0;
    for part in &parts {
        let goals = if wanted.quick { part.quick } else { part.goals };
        if !goals.iter().any(|goal| wanted.goal(goal)) {
            continue;
        }
        let begun = Instant::now();
        eprintln!("== {}", part.name);
        if let Err(error) = (part.measure)(&wanted, &mut report) {
            // The other parts still have something to say.
            eprintln!("   {} could not be measured: {error:#}", part.name);
            broken += 1;
        }
        eprintln!("   {} s", begun.elapsed().as_secs());
    }
    let long = long(&parts, &wanted);
    if wanted.quick && !long.is_empty() {
        report.leave_out(format!("Not in the short form: {}.", long.join(", ")));
    }
    let Report { rows, left_out } = &report;
    if wanted.json {
        for row in rows {
            println!("{}", serde_json::to_string(row)?);
        }
    } else {
        if !rows.is_empty() {
            println!("\n{}", row::table(rows));
        }
        for sentence in left_out {
            println!("{sentence}");
        }
    }
    if broken > 0 {
        bail!("{broken} of the parts could not be measured; why stands above");
    }
    Ok(if rows.iter().all(|row| row.met) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Wanted goals that only the long form measures.
fn long(parts: &[Part], wanted: &Wanted) -> Vec<&'static str> {
    let goals = parts.iter().flat_map(|part| part.goals.iter().filter(|goal| !part.quick.contains(goal)));
    goals.copied().filter(|goal| wanted.goal(goal)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[&str] = &["G1", "G5", "G5b"];

    fn read(line: &str) -> Result<Wanted> {
        Wanted::read(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>(), KNOWN)
    }

    #[test]
    fn options_are_read() {
        let only = |goals: &[&str]| goals.iter().map(|goal| (*goal).to_owned()).collect::<Vec<_>>();
        for (line, expected) in [
            ("", Wanted::default()),
            ("--only g1,G5B --quick", Wanted { only: only(&["G1", "G5b"]), quick: true, ..Wanted::default() }),
            ("--json --only=G5", Wanted { only: only(&["G5"]), json: true, ..Wanted::default() }),
            ("-h", Wanted { help: true, ..Wanted::default() }),
        ] {
            assert_eq!(read(line).unwrap(), expected, "{line}");
        }
        let wanted = read("--only G5").unwrap();
        assert!(wanted.goal("G5") && !wanted.goal("G5b") && read("").unwrap().goal("G5b"));
    }

    #[test]
    fn what_is_unknown_is_named_with_what_there_is() {
        for (line, words) in [
            ("--fast", "no option \u{201c}--fast\u{201d}; there are --only GOALS, --quick, --json, --help"),
            ("--quick=1", "no option \u{201c}--quick=1\u{201d}"),
            ("--only G9", "no goal \u{201c}G9\u{201d}; there are G1, G5, G5b."),
            ("--only", "--only needs goals"),
            ("--only --json", "--only needs goals"),
        ] {
            let error = read(line).unwrap_err().to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
    }

    #[test]
    fn no_goal_has_two_parts() {
        let mut goals: Vec<&str> = parts().iter().flat_map(|part| part.goals).copied().collect();
        let all = goals.len();
        goals.sort_unstable();
        goals.dedup();
        assert_eq!(goals.len(), all);
    }

    #[test]
    fn the_short_form_says_what_it_has_not() {
        let only = |goal: &str| Wanted { only: vec![goal.to_owned()], quick: true, ..Wanted::default() };
        assert_eq!(long(&parts(), &only("G4")), ["G4"]);
        assert!(long(&parts(), &only("G1")).is_empty());
        let short = |part: &Part| part.quick.iter().all(|goal| part.goals.contains(goal));
        assert!(parts().iter().all(short));
    }
}
