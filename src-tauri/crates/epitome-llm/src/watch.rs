//! Watching an answer while it is written: a model that repeats itself is stopped, one that declines is recognised.

/// A stretch repeated so often in a row, at the end of the text, is a loop: (longest unit in bytes, repeats).
/// Short units occur in honest text ("ha ha ha", rows of dots), so they must repeat more often.
const LOOPS: [(usize, usize); 3] = [(8, 40), (60, 8), (400, 4)];

/// How much new text is looked at again, in bytes.
const EVERY: usize = 160;

/// Refusals are short; a longer answer that begins so is quoting somebody.
const LONGEST_REFUSAL: usize = 400;

const REFUSALS: [&str; 16] = [
    "i can't assist",
    "i cannot assist",
    "i can't help",
    "i cannot help",
    "i'm sorry, but i can",
    "i am sorry, but i can",
    "i'm unable to",
    "i am unable to",
    "i can't summarize",
    "i cannot summarize",
    "i can't fulfill",
    "i cannot fulfill",
    "es tut mir leid, aber ich kann",
    "je suis désolé, mais je ne peux",
    "lo siento, pero no puedo",
    "抱歉，我无法",
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

/// Whether the model declined.
pub fn is_refusal(text: &str) -> bool {
    let text = text.trim().replace('\u{2019}', "'").to_lowercase();
    text.len() <= LONGEST_REFUSAL && REFUSALS.iter().any(|words| text.contains(words))
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
        let story = format!("Anna says: I cannot help you. {}", "The story goes on and on. ".repeat(30));
        assert!(!is_refusal(&story));
        assert!(!is_refusal("Anna helps everyone."));
    }
}
