//! The ladder against servers whose answer is known. Exact ones, with the whole engine around it, are in `epitome-lab`;
//! here calls of one length run on a server of so many slots whose speed follows a curve.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds and tokens of a test")]

use std::collections::VecDeque;
use std::time::Duration;

use epitome_model::Usage;

use super::*;

/// A server of equal calls: `slots` at once, together `gain(n)` times as fast as one alone.
struct Server {
    slots: usize,
    gain: fn(f64) -> f64,
    /// Seconds of a call alone.
    alone: f64,
}

/// Runs calls until `calls` are done; returns the seconds and the ladder.
fn run(server: &Server, mut ladder: Ladder, calls: u32) -> (f64, Ladder) {
    struct Call {
        ticket: Ticket,
        sent: f64,
        begun: Option<f64>,
        left: f64,
        cost: f64,
    }
    let mut calls_in: VecDeque<Call> = VecDeque::new();
    let (mut now, mut sent, mut done) = (0.0f64, 0, 0);
    let at = Duration::from_secs_f64;
    while done < calls {
        ladder.demand((calls - sent) as usize);
        while sent < calls && calls_in.len() < ladder.limit() as usize {
            // Calls differ a little, so that they do not run in step.
            let share = 0.8 + 0.1 * f64::from(sent % 5);
            let (left, cost) = (server.alone * share, 250.0 * share);
            calls_in.push_back(Call { ticket: ladder.sent(), sent: now, begun: None, left, cost });
            sent += 1;
        }
        for call in calls_in.iter_mut().take(server.slots).filter(|call| call.begun.is_none()) {
            call.begun = Some(now);
            ladder.first_token();
        }
        let busy = calls_in.len().min(server.slots);
        let speed = (server.gain)(busy as f64) / busy as f64;
        let step = calls_in.iter().take(busy).map(|call| call.left / speed).fold(f64::INFINITY, f64::min).min(1.0);
        now += step;
        for call in calls_in.iter_mut().take(busy) {
            call.left -= step * speed;
        }
        ladder.wrote(at(now), (step * speed * 16.0 * busy as f64) as u32);
        if let Some(place) = calls_in.iter().take(busy).position(|call| call.left <= 1e-9) {
            let call = calls_in.remove(place).unwrap();
            let ms = |from: f64, to: f64| ((to - from) * 1000.0).round() as u32;
            let begun = call.begun.unwrap_or(now);
            let usage = Usage {
                output_tokens: call.cost as u32,
                output_ms: ms(begun, now),
                total_ms: ms(call.sent, now),
                ..Usage::default()
            };
            let time = at(now - call.sent);
            let landed = Landed { ticket: call.ticket, wrote: true, time, ended: Ended::Answered(usage) };
            ladder.ended(at(now), landed);
            done += 1;
        }
        ladder.tick(at(now));
    }
    (now, ladder)
}

fn auto() -> Ladder {
    Ladder::new(Limit::Auto { remembered: None })
}

/// Aggregate gain of llama.cpp on CUDA (PERFORMANCE.md 1.3), between its points by the logarithm.
fn cuda(calls: f64) -> f64 {
    let points = [(1.0, 1.0), (2.0, 1.09), (4.0, 2.08), (8.0, 3.54), (16.0, 4.76), (32.0, 6.27)];
    for pair in points.windows(2) {
        let ((low, from), (high, to)) = (pair[0], pair[1]);
        if calls <= high {
            return from + (to - from) * (calls / low).log2().max(0.0) / (high / low).log2();
        }
    }
    6.27
}

#[test]
fn it_finds_what_each_server_serves_and_costs_little_on_the_way() {
    let servers = [
        ("FIFO 1", Server { slots: 1, gain: |_| 1.0, alone: 15.0 }, 1),
        ("FIFO 4", Server { slots: 4, gain: |calls| calls, alone: 20.0 }, 4),
        ("shared 4", Server { slots: 99, gain: |calls| calls.min(4.0), alone: 20.0 }, 4),
        ("batch 4", Server { slots: 4, gain: cuda, alone: 10.0 }, 4),
        ("batch 16", Server { slots: 16, gain: cuda, alone: 10.0 }, 16),
        ("flat 16", Server { slots: 16, gain: |_| 1.0, alone: 10.0 }, 1),
    ];
    for (name, server, best) in servers {
        let (fixed, _) = run(&server, Ladder::new(Limit::Fixed(best)), 400);
        let (found, ladder) = run(&server, auto(), 400);
        assert!(found <= fixed * 1.05, "{name}: {found:.0} s against {fixed:.0} s with {best} ({:?})", ladder.rungs());
        let known = ladder.limit();
        assert!(known <= best + 1 && known * 4 >= best * 3, "{name}: stays at {known} ({:?})", ladder.rungs());
    }
}

#[test]
fn a_fixed_number_is_obeyed_exactly_and_slots_are_seen_all_the_same() {
    let server = Server { slots: 2, gain: |calls| calls, alone: 10.0 };
    let (_, ladder) = run(&server, Ladder::new(Limit::Fixed(7)), 60);
    assert_eq!((ladder.limit(), ladder.slots()), (7, Some(2)));
}

#[test]
fn what_was_remembered_is_where_it_begins() {
    assert_eq!(Ladder::new(Limit::Auto { remembered: Some(8) }).limit(), 8);
    let server = Server { slots: 8, gain: cuda, alone: 10.0 };
    let (_, ladder) = run(&server, Ladder::new(Limit::Auto { remembered: Some(8) }), 200);
    assert_eq!(ladder.limit(), 8);
    // The server was set up better since.
    let better = Server { slots: 16, gain: cuda, alone: 10.0 };
    let (_, ladder) = run(&better, Ladder::new(Limit::Auto { remembered: Some(8) }), 400);
    assert!(ladder.limit() >= 12, "{}", ladder.limit());
}

#[test]
fn a_server_that_comes_back_with_fewer_slots_is_noticed_by_its_waiting_calls() {
    let (_, mut ladder) = run(&Server { slots: 8, gain: cuda, alone: 10.0 }, auto(), 200);
    assert_eq!(ladder.limit(), 8);
    ladder.restarted();
    let (_, ladder) = run(&Server { slots: 2, gain: cuda, alone: 10.0 }, ladder, 100);
    assert_eq!(ladder.limit(), 2);
}

#[test]
fn a_time_out_ends_the_climb() {
    let mut ladder = auto();
    let ticket = ladder.sent();
    let landed = Landed { ticket, wrote: false, time: Duration::from_secs(60), ended: Ended::TimedOut };
    ladder.ended(Duration::from_secs(60), landed);
    assert!(ladder.limit() < START && !ladder.is_seeking());
}

#[test]
fn after_a_time_out_higher_rungs_are_tried_again_and_each_further_one_makes_it_wait_longer() {
    let mut ladder = auto();
    let mut now = Duration::from_secs(60);
    let mut pauses = Vec::new();
    for _ in 0..3 {
        let landed = Landed { ticket: ladder.sent(), wrote: false, time: now, ended: Ended::TimedOut };
        ladder.ended(now, landed);
        let low = ladder.limit();
        ladder.demand(100);
        let tried = ladder.wakes_at().unwrap();
        pauses.push(tried.checked_sub(now).unwrap());
        ladder.tick(tried);
        assert!(ladder.limit() > low && ladder.is_seeking(), "{low} after {pauses:?}");
        now = tried + Duration::from_secs(60);
    }
    assert!(pauses[0] > TRY_AGAIN && pauses[1] == pauses[0] * 2 && pauses[2] == pauses[1] * 2, "{pauses:?}");
}

#[test]
fn a_card_that_another_program_takes_is_noticed_within_seconds() {
    let mut ladder = Ladder { phase: Phase::Stay(Duration::from_secs(9_999)), limit: 1, ..auto() };
    ladder.sent();
    let mut now = Duration::ZERO;
    let mut step = |ladder: &mut Ladder, tokens: u32| {
        now += Duration::from_millis(500);
        ladder.wrote(now, tokens);
        now
    };
    for _ in 0..200 {
        step(&mut ladder, 20);
    }
    assert!(!ladder.is_seeking());
    let taken = step(&mut ladder, 20);
    let mut noticed = taken;
    while !ladder.is_seeking() && noticed < taken + Duration::from_secs(60) {
        noticed = step(&mut ladder, 5);
    }
    let after = noticed.saturating_sub(taken);
    assert!(after <= Duration::from_secs(20), "after {after:?}");
}

/// Two calls at a time of 250 tokens, each taking so many seconds, until the ladder is at another rung or enough came.
fn pairs(ladder: &mut Ladder, now: &mut f64, pairs: u32, seconds: f64) {
    let limit = ladder.limit();
    for _ in 0..pairs {
        if ladder.limit() != limit {
            return;
        }
        let tickets = [ladder.sent(), ladder.sent()];
        *now += seconds;
        for ticket in tickets {
            ladder.first_token();
            let ms = (seconds * 1000.0) as u32;
            let usage = Usage { output_tokens: 250, output_ms: ms, total_ms: ms, ..Usage::default() };
            let (time, ended) = (Duration::from_secs_f64(seconds), Ended::Answered(usage));
            // Both ran beside each other from beginning to end.
            let ticket = Ticket { at: 2, ..ticket };
            ladder.ended(Duration::from_secs_f64(*now), Landed { ticket, wrote: true, time, ended });
        }
    }
}

#[test]
fn a_few_lucky_calls_are_no_reason_to_go_up_and_many_are() {
    let server = Server { slots: 2, gain: |_| 1.0, alone: 10.0 };
    for (lucky, usual, ends) in [(19.0, 20.5, 1), (18.0, 18.0, 2)] {
        let (mut now, mut ladder) = run(&server, auto(), 100);
        assert_eq!((ladder.limit(), ladder.is_seeking()), (1, false));
        now += TRY_AGAIN.as_secs_f64();
        ladder.demand(100);
        ladder.tick(Duration::from_secs_f64(now));
        assert_eq!(ladder.limit(), 2, "the rung above is tried");
        pairs(&mut ladder, &mut now, 4, lucky);
        pairs(&mut ladder, &mut now, 40, usual);
        assert_eq!((ladder.limit(), ladder.is_seeking()), (ends, false), "{:?}", ladder.rungs());
    }
}
