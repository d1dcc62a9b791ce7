//! The process dies at a named point of its work, and goes on afterwards as if nothing had happened.

use crate::rough::{Calm, Rough};
use crate::support::book;

/// Every point and how many times it is reached until the process dies there. The synopsis is written once in a run;
/// the end of a job is a point before its last state is written (1) and after (2).
const POINTS: &[(&str, &[u32])] = &[
    ("migration.step", &[1, 2]),
    ("import.section", &[1, 17]),
    ("call.sent", &[1, 19]),
    ("call.answered", &[1, 13]),
    ("store.in_transaction", &[1, 11]),
    ("store.committed", &[1, 11]),
    ("chapter.written", &[1, 15]),
    ("synopsis.written", &[1]),
    ("job.finished", &[1, 2]),
];

#[test]
fn dead_at_any_point_it_goes_on_to_the_same_book_and_pays_for_nothing_twice() {
    let text_of_book = book(24, 30);
    let calm = Calm::run(&text_of_book);
    for (point, times) in POINTS {
        for time in *times {
            let mut rough = Rough::new(&text_of_book);
            let at = format!("{point}:{time}");
            let status = rough.command(false).env("EPITOME_CRASH_AT", &at).status().unwrap();
            assert!(!status.success() && status.code().is_none_or(|code| code > 2), "{at}: it ended with {status}");
            rough.died();
            let figures = rough.finish(&calm);
            figures.hold();
            println!("{at}: {figures}");
        }
    }
}

#[test]
fn a_point_that_is_not_reached_does_nothing() {
    let text_of_book = book(3, 30);
    let calm = Calm::run(&text_of_book);
    let rough = Rough::new(&text_of_book);
    for at in ["chapter.written:1000", "nowhere:1", "chapter.written", "chapter.written:x"] {
        let status = rough.command(false).env("EPITOME_CRASH_AT", at).status().unwrap();
        assert!(status.success(), "{at}: it ended with {status}");
    }
    rough.finish(&calm).hold();
}
