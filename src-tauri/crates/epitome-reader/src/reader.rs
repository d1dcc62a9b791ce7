//! The parent's side: starts a child, gives it the bytes, waits within the limits.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_book::Book;
use epitome_book::pdf::{self, Engine, Outline};
use epitome_model::WireError;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use crate::end::End;
use crate::wire::{ANSWER_BYTES, Answer, Request, Task};
use crate::{limits, worker};

/// The end of a child's standard error that is kept.
const SAID_BYTES: usize = 4 << 10;

/// Variables a child keeps: those without which a program does not start. Keys and paths of the person's stay away.
const KEPT: &[&str] = &["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SystemRoot"];

/// Reads books. Cheap to clone; clones share the number of children.
#[derive(Clone, Debug)]
pub struct Reader {
    way: Way,
    /// Seconds a file may take at least.
    seconds: u64,
    /// As many books at a time as there are cores; the others wait.
    turns: Arc<Semaphore>,
}

#[derive(Clone, Debug)]
enum Way {
    /// In a child of this program.
    Child(PathBuf),
    InProcess,
}

impl Reader {
    /// Reads in children of the program that is running, whose `main` calls [`crate::worker`]; allows the seconds that
    /// [`limits::SECONDS_VARIABLE`] says.
    pub fn this_program() -> Self {
        // The link holds even after an update has put another program under the name.
        let link = PathBuf::from("/proc/self/exe");
        let own = if link.exists() { link } else { std::env::current_exe().unwrap_or_default() };
        let seconds = std::env::var(limits::SECONDS_VARIABLE).ok().and_then(|seconds| seconds.parse().ok());
        Self::child(own).allowing(seconds.unwrap_or(limits::SECONDS))
    }

    /// Reads in children of `program`, whose `main` calls [`crate::worker`].
    pub fn child(program: impl Into<PathBuf>) -> Self {
        Self::new(Way::Child(program.into()))
    }

    /// Reads in this process, without any limit: for tests and measurements, and files of our own.
    pub fn in_process() -> Self {
        Self::new(Way::InProcess)
    }

    fn new(way: Way) -> Self {
        Self { way, seconds: limits::SECONDS, turns: Arc::new(Semaphore::new(at_a_time())) }
    }

    /// Allows any file so many seconds at least.
    #[must_use]
    pub fn allowing(self, seconds: u64) -> Self {
        Self { seconds: seconds.max(1), ..self }
    }

    /// Books that are read at a time; giving more only holds more files in memory.
    pub fn at_a_time(&self) -> usize {
        at_a_time()
    }

    /// Reads the book in `bytes`. Every error is one sentence that names the file.
    pub async fn read(&self, bytes: Vec<u8>, file_name: &str) -> Result<Book, WireError> {
        let _turn = self.turns.acquire().await;
        let file = File {
            time: limits::time(bytes.len(), self.seconds),
            deadline: Instant::now() + limits::all(self.seconds),
            bytes: Arc::new(bytes),
            name: file_name,
        };
        let outcome = if pdf::is(&file.bytes) { self.pdf(&file).await } else { self.other(&file).await };
        outcome.map_err(|failed| failed.for_file(file_name))
    }

    /// A PDF, step by step: what one engine cannot read another may, and what crashes costs only its step.
    async fn pdf(&self, file: &File<'_>) -> Result<Book, Failed> {
        let outline = match self.ask(file, Task::PdfOutline).await {
            Ok(Answer::Outline(outline)) => outline,
            _ => Outline::default(),
        };
        let book = |engine| self.book(file, Task::PdfBook { engine, outline: outline.clone() });
        match book(Engine::First).await {
            Err(first) if first.other_engine() => book(Engine::Second).await.map_err(|second| {
                // What the first said of the file is the better word, unless it died of it.
                if second.other_engine() && matches!(first, Failed::Refused { .. }) { first } else { second }
            }),
            outcome => outcome,
        }
    }

    /// Any other file. Where the child died of a packed one, there may be a PDF in it for the second engine.
    async fn other(&self, file: &File<'_>) -> Result<Book, Failed> {
        match self.book(file, Task::Book).await {
            Err(first @ Failed::Ended(_)) if first.other_engine() && is_packed(&file.bytes) => {
                let second = Task::PdfBook { engine: Engine::Second, outline: Outline::default() };
                self.book(file, second).await.map_err(|_| first)
            }
            outcome => outcome,
        }
    }

    async fn book(&self, file: &File<'_>, task: Task) -> Result<Book, Failed> {
        match self.ask(file, task).await? {
            Answer::Book(book) => Ok(*book),
            Answer::Refused { error, other_engine } => Err(Failed::Refused { error, other_engine }),
            Answer::Outline(_) => Err(Failed::Ended(End::Garbage)),
        }
    }

    /// Has one task done.
    async fn ask(&self, file: &File<'_>, task: Task) -> Result<Answer, Failed> {
        // What several tasks of one file take together has an end too.
        let time = file.time.min(file.deadline.saturating_duration_since(Instant::now()));
        if time.is_zero() {
            return Err(Failed::Ended(End::Time(file.time)));
        }
        let request = Request {
            task,
            file_name: file.name.to_owned(),
            bytes: file.bytes.len(),
            // The parent's clock comes first, unless the parent is stopped.
            seconds: time.as_secs() + 1,
        };
        let bytes = Arc::clone(&file.bytes);
        let answer = match &self.way {
            Way::Child(program) => match in_child(program, &request, &bytes, time).await {
                // A long text takes a moment to check.
                Ok(answer) => spawn_blocking(move || Answer::of(answer)).await.ok().flatten().ok_or(End::Garbage),
                Err(end) => Err(end),
            },
            Way::InProcess => spawn_blocking(move || worker::answer(&request, &bytes)).await.map_err(|_| End::Garbage),
        };
        answer.map_err(|end| {
            tracing::warn!(file_name = file.name, %end, "a book was given up");
            Failed::Ended(end)
        })
    }
}

/// A file that is being read.
struct File<'a> {
    bytes: Arc<Vec<u8>>,
    name: &'a str,
    /// For each task.
    time: Duration,
    /// Of all tasks together.
    deadline: Instant,
}

/// Why there is no book.
enum Failed {
    Refused { error: WireError, other_engine: bool },
    Ended(End),
}

impl Failed {
    /// Whether another engine may do better.
    fn other_engine(&self) -> bool {
        match self {
            Self::Refused { other_engine, .. } => *other_engine,
            Self::Ended(end) => !matches!(end, End::NotStarted(_)),
        }
    }

    fn for_file(self, file_name: &str) -> WireError {
        match self {
            Self::Refused { error, .. } => error,
            Self::Ended(end) => end.for_file(file_name),
        }
    }
}

/// Whether a file is packed in gzip or ZIP.
fn is_packed(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1F\x8B") || bytes.starts_with(b"PK\x03\x04")
}

/// Books that are read at a time.
fn at_a_time() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a child wrote to its standard output, if it ended well and in time.
async fn in_child(program: &PathBuf, request: &Request, bytes: &[u8], time: Duration) -> Result<Vec<u8>, End> {
    let head = request.head().map_err(End::NotStarted)?;
    let mut child = started(program).map_err(End::NotStarted)?;
    let talked = tokio::time::timeout(time, talk(&mut child, &head, bytes)).await;
    let Ok(Some((answer, said))) = talked else {
        // What cannot be killed has ended.
        let _ = child.start_kill();
        let _ = child.wait().await;
        return Err(if talked.is_err() { End::Time(time) } else { End::Garbage });
    };
    let status = child.wait().await.map_err(End::NotStarted)?;
    tracing::debug!(%status, said, "a child has ended");
    if status.success() { Ok(answer) } else { Err(End::of(status, &said, time)) }
}

fn started(program: &PathBuf) -> io::Result<Child> {
    let mut command = Command::new(program);
    command.arg(worker::ARGUMENT).env_clear();
    command.envs(KEPT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    // CREATE_NO_WINDOW: a console program must not open one.
    #[cfg(windows)]
    command.creation_flags(0x0800_0000);
    command.spawn()
}

/// Sends the request and hears the child out; `None` if it says more than an answer may have.
async fn talk(child: &mut Child, head: &[u8], bytes: &[u8]) -> Option<(Vec<u8>, String)> {
    let (stdin, stdout, stderr) = (child.stdin.take()?, child.stdout.take()?, child.stderr.take()?);
    let answer = async { whole(stdout).await.ok_or(()) };
    let mutter = async { Ok(last(stderr).await) };
    let send = async { Ok(sent(stdin, head, bytes).await) };
    // The child's input stays open until its output has ended.
    let (answer, said, _open) = tokio::try_join!(answer, mutter, send).ok()?;
    Some((answer, said))
}

/// Sends all; a child that does not listen says more by how it ends.
async fn sent(mut stdin: ChildStdin, head: &[u8], bytes: &[u8]) -> ChildStdin {
    if stdin.write_all(head).await.is_ok() {
        let _ = stdin.write_all(bytes).await;
    }
    let _ = stdin.flush().await;
    stdin
}

async fn whole(stdout: impl AsyncRead + Unpin) -> Option<Vec<u8>> {
    let mut answer = Vec::new();
    let _ = stdout.take(ANSWER_BYTES as u64 + 1).read_to_end(&mut answer).await;
    (answer.len() <= ANSWER_BYTES).then_some(answer)
}

/// Reads to the end and keeps the last of it.
async fn last(mut stderr: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut buffer = vec![0; SAID_BYTES];
    while let Ok(count @ 1..) = stderr.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..count]);
        kept.drain(..kept.len().saturating_sub(SAID_BYTES));
    }
    String::from_utf8_lossy(&kept).into_owned()
}
