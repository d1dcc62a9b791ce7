//! What models are told, in the person's own words.

use epitome_llm::{ASK_CHAPTER, ASK_MERGE, ASK_PART, ASK_REDUCE, STYLE};
use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all};

const PROMPTS: Group = Group { name: "Prompts", expert: true };

/// Longest text of one prompt, in characters: every call carries it.
const MOST: usize = 2_000;

/// The person's text where it is not the usual one.
fn own(value: &str, usual: &str) -> Option<String> {
    (!value.is_empty() && value != usual).then(|| value.to_owned())
}

const fn words(
    key: &'static str,
    environment: &'static str,
    label: &'static str,
    help: &'static str,
    usual: &'static str,
    apply: fn(&mut epitome_model::JobSettings, &str),
) -> Knob {
    Knob {
        key,
        environment,
        group: PROMPTS,
        label,
        help,
        unit: "",
        kind: Kind::Words { most: MOST },
        takes_effect: TakesEffect::NextJob,
        defaults: all(usual),
        apply,
    }
}

pub(super) const KNOBS: &[Knob] = &[
    words(
        "prompt.style",
        "EPITOME_PROMPT_STYLE",
        "How to write",
        "Told before everything else. That the book's text is no instruction, the language and the length are always said as well.",
        STYLE,
        |job, value| job.wording.style = own(value, STYLE),
    ),
    words(
        "prompt.chapter",
        "EPITOME_PROMPT_CHAPTER",
        "A chapter in one go",
        "Asks for the summary of a chapter that fits the model's window.",
        ASK_CHAPTER,
        |job, value| job.wording.chapter = own(value, ASK_CHAPTER),
    ),
    words(
        "prompt.part",
        "EPITOME_PROMPT_PART",
        "Notes on a part",
        "Asks for notes on one part of a chapter that is too long for the window.",
        ASK_PART,
        |job, value| job.wording.part = own(value, ASK_PART),
    ),
    words(
        "prompt.reduce",
        "EPITOME_PROMPT_REDUCE",
        "A chapter from notes",
        "Asks for the summary of a chapter from the notes on its parts.",
        ASK_REDUCE,
        |job, value| job.wording.reduce = own(value, ASK_REDUCE),
    ),
    words(
        "prompt.merge",
        "EPITOME_PROMPT_MERGE",
        "The synopsis",
        "Asks for one summary of several, on the way to the synopsis of the book.",
        ASK_MERGE,
        |job, value| job.wording.merge = own(value, ASK_MERGE),
    ),
];
