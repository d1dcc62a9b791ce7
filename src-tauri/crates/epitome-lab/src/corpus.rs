//! Books to simulate: nothing but the lengths of their chapters (PERFORMANCE.md 1.2).

use epitome_testkit::Random;

/// Lengths of a real book's chapters; the file names its source.
const WAR_AND_PEACE: &str = include_str!("../data/war-and-peace.txt");

/// A book, or what a book may be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Corpus {
    /// As the first design implied: 192 short chapters up to 5,000 characters and 193 of 5,001 to 7,460, mixed.
    A,
    /// Lognormal, median 5,000, sigma 0.9: 385 chapters like those of many novels.
    B,
    /// Lognormal, median 15,000, sigma 0.5: 385 long chapters.
    C,
    /// The 364 chapters of War and Peace; any seed gives the same.
    W,
}

impl Corpus {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::W];

    /// Chapters of the made corpora.
    const CHAPTERS: usize = 385;

    /// Characters of each chapter in reading order.
    pub fn chapters(self, seed: u64) -> Vec<u32> {
        let mut random = Random::of(&[0x0C0_1255, seed]);
        match self {
            Self::A => {
                // The table says 1,000 to 5,000 with a mean of 4,717 for all; the mean fixes the work, so it decides
                // where the short ones begin.
                let short = (0..192).map(|_| (1_400.0, 5_000.0));
                let long = (0..193).map(|_| (5_001.0, 7_460.0));
                let mut chapters: Vec<u32> =
                    short.chain(long).map(|(from, to): (f64, f64)| whole(from + random.unit() * (to - from))).collect();
                for last in (1..chapters.len()).rev() {
                    chapters.swap(last, random.below(last + 1));
                }
                chapters
            }
            Self::B => lognormal(&mut random, 5_000.0, 0.9),
            Self::C => lognormal(&mut random, 15_000.0, 0.5),
            Self::W => {
                let lines = WAR_AND_PEACE.lines().filter(|line| !line.starts_with('#'));
                lines.flat_map(str::split_whitespace).filter_map(|word| word.parse().ok()).collect()
            }
        }
    }
}

fn lognormal(random: &mut Random, median: f64, sigma: f64) -> Vec<u32> {
    (0..Corpus::CHAPTERS).map(|_| whole(median * (sigma * random.normal()).exp())).collect()
}

/// The nearest positive whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lengths lie far inside the range")]
pub(crate) fn whole(value: f64) -> u32 {
    value.round().max(1.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(values: impl Iterator<Item = f64> + Clone) -> f64 {
        values.clone().sum::<f64>() / values.count() as f64
    }

    #[test]
    fn lengths_are_those_of_the_table() {
        // Corpus, mean of all, of those over 5,000 characters; published ones are those of a few seeds.
        let table = [(Corpus::A, 4_717.0, 6_233.0), (Corpus::B, 7_646.0, 11_706.0), (Corpus::C, 17_463.0, 17_641.0)];
        for (corpus, all, long) in table {
            let chapters: Vec<u32> = (0..40).flat_map(|seed| corpus.chapters(seed)).collect();
            let lengths = chapters.iter().map(|length| f64::from(*length));
            assert!((mean(lengths.clone()) / all - 1.0).abs() < 0.05, "{corpus:?}: {}", mean(lengths));
            let above = lengths.filter(|length| *length > 5_000.0);
            assert!((mean(above.clone()) / long - 1.0).abs() < 0.05, "{corpus:?}: {}", mean(above));
        }
    }

    #[test]
    fn war_and_peace_is_the_real_one() {
        let chapters = Corpus::W.chapters(1);
        let mut sorted = chapters.clone();
        sorted.sort_unstable();
        let (median, tenth) = (sorted[182], sorted[328]);
        assert_eq!((chapters.len(), chapters[0], chapters[363]), (364, 11_474, 4_883));
        assert_eq!(chapters.iter().filter(|length| **length > 5_000).count(), 323);
        assert!((7_900..8_050).contains(&median) && (13_200..13_500).contains(&tenth), "{median} {tenth}");
        assert_eq!(sorted[363], 22_946);
        assert_eq!(chapters, Corpus::W.chapters(2));
    }

    #[test]
    fn a_seed_is_one_book_and_another_is_another() {
        for corpus in [Corpus::A, Corpus::B, Corpus::C] {
            assert_eq!(corpus.chapters(3), corpus.chapters(3));
            assert_ne!(corpus.chapters(3), corpus.chapters(4));
            assert_eq!(corpus.chapters(3).len(), 385);
        }
    }
}
