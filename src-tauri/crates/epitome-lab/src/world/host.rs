//! A server of a world: a virtual card, the model it has loaded, and what goes wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use epitome_engine::sched::{CallNo, LaneNo};
use epitome_llm::LlmError;
use epitome_model::Usage;

use super::scene::HostScene;
use super::weather::Fate;
use crate::server::{CallId, Emitted, Request, Server, Setup};

/// How long a server takes to say no.
const NO: Duration = Duration::from_millis(2);

/// Tokens of an answer that never ends: about an hour on the usual card.
const ENDLESS: u32 = 60_000;

/// What is heard of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    First,
    Tokens(u32),
    Done(Usage),
    Failed(LlmError),
}

#[derive(Debug)]
struct Guest {
    call: CallNo,
    lane: LaneNo,
    fate: Fate,
    request: Request,
    told: u32,
    /// Waited for the model.
    load: Duration,
    sent: Duration,
    first: Duration,
}

impl Guest {
    /// Times as they are heard from outside, where the server tells none.
    fn heard(&self, told: Usage, now: Duration) -> Usage {
        let ms = |from: Duration, to: Duration| u32::try_from(to.saturating_sub(from).as_millis()).unwrap_or(u32::MAX);
        Usage {
            load_ms: 0,
            prompt_ms: ms(self.sent, self.first),
            output_ms: ms(self.first, now),
            total_ms: ms(self.sent, now),
            untimed: true,
            ..told
        }
    }
}

/// The server. Its flags are independent facts of a moment.
#[allow(clippy::struct_excessive_bools)]
pub struct Host {
    pub name: String,
    exclusive: bool,
    load: Duration,
    scene: HostScene,
    inner: Box<dyn Server>,
    guests: BTreeMap<CallId, Guest>,
    by_call: BTreeMap<CallNo, CallId>,
    next: CallId,
    resident: Option<LaneNo>,
    /// A model is being loaded, for these calls.
    loading: Option<(Duration, Vec<CallId>)>,
    /// Calls that will be told no.
    refused: BTreeMap<(Duration, CallId), LlmError>,
    pub away: bool,
    /// Another program has the card's memory.
    pub crowded: bool,
    /// Times a model was loaded.
    pub loads: u32,
    /// Calls of two models were here at once.
    pub mixed: bool,
    leaked: Vec<CallId>,
    events: Vec<(Duration, Emitted)>,
}

impl Host {
    pub fn new(scene: &HostScene) -> Self {
        Self {
            name: scene.name.clone(),
            exclusive: scene.kind == epitome_model::ProviderKind::Ollama,
            load: scene.load,
            scene: scene.clone(),
            inner: scene.setup.server(scene.card),
            guests: BTreeMap::new(),
            by_call: BTreeMap::new(),
            next: 0,
            resident: None,
            loading: None,
            refused: BTreeMap::new(),
            away: false,
            crowded: false,
            loads: 0,
            mixed: false,
            leaked: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Calls that are here, as far as the client knows.
    pub fn guests(&self) -> usize {
        self.by_call.len()
    }

    pub fn submit(&mut self, now: Duration, call: CallNo, lane: LaneNo, mut request: Request, fate: Fate) {
        let id = self.next;
        self.next += 1;
        let no = match &fate {
            _ if self.away => Some(LlmError::Unreachable { url: self.name.clone() }),
            _ if self.crowded => Some(LlmError::OutOfMemory { model: self.name.clone() }),
            Fate::AtOnce(error) => Some(error.clone()),
            _ => None,
        };
        if matches!(fate, Fate::Silent { leaks: true, .. }) {
            request.output_tokens = ENDLESS;
        }
        self.mixed |= self.exclusive && self.by_call.keys().any(|other| self.lane_of(*other) != Some(lane));
        self.by_call.insert(call, id);
        let empty = self.guests.is_empty();
        let guest = Guest { call, lane, fate, request, told: 0, load: Duration::ZERO, sent: now, first: now };
        self.guests.insert(id, guest);
        if let Some(no) = no {
            self.refused.insert((now + NO, id), no);
            return;
        }
        if let Some((ready, waiting)) = &mut self.loading {
            let load = ready.saturating_sub(now);
            waiting.push(id);
            self.loaded(id, load);
            return;
        }
        let changes = self.exclusive && self.resident != Some(lane);
        self.resident = Some(lane);
        if changes && empty && !self.load.is_zero() {
            self.loads += 1;
            self.loading = Some((now + self.load, vec![id]));
            self.loaded(id, self.load);
        } else {
            self.inner.submit(now, id, request);
        }
    }

    fn loaded(&mut self, id: CallId, load: Duration) {
        if let Some(guest) = self.guests.get_mut(&id) {
            guest.load = load;
        }
    }

    fn lane_of(&self, call: CallNo) -> Option<LaneNo> {
        let id = self.by_call.get(&call)?;
        self.guests.get(id).map(|guest| guest.lane)
    }

    /// The client closed the connection.
    pub fn cancel(&mut self, now: Duration, call: CallNo) {
        let Some(id) = self.by_call.remove(&call) else { return };
        let Some(guest) = self.guests.remove(&id) else { return };
        self.refused.retain(|(_, other), _| *other != id);
        if let Some((_, waiting)) = &mut self.loading {
            waiting.retain(|other| *other != id);
        }
        if matches!(guest.fate, Fate::Silent { leaks: true, .. }) && guest.told > 0 {
            self.leaked.push(id);
        } else {
            self.inner.cancel(now, id);
        }
    }

    /// The model is let go: slots that hang are free again, and the next call loads it anew.
    pub fn unload(&mut self, now: Duration) {
        for id in std::mem::take(&mut self.leaked) {
            self.inner.cancel(now, id);
        }
        self.forget();
    }

    /// The server drops its model as soon as it has nothing to do.
    pub fn forget(&mut self) {
        if self.guests.is_empty() {
            self.resident = None;
        }
    }

    /// The server goes away: every connection breaks.
    pub fn go(&mut self, now: Duration) -> Vec<(CallNo, LlmError)> {
        self.away = true;
        self.restart(now, self.scene.setup);
        let guests = std::mem::take(&mut self.guests);
        self.by_call.clear();
        let broken = |guest: Guest| {
            let error = match guest.told {
                0 => LlmError::Unreachable { url: self.name.clone() },
                _ => LlmError::CutStream,
            };
            (guest.call, error)
        };
        guests.into_values().map(broken).collect()
    }

    pub fn come_back(&mut self, now: Duration, setup: Setup) {
        if !self.away {
            return;
        }
        self.away = false;
        self.restart(now, setup);
    }

    fn restart(&mut self, now: Duration, setup: Setup) {
        self.inner = setup.server(self.scene.card);
        // A new server's clock starts with the world's.
        self.inner.advance(now, &mut self.events);
        self.events.clear();
        self.resident = None;
        self.loading = None;
        self.refused.clear();
        self.leaked.clear();
    }

    /// The program was killed: all its connections are closed.
    pub fn drop_all(&mut self, now: Duration) {
        let calls: Vec<CallNo> = self.by_call.keys().copied().collect();
        for call in calls {
            self.cancel(now, call);
        }
    }

    pub fn next(&self) -> Option<Duration> {
        let loaded = self.loading.as_ref().map(|(ready, _)| *ready);
        let refused = self.refused.first_key_value().map(|((at, _), _)| *at);
        [self.inner.next(), loaded, refused].into_iter().flatten().min()
    }

    /// Moves on to `now`, which is not after what [`Host::next`] gave.
    pub fn advance(&mut self, now: Duration, out: &mut Vec<(CallNo, Heard)>) {
        if let Some((ready, _)) = &self.loading
            && *ready <= now
            && let Some((_, waiting)) = self.loading.take()
        {
            for id in waiting {
                if let Some(guest) = self.guests.get(&id) {
                    self.inner.submit(now, id, guest.request);
                }
            }
        }
        while let Some(entry) = self.refused.first_entry()
            && entry.key().0 <= now
        {
            let ((_, id), error) = entry.remove_entry();
            self.end(id, Heard::Failed(error), out);
        }
        let mut events = std::mem::take(&mut self.events);
        self.inner.advance(now, &mut events);
        for (_, event) in events.drain(..) {
            self.hear(now, event, out);
        }
        self.events = events;
    }

    fn hear(&mut self, now: Duration, event: Emitted, out: &mut Vec<(CallNo, Heard)>) {
        let (id, tokens, usage) = match event {
            Emitted::FirstToken { id, .. } => (id, 1, None),
            Emitted::Tokens { id, count } => (id, count, None),
            Emitted::Done { id, usage } => (id, 0, Some(usage)),
        };
        let Some(guest) = self.guests.get_mut(&id) else { return };
        let before = guest.told;
        if before == 0 {
            guest.first = now;
        }
        guest.told += tokens;
        let load_ms = u32::try_from(guest.load.as_millis()).unwrap_or(u32::MAX);
        let heard = match (&guest.fate, usage) {
            (Fate::Silent { after, .. }, _) if guest.told > *after => return,
            (Fate::After(after, error), _) if guest.told > *after || usage.is_some() => {
                let error = error.clone();
                self.inner.cancel(now, id);
                return self.end(id, Heard::Failed(error), out);
            }
            (Fate::AtEnd(error), Some(_)) => Heard::Failed(error.clone()),
            (_, Some(usage)) if self.scene.untimed => Heard::Done(guest.heard(usage, now)),
            (_, Some(usage)) => Heard::Done(Usage { load_ms, total_ms: usage.total_ms + load_ms, ..usage }),
            (_, None) if before == 0 => Heard::First,
            (_, None) => Heard::Tokens(tokens),
        };
        match heard {
            Heard::Done(_) | Heard::Failed(_) => self.end(id, heard, out),
            Heard::First | Heard::Tokens(_) => out.push((guest.call, heard)),
        }
    }

    fn end(&mut self, id: CallId, heard: Heard, out: &mut Vec<(CallNo, Heard)>) {
        let Some(guest) = self.guests.remove(&id) else { return };
        self.by_call.remove(&guest.call);
        out.push((guest.call, heard));
    }
}
