//! How results get to the disk.

use epitome_model::{Commit, TakesEffect};

use super::{Group, Kind, Knob, all, whole};

const WRITING: Group = Group { name: "Writing to the disk", expert: true };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "queue.write_capacity",
        environment: "EPITOME_WRITE_QUEUE",
        group: WRITING,
        label: "Write queue",
        help: "Results on their way to the disk.",
        unit: "results",
        kind: Kind::Whole { min: 1, max: 100_000 },
        takes_effect: TakesEffect::NextStart,
        defaults: ["500", "1000", "1000"],
        apply: |job, value| job.write_capacity = whole(value),
    },
    Knob {
        key: "queue.backpressure_at",
        environment: "EPITOME_BACKPRESSURE_AT",
        group: WRITING,
        label: "Hold back at",
        help: "Depth of the write queue above which no new call is sent.",
        unit: "results",
        kind: Kind::Whole { min: 1, max: 100_000 },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["400", "800", "800"],
        apply: |job, value| job.backpressure_at = whole(value),
    },
    Knob {
        key: "writer.results",
        environment: "EPITOME_WRITER_RESULTS",
        group: WRITING,
        label: "Results are written",
        help: "at-once commits as soon as the disk is free; batched waits for time or number below, as the first design did. Either way a result counts only once it is on the disk.",
        unit: "",
        kind: Kind::Choice(&["at-once", "batched"]),
        takes_effect: TakesEffect::NextJob,
        defaults: ["batched", "batched", "at-once"],
        apply: |job, value| job.commit = if value == "batched" { Commit::Batched } else { Commit::AtOnce },
    },
    Knob {
        key: "writer.flush_ms",
        environment: "EPITOME_WRITER_FLUSH_MS",
        group: WRITING,
        label: "Write a batch after",
        help: "Longest wait for more before a batch is committed: measurements and events always, results when they are batched.",
        unit: "ms",
        kind: Kind::Whole { min: 1, max: 60_000 },
        takes_effect: TakesEffect::NextStart,
        defaults: all("250"),
        apply: |job, value| job.writer_flush_ms = whole(value),
    },
    Knob {
        key: "writer.flush_items",
        environment: "EPITOME_WRITER_FLUSH_ITEMS",
        group: WRITING,
        label: "Write a batch of",
        help: "A batch of this many is committed without further wait.",
        unit: "items",
        kind: Kind::Whole { min: 1, max: 10_000 },
        takes_effect: TakesEffect::NextStart,
        defaults: all("100"),
        apply: |job, value| job.writer_flush_items = whole(value),
    },
];
