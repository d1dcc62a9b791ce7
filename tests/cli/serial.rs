//! Books as a reader brings them: a serial that comes again with more chapters, a folder, a pattern for the chapters.

use serde_json::Value;

use crate::support::{Home, Server, book, code, err, lines, out, text};

/// The words that summarise a file, and the export that is looked at.
fn summarise<'a>(file: &'a str, url: &'a str) -> [&'a str; 8] {
    ["summarise", file, "--url", url, "--export", "json", "--out", "out"]
}

fn titles(export: &Value) -> Vec<&str> {
    export["chapters"].as_array().unwrap().iter().map(|chapter| chapter["source_title"].as_str().unwrap()).collect()
}

#[test]
fn a_serial_pays_for_its_new_chapters_only() {
    let (home, server) = (Home::new(), Server::fast());
    let file = text(&home.file("road.txt", book(6, 40)));
    let url = server.url();
    assert_eq!(code(&home.run(&summarise(&file, &url))), 0);
    let first = home.export();
    let before = server.prompts().len();

    home.file("road.txt", book(8, 40));
    // It dies while the one takes the place of the other; then the library holds the old book, whole.
    let died = home.command(&summarise(&file, &url)).env("EPITOME_CRASH_AT", "import.replaced:1").status().unwrap();
    assert!(!died.success() && died.code().is_none_or(|code| code > 2), "{died}");
    assert!(out(&home.run(&["status"])).contains("6 of 6"), "{}", out(&home.run(&["status"])));

    let grown = home.run(&summarise(&file, &url));
    assert_eq!(code(&grown), 0, "{}", err(&grown));
    assert!(err(&grown).contains("2 chapters are new, 0 changed, 6 the same"), "{}", err(&grown));
    assert!(out(&grown).contains("8 of 8 chapters summarised"), "{}", out(&grown));
    let export = home.export();
    assert_eq!(titles(&export).len(), 8);
    for (old, new) in first["chapters"].as_array().unwrap().iter().zip(export["chapters"].as_array().unwrap()) {
        assert_eq!(old["summary"], new["summary"], "what was there stays as it was");
    }
    let read_again = server
        .prompts()
        .split_off(before)
        .iter()
        .filter(|prompt| prompt.contains("company 3 crossed the river number 35."))
        .count();
    assert_eq!(read_again, 0, "a chapter that is the same is not read again");
    assert_ne!(first["synopsis"], export["synopsis"], "the synopsis is of the whole book");
    assert_eq!(export["coverage"]["source_chars"], book(8, 40).chars().count());
}

#[test]
fn what_becomes_of_a_newer_version_is_the_readers_choice() {
    let home = Home::new();
    let builtin = |how: &str, name: &str| {
        let file = text(&home.path(name));
        let done = home.run(&["summarise", &file, "--builtin", "--as", how, "--json"]);
        assert_eq!(code(&done), 0, "{}", err(&done));
        lines(&done)
    };
    home.file("a.txt", book(4, 10));
    home.file("b.txt", book(5, 10));
    home.file("c.txt", book(6, 10));
    let last = |lines: Vec<Value>| (lines.last().unwrap()["book"].clone(), lines.last().unwrap()["chapters"].clone());
    let first = last(builtin("update", "a.txt"));
    let other = last(builtin("new", "b.txt"));
    assert_ne!(first.0, other.0);
    let lines = builtin("replace", "c.txt");
    let grown = lines.iter().find(|line| line["event"] == "grown").unwrap();
    assert_eq!((&grown["grown"]["book"], &grown["grown"]["new"]), (&other.0, &Value::from(1)), "the nearest version");
    assert_eq!(last(lines), (other.0, Value::from(6)));
}

#[test]
fn a_pattern_sets_the_chapters_and_a_bad_one_is_said() {
    let home = Home::new();
    let file = text(&home.file("road.txt", book(6, 10)));
    let shown = home.run(&["chapters", &file, "--pattern", "^Chapter [135]$", "--json"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    let preview = &lines(&shown)[0];
    let chapters: Vec<&str> = preview["sections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|section| !section["number"].is_null())
        .map(|section| section["title"].as_str().unwrap())
        .collect();
    assert_eq!(chapters, ["Chapter 1", "Chapter 3", "Chapter 5"]);
    assert_eq!(preview["method"], "pattern");
    let done = home.run(&["summarise", &file, "--builtin", "--pattern", "^Chapter [135]$"]);
    assert!(out(&done).contains("3 of 3 chapters"), "{}", out(&done));
    for (pattern, said) in [("(", "cannot be read"), ("^Kapitel", "fits no line")] {
        let refused = home.run(&["chapters", &file, "--pattern", pattern]);
        assert_eq!(code(&refused), 2);
        assert!(err(&refused).contains(said), "{}", err(&refused));
    }
}

#[test]
fn a_folder_is_the_books_in_it_and_what_is_none_is_named() {
    let home = Home::new();
    std::fs::create_dir(home.path("books")).unwrap();
    home.file("books/one.txt", book(2, 10));
    home.file("books/two.md", "# First\n\nIt rained for a long time.\n\n# Second\n\nIt stopped at last.\n");
    home.file("books/broken.epub", b"PK\x03\x04 cut off");
    home.file("books/cover.jpg", b"\xFF\xD8\xFF");
    let done = home.run(&["summarise", "books", "--builtin"]);
    assert_eq!(code(&done), 2, "one of them is no book");
    assert!(err(&done).contains("broken.epub") && !err(&done).contains("cover.jpg"), "{}", err(&done));
    assert_eq!(out(&home.run(&["status"])).lines().count(), 2);
}

#[test]
fn how_sure_the_chapters_are_is_told() {
    let home = Home::new();
    let sure = out(&home.run(&["chapters", &text(&home.file("road.txt", book(4, 10)))]));
    assert!(sure.contains("Sure: They are numbered without a gap."), "{sure}");
    let gap = book(6, 10).replace("Chapter 4\n", "Chapter 7\n");
    let gap = out(&home.run(&["chapters", &text(&home.file("gap.txt", gap))]));
    assert!(gap.contains("Likely: ") && gap.contains("jump from 3 to 7"), "{gap}");
}
