//! The person's own words in the prompts, tried on a chapter before they are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use epitome_llm::{Task, prompt};
use epitome_model::{
    ErrorCode, JobSettings, ProviderKind, SectionId, StartJob, TrialAnswer, WireError, Wording, WordsTrial,
};
use epitome_pipeline::{Rehearsal, measure};
use epitome_store::{book, section};

use crate::{Api, jobs, keys};

/// Characters of the book's text that are shown of a prompt, at its beginning and at its end.
const SHOWN_CHARS: usize = 400;

impl Api {
    /// What a chapter would be asked with these words (what is absent is as in the settings), and where `ask` is set, what the model answers. Nothing is
    /// stored.
    pub(crate) async fn try_words(
        &self,
        section: SectionId,
        words: Wording,
        ask: bool,
    ) -> Result<WordsTrial, WireError> {
        let found = self.read_store(move |conn| {
            let (book, title, text) =
                (section::book(conn, section)?, section::title(conn, section)?, section::text(conn, section)?);
            let book = book.map(|book| book::find(conn, book)).transpose()?.flatten();
            Ok(book.zip(title).zip(text))
        });
        let Some(((book, chapter_title), text)) = found.await? else {
            return Err(WireError::new(
                ErrorCode::NotFound,
                "This chapter is no longer in the library.",
                "Choose another one.",
            ));
        };
        let start = StartJob { settings: by_key(words), ..StartJob::default() };
        let settings = match self.job_settings(&start).await {
            Ok(settings) => settings,
            // What would be asked can be shown without anybody to ask.
            Err(error) if !ask && error.code != ErrorCode::BadSetting => {
                let own = start.settings.iter().map(|(key, value)| (key.as_str(), value.as_str()));
                self.settings_now().for_one_job(own)?.job(ProviderKind::BuiltIn, String::new())?
            }
            Err(error) => return Err(error),
        };
        if ask && settings.provider == ProviderKind::BuiltIn {
            return Err(WireError::new(
                ErrorCode::BadUse,
                "The built-in summariser follows no prompts.",
                "Start Ollama, or choose a provider in the settings, to try these words on a model.",
            ));
        }
        let language = book.meta.language.as_deref();
        let rehearsal = Rehearsal {
            book_title: &book.meta.title,
            chapter_title: &chapter_title,
            text: &text,
            language,
            measure: measure(language, jobs::sample(&text), &settings),
        };
        if !ask {
            let task = rehearsal.expected(&settings).ok_or_else(empty)?;
            return Ok(shown(&task, &settings, None));
        }
        let (task, rehearsed) = rehearsal.ask(&settings, &keys::finder()).await?.ok_or_else(empty)?;
        let answer = TrialAnswer {
            title: rehearsed.parts.title,
            preview: rehearsed.parts.preview,
            summary: rehearsed.parts.summary,
            provider: settings.provider,
            model: settings.model.clone(),
            took_ms: u32::try_from(rehearsed.took.as_millis()).unwrap_or(u32::MAX),
        };
        Ok(shown(&task, &settings, Some(answer)))
    }
}

/// The words as settings of one job.
fn by_key(words: Wording) -> BTreeMap<String, String> {
    let Wording { style, chapter, part, reduce, merge } = words;
    let given = [("style", style), ("chapter", chapter), ("part", part), ("reduce", reduce), ("merge", merge)];
    given.into_iter().filter_map(|(name, text)| Some((format!("prompt.{name}"), text?))).collect()
}

fn shown(task: &Task, settings: &JobSettings, answer: Option<TrialAnswer>) -> WordsTrial {
    let short = Task { text: shortened(&task.text), ..task.clone() };
    let prompt = prompt(&short, &settings.wording);
    WordsTrial { system: prompt.system.into_owned(), user: prompt.user, pieces: task.pieces, answer }
}

/// Beginning and end of a long text.
fn shortened(text: &Arc<str>) -> Arc<str> {
    let chars = text.chars().count();
    if chars <= SHOWN_CHARS * 3 {
        return Arc::clone(text);
    }
    let begin: String = text.chars().take(SHOWN_CHARS).collect();
    let end: String = text.chars().skip(chars - SHOWN_CHARS).collect();
    format!(
        "{}\n\n[\u{2026} {} characters \u{2026}]\n\n{}",
        begin.trim_end(),
        chars - 2 * SHOWN_CHARS,
        end.trim_start()
    )
    .into()
}

fn empty() -> WireError {
    WireError::new(ErrorCode::BadUse, "This chapter has no text to be summarised.", "Choose another one.")
}
