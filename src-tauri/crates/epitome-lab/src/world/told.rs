//! Events and actions as a trace shows them, a line each.

use std::fmt;

use epitome_engine::sched::{Action, Event, Ready, Write};

/// An event in a trace.
pub(super) struct Told<'a>(pub &'a Event);

impl fmt::Display for Told<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Event::Add(job) => write!(out, "-> add job {}, {} chapters", job.id, job.chapters.len()),
            Event::Opened { job, place, opened: Ok(opened) } => match &opened.progress {
                Ready::Calls(calls) => write!(
                    out,
                    "-> opened chapter {place} of job {job}: {} calls, {} answered",
                    calls.len(),
                    calls.iter().filter(|call| call.is_answered()).count()
                ),
                Ready::Written(_) => write!(out, "-> opened chapter {place} of job {job}: empty"),
            },
            Event::Found { job, calls: Ok(calls) } => write!(
                out,
                "-> found for job {job}: {} calls, {} answered",
                calls.len(),
                calls.iter().filter(|call| call.is_answered()).count()
            ),
            Event::Answered { call, .. } => write!(out, "-> answered {call:?}"),
            Event::Settings { job, .. } => write!(out, "-> settings of job {job}"),
            Event::Summaries { job, read: Ok(read) } => {
                write!(out, "-> {} summaries of job {job}, then {:?}", read.chapters.len(), read.next)
            }
            Event::Wrought { job, outcome, .. } => write!(out, "-> wrought for job {job}: {outcome:?}"),
            other => write!(out, "-> {other:?}"),
        }
    }
}

/// An action in a trace.
pub(super) struct Done<'a>(pub &'a Action);

impl fmt::Display for Done<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Action::Open { job, chapter } => write!(out, "   open chapter {} of job {job}", chapter.place),
            Action::LookUp { job, calls } => write!(out, "   look up {} calls of job {job}", calls.len()),
            Action::Send { call, job, lane, queued, tries, .. } => {
                let (chapter, step) = (queued.call.chapter, queued.call.step);
                write!(
                    out,
                    "   send {call:?}: {step:?} of chapter {chapter:?}, job {job}, to {lane:?}, try {}",
                    tries + 1
                )
            }
            Action::Store { call, completes, .. } => {
                let chapter = completes.as_ref().map(|(chapter, _)| chapter.place);
                write!(out, "   store {call:?}, completes {chapter:?}")
            }
            Action::Write { job, write, .. } => match write {
                Write::Chapter { place, .. } => {
                    write!(out, "   write chapter {place} of job {job}")
                }
                other => write!(out, "   write for job {job}: {other:?}"),
            },
            Action::Over { job, state, reason, .. } => write!(out, "   over: job {job} is {state:?}, {reason:?}"),
            other => write!(out, "   {other:?}"),
        }
    }
}
