//! The built-in summariser: extractive, without model or network. It takes over the most central sentences of a text
//! as they stand (LexRank: Erkan and Radev, "LexRank: Graph-based Lexical Centrality as Salience in Text
//! Summarization", JAIR 22, 2004), leaving out what repeats (MMR: Carbonell and Goldstein, "The Use of MMR,
//! Diversity-Based Reranking", SIGIR 1998). Any language whose sentences Unicode can tell.

mod choose;
mod flow;
mod rank;
mod sentences;
mod title;

use std::time::Instant;

use epitome_model::{CallKind, ProviderKind, Usage};
use futures_util::future::{BoxFuture, FutureExt};

use crate::provider::{Answer, Listener, Prepared, Progress, Provider, Task};
use crate::{LlmError, PROMPT_VERSION};

/// Raised when the same text would give another summary.
const METHOD_VERSION: u32 = 2;

/// The provider that is always there.
#[derive(Clone, Copy, Debug, Default)]
pub struct BuiltIn;

impl BuiltIn {
    pub fn new() -> Self {
        Self
    }
}

impl Provider for BuiltIn {
    fn kind(&self) -> ProviderKind {
        ProviderKind::BuiltIn
    }

    fn identity(&self) -> String {
        format!("built-in/{METHOD_VERSION}/{PROMPT_VERSION}")
    }

    fn prepare(&self) -> BoxFuture<'_, Result<Prepared, LlmError>> {
        async { Ok(Prepared { window: 0 }) }.boxed()
    }

    fn call<'a>(&'a self, task: &'a Task, listener: Listener<'a>) -> BoxFuture<'a, Result<Answer, LlmError>> {
        let task = task.clone();
        async move {
            let start = Instant::now();
            let work = move || (sentences::words(&task.text), answer(&task));
            let (words_in, text) = tokio::task::spawn_blocking(work).await.map_err(|_| LlmError::Cancelled)?;
            if text.trim().is_empty() {
                return Err(LlmError::EmptyAnswer);
            }
            let spent = u32::try_from(start.elapsed().as_millis()).unwrap_or(u32::MAX);
            // Words stand for tokens, which it has none of.
            let output_tokens = sentences::words(&text);
            let usage =
                Usage { prompt_tokens: words_in, output_tokens, total_ms: spent, output_ms: spent, ..Usage::default() };
            listener(Progress::Tokens(usage.output_tokens));
            Ok(Answer { text, usage })
        }
        .boxed()
    }

    fn reachable(&self) -> BoxFuture<'_, bool> {
        async { true }.boxed()
    }
}

/// The answer to a task, in the form a model would give it.
fn answer(task: &Task) -> String {
    let heading = task.chapter_title.as_deref();
    match task.kind {
        CallKind::Title => {
            let (title, preview) = title::of(heading, &task.text, &task.text);
            format!("TITLE: {title}\nPREVIEW: {preview}")
        }
        CallKind::Merge => choose::across(&task.text, task.target_words),
        CallKind::Map | CallKind::Reduce => {
            let summary = choose::central(&task.text, heading, task.target_words);
            if !task.wants_title {
                return summary;
            }
            let (title, preview) = title::of(heading, &task.text, &summary);
            format!("TITLE: {title}\nPREVIEW: {preview}\nSUMMARY:\n{summary}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_answer;

    const ENGLISH: &str = "CHAPTER 3\n\nThe old lighthouse keeper had not left the island for eleven years. Every evening \
        the keeper climbed the hundred and twelve steps of the lighthouse and lit the lamp. One night a ship broke on \
        the rocks below the lighthouse, and the keeper rowed out alone to save her crew. He brought back seven sailors \
        and a child. The child never spoke of the wreck, but she stayed on the island. \"Oh!\" she said. When the keeper \
        grew too old to climb the steps, the child lit the lamp of the lighthouse instead. Ships still steer by the \
        lamp that she lights every evening on the island.";

    fn task(kind: CallKind, text: &str, words: u32) -> Task {
        Task {
            kind,
            book_title: "Book".into(),
            chapter_title: Some("Chapter 3".into()),
            language: None,
            piece: 1,
            pieces: 1,
            carried: None,
            text: text.into(),
            target_words: words,
            wants_title: true,
            sampling: 0,
        }
    }

    fn squeezed(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_summary_has_title_preview_and_the_asked_length() {
        let raw = answer(&task(CallKind::Map, ENGLISH, 45));
        let parts = read_answer(CallKind::Map, true, &raw);
        let words = parts.summary.split_whitespace().count();
        assert!((15..=70).contains(&words), "{words} words: {}", parts.summary);
        assert!(parts.summary.contains("lighthouse"));
        assert!(!parts.summary.contains("CHAPTER"), "the heading is no sentence");
        let title = parts.title.unwrap();
        assert!(!title.is_empty() && title.to_lowercase() != "chapter 3", "{title}");
        assert!(parts.preview.is_some_and(|preview| preview.chars().count() <= 161));
    }

    #[test]
    fn every_sentence_is_the_books_own() {
        let source = squeezed(ENGLISH);
        for words in [10, 40, 90, 500] {
            let raw = answer(&task(CallKind::Map, ENGLISH, words));
            let summary = read_answer(CallKind::Map, true, &raw).summary;
            for sentence in sentences::split(&summary) {
                assert!(source.contains(&squeezed(sentence)), "{sentence}");
            }
            assert!(summary.chars().count() <= source.chars().count());
        }
    }

    #[test]
    fn it_reads_any_language_it_can_find_sentences_in() {
        for text in [
            "话说天下大势，分久必合，合久必分。周末七国分争，并入于秦。及秦灭之后，楚汉分争，又并入于汉。汉朝自高祖斩白蛇而起义，一统天下。后来光武中兴，传至献帝，遂分为三国。",
            "Все счастливые семьи похожи друг на друга. Каждая несчастливая семья несчастлива по-своему. Всё смешалось в доме Облонских. Жена узнала, что муж был в связи с бывшею в их доме француженкою. Положение это продолжалось уже третий день.",
            "كان يا ما كان في قديم الزمان ملك عادل. وكان للملك ثلاثة أبناء. خرج الابن الأكبر يبحث عن الماء. ثم خرج الابن الأوسط ولم يعد. فوجد الابن الأصغر الماء وعاد به إلى أبيه.",
        ] {
            let raw = answer(&task(CallKind::Map, text, 20));
            let parts = read_answer(CallKind::Map, true, &raw);
            assert!(parts.title.is_some() && parts.preview.is_some(), "{raw}");
            assert!(!parts.summary.is_empty() && parts.summary.chars().count() < text.chars().count(), "{raw}");
        }
    }

    #[test]
    fn the_smallest_texts_are_their_own_summary() {
        for text in ["He died.", "…", "No full stop", "# Heading\n\nOne."] {
            let raw = answer(&task(CallKind::Map, text, 40));
            let parts = read_answer(CallKind::Map, true, &raw);
            assert!(!parts.summary.is_empty(), "{text}: {raw}");
        }
    }

    #[test]
    fn a_synopsis_takes_from_every_part_of_the_book() {
        let chapters: Vec<String> = (1..=12)
            .map(|n| format!("Chapter {n}\nIn chapter {n} the heroes reach town number {n}. They rest there for {n} days. Then they leave."))
            .collect();
        let synopsis = answer(&task(CallKind::Merge, &chapters.join("\n\n"), 90));
        for third in [1..=4, 5..=8, 9..=12] {
            assert!(third.clone().any(|n| synopsis.contains(&format!("town number {n}."))), "{third:?}: {synopsis}");
        }
    }

    #[test]
    fn the_same_text_gives_the_same_summary() {
        assert_eq!(answer(&task(CallKind::Map, ENGLISH, 45)), answer(&task(CallKind::Map, ENGLISH, 45)));
    }
}
