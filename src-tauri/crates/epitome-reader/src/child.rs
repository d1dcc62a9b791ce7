//! The child's side: reads one file from its standard input, and writes the book to its standard output.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use crate::answer::{Answer, Ask, Frame};
use crate::limits;

/// The word that makes a program the child.
pub const WORD: &str = "--parse-worker";

/// Does the child's work and returns its exit code, where this process was started as a child; `None` otherwise. To be
/// called first in `main`, before anything else is set up.
pub fn worker() -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_none_or(|word| word != WORD) || words.next().is_some() {
        return None;
    }
    let done = serve(&mut io::stdin().lock(), &mut io::stdout().lock());
    // Whoever asked has gone; there is nobody left to be told.
    Some(if done.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(input: &mut impl BufRead, output: &mut impl Write) -> io::Result<()> {
    let mut line = String::new();
    input.read_line(&mut line)?;
    let ask: Ask = serde_json::from_str(&line)?;
    limits::hold(ask.bytes);
    let mut bytes = Vec::with_capacity(ask.bytes);
    input.take(ask.bytes as u64).read_to_end(&mut bytes)?;
    let (answer, text, cover) = match epitome_book::read(&bytes, &ask.file_name) {
        Ok(book) => {
            let (frame, text, cover) = Frame::of(book);
            (Answer::Book(Box::new(frame)), text, cover)
        }
        Err(error) => (Answer::Refused(error.for_file(&ask.file_name)), String::new(), Vec::new()),
    };
    serde_json::to_writer(&mut *output, &answer)?;
    output.write_all(b"\n")?;
    output.write_all(text.as_bytes())?;
    output.write_all(&cover)?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_properly_is_not_answered() {
        for asked in ["", "hello\n", "{\"file_name\":3}\n"] {
            assert!(serve(&mut asked.as_bytes(), &mut Vec::new()).is_err(), "{asked}");
        }
    }
}
