//! What simulated models say. An answer follows from its call alone, so that every history of a world must end with
//! the same summaries.

use std::fmt::Write;

use epitome_engine::key;
use epitome_llm::Task;
use epitome_model::CallKind;
use epitome_testkit::Random;

use crate::corpus::whole;
use crate::server::Request;

/// How long answers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Length {
    /// By kind, as in PERFORMANCE.md 1.2: 244 tokens for a summary, 250 for a piece, 75 for title and preview; times
    /// the factor.
    Model(f64),
    /// As many words as were asked for, 1.4 tokens each, and 30 tokens for title and preview.
    Asked,
}

/// How models answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speech {
    pub length: Length,
    /// Share of answers that leave the form out, 0 to 1.
    pub formless: f64,
}

/// Characters of a token, in prompts and in answers (PERFORMANCE.md 1.2).
const CHARS_A_TOKEN: u32 = 4;

/// Tokens of the constant instructions in every prompt.
const INSTRUCTIONS: u32 = 120;

/// Standard deviation of an answer's length as a share of its mean.
const VARIATION: f64 = 0.25;

impl Speech {
    /// What a call costs its server.
    pub fn request(&self, task: &Task) -> Request {
        let carried = task.carried.as_ref().map_or(0, |carried| carried.chars().count());
        let chars = u32::try_from(task.text.chars().count() + carried).unwrap_or(u32::MAX);
        Request {
            prompt_tokens: chars.div_ceil(CHARS_A_TOKEN) + INSTRUCTIONS,
            output_tokens: self.tokens(task, &mut random(task)),
        }
    }

    fn tokens(&self, task: &Task, random: &mut Random) -> u32 {
        let title = match (task.wants_title && task.kind != CallKind::Title, self.length) {
            (false, _) => 0.0,
            (true, Length::Model(factor)) => 75.0 * factor,
            (true, Length::Asked) => 30.0,
        };
        let mean = match (self.length, task.kind) {
            (Length::Model(factor), CallKind::Map) if task.pieces > 1 => 250.0 * factor,
            (Length::Model(factor), CallKind::Title) => 75.0 * factor,
            (Length::Model(factor), _) => 244.0 * factor,
            (Length::Asked, _) => f64::from(task.target_words) * 1.4,
        };
        let variance = (1.0 + VARIATION * VARIATION).ln();
        whole((mean + title) * (variance.sqrt() * random.normal() - variance / 2.0).exp())
    }

    /// The answer to a call.
    pub fn answer(&self, task: &Task) -> String {
        let mut random = random(task);
        let tokens = self.tokens(task, &mut random);
        let name = random.next_u64() & 0xFFFF_FFFF;
        let chars = tokens.saturating_mul(CHARS_A_TOKEN) as usize;
        let mut text = String::with_capacity(chars + 80);
        if task.wants_title && random.unit() >= self.formless {
            // Writing to a string cannot fail.
            let _ = write!(text, "TITLE: Title {name:x}\nPREVIEW: Preview {name:x}.");
            if task.kind == CallKind::Title {
                return text;
            }
            text.push_str("\nSUMMARY:\n");
        }
        let _ = write!(text, "So {name:x}");
        let mut word = 0;
        while text.len() < chars {
            word += 1;
            let _ = write!(text, " goes {word}");
        }
        text.push('.');
        text
    }
}

/// Draws that belong to a call and to nothing else, not even to who answers it.
fn random(task: &Task) -> Random {
    let key = key::of("", 0, task);
    Random::new(key.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default())
}
