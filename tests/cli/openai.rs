//! Books through servers with the `OpenAI` interface.

use std::process::Output;

use epitome_testkit::{Fault, Faults, Flavour, SimConfig};

use crate::support::{Home, Server, book, code, err, out, text};

const KEY: &str = "sk-simulated-secret";

fn server(flavour: Flavour, config: SimConfig) -> Server {
    Server::start(SimConfig { flavour, time_scale: 0.001, default_ctx: 8192, ..config })
}

/// The program with such a server chosen, and no keyring.
fn run(home: &Home, server: &Server, key: Option<&str>, words: &[&str]) -> Output {
    let url = format!("openai.url={}/v1", server.url());
    let chosen = ["--set", "provider.choice=openai", "--set", &url];
    let mut command = home.command(&[words, &chosen].concat());
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus").env("EPITOME_OPENAI_KEY", key.unwrap_or(" "));
    command.output().unwrap()
}

#[test]
fn a_book_goes_through_each_kind_of_server_with_a_key_that_shows_nowhere() {
    for flavour in [Flavour::LlamaCpp, Flavour::Vllm, Flavour::LmStudio] {
        let (home, server) =
            (Home::new(), server(flavour, SimConfig { key: Some(KEY.into()), ..SimConfig::default() }));
        let file = text(&home.file("road.txt", book(7, 60)));
        let words = ["summarise", &file, "--export", "json,md", "--out", "out"];
        let done = run(&home, &server, Some(KEY), &words);
        assert_eq!(code(&done), 0, "{flavour:?} {}", err(&done));
        assert!(out(&done).contains("7 of 7 chapters summarised by llama3.1:8b"), "{}", out(&done));
        for chapter in home.export()["chapters"].as_array().unwrap() {
            assert_eq!((chapter["state"].as_str(), chapter["provider"].as_str()), (Some("done"), Some("openai")));
            assert!(chapter["summary"].as_str().unwrap().contains("[sim:"));
        }
        let prompts = server.prompts();
        let sentence = |number: u32| format!("company 3 crossed the river number {number}.");
        let whole = |prompt: &&String| (1..=60).all(|number| prompt.contains(&sentence(number)));
        assert_eq!(prompts.iter().filter(whole).count(), 1, "read once, whole");
        let told = format!("{}{}", out(&done), err(&done));
        assert!(!told.contains(KEY));
        assert!(home.files().iter().all(|bytes| !bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes())));
        // The same book again costs no call.
        let before = server.finished();
        assert_eq!(code(&run(&home, &server, Some(KEY), &words)), 0);
        assert_eq!(server.finished(), before);
    }
}

#[test]
fn a_key_that_is_missing_or_wrong_is_told_before_the_book_is_sent() {
    for flavour in [Flavour::LlamaCpp, Flavour::Vllm, Flavour::LmStudio] {
        let (home, server) =
            (Home::new(), server(flavour, SimConfig { key: Some(KEY.into()), ..SimConfig::default() }));
        let file = text(&home.file("road.txt", book(2, 30)));
        for (key, words) in [(None, "wants a key"), (Some("sk-wrong"), "refuses the key")] {
            let done = run(&home, &server, key, &["summarise", &file]);
            assert!(code(&done) != 0 && err(&done).contains(words), "{flavour:?} {}", err(&done));
            assert!(err(&done).contains("EPITOME_OPENAI_KEY") && !err(&done).contains("sk-wrong"), "{}", err(&done));
        }
        assert!(server.prompts().iter().all(|prompt| !prompt.contains("company")));
    }
}

#[test]
fn a_server_that_often_fails_still_gives_the_whole_book() {
    for flavour in [Flavour::LlamaCpp, Flavour::Vllm, Flavour::LmStudio] {
        let ways = [
            Fault::Http500,
            Fault::Http503,
            Fault::Cut,
            Fault::ErrorLine,
            Fault::EndWithoutDone,
            Fault::Garbage,
            Fault::Split,
        ];
        let faults = ways.into_iter().fold(Faults::default(), |faults, way| faults.rate(way, 0.03));
        let (home, server) = (Home::new(), server(flavour, SimConfig { faults, ..SimConfig::default() }));
        let file = text(&home.file("road.txt", book(40, 30)));
        let words = ["summarise", &file, "--set", "llm.attempts=12", "--export", "json", "--out", "out"];
        let done = run(&home, &server, None, &words);
        assert_eq!(code(&done), 0, "{flavour:?} {}", err(&done));
        assert!(home.export()["chapters"].as_array().unwrap().iter().all(|chapter| chapter["state"] == "done"));
        assert!(server.sim.stats().faults.len() >= 3, "there were failures of several kinds to get over");
    }
}

#[test]
fn a_chapter_beyond_the_window_of_the_server_is_read_in_pieces() {
    let (home, server) = (Home::new(), server(Flavour::Vllm, SimConfig::default()));
    let file = text(&home.file("long.txt", book(2, 900)));
    let done = run(&home, &server, None, &["summarise", &file, "--export", "json", "--out", "out"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(home.export()["chapters"][0]["pieces"].as_u64().unwrap() > 1);
    for sentence in [1, 300, 600, 900] {
        let words = format!("of company 2 crossed the river number {sentence}.");
        assert!(server.prompts().iter().any(|prompt| prompt.contains(&words)), "{words}");
    }
    assert_eq!(server.sim.stats().ended("error"), 0, "nothing was sent that does not fit");
}
