//! What a person or a program sees while jobs run: progress bars on a terminal, lines elsewhere, JSON on request.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use epitome_model::{BoardFrame, EventLevel, JobState, Vitals, WireError};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::wire;

/// Writes one JSON object as a line of data.
pub fn line(value: &Value) {
    let mut out = std::io::stdout().lock();
    // A reader that went away is no reason to lose the work.
    let _ = writeln!(out, "{value}");
}

/// Writes a line of data for people.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Writes a line that is not data.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Says what went wrong and what to do.
pub fn error(error: &anyhow::Error, as_json: bool) {
    match wire(error) {
        Some(error) => wire_error(error, as_json),
        None if as_json => line(&json!({"event": "error", "message": format!("{error:#}")})),
        None => note(&format!("epitome-cli: {error:#}")),
    }
}

/// Says what went wrong and what to do.
pub fn wire_error(error: &WireError, as_json: bool) {
    if as_json {
        line(&json!({"event": "error", "code": error.code, "message": error.message, "hint": error.hint}));
    } else {
        note(format!("epitome-cli: {} {}", error.message, error.hint).trim_end());
    }
}

/// Shows one job.
pub struct JobReport {
    as_json: bool,
    bar: Option<ProgressBar>,
    last: Option<(u32, u32, JobState)>,
    /// What was last said of a wait.
    waits: Option<String>,
    /// What was last said of how the server could be set up.
    advice: Option<String>,
}

impl JobReport {
    /// `bars` holds those of all jobs that are shown at once.
    pub fn new(title: &str, as_json: bool, bars: &MultiProgress) -> Self {
        let bar = (!as_json && std::io::stderr().is_terminal()).then(|| {
            let bar = bars.add(ProgressBar::new(0));
            if let Ok(style) = ProgressStyle::with_template("{prefix} [{bar:30}] {pos}/{len} chapters  {msg}") {
                bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
            }
            bar.set_prefix(title.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self { as_json, bar, last: None, waits: None, advice: None }
    }

    pub fn frame(&mut self, frame: &BoardFrame) {
        let vitals = &frame.vitals;
        let now = (vitals.chapters_done, vitals.chapters_failed, frame.state);
        let news = self.last.replace(now) != Some(now);
        for event in &frame.events {
            self.event(event.level, &event.text);
        }
        self.advise(vitals.advice.as_deref());
        if self.as_json {
            if news {
                line(&progress(frame));
            }
            return;
        }
        if let Some(bar) = &self.bar {
            bar.set_length(u64::from(vitals.chapters_all));
            bar.set_position(u64::from(vitals.chapters_done));
            bar.set_message(words(frame.state, frame.reason.as_deref(), vitals));
            return;
        }
        let waits = frame.reason.clone().filter(|_| frame.state == JobState::Unreachable);
        if waits != self.waits {
            match &waits {
                Some(reason) => note(reason),
                None if frame.state == JobState::Running => note("The run goes on."),
                None => {}
            }
            self.waits = waits;
        }
        if news
            && vitals.chapters_all > 0
            && (vitals.chapters_done.is_multiple_of(25) || vitals.chapters_done == vitals.chapters_all)
        {
            note(&format!("{} of {} chapters", vitals.chapters_done, vitals.chapters_all));
        }
    }

    /// Says once how the server could do more; the minutes in it change, the advice does not.
    fn advise(&mut self, advice: Option<&str>) {
        let Some(advice) = advice.filter(|_| self.advice.is_none()) else { return };
        self.event(EventLevel::Warning, advice);
        self.advice = Some(advice.to_owned());
    }

    fn event(&self, level: EventLevel, text: &str) {
        if self.as_json {
            line(&json!({"event": "note", "level": level, "text": text}));
        } else if matches!(level, EventLevel::Warning | EventLevel::Bad) {
            match &self.bar {
                Some(bar) => bar.suspend(|| note(text)),
                None => note(text),
            }
        }
    }

    pub fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn progress(frame: &BoardFrame) -> Value {
    let vitals = &frame.vitals;
    json!({
        "event": "progress",
        "job": frame.job,
        "state": frame.state,
        "reason": frame.reason,
        "chapters_done": vitals.chapters_done,
        "chapters_failed": vitals.chapters_failed,
        "chapters": vitals.chapters_all,
        "calls": vitals.calls,
        "errors": vitals.errors,
        "reused": vitals.reused,
        "tokens_per_s": vitals.tokens_out_per_s,
        "remaining_s": vitals.remaining.map(|remaining| remaining.likely_s),
    })
}

fn words(state: JobState, reason: Option<&str>, vitals: &Vitals) -> String {
    if state == JobState::Unreachable {
        return reason.unwrap_or("waiting for the server").to_owned();
    }
    let mut words = format!("{} tok/s", vitals.tokens_out_per_s);
    if let Some(left) = vitals.remaining {
        words = format!("{words}  {} left", duration(left.likely_s));
    }
    if vitals.chapters_failed > 0 {
        words = format!("{words}  {} failed", vitals.chapters_failed);
    }
    words
}

/// Seconds in words of sensible precision.
pub fn duration(seconds: u32) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_sensible_precision() {
        for (seconds, words) in [(7, "7 s"), (61, "2 min"), (3599, "60 min"), (7260, "2 h 1 min")] {
            assert_eq!(duration(seconds), words);
        }
    }
}
