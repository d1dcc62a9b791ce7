//! How much a call reads.

use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all, whole, whole_or_none};

const PIECES: Group = Group { name: "Window and pieces", expert: true };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "llm.window",
        environment: "EPITOME_WINDOW",
        group: PIECES,
        label: "Window",
        help: "Tokens the model sees at once, the same for a whole job; auto takes the smallest that holds the longest chapter.",
        unit: "tokens",
        kind: Kind::WholeOr { min: 1024, max: 262_144, word: "auto" },
        takes_effect: TakesEffect::NextJob,
        defaults: all("auto"),
        apply: |job, value| job.window = whole_or_none(value),
    },
    Knob {
        key: "llm.window_max",
        environment: "EPITOME_WINDOW_MAX",
        group: PIECES,
        label: "Largest window chosen by itself",
        help: "The memory of the card holds this many tokens for each call at a time.",
        unit: "tokens",
        kind: Kind::Whole { min: 1024, max: 262_144 },
        takes_effect: TakesEffect::NextJob,
        defaults: all("8192"),
        apply: |job, value| job.window_max = whole(value),
    },
    Knob {
        key: "llm.kv_mib",
        environment: "EPITOME_KV_MIB",
        group: PIECES,
        label: "Memory of the card for the windows",
        help: "What all calls at a time may take together for the text they see, beside the model itself; a window chosen by itself stays within it.",
        unit: "MiB",
        kind: Kind::Whole { min: 64, max: 1_048_576 },
        takes_effect: TakesEffect::NextJob,
        defaults: all("4096"),
        apply: |job, value| job.kv_mib = whole(value),
    },
    Knob {
        key: "chunk.size",
        environment: "EPITOME_CHUNK_SIZE",
        group: PIECES,
        label: "Piece",
        help: "Longest text one call reads; auto fills the window, so that most chapters are one call.",
        unit: "characters",
        kind: Kind::WholeOr { min: 400, max: 200_000, word: "auto" },
        takes_effect: TakesEffect::NextJob,
        defaults: ["2000", "3500", "auto"],
        apply: |job, value| job.chunk_size = whole_or_none(value),
    },
    Knob {
        key: "chunk.overlap",
        environment: "EPITOME_CHUNK_OVERLAP",
        group: PIECES,
        label: "Overlap",
        help: "Text shared by neighbouring pieces, where the size of a piece is fixed.",
        unit: "characters",
        kind: Kind::Whole { min: 0, max: 10_000 },
        takes_effect: TakesEffect::NextJob,
        defaults: ["400", "275", "0"],
        apply: |job, value| job.chunk_overlap = whole(value),
    },
    Knob {
        key: "chunk.threshold",
        environment: "EPITOME_CHUNK_THRESHOLD",
        group: PIECES,
        label: "Cut chapters longer than",
        help: "Shorter chapters stay whole, where the size of a piece is fixed.",
        unit: "characters",
        kind: Kind::Whole { min: 400, max: 200_000 },
        takes_effect: TakesEffect::NextJob,
        defaults: all("5000"),
        apply: |job, value| job.chunk_threshold = whole(value),
    },
];
