//! What is not a book, and what is no proper use: a plain sentence, exit 2, nothing broken.

use crate::support::{Home, book, code, err, lines, text};

#[test]
fn what_is_not_a_book_is_refused_by_name_in_a_sentence() {
    let home = Home::new();
    let folder = home.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let files = [
        (home.path("missing.epub"), "is not there"),
        (folder, "is a folder"),
        (home.file("empty.txt", ""), "empty"),
        (home.file("blank.txt", " \n\n \n"), "blank.txt"),
        (home.file("picture.epub", [0x89, b'P', b'N', b'G', 0, 0, 0, 0, 1, 2, 3]), "picture.epub"),
        (home.file("cut.epub", [b'P', b'K', 3, 4, 20, 0, 0, 0, 0, 0]), "cut.epub"),
        (home.file("binary.txt", (0..4096u32).map(|n| (n * 7 % 251) as u8).collect::<Vec<_>>()), "binary.txt"),
        (home.file("paper.pdf", "%PDF-1.7\n1 0 obj\n"), "paper.pdf"),
    ];
    for (file, words) in files {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for command in ["summarise", "chapters"] {
            let refused = home.run(&[command, &text(&file)]);
            assert_eq!(code(&refused), 2, "{command} {name}: {}", err(&refused));
            let said = err(&refused);
            assert!(said.contains(&name) && said.contains(words), "{command} {name}: {said}");
            assert!(!said.contains("panicked") && !said.contains("Error {"), "{said}");
            assert!(said.trim().ends_with('.'), "a sentence, with what to do: {said}");
        }
    }
    assert!(lines(&home.run(&["status", "--json"])).is_empty(), "nothing of it came into the library");
}

#[test]
fn a_bad_file_does_not_keep_the_others_waiting() {
    let home = Home::new();
    let (bad, good) = (home.file("bad.epub", "PK nonsense"), home.file("road.txt", book(3, 30)));
    let done = home.run(&["summarise", &text(&bad), &text(&good), "--builtin", "--export", "json", "--out", "out"]);
    assert_eq!(code(&done), 2);
    assert_eq!(home.export()["chapters"].as_array().unwrap().len(), 3);
}

#[test]
fn bad_use_is_explained() {
    let home = Home::new();
    let file = text(&home.file("road.txt", book(3, 30)));
    for (words, said) in [
        (vec!["summarise"], "FILE"),
        (vec!["summarise", &file, "--set", "llm.concurrency"], "KEY=VALUE"),
        (vec!["summarise", &file, "--set", "llm.concurrency=0"], "1 to 64"),
        (vec!["summarise", &file, "--set", "llm.speed=9"], "Did you mean"),
        (vec!["summarise", &file, "--profile", "turbo"], "baseline"),
        (
            vec!["summarise", &file, "--set", "chunk.size=500", "--set", "chunk.overlap=400", "--builtin"],
            "chunk.overlap",
        ),
        (vec!["export", "Nothing", "--out", "out"], "No book"),
        (vec!["frobnicate"], "frobnicate"),
    ] {
        let refused = home.run(&words);
        assert_eq!(code(&refused), 2, "{words:?}: {}", err(&refused));
        assert!(err(&refused).contains(said), "{words:?}: {}", err(&refused));
    }
    let refused = home.command(&["status"]).env("LLM_CONCURRENCY_LIMIT", "lots").output().unwrap();
    assert!(code(&refused) == 2 && err(&refused).contains("LLM_CONCURRENCY_LIMIT"), "{}", err(&refused));
    std::fs::create_dir_all(home.path("config")).unwrap();
    home.file("config/settings.toml", "[llm]\nconcurrency = 'many'\n");
    let refused = home.run(&["status"]);
    assert!(code(&refused) == 2 && err(&refused).contains("settings.toml"), "{}", err(&refused));
}

#[test]
fn a_data_folder_that_cannot_be_used_is_named() {
    let home = Home::new();
    // A file where the folder should be cannot be written into, whoever runs the test.
    home.file("data", "not a folder");
    let refused = home.run(&["status"]);
    assert_eq!(code(&refused), 2);
    assert!(
        err(&refused).contains("cannot be written to") && err(&refused).contains("EPITOME_DATA"),
        "{}",
        err(&refused)
    );
}

#[test]
fn a_damaged_library_is_put_aside_and_said_so() {
    let home = Home::new();
    std::fs::create_dir_all(home.path("data")).unwrap();
    home.file("data/library.sqlite", "This is not a database, however much it would like to be one.".repeat(40));
    let told = home.run(&["status"]);
    assert!(code(&told) == 0 && err(&told).contains("damaged"), "{}", err(&told));
    let again = home.run(&["status"]);
    assert!(code(&again) == 0 && err(&again).is_empty(), "{}", err(&again));
    let kept = std::fs::read_dir(home.path("data")).unwrap();
    assert!(kept.filter_map(Result::ok).any(|file| file.file_name().to_string_lossy().contains("damaged")));
}
