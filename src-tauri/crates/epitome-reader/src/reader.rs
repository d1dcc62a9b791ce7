//! The parent's side: starts a child, gives it the bytes, waits within the limits.

use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use epitome_book::Book;
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

impl Default for Reader {
    /// [`Reader::this_program`]: who wants less must say so.
    fn default() -> Self {
        Self::this_program()
    }
}

impl Reader {
    /// Reads in children of the program that is running, whose `main` calls [`crate::serve_if_asked`].
    pub fn this_program() -> Self {
        // The link holds even after an update has put another program under the name.
        let link = PathBuf::from("/proc/self/exe");
        let own = if link.exists() { link } else { std::env::current_exe().unwrap_or_default() };
        Self::child(own)
    }

    /// Reads in children of `program`, whose `main` calls [`crate::serve_if_asked`].
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

    /// Reads the book in `bytes`. Every error is one sentence that names the file.
    pub async fn book(&self, bytes: Arc<Vec<u8>>, file_name: &str) -> Result<Book, WireError> {
        let time = limits::time(bytes.len(), self.seconds);
        let request = Request {
            task: Task::Book,
            file_name: file_name.to_owned(),
            bytes: bytes.len(),
            // The parent's clock comes first, unless the parent is stopped.
            seconds: time.as_secs() + 1,
        };
        match self.ask(request, bytes, time).await {
            Ok(Answer::Book(book)) => Ok(*book),
            Ok(Answer::Refused(error)) => Err(error),
            Err(end) => {
                tracing::warn!(file_name, %end, "a book was given up");
                Err(end.for_file(file_name))
            }
        }
    }

    /// Has one task done, when it is its turn.
    async fn ask(&self, request: Request, bytes: Arc<Vec<u8>>, time: Duration) -> Result<Answer, End> {
        let _turn = self.turns.acquire().await;
        match &self.way {
            Way::Child(program) => {
                let (bytes, said) = in_child(program, &request, &bytes, time).await?;
                // A long text takes a moment to check.
                let answer = spawn_blocking(move || Answer::of(bytes)).await;
                answer.ok().flatten().ok_or_else(|| {
                    tracing::warn!(said, "a child answered what is no answer");
                    End::Garbage
                })
            }
            Way::InProcess => spawn_blocking(move || worker::answer(&request, &bytes)).await.map_err(|_| End::Garbage),
        }
    }
}

/// Books that are read at a time.
pub(crate) fn at_a_time() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a child wrote to its standard output and error, if it ended well and in time.
async fn in_child(
    program: &PathBuf,
    request: &Request,
    bytes: &[u8],
    time: Duration,
) -> Result<(Vec<u8>, String), End> {
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
    if status.success() { Ok((answer, said)) } else { Err(End::of(status, &said, time)) }
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
