//! A client that sees the bytes: status, headers, chunks as they are framed, and how a connection ends.

use std::io::{self, ErrorKind};

use epitome_testkit::{SimConfig, SimOllama};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub async fn sim(config: SimConfig) -> SimOllama {
    SimOllama::start(config).await.unwrap()
}

pub async fn plain() -> SimOllama {
    sim(SimConfig::default()).await
}

/// A reply under way.
pub struct Reply {
    socket: TcpStream,
    buffer: Vec<u8>,
    pub status: u16,
    pub head: String,
}

pub async fn send(sim: &SimOllama, method: &str, path: &str, headers: &str, body: &str) -> TcpStream {
    let mut socket = TcpStream::connect(("127.0.0.1", sim.port())).await.unwrap();
    let host = if headers.contains("Host:") { "" } else { "Host: localhost\r\n" };
    let length = body.len();
    let request = format!("{method} {path} HTTP/1.1\r\n{host}{headers}Content-Length: {length}\r\n\r\n{body}");
    socket.write_all(request.as_bytes()).await.unwrap();
    socket
}

impl Reply {
    /// Waits for the head of a reply.
    pub async fn of(socket: TcpStream) -> io::Result<Self> {
        let mut reply = Self { socket, buffer: Vec::new(), status: 0, head: String::new() };
        let end = reply.find(b"\r\n\r\n").await?;
        reply.head = String::from_utf8(reply.buffer.drain(..end + 4).collect()).unwrap();
        reply.status = reply.head[9..12].parse().unwrap();
        Ok(reply)
    }

    async fn fill(&mut self) -> io::Result<()> {
        match self.socket.read_buf(&mut self.buffer).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    async fn find(&mut self, needle: &[u8]) -> io::Result<usize> {
        loop {
            if let Some(at) = self.buffer.windows(needle.len()).position(|bytes| bytes == needle) {
                return Ok(at);
            }
            self.fill().await?;
        }
    }

    async fn take(&mut self, length: usize) -> io::Result<String> {
        while self.buffer.len() < length {
            self.fill().await?;
        }
        Ok(String::from_utf8(self.buffer.drain(..length).collect()).unwrap())
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.head.lines().filter_map(|line| line.split_once(": ")).find(|(known, _)| *known == name);
        found.map(|(_, value)| value)
    }

    pub fn is_chunked(&self) -> bool {
        self.header("Transfer-Encoding") == Some("chunked")
    }

    /// The next chunk; `None` at the end.
    pub async fn chunk(&mut self) -> io::Result<Option<String>> {
        let end = self.find(b"\r\n").await?;
        let size = self.take(end + 2).await?;
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let chunk = self.take(size).await?;
        self.take(2).await?;
        Ok((size > 0).then_some(chunk))
    }

    pub async fn chunks(&mut self) -> io::Result<Vec<String>> {
        let mut all = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            all.push(chunk);
        }
        Ok(all)
    }

    pub async fn body(&mut self) -> io::Result<String> {
        if self.is_chunked() {
            return Ok(self.chunks().await?.concat());
        }
        let length = self.header("Content-Length").unwrap().parse().unwrap();
        self.take(length).await
    }

    /// Sends another request on the same connection.
    pub async fn again(mut self, path: &str) -> io::Result<Self> {
        self.socket.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
        Self::of(self.socket).await
    }
}

pub async fn get(sim: &SimOllama, path: &str) -> Reply {
    Reply::of(send(sim, "GET", path, "", "").await).await.unwrap()
}

pub async fn get_json(sim: &SimOllama, path: &str) -> Value {
    serde_json::from_str(&get(sim, path).await.body().await.unwrap()).unwrap()
}

pub async fn post(sim: &SimOllama, path: &str, body: &Value) -> Reply {
    Reply::of(send(sim, "POST", path, "", &body.to_string()).await).await.unwrap()
}

/// Posts and reads the whole body.
pub async fn ask(sim: &SimOllama, path: &str, body: &Value) -> (u16, String) {
    let mut reply = post(sim, path, body).await;
    (reply.status, reply.body().await.unwrap())
}

/// A chat that streams unless it says otherwise.
pub fn chat(text: &str, more: Value) -> Value {
    let mut body = json!({"model": "llama3.1:8b", "messages": [{"role": "user", "content": text}]});
    let (Value::Object(body_fields), Value::Object(more)) = (&mut body, more) else { unreachable!() };
    body_fields.extend(more);
    body
}

/// A chat's only object, without streaming.
pub async fn whole(sim: &SimOllama, text: &str, more: Value) -> Value {
    let mut body = chat(text, more);
    body["stream"] = false.into();
    let (_, reply) = ask(sim, "/api/chat", &body).await;
    serde_json::from_str(&reply).unwrap_or_else(|error| panic!("{error}: {reply}"))
}

/// The objects of a stream.
pub async fn stream(sim: &SimOllama, text: &str, more: Value) -> Vec<Value> {
    let mut reply = post(sim, "/api/chat", &chat(text, more)).await;
    let lines = reply.chunks().await.unwrap();
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Runs other tasks until something has become true.
pub async fn until(mut is_so: impl FnMut() -> bool) {
    let waited = async {
        while !is_so() {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waited).await.expect("it never became true");
}

/// Words of a model that a slot is busy with until the client leaves: it writes for a simulated age.
pub fn endless(text: &str) -> Value {
    chat(text, json!({"options": {"num_predict": 1_000_000, "num_ctx": 131_072}}))
}
