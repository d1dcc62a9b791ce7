//! Saying an answer: tokens from the engine become the objects of a stream, or one object in the end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{After, Outgoing, Sim};
use crate::Random;
use crate::sim::answer::{answer, as_json, thoughts};
use crate::sim::batch::Sampled;
use crate::sim::call::Call;
use crate::sim::fault::text_seed;
use crate::sim::model::SimModel;
use crate::sim::options::Options;
use crate::sim::record::{Ending, Endpoint, Entry};
use crate::sim::scheduler::Lease;
use crate::sim::speech::{Close, Limits, Speech};
use crate::sim::token::piece_id;
use crate::sim::window::{Fitted, Window, last_user};
use crate::sim::wire::{Last, Metrics, Says, Voice, micros, nanos};
use crate::sim::{Fault, RepeatGuard};

const DIED: &str = "an error was encountered while running the model: unexpected EOF";
const REPEATS: &str = "prediction aborted, token repeat limit reached";

/// Simulated milliseconds of a slow first byte: longer than careless clients wait.
const SLOW_MS: f64 = 60_000.0;

/// Tokens taken from the engine at a time.
const AT_A_TIME: usize = 64;

/// An answer with everything it depends on.
pub struct Answering<'a> {
    pub sim: &'a Arc<Sim>,
    pub call: &'a Call,
    pub model: &'a SimModel,
    pub options: &'a Options,
    pub window: Window,
    /// Chat by the model's own template.
    pub native: bool,
    pub fitted: Fitted,
    pub lease: &'a Lease,
    pub began: Instant,
    pub load: Duration,
}

impl Answering<'_> {
    fn speech(&self, fault: Option<Fault>) -> Speech {
        let user = &self.fitted.user;
        let thinks = self.call.think.unwrap_or(self.model.thinking);
        let thought = if thinks { thoughts(user) } else { String::new() };
        let mut text = words(self.call, user, self.sim.config.marks);
        if let Some(at) = self.options.stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
            text.truncate(at);
        }
        let left = || self.window.real().saturating_sub(self.fitted.ids.len()).max(1);
        let limits = Limits {
            most: self.options.most_tokens(self.window.num_ctx, self.native),
            room: (!self.window.shift).then(left),
            guard: (!self.native).then_some(self.sim.config.repeat_guard),
        };
        Speech::new(&thought, &text, fault, limits)
    }
}

/// What the model has to say to a text.
fn words(call: &Call, user: &str, marks: bool) -> String {
    let text = answer(user, marks);
    call.format.as_ref().map_or(text.clone(), |format| as_json(&text, format))
}

/// What has been said so far.
#[derive(Default)]
struct Said {
    tokens: usize,
    content: String,
    thinking: String,
    prompt_eval: Duration,
    first: Option<Instant>,
    last: Option<Instant>,
}

impl Said {
    fn add(&mut self, sampled: Sampled) {
        self.tokens += 1;
        self.prompt_eval = sampled.prompt_eval.unwrap_or(self.prompt_eval);
        self.first.get_or_insert(sampled.at);
        self.last = Some(sampled.at);
    }
}

/// Says an answer while its slot is held.
pub async fn say(
    answering: Answering<'_>,
    voice: &dyn Says,
    mut entry: Entry,
    out: &mut Outgoing<'_>,
) -> io::Result<After> {
    let Answering { sim, call, lease, .. } = &answering;
    let speech = answering.speech(entry.fault);
    let strikes_at = entry.fault.filter(|fault| fault.strikes_midway()).map(|_| {
        let mut random = Random::of(&[text_seed(&answering.fitted.user), sim.config.seed]);
        1 + random.below(speech.steps.saturating_sub(2))
    });
    if entry.fault == Some(Fault::SlowFirstByte) {
        // A runner that dies meanwhile keeps nobody waiting; what follows finds it dead.
        tokio::select! {
            () = sleep(sim.scaled(SLOW_MS)) => {}
            () = lease.runner.death() => {}
        }
    }
    let mut generation = lease.runner.engine.join(&answering.fitted.ids, speech.steps);
    let mut said = Said::default();
    let mut sampled = Vec::with_capacity(AT_A_TIME);
    let mut lines: Vec<String> = voice.begin().filter(|_| call.stream).into_iter().collect();
    while said.tokens < speech.steps {
        if generation.sampled.recv_many(&mut sampled, AT_A_TIME).await == 0 {
            return died(&answering, voice, entry, out).await;
        }
        for sampled in sampled.drain(..) {
            if strikes_at == Some(said.tokens) {
                out_lines(call, out, &mut lines).await?;
                if let Some(after) = Box::pin(strike(&answering, voice, &said, &mut entry, out)).await? {
                    return Ok(after);
                }
            }
            if let Some(piece) = speech.piece(said.tokens).filter(|_| !ends(&speech, said.tokens)) {
                let thought = speech.is_thought(said.tokens);
                let (content, thinking) = if thought { ("", piece) } else { (piece, "") };
                said.content.push_str(content);
                said.thinking.push_str(thinking);
                if call.stream {
                    lines.push(voice.piece(content, thinking));
                }
            }
            said.add(sampled);
        }
        out_lines(call, out, &mut lines).await?;
    }
    entry.counted(answering.fitted.ids.len(), speech.steps);
    drop(generation);
    close(&answering, voice, &speech, said, entry, out).await
}

/// Whether this token is the one that ends a text.
fn ends(speech: &Speech, index: usize) -> bool {
    speech.close == Close::Stop && index + 1 == speech.steps
}

async fn out_lines(call: &Call, out: &mut Outgoing<'_>, lines: &mut Vec<String>) -> io::Result<()> {
    if call.stream && !lines.is_empty() {
        out.lines(lines).await?;
        lines.clear();
    }
    Ok(())
}

async fn close(
    answering: &Answering<'_>,
    voice: &dyn Says,
    speech: &Speech,
    said: Said,
    mut entry: Entry,
    out: &mut Outgoing<'_>,
) -> io::Result<After> {
    let Answering { call, sim, fitted, .. } = answering;
    let after = if entry.fault == Some(Fault::CloseAfter) { After::Close } else { After::Next };
    if speech.close == Close::Repeats {
        entry.end(Ending::Broken);
        match (sim.config.repeat_guard, call.stream) {
            (RepeatGuard::Error100, _) => fail(call, voice, REPEATS, out).await?,
            (RepeatGuard::Silent30, true) => out.end().await?,
            (RepeatGuard::Silent30, false) => out.json(200, &voice.unfinished(&said.content)).await?,
        }
        return Ok(after);
    }
    let written = said.first.zip(said.last).map(|(first, last)| last.duration_since(first));
    let metrics = Metrics {
        total_duration: nanos(answering.began.elapsed()),
        load_duration: nanos(answering.load),
        prompt_eval_count: fitted.ids.len() as u64,
        prompt_eval_duration: micros(said.prompt_eval),
        eval_count: speech.steps as u64,
        eval_duration: micros(written.unwrap_or_default()),
    };
    let metrics = settle(metrics);
    let context: Option<Vec<u32>> = (call.endpoint == Endpoint::Generate && !call.raw).then(|| {
        let answer = crate::sim::token::pieces(&said.content);
        fitted.ids.iter().copied().chain(answer.into_iter().map(piece_id)).collect()
    });
    let (reason, ending) = match speech.close {
        Close::Length => ("length", Ending::Length),
        _ => ("stop", Ending::Done),
    };
    let last = Last { reason, metrics, context: context.as_deref() };
    entry.leave();
    if call.stream {
        out.lines(&voice.ending(last)).await?;
        // A client that has the last object is free to leave before the end of the stream: it was answered.
        entry.end(ending);
        out.end().await?;
    } else {
        out.json(200, &voice.whole(&said.content, &said.thinking, last)).await?;
        entry.end(ending);
    }
    Ok(after)
}

/// The total is never less than its parts, however coarse the clocks (F9).
fn settle(metrics: Metrics) -> Metrics {
    let parts = metrics.load_duration + metrics.prompt_eval_duration + metrics.eval_duration;
    Metrics { total_duration: metrics.total_duration.max(parts), ..metrics }
}

/// A fault in the middle; `None` when the answer goes on after it.
async fn strike(
    answering: &Answering<'_>,
    voice: &dyn Says,
    said: &Said,
    entry: &mut Entry,
    out: &mut Outgoing<'_>,
) -> io::Result<Option<After>> {
    let stream = answering.call.stream;
    match entry.fault {
        Some(Fault::Cut) => {
            out.half(&voice.piece(&said.content, "")).await?;
            entry.end(Ending::Broken);
            return Ok(Some(After::Reset));
        }
        Some(Fault::Crash) => {
            answering.lease_dies();
            return Ok(None);
        }
        Some(Fault::Stall) => {
            answering.lease.runner.death().await;
            return Ok(None);
        }
        Some(Fault::Garbage) if stream => {
            out.lines(&[voice.garbage()]).await?;
            return Ok(None);
        }
        Some(Fault::Garbage) => out.json(200, &voice.garbage()).await?,
        Some(Fault::EndWithoutDone) if stream => out.end().await?,
        Some(Fault::EndWithoutDone) => out.json(200, &voice.unfinished(&said.content)).await?,
        _ => fail(answering.call, voice, DIED, out).await?,
    }
    entry.end(Ending::Broken);
    Ok(Some(After::Next))
}

impl Answering<'_> {
    /// The runner dies under everybody.
    fn lease_dies(&self) {
        self.sim.scheduler.kill(&self.lease.runner);
    }
}

/// An error of the server, before or after the answer has begun.
async fn fail(call: &Call, voice: &dyn Says, words: &str, out: &mut Outgoing<'_>) -> io::Result<()> {
    match (call.stream, out.has_begun()) {
        (true, true) => out.stream_error(500, &voice.error_line(500, words)).await,
        (true, false) => out.stream_error(500, &voice.error(500, words)).await,
        (false, _) => out.json(500, &voice.error(500, words)).await,
    }
}

async fn died(
    answering: &Answering<'_>,
    voice: &dyn Says,
    mut entry: Entry,
    out: &mut Outgoing<'_>,
) -> io::Result<After> {
    let begun = out.has_begun();
    entry.end(if begun { Ending::Broken } else { Ending::Error(500) });
    fail(answering.call, voice, DIED, out).await?;
    Ok(After::Next)
}

/// A remote stub: the answer comes from elsewhere, at once and with names that tell so.
pub async fn say_remotely(
    sim: &Sim,
    call: &Call,
    voice: &Voice,
    mut entry: Entry,
    out: &mut Outgoing<'_>,
) -> io::Result<After> {
    let text = words(call, &last_user(&call.messages), sim.config.marks);
    let last =
        Last { reason: "stop", metrics: Metrics { total_duration: 1_000_000, ..Metrics::default() }, context: None };
    if call.stream {
        out.lines(&[voice.piece(&text, ""), voice.last("", "", last)]).await?;
        out.end().await?;
    } else {
        out.json(200, &voice.last(&text, "", last)).await?;
    }
    entry.end(Ending::Done);
    Ok(After::Next)
}
