//! How long the stages take: percentiles over the last of each.

use std::collections::VecDeque;
use std::time::Duration;

use epitome_model::{CallKind, Spread, Stages};

/// Times remembered of a stage: enough for a 99th percentile, few enough to follow what changes.
const REMEMBERED: usize = 256;

#[derive(Debug, Default)]
struct Times {
    last: VecDeque<u32>,
    all: u32,
}

impl Times {
    fn add(&mut self, time: Duration) {
        if self.last.len() == REMEMBERED {
            self.last.pop_front();
        }
        self.last.push_back(u32::try_from(time.as_millis()).unwrap_or(u32::MAX));
        self.all += 1;
    }

    fn spread(&self) -> Spread {
        let mut sorted: Vec<u32> = self.last.iter().copied().collect();
        sorted.sort_unstable();
        let at = |percent: usize| percentile(&sorted, percent);
        Spread { count: self.all, p50: at(50), p95: at(95), p99: at(99) }
    }
}

/// Nearest rank.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

/// Of one job.
#[derive(Debug, Default)]
pub(crate) struct Latencies {
    read: Times,
    chunk: Times,
    kinds: [Times; 4],
    calls: Times,
}

impl Latencies {
    pub fn opened(&mut self, read: Duration, chunk: Duration) {
        self.read.add(read);
        self.chunk.add(chunk);
    }

    pub fn answered(&mut self, kind: CallKind, time: Duration) {
        self.kinds[kind as usize].add(time);
        self.calls.add(time);
    }

    /// Everything but the commits, which all jobs share.
    pub fn stages(&self, commit: Spread) -> Stages {
        let kind = |kind: CallKind| self.kinds[kind as usize].spread();
        Stages {
            read: self.read.spread(),
            chunk: self.chunk.spread(),
            map: kind(CallKind::Map),
            reduce: kind(CallKind::Reduce),
            title: kind(CallKind::Title),
            merge: kind(CallKind::Merge),
            call: self.calls.spread(),
            commit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_last_times_and_the_count_of_all() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.stages(Spread::default()), Stages::default());
        for ms in 1..=1_000 {
            latencies.answered(CallKind::Reduce, Duration::from_millis(ms));
        }
        latencies.answered(CallKind::Title, Duration::from_millis(7));
        let stages = latencies.stages(Spread::default());
        assert_eq!(stages.reduce, Spread { count: 1_000, p50: 872, p95: 988, p99: 998 });
        assert_eq!(stages.title, Spread { count: 1, p50: 7, p95: 7, p99: 7 });
        assert_eq!((stages.call.count, stages.map.count), (1_001, 0));
    }
}
