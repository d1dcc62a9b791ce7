//! The way down: which rung is measured next, and which are good enough to be gone on from.

use std::time::Duration;

use super::{CAREFUL, DOUBTFUL, LEAST_CALLS, Ladder, NEARLY_BEST, RUNGS, Rung};

impl Ladder {
    /// What the present rung brought while it stayed there takes the place of what was measured of it before: that was on
    /// few calls, of other chapters, at another time.
    pub(super) fn measure_anew(&mut self) {
        let prompt_token = *self.prompt_token.get_or_insert_with(|| self.worth.prompt_token());
        let (limit, calls) = (self.limit, self.worth.calls());
        let Some(each) = self.worth.tokens_per_s(prompt_token).filter(|_| calls >= LEAST_CALLS) else { return };
        self.rungs.retain(|rung| rung.limit != limit);
        self.rungs.push(Rung { limit, throughput: f64::from(limit) * each, calls });
    }

    /// Takes the measure of a rung on the way down.
    pub(super) fn descend(&mut self, now: Duration, rung: Rung) {
        let enough = |limit: u32| LEAST_CALLS.max(limit / 2) * CAREFUL;
        if self.suspect.is_some() && rung.calls < enough(rung.limit) {
            return;
        }
        let Some((usual, told)) = self.plateau() else {
            self.good = rung.limit;
            self.rungs.push(rung);
            return self.go_down(now);
        };
        if let Some(suspect) = self.suspect.take() {
            self.rungs.push(rung);
            let usual = self.plateau().map_or(usual, |(usual, _)| usual);
            self.verdict(suspect, usual);
            return self.go_down(now);
        }
        let doubtful = (DOUBTFUL..NEARLY_BEST).contains(&(rung.throughput / usual));
        if doubtful && rung.calls < enough(rung.limit) {
            return;
        }
        if doubtful && told < enough(self.good) {
            self.suspect = Some(rung);
            return self.go_to(self.good);
        }
        self.verdict(rung, usual);
        self.go_down(now);
    }

    fn verdict(&mut self, rung: Rung, usual: f64) {
        if rung.throughput >= usual * NEARLY_BEST {
            self.good = rung.limit;
        } else {
            self.bad = rung.limit;
        }
        self.rungs.push(rung);
    }

    fn go_down(&mut self, now: Duration) {
        match self.next_down() {
            Some(next) => self.go_to(next),
            None => self.stay(self.good, now),
        }
    }

    /// What the rungs that were good bring: the mean of those measured, each by its calls, since the greatest of several
    /// uncertain figures is mostly too great. With the number of those calls.
    pub(super) fn plateau(&self) -> Option<(f64, u32)> {
        let good = || self.rungs.iter().filter(|rung| rung.limit >= self.good);
        let calls: u32 = good().map(|rung| rung.calls).sum();
        let sum: f64 = good().map(|rung| rung.throughput * f64::from(rung.calls)).sum();
        (calls > 0).then(|| (sum / f64::from(calls), calls))
    }

    /// The next rung to be measured on the way down, of those between the largest bad one and the smallest good one.
    /// The first step is to the next rung, where little is lost if it is worse; while steps lose nothing they get longer,
    /// and after one that was too long it looks in between.
    fn next_down(&mut self) -> Option<u32> {
        let between: Vec<u32> = RUNGS.into_iter().filter(|rung| (self.bad + 1..self.good).contains(rung)).collect();
        let place = match self.bad {
            0 => between.len().saturating_sub(self.stride),
            _ => between.len() / 2,
        };
        self.stride += 1;
        between.get(place).copied()
    }
}
