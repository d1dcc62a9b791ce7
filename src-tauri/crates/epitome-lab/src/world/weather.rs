//! What goes wrong with calls, drawn by rates.

use std::time::Duration;

use epitome_llm::LlmError;
use epitome_testkit::Random;

use crate::server::Request;

/// A kind of fault of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The connection is refused.
    Refuse,
    /// Status 500.
    Error,
    /// Status 503.
    Busy,
    /// The stream ends in the middle.
    Cut,
    /// No further token comes; the server works on.
    Stall,
    /// No further token comes, and the slot is not free again before the model is unloaded.
    Leak,
    /// What comes is no answer.
    Garbage,
    Truncated,
    Looping,
    Declined,
    Empty,
    /// The prompt is said not to fit.
    Context,
    /// The model cannot be loaded.
    Load,
    /// Another program has taken the memory of the card.
    Memory,
}

impl Fault {
    pub const ALL: [Self; 14] = [
        Self::Refuse,
        Self::Error,
        Self::Busy,
        Self::Cut,
        Self::Stall,
        Self::Leak,
        Self::Garbage,
        Self::Truncated,
        Self::Looping,
        Self::Declined,
        Self::Empty,
        Self::Context,
        Self::Load,
        Self::Memory,
    ];
}

/// Rates of faults.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weather {
    /// Probability of each, for every call sent.
    pub rates: Vec<(Fault, f64)>,
    /// It clears up then, so that every run can end.
    pub until: Duration,
}

/// What becomes of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    Fine,
    /// It fails before it gets a slot.
    AtOnce(LlmError),
    /// It fails after so many tokens.
    After(u32, LlmError),
    /// It falls silent after so many tokens; with or without its slot.
    Silent {
        after: u32,
        leaks: bool,
    },
    /// It is answered, with something that is of no use.
    AtEnd(LlmError),
}

impl Weather {
    /// Draws what becomes of a call to a server.
    pub fn fate(&self, now: Duration, request: Request, url: &str, random: &mut Random) -> (Fate, Option<Fault>) {
        if now >= self.until {
            return (Fate::Fine, None);
        }
        let mut draw = random.unit();
        for (fault, rate) in &self.rates {
            if draw < *rate {
                return (fate(*fault, request, url, random), Some(*fault));
            }
            draw -= rate;
        }
        (Fate::Fine, None)
    }
}

fn fate(fault: Fault, request: Request, url: &str, random: &mut Random) -> Fate {
    let words = || "simulated".to_owned();
    let after = u32::try_from(random.below(request.output_tokens.max(1) as usize)).unwrap_or_default();
    match fault {
        Fault::Refuse => Fate::AtOnce(LlmError::Unreachable { url: url.to_owned() }),
        Fault::Error => Fate::AtOnce(LlmError::ServerError { words: words() }),
        Fault::Busy => Fate::AtOnce(LlmError::Busy { words: words() }),
        Fault::Load => Fate::AtOnce(LlmError::LoadFailed { model: words(), words: words() }),
        Fault::Memory => Fate::AtOnce(LlmError::OutOfMemory { model: words() }),
        Fault::Context => {
            let told = random.unit() < 0.5;
            let prompt_tokens = told.then_some(request.prompt_tokens);
            let window = told.then_some(request.prompt_tokens * 3 / 4);
            Fate::AtOnce(LlmError::ContextExceeded { prompt_tokens, window })
        }
        Fault::Cut => Fate::After(after, LlmError::CutStream),
        Fault::Garbage => Fate::After(after.min(1), LlmError::Malformed { words: words() }),
        Fault::Looping => Fate::After(after, LlmError::Looping),
        Fault::Stall => Fate::Silent { after, leaks: false },
        Fault::Leak => Fate::Silent { after, leaks: true },
        Fault::Truncated => Fate::AtEnd(LlmError::Truncated),
        Fault::Declined => Fate::AtEnd(LlmError::Refused),
        Fault::Empty => Fate::AtEnd(LlmError::EmptyAnswer),
    }
}
