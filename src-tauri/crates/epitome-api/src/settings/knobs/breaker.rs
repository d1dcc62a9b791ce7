//! When a provider is left alone for a while.

use epitome_model::{BreakerRule, TakesEffect};

use super::{Group, Kind, Knob, decimal, whole};

const BREAKER: Group = Group { name: "Circuit breaker", expert: true };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "breaker.rule",
        environment: "EPITOME_BREAKER_RULE",
        group: BREAKER,
        label: "What opens it",
        help: "broken: calls refused, broken off or stalled, never slow success. figures: error rate, latency and waiting calls, as the first design did. off: nothing.",
        unit: "",
        kind: Kind::Choice(&["broken", "figures", "off"]),
        takes_effect: TakesEffect::AtOnce,
        defaults: ["figures", "figures", "broken"],
        apply: |job, value| {
            job.breaker.rule = match value {
                "figures" => BreakerRule::Figures,
                "off" => BreakerRule::Off,
                _ => BreakerRule::Broken,
            };
        },
    },
    Knob {
        key: "breaker.p95_s",
        environment: "EPITOME_BREAKER_P95_S",
        group: BREAKER,
        label: "Slow above",
        help: "One call in twenty takes longer than this; only under the rule figures.",
        unit: "seconds",
        kind: Kind::Decimal { min: 0.1, max: 3_600.0 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["25", "30", "30"],
        apply: |job, value| job.breaker.p95_s = decimal(value),
    },
    Knob {
        key: "breaker.queue",
        environment: "EPITOME_BREAKER_QUEUE",
        group: BREAKER,
        label: "Overloaded above",
        help: "Calls that wait for the provider; only under the rule figures.",
        unit: "calls",
        kind: Kind::Whole { min: 1, max: 10_000 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["10", "15", "15"],
        apply: |job, value| job.breaker.queue = whole(value),
    },
    Knob {
        key: "breaker.error_rate",
        environment: "EPITOME_BREAKER_ERROR_RATE",
        group: BREAKER,
        label: "Errors above",
        help: "Share of the last calls that failed. figures opens above it; broken above twice as much, because trying again mends single failures, or after three failures in a row.",
        unit: "",
        kind: Kind::Decimal { min: 0.01, max: 1.0 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["0.2", "0.25", "0.25"],
        apply: |job, value| job.breaker.error_rate = decimal(value),
    },
    Knob {
        key: "breaker.cooldown_s",
        environment: "EPITOME_BREAKER_COOLDOWN_S",
        group: BREAKER,
        label: "Open for at least",
        help: "Then, once the provider answers, trial calls show whether it is well again. While they fail the pause grows, up to 30 s where this is less.",
        unit: "seconds",
        kind: Kind::Whole { min: 1, max: 3_600 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["60", "120", "2"],
        apply: |job, value| job.breaker.cooldown_s = whole(value),
    },
    Knob {
        key: "breaker.half_open_attempts",
        environment: "EPITOME_BREAKER_HALF_OPEN",
        group: BREAKER,
        label: "Trial calls",
        help: "So many must succeed, and none fail, before it closes; no other call is sent meanwhile.",
        unit: "calls",
        kind: Kind::Whole { min: 1, max: 100 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["1", "3", "3"],
        apply: |job, value| job.breaker.half_open_attempts = whole(value),
    },
];
