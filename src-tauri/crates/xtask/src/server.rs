//! A simulated Ollama in another process, for what is measured.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::shell::{built, cargo, command, succeed};

/// A server that ends with this.
pub struct Server {
    process: Child,
    pub url: String,
}

/// A call as the server saw it.
#[derive(Clone, Debug, Deserialize)]
pub struct Call {
    pub model: String,
    pub messages: Vec<Value>,
    pub options: Value,
    /// Milliseconds since the server started.
    pub began_ms: f64,
    pub ended_ms: Option<f64>,
    /// A name, or an object for an error.
    pub ending: Value,
    pub prompt_tokens: u64,
    pub output_tokens: u64,
}

impl Server {
    /// Builds the program that [`Server::start`] starts.
    pub fn build() -> Result<()> {
        succeed(&mut cargo(&["build", "--quiet", "-p", "epitome-testkit", "--bin", "epitome-sim"]))
    }

    /// A fresh one on a free port.
    pub fn start(words: &[&str]) -> Result<Self> {
        let mut start = command(&built("epitome-sim", false).to_string_lossy(), words);
        let process = start.stdout(Stdio::piped()).spawn().context("the simulated Ollama could not be started")?;
        let mut server = Self { process, url: String::new() };
        let out = server.process.stdout.take().context("the simulated Ollama says nothing")?;
        let mut url = String::new();
        BufReader::new(out).read_line(&mut url)?;
        url.trim().clone_into(&mut server.url);
        Ok(server)
    }

    /// All calls so far, in the order of their arrival; with their messages where it was started with `--record`.
    pub fn calls(&self) -> Result<Vec<Call>> {
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).context("the simulated Ollama does not answer")?;
        write!(stream, "GET /sim/requests HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply)?;
        let (head, body) = reply.split_once("\r\n\r\n").context("the simulated Ollama answers with no body")?;
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        Ok(serde_json::from_str(&if chunked { joined(body)? } else { body.to_owned() })?)
    }
}

/// The chunks of a body, each of which comes after its length in bytes as a hexadecimal number.
fn joined(mut body: &str) -> Result<String> {
    let mut text = String::with_capacity(body.len());
    loop {
        let (length, rest) = body.split_once("\r\n").context("the reply ends within its chunks")?;
        let length = usize::from_str_radix(length.trim(), 16)?;
        if length == 0 {
            return Ok(text);
        }
        text.push_str(rest.get(..length).context("a chunk of the reply is too short")?);
        body = rest.get(length..).and_then(|rest| rest.strip_prefix("\r\n")).context("a chunk has no end")?;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn chunks_are_joined() {
        assert_eq!(joined("3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n").unwrap(), "[1,2]");
        assert!(joined("5\r\n[1").is_err() && joined("2\r\n[1").is_err());
    }
}
