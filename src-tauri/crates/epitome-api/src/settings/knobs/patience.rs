//! How long a server is waited for.

use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all, whole};

const PATIENCE: Group = Group { name: "Patience", expert: true };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "llm.keep_alive",
        environment: "EPITOME_KEEP_ALIVE",
        group: PATIENCE,
        label: "Keep the model loaded",
        help: "How long the server keeps the model after the last call: 10m, 1h, or -1 for ever.",
        unit: "",
        kind: Kind::KeepAlive,
        takes_effect: TakesEffect::NextJob,
        defaults: all("10m"),
        apply: |job, value| value.clone_into(&mut job.keep_alive),
    },
    Knob {
        key: "llm.first_token_s",
        environment: "EPITOME_FIRST_TOKEN_S",
        group: PATIENCE,
        label: "Wait for the first word",
        help: "Queueing and loading count in, so be generous.",
        unit: "seconds",
        kind: Kind::Whole { min: 1, max: 86_400 },
        takes_effect: TakesEffect::AtOnce,
        defaults: all("900"),
        apply: |job, value| job.first_token_s = whole(value),
    },
    Knob {
        key: "llm.stall_s",
        environment: "EPITOME_STALL_S",
        group: PATIENCE,
        label: "Longest silence between words",
        help: "After it the call is given up and tried again.",
        unit: "seconds",
        kind: Kind::Whole { min: 1, max: 3_600 },
        takes_effect: TakesEffect::AtOnce,
        defaults: all("60"),
        apply: |job, value| job.stall_s = whole(value),
    },
    Knob {
        key: "llm.attempts",
        environment: "EPITOME_ATTEMPTS",
        group: PATIENCE,
        label: "Tries of a call",
        help: "After so many failures the chapter is marked as failed and can be tried again later.",
        unit: "tries",
        kind: Kind::Whole { min: 1, max: 20 },
        takes_effect: TakesEffect::AtOnce,
        defaults: all("4"),
        apply: |job, value| job.attempts = whole(value),
    },
    Knob {
        key: "llm.outage_s",
        environment: "EPITOME_OUTAGE_S",
        group: PATIENCE,
        label: "Wait for a server that is away",
        help: "After it the job stops and says so; 0 waits for ever.",
        unit: "seconds",
        kind: Kind::Whole { min: 0, max: 604_800 },
        takes_effect: TakesEffect::AtOnce,
        defaults: all("0"),
        apply: |job, value| job.outage_s = whole(value),
    },
];
