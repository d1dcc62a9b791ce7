//! Watching an answer while it is written: a model that repeats itself is stopped, one that declines is recognised.

/// A stretch repeated so often in a row, at the end of the text, is a loop: (longest unit in bytes, repeats).
/// Short units occur in honest text ("ha ha ha", rows of dots), so they must repeat more often.
const LOOPS: [(usize, usize); 3] = [(8, 40), (60, 8), (400, 4)];

/// How much new text is looked at again, in bytes.
const EVERY: usize = 160;

/// Refusals are short; a longer answer that begins so is telling a story. In bytes.
const LONGEST_REFUSAL: usize = 600;

/// How refusals begin, in lower case with straight apostrophes.
const REFUSALS: [&str; 30] = [
    "i can't assist",
    "i cannot assist",
    "i can't help",
    "i cannot help",
    "i can't provide",
    "i cannot provide",
    "i can't create",
    "i cannot create",
    "i can't summarize",
    "i cannot summarize",
    "i can't summarise",
    "i cannot summarise",
    "i can't fulfill",
    "i cannot fulfill",
    "i won't be able to",
    "i'm not able to",
    "i'm unable to",
    "i am unable to",
    "i'm sorry, but i can",
    "i am sorry, but i can",
    "sorry, but i can",
    "i apologize, but i can",
    "es tut mir leid, aber ich kann",
    "je suis désolé, mais je ne peux",
    "lo siento, pero no puedo",
    "mi dispiace, ma non posso",
    "desculpe, mas não posso",
    "извините, но я не могу",
    "抱歉，我无法",
    "申し訳ありませんが",
];

/// Follows one answer.
#[derive(Debug, Default)]
pub struct Watch {
    looked: usize,
}

impl Watch {
    /// Whether the text so far ends in a loop. Looks only now and then, so the cost stays linear.
    pub fn loops(&mut self, text: &str) -> bool {
        if text.len() < self.looked + EVERY {
            return false;
        }
        self.looked = text.len();
        ends_in_loop(text.as_bytes())
    }
}

/// Whether the text ends in many copies of one stretch.
pub fn ends_in_loop(text: &[u8]) -> bool {
    let mut shortest = 1;
    for (longest, repeats) in LOOPS {
        for unit in shortest..=longest {
            let Some(start) = text.len().checked_sub(unit * repeats) else { break };
            let tail = &text[start..];
            // Text that equals itself shifted by `unit` is copies of its first `unit` bytes.
            if tail[unit..] == tail[..tail.len() - unit] {
                return true;
            }
        }
        shortest = longest + 1;
    }
    false
}

/// Whether the model declined. A person of the book may say the same words, so only the beginning of a line counts,
/// after a label where there is one.
pub fn is_refusal(text: &str) -> bool {
    if text.len() > LONGEST_REFUSAL {
        return false;
    }
    let text = text.replace('\u{2019}', "'").to_lowercase();
    text.lines().any(|line| {
        let line = line.trim_start_matches(|letter: char| !letter.is_alphanumeric());
        let said = line.split_once(": ").map_or("", |(_, said)| said.trim_start());
        REFUSALS.iter().any(|words| line.starts_with(words) || said.starts_with(words))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_are_seen_and_prose_is_not_one() {
        assert!(ends_in_loop("He went home. ".repeat(12).as_bytes()));
        assert!(ends_in_loop(format!("A beginning. {}", "the ".repeat(60)).as_bytes()));
        let paragraph = "She went to the market, and there she met the man whom she had seen the day before, and they spoke of the weather and of the war. ";
        assert!(ends_in_loop(paragraph.repeat(5).as_bytes()));
        assert!(!ends_in_loop(paragraph.repeat(2).as_bytes()));
        assert!(!ends_in_loop(b"Ha ha ha ha ha, he laughed. No, no, no, no!"));
        assert!(!ends_in_loop(b""));
    }

    #[test]
    fn a_watch_looks_again_as_the_text_grows() {
        let mut watch = Watch::default();
        let mut text = String::from("It begins well enough. ");
        let mut seen = false;
        for _ in 0..200 {
            text.push_str("and so on ");
            seen |= watch.loops(&text);
        }
        assert!(seen);
    }

    #[test]
    fn refusals_are_short_and_in_the_first_person() {
        assert!(is_refusal("I\u{2019}m sorry, but I can\u{2019}t help with that."));
        assert!(is_refusal("抱歉，我无法总结这段内容。"));
        let story = format!("I cannot help it, he thinks. {}", "The story goes on and on. ".repeat(30));
        assert!(!is_refusal(&story));
        assert!(is_refusal("TITLE: Sorry\nPREVIEW: -\nSUMMARY: I cannot summarise this text."));
        assert!(!is_refusal("Anna asks for the key, and Boris says that \"I cannot help you\" is all she will hear."));
        assert!(!is_refusal("Anna helps everyone."));
    }
}
