//! The parent's side: starts a child for each file and says in a sentence how it ended.

use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;

use epitome_book::Book;
use epitome_model::{ErrorCode, WireError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::Semaphore;

use crate::answer::{Answer, Ask};
use crate::child::WORD;
use crate::limits;

/// Bytes of the answer's first line: 20,000 sections with their titles need a quarter of it.
const LINE: u64 = 32 << 20;

/// Reads book files. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Reader {
    program: Option<PathBuf>,
    /// One for each child that may run at once.
    places: Arc<Semaphore>,
}

/// How a child failed.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("it took longer than {} s", .0.as_secs())]
    Late(std::time::Duration),
    #[error("its reader ended with {0}")]
    Ended(ExitStatus),
    #[error("its reader's answer made no sense")]
    Garbled,
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl Reader {
    /// Has files read by `program`, which calls [`crate::worker`] first in its `main`.
    pub fn child(program: PathBuf) -> Self {
        Self { program: Some(program), ..Self::in_process() }
    }

    /// Has files read by the program that is running, which calls [`crate::worker`] first in its `main`.
    pub fn this_program() -> std::io::Result<Self> {
        // The link stays right when the file is replaced by a newer version.
        let link = PathBuf::from("/proc/self/exe");
        let program = if cfg!(target_os = "linux") && link.exists() { link } else { std::env::current_exe()? };
        Ok(Self::child(program))
    }

    /// Has files read by this process, without limits: for files that are known, as in tests.
    pub fn in_process() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        Self { program: None, places: Arc::new(Semaphore::new(cores)) }
    }

    /// The book in `bytes`, or a sentence that names the file and says what is wrong.
    pub async fn read(&self, bytes: Vec<u8>, file_name: &str) -> Result<Book, WireError> {
        // The places are never closed.
        let _place = self.places.acquire().await;
        let Some(program) = &self.program else { return here(bytes, file_name.to_owned()).await };
        let length = bytes.len();
        match ask(program, bytes, file_name).await {
            Ok(answered) => answered,
            Err(failed) => {
                tracing::warn!(file_name, length, %failed, "book not read");
                Err(sentence(&failed, file_name))
            }
        }
    }
}

/// A parser that breaks is a broken book, not a broken program.
async fn here(bytes: Vec<u8>, file_name: String) -> Result<Book, WireError> {
    let name = file_name.clone();
    let read = move || epitome_book::read(&bytes, &name).map_err(|error| error.for_file(&name));
    tokio::task::spawn_blocking(read).await.unwrap_or_else(|_| Err(damaged(&file_name)))
}

async fn ask(program: &PathBuf, bytes: Vec<u8>, file_name: &str) -> Result<Result<Book, WireError>, Failed> {
    let mut child = Command::new(program)
        .arg(WORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        // What a dying parser says is for nobody.
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { return Err(Failed::Garbled) };
    let time = limits::time(bytes.len());
    let asks = Ask { file_name: file_name.to_owned(), bytes: bytes.len() };
    tokio::time::timeout(time, talk(&mut child, input, output, asks, bytes)).await.unwrap_or(Err(Failed::Late(time)))
}

async fn talk(
    child: &mut Child,
    input: ChildStdin,
    output: ChildStdout,
    asks: Ask,
    bytes: Vec<u8>,
) -> Result<Result<Book, WireError>, Failed> {
    // A child that answers before it has read everything is no reason to wait.
    let (_, answered) = tokio::join!(tell(input, asks, bytes), listen(output));
    let status = child.wait().await?;
    if status.success() { answered } else { Err(Failed::Ended(status)) }
}

async fn tell(mut input: ChildStdin, asks: Ask, bytes: Vec<u8>) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(&asks)?;
    line.push(b'\n');
    input.write_all(&line).await?;
    input.write_all(&bytes).await?;
    input.shutdown().await
}

async fn listen(output: ChildStdout) -> Result<Result<Book, WireError>, Failed> {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    (&mut output).take(LINE).read_until(b'\n', &mut line).await?;
    let frame = match serde_json::from_slice(&line) {
        Ok(Answer::Book(frame)) => frame,
        Ok(Answer::Refused(error)) => return Ok(Err(error)),
        Err(_) => return Err(Failed::Garbled),
    };
    let follows = frame.follows();
    if follows > limits::ANSWER {
        return Err(Failed::Garbled);
    }
    let mut long = Vec::with_capacity(follows);
    output.take(follows as u64 + 1).read_to_end(&mut long).await?;
    frame.book(long).map(Ok).ok_or(Failed::Garbled)
}

/// What the person reads.
fn sentence(failed: &Failed, file_name: &str) -> WireError {
    match failed {
        Failed::Late(time) => WireError::new(
            ErrorCode::BookTooLarge,
            format!("“{file_name}” took longer than {} s to read, so it was given up.", time.as_secs()),
            "Its structure may be damaged or made to do harm. Get it from another source, or convert it to EPUB.",
        ),
        Failed::Io(error) => WireError::new(
            ErrorCode::Internal,
            format!("“{file_name}” could not be read: the program that reads books did not start ({error})."),
            "Start Epitome anew; install it again if that does not help.",
        ),
        Failed::Ended(_) | Failed::Garbled => damaged(file_name),
    }
}

fn damaged(file_name: &str) -> WireError {
    WireError::new(
        ErrorCode::BookBroken,
        format!("“{file_name}” could not be read: its structure is damaged, or it needs more memory than a book may."),
        "Get the file again from where it came from, or convert it to EPUB.",
    )
}
