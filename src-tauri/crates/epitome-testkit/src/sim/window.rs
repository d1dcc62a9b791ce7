//! What becomes of a prompt that does not fit the context window (OLLAMA.md section 3). Pure.

use super::token::{piece_id, pieces};

/// Which of the server's two ways a model's chat goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PromptPath {
    /// The GGUF's own chat template, rendered by llama-server.
    Native,
    /// A template or renderer of Ollama's: most models of its library.
    #[default]
    Rendered,
}

/// One message of a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Message {
    pub role: String,
    pub content: String,
}

/// How a prompt is to be fitted.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Tokens a slot holds, as asked for.
    pub num_ctx: usize,
    /// Tokens kept at the beginning when a prompt is cut.
    pub num_keep: usize,
    pub truncate: bool,
    pub shift: bool,
}

impl Window {
    /// llama.cpp rounds a slot up to a multiple of 256; Ollama's own limits use the unrounded value.
    pub fn real(&self) -> usize {
        self.num_ctx.div_ceil(256) * 256
    }

    /// Tokens that remain of a cut prompt: `num_ctx - max((num_ctx - keep) / 2, 1)` (F17).
    fn cut_to(&self) -> usize {
        self.num_ctx - (self.num_ctx.saturating_sub(self.keep()) / 2).max(1)
    }

    fn keep(&self) -> usize {
        (self.num_keep + 1).min(self.num_ctx.saturating_sub(1))
    }
}

/// A prompt as the model gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// Token ids, beginning with the one that begins every prompt.
    pub ids: Vec<u32>,
    /// The user's text that is left to answer.
    pub user: String,
    pub rendered: String,
}

/// Why a prompt is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// llama-server's own reply, with the counts.
    Nested { tokens: usize, window: usize },
    /// Ollama's sentence.
    Plain,
}

/// The role marks around messages, as `_debug_render_only` shows them (F30).
pub fn render(messages: &[Message]) -> String {
    let mut text = String::new();
    for Message { role, content } in messages {
        for part in ["[", role, "] ", content, "\n"] {
            text.push_str(part);
        }
    }
    text.push_str("[assistant]");
    text
}

/// Fits a chat.
pub fn fit_chat(path: PromptPath, messages: &[Message], window: Window) -> Result<Fitted, TooLong> {
    let kept = if window.truncate { without_oldest(messages, window.num_ctx) } else { messages.to_vec() };
    let user = last_user(&kept);
    fit(render(&kept), user, path, window)
}

/// Fits a single prompt of `/api/generate`, which never drops messages.
pub fn fit_prompt(rendered: String, user: String, window: Window) -> Result<Fitted, TooLong> {
    fit(rendered, user, PromptPath::Rendered, window)
}

fn fit(rendered: String, user: String, path: PromptPath, window: Window) -> Result<Fitted, TooLong> {
    let parts = pieces(&rendered);
    let tokens = parts.len() + 1;
    let nested = TooLong::Nested { tokens, window: window.real() };
    let cuts = path == PromptPath::Rendered && window.truncate;
    if cuts && tokens > window.num_ctx.saturating_sub(1) {
        if !window.shift {
            return Err(TooLong::Plain);
        }
        let head = window.keep() - 1;
        let tail = window.cut_to() - window.keep();
        let left: String = parts[..head].iter().chain(&parts[parts.len() - tail..]).copied().collect();
        let ids = ids(parts[..head].iter().chain(&parts[parts.len() - tail..]).copied());
        return Ok(Fitted { ids, user: left.clone(), rendered: left });
    }
    if tokens >= window.real() {
        return Err(nested);
    }
    let ids = ids(parts.into_iter());
    Ok(Fitted { ids, user, rendered })
}

fn ids<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<u32> {
    std::iter::once(1).chain(parts.map(piece_id)).collect()
}

/// Drops the oldest messages until the rest fits; system messages and the last one always stay.
fn without_oldest(messages: &[Message], num_ctx: usize) -> Vec<Message> {
    for first in 0..messages.len() {
        let system = messages[..first].iter().filter(|message| message.role == "system");
        let kept: Vec<Message> = system.chain(&messages[first..]).cloned().collect();
        if first + 1 == messages.len() || pieces(&render(&kept)).len() < num_ctx {
            return kept;
        }
    }
    Vec::new()
}

/// The last message of the user, else the last message.
pub fn last_user(messages: &[Message]) -> String {
    let last = messages.iter().rev().find(|message| message.role == "user").or(messages.last());
    last.map(|message| message.content.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(role: &str, content: impl Into<String>) -> Message {
        Message { role: role.into(), content: content.into() }
    }

    const WINDOW: Window = Window { num_ctx: 4096, num_keep: 4, truncate: true, shift: true };

    #[test]
    fn a_cut_prompt_has_the_length_that_was_measured() {
        let fitted = fit_prompt("word ".repeat(6404), String::new(), WINDOW).unwrap();
        assert_eq!(fitted.ids.len(), 2051);
    }

    #[test]
    fn each_case_of_the_table() {
        use PromptPath::{Native, Rendered};
        let long = || say("user", "word ".repeat(6000));
        let nested = TooLong::Nested { tokens: 6007, window: 4096 };
        let refusing = Window { truncate: false, ..WINDOW };
        let still = Window { shift: false, ..WINDOW };
        let one = [long()];
        for (path, window, expected) in [
            (Native, WINDOW, Err(nested)),
            (Native, refusing, Err(nested)),
            (Native, still, Err(nested)),
            (Rendered, WINDOW, Ok(2051)),
            (Rendered, refusing, Err(nested)),
            (Rendered, still, Err(TooLong::Plain)),
        ] {
            let tokens = fit_chat(path, &one, window).map(|fitted| fitted.ids.len());
            let same = match (&tokens, &expected) {
                (Err(TooLong::Nested { .. }), Err(TooLong::Nested { .. })) => true,
                _ => tokens == expected,
            };
            assert!(same, "{path:?} {window:?}: {tokens:?}");
        }
        let many = [say("system", "Be brief."), long(), say("user", "hello")];
        for path in [Native, Rendered] {
            let fitted = fit_chat(path, &many, WINDOW).unwrap();
            assert!(fitted.ids.len() < 40 && fitted.rendered.contains("Be brief.") && fitted.user == "hello");
            assert!(fit_chat(path, &many, refusing).is_err());
        }
    }

    #[test]
    fn what_fits_is_left_alone() {
        let fitted = fit_chat(PromptPath::Native, &[say("user", "hello <b>")], WINDOW).unwrap();
        assert_eq!(fitted.rendered, "[user] hello <b>\n[assistant]");
        assert_eq!(fitted.user, "hello <b>");
    }

    #[test]
    fn a_window_is_rounded_up_only_by_llama_server() {
        let window = Window { num_ctx: 64, truncate: false, ..WINDOW };
        assert_eq!(window.real(), 256);
        assert!(fit_chat(PromptPath::Native, &[say("user", "word ".repeat(100))], window).is_ok());
    }
}
