//! The calls that a plan makes of a book, with their tokens (PERFORMANCE.md 1.2): what clients of the lab run, and what
//! the lower bound is worked out from.

use epitome_testkit::Random;

use crate::corpus::whole;
use crate::server::Request;

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The summary of one piece of a long chapter.
    Map,
    /// A chapter's summary from those of its pieces.
    Reduce,
    /// A chapter's summary from its text.
    Summary,
    Title,
    Preview,
}

impl Kind {
    /// Whether the chapter has its summary once the call is done.
    pub fn summarises(self) -> bool {
        matches!(self, Self::Reduce | Self::Summary)
    }
}

/// One call of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Index of the chapter.
    pub chapter: usize,
    pub kind: Kind,
    pub request: Request,
    /// Indices of the calls whose answers it needs; all smaller than its own.
    pub needs: Vec<usize>,
}

/// How a book is cut and asked about. Lengths in characters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// Chapters up to this length go in one call.
    pub single: u32,
    /// Length of a piece of a longer one.
    pub piece: u32,
    /// What a piece repeats of the one before.
    pub overlap: u32,
    /// Title and preview come with the summary in one answer.
    pub folded: bool,
    /// Mean tokens of a piece's answer.
    pub map_tokens: f64,
    /// Most tokens of a summary, a piece's or a chapter's.
    pub cap: u32,
}

impl Plan {
    /// The first design's: pieces for whatever is over 5,000 characters, separate calls for title and preview, answers
    /// of 250 tokens for a piece (the reading R2 of PERFORMANCE.md 1.2).
    pub const fn pieces(piece: u32, overlap: u32) -> Self {
        Self { single: 5_000, piece, overlap, folded: false, map_tokens: 250.0, cap: u32::MAX }
    }

    /// One call for each chapter up to so many characters; longer ones in pieces of that length.
    pub const fn single_pass(characters: u32) -> Self {
        Self { single: characters, ..Self::pieces(characters, 0) }
    }

    /// With title and preview in the summary's answer.
    #[must_use]
    pub const fn folded(self) -> Self {
        Self { folded: true, ..self }
    }

    /// All calls of a book, chapter by chapter. The same seed draws the same answers for the same chapter whatever else
    /// the plan says.
    pub fn calls(&self, chapters: &[u32], seed: u64) -> Vec<Call> {
        let mut calls = Vec::new();
        for (chapter, length) in chapters.iter().enumerate() {
            let draw = |mean: f64, words: [u64; 2]| {
                output_tokens(mean, &mut Random::of(&[seed, chapter as u64, words[0], words[1]]))
            };
            let mut push = |kind: Kind, prompt_tokens: u32, output_tokens: u32, needs: Vec<usize>| {
                calls.push(Call { chapter, kind, request: Request { prompt_tokens, output_tokens }, needs });
                calls.len() - 1
            };
            let summary = draw(SUMMARY, [0, 0]).min(self.cap);
            let (title, preview) = (draw(TITLE, [1, 0]), draw(PREVIEW, [2, 0]));
            let answer = if self.folded { summary + title + preview } else { summary };
            let last = if *length <= self.single {
                push(Kind::Summary, INSTRUCTIONS + tokens(*length), answer, Vec::new())
            } else {
                let (mut needs, mut gathered) = (Vec::new(), INSTRUCTIONS);
                for (index, piece) in self.cut(*length).enumerate() {
                    let output = draw(self.map_tokens, [3, index as u64]).min(self.cap);
                    gathered += output;
                    needs.push(push(Kind::Map, INSTRUCTIONS + tokens(piece), output, Vec::new()));
                }
                push(Kind::Reduce, gathered, answer, needs)
            };
            if !self.folded {
                push(Kind::Title, INSTRUCTIONS + summary, title, vec![last]);
                push(Kind::Preview, INSTRUCTIONS + summary, preview, vec![last]);
            }
        }
        calls
    }

    /// Lengths of a long chapter's pieces, overlap included.
    fn cut(&self, length: u32) -> impl Iterator<Item = u32> {
        let (piece, stride) = (self.piece, self.piece.saturating_sub(self.overlap).max(1));
        let count = length.saturating_sub(self.overlap).div_ceil(stride).max(1);
        (0..count).map(move |index| (length - index * stride).min(piece))
    }
}

/// Tokens of the constant instructions in every prompt.
const INSTRUCTIONS: u32 = 120;
/// Mean tokens of the answers.
const SUMMARY: f64 = 244.0;
const TITLE: f64 = 15.0;
const PREVIEW: f64 = 60.0;
/// Standard deviation of an answer's length as a share of its mean.
const VARIATION: f64 = 0.25;

/// Tokens of a text: four characters each.
fn tokens(characters: u32) -> u32 {
    characters.div_ceil(4)
}

/// A draw from the lognormal distribution of that mean and the model's coefficient of variation.
fn output_tokens(mean: f64, random: &mut Random) -> u32 {
    let variance = (1.0 + VARIATION * VARIATION).ln();
    whole(mean * (variance.sqrt() * random.normal() - variance / 2.0).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::Corpus;

    #[test]
    fn pieces_cover_the_chapter() {
        // Length, piece, overlap, pieces.
        let table: [(u32, u32, u32, &[u32]); 4] = [
            (5_200, 2_000, 400, &[2_000, 2_000, 2_000]),
            (5_201, 2_000, 400, &[2_000, 2_000, 2_000, 401]),
            (6_725, 3_500, 275, &[3_500, 3_500]),
            (24_001, 24_000, 0, &[24_000, 1]),
        ];
        for (length, piece, overlap, pieces) in table {
            assert_eq!(Plan::pieces(piece, overlap).cut(length).collect::<Vec<_>>(), pieces, "{length}");
        }
    }

    #[test]
    fn counts_are_those_of_the_physical_limit() {
        // PERFORMANCE.md 1.12: corpus, plan, calls, thousands of tokens in and out. The published figures are means of
        // a few seeds, which scatter by 4 to 5 % on B.
        let capped = Plan { cap: 180, ..Plan::single_pass(24_000).folded() };
        let table = [
            (Corpus::A, Plan::pieces(2_000, 400), 1_961.0, 1_166.0, 322.0),
            (Corpus::B, Plan::pieces(2_000, 400), 2_724.0, 1_809.0, 516.0),
            (Corpus::C, Plan::pieces(2_000, 400), 5_447.0, 4_011.0, 1_194.0),
            (Corpus::A, capped, 385.0, 500.0, 96.0),
            (Corpus::B, capped, 422.0, 791.0, 100.0),
            (Corpus::C, capped, 531.0, 1_762.0, 116.0),
        ];
        for (corpus, plan, count, prompt, output) in table {
            let calls: Vec<Call> = (0..20).flat_map(|seed| plan.calls(&corpus.chapters(seed), seed)).collect();
            let sum = |pick: fn(&Request) -> u32| {
                calls.iter().map(|call| f64::from(pick(&call.request))).sum::<f64>() / 20_000.0
            };
            let found = [calls.len() as f64 / 20.0, sum(|call| call.prompt_tokens), sum(|call| call.output_tokens)];
            for (found, told) in found.into_iter().zip([count, prompt, output]) {
                assert!((found / told - 1.0).abs() < 0.06, "{corpus:?} {plan:?}: {found} for {told}");
            }
        }
    }

    #[test]
    fn war_and_peace_needs_the_calls_that_were_counted() {
        let chapters = Corpus::W.chapters(0);
        assert_eq!(Plan::single_pass(24_000).folded().calls(&chapters, 1).len(), 364);
        let pieces = Plan::pieces(2_000, 400).calls(&chapters, 1).len() as f64;
        assert!((pieces / 3_055.0 - 1.0).abs() < 0.02, "{pieces}");
    }

    #[test]
    fn a_call_needs_only_calls_before_it_in_its_chapter() {
        let calls = Plan::pieces(2_000, 400).calls(&Corpus::B.chapters(1), 1);
        for (index, call) in calls.iter().enumerate() {
            let fits = |need: &usize| *need < index && calls[*need].chapter == call.chapter;
            assert!(call.needs.iter().all(fits), "{index}");
            assert_eq!(call.needs.is_empty(), matches!(call.kind, Kind::Map | Kind::Summary), "{index}");
        }
    }

    #[test]
    fn answers_scatter_as_told_and_keep_to_the_cap() {
        let mut random = Random::new(5);
        let draws: Vec<f64> = (0..20_000).map(|_| f64::from(output_tokens(SUMMARY, &mut random))).collect();
        let mean = draws.iter().sum::<f64>() / draws.len() as f64;
        let deviation = (draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / draws.len() as f64).sqrt();
        assert!((mean - SUMMARY).abs() < 2.0 && (deviation / mean - VARIATION).abs() < 0.01, "{mean} {deviation}");
        let capped = Plan { cap: 100, ..Plan::single_pass(24_000) }.calls(&[3_000; 50], 1);
        let longest =
            capped.iter().filter(|call| call.kind == Kind::Summary).map(|call| call.request.output_tokens).max();
        assert_eq!(longest, Some(100));
    }
}
