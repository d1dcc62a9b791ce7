//! Replies onto a connection.

use std::io;
use std::time::SystemTime;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::OwnedWriteHalf;

use crate::sim::clock::http_date;

pub const JSON: &str = "application/json; charset=utf-8";

/// Errors that would have begun a stream come without a character set (OLLAMA.md 4.5).
const STREAM_ERROR: &str = "application/json";
const STREAM: &str = "application/x-ndjson";
const EVENTS: &str = "text/event-stream";
const TEXT: &str = "text/plain";

/// Go's server adds a length to bodies up to its buffer, and chunks longer ones.
const BUFFER: usize = 2048;

/// Bytes of one write when a reply dribbles.
const DRIBBLE: usize = 7;

/// The writing half of a connection, for one reply.
#[derive(Debug)]
pub struct Outgoing<'a> {
    socket: &'a mut OwnedWriteHalf,
    begun: bool,
    /// Content type of a stream.
    stream: &'static str,
    /// A reply to `HEAD` has no body.
    headless: bool,
    dribbles: bool,
}

impl<'a> Outgoing<'a> {
    pub fn new(socket: &'a mut OwnedWriteHalf, method: &str) -> Self {
        Self { socket, begun: false, stream: STREAM, headless: method == "HEAD", dribbles: false }
    }

    /// Streams are server-sent events from now on.
    pub fn events(&mut self) {
        self.stream = EVENTS;
    }

    /// Sends everything in small pieces from now on, cut anywhere.
    pub fn dribble(&mut self) {
        self.dribbles = true;
    }

    /// Whether a status line is out.
    pub fn has_begun(&self) -> bool {
        self.begun
    }

    pub async fn json(&mut self, status: u16, body: &str) -> io::Result<()> {
        self.whole(status, JSON, "", body).await
    }

    pub async fn text(&mut self, status: u16, more_headers: &str, body: &str) -> io::Result<()> {
        // gin answers unknown routes without a character set and its own texts with one.
        let kind = if status == 200 { "text/plain; charset=utf-8" } else { TEXT };
        self.whole(status, kind, more_headers, body).await
    }

    pub async fn empty(&mut self, status: u16) -> io::Result<()> {
        let head = format!("{}Content-Length: 0\r\n\r\n", status_and_date(status));
        self.begun = true;
        self.write(head.as_bytes()).await
    }

    async fn whole(&mut self, status: u16, kind: &str, more_headers: &str, body: &str) -> io::Result<()> {
        let framing = if body.len() < BUFFER {
            format!("Content-Length: {}", body.len())
        } else {
            "Transfer-Encoding: chunked".to_owned()
        };
        let begin = status_and_date(status);
        let mut reply = format!("{begin}Content-Type: {kind}\r\n{more_headers}{framing}\r\n\r\n").into_bytes();
        if !self.headless {
            if body.len() < BUFFER {
                reply.extend_from_slice(body.as_bytes());
            } else {
                put_chunk(&mut reply, body.as_bytes());
                reply.extend_from_slice(b"0\r\n\r\n");
            }
        }
        self.begun = true;
        self.write(&reply).await
    }

    /// Sends lines of a stream, each as a chunk of its own; with the first comes the status.
    pub async fn lines(&mut self, lines: &[String]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(lines.iter().map(|line| line.len() + 8).sum());
        let kind = self.stream;
        self.begin(&mut bytes, 200, kind);
        for line in lines {
            put_chunk(&mut bytes, format!("{line}\n").as_bytes());
        }
        self.write(&bytes).await
    }

    /// Ends a stream, also one without any line.
    pub async fn end(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        let kind = self.stream;
        self.begin(&mut bytes, 200, kind);
        bytes.extend_from_slice(b"0\r\n\r\n");
        self.write(&bytes).await
    }

    /// An error in a stream: a status while there is none yet (F22), else a line.
    pub async fn stream_error(&mut self, status: u16, body: &str) -> io::Result<()> {
        let mut bytes = Vec::new();
        if self.begun {
            put_chunk(&mut bytes, format!("{body}\n").as_bytes());
        } else {
            self.begin(&mut bytes, status, STREAM_ERROR);
            put_chunk(&mut bytes, body.as_bytes());
        }
        bytes.extend_from_slice(b"0\r\n\r\n");
        self.write(&bytes).await
    }

    /// Announces a chunk and sends only half of it.
    pub async fn half(&mut self, line: &str) -> io::Result<()> {
        let mut bytes = Vec::new();
        let kind = self.stream;
        self.begin(&mut bytes, 200, kind);
        put_chunk(&mut bytes, line.as_bytes());
        bytes.truncate(bytes.len() - line.len() / 2 - 2);
        self.write(&bytes).await
    }

    fn begin(&mut self, bytes: &mut Vec<u8>, status: u16, kind: &str) {
        if !std::mem::replace(&mut self.begun, true) {
            let head = status_and_date(status);
            bytes.extend_from_slice(
                format!("{head}Content-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n").as_bytes(),
            );
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if !self.dribbles {
            return self.socket.write_all(bytes).await;
        }
        for part in bytes.chunks(DRIBBLE) {
            self.socket.write_all(part).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }
}

fn put_chunk(bytes: &mut Vec<u8>, body: &[u8]) {
    bytes.extend_from_slice(format!("{:x}\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n");
}

fn status_and_date(status: u16) -> String {
    let words = match status {
        200 => "OK",
        204 => "No Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        503 => "Service Unavailable",
        _ => "Status",
    };
    format!("HTTP/1.1 {status} {words}\r\nDate: {}\r\n", http_date(SystemTime::now()))
}
