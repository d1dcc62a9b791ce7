//! The write-ahead log of a library that SQLite may not be trusted with, because it ends reading silently at the first
//! damaged frame. Format: <https://www.sqlite.org/fileformat2.html#the_write_ahead_log>.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes of the log's header, and of the header of each of its frames.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// The first word of a log whose checksums are over big-endian words; the other kind is one less.
const BIG_ENDIAN: u32 = 0x377f_0683;

/// What a log holds.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Where in the log the newest content of a page is.
    pub pages: HashMap<u32, u64>,
    /// Damaged frames in the midst of good ones; the pages they held are lost or older than they should be.
    pub damaged: u32,
    /// The first of them. Transactions behind it were durable once, and SQLite would not read them any more.
    pub breaks_at: Option<u64>,
}

struct Frame {
    offset: u64,
    page: u32,
    commits: bool,
    good: bool,
}

/// Reads a log; nothing where there is none.
pub(crate) fn read(path: &Path, page_size: usize) -> io::Result<Log> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Log::default()),
        Err(error) => return Err(error),
    };
    Ok(judge(&frames(&mut file, page_size)?))
}

/// The frames of the present generation, whether good or not.
fn frames(file: &mut File, page_size: usize) -> io::Result<Vec<Frame>> {
    let mut header = [0; HEADER];
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    if length < (HEADER + FRAME) as u64 {
        return Ok(Vec::new());
    }
    file.read_exact(&mut header)?;
    let big_endian = word(&header, 0) == BIG_ENDIAN;
    let mut sum = checksum(&header[..24], (0, 0), big_endian);
    let sound = sum == (word(&header, 24), word(&header, 28));
    let mut salt = (word(&header, 16), word(&header, 20));

    let mut frames = Vec::new();
    let mut frame = vec![0; FRAME + page_size];
    let mut reader = io::BufReader::with_capacity(1 << 16, file);
    let mut offset = HEADER as u64;
    while offset + (FRAME + page_size) as u64 <= length {
        reader.read_exact(&mut frame)?;
        let own = (word(&frame, 8), word(&frame, 12));
        if !sound && frames.is_empty() {
            salt = own;
        }
        let computed = checksum(&frame[FRAME..], checksum(&frame[..8], sum, big_endian), big_endian);
        let stored = (word(&frame, 16), word(&frame, 20));
        // Frames of an earlier generation, behind the end of this one, have another salt.
        frames.push(Frame {
            offset: offset + FRAME as u64,
            page: word(&frame, 0),
            commits: word(&frame, 4) != 0,
            good: own == salt && computed == stored,
        });
        // A frame that does not fit its predecessor may still be what the next one was written after.
        sum = stored;
        offset += (FRAME + page_size) as u64;
    }
    Ok(frames)
}

/// Which frames count. Up to the first that is not good, they are what SQLite reads. Behind it there may be remains of
/// a transaction that never became durable: at most one, since each is synced before the next begins. Where two were
/// begun, the first one had been durable, so the break before them is damage and they count.
fn judge(frames: &[Frame]) -> Log {
    let mut log = Log::default();
    let mut open: Vec<&Frame> = Vec::new();
    let mut skipped: Vec<&Frame> = Vec::new();
    for segment in frames.chunk_by(|before, after| before.good == after.good) {
        if !segment[0].good {
            skipped.extend(segment);
            continue;
        }
        if let Some(first) = skipped.first() {
            if segment.iter().filter(|frame| frame.commits).count() < 2 {
                skipped.extend(segment);
                continue;
            }
            log.breaks_at.get_or_insert(first.offset);
            log.damaged += u32::try_from(skipped.len()).unwrap_or(u32::MAX);
            skipped.clear();
        }
        for frame in segment {
            open.push(frame);
            if frame.commits {
                log.pages.extend(open.drain(..).map(|frame| (frame.page, frame.offset)));
            }
        }
    }
    log
}

/// The log's checksum: <https://www.sqlite.org/fileformat2.html#checksum_algorithm>.
fn checksum(bytes: &[u8], from: (u32, u32), big_endian: bool) -> (u32, u32) {
    let number = |bytes: &[u8]| {
        let bytes = bytes.try_into().unwrap_or_default();
        if big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) }
    };
    bytes.chunks_exact(8).fold(from, |(mut first, mut second), pair| {
        first = first.wrapping_add(number(&pair[..4])).wrapping_add(second);
        second = second.wrapping_add(number(&pair[4..])).wrapping_add(first);
        (first, second)
    })
}

/// The big-endian word at a place.
pub(crate) fn word(bytes: &[u8], at: usize) -> u32 {
    let word = bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    word.map_or(0, u32::from_be_bytes)
}
