//! Alerts: what is not as it should be, told when it begins and when it ends, each with its cause and what to do. The
//! times are passed in.

use std::collections::VecDeque;

use epitome_model::{Alert, AlertKind, Vitals};

/// A queue may be so full, as a share of its bound, for so long.
const QUEUE: (f32, i64) = (0.8, 5 * 60_000);

/// So few workers, as a share of all, may be busy for so long.
const WORKERS: (f32, i64) = (0.4, 10 * 60_000);

/// Shares of calls given up by us, and of calls that failed.
const TIMEOUTS: f32 = 0.05;
const ERRORS: f32 = 0.1;

/// 95th percentile of a commit, in milliseconds.
const COMMIT: u32 = 100;

/// Shares are taken over the last so many milliseconds, of at least so many calls.
const SHARES_OVER: i64 = 10 * 60_000;
const CALLS_LEAST: u32 = 20;

/// An alert ends when its figure is below this part of its bound, so that it does not come and go.
const ENDS_BELOW: f32 = 0.8;

/// A gap between two looks, in milliseconds, after which nothing is known of the time between: the machine slept.
const GAP: i64 = 30_000;

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Begins(Alert),
    Ends(Alert),
}

/// Watches one job.
#[derive(Debug, Default)]
pub(crate) struct Watchman {
    looked_ms: Option<i64>,
    queue_since: Option<i64>,
    workers_since: Option<i64>,
    /// Time, calls, errors and time-outs so far; one a look.
    counts: VecDeque<(i64, u32, u32, u32)>,
    standing: Vec<Alert>,
}

impl Watchman {
    /// Looks at the vital signs; `at_work` while the job runs and is not waiting for a server or the person.
    pub fn look(&mut self, now_ms: i64, vitals: &Vitals, at_work: bool) -> Vec<Change> {
        let slept = self.looked_ms.replace(now_ms).is_some_and(|before| now_ms - before > GAP || now_ms < before);
        if slept || !at_work {
            (self.queue_since, self.workers_since) = (None, None);
            self.counts.clear();
        }
        if !at_work {
            return Vec::new();
        }
        let mut changes = Vec::new();
        for (kind, found) in self.findings(now_ms, vitals) {
            let standing = self.standing.iter().position(|alert| alert.kind == kind);
            match (standing, found) {
                (None, Finding::Bad { cause, hint }) => {
                    let alert = Alert { kind, since_ms: now_ms, cause, hint };
                    self.standing.push(alert.clone());
                    changes.push(Change::Begins(alert));
                }
                (Some(at), Finding::Good) => changes.push(Change::Ends(self.standing.remove(at))),
                _ => {}
            }
        }
        changes
    }

    pub fn standing(&self) -> &[Alert] {
        &self.standing
    }

    fn findings(&mut self, now_ms: i64, vitals: &Vitals) -> [(AlertKind, Finding); 5] {
        let shares = self.shares(now_ms, vitals);
        [
            (AlertKind::Queue, self.queue(now_ms, vitals)),
            (AlertKind::Workers, self.workers(now_ms, vitals)),
            (AlertKind::Timeouts, timeouts(shares)),
            (AlertKind::Commit, commit(vitals)),
            (AlertKind::Errors, errors(shares)),
        ]
    }

    /// A full summary queue is as it should be while the servers get all the calls they take; a full write queue never.
    fn queue(&mut self, now_ms: i64, vitals: &Vitals) -> Finding {
        let full = |gauge: epitome_model::Gauge| gauge.value as f32 > QUEUE.0 * gauge.bound.max(1) as f32;
        let starved = vitals.in_flight.value < vitals.in_flight.bound;
        let (writes, calls) = (full(vitals.write_queue), full(vitals.summary_queue) && starved);
        if !held(&mut self.queue_since, writes || calls, now_ms, QUEUE.1) {
            return if writes || calls { Finding::Unclear } else { Finding::Good };
        }
        if writes {
            return Finding::bad(
                "The queue before the library has been over 80 % full for 5 minutes: results come faster than the disk takes them.",
                "Free the disk of other work, or move the data folder to a faster one (EPITOME_DATA).",
            );
        }
        Finding::bad(
            format!(
                "Calls have waited in a queue over 80 % full for 5 minutes, while only {} of {} possible ones are in flight.",
                vitals.in_flight.value, vitals.in_flight.bound
            ),
            "See whether a server is held back; more workers (workers.max) help where there are too few.",
        )
    }

    fn workers(&mut self, now_ms: i64, vitals: &Vitals) -> Finding {
        let idle = (vitals.workers.value as f32) < WORKERS.0 * vitals.workers.bound as f32;
        if !held(&mut self.workers_since, idle, now_ms, WORKERS.1) {
            return if idle { Finding::Unclear } else { Finding::Good };
        }
        Finding::bad(
            format!(
                "Fewer than 40 % of the workers have been busy for 10 minutes: {} of {}.",
                vitals.workers.value, vitals.workers.bound
            ),
            "The server takes fewer calls at a time than there are workers. Let it take more, or lower workers.min.",
        )
    }

    /// Calls, errors and time-outs of the last minutes.
    fn shares(&mut self, now_ms: i64, vitals: &Vitals) -> Option<Shares> {
        self.counts.push_back((now_ms, vitals.calls, vitals.errors, vitals.timeouts));
        while self.counts.len() > 1 && self.counts.front().is_some_and(|(at, ..)| now_ms - at > SHARES_OVER) {
            self.counts.pop_front();
        }
        let (_, calls, errors, timeouts) = *self.counts.front()?;
        let calls = vitals.calls.saturating_sub(calls);
        let share = |count: u32| count as f32 / calls as f32;
        (calls >= CALLS_LEAST).then(|| Shares {
            calls,
            errors: share(vitals.errors.saturating_sub(errors)),
            timeouts: share(vitals.timeouts.saturating_sub(timeouts)),
        })
    }
}

#[derive(Clone, Copy, Debug)]
struct Shares {
    calls: u32,
    errors: f32,
    timeouts: f32,
}

#[derive(Debug)]
enum Finding {
    Good,
    /// Neither so good that an alert ends nor so bad that one begins.
    Unclear,
    Bad {
        cause: String,
        hint: String,
    },
}

impl Finding {
    fn bad(cause: impl Into<String>, hint: &str) -> Self {
        Self::Bad { cause: cause.into(), hint: hint.to_owned() }
    }
}

/// Whether something has been so for so long.
fn held(since: &mut Option<i64>, is_so: bool, now_ms: i64, for_ms: i64) -> bool {
    if !is_so {
        *since = None;
        return false;
    }
    now_ms - *since.get_or_insert(now_ms) >= for_ms
}

/// Of a figure against its bound.
fn against(figure: f32, bound: f32, bad: impl FnOnce() -> Finding) -> Finding {
    if figure > bound {
        bad()
    } else if figure < bound * ENDS_BELOW {
        Finding::Good
    } else {
        Finding::Unclear
    }
}

fn timeouts(shares: Option<Shares>) -> Finding {
    let Some(Shares { calls, timeouts, .. }) = shares else { return Finding::Unclear };
    against(timeouts, TIMEOUTS, || {
        Finding::bad(
            format!(
                "{:.0} % of the last {calls} calls were given up because nothing was heard of them.",
                timeouts * 100.0
            ),
            "Try fewer calls at a time, or a longer wait (llm.first_token_s, llm.stall_s); the server's log says what holds it up.",
        )
    })
}

fn errors(shares: Option<Shares>) -> Finding {
    let Some(Shares { calls, errors, .. }) = shares else { return Finding::Unclear };
    against(errors, ERRORS, || {
        Finding::bad(
            format!("{:.0} % of the last {calls} calls failed.", errors * 100.0),
            "The events say why; most are asked again. The server's own log says more.",
        )
    })
}

fn commit(vitals: &Vitals) -> Finding {
    let commit = vitals.stages.commit;
    if commit.count < CALLS_LEAST {
        return Finding::Unclear;
    }
    against(commit.p95 as f32, COMMIT as f32, || {
        Finding::bad(
            format!("Writing to the library is slow: {} ms for 95 % of the commits.", commit.p95),
            "Nothing is lost, and calls go on meanwhile. A data folder on a disk of this machine is faster (EPITOME_DATA).",
        )
    })
}

#[cfg(test)]
mod tests {
    use epitome_model::{Gauge, Spread};

    use super::*;

    fn healthy() -> Vitals {
        let gauge = |value, bound| Gauge { value, bound };
        Vitals {
            summary_queue: gauge(250, 256),
            write_queue: gauge(1, 1000),
            workers: gauge(4, 4),
            in_flight: gauge(4, 4),
            ..Vitals::default()
        }
    }

    /// Looks every second from `from` to `to` and gives what changed.
    fn watch(
        watchman: &mut Watchman,
        from: i64,
        to: i64,
        vitals: impl Fn(i64) -> Vitals,
    ) -> Vec<(i64, AlertKind, bool)> {
        let look = |second: i64| {
            let changes = watchman.look(second * 1000, &vitals(second), true);
            changes.into_iter().map(move |change| match change {
                Change::Begins(alert) => (second, alert.kind, true),
                Change::Ends(alert) => (second, alert.kind, false),
            })
        };
        (from..to).flat_map(look).collect()
    }

    #[test]
    fn a_full_card_behind_a_full_queue_is_well() {
        let busy = |second: i64| Vitals { calls: u32::try_from(second).unwrap(), ..healthy() };
        assert_eq!(watch(&mut Watchman::default(), 0, 3_600, busy), []);
    }

    #[test]
    fn each_alert_begins_after_its_time_and_ends_when_it_is_over() {
        let gauge = |value, bound| Gauge { value, bound };
        let mut watchman = Watchman::default();
        let writes = |_| Vitals { write_queue: gauge(900, 1000), ..healthy() };
        assert_eq!(watch(&mut watchman, 0, 400, writes), [(300, AlertKind::Queue, true)]);
        assert!(watchman.standing()[0].cause.contains("disk"));
        assert_eq!(watch(&mut watchman, 400, 410, |_| healthy()), [(400, AlertKind::Queue, false)]);
        let starved = |_| Vitals { in_flight: gauge(1, 4), ..healthy() };
        assert_eq!(watch(&mut watchman, 410, 800, starved), [(710, AlertKind::Queue, true)]);
        let idle = |_| Vitals { workers: gauge(3, 8), ..healthy() };
        let changes = [(800, AlertKind::Queue, false), (1_400, AlertKind::Workers, true)];
        assert_eq!(watch(&mut watchman, 800, 1_500, idle), changes);
    }

    #[test]
    fn shares_are_of_the_last_ten_minutes() {
        let count = |second: i64| u32::try_from(second).unwrap();
        let mut watchman = Watchman::default();
        // One call a second; from 1,000 s on every fifth fails and every tenth is given up.
        let failing = |second: i64| {
            let bad = count(second).saturating_sub(1_000);
            Vitals { calls: count(second), errors: bad / 5, timeouts: bad / 10, ..healthy() }
        };
        let changes = watch(&mut watchman, 0, 2_000, failing);
        let [(errors, AlertKind::Errors | AlertKind::Timeouts, true), (timeouts, _, true)] = changes[..] else {
            panic!("{changes:?}")
        };
        assert!((1_200..1_400).contains(&errors) && (1_200..1_400).contains(&timeouts), "{changes:?}");
        let well = |second: i64| Vitals { calls: count(second), errors: 200, timeouts: 100, ..healthy() };
        let ended = watch(&mut watchman, 2_000, 2_700, well);
        assert_eq!(ended.len(), 2, "{ended:?}");
    }

    #[test]
    fn a_slow_disk_is_told_and_a_few_commits_tell_nothing() {
        let commits = |count, p95| {
            move |_| {
                let commit = Spread { count, p95, ..Spread::default() };
                Vitals { stages: epitome_model::Stages { commit, ..Default::default() }, ..healthy() }
            }
        };
        let mut watchman = Watchman::default();
        assert_eq!(watch(&mut watchman, 0, 10, commits(5, 400)), []);
        assert_eq!(watch(&mut watchman, 10, 20, commits(50, 400)), [(10, AlertKind::Commit, true)]);
        assert_eq!(watch(&mut watchman, 20, 30, commits(50, 90)), [], "not clearly better");
        assert_eq!(watch(&mut watchman, 30, 40, commits(50, 20)), [(30, AlertKind::Commit, false)]);
    }

    #[test]
    fn a_pause_and_a_sleeping_machine_count_for_nothing() {
        let idle = || Vitals { workers: Gauge { value: 0, bound: 8 }, ..healthy() };
        let mut watchman = Watchman::default();
        assert_eq!(watchman.look(0, &idle(), true), []);
        assert_eq!(watchman.look(8 * 3_600_000, &idle(), true), [], "it slept for eight hours");
        assert_eq!(watch(&mut watchman, 28_801, 29_390, |_| idle()), []);
        assert_eq!(watchman.look(29_390_000, &idle(), false), [], "paused");
        assert_eq!(watch(&mut watchman, 29_391, 29_900, |_| idle()), []);
    }
}
