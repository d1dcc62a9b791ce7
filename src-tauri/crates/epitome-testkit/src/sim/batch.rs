//! Continuous batching as llama-server does it, as a pure state machine: what the next step does, how long it takes,
//! what came of it. Time is handed in.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::GpuModel;

/// Tokens that a reader may lag behind before its slot waits for it. Small, because the real server's socket buffer
/// is what a slow reader fills (F28).
const LAG: usize = 256;

/// A sampled token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampled {
    /// When it was sampled. Instants follow the plan of the steps, not the operating system's wake-ups.
    pub at: Instant,
    /// With the first one: how long reading the prompt took.
    pub prompt_eval: Option<Duration>,
}

#[derive(Debug)]
struct Sequence {
    id: u64,
    slot: usize,
    prompt: usize,
    to_read: usize,
    sampled: usize,
    steps: usize,
    joined: Instant,
    began: Option<Instant>,
    listener: mpsc::Sender<Sampled>,
}

impl Sequence {
    fn reads(&self) -> bool {
        self.to_read > 0
    }

    fn decodes(&self) -> bool {
        self.to_read == 0 && self.listener.capacity() > 0
    }
}

#[derive(Clone, Debug, Default)]
struct Slot {
    tokens: Vec<u32>,
    used: u64,
    busy: bool,
}

/// What one step does.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub seconds: f64,
    reading: Option<(u64, usize)>,
    decoding: Vec<u64>,
}

/// What can be done now.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    Step(Step),
    /// Every sequence waits for its reader.
    Blocked,
    Idle,
}

/// The slots of one runner and what runs in them.
#[derive(Debug)]
pub struct Batch {
    gpu: GpuModel,
    slots: Vec<Slot>,
    sequences: Vec<Sequence>,
    counter: u64,
    /// The process has died: nothing steps any more.
    over: bool,
}

impl Batch {
    pub fn new(gpu: GpuModel, slots: usize) -> Self {
        Self { gpu, slots: vec![Slot::default(); slots], sequences: Vec::new(), counter: 0, over: false }
    }

    /// Puts a prompt into a free slot: the one with the longest common beginning if that is over a tenth of the prompt,
    /// else the one unused for longest (F10). Returns where the tokens come out, which is closed once all is over, and
    /// how many were in the cache.
    pub fn join(&mut self, prompt: &[u32], steps: usize, now: Instant) -> (mpsc::Receiver<Sampled>, usize) {
        if self.over {
            // A request can have got its slot just before the end.
            return (mpsc::channel(1).1, 0);
        }
        self.drop_deserted();
        self.counter += 1;
        let (slot, common) = self.choose_slot(prompt);
        // The last token is always read again, since its result is what the first answer token is sampled from.
        let cached = common.min(prompt.len().saturating_sub(1));
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = Slot { tokens: prompt.to_vec(), used: self.counter, busy: true };
        }
        let (listener, sampled) = mpsc::channel(LAG);
        self.sequences.push(Sequence {
            id: self.counter,
            slot,
            prompt: prompt.len(),
            to_read: (prompt.len() - cached).max(1),
            sampled: 0,
            steps: steps.max(1),
            joined: now,
            began: None,
            listener,
        });
        (sampled, cached)
    }

    fn choose_slot(&self, prompt: &[u32]) -> (usize, usize) {
        let common = |slot: &Slot| slot.tokens.iter().zip(prompt).take_while(|(one, other)| one == other).count();
        let free = self.slots.iter().enumerate().filter(|(_, slot)| !slot.busy);
        let alike = free.clone().map(|(index, slot)| (common(slot), index)).max();
        match alike {
            Some((length, index)) if length * 10 > prompt.len() => (index, length),
            _ => {
                let oldest = free.min_by_key(|(_, slot)| slot.used).map_or(0, |(index, _)| index);
                (oldest, self.slots.get(oldest).map_or(0, common))
            }
        }
    }

    /// Ends the sequences whose reader has gone.
    fn drop_deserted(&mut self) {
        let slots = &mut self.slots;
        self.sequences.retain(|sequence| {
            let here = !sequence.listener.is_closed();
            if !here && let Some(slot) = slots.get_mut(sequence.slot) {
                slot.busy = false;
            }
            here
        });
    }

    /// Ends everything for good, as when the process dies.
    pub fn clear(&mut self) {
        self.over = true;
        self.sequences.clear();
        self.slots.fill(Slot::default());
    }

    /// Plans the next step that begins at `now`.
    pub fn next(&mut self, now: Instant) -> Next {
        self.drop_deserted();
        if self.sequences.is_empty() {
            return Next::Idle;
        }
        let reader = self.sequences.iter_mut().find(|sequence| sequence.reads());
        let reading = reader.map(|sequence| {
            // Steps may be planned for a time just past, when the machine is slow; no prompt is read before it came.
            let joined = sequence.joined;
            sequence.began.get_or_insert(now.max(joined));
            (sequence.id, sequence.to_read.min(GpuModel::MICRO_BATCH))
        });
        let decoding: Vec<&Sequence> = self.sequences.iter().filter(|sequence| sequence.decodes()).collect();
        if reading.is_none() && decoding.is_empty() {
            return Next::Blocked;
        }
        let held = decoding.iter().map(|sequence| sequence.prompt + sequence.sampled).sum();
        let seconds = self.gpu.step_s(decoding.len(), held, reading.map_or(0, |(_, tokens)| tokens));
        let decoding = decoding.iter().map(|sequence| sequence.id).collect();
        Next::Step(Step { seconds, reading, decoding })
    }

    /// Hands out what a step that ended at `at` made. The last batch of a prompt makes the first token.
    pub fn finish(&mut self, step: &Step, at: Instant) {
        for sequence in &mut self.sequences {
            let mut prompt_eval = None;
            match step.reading {
                Some((id, tokens)) if id == sequence.id => {
                    sequence.to_read = sequence.to_read.saturating_sub(tokens);
                    if sequence.reads() {
                        continue;
                    }
                    let began = sequence.began.unwrap_or(at);
                    prompt_eval = Some(at.max(began).duration_since(began));
                }
                _ if step.decoding.contains(&sequence.id) => {}
                _ => continue,
            }
            sequence.sampled += 1;
            // Full cannot be: a sequence without room is not in the step. Closed is found by the next step.
            let _ = sequence.listener.try_send(Sampled { at: at.max(sequence.joined), prompt_eval });
        }
        let slots = &mut self.slots;
        self.sequences.retain(|sequence| {
            let more = sequence.sampled < sequence.steps;
            if !more && let Some(slot) = slots.get_mut(sequence.slot) {
                slot.busy = false;
            }
            more
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(slots: usize) -> Batch {
        Batch::new(GpuModel { kv_per_token: 0.0, ..GpuModel::default() }, slots)
    }

    /// Runs until nothing is left to do; returns the seconds it took.
    fn run(batch: &mut Batch, mut now: Instant) -> f64 {
        let mut seconds = 0.0;
        while let Next::Step(step) = batch.next(now) {
            seconds += step.seconds;
            now += Duration::from_secs_f64(step.seconds);
            batch.finish(&step, now);
        }
        seconds
    }

    fn prompt(seed: u32, tokens: u32) -> Vec<u32> {
        (0..tokens).map(|token| token * 7 + seed).collect()
    }

    #[test]
    fn one_sequence_takes_reading_plus_writing() {
        let (mut batch, now) = (batch(1), Instant::now());
        let (mut tokens, cached) = batch.join(&prompt(1, 2400), 61, now);
        let seconds = run(&mut batch, now);
        assert_eq!(cached, 0);
        assert!((seconds - 2.0).abs() < 0.01, "a second to read, a second for 60 steps: {seconds}");
        let first = tokens.try_recv().unwrap();
        assert!((first.prompt_eval.unwrap().as_secs_f64() - 1.0).abs() < 0.01);
        assert_eq!(std::iter::from_fn(|| tokens.try_recv().ok()).count(), 60);
    }

    #[test]
    fn together_is_faster_than_one_by_one_but_each_is_slower() {
        let now = Instant::now();
        let time = |count: u32| {
            let mut batch = batch(8);
            let readers: Vec<_> = (0..count).map(|seed| batch.join(&prompt(seed, 10), 200, now)).collect();
            let seconds = run(&mut batch, now);
            drop(readers);
            seconds
        };
        let (alone, eight) = (time(1), time(8));
        assert!(eight > alone && eight < 8.0 * alone / 3.0, "{alone} {eight}");
    }

    #[test]
    fn a_common_beginning_is_read_once() {
        let (mut batch, now) = (batch(2), Instant::now());
        let first = prompt(1, 1000);
        let mut second = first[..800].to_vec();
        second.extend(prompt(5, 200));
        drop(batch.join(&first, 5, now));
        run(&mut batch, now);
        assert_eq!(batch.join(&second, 5, now).1, 800);
        assert_eq!(batch.join(&prompt(9, 1000), 5, now).1, 0, "the other slot is empty");
        run(&mut batch, now);
        assert_eq!(batch.join(&second, 5, now).1, 999, "all but the last token");
    }

    #[test]
    fn a_reader_that_leaves_frees_its_slot_and_one_that_stalls_keeps_it() {
        let (mut batch, now) = (batch(1), Instant::now());
        let (gone, _) = batch.join(&prompt(1, 10), 1000, now);
        drop(gone);
        assert_eq!(batch.next(now), Next::Idle);
        let (_stalled, _) = batch.join(&prompt(1, 10), 1000, now);
        run(&mut batch, now);
        assert_eq!(batch.next(now), Next::Blocked);
    }

    #[test]
    fn who_comes_after_the_end_is_told() {
        let (mut batch, now) = (batch(2), Instant::now());
        let (mut before, _) = batch.join(&prompt(1, 10), 10, now);
        batch.clear();
        let (mut after, _) = batch.join(&prompt(2, 10), 10, now);
        let ended = Err(mpsc::error::TryRecvError::Disconnected);
        assert_eq!((before.try_recv(), after.try_recv()), (ended, ended));
    }
}
