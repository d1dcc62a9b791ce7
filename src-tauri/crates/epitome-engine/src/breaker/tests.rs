//! The breaker under each rule.

use super::*;

fn at(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn ended(kind: Kind, seconds: f64) -> Outcome {
    Outcome { kind, latency: at(seconds) }
}

fn auto() -> Breaker {
    Breaker::new(&BreakerSettings::default())
}

#[test]
fn slow_success_never_opens_it() {
    let mut breaker = auto();
    for n in 0..10_000u32 {
        breaker.sent();
        breaker.waiting(at(f64::from(n)), 200);
        // A 15-fold spread around 10 s.
        breaker.ended(at(f64::from(n)), ended(Kind::Ok, 4.0 + f64::from(n % 15) * 4.0));
    }
    assert_eq!((breaker.state(), breaker.take_changes()), (State::Closed, Vec::new()));
}

#[test]
fn a_refused_connection_opens_it_at_once_and_it_tries_as_soon_as_the_server_is_back() {
    let mut breaker = auto();
    breaker.sent();
    breaker.ended(at(10.0), ended(Kind::Refused, 0.0));
    assert!(breaker.state() == State::Open && !breaker.admits() && breaker.wants_probe(at(10.0)));
    breaker.probed(at(10.1), false);
    assert!(!breaker.wants_probe(at(11.5)) && breaker.wants_probe(at(12.1)));
    assert_eq!(breaker.wakes_at(), Some(at(10.1) + PROBE_EVERY));
    breaker.probed(at(12.2), true);
    assert_eq!(breaker.state(), State::HalfOpen);
    for _ in 0..3 {
        assert!(breaker.admits());
        breaker.sent();
    }
    assert!(!breaker.admits(), "no more than the trial calls");
    for seconds in [15.0, 15.2] {
        breaker.ended(at(seconds), ended(Kind::Ok, seconds - 12.2));
        assert_eq!(breaker.state(), State::HalfOpen, "one good call is no proof");
    }
    breaker.ended(at(15.4), ended(Kind::Ok, 3.2));
    assert_eq!(breaker.state(), State::Closed);
    let told: Vec<State> = breaker.take_changes().into_iter().map(|change| change.to).collect();
    assert_eq!(told, [State::Open, State::HalfOpen, State::Closed]);
}

#[test]
fn trials_that_fail_make_the_pause_longer_up_to_a_bound() {
    let mut breaker = auto();
    let mut now = Duration::ZERO;
    let mut pauses = Vec::new();
    for _ in 0..3 {
        breaker.ended(now, ended(Kind::Broken, 1.0));
    }
    for _ in 0..8 {
        let opened = now;
        breaker.probed(now, true);
        now = breaker.wakes_at().unwrap_or(now);
        breaker.tick(now);
        assert_eq!(breaker.state(), State::HalfOpen);
        pauses.push(now.saturating_sub(opened));
        breaker.sent();
        now += Duration::from_millis(500);
        breaker.ended(now, ended(Kind::Broken, 0.5));
        assert_eq!(breaker.state(), State::Open);
    }
    assert!(pauses.is_sorted() && pauses[0] <= Duration::from_secs(2) && pauses[7] <= LONGEST, "{pauses:?}");
    assert!(pauses[7] > pauses[0]);
}

#[test]
fn a_card_that_another_program_took_is_waited_for_with_growing_pauses() {
    for rule in [BreakerRule::Broken, BreakerRule::Figures] {
        let mut breaker = Breaker::new(&BreakerSettings { rule, half_open_attempts: 1, ..BreakerSettings::default() });
        breaker.sent();
        breaker.ended(at(10.0), ended(Kind::NoMemory, 0.1));
        assert!(breaker.state() == State::Open && !breaker.admits(), "{rule:?}");
        let mut now = at(10.0);
        for _ in 0..8 {
            breaker.probed(now, true);
            let tried = breaker.wakes_at().unwrap();
            assert!(tried > now && tried <= now + LONGEST.max(at(2.0)), "{rule:?}: {tried:?} after {now:?}");
            now = tried;
            breaker.tick(now);
            breaker.sent();
            breaker.ended(now, ended(Kind::NoMemory, 0.1));
        }
        breaker.probed(now, true);
        breaker.tick(breaker.wakes_at().unwrap());
        breaker.sent();
        breaker.ended(at(900.0), ended(Kind::Ok, 3.0));
        assert_eq!(breaker.state(), State::Closed, "{rule:?}");
        assert!(breaker.take_changes()[0].reason.contains("another program"), "{rule:?}");
    }
}

#[test]
fn it_stays_open_for_the_least_time_that_is_set_under_every_rule() {
    for rule in [BreakerRule::Broken, BreakerRule::Figures] {
        let settings = BreakerSettings { rule, cooldown_s: 60, error_rate: 0.2, ..BreakerSettings::default() };
        let mut breaker = Breaker::new(&settings);
        (0..20).for_each(|n| breaker.ended(at(f64::from(n)), ended(Kind::Broken, 1.0)));
        let opened = breaker.take_changes()[0].at;
        breaker.probed(at(20.0), true);
        breaker.tick(opened + at(59.9));
        assert_eq!(breaker.state(), State::Open, "{rule:?}");
        breaker.tick(opened + at(60.0));
        assert_eq!(breaker.state(), State::HalfOpen, "{rule:?}");
    }
}

#[test]
fn single_failures_do_not_open_it_and_a_row_of_them_does() {
    let mut breaker = auto();
    for n in 0..200 {
        let kind = if n % 5 == 0 { Kind::Broken } else { Kind::Ok };
        breaker.ended(at(f64::from(n)), ended(kind, 5.0));
    }
    assert_eq!(breaker.state(), State::Closed, "a fifth of the calls fail: retries mend that");
    for _ in 0..3 {
        breaker.ended(at(201.0), ended(Kind::Stalled, 5.0));
    }
    assert_eq!(breaker.state(), State::Open);
}

#[test]
fn our_own_faults_say_nothing_about_the_server() {
    let mut breaker = auto();
    for n in 0..50 {
        breaker.ended(at(f64::from(n)), ended(Kind::OurFault, 1.0));
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn the_first_designs_rule_trips_on_latency_dwells_and_wants_better_figures_to_close() {
    let settings = BreakerSettings {
        rule: BreakerRule::Figures,
        p95_s: 25.0,
        queue: 10,
        error_rate: 0.2,
        cooldown_s: 60,
        half_open_attempts: 2,
    };
    let mut breaker = Breaker::new(&settings);
    for n in 0..20 {
        breaker.ended(at(f64::from(n)), ended(Kind::Ok, 30.0));
    }
    assert_eq!(breaker.state(), State::Open);
    breaker.probed(at(20.0), true);
    assert_eq!(breaker.state(), State::Open, "it dwells");
    let opened = breaker.take_changes()[0].at;
    breaker.tick(opened + at(60.0));
    assert_eq!(breaker.state(), State::HalfOpen);
    for latency in [22.0, 24.0] {
        breaker.sent();
        breaker.ended(at(90.0), ended(Kind::Ok, latency));
    }
    assert_eq!(breaker.state(), State::Open, "below the limit, but not by enough");
    breaker.probed(at(91.0), true);
    breaker.tick(at(151.0));
    for latency in [12.0, 14.0] {
        breaker.sent();
        breaker.ended(at(170.0), ended(Kind::Ok, latency));
    }
    assert_eq!(breaker.state(), State::Closed);
}

#[test]
fn switched_off_it_never_stops_a_call() {
    let mut breaker = Breaker::new(&BreakerSettings { rule: BreakerRule::Off, ..BreakerSettings::default() });
    for n in 0..50 {
        breaker.ended(at(f64::from(n)), ended(Kind::Broken, 1.0));
        assert!(breaker.admits());
    }
}
