//! How far the page is behind. What is told to a page waits in the system's webview without bound, so a page that hangs
//! is told no more frames until it has heard the ones before.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Frames' messages that may be on their way: most of a second, and a few hundred kilobytes.
const AHEAD: u32 = 8;

#[derive(Default)]
pub struct Pace {
    ahead: AtomicU32,
    /// Something was left out since.
    missed: AtomicBool,
}

impl Pace {
    /// Whether a message with frames may go to the page; counts it.
    pub fn may_tell(&self) -> bool {
        let counted =
            self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |ahead| (ahead < AHEAD).then_some(ahead + 1));
        if counted.is_err() {
            self.missed.store(true, Ordering::Relaxed);
        }
        counted.is_ok()
    }

    /// The page has heard what it was told; gives whether something was left out, so that it must ask anew.
    pub fn heard(&self) -> bool {
        self.ahead.store(0, Ordering::Relaxed);
        self.missed.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_hangs_is_told_a_few_and_asks_anew_when_it_hears_again() {
        let pace = Pace::default();
        assert_eq!((0..100).filter(|_| pace.may_tell()).count(), AHEAD as usize);
        assert!(pace.heard(), "it missed some");
        assert!(pace.may_tell() && !pace.heard(), "it keeps up again");
        // As a page does that answers each message.
        assert!((0..100).all(|_| pace.may_tell() && !pace.heard()));
    }
}
