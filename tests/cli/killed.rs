//! A killed run goes on as if nothing had happened.

use std::time::Duration;

use epitome_testkit::{GpuModel, SimConfig};

use crate::support::{Home, Server, book, code, err, text};

/// Kills of one run.
const KILLS: usize = 20;

/// A server slow enough that a run of the test book takes about a second and a half.
fn server() -> Server {
    let gpu = GpuModel { load_ms: 0.0, ..GpuModel::default() };
    Server::start(SimConfig { parallel: 4, time_scale: 0.004, gpu, ..SimConfig::default() })
}

#[test]
fn killed_at_twenty_moments_and_resumed_it_gives_the_same_book_and_pays_for_nothing_twice() {
    let whole = Home::new();
    let text_of_book = book(60, 40);
    let file = whole.file("road.txt", &text_of_book);
    let calm = server();
    let (url, export) = (calm.url(), ["--export", "json,md", "--out", "out"]);
    let words: Vec<&str> = ["summarise", &text(&file), "--url", &url].into_iter().chain(export).map(leak).collect();
    let done = whole.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));

    let home = Home::new();
    let file = home.file("road.txt", &text_of_book);
    let rough = server();
    let url = rough.url();
    let words: Vec<&str> = ["summarise", &text(&file), "--url", &url].into_iter().chain(export).map(leak).collect();
    let mut moment = 0x9e37_79b9_7f4a_7c15u64;
    for _ in 0..KILLS {
        let mut child = home.command(&words).spawn().unwrap();
        // A pseudo-random moment, the same in every run of the test: before the first call, amid calls, amid commits.
        moment = moment.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        std::thread::sleep(Duration::from_millis(20 + (moment >> 33) % 160));
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let interrupted = rough.finished();
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(interrupted > 0, "the kills fell into the run");

    for ending in ["json", "md"] {
        assert_eq!(whole.export_text(ending), home.export_text(ending), "the {ending} export");
    }
    // An answer that was on its way when the process died was sent and not received: such a call is in flight and may
    // be repeated, at most four of them for each kill. Everything else is paid for once.
    let repeated = rough.sim.stats().finished_again();
    assert!(repeated <= KILLS * 4, "{repeated} calls were repeated");
    assert_eq!(rough.finished() - repeated, calm.finished(), "every call was made, and no other");
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

fn leak(word: &str) -> &'static str {
    Box::leak(word.to_owned().into_boxed_str())
}
