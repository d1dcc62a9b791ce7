//! A budget for retries, so that a server in trouble is not given more work than one that is well: each success earns a
//! part of a retry, each retry costs one. Like the retry budgets of Finagle and the AWS SDKs.

use std::time::Duration;

/// Retries that may be made at once before anything was earned.
const START: f64 = 20.0;

/// Most that can be saved up: a long good run must not pay for a storm.
const MOST: f64 = 50.0;

/// Earned by each success: a quarter of the calls may fail and be tried again for ever, and a few more for a while.
const EARNED: f64 = 0.34;

/// Earned by each second that passes, so that work goes on, slowly, when nothing succeeds.
const EARNED_A_SECOND: f64 = 0.1;

/// See the module.
#[derive(Debug)]
pub struct Budget {
    tokens: f64,
    counted: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new()
    }
}

impl Budget {
    pub fn new() -> Self {
        Self { tokens: START, counted: Duration::ZERO }
    }

    /// A call succeeded.
    pub fn succeeded(&mut self) {
        self.tokens = (self.tokens + EARNED).min(MOST);
    }

    /// Takes a retry out of the budget at `now`; when there is none left, tells how long it will be until there is one,
    /// should nothing succeed meanwhile.
    pub fn take(&mut self, now: Duration) -> Result<(), Duration> {
        self.tokens = (self.tokens + now.saturating_sub(self.counted).as_secs_f64() * EARNED_A_SECOND).min(MOST);
        self.counted = self.counted.max(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        // A little more, so that rounding does not make it a moment too early.
        Err(Duration::from_secs_f64((1.0 - self.tokens) / EARNED_A_SECOND) + Duration::from_millis(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_failures_is_retried_at_once_and_a_storm_is_not() {
        let mut budget = Budget::new();
        let (mut refused, now) = (0, Duration::ZERO);
        for n in 0..10_000 {
            if n % 5 == 0 {
                refused += u32::from(budget.take(now).is_err());
            } else {
                budget.succeeded();
            }
        }
        assert_eq!(refused, 0);
        let storm = (0..10_000).filter(|_| budget.take(now).is_ok()).count();
        assert!(storm <= 50, "{storm} retries without a success");
        let wait = budget.take(now).unwrap_err();
        assert!(wait <= Duration::from_secs(11) && budget.take(now + wait).is_ok(), "and yet it goes on");
    }
}
