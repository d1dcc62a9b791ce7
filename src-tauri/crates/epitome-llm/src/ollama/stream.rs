//! The lines of a streamed answer, understood.

use epitome_model::Usage;

use super::{classify, wire};
use crate::LlmError;
use crate::lines::Lines;

/// One object of the stream.
#[derive(Debug, PartialEq)]
pub enum Line {
    Piece(String),
    /// The model thinks aloud although it was told not to.
    Thought,
    Done {
        reason: String,
        usage: Usage,
    },
}

/// The next whole line of a chat, understood.
pub fn next(lines: &mut Lines, model: &str) -> Result<Option<Line>, LlmError> {
    lines.take().map(|line| read(line, model)).transpose()
}

fn read(line: &[u8], model: &str) -> Result<Line, LlmError> {
    let reply: wire::ChatReply = serde_json::from_slice(line).map_err(|_| {
        let words: String = String::from_utf8_lossy(line).chars().take(60).collect();
        LlmError::Malformed { words: format!("\u{201c}{words}\u{201d}") }
    })?;
    if let Some(words) = reply.error {
        return Err(classify::server(&words, model));
    }
    if reply.remote_model.is_some() || reply.remote_host.is_some() {
        return Err(LlmError::CloudModel { model: model.to_owned() });
    }
    if reply.done {
        return Ok(Line::Done {
            reason: reply.done_reason.unwrap_or_default(),
            usage: Usage {
                prompt_tokens: reply.prompt_eval_count,
                output_tokens: reply.eval_count,
                load_ms: ms(reply.load_duration),
                prompt_ms: ms(reply.prompt_eval_duration),
                output_ms: ms(reply.eval_duration),
                total_ms: ms(reply.total_duration),
                estimated: false,
                untimed: false,
            },
        });
    }
    if reply.message.content.is_empty() && reply.message.thinking.is_some() {
        return Ok(Line::Thought);
    }
    Ok(Line::Piece(reply.message.content))
}

fn ms(nanoseconds: u64) -> u32 {
    u32::try_from(nanoseconds / 1_000_000).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epitome_model::ErrorCode;

    const STREAM: &str = concat!(
        r#"{"model":"m","created_at":"x","message":{"role":"assistant","content":" Zusammen\u003cfassung é草"},"done":false}"#,
        "\n",
        r#"{"model":"m","message":{"role":"assistant","content":"","thinking":"Hm"},"done":false}"#,
        "\n\n",
        r#"{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","total_duration":279200179,"load_duration":265137464,"prompt_eval_count":37,"prompt_eval_duration":8845000,"eval_count":23,"eval_duration":2664000}"#,
        "\n"
    );

    fn all(lines: &mut Lines) -> Vec<Line> {
        std::iter::from_fn(|| next(lines, "m").unwrap()).collect()
    }

    #[test]
    fn packets_may_end_anywhere() {
        let mut whole = Lines::default();
        whole.push(STREAM.as_bytes()).unwrap();
        let expected = all(&mut whole);
        assert_eq!(expected.len(), 3);
        assert_eq!(expected[0], Line::Piece(" Zusammen<fassung é草".into()));
        assert_eq!(expected[1], Line::Thought);
        let Line::Done { reason, usage, .. } = &expected[2] else { panic!() };
        assert_eq!((reason.as_str(), usage.prompt_tokens, usage.output_tokens, usage.load_ms), ("stop", 37, 23, 265));
        for at in 0..STREAM.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for part in [&STREAM.as_bytes()[..at], &STREAM.as_bytes()[at..]] {
                lines.push(part).unwrap();
                found.extend(all(&mut lines));
            }
            assert_eq!(found, expected, "cut at {at}");
        }
    }

    #[test]
    fn an_error_in_the_middle_is_an_error() {
        let mut lines = Lines::default();
        lines.push(b"{\"error\":\"an error was encountered while running the model: unexpected EOF\"}\n").unwrap();
        assert_eq!(next(&mut lines, "m").unwrap_err().code(), ErrorCode::CutStream);
        lines.push(b"<html>\n").unwrap();
        assert_eq!(next(&mut lines, "m").unwrap_err().code(), ErrorCode::Malformed);
    }

    #[test]
    fn an_unfinished_line_is_not_taken() {
        let mut lines = Lines::default();
        lines.push(br#"{"message":{"content":"a"}"#).unwrap();
        assert_eq!(next(&mut lines, "m").unwrap(), None);
    }
}
