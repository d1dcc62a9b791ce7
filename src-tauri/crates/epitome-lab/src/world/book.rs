//! Books whose every sentence is another one, so that nothing can be lost or doubled without being seen.

use std::fmt::Write;
use std::sync::Arc;

use epitome_engine::budget::{self, Measure, ModelFacts};
use epitome_engine::plan::Frame;
use epitome_llm::{Tongue, chars_per_token, overhead_tokens};
use epitome_model::{JobSettings, Wording};
use epitome_testkit::Random;

/// Window a simulated model was trained for, in tokens.
const TRAINED: u32 = 131_072;

/// Text of a chapter with exactly `chars` characters. Some have letters outside ASCII.
pub fn text(chapter: usize, chars: usize, random: &mut Random) -> Arc<str> {
    let filler = random.pick(&["went on", "spoke of the sea", "blieb über Nacht", "молчал", "saw 山 and 川"]);
    let filler = filler.copied().unwrap_or_default();
    let mut text = String::with_capacity(chars + 100);
    let (mut sentence, mut length) = (0, 0);
    while length < chars {
        let before = text.len();
        let gap = if random.below(6) == 0 { "\n\n" } else { " " };
        // Writing to a string cannot fail.
        let _ = write!(text, "In chapter {chapter} somebody {filler} for the {sentence}th time.{gap}");
        for _ in 0..random.below(4) {
            let _ = write!(text, "And {} more, ", random.below(1_000));
        }
        sentence += 1;
        length += text.get(before..).map_or(0, |new| new.chars().count());
    }
    let mut cut: String = text.chars().take(chars.saturating_sub(1)).collect();
    if chars > 0 {
        cut.push('.');
    }
    cut.into()
}

/// What the program would work with for a book of such chapters.
pub fn frame(title: &str, settings: JobSettings, longest: usize) -> Frame {
    let language = Some("en");
    let per_token = chars_per_token(language, "plain");
    let measure = Measure {
        chars_per_token: per_token,
        notes_per_token: per_token,
        overhead_tokens: overhead_tokens(&Wording::default(), per_token),
        tongue: Tongue::of(language),
    };
    let facts = ModelFacts { trained: Some(TRAINED), ..ModelFacts::default() };
    let window = budget::window(&settings, facts, longest, &measure);
    let room = measure.room(window);
    let settings = JobSettings { window: Some(window), ..settings };
    Frame { settings, book_title: title.to_owned(), language: language.map(str::to_owned), room, measure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_length_it_is_asked_for() {
        let mut random = Random::new(1);
        for chars in [0, 1, 2, 57, 500, 3_001] {
            assert_eq!(text(1, chars, &mut random).chars().count(), chars);
        }
    }
}
