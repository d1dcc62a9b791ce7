//! For tests: a server that says exactly what a test tells it to.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::provider::Task;

/// What follows the parts of a streamed reply.
#[derive(Clone, Copy, PartialEq)]
pub enum Ending {
    /// The body ends as HTTP says it should.
    Whole,
    /// The connection breaks.
    Cut,
    /// Nothing more, ever.
    Silence,
}

/// One reply.
#[derive(Clone)]
pub enum Reply {
    Status(u16, &'static str),
    /// Status, more headers, body.
    Headed(u16, &'static str, String),
    Stream(Vec<String>, Ending),
    /// Not even a header.
    Nothing,
}

/// A streamed reply.
pub fn stream(parts: &[&str], ending: Ending) -> Reply {
    Reply::Stream(parts.iter().map(|part| (*part).to_owned()).collect(), ending)
}

/// One request.
#[derive(Clone, Debug)]
pub struct Asked {
    pub path: String,
    /// The request's head in lower case.
    pub head: String,
    /// Null when there is none.
    pub body: Value,
}

/// A server that answers by a script, which gets all requests so far, the present one last.
pub struct Scripted {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Hears of every connection that the client closed.
    pub closed: mpsc::Receiver<()>,
}

impl Scripted {
    pub async fn start(script: impl Fn(&[Asked]) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (tell, closed) = mpsc::channel(16);
        let (seen, script) = (Arc::clone(&asked), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, script, tell) = (Arc::clone(&seen), Arc::clone(&script), tell.clone());
                tokio::spawn(async move {
                    serve(stream, &seen, &*script).await;
                    let _ = tell.send(()).await;
                });
            }
        });
        Self { url, asked, closed }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(mut stream: TcpStream, seen: &Mutex<Vec<Asked>>, script: &(dyn Fn(&[Asked]) -> Reply + Send + Sync)) {
    while let Some(asked) = request(&mut stream).await {
        let reply = {
            let mut seen = seen.lock().unwrap();
            seen.push(asked);
            script(&seen)
        };
        match reply {
            Reply::Status(status, body) => head_and_body(&mut stream, status, "", body).await,
            Reply::Headed(status, headers, body) => head_and_body(&mut stream, status, headers, &body).await,
            Reply::Stream(parts, ending) => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
                for part in parts {
                    let chunk = format!("{:x}\r\n{part}\r\n", part.len());
                    if stream.write_all(chunk.as_bytes()).await.is_err() {
                        return;
                    }
                }
                match ending {
                    Ending::Whole => stream.write_all(b"0\r\n\r\n").await.unwrap(),
                    Ending::Cut => return,
                    Ending::Silence => {}
                }
            }
            Reply::Nothing => {}
        }
    }
}

async fn head_and_body(stream: &mut TcpStream, status: u16, headers: &str, body: &str) {
    let head = format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
}

/// The next request; none when the client has closed.
pub async fn request(stream: &mut TcpStream) -> Option<Asked> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1)?.to_owned();
    let head = head.to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.ok()?;
    Some(Asked { path, head, body: serde_json::from_slice(&body).unwrap_or_default() })
}

/// A piece of a chapter that is to be summarised.
pub fn task() -> Task {
    Task {
        kind: epitome_model::CallKind::Map,
        book_title: "Book".into(),
        chapter_title: None,
        language: Some("en".into()),
        piece: 1,
        pieces: 1,
        carried: None,
        text: "It was a dark night.".into(),
        target_words: 40,
        wants_title: false,
        sampling: 0,
    }
}

/// An address where nobody listens: a port that was taken, and given back.
pub async fn nobody() -> String {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    format!("http://{free}")
}
