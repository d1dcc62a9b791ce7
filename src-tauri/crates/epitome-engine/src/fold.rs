//! Many texts to one, level by level: chapter notes to a summary, chapter summaries to a synopsis. Pure.

use std::ops::Range;

/// One level of a fold: neighbouring inputs are grouped so that a group fits one call.
///
/// **Invariant:** a level has at most half as many groups as inputs (rounded up), so a fold always ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// 0 for the first level.
    pub level: u32,
    inputs: Vec<String>,
    groups: Vec<Range<usize>>,
    outputs: Vec<Option<String>>,
}

/// What a finished level leads to.
#[derive(Debug, PartialEq)]
pub enum Folded {
    /// Not all groups have their answer.
    Pending,
    /// Another level is needed.
    Level(Fold),
    /// The one text.
    Whole(String),
}

impl Fold {
    /// Groups `inputs` into calls of at most `room` characters, at least two inputs a call.
    pub fn new(inputs: Vec<String>, room: usize) -> Self {
        Self::at(0, inputs, room)
    }

    fn at(level: u32, inputs: Vec<String>, room: usize) -> Self {
        let groups = group(&inputs, room);
        let mut outputs = vec![None; groups.len()];
        // A single text left over at the end needs no call of its own: it joins the next level as it is.
        if groups.len() > 1 {
            for (output, group) in outputs.iter_mut().zip(&groups) {
                if group.len() == 1 {
                    *output = Some(inputs[group.start].clone());
                }
            }
        }
        Self { level, inputs, groups, outputs }
    }

    /// Whether this level ends the fold: all inputs fit one call.
    pub fn is_last(&self) -> bool {
        self.groups.len() == 1
    }

    /// Groups that need a call, with the text each call reads. Asked once a level: the inputs go into the texts, because
    /// those of ten thousand chapters are too many to have twice.
    pub fn open(&mut self) -> Vec<(u32, String)> {
        let mut inputs = std::mem::take(&mut self.inputs).into_iter();
        let groups = self.groups.iter().zip(&self.outputs).zip(0u32..);
        let texts = groups.map(|((group, output), place)| {
            let text = joined(inputs.by_ref().take(group.len()).collect());
            output.is_none().then_some((place, text))
        });
        texts.flatten().collect()
    }

    /// Calls of this level.
    pub fn calls(&self) -> u32 {
        let calls = self.groups.iter().filter(|group| group.len() > 1 || self.groups.len() == 1).count();
        u32::try_from(calls).unwrap_or(u32::MAX)
    }

    /// Takes the answer for a group; answers for unknown groups are dropped.
    pub fn put(&mut self, place: u32, answer: String) {
        if let Some(output) = self.outputs.get_mut(place as usize) {
            *output = Some(answer);
        }
    }

    /// What follows, once every group has its answer.
    pub fn next(&mut self, room: usize) -> Folded {
        if self.outputs.iter().any(Option::is_none) {
            return Folded::Pending;
        }
        let mut outputs: Vec<String> = self.outputs.drain(..).flatten().collect();
        match outputs.len() {
            1 => Folded::Whole(outputs.swap_remove(0)),
            _ => Folded::Level(Self::at(self.level + 1, outputs, room)),
        }
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

fn group(inputs: &[String], room: usize) -> Vec<Range<usize>> {
    let mut groups = Vec::new();
    let mut start = 0;
    let mut used = 0;
    for (place, input) in inputs.iter().enumerate() {
        let chars = input.chars().count() + 2;
        if used + chars > room && place - start >= 2 {
            groups.push(start..place);
            (start, used) = (place, 0);
        }
        used += chars;
    }
    if start < inputs.len() {
        groups.push(start..inputs.len());
    }
    groups
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
        let mut fold = Fold::new(inputs, room);
        let mut calls = 0;
        loop {
            for (place, text) in fold.open() {
                calls += 1;
                let label: String =
                    text.split("\n\n").map(|part| part.trim_start_matches('0')).collect::<Vec<_>>().join("+");
                fold.put(place, format!("{label:>answer_chars$}").replace(' ', "0"));
            }
            match fold.next(room) {
                Folded::Pending => panic!("every open group was answered"),
                Folded::Level(next) => fold = next,
                Folded::Whole(text) => return (fold.level + 1, calls, text),
            }
        }
    }

    #[test]
    fn what_fits_is_one_call() {
        assert_eq!(Fold::new(texts(5, 10), 100).open().len(), 1);
        assert!(Fold::new(texts(5, 10), 100).is_last());
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
        let mut fold = Fold::new(texts(64, 38), 165);
        let mut calls = 0;
        loop {
            for (place, _) in fold.open() {
                calls += 1;
                fold.put(place, "x".repeat(38));
            }
            match fold.next(165) {
                Folded::Level(next) => fold = next,
                _ => break,
            }
        }
        assert_eq!(forecast(64, 38, 165), calls);
    }
}
