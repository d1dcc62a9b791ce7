//! The watched inbox. Read by the program that watches it; no job knows of it.

use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all, no_field};

const INBOX: Group = Group { name: "Inbox", expert: false };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "inbox.folder",
        environment: "EPITOME_INBOX",
        group: INBOX,
        label: "Watched folder",
        help: "Books that are put into this folder, or into one within it, come into the library by themselves while Epitome runs. The files stay where they are.",
        unit: "",
        kind: Kind::Folder,
        takes_effect: TakesEffect::AtOnce,
        defaults: all(""),
        apply: no_field,
    },
    Knob {
        key: "inbox.start",
        environment: "EPITOME_INBOX_START",
        group: INBOX,
        label: "What comes in",
        help: "summarise: work begins at once, with the settings then in force. only add: it waits in the library.",
        unit: "",
        kind: Kind::Choice(&["summarise", "only add"]),
        takes_effect: TakesEffect::AtOnce,
        defaults: all("summarise"),
        apply: no_field,
    },
];
