//! Plausible English narrative without meaning: names recur, sentences differ, paragraphs end.

use crate::Random;

const NAMES: [&str; 18] = [
    "Anna",
    "Bertram",
    "Clara",
    "Mr. Dunmore",
    "Eleanor",
    "Fergus",
    "Mrs. Gale",
    "Hugo",
    "Isolde",
    "Jonas",
    "Captain Kerr",
    "Lydia",
    "Matthias",
    "Nora",
    "Old Percy",
    "Rosalind",
    "Doctor Sayle",
    "Tobias",
];
const PLACES: [&str; 16] = [
    "the harbour",
    "the orchard",
    "the upper room",
    "the station",
    "the mill",
    "the long gallery",
    "the parsonage",
    "the market square",
    "the lighthouse",
    "the garden wall",
    "the assembly rooms",
    "the ferry",
    "the library",
    "the churchyard",
    "the counting-house",
    "the moor",
];
const THINGS: [&str; 18] = [
    "a letter",
    "the brass key",
    "an old map",
    "a basket of apples",
    "the ledger",
    "a borrowed coat",
    "the blue lamp",
    "a sealed box",
    "the portrait",
    "a bundle of papers",
    "the spaniel",
    "a silver watch",
    "the green umbrella",
    "a heavy trunk",
    "the broken clock",
    "a lock of hair",
    "the deed of sale",
    "a violin",
];
const DEEDS: [&str; 20] = [
    "carried {t} to {p}",
    "refused to speak of {t}",
    "found {t} near {p}",
    "waited by {p} until dark",
    "asked {m} about {t}",
    "told {m} the truth about {p}",
    "hid {t} behind {p}",
    "walked with {m} as far as {p}",
    "quarrelled with {m} over {t}",
    "read aloud to {m} in {p}",
    "gave {t} to {m}",
    "lost {t} on the way to {p}",
    "dreamed of {p} and of {t}",
    "wrote to {m} from {p}",
    "promised {m} to return {t}",
    "saw {m} at {p}",
    "left {p} without a word to {m}",
    "sold {t} to a stranger",
    "searched {p} for {t}",
    "forgave {m} at last",
];
const WHEN: [&str; 16] = [
    "In the morning",
    "Before supper",
    "That same evening",
    "A week later",
    "When the rain had stopped",
    "Toward the end of the summer",
    "After the funeral",
    "On the third day",
    "While the others slept",
    "At the stroke of nine",
    "As soon as the carriage was gone",
    "In the first days of March",
    "When nobody was looking",
    "Not long afterwards",
    "By the light of a single candle",
    "Against all advice",
];
const WHY: [&str; 16] = [
    "because the house was to be sold",
    "for there was nothing else to be done",
    "though nobody believed it",
    "as if it were the most natural thing in the world",
    "since the money had run out",
    "and did not look back",
    "so that the children should not hear of it",
    "in spite of the cold",
    "without knowing why",
    "and thought of the years in the north",
    "hoping that it would be noticed",
    "as the custom of the village required",
    "but the matter did not end there",
    "and it was never mentioned again",
    "although the doctor had forbidden it",
    "to the surprise of the whole company",
];
const SAYINGS: [&str; 14] = [
    "There is still time",
    "You cannot mean it",
    "I have counted them twice",
    "He will not come back",
    "It was never ours to give",
    "Ask me again tomorrow",
    "The road is flooded",
    "We were children then",
    "Somebody has been here",
    "I should have known it",
    "Let us speak of other things",
    "The ship is late",
    "It is only the wind",
    "You have your mother's eyes",
];

/// Prose of exactly `chars` characters (as far as `chars` is not 0), in paragraphs parted by empty lines.
pub fn prose(chars: usize, seed: u64) -> String {
    let mut random = Random::of(&[seed, 0x70_72_6f_73]);
    let cast: Vec<&str> = (0..5).filter_map(|_| random.pick(&NAMES).copied()).collect();
    let mut text = String::with_capacity(chars + 200);
    let mut length = 0;
    let mut in_paragraph = 0;
    while length < chars {
        let next = sentence(&mut random, &cast);
        let gap = match in_paragraph {
            _ if length == 0 => "",
            0 => "\n\n",
            _ => " ",
        };
        length += gap.len() + next.chars().count();
        text.push_str(gap);
        text.push_str(&next);
        in_paragraph = (in_paragraph + 1) % (3 + random.below(5));
    }
    finish(&text, chars)
}

/// Cuts to length and ends the cut sentence with a full stop.
fn finish(text: &str, chars: usize) -> String {
    if chars == 0 {
        return String::new();
    }
    let mut cut: String = text.chars().take(chars - 1).collect();
    // No white space may stand before the last full stop, else trimming readers would count other characters.
    while cut.ends_with(char::is_whitespace) {
        cut.pop();
    }
    let missing = chars - cut.chars().count();
    cut.extend(std::iter::repeat_n('.', missing));
    cut
}

fn sentence(random: &mut Random, cast: &[&str]) -> String {
    let who = random.pick(cast).copied().unwrap_or("Nora");
    let deed = clause(random, cast, who);
    let mut pick = |items: &'static [&'static str]| random.pick(items).copied().unwrap_or_default();
    let (when, why, saying) = (pick(&WHEN), pick(&WHY), pick(&SAYINGS));
    match random.below(6) {
        0 => format!("{when} {who} {deed}."),
        1 => format!("{who} {deed}, {why}."),
        2 => format!("\u{201c}{saying},\u{201d} said {who}, who {deed}."),
        3 => format!("{when}, {why}, {who} {deed}."),
        4 => format!("{who} {deed}; {} {}.", random.pick(cast).copied().unwrap_or("Hugo"), clause(random, cast, who)),
        _ => format!("{when} {who} {deed}, {why}."),
    }
}

fn clause(random: &mut Random, cast: &[&str], who: &str) -> String {
    let others: Vec<&str> = cast.iter().copied().filter(|name| *name != who).collect();
    let whom = random.pick(&others).copied().unwrap_or("a stranger");
    let place = random.pick(&PLACES).copied().unwrap_or_default();
    let thing = random.pick(&THINGS).copied().unwrap_or_default();
    let deed = random.pick(&DEEDS).copied().unwrap_or_default();
    deed.replace("{m}", whom).replace("{p}", place).replace("{t}", thing)
}

/// A plain-text book with `chapters` headed chapters of `chars_each` characters of prose.
pub fn text_book(chapters: usize, chars_each: usize, seed: u64) -> String {
    let mut text = String::with_capacity(chapters * (chars_each + 40));
    for number in 1..=chapters {
        let body = prose(chars_each, seed.wrapping_mul(1000).wrapping_add(number as u64));
        for part in ["Chapter ", &number.to_string(), "\n\n", &body, "\n\n\n"] {
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_has_the_length_asked_for_and_is_repeatable() {
        for chars in [1, 2, 37, 1_000, 20_000] {
            let text = prose(chars, 5);
            assert_eq!(text.chars().count(), chars);
            assert_eq!(text, prose(chars, 5));
            assert_eq!(text.trim().len(), text.len());
        }
        assert_ne!(prose(500, 1), prose(500, 2));
        assert!(prose(0, 1).is_empty());
    }

    #[test]
    fn long_prose_hardly_repeats_itself() {
        let text = prose(20_000, 9);
        let mut sentences: Vec<&str> = text.split(". ").collect();
        let all = sentences.len();
        sentences.sort_unstable();
        sentences.dedup();
        assert!(sentences.len() * 100 >= all * 95, "{} of {all} differ", sentences.len());
    }

    #[test]
    fn a_text_book_has_its_chapters() {
        let text = text_book(12, 300, 1);
        assert_eq!(text.lines().filter(|line| line.starts_with("Chapter ")).count(), 12);
    }
}
