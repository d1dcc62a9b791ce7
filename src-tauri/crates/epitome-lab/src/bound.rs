//! The least time any client could need: what a makespan is compared with.

use std::time::Duration;

use crate::calls::Call;
use crate::server::{Card, Request, Setup, seconds};

/// The lower bound LB of PERFORMANCE.md 1.2 for a server without a load to start with.
///
/// LB = max(total work / capacity, longest chain of a chapter), where, by 1.12, the work of a batch is
/// `prompt tokens / prefill rate + output tokens x min over B of t(B)/B + cache reads` and the longest chain runs alone.
/// A call's cache reads are `t1 x kv x (output x prompt + output x (output - 1) / 2)`: each of its steps passes once
/// over its prompt and over what it has answered so far.
pub fn lower_bound(setup: Setup, card: &Card, calls: &[Call]) -> Duration {
    let pace = Pace::of(setup, card);
    let work: f64 = calls.iter().map(|call| pace.work(call.request)).sum();
    let mut ends: Vec<f64> = Vec::with_capacity(calls.len());
    for call in calls {
        let begin = call.needs.iter().filter_map(|need| ends.get(*need)).copied().fold(0.0, f64::max);
        ends.push(begin + pace.alone(call.request));
    }
    seconds(ends.into_iter().fold(work / pace.capacity, f64::max))
}

/// Time that `call` takes with the server to itself.
pub fn alone(setup: Setup, card: &Card, call: Request) -> Duration {
    seconds(Pace::of(setup, card).alone(call))
}

/// What a token costs, in seconds.
struct Pace {
    /// A prompt token.
    prompt: f64,
    /// An answer's token with the batch at its best.
    output: f64,
    /// An answer's token alone.
    output_alone: f64,
    /// Passing over a token in the cache.
    cache: f64,
    /// Calls at full speed.
    capacity: f64,
}

impl Pace {
    fn of(setup: Setup, card: &Card) -> Self {
        let prompt = card.prefill_s(1);
        match setup {
            Setup::ProcessorSharing { cap: capacity } | Setup::Fifo { slots: capacity } => Self {
                prompt,
                output: card.token_s,
                output_alone: card.token_s,
                cache: 0.0,
                capacity: capacity.max(1) as f64,
            },
            Setup::Batch { slots, curve } => {
                let alone = card.first_step_s(curve);
                let gain = (1..=slots.max(1)).map(|sequences| curve.gain(sequences)).fold(1.0, f64::max);
                let cache = alone * card.kv_per_token;
                Self { prompt, output: alone / gain, output_alone: alone, cache, capacity: 1.0 }
            }
        }
    }

    /// Seconds of the server that a call takes up at least.
    fn work(&self, call: Request) -> f64 {
        self.with_token(call, self.output)
    }

    /// Seconds of a call with nothing beside it.
    fn alone(&self, call: Request) -> f64 {
        self.with_token(call, self.output_alone)
    }

    fn with_token(&self, call: Request, token: f64) -> f64 {
        let Request { prompt_tokens, output_tokens } = call.served();
        let (prompt, output) = (f64::from(prompt_tokens), f64::from(output_tokens));
        let passes = output * prompt + output * (output - 1.0) / 2.0;
        prompt * self.prompt + output * token + passes * self.cache
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calls::{Kind, Plan};
    use crate::client;
    use crate::corpus::Corpus;
    use crate::server::Curve;

    const CARD: Card = Card { prefill_rate: 1_000.0, token_s: 0.1, kv_per_token: 0.0 };

    fn call(chapter: usize, needs: Vec<usize>) -> Call {
        let request = Request { prompt_tokens: 1_000, output_tokens: 100 };
        Call { chapter, kind: Kind::Map, request, needs }
    }

    #[test]
    fn it_is_the_work_or_the_chain() {
        let chain = |length: usize| (0..length).map(|index| call(0, index.checked_sub(1).into_iter().collect()));
        let loose = |count: usize| (0..count).map(|index| call(index, Vec::new()));
        let cuda = Setup::Batch { slots: 8, curve: Curve::Cuda };
        let step = CARD.first_step_s(Curve::Cuda);
        // Server, calls, seconds.
        let table = [
            (Setup::Fifo { slots: 4 }, loose(8).collect(), 22.0),
            (Setup::Fifo { slots: 4 }, chain(8).collect(), 88.0),
            (Setup::Fifo { slots: 1 }, chain(8).collect(), 88.0),
            (Setup::ProcessorSharing { cap: 4 }, loose(2).collect(), 11.0),
            (cuda, loose(50).collect(), 50.0 * (1.0 + 100.0 * step / 3.54)),
            (cuda, chain(50).collect::<Vec<_>>(), 50.0 * (1.0 + 100.0 * step)),
        ];
        for (setup, calls, seconds) in table {
            let found = lower_bound(setup, &CARD, &calls).as_secs_f64();
            assert!((found - seconds).abs() < 1e-6, "{setup}: {found} for {seconds}");
        }
    }

    #[test]
    fn no_client_beats_it_and_a_good_one_comes_near() {
        let card = Card::default();
        let calls = Plan::pieces(3_500, 275).calls(&Corpus::B.chapters(2), 2);
        for (setup, best) in Setup::REFERENCE {
            let bound = lower_bound(setup, &card, &calls).as_secs_f64();
            for limit in [1, best, 40] {
                let efficiency = bound / client::run(setup, card, &calls, limit).makespan.as_secs_f64();
                assert!(efficiency < 1.0 + 1e-9 && (limit == 1 || efficiency > 0.96), "{setup}, {limit}: {efficiency}");
            }
        }
    }
}
