//! System calls a child has no use for are refused by the kernel (seccomp): connections, other programs and processes,
//! names in the file system. Where the kernel or the processor has no such filter, the child goes on without; its other
//! limits hold all the same.

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads,
};

/// Refused whatever their arguments.
const REFUSED: &[c_long] = &[
    // Connections.
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_io_uring_setup,
    // Programs and processes.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_kill,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_open,
    // Names in the file system.
    libc::SYS_openat,
    libc::SYS_openat2,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_linkat,
    libc::SYS_symlinkat,
    libc::SYS_unlinkat,
    libc::SYS_renameat2,
    libc::SYS_truncate,
    libc::SYS_fchmodat,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_mount,
    libc::SYS_chroot,
];

/// The same by their older names, which newer processors do not have.
#[cfg(target_arch = "x86_64")]
const OLDER: &[c_long] = &[
    libc::SYS_fork,
    libc::SYS_vfork,
    libc::SYS_open,
    libc::SYS_creat,
    libc::SYS_mkdir,
    libc::SYS_mknod,
    libc::SYS_rmdir,
    libc::SYS_link,
    libc::SYS_symlink,
    libc::SYS_unlink,
    libc::SYS_rename,
    libc::SYS_renameat,
    libc::SYS_chmod,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_utime,
    libc::SYS_utimes,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c_long] = &[];

/// Refuses them for this process from here on.
pub fn system_calls() {
    let _ = refuse();
}

fn refuse() -> Result<(), seccompiler::Error> {
    let mut rules: Vec<(c_long, Vec<SeccompRule>)> =
        REFUSED.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    rules.push((libc::SYS_clone, vec![SeccompRule::new(vec![new_process()?])?]));
    // The first argument of clone3 cannot be looked at; told that it is not there, the C library takes clone.
    apply(vec![(libc::SYS_clone3, Vec::new())], libc::ENOSYS)?;
    apply(rules, libc::EPERM)
}

/// A clone that is not a thread of this process.
fn new_process() -> Result<SeccompCondition, seccompiler::Error> {
    let thread = u64::from(libc::CLONE_THREAD.unsigned_abs());
    Ok(SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(thread), 0)?)
}

fn apply(rules: Vec<(c_long, Vec<SeccompRule>)>, error: i32) -> Result<(), seccompiler::Error> {
    let refused = SeccompAction::Errno(error.unsigned_abs());
    let here = std::env::consts::ARCH.try_into()?;
    let filter = SeccompFilter::new(rules.into_iter().collect(), SeccompAction::Allow, refused, here)?;
    let program: BpfProgram = filter.try_into()?;
    apply_filter_all_threads(&program)
}
