//! Requests off a connection.

use std::io::{self, ErrorKind};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

const LONGEST_HEAD: usize = 64 << 10;
const LONGEST_BODY: usize = 256 << 20;

/// What may come in before the reply to the last request is out.
const AHEAD: usize = 1 << 20;

/// One request.
#[derive(Debug, Default)]
pub struct Request {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the client wants the connection closed after the reply.
    pub fn closes(&self) -> bool {
        self.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// The reading half of a connection.
#[derive(Debug)]
pub struct Incoming {
    socket: OwnedReadHalf,
    buffer: Vec<u8>,
}

fn bad(words: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, words)
}

impl Incoming {
    pub fn new(socket: OwnedReadHalf) -> Self {
        Self { socket, buffer: Vec::new() }
    }

    /// The next request; `None` when the client has closed. `reply` is for `100 Continue`.
    pub async fn request(&mut self, reply: &mut OwnedWriteHalf) -> io::Result<Option<Request>> {
        let Some(head) = self.head().await? else { return Ok(None) };
        let mut request = parse_head(&head)?;
        if request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue")) {
            reply.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let chunked = request.header("transfer-encoding").is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        request.body = if chunked {
            self.chunked().await?
        } else {
            let length = request.header("content-length").map_or(Ok(0), str::parse).map_err(|_| bad("length"))?;
            self.exactly(length).await?
        };
        Ok(Some(request))
    }

    /// Returns when the client has left. What it sends meanwhile is kept for the next request.
    pub async fn gone(&mut self) {
        loop {
            if self.buffer.len() > AHEAD {
                return std::future::pending().await;
            }
            if !matches!(self.socket.read_buf(&mut self.buffer).await, Ok(1..)) {
                return;
            }
        }
    }

    async fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            if let Some(at) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let rest = self.buffer.split_off(at + 4);
                return Ok(Some(std::mem::replace(&mut self.buffer, rest)));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(bad("head"));
            }
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > LONGEST_BODY {
            return Err(bad("body"));
        }
        while self.buffer.len() < length {
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
        let rest = self.buffer.split_off(length);
        Ok(std::mem::replace(&mut self.buffer, rest))
    }

    async fn chunked(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let line = self.line().await?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(|_| bad("chunk"))?;
            if body.len() + size > LONGEST_BODY {
                return Err(bad("body"));
            }
            body.extend(self.exactly(size).await?);
            // The line end after a chunk, or the empty line after the last.
            self.line().await?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(at) = self.buffer.windows(2).position(|bytes| bytes == b"\r\n") {
                let line = self.exactly(at + 2).await?;
                return String::from_utf8(line).map(|line| line.trim_end().to_owned()).map_err(|_| bad("line"));
            }
            if self.buffer.len() > LONGEST_HEAD {
                return Err(bad("line"));
            }
            if self.socket.read_buf(&mut self.buffer).await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}

fn parse_head(head: &[u8]) -> io::Result<Request> {
    let head = std::str::from_utf8(head).map_err(|_| bad("head"))?;
    let mut lines = head.split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = words.next().zip(words.next()).ok_or_else(|| bad("request line"))?;
    if !words.next().is_some_and(|version| version.starts_with("HTTP/1.")) {
        return Err(bad("version"));
    }
    // A proxy's form of the target carries the host as well.
    let target = target.strip_prefix("http://").map_or(target, |rest| rest.find('/').map_or("/", |at| &rest[at..]));
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers = lines.filter_map(|line| line.split_once(':'));
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: headers.map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned())).collect(),
        body: Vec::new(),
    })
}
