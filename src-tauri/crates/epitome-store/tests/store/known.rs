//! What is kept from one run to the next: findings about servers, figures, answers, and what is left to do.

use std::collections::BTreeMap;

use epitome_model::{ChapterState, ProviderKind};
use epitome_store::{call, chapter, job, learned, measure, ratio, section, views};

use crate::fixture::{add_book, add_job, an_answer, finish, progress, store};

#[test]
fn a_finding_is_for_one_host_model_and_window_and_the_last_counts() {
    let (_home, store) = store();
    let finding = |window, calls, measured_ms| learned::LearnedRow {
        host: "http://localhost:11434".into(),
        model: "llama3.1:8b".into(),
        window,
        calls_at_a_time: calls,
        slots: (calls > 1).then_some(calls),
        tokens_per_s: 91.5,
        measured_ms,
    };
    let all = [finding(4_096, 4, 1), finding(8_192, 1, 2), finding(4_096, 6, 3)];
    for row in all.clone() {
        store.write_blocking(move |conn| learned::set(conn, &row)).unwrap();
    }
    let host = all[0].host.as_str();
    let find = |host: &str, window| store.read(|conn| learned::find(conn, host, "llama3.1:8b", window)).unwrap();
    assert_eq!(find(host, 4_096).as_ref(), Some(&all[2]));
    assert_eq!(find(host, 8_192).as_ref(), Some(&all[1]));
    assert_eq!((find(host, 2_048), find("http://other", 4_096)), (None, None));
    let newest_first = store.read(|conn| learned::of_model(conn, host, "llama3.1:8b")).unwrap();
    assert_eq!(newest_first, [all[2].clone(), all[1].clone()]);
}

#[test]
fn a_learned_ratio_is_for_one_model_and_language_and_a_strange_one_is_learned_anew() {
    let (_home, store) = store();
    let set = |language: &'static str, state: serde_json::Value, at| {
        store.write_blocking(move |conn| ratio::set(conn, "m", language, &state, at)).unwrap();
    };
    set("en", serde_json::json!({ "mean": 3.9, "calls": 4 }), 1);
    set("zh", serde_json::json!("of another version"), 1);
    set("en", serde_json::json!({ "mean": 4.1, "calls": 5 }), 2);

    let find = |language| store.read(|conn| ratio::find::<BTreeMap<String, f64>>(conn, "m", language)).unwrap();
    assert_eq!(find("en").unwrap()["mean"].to_bits(), 4.1_f64.to_bits());
    assert_eq!((find("zh"), find("de")), (None, None));
}

#[test]
fn figures_come_back_in_order_and_the_old_ones_go() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let (job, other) = (add_job(&store, book, None), add_job(&store, book, None));
    let append = |job, figures: Vec<(i64, u32)>| {
        store.write_blocking(move |conn| measure::append(conn, job, &figures)).unwrap();
    };
    append(job, vec![(1_000, 1), (2_000, 2)]);
    append(other, vec![(1_000, 9)]);
    append(job, vec![]);
    append(job, vec![(3_000, 3)]);
    let since = |job, from| store.read(|conn| measure::since::<u32>(conn, job, from)).unwrap();
    assert_eq!(since(job, 2_000), [(2_000, 2), (3_000, 3)]);

    // The time kept is counted from the newest figure of the same job; others keep theirs.
    append(job, vec![(2_000 + measure::KEPT_MS, 4)]);
    assert_eq!(since(job, 0), [(3_000, 3), (2_000 + measure::KEPT_MS, 4)]);
    assert_eq!(since(other, 0), [(1_000, 9)]);

    // A figure of another shape is another version's.
    store.write_blocking(move |conn| measure::append(conn, other, &[(4_000, "seven")])).unwrap();
    assert_eq!(since(other, 0), [(1_000, 9)]);
}

#[test]
fn many_answers_are_found_at_once_each_in_its_place_with_who_gave_it() {
    let (_home, store) = store();
    let (book, _) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let stood_in = call::NewCall {
        provider: ProviderKind::BuiltIn,
        model: "built-in".into(),
        ..an_answer(job, "key \"two\"", "second")
    };
    store
        .write_blocking(move |conn| {
            call::record(conn, &stood_in)?;
            call::record(conn, &an_answer(job, "key one", "first"))
        })
        .unwrap();
    let keys = ["nothing", "key one", "key \"two\"", "key one", ""];
    let found = store.read(|conn| call::find_outputs(conn, &keys)).unwrap();
    let told = |found: &call::Stored| (found.output.clone(), found.provider);
    let told: Vec<_> = found.iter().map(|found| found.as_ref().map(told)).collect();
    let (first, second) = (("first".into(), ProviderKind::Ollama), ("second".into(), ProviderKind::BuiltIn));
    assert_eq!(told, [None, Some(first.clone()), Some(second), Some(first), None]);
    for (key, found) in keys.iter().zip(found) {
        assert_eq!(store.read(|conn| call::find(conn, key)).unwrap(), found);
    }
    assert!(store.read(|conn| call::find_outputs(conn, &[])).unwrap().is_empty());
}

#[test]
fn the_board_of_a_job_goes_through_the_book_with_what_the_job_wrote_down() {
    let (_home, store) = store();
    let (book, chapters) = add_book(&store, "one");
    let job = add_job(&store, book, None);
    let (first, second) = (chapters[0], chapters[1]);
    store
        .write_blocking(move |conn| {
            finish(conn, book, job, first, "Done.")?;
            chapter::set(conn, job, second, &progress(ChapterState::Mapping, None))
        })
        .unwrap();
    let mut seen = Vec::new();
    let board = store.read(|conn| {
        let row = job::find(conn, job)?.unwrap();
        views::board_of(conn, row, |part, known| seen.push((part.clone(), known.map(|known| known.state))))
    });
    // As the list of sections has them, and as the board that is asked for alone.
    let (parts, known): (Vec<_>, Vec<_>) = seen.into_iter().unzip();
    assert_eq!(parts, store.read(|conn| section::list(conn, book)).unwrap());
    let of = |id| known[parts.iter().position(|part| part.id == id).unwrap()];
    assert_eq!([of(first), of(second)], [Some(ChapterState::Done), Some(ChapterState::Mapping)]);
    assert_eq!(known.iter().flatten().count(), 2, "nothing is known of the others");
    assert_eq!(board.unwrap(), store.read(|conn| views::board(conn, job)).unwrap());
}
