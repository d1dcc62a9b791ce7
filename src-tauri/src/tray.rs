//! The icon in the system's tray: how far work is, and a few commands. Without a tray everything else works the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tauri::menu::{Menu, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

use crate::bridge::Core;
use crate::desk;

const SHOW: &str = "show";
const PAUSE: &str = "pause";
const RESUME: &str = "resume";
const QUIT: &str = "quit";

pub struct Tray {
    icon: TrayIcon,
    /// Says how far work is where the system shows no tooltip.
    status: MenuItem<Wry>,
}

impl Tray {
    /// Makes the icon; `None` where the system has no tray. Linux needs a library for it that may be missing, and the
    /// binding to that library panics then.
    pub fn make(app: &AppHandle) -> Option<Self> {
        let said = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let made = catch_unwind(AssertUnwindSafe(|| build(app)));
        std::panic::set_hook(said);
        match made {
            Ok(Ok(tray)) => Some(tray),
            Ok(Err(error)) => {
                tracing::warn!(%error, "no tray icon");
                None
            }
            Err(_) => {
                tracing::warn!("no tray icon: libayatana-appindicator3 is missing");
                None
            }
        }
    }

    pub fn tell(&self, words: &str) {
        let told = self.status.set_text(words).and_then(|()| self.icon.set_tooltip(Some(format!("Epitome: {words}"))));
        if let Err(error) = told {
            tracing::debug!(%error, "tray not told");
        }
    }
}

fn build(app: &AppHandle) -> tauri::Result<Tray> {
    let status = MenuItem::with_id(app, "status", "Nothing is at work", false, None::<&str>)?;
    let item = |id: &str, text: &str| MenuItem::with_id(app, id, text, true, None::<&str>);
    let (show, pause) = (item(SHOW, "Show Epitome")?, item(PAUSE, "Pause all books")?);
    let (resume, quit) = (item(RESUME, "Resume all books")?, item(QUIT, "Quit")?);
    let line = || PredefinedMenuItem::separator(app);
    let menu = Menu::with_items(app, &[&status, &line()?, &show, &pause, &resume, &line()?, &quit])?;
    let mut icon = TrayIconBuilder::with_id("main").menu(&menu).show_menu_on_left_click(false).tooltip("Epitome");
    if let Some(picture) = app.default_window_icon() {
        icon = icon.icon(picture.clone());
    }
    let icon = icon
        .on_menu_event(|app, event| act(app, event.id().as_ref()))
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                desk::show(icon.app_handle());
            }
        })
        .build(app)?;
    Ok(Tray { icon, status })
}

fn act(app: &AppHandle, id: &str) {
    match id {
        SHOW => desk::show(app),
        QUIT => app.exit(0),
        PAUSE | RESUME => {
            let Some(api) = app.state::<Core>().opened() else { return };
            let pause = id == PAUSE;
            tauri::async_runtime::spawn(async move {
                let done = if pause { api.pause_all().await } else { api.resume_all().await };
                if let Err(error) = done {
                    tracing::warn!(error = error.message, "not done for all books");
                }
            });
        }
        _ => {}
    }
}
