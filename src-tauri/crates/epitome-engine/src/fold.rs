//! Many texts to one, level by level: chapter notes to a summary, chapter summaries to a synopsis. Pure.

use std::collections::VecDeque;

/// One level of a fold: neighbouring inputs are grouped so that a group fits one call. Inputs may come a few at a time;
/// which of them form a group depends on them alone.
///
/// **Invariant:** a level has at most half as many groups as inputs (rounded up), so a fold always ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// 0 for the first level.
    pub level: u32,
    /// Characters a call may read.
    room: usize,
    /// The group that is still growing, and its characters.
    group: Vec<String>,
    used: usize,
    /// Whether the last input came.
    ended: bool,
    /// Groups whose answers were passed on already.
    passed: usize,
    /// The answer of each group after them.
    outputs: VecDeque<Option<String>>,
}

/// The number of a group within its level, and the text its call reads.
pub type GroupCall = (u32, String);

/// What a finished level leads to.
#[derive(Debug, PartialEq)]
pub enum Folded {
    /// Not all groups have their answer, or more inputs come.
    Pending,
    /// Another level is needed, with these calls.
    Level(Fold, Vec<GroupCall>),
    /// The one text.
    Whole(String),
}

impl Fold {
    /// A level whose inputs are still to come, into calls of at most `room` characters, at least two inputs a call.
    pub fn new(level: u32, room: usize) -> Self {
        Self { level, room, group: Vec::new(), used: 0, ended: false, passed: 0, outputs: VecDeque::new() }
    }

    /// A fold of `inputs`, with its first level's calls.
    pub fn of(inputs: Vec<String>, room: usize) -> (Self, Vec<GroupCall>) {
        Self::new(0, room).filled(inputs)
    }

    fn filled(mut self, inputs: Vec<String>) -> (Self, Vec<GroupCall>) {
        let mut calls: Vec<_> = inputs.into_iter().filter_map(|input| self.push(input)).collect();
        calls.extend(self.end());
        (self, calls)
    }

    /// Whether no input came yet.
    pub fn is_empty(&self) -> bool {
        self.group.is_empty() && self.groups() == 0
    }

    fn groups(&self) -> usize {
        self.passed + self.outputs.len()
    }

    /// Whether this level ends the fold: all inputs fit one call.
    pub fn is_last(&self) -> bool {
        self.ended && self.groups() == 1
    }

    /// Takes the next input. Gives the call of the group before it, if this one does not fit that.
    pub fn push(&mut self, input: String) -> Option<GroupCall> {
        let chars = input.chars().count() + 2;
        let closed = if self.used + chars > self.room && self.group.len() >= 2 { self.close() } else { None };
        self.used += chars;
        self.group.push(input);
        closed
    }

    /// No more inputs come. Gives the last group's call.
    pub fn end(&mut self) -> Option<GroupCall> {
        self.ended = true;
        // A single text left over at the end needs no call of its own: it joins the next level as it is.
        if self.group.len() == 1 && self.groups() > 0 {
            self.outputs.push_back(self.group.pop());
            return None;
        }
        self.close()
    }

    fn close(&mut self) -> Option<GroupCall> {
        if self.group.is_empty() {
            return None;
        }
        let place = u32::try_from(self.groups()).unwrap_or(u32::MAX);
        self.outputs.push_back(None);
        self.used = 0;
        Some((place, joined(std::mem::take(&mut self.group))))
    }

    /// Takes the answer for a group; answers for unknown groups are dropped.
    pub fn put(&mut self, place: u32, answer: String) {
        let at = (place as usize).checked_sub(self.passed);
        if let Some(output) = at.and_then(|at| self.outputs.get_mut(at)) {
            *output = Some(answer);
        }
    }

    /// The next answer in order, for the level above; none of a level that may turn out to have one group only, because
    /// that one's is the whole.
    pub fn pass_on(&mut self) -> Option<String> {
        if self.groups() < 2 {
            return None;
        }
        let output = self.outputs.front_mut()?.take()?;
        self.outputs.pop_front();
        self.passed += 1;
        Some(output)
    }

    /// Whether the last input came.
    pub fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether every group's answer was passed on, and no more come.
    pub fn is_passed_on(&self) -> bool {
        self.ended && self.passed > 0 && self.outputs.is_empty()
    }

    /// The answer that is the whole, once it is certain to be.
    pub fn whole(&mut self) -> Option<String> {
        if self.is_last() { self.outputs.front_mut()?.take() } else { None }
    }

    /// What follows, once every group has its answer.
    pub fn next(&mut self, room: usize) -> Folded {
        if !self.ended || self.outputs.iter().any(Option::is_none) {
            return Folded::Pending;
        }
        let mut outputs: Vec<String> = self.outputs.drain(..).flatten().collect();
        if outputs.len() < 2 {
            return Folded::Whole(outputs.pop().unwrap_or_default());
        }
        let (next, calls) = Self::new(self.level + 1, room).filled(outputs);
        Folded::Level(next, calls)
    }
}

/// The texts with an empty line between, in the first one's memory: what another thread allocated is of use only there.
fn joined(texts: Vec<String>) -> String {
    let more = texts.iter().skip(1).map(|text| text.len() + 2).sum();
    let mut texts = texts.into_iter();
    let mut all = texts.next().unwrap_or_default();
    all.reserve_exact(more);
    for text in texts {
        all.push_str("\n\n");
        all.push_str(&text);
    }
    all
}

/// Calls a fold of `inputs` texts of about `chars` characters each would take, and how many levels.
pub fn forecast(inputs: usize, chars: usize, room: usize) -> u32 {
    let per_call = (room / (chars + 2)).max(2);
    let mut left = inputs;
    let mut calls = 0;
    while left > 1 {
        left = left.div_ceil(per_call);
        calls += left;
    }
    u32::try_from(calls).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(count: usize, chars: usize) -> Vec<String> {
        (0..count).map(|n| format!("{n:0chars$}")).collect()
    }

    /// Runs a fold with answers of `answer_chars` and returns (levels, calls, the text).
    fn run(inputs: Vec<String>, room: usize, answer_chars: usize) -> (u32, u32, String) {
        let (mut fold, mut open) = Fold::of(inputs, room);
        let mut calls = 0;
        loop {
            for (place, text) in open {
                calls += 1;
                let label: String =
                    text.split("\n\n").map(|part| part.trim_start_matches('0')).collect::<Vec<_>>().join("+");
                fold.put(place, format!("{label:>answer_chars$}").replace(' ', "0"));
            }
            match fold.next(room) {
                Folded::Pending => panic!("every open group was answered"),
                Folded::Level(next, more) => (fold, open) = (next, more),
                Folded::Whole(text) => return (fold.level + 1, calls, text),
            }
        }
    }

    #[test]
    fn what_fits_is_one_call() {
        let (fold, calls) = Fold::of(texts(5, 10), 100);
        assert_eq!(calls.len(), 1);
        assert!(fold.is_last());
    }

    #[test]
    fn many_inputs_fold_in_levels_and_every_input_takes_part() {
        let (levels, calls, text) = run(texts(20, 30), 100, 30);
        assert!(levels > 1 && calls > 4);
        for n in 1..20 {
            assert!(text.split('+').any(|part| part.trim_start_matches('0') == n.to_string()), "{n} in {text}");
        }
    }

    #[test]
    fn a_fold_ends_even_when_nothing_fits() {
        let (levels, _, _) = run(texts(9, 500), 10, 500);
        assert_eq!(levels, 4, "9 -> 5 -> 3 -> 2 -> 1");
    }

    #[test]
    fn the_forecast_matches_a_run() {
        let (mut fold, mut open) = Fold::of(texts(64, 38), 165);
        let mut calls = 0;
        loop {
            for (place, _) in open {
                calls += 1;
                fold.put(place, "x".repeat(38));
            }
            match fold.next(165) {
                Folded::Level(next, more) => (fold, open) = (next, more),
                _ => break,
            }
        }
        assert_eq!(forecast(64, 38, 165), calls);
    }
}
