//! Bytes of a streamed answer on their way to lines, however they were cut into packets.

use std::ops::Range;

use crate::LlmError;

/// A longer line is not one of a server's, in bytes.
pub const LONGEST_LINE: usize = 4 * 1024 * 1024;

/// Bytes on their way to lines.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// Bytes before this place were taken.
    taken: usize,
    /// Bytes before this place hold no end of a line that was not taken.
    searched: usize,
}

impl Lines {
    /// Adds what arrived; an error when a line grows beyond all measure.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LlmError> {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.searched -= self.taken;
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() > LONGEST_LINE {
            return Err(LlmError::Malformed { words: "a line without an end".into() });
        }
        Ok(())
    }

    /// The next whole line without its end, blank ones included.
    pub fn line(&mut self) -> Option<&[u8]> {
        let line = self.find()?;
        Some(&self.buffer[line])
    }

    /// The next whole line that is not blank.
    pub fn take(&mut self) -> Option<&[u8]> {
        loop {
            let line = self.find()?;
            if !self.buffer[line.clone()].trim_ascii().is_empty() {
                return Some(&self.buffer[line]);
            }
        }
    }

    /// Where the next whole line is; it counts as taken.
    fn find(&mut self) -> Option<Range<usize>> {
        let start = self.taken;
        let Some(length) = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n') else {
            self.searched = self.buffer.len();
            return None;
        };
        let end = self.searched + length;
        self.taken = end + 1;
        self.searched = self.taken;
        let carriage = usize::from(end > start && self.buffer[end - 1] == b'\r');
        Some(start..end - carriage)
    }

    /// What is left when the body has ended: a last line without an end.
    pub fn rest(&mut self) -> &[u8] {
        let start = std::mem::replace(&mut self.taken, self.buffer.len());
        self.searched = self.taken;
        &self.buffer[start..]
    }
}
