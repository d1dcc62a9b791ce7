//! The two chapter-length distributions that the capacity figures are computed on (PERFORMANCE.md 1.2).

use super::prose::prose;
use crate::Random;

/// Chapters of the corpora: the 385 of the first design.
const CHAPTERS: usize = 385;

/// Of them, those of at most 5,000 characters in corpus A.
const SHORT: usize = 192;

/// Which distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// 192 chapters of 1,000 to 5,000 characters and 193 of 5,001 to 7,460, in mixed order.
    A,
    /// Lognormal, median 5,000 characters, sigma 0.9 (95th percentile about 22,000).
    B,
}

/// A chapter made to order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeChapter {
    pub title: String,
    pub text: String,
}

/// The 385 chapters of a corpus.
pub fn corpus(kind: Corpus, seed: u64) -> Vec<MadeChapter> {
    lengths(kind, seed)
        .into_iter()
        .zip(1..)
        .map(|(chars, number)| MadeChapter {
            title: format!("Chapter {number}"),
            text: prose(chars, Random::of(&[seed, number]).next_u64()),
        })
        .collect()
}

fn lengths(kind: Corpus, seed: u64) -> Vec<usize> {
    let mut random = Random::of(&[seed, 0x63_6f_72_70]);
    let mut lengths: Vec<usize> = match kind {
        Corpus::A => {
            let short = (0..SHORT).map(|_| 1_000);
            let mut all: Vec<usize> = short.chain((SHORT..CHAPTERS).map(|_| 5_001)).collect();
            for (index, length) in all.iter_mut().enumerate() {
                *length += random.below(if index < SHORT { 4_001 } else { 2_460 });
            }
            all
        }
        Corpus::B => (0..CHAPTERS).map(|_| lognormal(&mut random)).collect(),
    };
    for last in (1..lengths.len()).rev() {
        lengths.swap(last, random.below(last + 1));
    }
    lengths
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Bounded to 200..=80,000 before the cast.
fn lognormal(random: &mut Random) -> usize {
    (5_000.0 * (0.9 * random.normal()).exp()).clamp(200.0, 80_000.0) as usize
}

/// The chapters as one plain-text book.
pub fn text_of(chapters: &[MadeChapter]) -> String {
    let mut text = String::new();
    for chapter in chapters {
        text.push_str(&chapter.title);
        text.push_str("\n\n");
        text.push_str(&chapter.text);
        text.push_str("\n\n\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corpus_a_is_half_short_and_none_is_longer_than_a_small_window() {
        let lengths = lengths(Corpus::A, 1);
        assert_eq!(lengths.len(), 385);
        assert_eq!(lengths.iter().filter(|length| **length <= 5_000).count(), 192);
        assert!(lengths.iter().all(|length| (1_000..=7_460).contains(length)));
    }

    #[test]
    fn corpus_b_has_the_published_median() {
        let mut lengths = lengths(Corpus::B, 1);
        lengths.sort_unstable();
        assert!((4_200..5_900).contains(&lengths[192]), "{}", lengths[192]);
        assert!((16_000..30_000).contains(&lengths[365]), "{}", lengths[365]);
    }
}
