//! Server-sent events of a chat, however they were cut into packets.

use serde_json::Value;

use super::wire::{Choice, Chunk, Said as WireSaid, Timings, Usage};
use super::{OpenAiError, classify};
use crate::LlmError;
use crate::lines::{LONGEST_LINE, Lines};
use crate::words::quote;

/// Characters of a line that nobody understands, in the error about it.
const SHOWN: usize = 60;

/// What one event tells.
#[derive(Debug, Default, PartialEq)]
pub struct Said {
    pub text: String,
    /// The model thought aloud.
    pub thought: bool,
    /// The model declined, by the field that is there for it.
    pub refused: bool,
    /// Why the answer ended, once it has.
    pub finish: Option<String>,
    pub usage: Option<Usage>,
    pub timings: Option<Timings>,
}

#[derive(Debug, PartialEq)]
pub enum Event {
    Said(Said),
    /// `[DONE]`
    End,
}

/// Bytes on their way to events.
#[derive(Debug, Default)]
pub struct Events {
    lines: Lines,
    /// Data of an event that goes on over several lines.
    pending: String,
    /// The event is named an error.
    is_error: bool,
}

impl Events {
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), LlmError> {
        let endless = |_| OpenAiError::Malformed { words: "a line without an end".into() }.into();
        self.lines.push(bytes).map_err(endless)
    }

    /// The next event that has arrived as a whole.
    pub fn next(&mut self, model: &str) -> Result<Option<Event>, LlmError> {
        while let Some(line) = self.lines.line() {
            let line = text(line)?;
            if let Some(event) = self.take(&line, model)? {
                return Ok(Some(event));
            }
        }
        Ok(None)
    }

    /// The last event of a body that ended without a line end.
    pub fn last(&mut self, model: &str) -> Result<Option<Event>, LlmError> {
        let line = text(self.lines.rest())?;
        self.take(line.trim_end_matches('\r'), model)
    }

    fn take(&mut self, line: &str, model: &str) -> Result<Option<Event>, LlmError> {
        if line.trim().is_empty() {
            self.is_error = false;
            return match std::mem::take(&mut self.pending) {
                pending if pending.is_empty() => Ok(None),
                pending => Err(not_understood(&pending)),
            };
        }
        // A stream may begin with a mark of its byte order.
        let line = line.trim_start_matches('\u{feff}');
        let (field, value) = match line.split_once(':') {
            // Some servers write an error of theirs into the stream without its frame.
            _ if line.starts_with('{') => ("data", line),
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (line, ""),
        };
        match field {
            "data" if value.trim() == "[DONE]" => Ok(Some(Event::End)),
            "data" => self.data(value, model),
            // Older llama.cpp names the field itself so.
            "error" => match serde_json::from_str(value) {
                Ok(error) => Err(classify::in_stream(&error, model)),
                Err(_) => Err(OpenAiError::ServerError { words: quote(value) }.into()),
            },
            "event" => {
                self.is_error = value.trim() == "error";
                Ok(None)
            }
            // A comment, which keeps the connection alive, or what has no meaning here.
            "" | "id" | "retry" => Ok(None),
            _ => Err(not_understood(line)),
        }
    }

    fn data(&mut self, value: &str, model: &str) -> Result<Option<Event>, LlmError> {
        if value.trim().is_empty() {
            return Ok(None);
        }
        if !self.pending.is_empty() {
            self.pending.push('\n');
        }
        self.pending.push_str(value);
        let Ok(object) = serde_json::from_str::<Value>(&self.pending) else {
            // It may go on in the next line; a blank one tells that it does not.
            if self.pending.len() > LONGEST_LINE {
                return Err(OpenAiError::Malformed { words: "an event without an end".into() }.into());
            }
            return Ok(None);
        };
        let whole = std::mem::take(&mut self.pending);
        if self.is_error {
            return Err(classify::in_stream(&object, model));
        }
        read(object, model)
            .map(|said| Some(Event::Said(said)))
            .map_err(|error| error.unwrap_or_else(|| not_understood(&whole)))
    }
}

/// A whole answer in one body, from a server that does not stream.
pub fn whole(body: &[u8], model: &str) -> Result<Said, LlmError> {
    let not_understood = || not_understood(&String::from_utf8_lossy(body));
    let object: Value = serde_json::from_slice(body).map_err(|_| not_understood())?;
    read(object, model).map_err(|error| error.unwrap_or_else(not_understood))
}

/// `Err(None)` when it is not of the interface's form.
fn read(object: Value, model: &str) -> Result<Said, Option<LlmError>> {
    let error = object.get("error").is_some_and(|error| !error.is_null());
    if error || object["object"] == "error" {
        return Err(Some(classify::in_stream(&object, model)));
    }
    let chunk: Chunk = serde_json::from_value(object).map_err(|_| None)?;
    if chunk.choices.is_none() && chunk.usage.is_none() && chunk.timings.is_none() {
        return Err(None);
    }
    let choice = chunk.choices.and_then(|choices| choices.into_iter().next()).unwrap_or_default();
    let Choice { delta, message, finish_reason } = choice;
    let WireSaid { content, reasoning_content, reasoning, refusal } = delta.or(message).unwrap_or_default();
    let some = |text: &Option<String>| text.as_ref().is_some_and(|text| !text.is_empty());
    Ok(Said {
        text: content.map(super::wire::Content::text).unwrap_or_default(),
        thought: some(&reasoning_content) || some(&reasoning),
        refused: some(&refusal),
        finish: finish_reason.filter(|reason| !reason.is_empty()),
        usage: chunk.usage,
        timings: chunk.timings,
    })
}

fn text(line: &[u8]) -> Result<String, LlmError> {
    std::str::from_utf8(line).map(str::to_owned).map_err(|_| not_understood(&String::from_utf8_lossy(line)))
}

fn not_understood(line: &str) -> LlmError {
    let words: String = line.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
    OpenAiError::Malformed { words: format!("\u{201c}{words}\u{201d}") }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = concat!(
        "\u{feff}: hello\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null},\"finish_reason\":null}]}\r\n\r\n",
        "event: message\nid: 7\nretry: 10\ndata:{\"choices\":[{\"delta\":{\"content\":\" Zusammenfassung é草\"}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"reasoning_content\":\"Hm\"}}]}\n",
        "data: {\"choices\":[{\"delta\":\ndata: {\"content\":[{\"type\":\"text\",\"text\":\"!\"}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":null}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":37,\"completion_tokens\":23}}\n\n",
        "data: [DONE]\n\n"
    );

    fn all(events: &mut Events) -> Vec<Event> {
        std::iter::from_fn(|| events.next("m").unwrap()).collect()
    }

    #[test]
    fn packets_may_end_anywhere() {
        let mut whole = Events::default();
        whole.push(STREAM.as_bytes()).unwrap();
        let expected = all(&mut whole);
        let said: Vec<&Said> =
            expected.iter().filter_map(|event| if let Event::Said(said) = event { Some(said) } else { None }).collect();
        let texts: Vec<&str> = said.iter().map(|said| said.text.as_str()).collect();
        assert_eq!(texts, ["", " Zusammenfassung é草", "", "!", "", ""]);
        assert!(said[2].thought && said[4].finish.as_deref() == Some("stop"));
        assert_eq!(said[5].usage, Some(Usage { prompt_tokens: Some(37), completion_tokens: Some(23) }));
        assert_eq!(expected.last(), Some(&Event::End));
        for at in 0..STREAM.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for part in [&STREAM.as_bytes()[..at], &STREAM.as_bytes()[at..]] {
                events.push(part).unwrap();
                found.extend(all(&mut events));
            }
            assert_eq!(found, expected, "cut at {at}");
        }
        let mut events = Events::default();
        let mut found = Vec::new();
        for byte in STREAM.as_bytes() {
            events.push(&[*byte]).unwrap();
            found.extend(all(&mut events));
        }
        assert_eq!(found, expected, "byte by byte");
    }

    #[test]
    fn the_last_line_may_lack_its_end() {
        let mut events = Events::default();
        events.push(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}").unwrap();
        assert_eq!(events.next("m").unwrap(), None);
        let Some(Event::Said(said)) = events.last("m").unwrap() else { panic!() };
        assert_eq!(said.finish.as_deref(), Some("stop"));
    }

    #[test]
    fn what_is_no_text_is_no_answer() {
        let mut events = Events::default();
        events.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\"}}]}\n").unwrap();
        assert!(matches!(events.next("m"), Err(LlmError::OpenAi(OpenAiError::Malformed { .. }))));
    }
}
