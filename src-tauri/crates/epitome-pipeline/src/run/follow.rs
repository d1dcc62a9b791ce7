//! What follows from a plan's progress: chapters opened, answers taken, calls kept for the queue.

use std::sync::Arc;

use crate::RunError;
use crate::worker::QueuedCall;
use epitome_engine::key;
use epitome_engine::plan::{PlannedCall, Progress};
use epitome_engine::synopsis::{Merged, Synopsis};

use super::Run;

impl Run {
    /// Reads and cuts a chapter, off the async threads, and plans its calls.
    pub(super) async fn open(&mut self, place: usize) -> Result<(), RunError> {
        let mut chapter = self.chapters[place].clone();
        let (recorder, frame) = (self.recorder.clone(), Arc::clone(&self.frame));
        let (chapter, text, progress) = tokio::task::spawn_blocking(move || {
            let text: Arc<str> = recorder.text(chapter.section)?.into();
            let progress = chapter.open(&text, &frame);
            Ok::<_, RunError>((chapter, text, progress))
        })
        .await
        .map_err(|_| RunError::WorkersGone)??;
        self.chapters[place] = chapter;
        self.texts.insert(u32::try_from(place).unwrap_or(u32::MAX), text);
        self.follow(Some(place), progress).await
    }

    pub(super) async fn begin_synopsis(&mut self) -> Result<(), RunError> {
        self.synopsis_begun = true;
        let chapters = self.recorder.summaries().await?;
        let (synopsis, merged) = Synopsis::start(chapters, &self.frame);
        self.synopsis = synopsis;
        self.merged(merged).await
    }

    /// Does what a chapter's progress asks for. Answers that are stored already are taken at once, in a loop rather
    /// than by recursion.
    pub(super) async fn follow(&mut self, place: Option<usize>, progress: Progress) -> Result<(), RunError> {
        let mut steps = vec![(place, progress)];
        while let Some((place, progress)) = steps.pop() {
            match progress {
                Progress::Pending => {}
                Progress::Written(written) => {
                    if let Some(place) = place {
                        self.recorder.finish_chapter(&self.chapters[place], &written).await?;
                        self.texts.remove(&u32::try_from(place).unwrap_or(u32::MAX));
                    }
                }
                Progress::Calls(calls) => {
                    for (call, output) in self.look_up(calls).await? {
                        match output {
                            Some(output) => {
                                self.reused += 1;
                                self.pace.skipped(call.call.task.text.chars().count() as u64);
                                let answered = self.answer(&call.call, &output);
                                steps.push((place, answered));
                            }
                            None => self.keep(call),
                        }
                    }
                }
            }
            if let Some(place) = place {
                self.show(place);
            }
        }
        Ok(())
    }

    pub(super) async fn merged(&mut self, merged: Merged) -> Result<(), RunError> {
        let mut next = Some(merged);
        while let Some(merged) = next.take() {
            match merged {
                Merged::Pending => {}
                Merged::Whole(text) => {
                    self.synopsis = None;
                    if !text.is_empty() {
                        self.recorder.synopsis(text).await?;
                    }
                }
                Merged::Calls(calls) => {
                    for (call, output) in self.look_up(calls).await? {
                        match (output, &mut self.synopsis) {
                            (Some(output), Some(synopsis)) => {
                                self.reused += 1;
                                next = Some(synopsis.answer(&call.call, &output, &self.frame));
                            }
                            _ => self.keep(call),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives each call its key and what the store has for it.
    pub(super) async fn look_up(&self, calls: Vec<PlannedCall>) -> Result<Vec<(QueuedCall, Option<String>)>, RunError> {
        let identity = &self.connected.identity;
        let generation = self.recorder.generation();
        let queued: Vec<QueuedCall> =
            calls.into_iter().map(|call| QueuedCall { key: key::of(identity, generation, &call.task), call }).collect();
        let recorder = self.recorder.clone();
        tokio::task::spawn_blocking(move || {
            let found: Result<Vec<_>, RunError> =
                queued.into_iter().map(|call| Ok((recorder.find(&call.key)?, call))).collect();
            Ok(found?.into_iter().map(|(output, call)| (call, output)).collect())
        })
        .await
        .map_err(|_| RunError::WorkersGone)?
    }

    pub(super) fn keep(&mut self, call: QueuedCall) {
        let step = call.call.step;
        // The synopsis comes after every chapter; later levels of a fold before earlier pieces of the next chapter.
        let priority = (call.call.chapter.unwrap_or(u32::MAX), step.level, step.index);
        self.backlog.insert((priority, self.arrivals), call);
        self.arrivals += 1;
    }

    pub(super) fn answer(&mut self, call: &PlannedCall, raw: &str) -> Progress {
        let Some(place) = call.chapter else { return Progress::Pending };
        let text = self.texts.get(&place).map(Arc::clone).unwrap_or_default();
        match self.chapters.get_mut(place as usize) {
            Some(chapter) => chapter.answer(call, raw, &text, &self.frame),
            None => Progress::Pending,
        }
    }
}
