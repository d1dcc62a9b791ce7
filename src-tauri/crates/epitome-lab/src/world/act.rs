//! Doing what the engine says, as the real driver does it.

use std::sync::Arc;
use std::time::Duration;

use epitome_engine::plan::{Chapter, PlannedCall};
use epitome_engine::sched::{Action, CallNo, Event, Found, Kept, LaneNo, QueuedCall, Write, open};
use epitome_engine::synopsis::Summaries;
use epitome_llm::{Answer, LlmError};
use epitome_model::JobId;

use super::disk::Unit;
use super::host::Heard;
use super::ledger::Sent;
use super::scene::Point;
use super::{Item, Reply, World};

/// Characters of a chapter that a processor core cuts in a second, roughly.
const CUTS: f64 = 5e6;

/// Summaries read at once for a synopsis: few, so that small books take several readings too.
const SUMMARIES_AT_ONCE: usize = 3;

/// Most milliseconds that reading, telling and probing take.
const READS_MS: u64 = 4;
const TELLS_MS: u64 = 2;
const PROBES_MS: u64 = 50;

impl World<'_> {
    pub(super) fn act(&mut self, action: Action) {
        match action {
            Action::Open { job, chapter } => {
                self.ask(job);
                let takes = Duration::from_secs_f64(f64::from(chapter.chars) / CUTS) + self.moment(READS_MS);
                self.agenda.put(self.now + takes, Item::Open(job, chapter));
            }
            Action::LookUp { job, calls } => {
                self.ask(job);
                self.check_lookup(job, &calls);
                let takes = self.moment(READS_MS);
                self.agenda.put(self.now + takes, Item::LookUp(job, calls));
            }
            Action::Send { call, job, lane, queued, .. } => self.send(call, job, lane, &queued),
            Action::Cancel { call } => self.cancel(call),
            Action::Store { call, job, author, tier, queued, answer, completes, .. } => {
                self.store(call, job, tier, &queued, Kept { text: answer.text.clone(), author }, completes);
            }
            Action::Write { job, write, chapter } => self.write(job, write, chapter),
            Action::ReadSummaries { job, from } => {
                self.ask(job);
                self.check_all_over(job);
                let takes = self.moment(READS_MS);
                self.agenda.put(self.now + takes, Item::Summaries(job, from));
            }
            Action::Probe { server } => {
                self.outcome.probes += 1;
                let takes = self.moment(PROBES_MS);
                self.agenda.put(self.now + takes, Item::Probe(server));
            }
            Action::Unload { lane } => {
                self.outcome.unloads += 1;
                if let Some(host) = self.host_of(lane) {
                    self.hosts[host].unload(self.now);
                }
            }
            Action::Note { text, .. } => self.outcome.held_back += u32::from(text.contains("are held back")),
            Action::Show { job, place, cell } => self.check_cell(job, place, cell),
            Action::State { .. } => {}
            Action::Over { job, state, view, .. } => self.leave(job, state, &view),
        }
    }

    /// The engine waits for an answer about a job.
    fn ask(&mut self, job: JobId) {
        *self.ledger.asked.entry(job).or_default() += 1;
    }

    fn got(&mut self, job: JobId) {
        if let Some(asked) = self.ledger.asked.get_mut(&job) {
            *asked = asked.saturating_sub(1);
        }
    }

    pub(super) fn open(&mut self, id: JobId, chapter: Chapter) {
        let Some(job) = self.job(id) else { return };
        let place = chapter.place;
        let text = job.texts.get(place as usize).cloned().unwrap_or_default();
        let identities = &job.identities;
        let found =
            open::<std::convert::Infallible>(chapter, text, &job.frame, |calls| Ok(self.find(identities, calls)));
        let Ok(opened) = found;
        self.got(id);
        self.step(Event::Opened { job: id, place, opened: Ok(Box::new(opened)) });
    }

    pub(super) fn look_up(&mut self, id: JobId, calls: Vec<PlannedCall>) {
        let Some(job) = self.job(id) else { return };
        let calls = self.find(&job.identities, calls);
        self.got(id);
        self.step(Event::Found { job: id, calls: Ok(calls) });
    }

    pub(super) fn summaries(&mut self, id: JobId, from: u32) {
        self.got(id);
        let all = self.disk.summaries_of(id);
        let from = from as usize;
        let to = (from + SUMMARIES_AT_ONCE).min(all.len());
        let next = (to < all.len()).then(|| u32::try_from(to).unwrap_or(u32::MAX));
        let read = Summaries { chapters: all.get(from..to).unwrap_or_default().to_vec(), next };
        self.step(Event::Summaries { job: id, read: Ok(read) });
    }

    fn find(&self, identities: &[String], calls: Vec<PlannedCall>) -> Vec<Found> {
        let find = |call: PlannedCall| {
            let call = QueuedCall::new(call, identities, 0);
            let kept = |key: &String| self.disk.answers.get(key).map(|stored| stored.kept.clone());
            Found { kept: call.keys.iter().map(kept).collect(), call }
        };
        calls.into_iter().map(find).collect()
    }

    fn send(&mut self, no: CallNo, job: JobId, lane: LaneNo, queued: &Arc<QueuedCall>) {
        if self.killed_at(Point::BeforeSend) {
            return;
        }
        let call = &queued.call;
        let request = self.scene.speech.request(&call.task);
        self.check_send(no, Sent { queued: Arc::clone(queued), job, lane, request, at: self.now, answered: self.now });
        let Some(host) = self.host_of(lane) else { return self.fail(format!("{lane:?} is at no server")) };
        let name = self.hosts[host].name.clone();
        let (fate, fault) = self.scene.weather.fate(self.now, request, &name, &mut self.luck);
        if let Some(fault) = fault {
            *self.outcome.faults.entry(format!("{fault:?}")).or_default() += 1;
            self.ledger.faulted.insert((job, call.chapter));
            if let Some(trace) = self.trace {
                trace(self.now, &format_args!("     ! {no:?} meets with {fault:?}"));
            }
        }
        self.outcome.sent += 1;
        self.outcome.sends.push(self.now);
        self.hosts[host].submit(self.now, no, lane, request, fate);
        let most = u32::try_from(self.hosts.iter().map(super::Host::guests).sum::<usize>()).unwrap_or(u32::MAX);
        self.outcome.most_in_flight = self.outcome.most_in_flight.max(most);
        self.killed_at(Point::AfterSend);
    }

    fn cancel(&mut self, no: CallNo) {
        for host in &mut self.hosts {
            host.cancel(self.now, no);
        }
        match self.ledger.lost(no) {
            Some(sent) => {
                self.outcome.cancelled += 1;
                self.watch.broken_off.push(sent);
            }
            None => self.fail(format!("{no:?} is broken off, and is not under way")),
        }
    }

    /// Takes what a server says.
    pub(super) fn listen(&mut self, host: usize) {
        let mut heard = std::mem::take(&mut self.heard);
        self.hosts[host].advance(self.now, &mut heard);
        for (call, heard) in heard.drain(..) {
            // Broken off by what was said just before.
            if !self.ledger.in_flight.contains_key(&call) {
                continue;
            }
            match heard {
                Heard::First => self.step(Event::FirstToken { call }),
                Heard::Tokens(tokens) => self.step(Event::Wrote { call, tokens }),
                Heard::Done(usage) => self.answered(call, usage),
                Heard::Failed(error) => self.failed(call, error),
            }
            if self.dying {
                break;
            }
        }
        heard.clear();
        self.heard = heard;
    }

    fn answered(&mut self, call: CallNo, usage: epitome_model::Usage) {
        if self.killed_at(Point::Answered) {
            return;
        }
        let Some(sent) = self.ledger.answered(call, self.now) else { return };
        let text = self.scene.speech.answer(&sent.queued.call.task);
        self.step(Event::Answered { call, answer: Answer { text, usage } });
    }

    pub(super) fn failed(&mut self, call: CallNo, error: LlmError) {
        self.outcome.failed += 1;
        if let Some(sent) = self.ledger.lost(call) {
            self.ledger.faulted.insert((sent.job, sent.chapter()));
        }
        self.step(Event::Failed { call, error });
    }

    fn store(
        &mut self,
        no: CallNo,
        job: JobId,
        tier: usize,
        queued: &QueuedCall,
        kept: Kept,
        completes: Option<(Box<Chapter>, Box<epitome_engine::plan::Written>)>,
    ) {
        let key = queued.keys.get(tier).or(queued.keys.first()).cloned().unwrap_or_default();
        if let Some((chapter, _)) = &completes {
            self.check_completes(job, chapter.place, Some(no));
        }
        self.ledger.no_room.remove(&no);
        let unit = Unit::Answer { key, kept, completes };
        self.commit(job, unit, Reply::Stored(no));
    }

    fn write(&mut self, job: JobId, write: Write, chapter: Option<Box<Chapter>>) {
        let unit = match (&write, chapter) {
            (Write::Chapter { place, written, author }, Some(chapter)) => {
                self.check_completes(job, *place, None);
                Unit::Chapter { chapter, written: written.clone(), author: author.clone() }
            }
            (Write::Standing { place, error }, Some(chapter)) => {
                self.ledger.drop_planned(job, Some(*place));
                self.check_standing(job, *place, error.as_ref());
                Unit::Standing { chapter, error: error.clone() }
            }
            (Write::Synopsis { text, .. }, _) => {
                if self.killed_at(Point::BeforeSynopsis) {
                    return;
                }
                Unit::Synopsis { text: text.clone() }
            }
            (_, None) => return self.fail(format!("a write of job {job} lacks its chapter")),
        };
        self.commit(job, unit, Reply::Wrought(write));
    }

    pub(super) fn commit(&mut self, job: JobId, unit: Unit, reply: Reply) {
        if !matches!(reply, Reply::Loaded(_)) {
            self.ledger.writes += 1;
        }
        let at = self.disk.queue(self.now);
        self.agenda.put(at, Item::Commit(job, Box::new(unit), reply));
    }

    /// A write's turn has come.
    pub(super) fn committed(&mut self, job: JobId, unit: Unit, reply: Reply) {
        let full = self.disk.full;
        let point = match &unit {
            Unit::Chapter { .. } | Unit::Answer { completes: Some(_), .. } => Some(Point::ChapterWritten),
            Unit::Answer { .. } => Some(Point::Stored),
            Unit::Synopsis { .. } => Some(Point::SynopsisWritten),
            Unit::Standing { .. } | Unit::State => None,
        };
        if full {
            if let Some(trace) = self.trace {
                trace(self.now, &"     ! no room on the disk");
            }
        } else {
            self.committed_unit(job, &unit);
            self.disk.commit(job, unit);
            if let Some(point) = point
                && self.killed_at(point)
            {
                return;
            }
        }
        let takes = self.moment(TELLS_MS);
        let outcome = if full { Err(epitome_engine::sched::Trouble::DiskFull) } else { Ok(()) };
        let event = match reply {
            Reply::Stored(call) => {
                if full {
                    self.ledger.finds_no_room(call);
                } else if let Some(sent) = self.ledger.committed(call) {
                    self.accept(&sent);
                }
                Event::Stored { call, outcome }
            }
            Reply::Wrought(write) => Event::Wrought { job, write, outcome },
            Reply::Loaded(joining) => return self.loaded(joining, full),
        };
        self.agenda.put(self.now + takes, Item::Tell(Box::new(event)));
    }

    fn accept(&mut self, sent: &Sent) {
        self.outcome.accepted.push(super::Accepted {
            job: sent.job,
            chapter: sent.chapter(),
            step: sent.queued.call.step,
            request: sent.request,
            sent: sent.at,
            answered: sent.answered,
        });
    }
}
