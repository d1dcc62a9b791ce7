//! What happened: every request with its end, and the sums.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Serialize, Serializer};
use tokio::time::Instant;

use super::answer::marker;
use super::window::{Message, last_user};
use super::{Fault, Faults, locked};

/// Which call of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    Chat,
    Generate,
    /// `/v1/chat/completions`
    Completions,
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Not yet.
    Running,
    /// The whole answer was handed over, with `done_reason` `stop`.
    Done,
    /// Handed over, cut off by a limit.
    Length,
    /// Refused, or failed before or without an answer, with this status.
    Error(u16),
    /// The server broke it off after it had begun.
    Broken,
    /// The client left.
    Disconnected,
}

impl Ending {
    fn name(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Length => "length",
            Self::Error(_) => "error",
            Self::Broken => "broken",
            Self::Disconnected => "disconnected",
        }
    }
}

/// One chat or generate request with a prompt (loads and unloads are not among them).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SimRequest {
    /// From 1, in order of arrival.
    pub number: usize,
    pub endpoint: Endpoint,
    pub model: String,
    /// Empty when prompts are not recorded.
    pub messages: Vec<Message>,
    /// See [`marker`].
    pub marker: String,
    pub options: serde_json::Value,
    /// Real milliseconds since the server started.
    pub began_ms: f64,
    pub ended_ms: Option<f64>,
    pub ending: Ending,
    pub fault: Option<Fault>,
    pub prompt_tokens: usize,
    pub output_tokens: usize,
}

/// Sums. As JSON ([`Tally`]) some names are other ones.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SimStats {
    /// Requests with a prompt, those under way included.
    pub requests: usize,
    /// By the ending's name.
    pub endings: BTreeMap<&'static str, usize>,
    /// Faults that befell requests.
    pub faults: BTreeMap<&'static str, usize>,
    /// How often each prompt (BLAKE3 of its messages, 16 digits) was answered to the end; answers that a fault made
    /// empty, a refusal or unreadable do not count, since asking again is what a client should do.
    pub finished: BTreeMap<String, usize>,
    /// How often each prompt was sent.
    pub sent: BTreeMap<String, usize>,
    pub in_flight: usize,
    pub max_in_flight: usize,
    pub slots_busy: usize,
    pub max_slots_busy: usize,
    pub loads: usize,
    pub unloads: usize,
    pub prompt_tokens: usize,
    pub output_tokens: usize,
    pub connections: usize,
}

impl SimStats {
    pub fn ended(&self, name: &str) -> usize {
        self.endings.get(name).copied().unwrap_or(0)
    }

    /// Answers that were made to the end more than once for the same prompt.
    pub fn finished_again(&self) -> usize {
        self.finished.values().map(|times| times - 1).sum()
    }
}

/// What `GET /sim/stats` shows: the same sums under the names that tests of other programs use.
#[derive(Serialize)]
struct Tally<'a> {
    /// Calls answered to the end.
    finished: usize,
    /// How often each prompt was.
    finished_prompts: &'a BTreeMap<String, usize>,
    finished_again: usize,
    /// By ending.
    requests: &'a BTreeMap<&'static str, usize>,
    faults: &'a BTreeMap<&'static str, usize>,
    sent: &'a BTreeMap<String, usize>,
    in_flight: usize,
    max_in_flight: usize,
    slots_busy: usize,
    max_slots_busy: usize,
    loads: usize,
    unloads: usize,
    prompt_tokens: usize,
    output_tokens: usize,
    connections: usize,
}

impl Serialize for SimStats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let tally = Tally {
            finished: self.finished.values().sum(),
            finished_prompts: &self.finished,
            finished_again: self.finished_again(),
            requests: &self.endings,
            faults: &self.faults,
            sent: &self.sent,
            in_flight: self.in_flight,
            max_in_flight: self.max_in_flight,
            slots_busy: self.slots_busy,
            max_slots_busy: self.max_slots_busy,
            loads: self.loads,
            unloads: self.unloads,
            prompt_tokens: self.prompt_tokens,
            output_tokens: self.output_tokens,
            connections: self.connections,
        };
        tally.serialize(serializer)
    }
}

#[derive(Debug, Default)]
struct Book {
    requests: Vec<SimRequest>,
    keys: Vec<String>,
    stats: SimStats,
}

/// The book of one server.
#[derive(Debug)]
pub struct Record {
    book: Mutex<Book>,
    faults: Mutex<Faults>,
    began: Instant,
    seed: u64,
    keeps_prompts: bool,
}

impl Record {
    pub fn new(faults: Faults, seed: u64, keeps_prompts: bool) -> Self {
        Self { book: Mutex::default(), faults: Mutex::new(faults), began: Instant::now(), seed, keeps_prompts }
    }

    pub fn set_faults(&self, faults: Faults) {
        *locked(&self.faults) = faults;
    }

    pub fn connected(&self) {
        locked(&self.book).stats.connections += 1;
    }

    /// Enters a request, and says what is to befall it.
    pub fn enter(
        self: &Arc<Self>,
        endpoint: Endpoint,
        model: &str,
        messages: &[Message],
        options: serde_json::Value,
    ) -> Entry {
        let user = last_user(messages);
        let mut hash = blake3::Hasher::new();
        for Message { role, content } in messages {
            hash.update(role.as_bytes()).update(b"\0").update(content.as_bytes()).update(b"\0");
        }
        let key = hash.finalize().to_hex().as_str()[..16].to_owned();
        let mut book = locked(&self.book);
        let Book { requests, keys, stats } = &mut *book;
        let number = requests.len() + 1;
        let attempts = stats.sent.entry(key.clone()).or_default();
        let fault = locked(&self.faults).befalls(self.seed, number, &user, *attempts);
        *attempts += 1;
        stats.requests += 1;
        stats.in_flight += 1;
        stats.max_in_flight = stats.max_in_flight.max(stats.in_flight);
        if let Some(fault) = fault {
            *stats.faults.entry(fault.name()).or_default() += 1;
        }
        keys.push(key);
        requests.push(SimRequest {
            number,
            endpoint,
            model: model.to_owned(),
            messages: if self.keeps_prompts { messages.to_vec() } else { Vec::new() },
            marker: marker(&user),
            options,
            began_ms: self.began.elapsed().as_secs_f64() * 1_000.0,
            ended_ms: None,
            ending: Ending::Running,
            fault,
            prompt_tokens: 0,
            output_tokens: 0,
        });
        Entry { record: Arc::clone(self), index: number - 1, ended: false, left: false, fault, busy: false }
    }

    pub fn requests(&self) -> Vec<SimRequest> {
        locked(&self.book).requests.clone()
    }

    pub fn stats(&self) -> SimStats {
        locked(&self.book).stats.clone()
    }
}

/// A request under way. Dropped without an ending, its client has left.
#[derive(Debug)]
pub struct Entry {
    record: Arc<Record>,
    index: usize,
    ended: bool,
    /// No longer among those under way.
    left: bool,
    busy: bool,
    pub fault: Option<Fault>,
}

impl Entry {
    /// It holds a slot from now on.
    pub fn got_slot(&mut self) {
        self.busy = true;
        let stats = &mut locked(&self.record.book).stats;
        stats.slots_busy += 1;
        stats.max_slots_busy = stats.max_slots_busy.max(stats.slots_busy);
    }

    pub fn counted(&self, prompt: usize, output: usize) {
        if let Some(request) = locked(&self.record.book).requests.get_mut(self.index) {
            request.prompt_tokens = prompt;
            request.output_tokens = output;
        }
    }

    /// Takes it out of those under way: to be called before the last word, because a client that has that may send its
    /// next request at once.
    pub fn leave(&mut self) {
        if !std::mem::replace(&mut self.left, true) {
            let stats = &mut locked(&self.record.book).stats;
            stats.in_flight -= 1;
            stats.slots_busy -= usize::from(self.busy);
        }
    }

    /// Notes how it ended; only the first time counts.
    pub fn end(&mut self, ending: Ending) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.leave();
        let mut book = locked(&self.record.book);
        let Book { requests, keys, stats } = &mut *book;
        *stats.endings.entry(ending.name()).or_default() += 1;
        let Some(request) = requests.get_mut(self.index) else { return };
        request.ended_ms = Some(self.record.began.elapsed().as_secs_f64() * 1_000.0);
        stats.prompt_tokens += request.prompt_tokens;
        stats.output_tokens += request.output_tokens;
        if ending == Ending::Done
            && !self.fault.is_some_and(Fault::spoils)
            && let Some(key) = keys.get(self.index)
        {
            *stats.finished.entry(key.clone()).or_default() += 1;
        }
        request.ending = ending;
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.end(Ending::Disconnected);
    }
}
