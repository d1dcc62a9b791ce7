//! What every provider of summaries does. Adding one is a file with this trait, a file that makes its lanes and a row
//! where jobs connect (`epitome-pipeline`), and a variant of `ProviderKind`, which the compiler follows up.

use std::sync::Arc;

use epitome_model::{CallKind, ProviderKind, Usage};
use futures_util::future::BoxFuture;

use crate::LlmError;

/// What a call is to do. Language models get it rendered into a prompt; the built-in summariser works on it directly.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub kind: CallKind,
    pub book_title: String,
    /// As the source names it; none for a synopsis.
    pub chapter_title: Option<String>,
    /// BCP 47 tag of the answer's language.
    pub language: Option<String>,
    /// Which piece of the chapter this is, from 1, and of how many.
    pub piece: u32,
    pub pieces: u32,
    /// The last words before this piece: context, not to be summarised.
    pub carried: Option<String>,
    /// Shared with the chapter's own, where that is one piece.
    pub text: Arc<str>,
    pub target_words: u32,
    /// Title and preview are asked for together with the summary.
    pub wants_title: bool,
    /// 0 on the first try; more asks again with other sampling.
    pub sampling: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// As the provider wrote it, reasoning taken out.
    pub text: String,
    pub usage: Usage,
}

/// A provider that has shown that it works.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// `num_ctx` really in force, in tokens; 0 where there is no window.
    pub window: u32,
}

/// What is heard while an answer streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    FirstToken {
        waited_ms: u32,
    },
    /// So many more tokens arrived.
    Tokens(u32),
}

/// A listener to one call.
pub type Listener<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// Who writes summaries.
pub trait Provider: Send + Sync + 'static {
    fn kind(&self) -> ProviderKind;

    /// Everything besides the task that makes the answer: provider, model digest, options, prompt version. Constant
    /// after [`Provider::meet`].
    fn identity(&self) -> String;

    /// Looks that server and model are there, without having the model loaded; cheap.
    fn meet(&self) -> BoxFuture<'_, Result<(), LlmError>> {
        Box::pin(async { Ok(()) })
    }

    /// Looks that server and model are there, and has the model loaded. Takes as long as a load takes.
    fn prepare(&self) -> BoxFuture<'_, Result<Prepared, LlmError>>;

    /// One call. Dropping the future cancels it.
    fn call<'a>(&'a self, task: &'a Task, listener: Listener<'a>) -> BoxFuture<'a, Result<Answer, LlmError>>;

    /// Whether it would answer now; cheap.
    fn reachable(&self) -> BoxFuture<'_, bool>;

    /// Has the server let go of the model, because a slot of it hangs; the next call loads it anew. Nothing where there
    /// is no such thing.
    fn let_go(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}
