//! The desktop around the window: notifications, tray, taskbar, and what closing the window means while work goes on.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use epitome_api::Api;
use epitome_model::{BoardFrame, FeedMessage};
use tauri::window::{ProgressBarState, ProgressBarStatus};
use tauri::{AppHandle, CloseRequestApi, Emitter, Manager, WebviewWindow};
use tauri_plugin_notification::NotificationExt;

use crate::bridge::{Core, FEED};
use crate::tray::Tray;
use crate::works::{News, Standing, Works};

/// The one window.
const MAIN: &str = "main";

/// Tray and taskbar are told at most this often; frames come ten times a second.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// A second wish to close the window within this time is granted without a question where the page did not ask it: one
/// that hangs cannot.
const INSISTS: Duration = Duration::from_secs(5);

#[derive(Default)]
pub struct Desk {
    inner: Mutex<Inner>,
    tray: OnceLock<Option<Tray>>,
}

#[derive(Default)]
struct Inner {
    works: Works,
    told: Standing,
    told_at: Option<Instant>,
    asked_at: Option<Instant>,
    /// It was said once that work goes on without a window.
    said_so: bool,
}

impl Desk {
    /// Makes the tray icon; called once, on the main thread.
    pub fn set_up(&self, app: &AppHandle) {
        self.tray.get_or_init(|| Tray::make(app));
    }

    /// Follows the jobs.
    pub async fn frame(&self, app: &AppHandle, api: &Api, frame: &BoardFrame) {
        let (news, standing) = {
            let mut inner = self.inner();
            (inner.works.take(frame), inner.works.standing())
        };
        self.tell(app, standing);
        for news in news {
            self.notify(app, api, frame, &news).await;
        }
        self.end_unseen(app, standing);
    }

    /// Frames were missed.
    pub fn forget(&self) {
        self.inner().works.forget();
    }

    fn tell(&self, app: &AppHandle, standing: Standing) {
        {
            let mut inner = self.inner();
            let busy = standing.at_work > 0 && inner.told.at_work == standing.at_work;
            let soon = inner.told_at.is_some_and(|at| at.elapsed() < TELL_EVERY);
            if inner.told == standing || (busy && soon) {
                return;
            }
            (inner.told, inner.told_at) = (standing, Some(Instant::now()));
        }
        if let Some(Some(tray)) = self.tray.get() {
            tray.tell(&standing.words());
        }
        let status = if standing.at_work > 0 { ProgressBarStatus::Normal } else { ProgressBarStatus::None };
        let state = ProgressBarState { status: Some(status), progress: Some(u64::from(standing.percent)) };
        if let Some(window) = window(app)
            && let Err(error) = window.set_progress_bar(state)
        {
            tracing::debug!(%error, "taskbar not told");
        }
    }

    async fn notify(&self, app: &AppHandle, api: &Api, frame: &BoardFrame, news: &News) {
        if in_front(app) || api.setting("window.notify") != "on" {
            return;
        }
        let title = api.title_of(frame.job).await.unwrap_or_else(|| "A book".to_owned());
        let (head, text) = news.words(&title);
        say(app, &head, &text);
    }

    /// Without a tray nothing shows that the program still runs; once its work is over it ends.
    fn end_unseen(&self, app: &AppHandle, standing: Standing) {
        let hidden = window(app).is_some_and(|window| !window.is_visible().unwrap_or(true));
        if standing.at_work == 0 && hidden && !matches!(self.tray.get(), Some(Some(_))) {
            app.exit(0);
        }
    }

    /// The page asks the person what closing is to lead to, so it does not hang.
    pub fn asks(&self) {
        self.inner().asked_at = None;
    }

    /// The window is asked to close: it goes, it hides, or the page asks the person.
    pub fn closing(&self, app: &AppHandle, request: &CloseRequestApi) {
        let api = app.state::<Core>().opened();
        let choice = api.map(|api| api.setting("window.close")).unwrap_or_default();
        let (at_work, insists) = {
            let mut inner = self.inner();
            // A later wish without an answer of the page does not begin the time anew.
            let insists = inner.asked_at.is_some_and(|at| at.elapsed() < INSISTS);
            if !insists {
                inner.asked_at = Some(Instant::now());
            }
            (inner.works.standing().at_work, insists)
        };
        match decide(&choice, at_work, insists) {
            Close::Quit => {}
            Close::Hide => {
                request.prevent_close();
                self.hide(app);
            }
            Close::Ask => {
                request.prevent_close();
                let books = u32::try_from(at_work).unwrap_or(u32::MAX);
                let _ = app.emit(FEED, FeedMessage::Closing { books });
            }
        }
    }

    fn hide(&self, app: &AppHandle) {
        let Some(window) = window(app) else { return };
        if let Err(error) = window.hide() {
            tracing::warn!(%error, "window not hidden");
        }
        let first = !std::mem::replace(&mut self.inner().said_so, true);
        if first {
            say(app, "Epitome keeps working", "Its icon in the tray, or starting it again, brings the window back.");
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a wish to close the window leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    Quit,
    Hide,
    Ask,
}

fn decide(choice: &str, at_work: usize, insists: bool) -> Close {
    match choice {
        _ if at_work == 0 => Close::Quit,
        "keep working" => Close::Hide,
        "ask" if !insists => Close::Ask,
        _ => Close::Quit,
    }
}

fn window(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(MAIN)
}

fn in_front(app: &AppHandle) -> bool {
    window(app).is_some_and(|window| window.is_focused().unwrap_or(false) && window.is_visible().unwrap_or(false))
}

/// Brings the window to the front, from wherever it is.
pub fn show(app: &AppHandle) {
    if let Some(window) = window(app) {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

fn say(app: &AppHandle, head: &str, text: &str) {
    if let Err(error) = app.notification().builder().title(head).body(text).show() {
        tracing::warn!(%error, "not notified");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_quits_unless_books_are_at_work_and_the_person_wants_them_to_go_on() {
        assert_eq!(decide("ask", 0, false), Close::Quit);
        assert_eq!(decide("keep working", 0, false), Close::Quit);
        assert_eq!(decide("ask", 2, false), Close::Ask);
        assert_eq!(decide("ask", 2, true), Close::Quit, "a page that hangs cannot answer");
        assert_eq!(decide("keep working", 2, true), Close::Hide);
        assert_eq!(decide("quit", 2, false), Close::Quit);
        assert_eq!(decide("", 2, false), Close::Quit, "before the library is open");
    }
}
