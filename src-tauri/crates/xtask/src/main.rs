//! `cargo xtask …`: sets up the machine, builds, runs, checks. Everything it installs it names first.

mod bench;
mod fuzz;
mod gui;
mod run;
mod server;
mod setup;
mod shell;
mod simulate;
mod soak;
mod steps;
mod test;
mod ui;

use std::process::ExitCode;

const HELP: &str = "cargo xtask COMMAND

  run [--release] [-- BOOK...]   set up, build and start the window; without a display, do it in the terminal
  test                           everything that is checked, as CI does it
  check                          the quick part of it: format, lints, tests of the tree, the pages' checks
  dev                            the window with hot reload
  sim [OPTIONS]                  a simulated Ollama to try things on (--help for its options)
  simulate [OPTIONS]             worlds by seed under a virtual clock, checked after every event (--help for its options)
  bench [OPTIONS]                the goals with figure and verdict (--help for its options)
  fuzz [OPTIONS] [TARGET...]     damaged files for every reader, a minute each (--help for its options; replay TARGET FILE)
  soak WHAT                      the long tests and the instruction counts: kill, instructions, memory, resume, idle
  wire                           write the window's types anew from the Rust ones
  screenshots                    pictures of every screen into tests/artifacts
  help                           this";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().map_or(("help", &[][..]), |(command, rest)| (command.as_str(), rest));
    let outcome = match command {
        "run" => run::run(rest),
        "test" => test::test(),
        "check" => test::check(),
        "dev" => run::dev(),
        "sim" => run::sim(rest),
        "simulate" => simulate::simulate(rest),
        "bench" => bench::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "soak" => soak::soak(rest),
        "wire" => run::wire(),
        "screenshots" => gui::screenshots(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(ExitCode::SUCCESS)
        }
        other => {
            eprintln!("There is no command \u{201c}{other}\u{201d}.\n\n{HELP}");
            Ok(ExitCode::from(2))
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("\nxtask: {error:#}");
        ExitCode::FAILURE
    })
}
