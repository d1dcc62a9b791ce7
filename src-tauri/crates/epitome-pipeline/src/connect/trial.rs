//! Single calls before a job: to tell how fast a model is, and what it makes of a chapter with other words.

use std::sync::Arc;
use std::time::{Duration, Instant};

use epitome_engine::plan::{Chapter, Frame, Progress};
use epitome_engine::{Measure, ModelFacts, Room, Speed, budget, first_words};
use epitome_llm::{Answer, BuiltIn, LlmError, Ollama, OpenAi, Parts, Prepared, Provider, Task, read_answer};
use epitome_model::{CallKind, JobSettings, ProviderKind, SectionId, Usage};

use super::{FindKey, ollama};

/// Characters that are read, and words that are asked for: a few seconds on a usual card.
const CHARS: usize = 2_400;
const WORDS: u32 = 60;

/// What a test call reads, and the longest chapter of its book, for the window the job will have.
pub struct Trial<'a> {
    pub book_title: &'a str,
    pub text: &'a str,
    pub language: Option<&'a str>,
    pub longest_chapter: usize,
    pub measure: Measure,
}

/// A provider with the settings of a job, ready to be called, and the window in force.
async fn ready(
    settings: &JobSettings,
    longest_chapter: usize,
    measure: &Measure,
    keys: &FindKey,
) -> Result<(Arc<dyn Provider>, Prepared), LlmError> {
    let provider: Arc<dyn Provider> = match settings.provider {
        ProviderKind::BuiltIn => Arc::new(BuiltIn::new()),
        ProviderKind::Ollama => {
            let facts: ModelFacts = ollama::look(&settings.url, &settings.model).await?;
            let window = budget::window(settings, facts, longest_chapter, measure);
            Arc::new(Ollama::new(settings, window)?)
        }
        ProviderKind::OpenAi => {
            let (keys, url) = (Arc::clone(keys), settings.url.clone());
            let key = tokio::task::spawn_blocking(move || keys(&url)).await.ok().flatten();
            Arc::new(OpenAi::for_job(settings, key, settings.window)?)
        }
    };
    let prepared = provider.prepare().await?;
    Ok((provider, prepared))
}

/// Makes a test call as a job with these settings would; the model is loaded with the window the job will have, so that
/// the load is not for nothing.
pub async fn try_speed(settings: &JobSettings, trial: &Trial<'_>, keys: &FindKey) -> Result<Option<Speed>, LlmError> {
    if settings.provider == ProviderKind::BuiltIn {
        return Ok(None);
    }
    let (provider, _) = ready(settings, trial.longest_chapter, &trial.measure, keys).await?;
    let task = Task {
        kind: CallKind::Map,
        book_title: trial.book_title.to_owned(),
        chapter_title: None,
        language: trial.language.map(str::to_owned),
        piece: 1,
        pieces: 1,
        carried: None,
        text: first_words(trial.text, CHARS).into(),
        target_words: WORDS,
        wants_title: false,
        sampling: 0,
    };
    let begun = Instant::now();
    let Answer { usage, .. } = provider.call(&task, &|_| {}).await?;
    Ok(speed(usage, begun.elapsed().as_secs_f32()))
}

/// From the server's own times; where it tells none, half of the time is taken for reading and half for writing.
fn speed(usage: Usage, seconds: f32) -> Option<Speed> {
    let a_second = |tokens: u32, ms: u32| tokens as f32 * 1000.0 / ms as f32;
    if usage.output_tokens == 0 {
        return None;
    }
    if usage.prompt_ms == 0 || usage.output_ms == 0 {
        let all = seconds.max(0.001);
        let (prompt_tps, output_tps) = (usage.prompt_tokens as f32 / all, usage.output_tokens as f32 / all);
        return Some(Speed { prompt_tps: prompt_tps * 2.0, output_tps: output_tps * 2.0, alone: true });
    }
    Some(Speed {
        prompt_tps: a_second(usage.prompt_tokens, usage.prompt_ms),
        output_tps: a_second(usage.output_tokens, usage.output_ms),
        alone: true,
    })
}

/// A chapter that is asked for on trial.
pub struct Rehearsal<'a> {
    pub book_title: &'a str,
    pub chapter_title: &'a str,
    pub text: &'a Arc<str>,
    /// The book's own.
    pub language: Option<&'a str>,
    pub measure: Measure,
}

/// What came of asking.
pub struct Rehearsed {
    pub parts: Parts,
    pub took: Duration,
}

impl Rehearsal<'_> {
    /// The first call a job with these settings would make of the chapter, with this room in a call; none
    /// for a chapter without text.
    fn task(&self, settings: &JobSettings, room: Room) -> Option<Task> {
        let frame = Frame {
            settings: settings.clone(),
            book_title: self.book_title.to_owned(),
            language: settings.language.clone().or_else(|| self.language.map(str::to_owned)),
            room,
            measure: self.measure,
        };
        let chars = u32::try_from(self.text.chars().count()).unwrap_or(u32::MAX);
        let mut chapter = Chapter::new(SectionId(0), 0, self.chapter_title.to_owned(), chars, None);
        match chapter.open(self.text, &frame) {
            Progress::Calls(calls) => calls.into_iter().next().map(|call| call.task),
            Progress::Pending | Progress::Written(_) => None,
        }
    }

    /// The same without asking anybody, for the largest window the settings allow.
    pub fn expected(&self, settings: &JobSettings) -> Option<Task> {
        self.task(settings, self.measure.room(settings.window.unwrap_or(settings.window_max)))
    }

    /// Has the model answer it, once. Nothing is kept of it.
    pub async fn ask(&self, settings: &JobSettings, keys: &FindKey) -> Result<Option<(Task, Rehearsed)>, LlmError> {
        let chars = self.text.chars().count();
        let (provider, prepared) = ready(settings, chars, &self.measure, keys).await?;
        let room = match prepared.window {
            0 => Room::of(usize::MAX),
            window => self.measure.room(window),
        };
        let Some(task) = self.task(settings, room) else { return Ok(None) };
        let begun = Instant::now();
        let answer = provider.call(&task, &|_| {}).await?;
        let took = begun.elapsed();
        let parts = read_answer(task.kind, task.wants_title, &answer.text);
        Ok(Some((task, Rehearsed { parts, took })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_times_tell_and_their_absence_is_no_division_by_nothing() {
        let usage =
            Usage { prompt_tokens: 800, output_tokens: 80, prompt_ms: 400, output_ms: 2000, ..Usage::default() };
        assert_eq!(speed(usage, 9.0), Some(Speed { prompt_tps: 2000.0, output_tps: 40.0, alone: true }));
        let untold = Usage { prompt_ms: 0, output_ms: 0, ..usage };
        let found = speed(untold, 4.0).unwrap();
        // Half of the time each: what follows for the whole is the same time.
        assert!((800.0 / found.prompt_tps + 80.0 / found.output_tps - 4.0).abs() < 0.01);
        assert_eq!(speed(Usage { output_tokens: 0, ..usage }, 1.0), None);
    }
}
