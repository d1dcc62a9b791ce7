//! A server that misbehaves: nothing is lost, and what could not be done is named.

use std::time::Duration;

use epitome_testkit::{Fault, Faults, SimConfig, SimModel};

use crate::support::{Home, Server, book, code, err, lines, text};

fn with_faults(faults: Faults) -> Server {
    Server::start(SimConfig { parallel: 4, time_scale: 0.001, faults, ..SimConfig::default() })
}

#[test]
fn a_server_that_fails_one_call_in_five_in_every_way_still_gives_the_whole_book() {
    let share = 0.03;
    let ways = [
        Fault::Http500,
        Fault::Http503,
        Fault::Cut,
        Fault::ErrorLine,
        Fault::EndWithoutDone,
        Fault::Garbage,
        Fault::Length,
    ];
    let server = with_faults(ways.into_iter().fold(Faults::default(), |faults, way| faults.rate(way, share)));
    let home = Home::new();
    let file = home.file("road.txt", book(40, 30));
    let url = server.url();
    let words =
        ["summarise", &text(&file), "--url", &url, "--set", "llm.attempts=12", "--export", "json", "--out", "out"];
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let export = home.export();
    assert!(export["chapters"].as_array().unwrap().iter().all(|chapter| chapter["state"] == "done"));
    assert!(server.sim.stats().faults.len() >= 3, "there were failures of several kinds to get over");
}

#[test]
fn a_model_that_never_answers_properly_fails_the_chapters_by_name_and_exits_with_one() {
    let server = with_faults(Faults::default().rate(Fault::Length, 1.0));
    let home = Home::new();
    let file = home.file("road.txt", book(3, 30));
    let url = server.url();
    let words =
        ["summarise", &text(&file), "--url", &url, "--set", "llm.attempts=2", "--export", "json", "--out", "out"];
    let done = home.run(&words);
    assert_eq!(code(&done), 1, "{}", err(&done));
    assert!(err(&done).contains("failed: Chapter 2"), "{}", err(&done));
    for chapter in home.export()["chapters"].as_array().unwrap() {
        assert_eq!((chapter["state"].as_str(), chapter["error"]["code"].as_str()), (Some("failed"), Some("truncated")));
        assert!(chapter["summary"].is_null(), "an error is never stored as a summary");
    }
}

#[test]
fn a_server_that_goes_away_in_the_middle_is_waited_for() {
    let server = Server::start(SimConfig { parallel: 4, time_scale: 0.004, ..SimConfig::default() });
    let home = Home::new();
    let file = home.file("road.txt", book(30, 40));
    let url = server.url();
    let mut child = home
        .command(&["summarise", &text(&file), "--url", &url, "--json", "--export", "json", "--out", "out"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while server.finished() < 5 {
        std::thread::sleep(Duration::from_millis(5));
    }
    server.runtime.block_on(server.sim.go_away());
    std::thread::sleep(Duration::from_millis(400));
    assert!(child.try_wait().unwrap().is_none(), "the run waits");
    server.runtime.block_on(server.sim.come_back()).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!(code(&done), 0);
    assert!(lines(&done).iter().any(|line| line["state"] == "unreachable"), "it said that it waited");
    assert!(home.export()["chapters"].as_array().unwrap().iter().all(|chapter| chapter["state"] == "done"));
}

#[test]
fn a_runner_that_crashes_loses_nothing() {
    let server = Server::start(SimConfig { parallel: 4, time_scale: 0.004, ..SimConfig::default() });
    let home = Home::new();
    let file = home.file("road.txt", book(30, 40));
    let url = server.url();
    let mut child = home.command(&["summarise", &text(&file), "--url", &url]).spawn().unwrap();
    for crash in 1..=3 {
        while server.finished() < crash * 5 {
            assert!(child.try_wait().unwrap().is_none(), "it ended after crash {}", crash - 1);
            std::thread::sleep(Duration::from_millis(5));
        }
        server.sim.kill_runner();
    }
    assert!(child.wait().unwrap().success());
}

#[test]
fn each_unusable_server_gets_its_own_sentence() {
    let server = Server::start(SimConfig {
        time_scale: 0.001,
        models: vec![
            SimModel::named("llama3.1:8b"),
            SimModel { remote: true, ..SimModel::named("big:cloud") },
            SimModel {
                load_fails: Some("llama-server reported out-of-memory during startup: cudaMalloc failed".into()),
                ..SimModel::named("huge:70b")
            },
        ],
        ..SimConfig::default()
    });
    let url = server.url();
    let home = Home::new();
    let file = text(&home.file("road.txt", book(2, 30)));
    let run = |words: &[&str]| {
        let mut all = vec!["summarise", file.as_str()];
        all.extend_from_slice(words);
        let done = home.run(&all);
        (code(&done), err(&done))
    };
    let (exit, words) = run(&["--url", "http://127.0.0.1:9"]);
    assert!(exit == 2 && words.contains("does not answer") && words.contains("ollama serve"), "{words}");
    let (exit, words) = run(&["--url", "not an address"]);
    assert!(exit == 2 && words.contains("ollama.url"), "{words}");
    let (exit, words) = run(&["--url", &url, "--model", "nope"]);
    assert!(exit == 2 && words.contains("nope") && words.contains("ollama pull nope"), "{words}");
    let (exit, words) = run(&["--url", &url, "--model", "big:cloud"]);
    assert!(exit == 2 && words.contains("another machine"), "{words}");
    let (exit, words) = run(&["--url", &url, "--model", "huge:70b"]);
    assert!(exit == 1 && words.contains("memory"), "{words}");

    // Something that is not Ollama, and something that does not even speak HTTP.
    for reply in ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi", "220 mail ready\r\n"] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                use std::io::{Read, Write};
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 1024]);
                let _ = stream.write_all(reply.as_bytes());
            }
        });
        let (exit, words) = run(&["--url", &url]);
        assert!(exit == 2 && words.contains("is not Ollama"), "{words}");
    }
}
