//! What the model will say, token by token, and how that ends: known before the first token is sampled. Pure.

use super::Fault;
use super::config::RepeatGuard;
use super::token::pieces;

const REFUSAL: &str = "I'm sorry, but I can't help with that.";
const SENTENCE: &str = " And then he went back to the house by the river.";
const TOKEN: &str = " the";

/// A model without a limit has to stop somewhere; nobody waits for this many.
const ENDLESS: usize = 10_000_000;

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    Stop,
    Length,
    /// The repeat guard struck.
    Repeats,
}

/// Limits of an answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// By `num_predict`; `None` is without end.
    pub most: Option<usize>,
    /// What the window still holds, where it does not shift.
    pub room: Option<usize>,
    /// Where the prompt's path has one.
    pub guard: Option<RepeatGuard>,
}

/// An answer to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speech {
    said: Vec<String>,
    /// So many of the first pieces are thoughts.
    thoughts: usize,
    /// From here on the pieces repeat without end.
    cycle: Option<usize>,
    /// Tokens sampled, the one that ends a text included.
    pub steps: usize,
    pub close: Close,
}

impl Speech {
    pub fn new(thoughts: &str, answer: &str, fault: Option<Fault>, limits: Limits) -> Self {
        let mut said: Vec<String> = pieces(thoughts).into_iter().map(str::to_owned).collect();
        let thoughts = said.len();
        let mut cycle = None;
        match fault {
            Some(Fault::Empty) => {}
            Some(Fault::Refusal) => said.extend(pieces(REFUSAL).into_iter().map(str::to_owned)),
            Some(Fault::Loop | Fault::RepeatToken) => {
                // It begins well, as such answers do.
                said.extend(pieces(answer).into_iter().take(12).map(str::to_owned));
                cycle = Some(said.len());
                let again = if fault == Some(Fault::Loop) { SENTENCE } else { TOKEN };
                said.extend(pieces(again).into_iter().map(str::to_owned));
            }
            _ => said.extend(pieces(answer).into_iter().map(str::to_owned)),
        }
        let mut speech = Self { said, thoughts, cycle, steps: 0, close: Close::Stop };
        let halved = (fault == Some(Fault::Length)).then_some((speech.said.len() / 2).max(1));
        let most = [limits.most, limits.room, halved].into_iter().flatten().min().unwrap_or(ENDLESS);
        let whole = speech.cycle.is_none().then_some(speech.said.len() + 1);
        (speech.steps, speech.close) = match whole {
            Some(whole) if whole <= most => (whole, Close::Stop),
            _ => (most, Close::Length),
        };
        if let Some(struck) = limits.guard.and_then(|guard| speech.repeats_after(guard.most())) {
            (speech.steps, speech.close) = (struck, Close::Repeats);
        }
        speech
    }

    /// The token at which more than `most` equal pieces have come in a row.
    fn repeats_after(&self, most: usize) -> Option<usize> {
        let mut run = 0;
        let reach = self.steps.min(self.said.len() + 4 * most);
        for index in 0..reach {
            let same = index > 0 && self.piece(index).map(str::trim) == self.piece(index - 1).map(str::trim);
            run = if same { run + 1 } else { 1 };
            if run > most {
                return Some(index);
            }
        }
        None
    }

    /// The text of a token; `None` for the one that ends a text.
    pub fn piece(&self, index: usize) -> Option<&str> {
        let index = match self.cycle {
            Some(begin) if index >= begin => begin + (index - begin) % (self.said.len() - begin),
            _ => index,
        };
        self.said.get(index).map(String::as_str)
    }

    pub fn is_thought(&self, index: usize) -> bool {
        index < self.thoughts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = "One two three four.";

    fn limited(most: usize) -> Speech {
        Speech::new("", ANSWER, None, Limits { most: Some(most), ..Limits::default() })
    }

    fn text(speech: &Speech) -> String {
        (0..speech.steps).filter_map(|index| speech.piece(index)).collect()
    }

    #[test]
    fn the_end_token_counts_and_length_is_exact() {
        let whole = limited(100);
        assert_eq!((text(&whole).as_str(), whole.steps, whole.close), (ANSWER, 6, Close::Stop));
        assert_eq!((limited(6).close, limited(6).steps), (Close::Stop, 6));
        assert_eq!((limited(5).close, limited(5).steps), (Close::Length, 5));
        assert_eq!(text(&limited(2)), "One two");
    }

    #[test]
    fn thoughts_eat_the_limit() {
        let speech = Speech::new("I think so.", ANSWER, None, Limits { most: Some(3), ..Limits::default() });
        assert!((0..3).all(|index| speech.is_thought(index)) && speech.close == Close::Length);
    }

    #[test]
    fn a_guard_stops_one_token_but_not_one_sentence() {
        let limits = Limits { most: Some(500), room: None, guard: Some(RepeatGuard::Silent30) };
        let token = Speech::new("", ANSWER, Some(Fault::RepeatToken), limits);
        assert_eq!((token.close, text(&token).matches(" the").count()), (Close::Repeats, 30));
        let sentence = Speech::new("", ANSWER, Some(Fault::Loop), limits);
        assert_eq!((sentence.close, sentence.steps), (Close::Length, 500));
        let native = Speech::new("", ANSWER, Some(Fault::RepeatToken), Limits { guard: None, ..limits });
        assert_eq!((native.close, native.steps), (Close::Length, 500));
    }
}
