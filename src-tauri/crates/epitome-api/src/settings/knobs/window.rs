//! What the window does beside showing pages. Read by the shell; no job knows of it.

use epitome_model::TakesEffect;

use super::{Group, Kind, Knob, all, no_field};

const WINDOW: Group = Group { name: "Window", expert: false };

pub(super) const KNOBS: &[Knob] = &[
    Knob {
        key: "window.close",
        environment: "EPITOME_WINDOW_CLOSE",
        group: WINDOW,
        label: "Closing the window during work",
        help: "keep working: without a window; the tray or a new start brings it back. quit: what is interrupted goes on at the next start.",
        unit: "",
        kind: Kind::Choice(&["ask", "keep working", "quit"]),
        takes_effect: TakesEffect::AtOnce,
        defaults: all("ask"),
        apply: no_field,
    },
    Knob {
        key: "window.notify",
        environment: "EPITOME_WINDOW_NOTIFY",
        group: WINDOW,
        label: "Notifications",
        help: "Told by the system while the window is not in front: a book is done, has failures, stops, or waits for its server.",
        unit: "",
        kind: Kind::Choice(&["on", "off"]),
        takes_effect: TakesEffect::AtOnce,
        defaults: all("on"),
        apply: no_field,
    },
];
