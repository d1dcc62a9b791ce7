//! How fast.

use epitome_model::{ChapterOrder, Concurrency, Profile, TakesEffect};

use super::{Group, Kind, Knob, all, whole, whole_or_none};

const SPEED: Group = Group { name: "Speed", expert: false };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "profile",
        environment: "EPITOME_PROFILE",
        group: SPEED,
        label: "Profile",
        help: "A set of values at once: auto suits itself to model and book; baseline and track1 are the first design and its tuning, for comparison.",
        unit: "",
        kind: Kind::Choice(&["auto", "track1", "baseline"]),
        takes_effect: TakesEffect::NextJob,
        defaults: all("auto"),
        apply: |job, value| {
            job.profile = match value {
                "baseline" => Profile::Baseline,
                "track1" => Profile::Track1,
                _ => Profile::Auto,
            };
        },
    },
    Knob {
        key: "llm.concurrency",
        environment: "LLM_CONCURRENCY_LIMIT",
        group: SPEED,
        label: "Calls at a time",
        help: "Most calls in flight at one server. A number is obeyed exactly; auto finds the best by measuring tokens per second.",
        unit: "calls",
        kind: Kind::WholeOr { min: 1, max: 64, word: "auto" },
        takes_effect: TakesEffect::AtOnce,
        defaults: ["3", "4", "auto"],
        apply: |job, value| job.concurrency = whole_or_none(value).map_or(Concurrency::Auto, Concurrency::Fixed),
    },
    Knob {
        key: "job.weight",
        environment: "EPITOME_JOB_WEIGHT",
        group: SPEED,
        label: "Share of the card",
        help: "Among jobs that run at the same time: one of 2 gets twice as many calls as one of 1.",
        unit: "",
        kind: Kind::Whole { min: 1, max: 100 },
        takes_effect: TakesEffect::AtOnce,
        defaults: all("1"),
        apply: |job, value| job.weight = whole(value),
    },
    Knob {
        key: "chapter.order",
        environment: "EPITOME_CHAPTER_ORDER",
        group: SPEED,
        label: "Chapter order",
        help: "Which chapter goes first; one that was begun is finished before, and one you open goes before all.",
        unit: "",
        kind: Kind::Choice(&["reading", "backwards", "shortest", "longest"]),
        takes_effect: TakesEffect::AtOnce,
        defaults: all("reading"),
        apply: |job, value| {
            job.order = match value {
                "backwards" => ChapterOrder::Backwards,
                "shortest" => ChapterOrder::Shortest,
                "longest" => ChapterOrder::Longest,
                _ => ChapterOrder::Reading,
            }
        },
    },
];
