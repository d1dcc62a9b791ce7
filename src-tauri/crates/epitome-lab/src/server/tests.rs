//! The servers against results that can be worked out by hand.

use super::*;
use crate::bound::alone;

const CARD: Card = Card { prefill_rate: 1_000.0, token_s: 0.1, kv_per_token: 0.0 };

/// One second of prompt and ten of answer on a server without a batch.
const CALL: Request = Request { prompt_tokens: 1_000, output_tokens: 100 };

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn batch(slots: usize, curve: Curve) -> Setup {
    Setup::Batch { slots, curve }
}

/// Lets the server run until it is idle.
fn finish(server: &mut dyn Server) -> Vec<(Duration, Emitted)> {
    let mut out = Vec::new();
    while let Some(next) = server.next() {
        server.advance(next, &mut out);
    }
    assert_eq!((server.in_service(), server.waiting()), (0, 0));
    out
}

/// Ends of the calls, by id, in seconds.
fn ends(events: &[(Duration, Emitted)]) -> Vec<(CallId, f64, Usage)> {
    let done = |(at, event): &(Duration, Emitted)| match event {
        Emitted::Done { id, usage } => Some((*id, at.as_secs_f64(), *usage)),
        _ => None,
    };
    events.iter().filter_map(done).collect()
}

/// `count` equal calls at the beginning; the time of the last end.
fn together(setup: Setup, card: Card, count: u64, call: Request) -> f64 {
    let mut server = setup.server(card);
    (0..count).for_each(|id| server.submit(Duration::ZERO, id, call));
    let ends = ends(&finish(server.as_mut()));
    assert_eq!(ends.len() as u64, count);
    ends.iter().map(|(_, end, _)| *end).fold(0.0, f64::max)
}

#[test]
fn equal_calls_take_the_time_of_the_closed_form() {
    // Server, calls at once, seconds until all are done.
    let sharing = Setup::ProcessorSharing { cap: 4 };
    let table = [
        (Setup::Fifo { slots: 1 }, 1, 11.0),
        (Setup::Fifo { slots: 1 }, 7, 77.0),
        (Setup::Fifo { slots: 4 }, 4, 11.0),
        (Setup::Fifo { slots: 4 }, 9, 33.0),
        (sharing, 1, 11.0),
        (sharing, 4, 11.0),
        (sharing, 8, 22.0),
        (sharing, 40, 110.0),
    ];
    for (setup, count, seconds) in table {
        let found = together(setup, CARD, count, CALL);
        assert!((found - seconds).abs() < 1e-6, "{setup}, {count} calls: {found}");
    }
}

#[test]
fn sharing_slows_and_speeds_up_with_those_present() {
    // Two calls on a server for one: alone for 1 s, then at half speed, until the first (4 s of work) has gone after
    // 1 + 2 x 3 = 7 s; by then the second has had 3 s of its 11 s.
    let mut server = Sharing::processor(CARD, 1);
    server.submit(at(0.0), 1, Request { prompt_tokens: 1_000, output_tokens: 30 });
    server.submit(at(1.0), 2, CALL);
    let ends = ends(&finish(&mut server));
    assert_eq!(ends.iter().map(|(id, ..)| *id).collect::<Vec<_>>(), [1, 2]);
    assert!((ends[0].1 - 7.0).abs() < 1e-6 && (ends[1].1 - 15.0).abs() < 1e-6, "{ends:?}");
}

#[test]
fn a_batch_follows_its_curve() {
    // Answers so long that reading does not count: n calls of 1,000 tokens take 1,000 steps of t1 x n / G(n).
    let call = Request { prompt_tokens: 1, output_tokens: 1_000 };
    for curve in Curve::ALL {
        let one = together(batch(16, curve), CARD, 1, call);
        assert!((one - 1_000.0 * CARD.first_step_s(curve)).abs() < 0.01, "{curve}: {one}");
        for count in [2_u32, 3, 4, 8, 16] {
            let all = together(batch(16, curve), CARD, u64::from(count), call);
            let gain = f64::from(count) * one / all;
            let told = curve.gain(count as usize);
            assert!((gain / told - 1.0).abs() < 0.01, "{curve}, {count}: {gain} for {told}");
        }
        let three = together(batch(3, curve), CARD, 3, call);
        assert!((three / 100.0 - 1.0).abs() < 0.01, "calibrated at three: {three}");
    }
}

#[test]
fn what_is_cached_slows_a_step() {
    let card = Card { kv_per_token: 1e-3, ..CARD };
    let call = Request { prompt_tokens: 2_000, output_tokens: 50 };
    let found = together(batch(1, Curve::Flat), card, 1, call);
    // 50 steps over 2,000 to 2,049 tokens.
    let step = card.first_step_s(Curve::Flat);
    let worked_out = 2.0 + step * (50.0 + 1e-3 * (50.0 * 2_000.0 + 49.0 * 50.0 / 2.0));
    assert!((found - worked_out).abs() < 1e-6, "{found} for {worked_out}");
    assert!((alone(batch(1, Curve::Flat), &card, call).as_secs_f64() - worked_out).abs() < 1e-6);
}

#[test]
fn one_prompt_is_read_at_a_time_and_holds_up_the_others_tokens() {
    let mut server = batch(2, Curve::Flat).server(CARD);
    let step = CARD.first_step_s(Curve::Flat);
    server.submit(at(0.0), 1, Request { prompt_tokens: 512, output_tokens: 10_000 });
    server.submit(at(0.0), 2, Request { prompt_tokens: 1_024, output_tokens: 5 });
    let events = finish(server.as_mut());
    let first: Vec<_> = events
        .iter()
        .filter_map(|(at, event)| match event {
            Emitted::FirstToken { id, prompt_tokens } => Some((*id, *prompt_tokens, at.as_secs_f64())),
            _ => None,
        })
        .collect();
    // The second prompt takes two steps, in each of which the first call makes one token.
    let second = 3.0 * 0.512 + 2.0 * step;
    assert_eq!((first[0].0, first[0].1, first[1].0, first[1].1), (1, 512, 2, 1_024));
    assert!((first[0].2 - 0.512).abs() < 1e-6 && (first[1].2 - second).abs() < 1e-6, "{first:?} {second}");
    let before = tokens_of(&events, 1, at(second));
    assert_eq!(before, 3, "the first, and one a step");
}

/// Tokens told of a call up to an instant.
fn tokens_of(events: &[(Duration, Emitted)], wanted: CallId, until: Duration) -> u32 {
    let until = until + Duration::from_nanos(10);
    let told = |event: &Emitted| match event {
        Emitted::FirstToken { id, .. } if *id == wanted => 1,
        Emitted::Tokens { id, count } if *id == wanted => *count,
        _ => 0,
    };
    events.iter().filter(|(at, _)| *at <= until).map(|(_, event)| told(event)).sum()
}

fn all_setups() -> Vec<Setup> {
    Setup::REFERENCE.iter().map(|(setup, _)| *setup).collect()
}

/// Calls of many sizes at many times, among them none of a token and more than there are slots.
fn crowd() -> Vec<(Duration, CallId, Request)> {
    let mut random = epitome_testkit::Random::new(11);
    let mut now = 0.0;
    let one = |id| {
        now += random.unit() * 4.0;
        let size = |most: usize| u32::try_from(most).unwrap();
        let (prompt_tokens, output_tokens) = (size(random.below(3_000)), size(random.below(300)));
        (at(now), id, Request { prompt_tokens, output_tokens })
    };
    (0..200).map(one).collect()
}

#[test]
fn every_token_is_told_once_in_time_order() {
    for setup in all_setups() {
        let mut server = setup.server(Card::default());
        let mut events = Vec::new();
        for (now, id, request) in crowd() {
            // Half of the time the clock is moved first, half of the time the call comes unannounced.
            if id % 2 == 0 {
                server.advance(now, &mut events);
            }
            server.submit(now, id, request);
        }
        events.extend(finish(server.as_mut()));
        assert!(events.windows(2).all(|pair| pair[0].0 <= pair[1].0), "{setup}");
        for (now, id, request) in crowd() {
            let request = request.served();
            assert_eq!(tokens_of(&events, id, Duration::MAX / 2), request.output_tokens, "{setup}: call {id}");
            let of: Vec<_> = ends(&events).into_iter().filter(|(done, ..)| *done == id).collect();
            let [(_, end, usage)] = of[..] else { panic!("{setup}: call {id} ended {} times", of.len()) };
            assert_eq!((usage.prompt_tokens, usage.output_tokens), (request.prompt_tokens, request.output_tokens));
            let total = end - now.as_secs_f64();
            assert!((f64::from(usage.total_ms) / 1e3 - total).abs() < 2e-3, "{setup}: {usage:?}, {total}");
            let least = alone(setup, &Card::default(), request).as_secs_f64();
            assert!(total > least - 1e-6, "{setup}: call {id} took {total}, alone {least}");
        }
    }
}

#[test]
fn how_the_clock_is_moved_changes_nothing() {
    for setup in all_setups() {
        let run = |step: Option<f64>| {
            let mut server = setup.server(Card::default());
            let (mut events, mut now) = (Vec::new(), Duration::ZERO);
            for (when, id, request) in crowd() {
                while let Some(step) = step.map(at)
                    && now + step < when
                {
                    now += step;
                    server.advance(now, &mut events);
                }
                server.submit(when, id, request);
            }
            events.extend(finish(server.as_mut()));
            events
        };
        assert!(run(None) == run(Some(0.173)), "{setup}");
    }
}

#[test]
fn waiting_for_a_slot_is_what_the_usage_leaves_over() {
    // Server, calls at once, and by call: the wait in milliseconds.
    let flat = batch(1, Curve::Flat);
    let one = alone(flat, &CARD, CALL).as_millis();
    let table = [
        (Setup::Fifo { slots: 1 }, vec![0, 11_000, 22_000]),
        (Setup::Fifo { slots: 2 }, vec![0, 0, 11_000, 11_000, 22_000]),
        (Setup::ProcessorSharing { cap: 1 }, vec![0, 0, 0]),
        (flat, vec![0, one, 2 * one]),
        (batch(4, Curve::Cuda), vec![0, 0, 0, 0]),
    ];
    for (setup, waits) in table {
        let mut server = setup.server(CARD);
        (0..waits.len()).for_each(|id| server.submit(at(5.0), id as u64, CALL));
        let mut found = ends(&finish(server.as_mut()));
        found.sort_by_key(|(id, ..)| *id);
        for ((id, end, usage), wait) in found.into_iter().zip(waits) {
            let wait = i128::try_from(wait).unwrap();
            assert!((i128::from(usage.wait_ms()) - wait).abs() <= 1, "{setup}, call {id}: {usage:?}");
            assert_eq!(usage.total_ms, usage.wait_ms() + usage.prompt_ms + usage.output_ms);
            assert!((f64::from(usage.total_ms) / 1e3 - (end - 5.0)).abs() < 2e-3);
        }
    }
}

#[test]
fn a_call_that_comes_in_mid_step_waits_for_its_end() {
    let mut server = batch(2, Curve::Flat).server(CARD);
    server.submit(at(0.0), 1, Request { prompt_tokens: 512, output_tokens: 10 });
    server.submit(at(0.1), 2, Request { prompt_tokens: 512, output_tokens: 10 });
    assert_eq!((server.in_service(), server.waiting()), (1, 1));
    let ends = ends(&finish(server.as_mut()));
    let waits: Vec<_> = ends.iter().map(|(id, _, usage)| (*id, usage.wait_ms())).collect();
    assert_eq!(waits, [(1, 0), (2, 412)]);
}

#[test]
fn a_cancelled_call_frees_its_slot_and_is_not_heard_of_again() {
    for setup in [Setup::Fifo { slots: 1 }, batch(1, Curve::Flat)] {
        let mut server = setup.server(CARD);
        (1..=3).for_each(|id| server.submit(at(0.0), id, CALL));
        let mut events = Vec::new();
        server.advance(at(4.05), &mut events);
        assert!(tokens_of(&events, 1, at(4.05)) > 1, "{setup}");
        // One in service, one that waits, one that was never there.
        for id in [1, 2, 9] {
            server.cancel(at(4.05), id);
        }
        let after = finish(server.as_mut());
        let ends = ends(&after);
        let [(3, end, usage)] = ends[..] else { panic!("{setup}: {ends:?}") };
        let began = f64::from(usage.wait_ms()) / 1e3;
        // The batch still ends the step it is in.
        assert!((4.05 - 1e-3..4.05 + 0.1).contains(&began), "{setup}: began at {began}");
        assert!((end - began - alone(setup, &CARD, CALL).as_secs_f64()).abs() < 2e-3, "{setup}: {end}");
        assert_eq!(tokens_of(&after, 1, Duration::MAX / 2), 0);
        assert_eq!(tokens_of(&after, 2, Duration::MAX / 2), 0);
    }
}

#[test]
fn the_others_go_faster_once_a_call_is_cancelled() {
    let mut server = Sharing::processor(CARD, 1);
    server.submit(at(0.0), 1, CALL);
    server.submit(at(0.0), 2, CALL);
    server.cancel(at(4.0), 2);
    // Half speed for four seconds, then full speed for the nine that are left.
    let found = ends(&finish(&mut server));
    assert_eq!(found.len(), 1);
    assert!((found[0].1 - 13.0).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_cancelled_crowd_leaves_an_idle_server() {
    for setup in all_setups() {
        let mut server = setup.server(Card::default());
        for (now, id, request) in crowd() {
            server.submit(now, id, request);
        }
        let close = crowd().last().map(|(now, ..)| *now).unwrap();
        (0..200).for_each(|id| server.cancel(close, id));
        assert_eq!((server.in_service(), server.waiting()), (0, 0), "{setup}");
        let after: Vec<_> = finish(server.as_mut()).into_iter().filter(|(at, _)| *at > close).collect();
        assert_eq!(after, [], "{setup}");
        // And it works on.
        let later = close + at(100.0);
        server.submit(later, 900, CALL);
        let end = ends(&finish(server.as_mut()))[0].1 - later.as_secs_f64();
        let least = alone(setup, &Card::default(), CALL).as_secs_f64();
        assert!((end - least).abs() < 1e-3, "{setup}: {end} {least}");
    }
}

#[test]
fn tokens_are_told_often_enough_to_watch_and_seldom_enough_to_be_cheap() {
    let card = Card::default();
    let request = Request { prompt_tokens: 620, output_tokens: 250 };
    for (setup, limit) in Setup::REFERENCE {
        let mut server = setup.server(card);
        (0..limit * 3).for_each(|id| server.submit(Duration::ZERO, id as CallId, request));
        let events = finish(server.as_mut());
        let per_call = events.len() / (limit * 3);
        assert!((50..=150).contains(&per_call), "{setup}: {per_call} for 250 tokens");
    }
}
