//! What can be made to go wrong (F29), at which request.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Random;

/// One way for a call to go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The connection is reset before any byte of a reply.
    Refuse,
    /// Status 500 with the words of a runner that stopped.
    Http500,
    /// Status 503 with the words of a full queue.
    Http503,
    /// The connection is reset in the middle of a chunk, after some tokens.
    Cut,
    /// An error line after some tokens; status 500 without streaming.
    ErrorLine,
    /// The stream ends properly, but without `done: true`.
    EndWithoutDone,
    /// Nothing more comes after some tokens; the slot stays taken until the client leaves or the runner dies.
    Stall,
    /// A line that is not JSON among the tokens.
    Garbage,
    /// Cut off by `num_predict`, whatever it is: `done_reason` is `length`.
    Length,
    /// A well-formed answer of no words.
    Empty,
    /// The slot is held for a minute before the first token.
    SlowFirstByte,
    /// One sentence again and again, up to `num_predict`.
    Loop,
    /// One token again and again: trips the repeat guard where there is one (F20).
    RepeatToken,
    /// A polite refusal.
    Refusal,
    /// The runner dies after some tokens, for everybody (F21).
    Crash,
    /// The bytes dribble in, cut anywhere, also inside a character.
    Split,
    /// The connection is closed after the reply, without a word beforehand.
    CloseAfter,
}

impl Fault {
    pub const ALL: [Self; 17] = [
        Self::Refuse,
        Self::Http500,
        Self::Http503,
        Self::Cut,
        Self::ErrorLine,
        Self::EndWithoutDone,
        Self::Stall,
        Self::Garbage,
        Self::Length,
        Self::Empty,
        Self::SlowFirstByte,
        Self::Loop,
        Self::RepeatToken,
        Self::Refusal,
        Self::Crash,
        Self::Split,
        Self::CloseAfter,
    ];

    /// Name on command lines and in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Http500 => "http_500",
            Self::Http503 => "http_503",
            Self::Cut => "cut",
            Self::ErrorLine => "error",
            Self::EndWithoutDone => "end_without_done",
            Self::Stall => "stall",
            Self::Garbage => "garbage",
            Self::Length => "length",
            Self::Empty => "empty",
            Self::SlowFirstByte => "slow_first_byte",
            Self::Loop => "loop",
            Self::RepeatToken => "repeat_token",
            Self::Refusal => "refusal",
            Self::Crash => "crash",
            Self::Split => "split",
            Self::CloseAfter => "close_after",
        }
    }

    /// Whether an answer that was handed over whole is none all the same: a client is right to ask again.
    pub fn spoils(self) -> bool {
        matches!(self, Self::Empty | Self::Refusal | Self::Garbage)
    }

    /// Whether it strikes after some tokens.
    pub fn strikes_midway(self) -> bool {
        matches!(self, Self::Cut | Self::ErrorLine | Self::EndWithoutDone | Self::Stall | Self::Garbage | Self::Crash)
    }
}

/// Which call a scripted fault hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// The n-th call since the start, from 1.
    Call(usize),
    /// Calls whose last message of the user contains the text, so many times.
    Containing { text: String, times: usize },
}

/// Which calls go wrong, and how. Rates are drawn from the seed, the prompt and how often that prompt came before, so
/// that the same calls fail in whatever order they arrive.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    rates: BTreeMap<Fault, f64>,
    script: Vec<(Trigger, Fault)>,
}

/// Why a description of faults cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    #[error("\u{201c}{0}\u{201d} is no fault; there are: {known}", known = known())]
    Unknown(String),
    #[error("\u{201c}{0}\u{201d} is not of the form name=probability, with a probability of 0 to 1")]
    Form(String),
}

fn known() -> String {
    Fault::ALL.map(Fault::name).join(", ")
}

impl Faults {
    /// Makes a share of the calls, 0 to 1, go wrong in this way.
    #[must_use]
    pub fn rate(mut self, fault: Fault, share: f64) -> Self {
        self.rates.insert(fault, share);
        self
    }

    /// Makes the n-th call go wrong, counted from 1 in order of arrival.
    #[must_use]
    pub fn at(mut self, call: usize, fault: Fault) -> Self {
        self.script.push((Trigger::Call(call), fault));
        self
    }

    /// Makes the first `times` calls with this text in them go wrong.
    #[must_use]
    pub fn containing(mut self, text: &str, times: usize, fault: Fault) -> Self {
        self.script.push((Trigger::Containing { text: text.to_owned(), times }, fault));
        self
    }

    /// What befalls a call; the script goes before the rates. `attempt` counts from 0.
    pub(super) fn befalls(&mut self, seed: u64, call: usize, user: &str, attempt: usize) -> Option<Fault> {
        for (trigger, fault) in &mut self.script {
            match trigger {
                Trigger::Call(number) if *number == call => return Some(*fault),
                Trigger::Containing { text, times } if *times > 0 && user.contains(text.as_str()) => {
                    *times -= 1;
                    return Some(*fault);
                }
                _ => {}
            }
        }
        let mut random = Random::of(&[seed, text_seed(user), attempt as u64, 0x66_61]);
        let mut left = random.unit();
        for (fault, share) in &self.rates {
            if left < *share {
                return Some(*fault);
            }
            left -= share;
        }
        None
    }
}

/// A number for a text.
pub(super) fn text_seed(text: &str) -> u64 {
    let hash = blake3::hash(text.as_bytes());
    hash.as_bytes().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl FromStr for Faults {
    type Err = FaultError;

    /// `error=0.05,cut=0.02`.
    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut faults = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let form = || FaultError::Form(part.to_owned());
            let (name, share) = part.split_once('=').ok_or_else(form)?;
            let fault = Fault::ALL.into_iter().find(|fault| fault.name() == name.trim());
            let fault = fault.ok_or_else(|| FaultError::Unknown(name.to_owned()))?;
            let share: f64 = share.trim().parse().map_err(|_| form())?;
            if !(0.0..=1.0).contains(&share) {
                return Err(form());
            }
            faults = faults.rate(fault, share);
        }
        Ok(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_or_refused_with_a_reason() {
        let faults: Faults = "error=0.05, cut=0.02".parse().unwrap();
        assert_eq!(faults, Faults::default().rate(Fault::ErrorLine, 0.05).rate(Fault::Cut, 0.02));
        assert_eq!("fire=0.1".parse::<Faults>(), Err(FaultError::Unknown("fire".into())));
        assert_eq!("cut".parse::<Faults>(), Err(FaultError::Form("cut".into())));
        assert_eq!("cut=2".parse::<Faults>(), Err(FaultError::Form("cut=2".into())));
    }

    #[test]
    fn rates_hit_their_share_whatever_the_order() {
        let mut faults = Faults::default().rate(Fault::Cut, 0.2).rate(Fault::Stall, 0.1);
        let mut draw = |call: usize| faults.befalls(1, call, &format!("text {call}"), 0);
        let forth: Vec<_> = (0..2000).map(&mut draw).collect();
        let mut back: Vec<_> = (0..2000).rev().map(&mut draw).collect();
        back.reverse();
        assert_eq!(forth, back);
        let cuts = forth.iter().filter(|fault| **fault == Some(Fault::Cut)).count();
        assert!((340..460).contains(&cuts), "{cuts}");
    }

    #[test]
    fn a_script_hits_exactly() {
        let mut faults = Faults::default().at(2, Fault::Cut).containing("whale", 2, Fault::Empty);
        let hits: Vec<_> = (1..=5).map(|call| faults.befalls(0, call, "a whale", 0)).collect();
        assert_eq!(hits, [Some(Fault::Empty), Some(Fault::Cut), Some(Fault::Empty), None, None]);
    }
}
