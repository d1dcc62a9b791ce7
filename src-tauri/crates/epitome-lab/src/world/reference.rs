//! What must come out: the plan carried out call by call with nothing in between. Whatever happened on the way, a
//! world's chapters end with these summaries.

use epitome_engine::plan::{PlannedCall, Progress, Written};
use epitome_engine::sched::QueuedCall;
use epitome_engine::synopsis::{Merged, Summaries, Synopsis};
use epitome_model::CallKind;

use super::scene::JobScene;
use super::speech::Speech;
use crate::server::Request;

/// What a chapter comes to.
#[derive(Debug)]
pub struct Expected {
    pub written: Written,
    /// The same where the call for title and preview failed for good.
    pub untitled: Option<Written>,
    /// Keys of every call but that of the title, one for each tier.
    pub keys: Vec<Vec<String>>,
    /// Those of the call whose answer is the last.
    pub last: Vec<String>,
    /// Texts of the pieces in order.
    pub pieces: Vec<String>,
    /// What each call costs its server.
    pub requests: Vec<Request>,
    /// Most characters that a piece repeats of the one before it.
    pub overlap: usize,
}

/// Carries out the plan of a chapter; `None` if the plan never came to an end.
pub fn chapter(job: &JobScene, place: usize, piece_chars: Option<usize>, speech: Speech) -> Option<Expected> {
    let text = job.texts.get(place)?;
    let mut chapter = job.chapter(place, piece_chars);
    let mut steps = vec![chapter.open(text, &job.frame)];
    let (mut untitled, mut keys, mut pieces, mut requests) = (None, Vec::new(), Vec::new(), Vec::new());
    let mut last = Vec::new();
    while let Some(step) = steps.pop() {
        match step {
            Progress::Pending => {}
            Progress::Written(written) => {
                let overlap = job.settings().chunk_overlap as usize;
                return Some(Expected { written, untitled, keys, last, pieces, requests, overlap });
            }
            Progress::Calls(calls) => {
                for call in calls {
                    requests.push(speech.request(&call.task));
                    last = QueuedCall::new(call.clone(), &job.identities, 0).keys;
                    if call.step.kind == CallKind::Map {
                        pieces.push(call.task.text.to_string());
                    }
                    if call.step.kind == CallKind::Title {
                        if let Progress::Written(written) = chapter.clone().without_title(text) {
                            untitled = Some(written);
                        }
                    } else {
                        keys.push(last.clone());
                    }
                    steps.push(chapter.answer(&call, &speech.answer(&call.task), text, &job.frame));
                }
            }
        }
    }
    None
}

/// What the calls of a job's chapters cost their server.
pub fn requests(job: &JobScene, speech: Speech) -> Vec<Request> {
    (0..job.texts.len()).filter_map(|place| chapter(job, place, None, speech)).flat_map(|of| of.requests).collect()
}

/// The synopsis of chapters with these titles and summaries; empty when there are none.
pub fn synopsis(job: &JobScene, chapters: Vec<(String, String)>, speech: Speech) -> String {
    let mut synopsis = Synopsis::new(&job.frame);
    let mut merged = synopsis.take(Summaries { chapters, next: None }, &job.frame);
    let mut open: Vec<PlannedCall> = Vec::new();
    loop {
        match merged {
            Merged::Whole(text) => return text,
            Merged::Calls(calls) => open.extend(calls),
            Merged::Pending => {}
        }
        let Some(call) = open.pop() else { return String::new() };
        merged = synopsis.answer(&call, &speech.answer(&call.task), &job.frame);
    }
}

/// Whether the pieces are the text: each begins at most `overlap` characters before the end of the one before it, and
/// together they are the whole.
pub fn pieces_are_the_text(pieces: &[String], text: &str, overlap: usize) -> bool {
    let mut end = 0;
    for (index, piece) in pieces.iter().enumerate() {
        let shared = if index == 0 { 0 } else { overlap };
        let before = text.get(..end).unwrap_or_default();
        let starts = std::iter::once(end).chain(before.char_indices().rev().take(shared).map(|(at, _)| at));
        // The longest repetition that fits is the real one: sentences differ.
        let start = starts.filter(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(piece.as_str()))).last();
        let Some(start) = start else { return false };
        if start + piece.len() <= end {
            return false;
        }
        end = start + piece.len();
    }
    end == text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_told_from_the_text() {
        let text = "One. Two. Three.";
        let pieces = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        assert!(pieces_are_the_text(&pieces(&["One. ", "Two. ", "Three."]), text, 0));
        assert!(pieces_are_the_text(&pieces(&["One. Two. ", "Two. Three."]), text, 5));
        assert!(!pieces_are_the_text(&pieces(&["One. Two. ", "Two. Three."]), text, 0), "more than may be repeated");
        assert!(!pieces_are_the_text(&pieces(&["One. ", "Three."]), text, 5), "a piece is missing");
        assert!(!pieces_are_the_text(&pieces(&["One. ", "Two. "]), text, 5), "the end is missing");
        assert!(pieces_are_the_text(&[], "", 0));
    }
}
