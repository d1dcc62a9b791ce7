//! What a file may cost. PARSING.md section 10 has the reasons.
//!
//! | | Linux | other Unix | Windows |
//! |---|---|---|---|
//! | time | parent, and processor time in the child | the same | parent |
//! | memory | address space | address space, where the system heeds it | not limited |
//! | files, network, other programs | none can be opened, written, connected to or started | nothing can be written | not limited |
//!
//! The child dies with its parent on Linux; elsewhere when its pipes close.

use std::time::Duration;

/// Address space of the child, in bytes. The largest honest book needs a fifth of it.
#[cfg(unix)]
pub const MEMORY: u64 = 1_536 << 20;

/// Bytes of an answer: four for each character that a book may have, and its frame and cover.
pub const ANSWER: usize = epitome_book::limits::TEXT_CHARS * 4 + (32 << 20);

/// How long a file of so many bytes may take: 20 seconds and two for each megabyte, at most three minutes.
pub fn time(bytes: usize) -> Duration {
    let megabytes = u64::try_from(bytes >> 20).unwrap_or(u64::MAX);
    Duration::from_secs(megabytes.saturating_mul(2).saturating_add(20).min(180))
}

/// Sets the limits of this process, which is the child. What a system refuses is left out: the others still hold.
pub fn hold(bytes: usize) {
    #[cfg(unix)]
    unix::hold(time(bytes));
    #[cfg(target_os = "linux")]
    if let Err(error) = linux::hold() {
        tracing::debug!(error, "calls to the system are not filtered");
    }
    #[cfg(not(unix))]
    let _ = bytes;
}

#[cfg(unix)]
mod unix {
    use std::time::Duration;

    use rustix::process::{Resource, Rlimit, setrlimit};

    pub fn hold(time: Duration) {
        for (what, most) in [
            (Resource::As, super::MEMORY),
            (Resource::Core, 0),
            // Nothing can be written to a file.
            (Resource::Fsize, 0),
            // The three that are open, and a few that the system's own library opens.
            (Resource::Nofile, 16),
            (Resource::Cpu, time.as_secs()),
        ] {
            if let Err(error) = setrlimit(what, Rlimit { current: Some(most), maximum: Some(most) }) {
                tracing::debug!(%error, ?what, "limit not set");
            }
        }
        #[cfg(target_os = "linux")]
        if let Err(error) = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL)) {
            tracing::debug!(%error, "the child may outlive its parent");
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

    /// Calls that a parser has no use for, by number (kernel, `asm/unistd_64.h` and `asm-generic/unistd.h`).
    #[cfg(target_arch = "x86_64")]
    const REFUSED: &[i64] = &[
        2,   // open
        41,  // socket
        42,  // connect
        49,  // bind
        53,  // socketpair
        59,  // execve
        82,  // rename
        83,  // mkdir
        85,  // creat
        87,  // unlink
        101, // ptrace
        257, // openat
        258, // mkdirat
        263, // unlinkat
        264, // renameat
        316, // renameat2
        322, // execveat
        425, // io_uring_setup
        437, // openat2
    ];
    #[cfg(target_arch = "aarch64")]
    const REFUSED: &[i64] = &[
        34,  // mkdirat
        35,  // unlinkat
        38,  // renameat
        56,  // openat
        117, // ptrace
        198, // socket
        199, // socketpair
        200, // bind
        203, // connect
        221, // execve
        276, // renameat2
        281, // execveat
        425, // io_uring_setup
        437, // openat2
    ];
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    const REFUSED: &[i64] = &[];

    /// Has the kernel refuse what a parser has no use for, as if the person had no leave for it.
    pub fn hold() -> Result<(), String> {
        if REFUSED.is_empty() {
            return Err("not known for this processor".to_owned());
        }
        let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| error.to_string())?;
        // EPERM
        let refuse = SeccompAction::Errno(1);
        let rules: BTreeMap<i64, Vec<_>> = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
        let filter =
            SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).map_err(|error| error.to_string())?;
        let filter = BpfProgram::try_from(filter).map_err(|error| error.to_string())?;
        // All threads there are: one.
        seccompiler::apply_filter_all_threads(&filter).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_file_gets_more_time_up_to_a_bound() {
        assert_eq!(time(0), Duration::from_secs(20));
        assert_eq!(time(10 << 20), Duration::from_secs(40));
        assert_eq!(time(usize::MAX), Duration::from_secs(180));
    }
}
