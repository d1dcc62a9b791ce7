//! What must hold whatever happens, looked at after every event.

use std::collections::{BTreeMap, BTreeSet};

use epitome_engine::plan::{Chapter, PlannedCall, Written};
use epitome_engine::sched::{CallNo, Event, LaneNo, Ready, View};
use epitome_llm::{Task, read_answer};
use epitome_model::{
    BreakerRule, CallKind, CellState, ChapterState, Concurrency, JobId, JobSettings, Permit, WireError,
};

use super::disk::Unit;
use super::ledger::Sent;
use super::scene::{JobScene, Scene};
use super::{Phase, World, reference};

/// What the world remembers between events in order to check.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Lanes that calls were sent to in this step.
    sent_to: Vec<LaneNo>,
    /// Calls broken off in this step.
    pub broken_off: Vec<Sent>,
    /// Settings in force of the jobs in the engine.
    settings: BTreeMap<JobId, JobSettings>,
    /// Chapters that the engine knows to be over. One that was being written when its job was loaded again is done once
    /// more, from the answers in the store.
    over: BTreeSet<(JobId, u32)>,
    /// Chapters the reader waits for, the last asked for first.
    fronts: BTreeMap<JobId, Vec<Front>>,
    /// Service of the jobs since all of them had calls waiting.
    shares: Option<BTreeMap<JobId, f64>>,
    largest: f64,
    /// Most calls that were allowed in flight at once.
    most_at_once: usize,
    /// Equal shares can no longer be expected.
    uneven: bool,
    /// Jobs that left in this step.
    left: Vec<JobId>,
}

#[derive(Debug)]
struct Front {
    place: u32,
    /// A call of it could be sent.
    ready: bool,
    /// Calls that ended since.
    ended: u32,
    counted: bool,
}

impl Watch {
    pub fn joins(&mut self, job: &JobScene, chapters: &[Chapter]) {
        let over = chapters.iter().filter(|chapter| chapter.is_over());
        self.over.extend(over.map(|chapter| (job.id, chapter.place)));
        self.settings.insert(job.id, job.settings().clone());
    }

    pub fn set(&mut self, job: JobId, settings: &JobSettings) {
        self.settings.insert(job, settings.clone());
    }

    pub fn leaves(&mut self, job: JobId, finished: bool) {
        self.settings.remove(&job);
        self.over.retain(|(other, _)| *other != job);
        self.fronts.remove(&job);
        // Only a job that is held or broken off has its calls broken off with it.
        if !finished {
            self.left.push(job);
        }
        self.uneven = true;
    }

    pub fn crash(&mut self) {
        *self = Self { uneven: true, ..Self::default() };
    }
}

impl World<'_> {
    /// The reader asks for a chapter, or for a job.
    pub(super) fn fronts(&mut self, job: JobId, place: Option<u32>) {
        if self.phases.get(&job) != Some(&Phase::In) {
            return;
        }
        self.watch.uneven = true;
        if let Some(place) = place {
            let over = self.disk.chapters.get(&(job, place)).is_some_and(super::disk::Standing::is_over);
            let fronts = self.watch.fronts.entry(job).or_default();
            fronts.retain(|front| front.place != place);
            if !over {
                let ready = self.ledger.chapter_waits(job, place);
                fronts.insert(0, Front { place, ready, ended: 0, counted: false });
            }
        }
        self.step(Event::Front { job, place });
    }

    /// Notes what the engine is about to be told.
    pub(super) fn before(&mut self, event: &Event) {
        self.watch.sent_to.clear();
        self.watch.broken_off.clear();
        self.watch.left.clear();
        match event {
            Event::Opened { job, opened: Ok(opened), .. } => {
                if let Ready::Calls(calls) = &opened.progress {
                    self.ledger.plan(*job, calls);
                }
            }
            Event::Found { job, calls: Ok(calls) } => self.ledger.plan(*job, calls),
            Event::Answered { .. } | Event::Failed { .. } => {
                for front in self.watch.fronts.values_mut().flatten().filter(|front| front.ready) {
                    front.ended += 1;
                }
            }
            _ => {}
        }
    }

    /// Compares the engine's books with the world's, after a step.
    pub(super) fn after(&mut self) {
        let load = self.engine.load();
        if let Some((_, limit)) = load.first()
            && self.outcome.ladder.last().is_none_or(|(_, last)| last != limit)
        {
            self.outcome.ladder.push((self.now, *limit));
        }
        for (at, (in_flight, limit)) in load.iter().enumerate() {
            let lane = LaneNo(at);
            let known = self.ledger.in_flight_at(lane);
            if known != *in_flight {
                self.fail(format!("the engine counts {in_flight} calls in flight at {lane:?}, there are {known}"));
            }
            if in_flight > limit && self.watch.sent_to.contains(&lane) {
                self.fail(format!("{in_flight} calls are in flight at {lane:?}, and its limit is {limit}"));
            }
        }
        if let Some(mixed) = self.hosts.iter().find(|host| host.mixed) {
            self.fail(format!("{} was given calls of two models at once", mixed.name));
        }
        let broken_off = std::mem::take(&mut self.watch.broken_off);
        for sent in broken_off.into_iter().filter(|sent| !self.watch.left.contains(&sent.job)) {
            self.ledger.faulted.insert((sent.job, sent.chapter()));
            self.outcome.timed_out += 1;
        }
        if self.outcome.timed_out > 0 && self.is_calm() && self.scene.checked {
            self.fail("a call was given up, and every server works as it should".to_owned());
        }
        if !self.scene.checked {
            return;
        }
        self.check_queues();
        self.check_idle(&load);
        for front in self.watch.fronts.iter_mut().flat_map(|(job, fronts)| fronts.iter_mut().map(move |f| (job, f))) {
            let (job, front) = front;
            front.ready |= self.ledger.chapter_waits(*job, front.place);
        }
    }

    /// Whether nothing goes wrong in this world.
    fn is_calm(&self) -> bool {
        let Scene { weather, acts, crashes, .. } = self.scene;
        weather.rates.is_empty() && acts.is_empty() && crashes.is_empty()
    }

    fn check_queues(&mut self) {
        let chapters: usize = self.scene.cores as usize + self.watch.fronts.values().map(Vec::len).sum::<usize>();
        // What was sent under a larger limit may still be under way under a smaller one.
        let limits = self.engine.load().iter().map(|(_, limit)| *limit as usize).sum::<usize>();
        self.watch.most_at_once = self.watch.most_at_once.max(limits);
        let in_flight = self.watch.most_at_once;
        let jobs: Vec<JobId> = self.watch.settings.keys().copied().collect();
        for id in jobs {
            let Some(view) = self.engine.view(id, self.now) else { continue };
            // One chapter's calls for each that may be cut at the same time, and what was in flight and rests.
            let most = view.queued.1 as usize + (chapters + in_flight) * self.ledger.longest.max(1) + in_flight;
            if view.queued.0 as usize > most {
                self.fail(format!("{} calls of job {id} are queued; {most} would be the most", view.queued.0));
            }
            if view.chapters_done + view.chapters_failed > view.chapters {
                self.fail(format!("job {id} counts more chapters as over than it has: {view:?}"));
            }
        }
        let pressure = self.watch.settings.values().map(|settings| settings.backpressure_at).max().unwrap_or(u32::MAX);
        let most = u64::from(pressure) + (2 * in_flight + chapters) as u64 + self.watch.settings.len() as u64;
        if u64::from(self.ledger.writes) > most {
            self.fail(format!("{} writes are under way; {most} would be the most", self.ledger.writes));
        }
    }

    /// A free slot is used as long as there is a call that could be sent. Looked at where nothing but a slot can be
    /// missing: no faults, one lane, no change of settings.
    fn check_idle(&mut self, load: &[(u32, u32)]) {
        let [(in_flight, limit)] = load else { return };
        let calm = self.is_calm() && self.ledger.writes == 0;
        // The first design's breaker holds calls back because they are slow.
        let plain =
            |settings: &JobSettings| settings.permit == Permit::Call && settings.breaker.rule != BreakerRule::Figures;
        if !calm || !self.watch.settings.values().all(plain) || in_flight >= limit {
            return;
        }
        let unsent: usize = self.watch.settings.keys().map(|job| self.ledger.unsent(*job)).sum();
        let asked: u32 = self.ledger.asked.values().sum();
        let most = |settings: &JobSettings| match settings.concurrency {
            Concurrency::Fixed(limit) => settings.workers_max.max(limit),
            Concurrency::Auto => settings.workers_max,
        };
        let workers = self.watch.settings.values().map(most).min().unwrap_or(0);
        if unsent > 0 && in_flight + asked < workers {
            self.fail(format!("{unsent} calls wait, {in_flight} of {limit} are in flight, and none is sent"));
        }
    }

    pub(super) fn check_send(&mut self, no: CallNo, sent: Sent) {
        self.watch.sent_to.push(sent.lane);
        let (job, chapter, queued) = (sent.job, sent.chapter(), std::sync::Arc::clone(&sent.queued));
        // Answers of a provider that the person likes less do not keep a call from being sent.
        let tier = self.engine.lanes_of(job).iter().position(|lanes| lanes.contains(&sent.lane)).unwrap_or_default();
        if queued.keys.iter().take(tier + 1).any(|key| self.disk.answers.contains_key(key)) {
            let step = queued.call.step;
            self.fail(format!("{no:?} ({step:?} of chapter {chapter:?}, job {job}) is sent, and its answer is stored"));
        }
        if let Some(place) = chapter {
            if self.watch.over.contains(&(job, place)) {
                self.fail(format!("{no:?} is sent for chapter {place} of job {job}, which is over"));
            }
            let by_chapter = self.watch.settings.get(&job).is_some_and(|settings| settings.permit == Permit::Chapter);
            let same = |other: &&Sent| other.job == job && other.chapter() == Some(place);
            if by_chapter && self.ledger.in_flight.values().any(|other| same(&other)) {
                self.fail(format!("chapter {place} of job {job} holds one permit and has two calls in flight"));
            }
        }
        let pressure = self.watch.settings.get(&job).map_or(u32::MAX, |settings| settings.backpressure_at.max(1));
        if self.ledger.writes >= pressure {
            self.fail(format!("{no:?} is sent while {} writes are under way, of {pressure}", self.ledger.writes));
        }
        self.check_front(job, chapter);
        self.check_share(job, &queued.call);
        if let Err(text) = self.ledger.send(no, sent) {
            self.fail(text);
        }
    }

    /// A chapter the reader waits for goes first.
    fn check_front(&mut self, job: JobId, chapter: Option<u32>) {
        let by_call = |job: &JobId| self.watch.settings.get(job).is_some_and(|set| set.permit == Permit::Call);
        let Some(fronts) = self.watch.fronts.get_mut(&job) else { return };
        let first = fronts.iter().find(|front| front.ready && self.ledger.chapter_waits(job, front.place));
        let first = first.map(|front| front.place);
        if fronts.iter().any(|front| Some(front.place) == chapter) {
            // A slot that another chapter got which the reader waits for as well was not given away.
            for other in fronts.iter_mut().filter(|front| front.ready && Some(front.place) != chapter) {
                other.ended = other.ended.saturating_sub(1);
            }
        }
        if let Some(front) = fronts.iter_mut().find(|front| Some(front.place) == chapter && !front.counted) {
            front.counted = true;
            self.outcome.fronts.push(front.ended);
        }
        if let Some(first) = first
            && by_call(&job)
            && !self.watch.fronts.get(&job).is_some_and(|fronts| fronts.iter().any(|f| Some(f.place) == chapter))
        {
            self.fail(format!("a call of chapter {chapter:?} of job {job} is sent, the reader waits for {first}"));
        }
    }

    /// Jobs that always have calls waiting get equal shares by their weights.
    fn check_share(&mut self, job: JobId, call: &PlannedCall) {
        if self.watch.uneven || self.watch.settings.len() < 2 || !self.shares_are_equal() {
            return;
        }
        let all_wait = self.watch.settings.keys().all(|job| self.ledger.unsent(*job) > 0);
        match &mut self.watch.shares {
            None if all_wait => {
                self.watch.shares = Some(self.watch.settings.keys().map(|job| (*job, 0.0)).collect());
            }
            None => return,
            Some(_) if !all_wait => {
                self.watch.uneven = true;
                return;
            }
            Some(_) => {}
        }
        let Some(scene) = self.job(job) else { return };
        let weight = self.watch.settings.get(&job).map_or(1, |settings| settings.weight.max(1));
        let chars = call.task.text.chars().count() + call.task.carried.as_ref().map_or(0, |text| text.chars().count());
        // As the engine counts service.
        let cost = f64::from(scene.frame.measure.prompt_tokens(chars)) / 8.0 + f64::from(call.task.target_words) * 1.4;
        let cost = cost / f64::from(weight);
        self.watch.largest = self.watch.largest.max(cost);
        let limits = self.engine.load().iter().map(|(_, limit)| *limit).sum::<u32>();
        let Some(shares) = &mut self.watch.shares else { return };
        *shares.entry(job).or_default() += cost;
        let least = shares.values().copied().fold(f64::INFINITY, f64::min);
        let most = shares.values().copied().fold(0.0, f64::max);
        // Who came first had its slots filled before the other was there.
        let allowed = self.watch.largest * (3.0 + f64::from(limits));
        if most - least > allowed {
            self.fail(format!("shares of jobs with calls waiting are {least:.0} and {most:.0}"));
        }
    }

    /// Whether nothing but their weights sets the jobs apart.
    fn shares_are_equal(&self) -> bool {
        let jobs = &self.scene.jobs;
        let plain = |job: &JobScene| JobSettings { weight: 1, ..job.settings().clone() };
        let alike = |one: &JobScene, other: &JobScene| one.tiers == other.tiers && plain(one) == plain(other);
        let same = jobs.windows(2).all(|pair| matches!(pair, [one, other] if alike(one, other)));
        let by_call = jobs.iter().all(|job| job.settings().permit == Permit::Call && !job.urgent);
        let all = jobs.len() == self.watch.settings.len();
        same && by_call && all && self.is_calm() && self.engine.load().len() == 1
    }

    /// Calls that follow from answers are asked for when those are stored.
    pub(super) fn check_lookup(&mut self, job: JobId, calls: &[PlannedCall]) {
        for call in calls {
            match call.step.kind {
                // Pieces are made of the chapter.
                CallKind::Map => {}
                CallKind::Merge => self.check_merged(job, call),
                CallKind::Reduce | CallKind::Title => self.check_stored(job, call.chapter, None, "calls are planned"),
            }
        }
    }

    /// A synopsis goes on with what is stored while other answers of it are not.
    fn check_merged(&mut self, job: JobId, call: &PlannedCall) {
        let merges = self.ledger.storing.iter().filter(|(_, sent)| sent.job == job && sent.chapter().is_none());
        let summary = |task: &Task| read_answer(task.kind, false, &self.scene.speech.answer(task)).summary;
        let used = merges.filter(|(_, sent)| call.task.text.contains(&summary(&sent.queued.call.task)));
        if let Some(no) = used.map(|(no, _)| *no).next() {
            self.fail(format!("{:?} of the synopsis of job {job} is made of {no:?}, which is not stored", call.step));
        }
    }

    pub(super) fn check_completes(&mut self, job: JobId, place: u32, but: Option<CallNo>) {
        self.check_stored(job, Some(place), but, "a summary is written");
    }

    fn check_stored(&mut self, job: JobId, chapter: Option<u32>, but: Option<CallNo>, what: &str) {
        let of = |sent: &Sent| sent.job == job && sent.chapter() == chapter;
        let open = self.ledger.storing.iter().find(|(no, sent)| of(sent) && Some(**no) != but);
        if let Some((no, _)) = open {
            self.fail(format!("{what} for chapter {chapter:?} of job {job} before the answer of {no:?} is stored"));
        }
    }

    pub(super) fn check_all_over(&mut self, job: JobId) {
        let Some(scene) = self.job(job) else { return };
        let open = (0..scene.texts.len()).zip(0..).map(|(_, place): (_, u32)| place);
        let open: Vec<u32> = open
            .filter(|place| !self.disk.chapters.get(&(job, *place)).is_some_and(super::disk::Standing::is_over))
            .collect();
        if !open.is_empty() {
            self.fail(format!("the synopsis of job {job} is begun before chapters {open:?} are over"));
        }
    }

    pub(super) fn check_cell(&mut self, job: JobId, place: u32, cell: CellState) {
        if cell.state == ChapterState::Done && cell.done > cell.planned {
            self.fail(format!("chapter {place} of job {job} shows {} of {} calls", cell.done, cell.planned));
        }
    }

    pub(super) fn check_standing(&mut self, job: JobId, place: u32, error: Option<&WireError>) {
        let hangs = || self.outcome.faults.contains_key(&format!("{:?}", super::Fault::Leak));
        let explained = self.ledger.faulted.contains(&(job, Some(place))) || self.outcome.timed_out > 0 || hangs();
        if let Some(error) = error
            && !explained
        {
            self.fail(format!("chapter {place} of job {job} failed for no reason: {}", error.message));
        }
    }

    /// A pause is over only when what was asked for is stored, unless the disk has no room.
    pub(super) fn check_pause(&mut self, job: JobId) {
        let open = self.ledger.storing.values().any(|sent| sent.job == job);
        if open && self.ledger.refused.is_empty() && !self.disk.full {
            self.fail(format!("job {job} is paused while answers of it are being stored"));
        }
    }

    pub(super) fn check_figures(&mut self, job: JobId, view: &View) {
        let Some(scene) = self.job(job) else { return };
        if (view.chapters_done + view.chapters_failed) as usize != scene.texts.len() {
            self.fail(format!("job {job} is over with {view:?}, and it has {} chapters", scene.texts.len()));
        }
        // Chapters leave nothing over; what is left of the forecast is the synopsis', whose calls may be fewer.
        if view.work_left < 0.0 || view.work_done < 0.0 || view.work_left > 0.5 {
            self.fail(format!("job {job} is over with {} of its work left", view.work_left));
        }
    }

    /// Notes what is becoming durable.
    pub(super) fn committed_unit(&mut self, job: JobId, unit: &Unit) {
        let is_in = self.phases.get(&job) == Some(&Phase::In);
        if let Unit::Standing { chapter, error: Some(_) } = unit
            && is_in
        {
            self.watch.over.insert((job, chapter.place));
        }
        let (Unit::Answer { completes: Some((done, _)), .. } | Unit::Chapter { chapter: done, .. }) = unit else {
            return;
        };
        if is_in {
            self.watch.over.insert((job, done.place));
        }
        if self.disk.summaries.contains_key(&(job, done.place)) {
            return;
        }
        let entry = self.outcome.jobs.entry(job).or_default();
        entry.done.push((self.now, done.place));
    }

    /// At the end everything is there, and it is what the plan comes to.
    pub(super) fn check_end(&mut self) {
        for job in &self.scene.jobs {
            let mut failed = 0;
            for place in 0..job.texts.len() {
                let number = u32::try_from(place).unwrap_or(u32::MAX);
                match self.disk.chapters.get(&(job.id, number)).map(|standing| standing.cell.state) {
                    Some(ChapterState::Done) => self.check_chapter(job, place, number),
                    Some(ChapterState::Failed) => failed += 1,
                    other => self.fail(format!("chapter {number} of job {} ends as {other:?}", job.id)),
                }
            }
            self.check_synopsis(job, failed);
        }
    }

    fn check_chapter(&mut self, job: &JobScene, place: usize, number: u32) {
        let piece_chars = self.disk.chapters.get(&(job.id, number)).and_then(|standing| standing.piece_chars);
        let what = format!("chapter {number} of job {}", job.id);
        let Some(expected) = reference::chapter(job, place, piece_chars, self.scene.speech) else {
            return self.fail(format!("the plan of {what} never ends"));
        };
        let text = &job.texts[place];
        let overlap = if piece_chars.is_some() { text.len() } else { expected.overlap };
        if !reference::pieces_are_the_text(&expected.pieces, text, overlap) {
            self.fail(format!("the pieces of {what} are not its text"));
        }
        let missing = expected.keys.iter().filter(|keys| !keys.iter().any(|key| self.disk.answers.contains_key(key)));
        let missing = missing.count();
        if missing > 0 {
            self.fail(format!("{missing} answers that {what} is made of are not in the store"));
        }
        let titled = self.ledger.faulted.contains(&(job.id, Some(number)));
        let same = |written: &Written| self.disk.summaries.get(&(job.id, number)) == Some(written);
        let untitled = expected.untitled.as_ref().filter(|_| titled).is_some_and(same);
        if !same(&expected.written) && !untitled {
            let found = self.disk.summaries.get(&(job.id, number));
            self.fail(format!("{what} is {found:?}, an undisturbed run has {:?}", expected.written));
        }
        if !untitled {
            self.check_author(job.id, number, &expected.last);
        }
    }

    /// A summary names who gave the answer it was made of.
    fn check_author(&mut self, job: JobId, place: u32, keys: &[String]) {
        let authors = keys.iter().filter_map(|key| self.disk.answers.get(key));
        let authors: Vec<_> = authors.map(|stored| &stored.kept.author).collect();
        let said = self.disk.authors.get(&(job, place));
        if said.is_none_or(|said| !authors.contains(&said)) && !(said.is_none() && authors.is_empty()) {
            self.fail(format!("chapter {place} of job {job} is said to be by {said:?}, it is by {authors:?}"));
        }
    }

    fn check_synopsis(&mut self, job: &JobScene, failed: u32) {
        let expected = reference::synopsis(job, self.disk.summaries_of(job.id), self.scene.speech);
        let found = self.disk.synopses.get(&job.id).cloned();
        let state = self.outcome.jobs.get(&job.id).and_then(|job| job.state);
        let faulted = self.ledger.faulted.contains(&(job.id, None));
        match &found {
            Some(text) if *text != expected => {
                self.fail(format!("the synopsis of job {} is {text:?}, it should be {expected:?}", job.id));
            }
            None if !expected.is_empty() && !faulted => self.fail(format!("job {} has no synopsis", job.id)),
            _ => {}
        }
        let done = failed == 0 && (found.is_some() || expected.is_empty());
        let said = state == Some(epitome_model::JobState::Done);
        if done != said {
            self.fail(format!("job {} ends as {state:?}, and {failed} of its chapters failed", job.id));
        }
    }
}
