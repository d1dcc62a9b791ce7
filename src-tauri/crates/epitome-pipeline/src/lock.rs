//! One process at a time works on a job, or watches the inbox. The lock is the operating system's, on a file: a killed process lets go of
//! it at once, so nothing has to be waited out.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;

use epitome_model::JobId;

/// Held while a job runs, or while something else is done that one process at a time does.
#[derive(Debug)]
pub struct JobLock {
    _file: File,
}

impl JobLock {
    /// Takes the lock of a job in a data folder; `None` when another process holds it.
    pub fn take(folder: &Path, job: JobId) -> io::Result<Option<Self>> {
        Self::named(folder, &format!("job-{job}"))
    }

    /// The same for what is no job.
    pub fn named(folder: &Path, name: &str) -> io::Result<Option<Self>> {
        let locks = folder.join("locks");
        std::fs::create_dir_all(&locks)?;
        let path = locks.join(format!("{name}.lock"));
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_taken_once_and_free_again_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let held = JobLock::take(home.path(), JobId(1)).unwrap();
        assert!(held.is_some());
        assert!(JobLock::take(home.path(), JobId(1)).unwrap().is_none());
        assert!(JobLock::take(home.path(), JobId(2)).unwrap().is_some());
        drop(held);
        assert!(JobLock::take(home.path(), JobId(1)).unwrap().is_some());
    }
}
