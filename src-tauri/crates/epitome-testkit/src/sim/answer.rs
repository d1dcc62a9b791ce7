//! What the simulated model writes: sentences of the text it was given, in the form that was asked for. Pure: the same
//! prompt always gets the same answer.

use super::fault::text_seed;
use super::text::{Sentence, WORDS_A_CHARACTER, cut_words, ends_of, join, sentences, words};
use crate::Random;

/// Words of an answer when the prompt names no number.
const WORDS: f64 = 80.0;

/// Sentences of a paragraph.
const PARAGRAPH: usize = 4;

/// The mark of a prompt in its answer: `[sim:xxxxxxxx]`, the first 8 hexadecimal digits of the BLAKE3 hash of the whole
/// last message of the user. A prompt that the server cut has another one.
pub fn marker(user: &str) -> String {
    let hash = blake3::hash(user.as_bytes()).to_hex();
    format!("[sim:{}]", &hash.as_str()[..8])
}

/// What a prompt asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    /// `TITLE:`, `PREVIEW:`, `SUMMARY:`.
    Folded,
    /// `TITLE:`, `PREVIEW:`.
    Title,
}

/// The instructions and the text they speak of.
fn parts(user: &str) -> (&str, &str) {
    let fenced = user.find("<<<").and_then(|open| {
        let begin = open + user[open..].find('\n')? + 1;
        let end = user.rfind(">>>").filter(|end| *end > begin)?;
        let end = begin + user[begin..end].rfind('\n')?;
        Some((&user[..open], &user[begin..end]))
    });
    fenced.or_else(|| user.split_once("\n\n")).unwrap_or((user, user))
}

fn form(instructions: &str) -> Form {
    // Only whole lines ask: a title of a book or the words carried over may have such a label too.
    let asks = |label: &str| instructions.lines().any(|line| line.trim_start().starts_with(label));
    match (asks("TITLE:"), asks("SUMMARY:")) {
        (true, true) => Form::Folded,
        (true, false) => Form::Title,
        _ => Form::Plain,
    }
}

/// The number before "words", or before "characters" as scripts without spaces are asked, each of which counts as
/// [`WORDS_A_CHARACTER`].
fn asked_words(instructions: &str) -> f64 {
    let all: Vec<&str> = instructions.split_whitespace().collect();
    let asked = all.windows(2).find_map(|pair| {
        let number: f64 = pair[0].trim_matches(|letter: char| !letter.is_ascii_digit()).parse().ok()?;
        match pair[1] {
            unit if unit.starts_with("word") => Some(number),
            unit if unit.starts_with("character") => Some(number * WORDS_A_CHARACTER),
            _ => None,
        }
    });
    asked.filter(|words: &f64| *words >= 1.0).unwrap_or(WORDS)
}

/// The answer to a prompt. `marks` adds the line that names the text.
pub fn answer(user: &str, marks: bool) -> String {
    let (instructions, source) = parts(user);
    let told = sentences(source);
    let mut random = Random::new(text_seed(user));
    let title = title(&told, &mut random);
    let preview = preview(&told, &mut random);
    let mark = marker(user);
    let ledger = || {
        let (first, last) = ends_of(source);
        format!(
            "\n\n{mark} ({} characters, \u{201c}{first}\u{201d} \u{2026} \u{201c}{last}\u{201d})",
            source.chars().count()
        )
    };
    let asked = asked_words(instructions);
    match form(instructions) {
        Form::Title if marks => format!("TITLE: {title}\nPREVIEW: {preview} {mark}"),
        Form::Title => format!("TITLE: {title}\nPREVIEW: {preview}"),
        Form::Folded => {
            let ledger = if marks { ledger() } else { String::new() };
            format!("TITLE: {title}\nPREVIEW: {preview}\nSUMMARY:\n{}{ledger}", summary(&told, asked))
        }
        Form::Plain => format!("{}{}", summary(&told, asked), if marks { ledger() } else { String::new() }),
    }
}

/// Sentences spread evenly over the text, up to about `asked` words; those that tell something by themselves, as long
/// as there are enough of them.
fn summary(told: &[Sentence], asked: f64) -> String {
    let sum = |sentences: &[&Sentence]| sentences.iter().map(|sentence| sentence.words).sum::<f64>();
    let all: Vec<&Sentence> = told.iter().collect();
    let telling: Vec<&Sentence> = told.iter().filter(|sentence| sentence.tells()).collect();
    let pool = if sum(&telling) < asked.min(sum(&all) / 3.0) { all } else { telling };
    let share = (asked / sum(&pool).max(1.0)).min(1.0);
    let mut kept: Vec<&str> = Vec::new();
    let (mut passed, mut spent) = (0.0, 0.0);
    for sentence in pool {
        passed += sentence.words;
        // A sentence is taken as soon as the words written fall behind the share of the words passed.
        let due = spent + sentence.words / 2.0 <= passed * share || kept.is_empty();
        if due && spent + sentence.words <= asked * 1.15 + 8.0 {
            spent += sentence.words;
            kept.push(&sentence.text);
        }
    }
    let paragraphs: Vec<String> = kept.chunks(PARAGRAPH).map(|group| join(group.iter().copied())).collect();
    paragraphs.join("\n\n")
}

/// A short sentence of the text without its end mark, as chapter titles often are; else the first words.
fn title(told: &[Sentence], random: &mut Random) -> String {
    let fit = |sentence: &&Sentence| !sentence.torn() && (2.5..=7.0).contains(&sentence.words);
    let short: Vec<&Sentence> = told.iter().filter(fit).collect();
    let text = match random.pick(&short) {
        Some(sentence) => sentence.text.clone(),
        None => random.pick(told).map(|sentence| cut_words(&sentence.text, 6)).unwrap_or_default(),
    };
    let bare = text.trim_matches(|letter: char| !letter.is_alphanumeric());
    if bare.is_empty() { "Untitled".to_owned() } else { bare.to_owned() }
}

/// A sentence of at most twenty words.
fn preview(told: &[Sentence], random: &mut Random) -> String {
    let fit = |sentence: &&Sentence| !sentence.torn() && (8.0..=20.0).contains(&sentence.words);
    let fitting: Vec<&Sentence> = told.iter().filter(fit).collect();
    match random.pick(&fitting).copied().or(told.first()) {
        Some(sentence) if words(&sentence.text) <= 20.0 => sentence.text.clone(),
        Some(sentence) => format!("{}\u{2026}", cut_words(&sentence.text, 19)),
        None => "Nothing happens.".to_owned(),
    }
}

/// What a thinking model thinks before it answers.
pub fn thoughts(user: &str) -> String {
    let (_, source) = parts(user);
    let (first, last) = ends_of(source);
    format!(
        "The text begins with \u{201c}{first}\u{201d} and ends with \u{201c}{last}\u{201d}. It should be told in order, and briefly."
    )
}

/// An answer in JSON: what a grammar forces (OLLAMA.md 5.3). A schema's properties each get the plain answer.
pub fn as_json(text: &str, format: &serde_json::Value) -> String {
    let properties = format.get("properties").and_then(serde_json::Value::as_object);
    let names: Vec<String> = properties.map_or_else(|| vec!["answer".to_owned()], |all| all.keys().cloned().collect());
    let object: serde_json::Map<String, serde_json::Value> =
        names.into_iter().map(|name| (name, text.into())).collect();
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prose;

    fn ask(words: usize, form: &str, text: &str) -> String {
        format!(
            "Summarise this text in about {words} words.\nWrite in English.\n{form}\nBook: X\n\n<<<TEXT\n{text}\nTEXT>>>"
        )
    }

    #[test]
    fn an_answer_tells_which_text_it_is_made_from() {
        let text = prose(3_000, 4);
        let prompt = ask(120, "", &text);
        let given = answer(&prompt, true);
        assert!(given.contains(&marker(&prompt)) && given.contains("(3000 characters"));
        assert!(given.contains(&ends_of(&text).0) && given.contains(&ends_of(&text).1));
        let said = sentences(given.split("\n\n[sim:").next().unwrap());
        assert!(said.len() > 3 && said.iter().all(|sentence| text.contains(&sentence.text)));
        assert_eq!(given, answer(&prompt, true));
        assert!(!answer(&prompt, false).contains("[sim:"));
    }

    #[test]
    fn its_length_is_about_what_was_asked_for() {
        for asked in [40, 120, 400] {
            let given = words(&answer(&ask(asked, "", &prose(20_000, 2)), false));
            assert!((asked as f64 * 0.7..asked as f64 * 1.3 + 8.0).contains(&given), "{asked}: {given}");
        }
    }

    #[test]
    fn the_form_is_followed() {
        let folded = "TITLE: a title\nPREVIEW: one sentence\nSUMMARY:\nthe summary\n";
        let given = answer(&ask(100, folded, &prose(5_000, 3)), true);
        let lines: Vec<&str> = given.lines().collect();
        assert!(lines[0].starts_with("TITLE: ") && lines[1].starts_with("PREVIEW: ") && lines[2] == "SUMMARY:");
        assert!(words(lines[0]) <= 8.0 && words(lines[1]) <= 21.0);
        let title = answer(&ask(0, "TITLE: a title\nPREVIEW: one sentence\n", "It rained. They stayed."), false);
        assert_eq!(title.lines().count(), 2);
        let inside = answer("Summarise.\n\n<<<TEXT\nTITLE: and SUMMARY: stand in the text.\nTEXT>>>", false);
        assert_eq!(inside, "TITLE: and SUMMARY: stand in the text.");
    }

    #[test]
    fn a_label_in_a_name_asks_for_no_form() {
        let named =
            "Summarise.\n\nBook: TITLE: a history\nJust before: … SUMMARY: none\n\n<<<TEXT\nIt rained.\nTEXT>>>";
        assert_eq!(answer(named, false), "It rained.");
    }

    #[test]
    fn a_length_in_characters_is_one_too() {
        let text = "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。".repeat(100);
        for asked in [100, 600] {
            let prompt = format!("Summarise.\nLength: about {asked} characters\n\n<<<TEXT\n{text}\nTEXT>>>");
            let given = answer(&prompt, false).chars().count();
            assert!((asked * 7 / 10..asked * 14 / 10).contains(&given), "{asked}: {given}");
        }
    }

    #[test]
    fn marks_of_notes_do_not_get_into_the_summary_of_notes() {
        let note = answer(&ask(60, "", &prose(4_000, 1)), true);
        let given = answer(&ask(100, "", &format!("{note}\n\n{note}")), false);
        assert!(!given.contains("[sim:") && !given.contains("characters,"), "{given}");
        let marked = answer(&ask(100, "", &note), true);
        assert_eq!(marked.matches("[sim:").count(), 1);
        assert!(!marked.contains("\u{201d})\u{201d}"), "{marked}");
    }

    #[test]
    fn other_scripts_and_odd_texts_get_an_answer_too() {
        let chinese = "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。".repeat(20);
        let given = answer(&ask(60, "TITLE:\nSUMMARY:", &chinese), true);
        assert!(given.contains("周末七国分争") && given.chars().count() < 300, "{given}");
        for text in ["", "?", "no end mark"] {
            assert!(answer(&ask(10, "TITLE:\nSUMMARY:", text), true).starts_with("TITLE: "));
        }
    }
}
