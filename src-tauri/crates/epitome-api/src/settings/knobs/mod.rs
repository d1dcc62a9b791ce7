//! The list of settings: key, environment variable, range, the value each profile gives, and the field of a job it
//! sets. This table is the reference; the commented file a person edits is written from it.

mod breaker;
mod inbox;
mod patience;
mod pieces;
mod planning;
mod provider;
mod speed;
mod summaries;
mod window;
mod words;
mod writing;

use epitome_model::{JobSettings, Profile, TakesEffect};

/// What values a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Whole {
        min: u32,
        max: u32,
    },
    /// A whole number, or this word.
    WholeOr {
        min: u32,
        max: u32,
        word: &'static str,
    },
    Decimal {
        min: f32,
        max: f32,
    },
    /// A number, or this word.
    DecimalOr {
        min: f32,
        max: f32,
        word: &'static str,
    },
    Choice(&'static [&'static str]),
    /// Several of these, in the person's order, each once; none is allowed.
    Several(&'static [&'static str]),
    /// An address as `OLLAMA_HOST` is written, with the port that is meant when none is given.
    Address {
        port: u16,
    },
    /// Several addresses, each once; none is allowed.
    Addresses {
        port: u16,
    },
    /// `10m`, `300s`, `-1` for ever: as Ollama writes it.
    KeepAlive,
    Text,
    /// A folder of this machine by its whole path, or none.
    Folder,
    /// A text of several lines.
    Words {
        /// Characters.
        most: usize,
    },
}

/// Part of the settings screen.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub name: &'static str,
    /// Folded away until it is asked for: the profile's values suit nearly everyone.
    pub expert: bool,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Knob {
    pub key: &'static str,
    pub environment: &'static str,
    pub group: Group,
    pub label: &'static str,
    pub help: &'static str,
    pub unit: &'static str,
    pub kind: Kind,
    pub takes_effect: TakesEffect,
    /// Values of the profiles `baseline`, `track1` and `auto`.
    defaults: [&'static str; 3],
    /// Writes a checked value into the field of a job.
    pub(super) apply: fn(&mut JobSettings, &str),
}

impl Knob {
    /// Value under a profile when nobody chose one.
    pub fn default(&self, profile: Profile) -> &'static str {
        let [baseline, track1, auto] = self.defaults;
        match profile {
            Profile::Baseline => baseline,
            Profile::Track1 => track1,
            Profile::Auto => auto,
        }
    }

    /// Whether the profiles give it different values.
    pub fn differs(&self) -> bool {
        self.defaults.iter().any(|value| *value != self.defaults[0])
    }
}

/// The setting of this key.
pub fn knob(key: &str) -> Option<&'static Knob> {
    KNOBS.iter().find(|knob| knob.key == key)
}

/// Every setting, in the order the settings screen shows them.
pub const KNOBS: &[Knob] = &joined::<COUNT>();

const GROUPS: [&[Knob]; 11] = [
    provider::KNOBS,
    speed::KNOBS,
    summaries::KNOBS,
    inbox::KNOBS,
    window::KNOBS,
    pieces::KNOBS,
    patience::KNOBS,
    planning::KNOBS,
    writing::KNOBS,
    breaker::KNOBS,
    words::KNOBS,
];

const COUNT: usize = {
    let (mut count, mut group) = (0, 0);
    while group < GROUPS.len() {
        count += GROUPS[group].len();
        group += 1;
    }
    count
};

const fn joined<const N: usize>() -> [Knob; N] {
    let mut all = [GROUPS[0][0]; N];
    let (mut next, mut group) = (0, 0);
    while group < GROUPS.len() {
        let mut row = 0;
        while row < GROUPS[group].len() {
            all[next] = GROUPS[group][row];
            next += 1;
            row += 1;
        }
        group += 1;
    }
    all
}

const fn all(value: &'static str) -> [&'static str; 3] {
    [value, value, value]
}

/// For what is no field by itself: where calls go is put together when a job is made.
fn no_field(_job: &mut JobSettings, _value: &str) {}

/// A checked whole number.
fn whole(value: &str) -> u32 {
    value.parse().unwrap_or_default()
}

/// A checked whole number, or a word that stands for none.
fn whole_or_none(value: &str) -> Option<u32> {
    value.parse().ok()
}

/// A checked number.
fn decimal(value: &str) -> f32 {
    value.parse().unwrap_or_default()
}
