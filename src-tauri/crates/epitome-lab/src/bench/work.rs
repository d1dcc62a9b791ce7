//! G3: how much a plan asks of the card, by tokens alone; and how long whole profiles take.

use epitome_model::{BreakerRule, BreakerSettings, JobSettings};
use epitome_testkit::Random;

use crate::bound::lower_bound;
use crate::calls::{Call, Kind};
use crate::corpus::Corpus;
use crate::server::{Card, Curve, Request, Setup};
use crate::world::{Failure, Length, Speech, requests, run};

use super::worlds::{JOB, auto, baseline, host, job, track1, world};
use super::{Row, Target};

/// Where the cost of tokens is taken from: PERFORMANCE.md 1.9's server.
const CARD: Setup = Setup::Batch { slots: 4, curve: Curve::Cuda };

/// Tokens a summary with title and preview takes in the model of PERFORMANCE.md 1.2.
const SUMMARY: u32 = 244 + 15 + 60;

/// Seconds of the card that calls take up at least.
fn cost(requests: impl Iterator<Item = Request>) -> f64 {
    let call = |request| Call { chapter: 0, kind: Kind::Map, request, needs: Vec::new() };
    lower_bound(CARD, &Card::default(), &requests.map(call).collect::<Vec<_>>()).as_secs_f64()
}

fn plan(chapters: &[u32], settings: JobSettings, length: Length) -> f64 {
    let job = job(JOB, chapters, settings, &host(CARD), 1);
    cost(requests(&job, Speech { length, formless: 0.0 }).into_iter())
}

/// The cost of the plan of `auto` against one pass over every chapter, and against the first design's 2000/400.
#[expect(clippy::unnecessary_wraps, reason = "a part of the bench; others run worlds, which may fail")]
pub fn rows(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    for corpus in [Corpus::A, Corpus::W, Corpus::B] {
        let chapters = corpus.chapters(1);
        let single = |chars: &u32| Request { prompt_tokens: chars.div_ceil(4) + 120, output_tokens: SUMMARY };
        let ideal = cost(chapters.iter().map(single));
        let ours = plan(&chapters, auto(4), Length::Model(1.0));
        // Not every chapter of B fits a window of 8,192 tokens.
        let target = if corpus == Corpus::B { Target::Shown } else { Target::AtMost(1.1) };
        tell(Row::new("G3", format!("{corpus:?}: auto / ideal single pass"), ours / ideal, "ratio", target));
        let first = plan(&chapters, baseline(), Length::Model(1.0));
        let target = if corpus == Corpus::A { Target::Shown } else { Target::AtMost(0.35) };
        tell(Row::new("G3", format!("{corpus:?}: auto / baseline 2000/400"), ours / first, "ratio", target));
        let asked = plan(&chapters, auto(4), Length::Asked) / plan(&chapters, baseline(), Length::Asked);
        let what = format!("{corpus:?}: the same with answers as long as asked for");
        tell(Row::new("G3", what, asked, "ratio", Target::Shown));
    }
    Ok(())
}

/// Chapters drawn from a corpus so that this share of them has over 5,000 characters.
fn with_long(corpus: Corpus, share: f64, seed: u64) -> Vec<u32> {
    let mut random = Random::of(&[seed, 0x1046]);
    let (long, short): (Vec<u32>, Vec<u32>) = corpus.chapters(seed).into_iter().partition(|chars| *chars > 5_000);
    let draw = |_| {
        let from = if random.unit() < share { &long } else { &short };
        random.pick(from).copied().unwrap_or(5_000)
    };
    (0..385).map(draw).collect()
}

/// Makespan of the three profiles for shares of long chapters, synopsis included.
pub fn sensitivity(tell: &mut dyn FnMut(Row)) -> Result<(), Failure> {
    let setup = Setup::Fifo { slots: 4 };
    for corpus in [Corpus::A, Corpus::B, Corpus::W] {
        for share in [0.2, 0.5, 0.8] {
            let chapters = with_long(corpus, share, 1);
            let mut first = None;
            let calm = |settings: JobSettings| {
                let breaker = BreakerSettings { rule: BreakerRule::Off, ..settings.breaker };
                JobSettings { breaker, ..settings }
            };
            for (name, settings) in [
                ("baseline", baseline()),
                ("baseline without its breaker", calm(baseline())),
                ("track1", track1()),
                ("track1 without its breaker", calm(track1())),
                ("auto", auto(0)),
            ] {
                let outcome = run(&world(&chapters, setup, settings, 1), None)?;
                let minutes = outcome.jobs.get(&JOB).map_or(0.0, |job| job.over.as_secs_f64() / 60.0);
                let what = format!("{corpus:?}, {:.0} % long, {setup}: {name}", share * 100.0);
                tell(Row::new("S", what.clone(), minutes, "min", Target::Shown));
                let first = *first.get_or_insert(minutes);
                if name != "baseline" {
                    tell(Row::new("S", format!("{what} / baseline"), minutes / first, "ratio", Target::Shown));
                }
            }
        }
    }
    Ok(())
}
