//! The child's side: limits itself, reads the request, answers, ends.

use std::io::{self, Read};
use std::process::ExitCode;

use epitome_book::pdf::{self, Engine, Outline};
use epitome_book::{Book, BookError, Unpacked};

use crate::limits;
use crate::wire::{Answer, Request, Task};

/// First argument of a program that is to be a child.
pub const ARGUMENT: &str = "--parse-worker";

/// Exit codes of a child.
const ANSWERED: u8 = 0;
const FAILED: u8 = 3;
pub const MEMORY_CODE: u8 = 4;
const ORPHANED: u8 = 5;

/// Does a child's work if this process was started as one; a program's `main` then returns the code at once. To be
/// called before anything else: a child has no use for a window, threads or a log.
pub fn worker() -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1).is_some_and(|argument| argument == ARGUMENT);
    asked.then(|| serve(answer))
}

/// Serves one request from standard input with `answer`, and returns the code to end with.
pub fn serve(answer: fn(&Request, &[u8]) -> Answer) -> ExitCode {
    ExitCode::from(match served(answer) {
        Ok(()) => ANSWERED,
        Err(_) => FAILED,
    })
}

fn served(answer: fn(&Request, &[u8]) -> Answer) -> io::Result<()> {
    let mut input = io::stdin().lock();
    let request = Request::read(&mut input)?;
    limits::apply(request.seconds)?;
    let mut bytes = Vec::with_capacity(request.bytes);
    input.by_ref().take(request.bytes as u64).read_to_end(&mut bytes)?;
    if bytes.len() != request.bytes {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    drop(input);
    std::thread::Builder::new().spawn(end_with_parent)?;
    let reading = std::thread::Builder::new().stack_size(limits::STACK).spawn(move || answer(&request, &bytes))?;
    let answer = reading.join().map_err(|_| io::Error::other("the reading panicked"))?;
    answer.write(&mut io::stdout().lock())
}

/// The parent holds the pipe open until it has its answer; the pipe ends early only with the parent.
fn end_with_parent() {
    while matches!(io::stdin().lock().read(&mut [0; 16]), Ok(1..)) {}
    std::process::exit(i32::from(ORPHANED));
}

/// The book in a PDF, which may be packed, as one engine reads it.
fn pdf_book(bytes: &[u8], name: &str, engine: Engine, outline: &Outline) -> Result<Book, BookError> {
    match epitome_book::unpack(bytes, name)? {
        Unpacked::File { bytes, name } if pdf::is(&bytes) => pdf::read_with(&bytes, &name, engine, outline),
        _ => Err(BookError::NotABook),
    }
}

/// What there is to say about a file's bytes.
pub fn answer(request: &Request, bytes: &[u8]) -> Answer {
    let name = &request.file_name;
    let read = match &request.task {
        Task::Book => epitome_book::read(bytes, name),
        Task::PdfBook { engine, outline } => pdf_book(bytes, name, *engine, outline),
        Task::PdfOutline => return Answer::Outline(pdf::outline(bytes).unwrap_or_default()),
    };
    match read {
        Ok(book) => Answer::Book(Box::new(book)),
        Err(error) => Answer::Refused { other_engine: pdf::needs_second(&error), error: error.for_file(name) },
    }
}
