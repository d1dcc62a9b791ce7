//! What a summary is like.

use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all, decimal};

const SUMMARIES: Group = Group { name: "Summaries", expert: false };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "summary.language",
        environment: "EPITOME_LANGUAGE",
        group: SUMMARIES,
        label: "Language",
        help: "Language of the summaries as a tag such as en or pt-BR; empty keeps the book's own.",
        unit: "",
        kind: Kind::Text,
        takes_effect: TakesEffect::NextJob,
        defaults: all(""),
        apply: |job, value| job.language = Some(value.to_owned()).filter(|tag| !tag.is_empty()),
    },
    Knob {
        key: "llm.temperature",
        environment: "EPITOME_TEMPERATURE",
        group: SUMMARIES,
        label: "Temperature",
        help: "How freely the model chooses its words; 0 is always the likeliest.",
        unit: "",
        kind: Kind::Decimal { min: 0.0, max: 2.0 },
        takes_effect: TakesEffect::NextJob,
        defaults: all("0.3"),
        apply: |job, value| job.temperature = decimal(value),
    },
];
