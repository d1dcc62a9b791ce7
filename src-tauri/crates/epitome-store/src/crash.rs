//! Places where a test may have the process die: in a debug build, `EPITOME_CRASH_AT=NAME:N` aborts it the N-th time
//! the point of that name is reached, from 1. A release build has no such places.

/// Dies here, where it is asked to. Without `EPITOME_CRASH_AT`, or with one that names no number, nothing happens.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// The point that is asked for, and how often it is still to be reached.
    static WANTED: LazyLock<Option<(String, AtomicUsize)>> = LazyLock::new(|| {
        let wanted = std::env::var("EPITOME_CRASH_AT").ok()?;
        let (name, times) = wanted.split_once(':')?;
        Some((name.to_owned(), AtomicUsize::new(times.parse().ok()?)))
    });
    if let Some((wanted, left)) = &*WANTED
        && wanted == name
        && left.fetch_sub(1, Ordering::Relaxed) == 1
    {
        // Nothing is unwound, flushed or closed, as when the process is killed.
        std::process::abort();
    }
}

/// Does nothing in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub const fn point(_: &str) {}
