//! Whether what a language model wrote is an answer.

use epitome_model::Usage;

use crate::LlmError;
use crate::answer::without_reasoning;
use crate::provider::Answer;
use crate::watch::{ends_in_loop, is_refusal};

/// Refuses what went beyond the window, in tokens: the server made room by dropping the middle of the prompt, and no
/// field of its answer tells.
pub fn fits(usage: &Usage, window: u32) -> Result<(), LlmError> {
    if usage.prompt_tokens.saturating_add(usage.output_tokens) > window {
        return Err(LlmError::ContextExceeded { prompt_tokens: Some(usage.prompt_tokens), window: Some(window) });
    }
    Ok(())
}

/// Judges an answer that ended by itself.
pub fn whole(text: &str, usage: Usage) -> Result<Answer, LlmError> {
    let text = without_reasoning(text);
    if text.is_empty() {
        Err(LlmError::EmptyAnswer)
    } else if ends_in_loop(text.as_bytes()) {
        Err(LlmError::Looping)
    } else if is_refusal(&text) {
        Err(LlmError::Refused)
    } else {
        Ok(Answer { text, usage })
    }
}
