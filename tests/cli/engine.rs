//! The engine at work on real servers: pools, providers that take over, limits, profiles.

use std::collections::BTreeSet;
use std::time::Duration;

use epitome_testkit::{Flavour, SimConfig, SimModel};
use serde_json::Value;

use crate::support::{Home, Server, book, code, err, text};

fn all_done(export: &Value) -> bool {
    export["chapters"].as_array().unwrap().iter().all(|chapter| chapter["state"] == "done")
}

fn providers(export: &Value) -> BTreeSet<&str> {
    export["chapters"].as_array().unwrap().iter().filter_map(|chapter| chapter["provider"].as_str()).collect()
}

fn slow(parallel: usize) -> SimConfig {
    SimConfig { parallel, time_scale: 0.004, ..SimConfig::default() }
}

#[test]
fn two_servers_share_a_book_and_one_of_them_may_go_away() {
    let (one, other) = (Server::start(slow(2)), Server::start(slow(2)));
    let home = Home::new();
    let file = home.file("road.txt", book(40, 40));
    let (url, more) = (one.url(), format!("ollama.more_urls={}", other.url()));
    let mut child = home
        .command(&["summarise", &text(&file), "--url", &url, "--set", &more, "--export", "json", "--out", "out"])
        .spawn()
        .unwrap();
    while one.finished() < 4 || other.finished() < 4 {
        assert!(child.try_wait().unwrap().is_none(), "both have a part in it");
        std::thread::sleep(Duration::from_millis(5));
    }
    other.runtime.block_on(other.sim.go_away());
    assert!(child.wait().unwrap().success());
    assert!(all_done(&home.export()));
    let both: usize = [&one, &other].iter().map(|server| server.sim.stats().finished_again()).sum();
    assert_eq!(both, 0, "no call is answered twice by one server");
}

#[test]
fn a_server_with_another_build_of_the_model_stays_out_of_the_pool() {
    let one = Server::fast();
    let other = Server::start(SimConfig {
        models: vec![SimModel { digest: "f".repeat(64), ..SimModel::named("llama3.1:8b") }],
        ..SimConfig::default()
    });
    let home = Home::new();
    let file = home.file("road.txt", book(6, 30));
    let (url, more) = (one.url(), format!("ollama.more_urls={}", other.url()));
    let done = home.run(&["summarise", &text(&file), "--url", &url, "--set", &more]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(other.finished(), 0);
}

#[test]
fn a_provider_the_person_allowed_takes_over_and_is_named() {
    let server = Server::start(slow(2));
    let home = Home::new();
    let file = home.file("road.txt", book(20, 40));
    let url = server.url();
    let words = ["--set", "provider.fallback=built-in", "--export", "json", "--out", "out"];
    let mut all = vec!["summarise", file.to_str().unwrap(), "--url", &url];
    all.extend(words);
    let mut child = home.command(&all).spawn().unwrap();
    while server.finished() < 3 {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    server.runtime.block_on(server.sim.go_away());
    assert!(child.wait().unwrap().success());
    let export = home.export();
    assert!(all_done(&export));
    assert_eq!(providers(&export), BTreeSet::from(["built-in", "ollama"]), "each chapter names who wrote it");
}

#[test]
fn without_leave_nobody_takes_over() {
    let server = Server::start(slow(2));
    let home = Home::new();
    let file = home.file("road.txt", book(20, 40));
    let url = server.url();
    let words = ["--set", "llm.outage_s=7", "--export", "json", "--out", "out"];
    let mut all = vec!["summarise", file.to_str().unwrap(), "--url", &url];
    all.extend(words);
    let mut child = home.command(&all).spawn().unwrap();
    while server.finished() < 3 {
        assert!(child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(5));
    }
    server.runtime.block_on(server.sim.go_away());
    assert!(!child.wait().unwrap().success(), "it waits, and then says that it gave up");
}

#[test]
fn an_openai_compatible_server_writes_too_and_its_key_is_shown_nowhere() {
    let secret = "sk-very-secret-0123456789";
    let server = Server::start(SimConfig {
        flavour: Flavour::LlamaCpp,
        key: Some(secret.to_owned()),
        time_scale: 0.001,
        ..SimConfig::default()
    });
    let home = Home::new();
    let file = home.file("road.txt", book(8, 30));
    let address = format!("openai.url={}", server.url());
    let words = [
        "summarise",
        file.to_str().unwrap(),
        "--set",
        "provider.choice=openai",
        "--set",
        &address,
        "--set",
        "openai.model=llama3.1:8b",
        "--export",
        "json",
        "--out",
        "out",
    ];
    let done = home.command(&words).env("EPITOME_OPENAI_KEY", secret).output().unwrap();
    assert_eq!(code(&done), 0, "{}", err(&done));
    let export = home.export();
    assert!(all_done(&export));
    assert_eq!(providers(&export), BTreeSet::from(["openai"]));
    for folder in ["data", "config", "out"] {
        let Ok(files) = std::fs::read_dir(home.path(folder)) else { continue };
        for file in files.flatten().filter(|file| file.path().is_file()) {
            let bytes = std::fs::read(file.path()).unwrap();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "the key is in {}", file.path().display());
        }
    }
    assert!(!err(&done).contains(secret));
}

#[test]
fn a_fixed_number_of_calls_is_obeyed_exactly() {
    let server = Server::start(slow(16));
    let home = Home::new();
    let file = home.file("road.txt", book(24, 40));
    let done = home
        .command(&["summarise", &text(&file), "--url", &server.url()])
        .env("LLM_CONCURRENCY_LIMIT", "5")
        .output()
        .unwrap();
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(server.sim.stats().max_in_flight, 5);
}

#[test]
fn the_search_goes_up_where_the_server_serves_more() {
    // Slower than the others: the search compares speeds, and a busy machine must not be what it finds.
    let server = Server::start(SimConfig { time_scale: 0.02, ..slow(12) });
    let home = Home::new();
    let file = home.file("road.txt", book(80, 40));
    let done = home.run(&["summarise", &text(&file), "--url", &server.url()]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let most = server.sim.stats().max_slots_busy;
    // The rungs are 1, 2, 3, 4, 6, 8, 12; a busy machine may cost it the last ones.
    assert!(most >= 6, "{most} of 12 slots were used at once");
}

#[test]
fn the_first_design_can_still_be_run() {
    let server = Server::start(SimConfig { record_prompts: true, ..slow(8) });
    let home = Home::new();
    // Chapters of some 15,000 characters: seven or eight pieces each.
    let file = home.file("road.txt", book(6, 190));
    let url = server.url();
    let words =
        ["summarise", &text(&file), "--url", &url, "--set", "profile=baseline", "--export", "json", "--out", "out"];
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let export = home.export();
    assert!(all_done(&export));
    let pieces: u64 =
        export["chapters"].as_array().unwrap().iter().map(|chapter| chapter["pieces"].as_u64().unwrap()).sum();
    assert!(pieces >= 6 * 7, "{pieces} pieces");
    let stats = server.sim.stats();
    assert_eq!(stats.max_in_flight, 3, "three workers, each with one chapter and its calls one after another");
    // A title of its own for each chapter, and a summary of the pieces.
    let calls = stats.finished.len() as u64;
    assert!(calls >= pieces + 6 * 2, "{calls} calls for {pieces} pieces");
}

#[test]
fn the_vital_signs_of_a_run_are_kept_for_its_charts() {
    let server = Server::start(SimConfig { time_scale: 0.02, ..slow(2) });
    let home = Home::new();
    let file = home.file("road.txt", book(30, 40));
    let done = home.run(&["summarise", &text(&file), "--url", &server.url()]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let library = rusqlite::Connection::open(home.path("data/library.sqlite")).unwrap();
    let mut select = library.prepare("SELECT at_ms, json FROM measure ORDER BY id").unwrap();
    let rows = select.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).unwrap();
    let rows: Vec<(i64, Value)> =
        rows.map(Result::unwrap).map(|(at, json)| (at, serde_json::from_str(&json).unwrap())).collect();
    assert!(rows.len() >= 2 && rows.is_sorted_by_key(|(at, _)| *at), "{} rows", rows.len());
    let done = |(_, vitals): &(i64, Value)| vitals["chapters_done"].as_u64().unwrap();
    assert!(rows.is_sorted_by_key(done) && done(rows.last().unwrap()) == 30);
}

/// Words of a command that summarises a file with Ollama at `url`, which others may take over from.
fn with_fallback<'a>(file: &'a str, url: &'a str, fallback: &'a str) -> Vec<&'a str> {
    let mut words = vec!["summarise", file, "--url", url, "--export", "json", "--out", "out"];
    words.extend(["--set", "provider.choice=ollama", "--set", "ollama.model=llama3.1:8b", "--set", fallback]);
    words
}

fn synopsis_author(home: &Home) -> String {
    let library = rusqlite::Connection::open(home.path("data/library.sqlite")).unwrap();
    let newest = "SELECT provider || ' ' || model FROM summary WHERE section_id IS NULL ORDER BY id DESC LIMIT 1";
    library.query_row(newest, [], |row| row.get(0)).unwrap()
}

#[test]
fn what_another_provider_wrote_is_never_passed_off_as_the_models() {
    let server = Server::fast();
    server.runtime.block_on(server.sim.go_away());
    let home = Home::new();
    // Chapters of several pieces, and one of one piece.
    let file = text(&home.file("road.txt", book(3, 190)));
    let url = server.url();
    let words = with_fallback(&file, &url, "provider.fallback=built-in");
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(providers(&home.export()), BTreeSet::from(["built-in"]));
    assert_eq!(synopsis_author(&home), "built_in built-in");
    server.runtime.block_on(server.sim.come_back()).unwrap();
    std::fs::remove_dir_all(home.path("out")).unwrap();
    let again = home.run(&words);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert_eq!(providers(&home.export()), BTreeSet::from(["ollama"]), "with the model back, the model writes");
    assert_eq!(synopsis_author(&home), "ollama llama3.1:8b");
    assert!(server.finished() >= 4, "{} calls", server.finished());
}

#[test]
fn the_first_choice_takes_part_as_soon_as_it_is_there() {
    // The other one is so slow that the first choice, which is looked at every second or two, is seen in time.
    let other = SimConfig { flavour: Flavour::LlamaCpp, time_scale: 0.06, ..slow(2) };
    let (first, other) = (Server::start(slow(2)), Server::start(other));
    first.runtime.block_on(first.sim.go_away());
    let home = Home::new();
    let file = text(&home.file("road.txt", book(60, 40)));
    let (url, address) = (first.url(), format!("openai.url={}", other.url()));
    let mut words = with_fallback(&file, &url, "provider.fallback=openai");
    words.extend(["--set", &address, "--set", "openai.model=llama3.1:8b"]);
    let mut child = home.command(&words).spawn().unwrap();
    while other.finished() < 3 {
        assert!(child.try_wait().unwrap().is_none(), "the other takes over");
        std::thread::sleep(Duration::from_millis(5));
    }
    first.runtime.block_on(first.sim.come_back()).unwrap();
    assert!(child.wait().unwrap().success());
    let export = home.export();
    assert!(all_done(&export));
    assert_eq!(providers(&export), BTreeSet::from(["ollama", "openai"]), "each chapter names who wrote it");
    assert!(first.finished() > 0);
}

#[test]
fn a_provider_that_may_take_over_and_hangs_holds_nothing_up() {
    let server = Server::fast();
    // It takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let home = Home::new();
    let file = text(&home.file("road.txt", book(4, 30)));
    let (url, address) = (server.url(), format!("openai.url=http://{}", silent.local_addr().unwrap()));
    let mut words = with_fallback(&file, &url, "provider.fallback=openai");
    words.extend(["--set", &address, "--set", "openai.model=m"]);
    let begun = std::time::Instant::now();
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    assert_eq!(providers(&home.export()), BTreeSet::from(["ollama"]));
}

#[test]
fn a_server_of_a_pool_that_cannot_load_the_model_stops_nobody() {
    let one = Server::fast();
    let other = Server::start(SimConfig { models: Vec::new(), ..SimConfig::default() });
    let home = Home::new();
    let file = home.file("road.txt", book(6, 30));
    let (url, more) = (one.url(), format!("ollama.more_urls={}", other.url()));
    let done = home.run(&["summarise", &text(&file), "--url", &url, "--set", &more]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(other.finished(), 0);
}
