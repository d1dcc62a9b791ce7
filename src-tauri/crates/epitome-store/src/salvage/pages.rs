//! The pages of a damaged library as they were last committed, read without SQLite.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use crate::salvage::beside;
use crate::salvage::log::{self, Log, word};

/// What SQLite makes a file with, where nobody says otherwise; nobody does here.
const PAGE_SIZE: usize = 4096;

/// How a database file begins.
pub(crate) const MAGIC: &[u8] = b"SQLite format 3\0";

pub(crate) struct Pages {
    file: File,
    log_file: Option<File>,
    log: Log,
    size: usize,
    count: u32,
}

impl Pages {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let size = page_size(&mut file)?;
        let log_path = beside(path, "-wal");
        let log = log::read(&log_path, size)?;
        let log_file = File::open(log_path).ok();
        let whole = u32::try_from(file.seek(SeekFrom::End(0))? / size as u64).unwrap_or(u32::MAX);
        let count = whole.max(log.pages.keys().copied().max().unwrap_or(0));
        Ok(Self { file, log_file, log, size, count })
    }

    /// Bytes of a page.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Number of the last page; the first is 1.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Damaged frames of the log.
    pub(crate) fn damaged_frames(&self) -> u32 {
        self.log.damaged
    }

    /// The newest committed content of a page; `None` where there is no such page or it cannot be read.
    pub(crate) fn get(&self, number: u32) -> Option<Vec<u8>> {
        if number == 0 || number > self.count {
            return None;
        }
        let (mut file, offset) = match (self.log.pages.get(&number), &self.log_file) {
            (Some(offset), Some(file)) => (file, *offset),
            _ => (&self.file, u64::from(number - 1) * self.size as u64),
        };
        let mut page = vec![0; self.size];
        file.seek(SeekFrom::Start(offset)).ok()?;
        file.read_exact(&mut page).ok()?;
        Some(page)
    }
}

/// Page size of a file, as its header says it, where that can be.
pub(crate) fn page_size(file: &mut File) -> io::Result<usize> {
    let mut header = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.by_ref().take(100).read_to_end(&mut header)?;
    let told = (word(&header, 14) & 0xffff) as usize;
    let told = if told == 1 { 65_536 } else { told };
    let sound = header.starts_with(MAGIC) && told.is_power_of_two() && told >= 512;
    Ok(if sound { told } else { PAGE_SIZE })
}
