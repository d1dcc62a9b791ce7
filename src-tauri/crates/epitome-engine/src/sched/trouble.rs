//! What goes wrong with calls and servers, and what is done about it.

use std::sync::Arc;
use std::time::Duration;

use epitome_llm::{LlmError, Policy, backoff};
use epitome_model::{CallKind, ErrorCode, EventLevel, JobId, JobState, WireError};

use crate::breaker::{Kind, Outcome};
use crate::ladder::Ended;
use crate::plan::{PlannedCall, Progress};

use super::{Action, CallNo, CallState, Engine, ServerNo, Write};

/// A call whose server went away waits at least so long before it is sent again, so that a breaker has time to open.
const AFTER_AWAY: Duration = Duration::from_millis(100);

/// How long a model that fitted before may not fit, before the job stops and says so. A person plays a game for longer, but
/// then they know.
const NO_MEMORY_FOR: Duration = Duration::from_secs(30 * 60);

/// How soon a call is tried again that found no memory, where no breaker holds it back.
const MEMORY_AGAIN: Duration = Duration::from_secs(5);

/// A retry that the budget does not allow yet is looked at again after this.
const BUDGET_AGAIN: Duration = Duration::from_secs(1);

impl Engine {
    pub(super) fn failed(&mut self, no: CallNo, error: LlmError, now: Duration) {
        let (ended, mut kind) = classify(&error);
        let crowded_out = self.is_crowded_out(no, &error, now);
        if crowded_out {
            kind = Kind::NoMemory;
        }
        let Some(flight) = self.land(no, ended, kind, now) else { return };
        let lane = &self.lanes[flight.lane.0];
        if ended == Ended::TimedOut {
            self.servers[lane.server.0].patience.timed_out();
        }
        let Some(call) = self.calls.get_mut(&no) else { return };
        call.failed_at = Some(flight.lane);
        let id = call.job;
        let Some(job) = self.jobs.get_mut(&id) else { return };
        job.timeouts += u32::from(ended == Ended::TimedOut);
        let place = call.queued.call.chapter;
        if let Some(under_way) = place.and_then(|place| job.permits.get_mut(&place)) {
            *under_way = false;
        }
        if crowded_out {
            self.rest(no, now + MEMORY_AGAIN);
            return;
        }
        let policy = error.policy();
        if policy == Policy::WaitForServer {
            self.rest(no, now + AFTER_AWAY);
            return;
        }
        let settings = &job.frame.settings;
        call.tries += 1;
        if call.tries >= settings.attempts.max(1) || !matches!(policy, Policy::Retry | Policy::AskAgain) {
            return self.failed_for_good(no, error);
        }
        if policy == Policy::AskAgain {
            Arc::make_mut(&mut call.queued).call.task.sampling += 1;
        }
        job.retries += 1;
        let own = backoff(call.tries, jitter(&call.queued.keys, call.tries));
        let pause = error.retry_after().unwrap_or(own);
        self.rest(no, now + pause);
        self.note(id, EventLevel::Info, format!("{error} It is asked again."), place);
    }

    /// Whether a model that has answered does not fit into memory any more: another program took the card, and gives it back.
    fn is_crowded_out(&mut self, no: CallNo, error: &LlmError, now: Duration) -> bool {
        let Some(CallState::InFlight(flight)) = self.calls.get(&no).map(|call| &call.state) else { return false };
        let lane = &mut self.lanes[flight.lane.0];
        if error.code() != ErrorCode::OutOfMemory || !lane.has_answered() {
            return false;
        }
        now.saturating_sub(*lane.no_memory_since.get_or_insert(now)) < NO_MEMORY_FOR
    }

    /// Lets a call wait until `until`.
    fn rest(&mut self, no: CallNo, until: Duration) {
        let Some(call) = self.calls.get_mut(&no) else { return };
        call.state = CallState::Resting(until);
        self.resting.insert((until, no));
        if let Some(job) = self.jobs.get_mut(&call.job) {
            job.resting += 1;
        }
    }

    /// Calls whose pause is over may be sent again, as far as the budget of retries allows.
    pub(super) fn wake_rested(&mut self, now: Duration) {
        while let Some((until, no)) = self.resting.first().copied()
            && until <= now
        {
            self.resting.pop_first();
            let Some(call) = self.calls.get_mut(&no) else { continue };
            let Some(job) = self.jobs.get_mut(&call.job) else { continue };
            // Where it failed, not where it goes now: each server's successes pay for its own failures.
            if call.tries > 0
                && let Some(lane) = call.failed_at
                && let Err(wait) = self.lanes[lane.0].budget.take(now)
            {
                // What succeeds meanwhile may allow it sooner.
                let until = now + wait.clamp(BUDGET_AGAIN, BUDGET_AGAIN * 5);
                call.state = CallState::Resting(until);
                self.resting.insert((until, no));
                continue;
            }
            call.state = CallState::Ready;
            job.resting -= 1;
            job.ready.insert(no);
        }
    }

    fn failed_for_good(&mut self, no: CallNo, error: LlmError) {
        let Some(call) = self.calls.remove(&no) else { return };
        let id = call.job;
        if concerns_all(&error) {
            let error = WireError::from(error);
            self.note(id, EventLevel::Bad, error.message.clone(), None);
            if let Some(job) = self.jobs.get_mut(&id) {
                job.end_reason = Some(format!("{} {}", error.message, error.hint));
                job.ending = Some(JobState::Stopped);
            }
            return;
        }
        let Some(place) = call.queued.call.chapter else {
            return self.without_synopsis(id, error.into());
        };
        let Some(job) = self.jobs.get_mut(&id) else { return };
        let chapter = &mut job.chapters[place as usize];
        if chapter.epoch != call.queued.call.epoch || chapter.is_over() {
            return;
        }
        if let (Policy::CutFiner, LlmError::ContextExceeded { prompt_tokens, window, .. }) = (error.policy(), &error) {
            let sent = call.queued.call.task.text.chars().count();
            if chapter.cut_finer(sent, *prompt_tokens, *window) {
                return self.cut_anew(id, place);
            }
        }
        if call.queued.call.step.kind == CallKind::Title {
            let text = job.texts.get(&place).map(Arc::clone).unwrap_or_default();
            if let Progress::Written(written) = chapter.without_title(&text) {
                self.write_chapter(id, place, written);
            }
            return;
        }
        chapter.fail();
        let error = WireError::from(error);
        self.drop_calls(id, |call| call.chapter == Some(place));
        if let Some(job) = self.jobs.get_mut(&id) {
            job.close(place);
        }
        self.write(id, Write::Standing { place, error: Some(error.clone()) });
        self.show(id, place);
        self.note(id, EventLevel::Bad, error.message, Some(place));
    }

    /// A chapter's text did not fit: everything planned for it is dropped and it is opened again.
    fn cut_anew(&mut self, id: JobId, place: u32) {
        self.drop_calls(id, |call| call.chapter == Some(place));
        self.write(id, Write::Standing { place, error: None });
        self.show(id, place);
        let text = "The text did not fit the model's window; it is cut finer.".to_owned();
        self.note(id, EventLevel::Warning, text, Some(place));
        let Some(job) = self.jobs.get_mut(&id) else { return };
        // It is a new chapter again, and its calls wait among those of new chapters.
        job.permits.remove(&place);
        job.opening.insert(place);
        let chapter = Box::new(job.chapters[place as usize].clone());
        self.out.push(Action::Open { job: id, chapter });
    }

    /// Takes back calls of a job that are not being stored; those in flight are broken off.
    pub(super) fn drop_calls(&mut self, id: JobId, which: impl Fn(&PlannedCall) -> bool) {
        let dropped: Vec<CallNo> = self
            .calls
            .iter()
            .filter(|(_, call)| call.job == id && which(&call.queued.call))
            .filter(|(_, call)| !matches!(call.state, CallState::Storing(_)))
            .map(|(no, _)| *no)
            .collect();
        for no in dropped {
            self.drop_call(no);
        }
    }

    fn drop_call(&mut self, no: CallNo) {
        let Some(call) = self.calls.get(&no) else { return };
        let id = call.job;
        match call.state {
            CallState::InFlight(flight) => {
                self.break_off(no, flight.sent);
                self.out.push(Action::Cancel { call: no });
            }
            CallState::Resting(until) => {
                self.resting.remove(&(until, no));
                if let Some(job) = self.jobs.get_mut(&id) {
                    job.resting -= 1;
                }
            }
            CallState::HeldBack | CallState::Ready | CallState::Storing(_) => {}
        }
        if let Some(job) = self.jobs.get_mut(&id) {
            job.ready.remove(&no);
            job.held_back.retain(|_, held| *held != no);
        }
        self.calls.remove(&no);
    }

    fn break_off(&mut self, no: CallNo, now: Duration) {
        self.land(no, Ended::Cancelled, Kind::OurFault, now);
    }

    /// Calls that were not heard of for too long are broken off and count as failed.
    pub(super) fn time_out(&mut self, now: Duration) {
        let late: Vec<(CallNo, LlmError)> = self
            .flying
            .iter()
            .filter_map(|no| {
                let call = self.calls.get(no)?;
                let CallState::InFlight(flight) = call.state else { return None };
                let limit = self.limit_of(*no)?;
                let seconds = u32::try_from(now.saturating_sub(flight.heard).as_secs()).unwrap_or(u32::MAX);
                let error = match flight.first {
                    None => LlmError::FirstTokenTimeout { seconds },
                    Some(_) => LlmError::Stalled { seconds },
                };
                (now >= limit).then_some((*no, error))
            })
            .collect();
        for (no, error) in late {
            // One that was late before may have ended the chapter, and this call with it.
            if !self.flying.contains(&no) {
                continue;
            }
            self.out.push(Action::Cancel { call: no });
            self.failed(no, error, now);
        }
    }

    /// When a call in flight is given up.
    pub(super) fn limit_of(&self, no: CallNo) -> Option<Duration> {
        let call = self.calls.get(&no)?;
        let CallState::InFlight(flight) = call.state else { return None };
        let patience = &self.servers[self.lanes[flight.lane.0].server.0].patience;
        Some(match flight.first {
            None => flight.sent + patience.first_token(),
            Some(_) => flight.heard + patience.stall(),
        })
    }

    pub(super) fn probed(&mut self, no: ServerNo, up: bool, now: Duration) {
        let Some(server) = self.servers.get_mut(no.0) else { return };
        server.probing = false;
        server.breaker.probed(now, up);
        self.server_changes(now);
    }

    pub(super) fn down(&mut self, name: &str, now: Duration) {
        let refused = Outcome { kind: Kind::Refused, latency: Duration::ZERO };
        for server in self.servers.iter_mut().filter(|server| server.name == name) {
            server.breaker.sent();
            server.breaker.ended(now, refused);
        }
        self.server_changes(now);
    }

    /// Follows what the breakers decided.
    pub(super) fn server_changes(&mut self, now: Duration) {
        for at in 0..self.servers.len() {
            let changes = self.servers[at].breaker.take_changes();
            for change in changes {
                use crate::breaker::State;
                let server = &mut self.servers[at];
                let name = server.name.clone();
                let (level, text) = match change.to {
                    State::Open => {
                        server.trouble.get_or_insert((now, change.reason.clone()));
                        let text =
                            format!("Calls to {name} are held back: {} They go on by themselves.", change.reason);
                        (EventLevel::Warning, text)
                    }
                    State::HalfOpen => (EventLevel::Info, format!("{name} is tried again: {}", change.reason)),
                    State::Closed => {
                        let since = server.trouble.take().map_or(now, |(since, _)| since);
                        server.patience.restarted();
                        server.watchdog.heard(now);
                        for lane in self.lanes.iter_mut().filter(|lane| lane.server.0 == at) {
                            lane.ladder.restarted();
                        }
                        let seconds = now.saturating_sub(since).as_secs().max(1);
                        (EventLevel::Good, format!("{name} is back after {seconds} s; nothing was lost."))
                    }
                };
                for job in self.jobs_at(ServerNo(at)) {
                    self.note(job, level, text.clone(), None);
                }
            }
        }
    }

    fn jobs_at(&self, server: ServerNo) -> Vec<JobId> {
        let uses = |job: &&super::Job| job.tiers.iter().flatten().any(|lane| self.lanes[lane.0].server == server);
        self.jobs.values().filter(uses).map(|job| job.id).collect()
    }
}

/// What an error says about the server, of whatever kind that is.
fn classify(error: &LlmError) -> (Ended, Kind) {
    match error.code() {
        _ if error.policy() == Policy::WaitForServer => (Ended::Broken, Kind::Refused),
        ErrorCode::FirstTokenTimeout | ErrorCode::Stalled => (Ended::TimedOut, Kind::Stalled),
        ErrorCode::Busy
        | ErrorCode::LoadFailed
        | ErrorCode::OutOfMemory
        | ErrorCode::CutStream
        | ErrorCode::Malformed => (Ended::Broken, Kind::Broken),
        _ => (Ended::Cancelled, Kind::OurFault),
    }
}

/// Errors no other call can escape: the job stops and says so, and its chapters keep waiting.
fn concerns_all(error: &LlmError) -> bool {
    matches!(
        error.code(),
        ErrorCode::ModelMissing
            | ErrorCode::ModelNotChosen
            | ErrorCode::CloudModel
            | ErrorCode::NotAServer
            | ErrorCode::LoadFailed
            | ErrorCode::OutOfMemory
            | ErrorCode::KeyRefused
    )
}

/// A number in 0..1 from the call itself, so that tries of different calls spread and a run can be repeated.
fn jitter(keys: &[String], tries: u32) -> f64 {
    let key = keys.first().map_or("", String::as_str);
    let digits = key.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
    f64::from(digits.rotate_left(tries * 7)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use epitome_llm::OpenAiError;

    #[test]
    fn an_error_means_the_same_from_every_kind_of_server() {
        let words = String::new;
        for (ollama, openai) in [
            (LlmError::Unreachable { url: words() }, OpenAiError::Unreachable { url: words() }),
            (LlmError::Busy { words: words() }, OpenAiError::Busy { words: words(), wait: None }),
            (LlmError::ServerError { words: words() }, OpenAiError::ServerError { words: words() }),
            (LlmError::Malformed { words: words() }, OpenAiError::Malformed { words: words() }),
            (LlmError::BadRequest { words: words() }, OpenAiError::BadRequest { words: words() }),
        ] {
            assert_eq!(classify(&ollama), classify(&openai.into()), "{ollama}");
        }
        assert_eq!(classify(&OpenAiError::Loading.into()), (Ended::Broken, Kind::Refused));
        assert!(concerns_all(&OpenAiError::KeyRefused { url: words() }.into()));
    }
}
