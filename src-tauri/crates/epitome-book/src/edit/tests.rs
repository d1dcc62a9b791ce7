use proptest::prelude::*;

use super::*;
use crate::book::ledger;

/// A book of four chapters with a title page and a licence around them.
fn book() -> (String, Vec<Section>) {
    let parts = [
        ("The Road", Some(LeftOutReason::TitlePage), "The Road\n\nby Nobody\n\n"),
        ("One", None, "One\n\nHe came home. She left.\n\nThe hill was high. It rained.\n\n"),
        ("Two", None, "Two\n\nThey met again.\n\nChapter 7\n\nA storm rose. All slept.\n\n"),
        ("Three", None, "Three\n\n天地玄黄。宇宙洪荒。\n\n日月盈昃。\n\n"),
        ("Licence", Some(LeftOutReason::Licence), "Chapter 9 of the law.\n"),
    ];
    let mut text = String::new();
    let mut sections = Vec::new();
    for (title, left_out, inner) in parts {
        let start = text.len();
        text.push_str(inner);
        let part = Some("Part".to_owned());
        let range = start..text.len();
        sections.push(Section { title: title.to_owned(), part, range, chars: count(inner), left_out });
    }
    (text, sections)
}

fn after(edits: &[Edit]) -> Result<Vec<(String, String)>, EditError> {
    let (text, base) = book();
    let edited = edited(&text, &base, edits, &mut || true)?;
    ledger(&text, &edited.sections).unwrap();
    Ok(edited.sections.into_iter().map(|section| (section.title, text[section.range].to_owned())).collect())
}

fn titles(edits: &[Edit]) -> Vec<String> {
    after(edits).unwrap().into_iter().map(|(title, _)| title).collect()
}

fn pattern(pattern: &str) -> Edit {
    Edit::Pattern { pattern: pattern.to_owned() }
}

#[test]
fn nothing_changed_is_what_was_read() {
    let (text, base) = book();
    let same = edited(&text, &base, &[], &mut || true).unwrap();
    assert_eq!((same.sections, same.by_pattern), (base, false));
}

#[test]
fn what_is_left_out_says_why_and_can_be_put_back() {
    let (text, base) = book();
    let reasons = |edits: &[Edit]| {
        let sections = edited(&text, &base, edits, &mut || true).unwrap().sections;
        sections.into_iter().map(|section| section.left_out).collect::<Vec<_>>()
    };
    let out = Edit::LeaveOut { sections: vec![1, 4] };
    let back = Edit::PutBack { sections: vec![1, 4] };
    let licence = Some(LeftOutReason::Licence);
    assert_eq!(reasons(std::slice::from_ref(&out))[1..], [Some(LeftOutReason::Excluded), None, None, licence]);
    assert_eq!(reasons(&[out, back])[1..], [None, None, None, None]);
}

#[test]
fn joining_keeps_the_title_of_the_first_chapter_and_all_of_the_text() {
    let merge = |section, following| Edit::Merge { section, following };
    let joined = after(&[merge(1, 2)]).unwrap();
    assert_eq!(joined.len(), 3);
    assert_eq!(joined[1].0, "One");
    assert!(joined[1].1.starts_with("One\n") && joined[1].1.ends_with("日月盈昃。\n\n"));
    assert_eq!(titles(&[merge(0, 1)])[0], "One", "a title page joins the chapter");
    assert_eq!(after(&[merge(4, 1)]), Err(EditError::NothingFollows("Licence".to_owned())));
    assert_eq!(after(&[merge(1, 0)]), Err(EditError::NothingFollows("One".to_owned())));
    assert_eq!(after(&[merge(1, u32::MAX)]), Err(EditError::NothingFollows("One".to_owned())));
}

#[test]
fn a_split_moves_to_a_paragraph_a_sentence_or_a_letter() {
    let split = |section, at| after(&[Edit::Split { section, at }]).unwrap();
    let near_the_middle = split(1, 33);
    assert_eq!(near_the_middle[1].1, "One\n\nHe came home. She left.\n\n");
    assert_eq!((near_the_middle[2].0.as_str(), near_the_middle.len()), ("One (2)", 6));
    let at_a_heading = split(2, 25);
    assert_eq!(at_a_heading[3], ("Chapter 7".to_owned(), "Chapter 7\n\nA storm rose. All slept.\n\n".to_owned()));
    // One paragraph: a sentence; one sentence: a whole letter.
    assert_eq!(split(4, 1)[4].1, "C");
    for (text, at, first) in [("A one. B two. C three", 9, "A one. "), ("e\u{301}e\u{301}e\u{301}", 3, "e\u{301}")] {
        let section =
            Section { title: "T (4)".into(), part: None, range: 0..text.len(), chars: count(text), left_out: None };
        let edits = [Edit::Split { section: 0, at }];
        let found = edited(text, &[section], &edits, &mut || true).unwrap().sections;
        assert_eq!(&text[found[0].range.clone()], first);
        assert_eq!(found[1].title, "T (5)");
    }
}

#[test]
fn a_split_that_leaves_nothing_on_one_side_is_refused() {
    let error = |section, at| after(&[Edit::Split { section, at }]).unwrap_err();
    assert!(matches!(error(1, 0), EditError::Beyond { .. }));
    assert!(matches!(error(1, 9_999), EditError::Beyond { chars: 61, at: 9_999, .. }));
    assert_eq!(error(9, 1), EditError::NoSection { place: 9, sections: 5 });
    let section = Section { title: "X".into(), part: None, range: 0..4, chars: 4, left_out: None };
    let one_letter = edited("x \n ", &[section], &[Edit::Split { section: 0, at: 2 }], &mut || true);
    assert_eq!(one_letter, Err(EditError::OneSided("X".into())));
}

#[test]
fn a_pattern_sets_chapters_and_leaves_the_left_out_alone() {
    let found = after(&[pattern(r"^(Two|Chapter \d+)$")]).unwrap();
    let titles: Vec<_> = found.iter().map(|(title, _)| title.as_str()).collect();
    assert_eq!(titles, ["The Road", "One", "Two", "Chapter 7", "Licence"]);
    assert!(found[1].1.starts_with("One\n"), "what stands before the first is a section of its own");
    assert!(found[3].1.ends_with("日月盈昃。\n\n"));
    assert_eq!(after(&[Edit::PutBack { sections: vec![4] }, pattern("^Chapter")]).unwrap().len(), 4);
    let (text, base) = book();
    assert!(edited(&text, &base, &[pattern("Two")], &mut || true).unwrap().by_pattern);
}

#[test]
fn a_bad_pattern_is_explained_and_changes_nothing() {
    let error = |text: &str| after(&[pattern(text)]).unwrap_err();
    assert_eq!(error("(Chapter").to_string(), "The pattern cannot be read: unclosed group.");
    assert_eq!(error(r"(a)\1").to_string(), "The pattern cannot be read: backreferences are not supported.");
    assert_eq!(error("^Kapitel"), EditError::NoMatch);
    assert_eq!(error("  ").to_string(), "The pattern cannot be read: it is empty.");
    for large in [r"((\pL{100}){100}){100}".to_owned(), "a".repeat(1_001)] {
        assert_eq!(error(&large), EditError::LargePattern);
    }
    let lines = "x\n".repeat(limits::SECTIONS + 1);
    let chars = count(&lines);
    let section = Section { title: "X".into(), part: None, range: 0..lines.len(), chars, left_out: None };
    let every = edited(&lines, std::slice::from_ref(&section), &[pattern("x")], &mut || true);
    assert_eq!(every, Err(EditError::TooManyMatches));
    let mut looks = 0;
    let stopped = edited(&lines, &[section], &[pattern("y")], &mut || {
        looks += 1;
        looks < 10
    });
    assert_eq!((stopped, looks), (Err(EditError::TooSlow), 10));
}

#[test]
fn other_changes_that_cannot_be_made_say_so() {
    let rename = |title: &str| Edit::Rename { section: 1, title: title.to_owned() };
    assert_eq!(titles(&[rename(" A \n new  day ")])[1], "A new day");
    assert_eq!(after(&[rename("  ")]), Err(EditError::NoTitle));
    assert_eq!(after(&[Edit::LeaveOut { sections: vec![1, 2, 3] }]), Err(EditError::NothingLeft));
    assert_eq!(after(&vec![rename("x"); limits::EDITS + 1]), Err(EditError::TooMany));
    for error in [EditError::NoMatch, EditError::TooSlow, EditError::NoSection { place: 3, sections: 1 }] {
        let wire = epitome_model::WireError::from(error);
        assert!(wire.message.ends_with('.') && !wire.hint.is_empty());
    }
}

#[test]
fn paragraphs_tell_where_they_begin() {
    let (text, base) = book();
    let section = &text[base[1].range.clone()];
    let found = paragraphs(section, 0).paragraphs;
    let words: Vec<_> = found.iter().map(|one| (one.at, one.text.as_str())).collect();
    assert_eq!(words, [(0, "One"), (5, "He came home. She left."), (30, "The hill was high. It rained.")]);
    assert_eq!(paragraphs(section, 6).paragraphs.len(), 1);
    assert!(paragraphs(" \n", 0).paragraphs.is_empty());
    let many = "Word.\n\n".repeat(1_200);
    let (mut from, mut seen) = (Some(0), 0);
    while let Some(at) = from {
        let some = paragraphs(&many, at);
        seen += some.paragraphs.len();
        from = some.next;
    }
    assert_eq!(seen, 1_200);
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = || 0_u32..9;
    prop_oneof![
        prop::collection::vec(place(), 0..4).prop_map(|sections| Edit::LeaveOut { sections }),
        prop::collection::vec(place(), 0..4).prop_map(|sections| Edit::PutBack { sections }),
        (place(), 0_u32..4).prop_map(|(section, following)| Edit::Merge { section, following }),
        (place(), 0_u32..60).prop_map(|(section, at)| Edit::Split { section, at }),
        (place(), "\\PC{0,8}").prop_map(|(section, title)| Edit::Rename { section, title }),
        prop_oneof![Just("a"), Just("^.{1,5}$"), Just(r"\d|。"), Just("[")].prop_map(pattern),
    ]
}

proptest! {
    #[test]
    fn any_changes_leave_every_character_in_its_place(
        parts in prop::collection::vec(("(\\PC|[ \n.。!a-e0-3]|e\u{301}){0,60}", any::<bool>()), 1..8),
        edits in prop::collection::vec(edit(), 0..12),
    ) {
        let mut text = String::new();
        let mut base = Vec::new();
        for (inner, out) in parts {
            let start = text.len();
            text.push_str(&inner);
            let left_out = out.then_some(LeftOutReason::Notes);
            let chars = count(&inner);
            base.push(Section { title: "T".into(), part: None, range: start..text.len(), chars, left_out });
        }
        // A change that cannot be made is left aside, as a window does.
        let mut made: Vec<Edit> = Vec::new();
        for edit in edits {
            made.push(edit);
            if edited(&text, &base, &made, &mut || true).is_err() {
                made.pop();
            }
        }
        if let Ok(edited) = edited(&text, &base, &made, &mut || true) {
            let coverage = ledger(&text, &edited.sections).unwrap();
            prop_assert!(coverage.adds_up());
            let whole: String = edited.sections.iter().map(|section| &text[section.range.clone()]).collect();
            prop_assert_eq!(whole, text);
            prop_assert!(edited.sections.iter().all(|section| !section.title.is_empty()));
        }
    }
}
