//! A killed run goes on as if nothing had happened.

use std::time::Duration;

use crate::rough::{Calm, Figures, Rough, server};
use crate::support::{Home, book, code, err, text};

/// Kills and seeds where `cargo xtask soak kill` asks for no more.
const KILLS: usize = 20;
const SEEDS: usize = 1;

#[test]
fn killed_at_many_moments_and_resumed_it_gives_the_same_book_and_pays_for_nothing_twice() {
    let asked = |name: &str, usual| std::env::var(name).map_or(usual, |number| number.parse().unwrap());
    let (kills, seeds) = (asked("EPITOME_SOAK_KILLS", KILLS), asked("EPITOME_SOAK_SEEDS", SEEDS));
    for seed in 1..=seeds {
        let figures = kill(kills, seed);
        println!("seed {seed}: {figures}");
        figures.hold();
        assert!(figures.kept > 0 && figures.told > 0, "the kills fell into the work: {figures}");
    }
}

/// Kills runs of one book until there were so many kills; each run ends as a calm one does.
fn kill(kills: usize, seed: usize) -> Figures {
    let mut moments = Moments(0x9e37_79b9_7f4a_7c15 ^ seed as u64);
    let text_of_book = book(60 + moments.below(40), 30 + moments.below(20));
    let calm = Calm::run(&text_of_book);
    let mut figures = Figures::default();
    while figures.kills < kills {
        let mut rough = Rough::new(&text_of_book);
        let mut resume = false;
        while figures.kills + rough.kills() < kills && !rough.is_done() {
            // Before the first call, amid calls, amid commits, amid the synopsis and the exports.
            rough.kill_after(resume, Duration::from_millis(50 + moments.below(350) as u64));
            // `resume` finds nothing to do where the first life died before there was a job.
            resume = moments.below(2) == 0;
        }
        figures += rough.finish(&calm);
    }
    figures
}

/// Numbers that look random and are the same in every run of the test.
struct Moments(u64);

impl Moments {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}

#[test]
fn resume_goes_on_with_what_was_interrupted() {
    let (home, server) = (Home::new(), server());
    let file = home.file("road.txt", book(40, 40));
    let url = server.url();
    let mut child = home.command(&["summarise", &text(&file), "--url", &url]).spawn().unwrap();
    while server.finished() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = home.run(&["resume", "--export", "json", "--out", "out"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let chapters = home.export()["chapters"].as_array().unwrap().clone();
    assert!(chapters.len() == 40 && chapters.iter().all(|chapter| chapter["state"] == "done"));
    let nothing = home.run(&["resume"]);
    assert_eq!((code(&nothing), err(&nothing).trim()), (0, "Nothing is unfinished."));
}
