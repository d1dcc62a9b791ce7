//! The figures of a run as a file: everything as JSON, or its charts as SVG.

use std::path::Path;

use epitome_model::{
    Alert, Board, Exported, History, JobId, JobState, KeptAlert, RunReport, Sample, ServiceLevel, Spread, Verdict,
    WireError,
};
use epitome_store::{alert, call, job, measure};

use crate::jobs::not_there;
use crate::{Api, internal};

/// What a run of so many chapters is to stay under (SPEC section 5): percentiles of a chapter and the whole run, in
/// milliseconds.
struct Row {
    chapters: f64,
    p50: f64,
    p95: f64,
    p99: f64,
    whole: f64,
}

const SMALL: Row = Row { chapters: 50.0, p50: 30e3, p95: 45e3, p99: 60e3, whole: 25.0 * 60e3 };
const LARGE: Row = Row { chapters: 385.0, p50: 40e3, p95: 55e3, p99: 75e3, whole: 43.0 * 60e3 };

/// The levels a run is judged by; between the two sizes that are given they lie between, and beyond them the whole run
/// has time by its chapters.
fn levels(chapters: u32, times: &Spread, elapsed_ms: u64, over: bool) -> Vec<ServiceLevel> {
    let all = f64::from(chapters);
    let along = ((all - SMALL.chapters) / (LARGE.chapters - SMALL.chapters)).clamp(0.0, 1.0);
    let goal = |of: fn(&Row) -> f64| of(&SMALL) + along * (of(&LARGE) - of(&SMALL));
    let beyond = (all / SMALL.chapters).min(1.0) * (all / LARGE.chapters).max(1.0);
    let level = |name: &str, goal: f64, measured_ms: u64| {
        let goal_ms = std::time::Duration::from_secs_f64(goal / 1e3).as_millis();
        let goal_ms = u64::try_from(goal_ms).unwrap_or(u64::MAX);
        ServiceLevel { name: name.to_owned(), goal_ms, measured_ms, met: over.then_some(measured_ms < goal_ms) }
    };
    vec![
        level("p50 a chapter", goal(|row| row.p50), times.p50.into()),
        level("p95 a chapter", goal(|row| row.p95), times.p95.into()),
        level("p99 a chapter", goal(|row| row.p99), times.p99.into()),
        level("whole run", goal(|row| row.whole) * beyond, elapsed_ms),
    ]
}

/// Whether a run can be judged: one that was stopped has not done its work.
fn is_over(state: JobState) -> bool {
    matches!(state, JobState::Done | JobState::Incomplete)
}

/// How a run is judged by the times of its chapters, in milliseconds.
fn judged(Board { head, vitals, .. }: &Board, times: Vec<u32>) -> Verdict {
    let chapters = spread(times);
    let levels = levels(vitals.chapters_all, &chapters, vitals.elapsed_ms, is_over(head.state));
    Verdict { chapters, levels }
}

/// Percentiles by nearest rank.
fn spread(mut times: Vec<u32>) -> Spread {
    times.sort_unstable();
    let at = |percent: usize| {
        let rank = (times.len() * percent).div_ceil(100).max(1);
        times.get(rank - 1).copied().unwrap_or_default()
    };
    Spread { count: u32::try_from(times.len()).unwrap_or(u32::MAX), p50: at(50), p95: at(95), p99: at(99) }
}

impl Api {
    /// Everything that was measured of a run.
    pub async fn report(&self, id: JobId) -> Result<RunReport, WireError> {
        let board = self.board(id).await?;
        let found = self.read_store(move |conn| {
            let samples = measure::since::<Sample>(conn, id, 0)?;
            Ok((job::find(conn, id)?, call::chapter_times(conn, id)?, samples))
        });
        let (row, times, samples) = found.await?;
        let row = row.ok_or_else(not_there)?;
        let Verdict { chapters, levels } = judged(&board, times);
        Ok(RunReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            written_ms: self.now_ms(),
            settings: row.settings,
            head: board.head,
            vitals: board.vitals,
            chapters,
            levels,
            history: History::of(samples.into_iter().map(|(_, sample)| sample).collect()),
        })
    }

    /// How a run is judged.
    pub(crate) async fn verdict(&self, id: JobId) -> Result<Verdict, WireError> {
        let board = self.board(id).await?;
        let times = self.read_store(move |conn| call::chapter_times(conn, id)).await?;
        Ok(judged(&board, times))
    }

    /// Alerts that nobody has seen, or that still stand.
    pub(crate) async fn alerts(&self) -> Result<Vec<KeptAlert>, WireError> {
        self.read_store(alert::kept).await
    }

    pub(crate) async fn see_alert(&self, job: JobId, alert: Alert) -> Result<(), WireError> {
        Ok(self.store().write(move |tx| alert::see(tx, job, &alert)).await?)
    }

    /// Writes the figures of a run: its charts where the name ends with `.svg`, else everything as JSON.
    pub async fn write_figures(&self, id: JobId, path: String) -> Result<Exported, WireError> {
        let report = self.report(id).await?;
        let write = move || {
            let target = Path::new(&path);
            let text = match target.extension() {
                Some(ending) if ending.eq_ignore_ascii_case("svg") => epitome_export::charts(&report)?,
                _ => epitome_export::figures(&report)?,
            };
            epitome_export::write(target, text.as_bytes())?;
            Ok(Exported { path, bytes: text.len() as u64 })
        };
        tokio::task::spawn_blocking(write).await.map_err(internal)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_judged_by_its_size() {
        let times = Spread { count: 385, p50: 39_000, p95: 56_000, p99: 74_000 };
        let names = |chapters, elapsed_min: u64| {
            let levels = levels(chapters, &times, elapsed_min * 60_000, true);
            levels.into_iter().map(|level| (level.goal_ms / 1000, level.met.unwrap())).collect::<Vec<_>>()
        };
        assert_eq!(names(385, 27), [(40, true), (55, false), (75, true), (43 * 60, true)]);
        assert_eq!(names(50, 26), [(30, false), (45, false), (60, false), (25 * 60, false)]);
        assert_eq!(names(25, 12)[3], (750, true), "half the chapters, half the time");
        assert_eq!(names(770, 80)[3], (86 * 60, true), "twice the chapters, twice the time");
        assert!(levels(10, &times, 0, false).iter().all(|level| level.met.is_none()), "not over, not judged");
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        assert_eq!(spread((1..=100).rev().collect()), Spread { count: 100, p50: 50, p95: 95, p99: 99 });
        assert_eq!(spread(vec![7]), Spread { count: 1, p50: 7, p95: 7, p99: 7 });
        assert_eq!(spread(Vec::new()), Spread::default());
    }
}
