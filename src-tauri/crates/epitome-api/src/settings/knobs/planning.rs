//! How far ahead is planned, and by how many workers.

use epitome_model::{Permit, TakesEffect};

use super::{Group, Kind, Knob, decimal, whole, whole_or_none};

const PLANNING: Group = Group { name: "Planning and workers", expert: true };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "queue.summary_capacity",
        environment: "EPITOME_SUMMARY_QUEUE",
        group: PLANNING,
        label: "Summary queue",
        help: "Calls planned ahead; memory holds their text.",
        unit: "calls",
        kind: Kind::Whole { min: 1, max: 100_000 },
        takes_effect: TakesEffect::NextJob,
        defaults: ["200", "1000", "256"],
        apply: |job, value| job.summary_capacity = whole(value),
    },
    Knob {
        key: "enqueue.batch",
        environment: "EPITOME_ENQUEUE_BATCH",
        group: PLANNING,
        label: "Planned in one go",
        help: "Chapters that enter the summary queue together; all goes on until the queue is full.",
        unit: "chapters",
        kind: Kind::WholeOr { min: 1, max: 10_000, word: "all" },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["all", "100", "32"],
        apply: |job, value| job.enqueue_batch = whole_or_none(value),
    },
    Knob {
        key: "enqueue.high_water",
        environment: "EPITOME_ENQUEUE_HIGH_WATER",
        group: PLANNING,
        label: "High-water mark",
        help: "Share of the summary queue above which no further batch enters it; off waits only when it is full.",
        unit: "",
        kind: Kind::DecimalOr { min: 0.1, max: 1.0, word: "off" },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["off", "0.8", "0.8"],
        apply: |job, value| job.enqueue_high_water = (value != "off").then(|| decimal(value)),
    },
    Knob {
        key: "workers.min",
        environment: "EPITOME_WORKERS_MIN",
        group: PLANNING,
        label: "Workers at least",
        help: "So many stand by when little waits, as the board counts them; a worker that stands by costs nothing, and more come at once when more waits. EPITOME_WORKERS=6-8 sets least and most at once.",
        unit: "workers",
        kind: WORKERS,
        takes_effect: TakesEffect::AtOnce,
        defaults: ["3", "6", "2"],
        apply: |job, value| job.workers_min = whole(value),
    },
    Knob {
        key: "workers.max",
        environment: "EPITOME_WORKERS_MAX",
        group: PLANNING,
        label: "Workers at most",
        help: "Never fewer than a fixed number of calls at a time. As many work as there is work for.",
        unit: "workers",
        kind: WORKERS,
        takes_effect: TakesEffect::AtOnce,
        defaults: ["3", "8", "32"],
        apply: |job, value| job.workers_max = whole(value),
    },
    Knob {
        key: "llm.permit",
        environment: "EPITOME_PERMIT",
        group: PLANNING,
        label: "What a permit covers",
        help: "One of the calls at a time is one call; with chapter it is a whole chapter, its calls one after another, as the first design did.",
        unit: "",
        kind: Kind::Choice(&["call", "chapter"]),
        takes_effect: TakesEffect::NextJob,
        defaults: ["chapter", "call", "call"],
        apply: |job, value| job.permit = if value == "chapter" { Permit::Chapter } else { Permit::Call },
    },
];

/// How many workers there may be.
const WORKERS: Kind = Kind::Whole { min: 1, max: 128 };
