//! From a book to its files.

use serde_json::Value;

use crate::support::{Home, Server, book, code, err, lines, out, text};

#[test]
fn a_book_goes_through_a_model_and_every_character_is_accounted_for() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(7, 60));
    let url = server.url();
    let done = home.run(&["summarise", &text(&file), "--url", &url, "--export", "md,json", "--out", "out"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(out(&done).contains("7 of 7 chapters summarised by llama3.1:8b"), "{}", out(&done));

    let export = home.export();
    let keys: Vec<&str> = export.as_object().unwrap().keys().map(String::as_str).collect();
    for key in ["title", "authors", "language", "coverage", "synopsis", "chapters"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    let coverage = &export["coverage"];
    let left: u64 = coverage["left_out"].as_array().unwrap().iter().map(|part| part["chars"].as_u64().unwrap()).sum();
    assert_eq!(coverage["source_chars"].as_u64().unwrap(), coverage["summarised_chars"].as_u64().unwrap() + left);
    assert_eq!(coverage["source_chars"], book(7, 60).chars().count());
    assert!(export["synopsis"].as_str().unwrap().contains("[sim:"));
    let chapters = export["chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), 7);
    for (number, chapter) in (1..).zip(chapters) {
        assert_eq!(chapter["number"].as_u64(), Some(number));
        assert_eq!((chapter["state"].as_str(), &chapter["error"]), (Some("done"), &Value::Null));
        assert_eq!((chapter["provider"].as_str(), chapter["model"].as_str()), (Some("ollama"), Some("llama3.1:8b")));
        assert!(!chapter["title"].as_str().unwrap().is_empty() && !chapter["preview"].as_str().unwrap().is_empty());
        let summary = chapter["summary"].as_str().unwrap();
        assert!(summary.contains("[sim:"), "the model's own words: {summary}");
    }
    let markdown = home.export_text("md");
    assert!(markdown.contains("## Synopsis") && markdown.contains("100 % of"), "{markdown}");
}

#[test]
fn each_chapter_is_summarised_from_its_own_text() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(5, 40));
    let url = server.url();
    let done = home.run(&["summarise", &text(&file), "--url", &url]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let prompts = server.prompts();
    for chapter in 1..=5 {
        let sentence = |number: u32| format!("company {chapter} crossed the river number {number}.");
        let whole = |prompt: &&String| (1..=40).all(|number| prompt.contains(&sentence(number)));
        assert_eq!(prompts.iter().filter(whole).count(), 1, "chapter {chapter} was read once, whole");
    }
}

#[test]
fn a_chapter_beyond_the_window_is_read_in_pieces_and_none_is_left_out() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("long.txt", book(3, 900));
    let url = server.url();
    let words =
        ["summarise", &text(&file), "--url", &url, "--set", "llm.window_max=4096", "--export", "json", "--out", "out"];
    let done = home.run(&words);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(home.export()["chapters"][0]["pieces"].as_u64().unwrap() > 3);
    let prompts = server.prompts();
    for sentence in [1, 300, 600, 900] {
        let words = format!("of company 2 crossed the river number {sentence}.");
        assert!(prompts.iter().any(|prompt| prompt.contains(&words)), "{words}");
    }
    assert!(server.sim.requests().iter().all(|request| request.options["num_ctx"] == 4096), "one window for all calls");
}

#[test]
fn a_fixed_number_of_calls_at_a_time_is_obeyed() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(20, 30));
    let url = server.url();
    let done = home.run(&["summarise", &text(&file), "--url", &url, "--set", "llm.concurrency=2"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    // The server may still be closing a call whose last word the program has read, and count it with the next ones.
    let most = server.sim.stats().max_in_flight;
    assert!((2..=3).contains(&most), "{most} calls at a time");
}

#[test]
fn without_a_model_the_built_in_summariser_does_it_and_says_so() {
    let home = Home::new();
    let done = home.run(&["summarise", "--sample", "--export", "json,md", "--out", "out"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert!(out(&done).contains("built-in"), "{}", out(&done));
    let export = home.export();
    assert_eq!(export["chapters"].as_array().unwrap().len(), 12);
    assert!(export["chapters"].as_array().unwrap().iter().all(|chapter| chapter["provider"] == "built-in"));
    assert!(home.export_text("md").contains("built-in summariser"));
}

#[test]
fn a_book_done_without_a_model_can_be_done_again_with_one() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(4, 40));
    assert_eq!(code(&home.run(&["summarise", &text(&file), "--builtin"])), 0);
    let url = server.url();
    let again = home.run(&["summarise", &text(&file), "--url", &url, "--export", "json", "--out", "out"]);
    assert_eq!(code(&again), 0, "{}", err(&again));
    assert!(home.export()["chapters"].as_array().unwrap().iter().all(|chapter| chapter["provider"] == "ollama"));
}

#[test]
fn the_same_book_again_costs_no_call() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(4, 40));
    let url = server.url();
    let words = ["summarise", &text(&file), "--url", &url];
    assert_eq!(code(&home.run(&words)), 0);
    let before = server.finished();
    assert_eq!(code(&home.run(&words)), 0);
    assert_eq!(server.finished(), before);
}

#[test]
fn chapters_status_and_export_speak_json() {
    let home = Home::new();
    let file = home.file("road.txt", book(3, 40));
    let chapters = lines(&home.run(&["chapters", &text(&file), "--json"]));
    assert_eq!(chapters[0]["sections"].as_array().unwrap().iter().filter(|part| part["number"].is_number()).count(), 3);

    let run = home.run(&["summarise", &text(&file), "--builtin", "--json"]);
    let events = lines(&run);
    assert_eq!(events.last().unwrap()["event"], "done");
    assert_eq!(events.last().unwrap()["summarised"], 3);

    let status = lines(&home.run(&["status", "--json"]));
    assert_eq!((status[0]["state"].as_str(), status[0]["chapters"].as_u64()), (Some("done"), Some(3)));
    let exported = lines(&home.run(&["export", "road.txt", "--format", "json", "--out", "out", "--json"]));
    let path = std::path::Path::new(exported[0]["path"].as_str().unwrap());
    assert_eq!(path.extension().unwrap(), "json");
    assert_eq!(home.export()["chapters"].as_array().unwrap().len(), 3);
}

#[test]
fn a_run_reports_what_was_measured_of_it() {
    let (home, server) = (Home::new(), Server::fast());
    let file = home.file("road.txt", book(12, 40));
    let url = server.url();
    assert_eq!(code(&home.run(&["report", "road.txt"])), 2, "there is no such book yet");
    let done = home.run(&["summarise", &text(&file), "--url", &url]);
    assert_eq!(code(&done), 0, "{}", err(&done));

    let told = home.run(&["report", "road.txt", "--out", "figures.svg"]);
    assert_eq!(code(&told), 0, "{}{}", out(&told), err(&told));
    for words in ["12 of 12 chapters, 0 failed", "p95 a chapter", "whole run", "met", "map  p50", "figures.svg"] {
        assert!(out(&told).contains(words), "“{words}” in {}", out(&told));
    }
    let picture = std::fs::read_to_string(home.path("figures.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.trim_end().ends_with("</svg>"));
    for words in ["The Long Road", "Queue depth", "Call latency", "llama3.1:8b", "p95 a chapter"] {
        assert!(picture.contains(words), "“{words}” is not in the picture");
    }

    let lines = lines(&home.run(&["report", "road.txt", "--json"]));
    let [report] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(report["vitals"]["chapters_done"], 12);
    assert_eq!(report["chapters"]["count"], 12, "each chapter's time is known");
    assert!(report["levels"].as_array().unwrap().iter().all(|level| level["met"] == true), "{report}");
    assert_eq!(report["settings"]["model"], "llama3.1:8b");
    assert!(report["vitals"]["stages"]["map"]["count"].as_u64().unwrap() >= 12);
}

#[test]
fn a_chapter_of_a_chinese_novel_is_one_call() {
    let (home, server) = (Home::new(), Server::fast());
    let line = "他沿着河岸慢慢走去，想起许多年前的那个冬天，雪落在屋顶上，没有人说话。";
    let chapters = (1..=6).map(|n| format!("第{n}章 河岸\n\n{}\n\n", line.repeat(75)));
    let file = home.file("river.txt", chapters.collect::<String>());
    let url = server.url();
    let done = home.run(&["summarise", &text(&file), "--url", &url, "--export", "json", "--out", "out"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let export = home.export();
    let chapters = export["chapters"].as_array().unwrap();
    assert_eq!(chapters.len(), 6);
    assert!(chapters.iter().all(|chapter| chapter["pieces"] == 1), "{chapters:?}");
    let windows = server.sim.requests().into_iter().filter_map(|request| request.options["num_ctx"].as_u64());
    assert!(windows.max().unwrap() <= 6144, "and needs no large window");
}
