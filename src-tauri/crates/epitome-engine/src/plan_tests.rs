//! The plan, driven by answers made up from the calls themselves.

use std::fmt::Write;
use std::sync::Arc;

use epitome_model::{CallKind, JobSettings, Profile, SectionId};

use crate::budget::Room;
use crate::plan::{Chapter, Frame, PlannedCall, Progress, Written};
use crate::testing::{measure, settings};

fn frame(settings: JobSettings, fits: usize) -> Frame {
    Frame { settings, book_title: "Book".into(), language: Some("en".into()), room: Room::of(fits), measure: measure() }
}

fn chapter(text: &str) -> Chapter {
    Chapter::new(SectionId(1), 0, "Chapter 1".into(), u32::try_from(text.chars().count()).unwrap(), None)
}

fn prose(chars: usize) -> String {
    let mut text = String::new();
    for n in 0.. {
        if text.len() >= chars {
            break;
        }
        write!(text, "This is sentence number {n} of the story, and it says a little more. ").unwrap();
        if n % 7 == 6 {
            text.push_str("\n\n");
        }
    }
    text
}

/// Answers every call until the chapter is written; returns the calls made and what was written.
fn drive(
    chapter: &mut Chapter,
    text: &str,
    frame: &Frame,
    answer: impl Fn(&PlannedCall) -> String,
) -> (Vec<PlannedCall>, Written) {
    let mut made = Vec::new();
    let mut steps = vec![chapter.open(&Arc::from(text), frame)];
    while let Some(step) = steps.pop() {
        match step {
            Progress::Pending => {}
            Progress::Written(written) => return (made, written),
            Progress::Calls(calls) => {
                for call in calls {
                    steps.push(chapter.answer(&call, &answer(&call), text, frame));
                    made.push(call);
                }
            }
        }
    }
    panic!("the chapter never came to an end");
}

fn folded(call: &PlannedCall) -> String {
    match (call.task.wants_title, call.step.kind) {
        (true, _) => {
            format!("TITLE: A title\nPREVIEW: A preview.\nSUMMARY:\nSummary of {} letters.", call.task.text.len())
        }
        (false, _) => format!("Notes on piece {}.", call.task.piece),
    }
}

fn kinds(calls: &[PlannedCall]) -> Vec<CallKind> {
    calls.iter().map(|call| call.step.kind).collect()
}

#[test]
fn a_chapter_that_fits_is_one_call() {
    let text = prose(6_000);
    let (calls, written) = drive(&mut chapter(&text), &text, &frame(settings(), 10_000), folded);
    assert_eq!(kinds(&calls), [CallKind::Map]);
    assert_eq!(*calls[0].task.text, *text, "the whole chapter goes into the one call");
    assert_eq!((written.title.as_str(), written.pieces), ("A title", 1));
}

#[test]
fn a_longer_chapter_is_mapped_and_reduced_and_no_character_is_left_out() {
    let text = prose(30_000);
    let (calls, written) = drive(&mut chapter(&text), &text, &frame(settings(), 7_000), folded);
    let pieces: String =
        calls.iter().filter(|call| call.step.kind == CallKind::Map).map(|call| &*call.task.text).collect();
    assert_eq!(pieces, text);
    assert_eq!(kinds(&calls).last(), Some(&CallKind::Reduce));
    assert!(written.pieces >= 5);
    assert!(calls.iter().all(|call| call.task.text.chars().count() <= 7_000));
    assert!(calls[1].task.carried.as_deref().is_some_and(|carried| calls[0].task.text.trim_end().ends_with(carried)));
}

#[test]
fn the_first_design_asks_for_the_title_separately() {
    let baseline = JobSettings { profile: Profile::Baseline, chunk_size: Some(2000), chunk_overlap: 400, ..settings() };
    let text = prose(9_000);
    let (calls, _) = drive(&mut chapter(&text), &text, &frame(baseline, 20_000), folded);
    assert_eq!(&kinds(&calls)[calls.len() - 2..], [CallKind::Reduce, CallKind::Title]);
    assert!(calls.iter().filter(|call| call.step.kind == CallKind::Map).count() >= 5);
}

#[test]
fn a_model_that_ignores_the_form_is_asked_for_the_title_alone_and_loses_no_text() {
    let text = prose(3_000);
    let plain = |call: &PlannedCall| match call.step.kind {
        CallKind::Title => "TITLE: Asked again\nPREVIEW: So it goes.".to_owned(),
        _ => "It is a story about sentences. They follow each other.".to_owned(),
    };
    let (calls, written) = drive(&mut chapter(&text), &text, &frame(settings(), 10_000), plain);
    assert_eq!(kinds(&calls), [CallKind::Map, CallKind::Title]);
    assert_eq!(written.title, "Asked again");
    assert_eq!(written.summary, "It is a story about sentences. They follow each other.");
}

#[test]
fn a_refused_piece_is_cut_finer_and_still_nothing_is_lost() {
    let text = prose(12_000);
    let frame = frame(settings(), 20_000);
    let mut chapter = chapter(&text);
    let Progress::Calls(first) = chapter.open(&Arc::from(text.as_str()), &frame) else { panic!() };
    assert!(chapter.cut_finer(first[0].task.text.chars().count(), Some(6_000), Some(4_096)));
    assert!(matches!(chapter.answer(&first[0], "late", &text, &frame), Progress::Pending), "an older cut's answer");
    let (calls, _) = drive(&mut chapter, &text, &frame, folded);
    let pieces: String =
        calls.iter().filter(|call| call.step.kind == CallKind::Map).map(|call| &*call.task.text).collect();
    assert_eq!(pieces, text);
    assert!(calls.len() > 2);
}

#[test]
fn cutting_finer_ends() {
    let text = prose(12_000);
    let mut chapter = chapter(&text);
    let mut size = 12_000;
    let mut times = 0;
    while chapter.cut_finer(size, None, None) {
        size = chapter.piece_chars.unwrap();
        times += 1;
    }
    assert!((2..10).contains(&times));
}

#[test]
fn a_failed_title_keeps_the_summary() {
    let text = prose(3_000);
    let frame = frame(settings(), 10_000);
    let mut chapter = chapter(&text);
    let Progress::Calls(calls) = chapter.open(&Arc::from(text.as_str()), &frame) else { panic!() };
    let Progress::Calls(_) = chapter.answer(&calls[0], "Only prose, and more of it.", &text, &frame) else { panic!() };
    let Progress::Written(written) = chapter.without_title(&text) else { panic!() };
    assert_eq!((written.title.as_str(), written.summary.as_str()), ("Chapter 1", "Only prose, and more of it."));
}

#[test]
fn a_summary_is_never_longer_than_its_source() {
    let text = "He died.";
    let long =
        |_: &PlannedCall| "TITLE: T\nPREVIEW: P\nSUMMARY:\nA very long summary of a very short chapter.".to_owned();
    let (_, written) = drive(&mut chapter(text), text, &frame(settings(), 10_000), long);
    assert_eq!(written.summary, text);
}

#[test]
fn the_same_chapter_is_planned_the_same_way_twice() {
    let text = prose(40_000);
    let frame = frame(settings(), 7_000);
    let tasks = |calls: Vec<PlannedCall>| calls.into_iter().map(|call| format!("{:?}", call.task)).collect::<Vec<_>>();
    let one = drive(&mut chapter(&text), &text, &frame, folded);
    let other = drive(&mut chapter(&text), &text, &frame, folded);
    assert_eq!((tasks(one.0), one.1), (tasks(other.0), other.1));
}
