//! What was summarised is found again: in summaries and in the text, in any script.

use crate::support::{Home, code, err, lines, out};

const BOOK: &str = "The Long Road\n\nby An Author\n\n\nChapter 1\n\nPrince Andréy left the ball early. He said nothing \
    to anybody, and the rain went on over the roofs of the town until the morning came.\n\n\nChapter 2\n\n却说贾宝玉在大观园中读\
    红楼梦。 The ball was over by then, and everybody who had been there slept until noon of the next day.\n";

/// A library with the book, summarised by the built-in summariser.
fn home() -> Home {
    let home = Home::new();
    home.file("road.txt", BOOK);
    let done = home.run(&["summarise", "road.txt", "--builtin"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    home
}

#[test]
fn words_are_found_in_the_text_and_in_summaries() {
    let home = home();
    let found = home.run(&["search", "andrey", "bal", "--in", "sources"]);
    assert_eq!(code(&found), 0, "{}", err(&found));
    let said = out(&found);
    assert!(said.contains("(1 place)") && said.contains("(source)"), "{said}");
    assert!(said.contains("Prince Andréy left the ball early."), "{said}");
    assert!(!said.contains('\u{1b}'), "colours go to terminals only");
    let summaries = out(&home.run(&["search", "ball", "--in", "summaries"]));
    assert!(summaries.contains("(summary)") && !summaries.contains("(source)"), "{summaries}");
}

#[test]
fn json_names_book_chapter_and_marks() {
    let home = home();
    let found = home.run(&["search", "红楼", "--in", "sources", "--json"]);
    let lines = lines(&found);
    assert_eq!((lines.len(), &lines[0]["chapter"], &lines[0]["place"]), (2, &2.into(), &"source".into()));
    let mark = &lines[0]["marks"][0];
    let (from, to) = (mark["from"].as_u64().unwrap(), mark["to"].as_u64().unwrap());
    let text = lines[0]["text"].as_str().unwrap();
    let marked: String = text.chars().skip(from.try_into().unwrap()).take((to - from).try_into().unwrap()).collect();
    assert_eq!(marked, "红楼");
    assert_eq!(lines[1]["total"], 1);
}

#[test]
fn a_book_and_a_chapter_bound_it_and_operators_are_text() {
    let home = home();
    let total = |words: &[&str]| {
        let found = home.run(&[&["search", "--json", "--in", "sources"], words].concat());
        assert_eq!(code(&found), 0, "{words:?} {}", err(&found));
        lines(&found).pop().unwrap()["total"].as_u64().unwrap()
    };
    assert_eq!(total(&["ball"]), 2);
    assert_eq!(total(&["ball", "--until", "1"]), 1);
    assert_eq!(total(&["ball", "--book", "road.txt"]), 2);
    assert_eq!(total(&["\"ball* AND (NEAR:"]), 0);
    assert_eq!(total(&["\"ball\"*"]), 2);
    let nothing = home.run(&["search", "zeppelin"]);
    assert!(code(&nothing) == 0 && out(&nothing).is_empty() && err(&nothing).contains("Nothing was found"));
    let unknown = home.run(&["search", "ball", "--book", "Moby"]);
    assert!(code(&unknown) == 2 && err(&unknown).contains("Moby"), "{}", err(&unknown));
}
