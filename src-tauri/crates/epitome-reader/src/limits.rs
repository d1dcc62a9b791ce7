//! What a child may take and do. The figures for both sides; setting them for the child.
//!
//! | | Linux | macOS | Windows |
//! |---|---|---|---|
//! | time | the parent's clock, `RLIMIT_CPU` | the same | the parent's clock |
//! | memory | `RLIMIT_AS` | the child looks at itself | the child looks at itself |
//! | files and connections | `RLIMIT_NOFILE` 3: none can be opened; system calls refused by seccomp where the kernel has it | `RLIMIT_NOFILE` 3 | not limited |
//! | files written, core dumps | `RLIMIT_FSIZE` 0, `RLIMIT_CORE` 0 | the same | not limited |

use std::time::Duration;

/// Memory of a child in bytes; address space where the system limits it.
pub const MEMORY: u64 = 1_500 << 20;
/// Seconds a file may take at least; [`SECONDS_VARIABLE`] says otherwise.
pub const SECONDS: u64 = 20;
/// Seconds more for each begun megabyte.
const SECONDS_A_MB: u64 = 2;
/// Seconds that no file may take more than, unless a person allows more for every file.
const MOST_SECONDS: u64 = 180;
/// Environment variable: seconds a file may take at least, for slow machines.
pub const SECONDS_VARIABLE: &str = "EPITOME_PARSE_SECONDS";

/// Bytes of stack of the thread that reads: the same on every system.
pub(crate) const STACK: usize = 16 << 20;

/// Time for a file of so many bytes, when `least` seconds are allowed for any.
pub fn time(bytes: usize, least: u64) -> Duration {
    let megabytes = u64::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u64::MAX);
    let seconds = least.saturating_add(megabytes.saturating_mul(SECONDS_A_MB));
    Duration::from_secs(seconds.min(MOST_SECONDS.max(least)))
}

/// Time for all tasks of one file together, such as the engines of a PDF, when `least` seconds are allowed for any.
pub fn all(least: u64) -> Duration {
    Duration::from_secs(MOST_SECONDS.max(least))
}

/// Limits this process from here on; it cannot take them back. Fails where a limit every system has cannot be set.
#[cfg(unix)]
pub(crate) fn apply(seconds: u64) -> std::io::Result<()> {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};

    // Descriptors 0, 1 and 2 are taken, so no other can be had: no file, no connection.
    let mut wanted = vec![
        (Resource::RLIMIT_CORE, 0),
        (Resource::RLIMIT_FSIZE, 0),
        (Resource::RLIMIT_NOFILE, 3),
        (Resource::RLIMIT_CPU, seconds),
    ];
    if cfg!(target_os = "linux") {
        wanted.push((Resource::RLIMIT_AS, MEMORY));
    }
    for (resource, limit) in wanted {
        let (_, hard) = getrlimit(resource)?;
        setrlimit(resource, limit.min(hard), limit.min(hard))?;
    }
    guard();
    Ok(())
}

#[cfg(windows)]
#[allow(clippy::unnecessary_wraps, reason = "other systems have limits that may fail")]
pub(crate) fn apply(_seconds: u64) -> std::io::Result<()> {
    guard();
    Ok(())
}

#[cfg(target_os = "linux")]
fn guard() {
    crate::refuse::system_calls();
}

/// Ends the process when it holds more memory than it may. Looks often enough that it cannot go far beyond.
#[cfg(not(target_os = "linux"))]
fn guard() {
    std::thread::spawn(|| {
        loop {
            let held = memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem as u64);
            if held > MEMORY {
                std::process::exit(i32::from(crate::worker::MEMORY_CODE));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_larger_file_has_more_time_up_to_a_bound() {
        let seconds = |bytes, least| time(bytes, least).as_secs();
        assert_eq!(seconds(0, SECONDS), 20);
        assert_eq!(seconds(1, SECONDS), 22);
        assert_eq!(seconds(5 << 20, SECONDS), 30);
        assert_eq!(seconds(1 << 30, SECONDS), 180);
        assert_eq!(seconds(1 << 30, 600), 600);
    }
}
