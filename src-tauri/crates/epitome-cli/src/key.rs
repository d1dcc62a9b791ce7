//! `key`: a key from standard input into the system's keyring.

use std::io::{BufRead, IsTerminal};

use epitome_api::Request;
use epitome_api::keys::NewKey;
use epitome_model::{ErrorCode, WireError};
use serde_json::json;

use crate::DONE;
use crate::args::{Args, Key};
use crate::{report, status};

/// A longer line is no key, in bytes.
const LONGEST: u64 = 16 * 1024;

/// Remembers a key, or forgets it.
pub async fn key(args: &Args, command: &Key) -> anyhow::Result<u8> {
    let key = if command.remove { NewKey::new(String::new()) } else { read()? };
    let api = status::open(args).await?;
    let url = command.url.clone();
    api.answer(Request::SetKey { url: url.clone(), key }).await?;
    let event = if command.remove { "key_removed" } else { "key_stored" };
    if args.json() {
        report::line(&json!({"event": event, "url": url}));
    } else {
        let done = if command.remove { "no longer in" } else { "now in" };
        report::say(&format!("The key for {url} is {done} the system's keyring."));
    }
    Ok(DONE)
}

/// The first line of standard input.
fn read() -> anyhow::Result<NewKey> {
    let input = std::io::stdin();
    if input.is_terminal() {
        report::note("Type or paste the key and press Enter. It shows on this screen; a file as input does not.");
    }
    let mut line = String::new();
    let read = std::io::Read::take(input.lock(), LONGEST).read_line(&mut line);
    let key = NewKey::new(line);
    if read.is_err() || key.is_empty() {
        let hint = "Give it as the first line, as in: epitome-cli key --url URL < FILE";
        return Err(WireError::new(ErrorCode::BadUse, "No key came on standard input.", hint).into());
    }
    Ok(key)
}
